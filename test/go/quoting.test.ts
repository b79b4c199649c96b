import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { goFloat, goInteger, goQuote } from '../../lambda/go/quoting.ts';

/** Answers of Go 1.26: fmt.Printf("%q"), ("%v") and ("%d"). */
describe('as Go writes it', () => {
  const quoted: [string, string][] = [
    ['a b', '"a b"'],
    ['"\\', '"\\"\\\\"'],
    ['\n\t\u0000\u001f\u007f', '"\\n\\t\\x00\\x1f\\x7f"'],
    ['é😀\u00a0\u200b\ufeff', '"é😀\\u00a0\\u200b\\ufeff"'],
    ['\u{e0001}', '"\\U000e0001"'],
  ];
  for (const [text, expected] of quoted) test(expected, () => assert.equal(goQuote(text), expected));

  const floats: [number, string][] = [
    [0, '0'],
    [-0, '-0'],
    [0.9, '0.9'],
    [1e-5, '1e-05'],
    [1e21, '1e+21'],
    [999_999, '999999'],
    [1_234_567, '1.234567e+06'],
    [9_999_999_999, '9.999999999e+09'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NaN, 'NaN'],
  ];
  for (const [value, expected] of floats) test(expected, () => assert.equal(goFloat(value), expected));

  test('integers beyond the safe ones', () => {
    assert.equal(goInteger(-(2 ** 63)), '-9223372036854775808');
    assert.equal(goInteger(2 ** 63), '9223372036854775807');
    assert.equal(goInteger(-1), '-1');
  });
});
