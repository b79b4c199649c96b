/** How Go writes values into sentences. Tested by test/go/quoting.test.ts. */

const NAMED: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** Everything that unicode.IsPrint refuses, and what must be escaped. */
const ESCAPED = /[\\"]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** strconv.Quote, which is also `%q`. */
export function goQuote(text: string): string {
  return `"${text.toWellFormed().replace(ESCAPED, escaped)}"`;
}

function escaped(character: string): string {
  const named = NAMED[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** `%v` of a float64: strconv.FormatFloat(value, 'g', -1, 64), with exponents below 1e-4 and from 1e6 on. */
export function goFloat(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e6)) return Object.is(value, -0) ? '-0' : String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** `%d` of an integer; beyond 2^53 it is the nearest one that a number can be. */
export function goInteger(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  return value >= 2 ** 63 ? String(2n ** 63n - 1n) : String(BigInt(Math.trunc(value)));
}
