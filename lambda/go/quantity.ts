/**
 * Quantities as Kubernetes reads and writes them: `100m`, `1.5Gi`, `2e3`.
 * Source: k8s.io/apimachinery/pkg/api/resource, quantity.go and suffix.go. Tested by test/go/quantity.test.ts.
 */

export type Quantity = {
  /** In billionths, the smallest part that is kept; smaller ones are rounded up. */
  nano: bigint;
  format: 'decimal' | 'binary' | 'exponent';
};

/** The three errors of ParseQuantity. */
const FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX = "unable to parse quantity's suffix";

const PARTS = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[+-]?[0-9]*)$/;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const LARGEST_INT64 = 2n ** 63n - 1n;
/** A binary quantity is cut to the largest int64; others grow as they like, here up to these digits. */
const LARGEST_BINARY = LARGEST_INT64 * 10n ** 9n;
const MOST_DIGITS = 60;
const HUGE = 10n ** BigInt(MOST_DIGITS + 9);
/** With more digits than these Go keeps a number of any length, else an int64 and a power of ten (maxInt64Factors). */
const MOST_KEPT_DIGITS = 18;

/** The quantity, or the kubelet's own words for what is wrong. */
export function parseQuantity(text: string): Quantity | string {
  if (text === '') return FORMAT;
  const [, sign, whole = '', fraction = '', suffix = ''] = PARTS.exec(text) ?? [];
  if (sign === undefined) return FORMAT;
  const read = scaleOf(suffix);
  if (read === undefined) return SUFFIX;
  const digits = `${whole}${fraction}`.replace(/^0+/, '').slice(0, MOST_DIGITS);
  const magnitude = digits === '' ? 0n : scaled(BigInt(digits), whole.length + fraction.length, fraction.length, read);
  return { nano: sign === '-' ? -magnitude : magnitude, format: read.format };
}

type Scale = { base: 2 | 10; exponent: number; format: Quantity['format'] };

function scaleOf(suffix: string): Scale | undefined {
  const decimal = DECIMAL.indexOf(suffix);
  if (decimal !== -1) return { base: 10, exponent: (decimal - 3) * 3, format: 'decimal' };
  const binary = BINARY.indexOf(suffix);
  if (binary !== -1) return { base: 2, exponent: binary * 10, format: 'binary' };
  const [, sign = '', digits] = /^[eE]([+-]?)0*([0-9]{1,19})$/.exec(suffix) ?? [];
  if (digits === undefined) return undefined;
  const parsed = sign === '-' ? -BigInt(digits) : BigInt(digits);
  if (parsed !== BigInt.asIntN(64, parsed)) return undefined;
  // int32(parsed) drops the upper half.
  return { base: 10, exponent: Number(BigInt.asIntN(32, parsed)), format: 'exponent' };
}

function scaled(digits: bigint, length: number, fraction: number, { base, exponent }: Scale): bigint {
  const places = fraction - (base === 10 ? exponent : 0) - 9;
  const most = base === 2 ? LARGEST_BINARY : HUGE;
  if (places < -MOST_DIGITS || length > MOST_DIGITS) return most;
  if (places > 2 * MOST_DIGITS) return 1n;
  const value = base === 2 ? digits << BigInt(exponent) : digits;
  const divisor = 10n ** BigInt(Math.max(places, 0));
  const nano = places <= 0 ? value * 10n ** BigInt(-places) : (value + divisor - 1n) / divisor;
  return nano > most ? most : nano;
}

/**
 * Quantity.Value of a text that is one: whole, fractions rounded up. What no int64 holds is 0, or in numbers with many digits
 * what its lower half says (int64Amount.AsScaledInt64, scaledValue).
 */
export function wholeValue(text: string): bigint {
  const quantity = parseQuantity(text);
  if (typeof quantity === 'string') throw new Error(`expected a quantity, found ${text}`);
  const { nano } = quantity;
  const whole = nano > 0n ? (nano + 10n ** 9n - 1n) / 10n ** 9n : -((-nano + 10n ** 9n - 1n) / 10n ** 9n);
  const kept = BigInt.asIntN(64, whole);
  if (whole === kept) return whole;
  const [, , digits = '', fraction = ''] = PARTS.exec(text) ?? [];
  const isLong = digits.replace(/^0+/, '').length + fraction.replace(/0+$/, '').length > MOST_KEPT_DIGITS;
  return isLong ? kept : 0n;
}

/** Quantity.String: the shortest form without a fraction, in the suffixes that it was written with. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  const sign = nano < 0n ? '-' : '';
  const size = nano < 0n ? -nano : nano;
  const whole = (size + 10n ** 9n - 1n) / 10n ** 9n;
  if (format === 'binary' && whole >= 1024n) {
    let [value, step] = [whole, 0];
    while (value % 1024n === 0n && step < BINARY.length - 1) [value, step] = [value / 1024n, step + 1];
    return `${sign}${value}${BINARY[step]}`;
  }
  let [value, step] = [size, 0];
  const most = format === 'exponent' ? MOST_DIGITS : DECIMAL.length - 1;
  while (value % 1000n === 0n && step < most) [value, step] = [value / 1000n, step + 1];
  if (format !== 'exponent') return `${sign}${value}${DECIMAL[step]}`;
  return step === 3 ? `${sign}${value}` : `${sign}${value}e${(step - 3) * 3}`;
}
