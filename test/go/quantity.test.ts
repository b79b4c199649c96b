import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatQuantity, parseQuantity } from '../../lambda/go/quantity.ts';

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
    '12E': '9223372036854775807',
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
    assert.equal(canonical(`1e${'9'.repeat(15)}`), canonical('1e999999'));
  });
});
