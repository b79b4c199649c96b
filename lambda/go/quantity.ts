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

/** More is cut to the largest int64; nothing has more digits. */
const LARGEST = (2n ** 63n - 1n) * 10n ** 9n;
const MOST_DIGITS = 60;

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
  const [, digits] = /^[eE]([+-]?[0-9]+)$/.exec(suffix) ?? [];
  if (digits === undefined || digits.length > 20) return undefined;
  return { base: 10, exponent: Number(digits), format: 'exponent' };
}

function scaled(digits: bigint, length: number, fraction: number, { base, exponent }: Scale): bigint {
  const places = fraction - (base === 10 ? exponent : 0) - 9;
  if (places < -MOST_DIGITS || length > MOST_DIGITS) return LARGEST;
  if (places > 2 * MOST_DIGITS) return 1n;
  const value = base === 2 ? digits << BigInt(exponent) : digits;
  if (places <= 0) return cap(value * 10n ** BigInt(-places));
  const divisor = 10n ** BigInt(places);
  return cap((value + divisor - 1n) / divisor);
}

function cap(value: bigint): bigint {
  return value > LARGEST ? LARGEST : value;
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
  while (value % 1000n === 0n && step < DECIMAL.length - 1) [value, step] = [value / 1000n, step + 1];
  if (format !== 'exponent') return `${sign}${value}${DECIMAL[step]}`;
  return step === 3 ? `${sign}${value}` : `${sign}${value}e${(step - 3) * 3}`;
}
