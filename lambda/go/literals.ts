/** How Go's standard library reads and writes the literals that flags and configuration files hold. */
import { goQuote } from './quoting.ts';

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** strconv.ParseBool; undefined is a syntax error. */
export function parseBool(text: string): boolean | undefined {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  return undefined;
}

const DECIMAL = /^[+-]?[0-9]+$/;
const PREFIXED =
  /^([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/;

/** Longer integers cannot fit into 64 bits, not even in base 2. */
const LONGEST_INTEGER = 140;

/** strconv.ParseInt(text, 0 or 10, 64 bits) before its range check; undefined is a syntax error. */
export function parseInteger(text: string, base: 0 | 10): bigint | undefined {
  if (text.length > LONGEST_INTEGER) return undefined;
  if (base === 10) return DECIMAL.test(text) ? BigInt(text.replace('+', '')) : undefined;
  const [, sign, digits] = PREFIXED.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const plain = digits.replaceAll('_', '');
  const magnitude = BigInt(/^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain);
  return sign === '-' ? -magnitude : magnitude;
}

/** The value fits into a signed integer of that size. */
export function fits(value: bigint, bits: 32 | 64): boolean {
  return BigInt.asIntN(bits, value) === value;
}

const FLOAT = /^[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|infinity|nan)$/i;

/** The decimal forms of strconv.ParseFloat; undefined is a syntax error or a number out of range. */
export function parseFloat64(text: string): number | undefined {
  if (!FLOAT.test(text)) return undefined;
  if (/[iIyY]/.test(text)) return /^-/.test(text) ? -Infinity : Infinity;
  if (/[nN]/.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** encoding/json's form of a float64, which is that of JavaScript: the shortest digits, without exponent below 1e21. */
export function formatFloat(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** unicode.IsSpace: U+0085 is space to Go, the byte order mark is not. */
const SPACE = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** How many characters of space a text begins with. */
export function leadingSpace(text: string): number {
  let at = 0;
  while (SPACE.test(text.charAt(at))) at += 1;
  return at;
}

/** strings.TrimSpace. */
export function trimSpace(text: string): string {
  let end = text.length;
  while (SPACE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(Math.min(leadingSpace(text), end), end);
}

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
/** Digits are matched in one way only, so that a long text without a unit is refused in linear time. */
const DURATION = /^(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const MAXIMUM_DURATION = 2n ** 63n;
const MAXIMUM_TENTH = (MAXIMUM_DURATION - 1n) / 10n;

/** time.ParseDuration, in nanoseconds; undefined is a syntax error (also a missing unit) or an overflow. */
export function parseDuration(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0n;
  if (!DURATION.test(rest)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/([0-9]*)\.?([0-9]*)([^0-9.]+)/g)) {
    const size = NANOSECONDS[unit] ?? 0n;
    total += BigInt(whole || '0') * size + fractionOf(fraction, size);
    if (total > MAXIMUM_DURATION) return undefined;
  }
  if (negative) return -total;
  return total === MAXIMUM_DURATION ? undefined : total;
}

/** Why time.ParseDuration refuses a text, in its words. */
export function durationProblem(text: string): string {
  const number = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)/y;
  number.lastIndex = /^[+-]/.test(text) ? 1 : 0;
  for (let at = number.lastIndex; at < text.length; number.lastIndex = at) {
    if (!number.test(text)) break;
    const [unit = ''] = /^[^.0-9]*/.exec(text.slice(number.lastIndex)) ?? [];
    if (unit === '') return `time: missing unit in duration ${goQuote(text)}`;
    if (!Object.hasOwn(NANOSECONDS, unit)) {
      return `time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`;
    }
    at = number.lastIndex + unit.length;
  }
  return `time: invalid duration ${goQuote(text)}`;
}

/** Go computes fractions in floating point, from the digits that fit into 63 bits (time.leadingFraction). */
function fractionOf(digits: string, size: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > MAXIMUM_TENTH || next > MAXIMUM_DURATION) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(size) / scale)));
}

/** time.Duration.String: `4h0m0s`, `1.5s`, `0s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return `${sign}${seconds}`;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, places: number): string {
  const text = value.toString().padStart(places + 1, '0');
  const fraction = text.slice(-places).replace(/0+$/, '');
  return fraction === '' ? text.slice(0, -places) : `${text.slice(0, -places)}.${fraction}`;
}

/**
 * The first record of encoding/csv, as pflag reads a list of strings; undefined is a syntax error.
 * An empty text is an empty list.
 */
export function parseList(text: string): string[] | undefined {
  if (text === '') return [];
  const fields: string[] = [];
  let at = 0;
  // Empty lines before the first record are skipped; a carriage return that ends the text is dropped.
  while (text[at] === '\n' || text.startsWith('\r\n', at)) at += text[at] === '\n' ? 1 : 2;
  if (at === text.length || text.slice(at) === '\r') return undefined;
  for (;;) {
    if (text[at] === '"') {
      let field = '';
      for (at += 1; ; ) {
        const close = text.indexOf('"', at);
        if (close === -1) return undefined;
        field += text.slice(at, close);
        at = close + 1;
        if (text[at] !== '"') break;
        field += '"';
        at += 1;
      }
      fields.push(field.replaceAll('\r\n', '\n'));
    } else {
      const [field = ''] = /^[^,\n]*/.exec(text.slice(at)) ?? [];
      at += field.length;
      const bare = text[at] === '\n' || at === text.length ? field.replace(/\r$/, '') : field;
      if (bare.includes('"')) return undefined;
      fields.push(bare);
    }
    if (text[at] === ',') at += 1;
    else if (at === text.length || text[at] === '\n' || /^\r(?:\n|$)/.test(text.slice(at, at + 2))) return fields;
    else return undefined;
  }
}
