import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatQuantity, parseQuantity, wholeValue } from '../../lambda/go/quantity.ts';

const FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX = "unable to parse quantity's suffix";

function canonical(text: string): string {
  const quantity = parseQuantity(text);
  return typeof quantity === 'string' ? quantity : formatQuantity(quantity);
}

/** Answers of k8s.io/apimachinery v0.37.2. */
describe('quantities', () => {
  const cases: Record<string, string> = {
    '0': '0',
    '-0': '0',
    '-': '0',
    Gi: '0',
    '1024Mi': '1Gi',
    '1.5Gi': '1536Mi',
    '0.5Mi': '512Ki',
    '512': '512',
    '1000': '1k',
    '-1Mi': '-1Mi',
    '100m': '100m',
    '.5m': '500u',
    '0.1n': '1n',
    '1e3': '1e3',
    '12E': '12E',
    '1e20': '100e18',
    '1e22': '10e21',
    '18446744073709551616': '18446744073709551616',
    '16Ei': '9223372036854775807',
    '15e-1': '1500e-3',
    '1e-12': '1e-9',
    // The exponent is one of 64 bits of which 32 are kept.
    '1e9223372036854775807': '100e-3',
    '1e9223372036854775808': SUFFIX,
    '1e99999999999999999999': SUFFIX,
    '1Ki': '1Ki',
    '0.5Ki': '512',
    '': FORMAT,
    x: FORMAT,
    '1 Gi': FORMAT,
    '1..2': FORMAT,
    '5ki': SUFFIX,
    '5mm': SUFFIX,
    '1e': SUFFIX,
  };
  for (const [text, expected] of Object.entries(cases)) {
    test(`${JSON.stringify(text)} → ${expected}`, () => assert.equal(canonical(text), expected));
  }

  test('the canonical form is stable', () => {
    const text = fc
      .tuple(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e2'),
      )
      .map(([number, suffix]) => `${number}${suffix}`);
    fc.assert(fc.property(text, (given) => assert.equal(canonical(canonical(given)), canonical(given))));
  });

  test('whatever the text, an answer comes at once', () => {
    const text = fc.string({ unit: fc.constantFrom(...'019.+-eEKMGimnx'), maxLength: 60 });
    fc.assert(fc.property(text, (given) => typeof canonical(given) === 'string'));
    assert.equal(canonical('1e2147483647'), canonical('1e999999'));
    assert.equal(canonical(`1e${'0'.repeat(100_000)}3`), '1e3');
    assert.equal(canonical(`1e${'9'.repeat(100_000)}`), SUFFIX);
  });

  // A size that is Forbidden unless its Value is 0, asked of the kubelets 1.25, 1.34 and 1.37 (logging.options.json.infoBufferSize).
  test('what is too large for 64 bits counts as 0 where it has few digits', () => {
    const zero = ['0', '1e19', '10E', '12E', '10000P', '1e100', '9.5e18', '-1e19', '0e100', '1e2147483647'];
    const others = ['1n', '0.5', '-1', '1.5e18', '9E', '8Ei', '16Ei', '99999999999999999999', '1e-100', '1e4294967296'];
    assert.deepEqual(
      [...zero, ...others].filter((text) => wholeValue(text) === 0n),
      zero,
    );
    assert.deepEqual(['0.5', '-1', '9E', '1.5Gi'].map(wholeValue), [1n, -1n, 9n * 10n ** 18n, 1_610_612_736n]);
  });
});
