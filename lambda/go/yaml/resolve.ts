/** What a plain YAML 1.1 scalar means to Go (goyaml.v2, resolve.go). Tested by test/go/yaml/compose.test.ts. */
import { fits, parseFloat64, parseInteger } from '../literals.ts';
import { Exit, quote } from '../outcome.ts';
import type { ScalarNode } from './parse.ts';

/** Go's types of a scalar; integers stand in decimal, timestamps stay text. */
export type Scalar =
  | { type: 'null' }
  | { type: 'bool'; value: boolean }
  /** `wide` does not fit into an int64. */
  | { type: 'int'; value: bigint; wide: boolean }
  | { type: 'float'; value: number }
  | { type: 'text'; value: string };

const words = (text: string, scalar: Scalar): [string, Scalar][] => text.split(' ').map((word) => [word, scalar]);

const WORDS = new Map<string, Scalar>([
  ...words('y Y yes Yes YES true True TRUE on On ON', { type: 'bool', value: true }),
  ...words('n N no No NO false False FALSE off Off OFF', { type: 'bool', value: false }),
  ['', { type: 'null' }],
  ...words('~ null Null NULL', { type: 'null' }),
  ...words('.nan .NaN .NAN', { type: 'float', value: Number.NaN }),
  ...words('.inf .Inf .INF +.inf +.Inf +.INF', { type: 'float', value: Infinity }),
  ...words('-.inf -.Inf -.INF', { type: 'float', value: -Infinity }),
]);

const PREFIX = 'tag:yaml.org,2002:';

/** Tags whose values are interpreted, by Go's type. */
const TAGS = new Map<string, Scalar['type'] | 'timestamp'>([
  [`${PREFIX}str`, 'text'],
  [`${PREFIX}bool`, 'bool'],
  [`${PREFIX}int`, 'int'],
  [`${PREFIX}float`, 'float'],
  [`${PREFIX}null`, 'null'],
  [`${PREFIX}timestamp`, 'timestamp'],
]);

const TIMESTAMP =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})| [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?)?$/;

const YAML_FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** Throws Exit where an explicit tag contradicts the value. */
export function resolve({ value, tag, implicit }: ScalarNode): Scalar {
  if (tag === '' && !implicit) return { type: 'text', value };
  if (tag === `${PREFIX}binary`) return { type: 'text', value: fromBase64(value) };
  const wanted = TAGS.get(tag);
  // Any other tag leaves the text as it is.
  if (tag !== '' && wanted === undefined) return { type: 'text', value };
  if (wanted === 'text') return { type: 'text', value };
  if (wanted === 'timestamp') {
    if (TIMESTAMP.test(value)) return { type: 'text', value };
    throw new Exit(`not YAML: ${quote(value)} is not a timestamp`);
  }
  const found = guess(value);
  if (wanted === undefined || wanted === found.type) return found;
  if (wanted === 'float' && found.type === 'int' && !found.wide) return { type: 'float', value: Number(found.value) };
  throw new Exit(`not YAML: ${quote(value)} is not of the type that its tag says`);
}

/** By the first character alone Go decides what a text could be. */
function guess(value: string): Scalar {
  const text: Scalar = { type: 'text', value };
  if (value !== '' && !/^[-+0-9yYnNtTfFoO~.]/.test(value)) return text;
  const word = WORDS.get(value);
  if (word !== undefined) return word;
  const first = value.charAt(0);
  if (first === '.') {
    const float = parseFloat64(value);
    return float === undefined ? text : { type: 'float', value: float };
  }
  return /[-+0-9]/.test(first) ? (number(value.replaceAll('_', '')) ?? text) : text;
}

function number(plain: string): Scalar | undefined {
  const integer = parseInteger(plain, 0) ?? binary(plain);
  if (integer !== undefined) {
    if (fits(integer, 64)) return { type: 'int', value: integer, wide: false };
    if (integer > 0n && integer < 2n ** 64n && !plain.startsWith('+'))
      return { type: 'int', value: integer, wide: true };
  }
  const float = YAML_FLOAT.test(plain) ? parseFloat64(plain) : undefined;
  return float === undefined ? undefined : { type: 'float', value: float };
}

/** Forms of binary integers that strconv does not know: `0b-1`. */
function binary(plain: string): bigint | undefined {
  const [, sign = '', digits] = /^0b([+-]?)([01]{1,64})$/.exec(plain) ?? [];
  if (digits === undefined) return undefined;
  return sign === '-' ? -BigInt(`0b${digits}`) : BigInt(`0b${digits}`);
}

function fromBase64(value: string): string {
  const plain = value.replace(/[\r\n]/g, '');
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) {
    throw new Exit('not YAML: a !!binary value is not base64');
  }
  const bytes = Uint8Array.from(atob(plain), (byte) => byte.charCodeAt(0));
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
