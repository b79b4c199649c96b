import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  fits,
  formatDuration,
  formatFloat,
  parseBool,
  parseDuration,
  parseFloat64,
  parseInteger,
  parseList,
  trimSpace,
} from '../../lambda/go/literals.ts';

function table<In, Out>(title: string, call: (input: In) => Out, cases: [In, Out][]): void {
  describe(title, () => {
    for (const [input, expected] of cases) {
      const name = typeof input === 'bigint' ? `${input}` : JSON.stringify(input);
      test(name, () => assert.deepEqual(call(input), expected));
    }
  });
}

table('booleans', parseBool, [
  ['t', true],
  ['F', false],
  ['tRUE', undefined],
  ['', undefined],
]);

table('integers of any base', (text: string) => parseInteger(text, 0), [
  ['0', 0n],
  ['-0', 0n],
  ['+7', 7n],
  ['0x10', 16n],
  ['0b101', 5n],
  ['0o17', 15n],
  ['017', 15n],
  ['1_000', 1000n],
  ['0x_ff', 255n],
  ['0_7', 7n],
  ['08', undefined],
  ['1__0', undefined],
  ['_1', undefined],
  ['1_', undefined],
  ['0x', undefined],
  ['', undefined],
  [' 1', undefined],
  ['9'.repeat(200), undefined],
]);

table('decimal integers', (text: string) => parseInteger(text, 10), [
  ['010', 10n],
  ['-5', -5n],
  ['0x1', undefined],
  ['1_0', undefined],
]);

test('ranges are those of signed integers', () => {
  assert.deepEqual([fits(2n ** 31n - 1n, 32), fits(2n ** 31n, 32), fits(-(2n ** 31n), 32)], [true, false, true]);
  assert.deepEqual([fits(2n ** 63n - 1n, 64), fits(2n ** 63n, 64)], [true, false]);
});

table('floats', parseFloat64, [
  ['1e3', 1000],
  ['.5', 0.5],
  ['-Inf', -Infinity],
  ['nan', Number.NaN],
  ['1e999', undefined],
  ['.', undefined],
  ['1e', undefined],
]);

table('floats in JSON', formatFloat, [
  [10, '10'],
  [-0, '-0'],
  [1e20, '100000000000000000000'],
  [-(2 ** 63), '-9223372036854776000'],
  [1e21, '1e+21'],
  [0.5, '0.5'],
]);

table(
  'durations',
  (text: string) => {
    const duration = parseDuration(text);
    return duration === undefined ? undefined : formatDuration(duration);
  },
  [
    ['0', '0s'],
    ['-0', '0s'],
    ['0s', '0s'],
    ['5m', '5m0s'],
    ['4h', '4h0m0s'],
    ['1h30m', '1h30m0s'],
    ['90s', '1m30s'],
    ['1.5s', '1.5s'],
    ['.5h', '30m0s'],
    ['1.s', '1s'],
    ['100ms', '100ms'],
    ['1.5ms', '1.5ms'],
    ['10us', '10µs'],
    ['10µs', '10µs'],
    ['10μs', '10µs'],
    ['7ns', '7ns'],
    ['0.1ns', '0s'],
    ['0.3333333333333333333h', '20m0s'],
    ['0.99999999999999999999s', '1s'],
    ['-1s', '-1s'],
    ['+2m', '2m0s'],
    ['2562047h47m16.854775807s', '2562047h47m16.854775807s'],
    ['-2562047h47m16.854775808s', '-2562047h47m16.854775808s'],
    ['2562047h47m16.854775808s', undefined],
    ['9999999999h', undefined],
    ['', undefined],
    ['5', undefined],
    ['1d', undefined],
    ['s', undefined],
    ['.s', undefined],
    ['1 s', undefined],
    ['--1s', undefined],
  ],
);

table('lists', parseList, [
  ['', []],
  ['a', ['a']],
  ['a,b', ['a', 'b']],
  ['a,', ['a', '']],
  [',', ['', '']],
  ['"a,b",c', ['a,b', 'c']],
  ['"a""b"', ['a"b']],
  [' a', [' a']],
  ['a\nb', ['a']],
  ['\n\na', ['a']],
  ['a\r\n', ['a']],
  ['"a', undefined],
  ['"a"b', undefined],
  ['a"b', undefined],
  ['\n', undefined],
  ['\r', undefined],
  ['a,\r', ['a', '']],
]);

table('space around names', trimSpace, [
  [' a b\t\n', 'a b'],
  ['\u0085\u00a0a\u3000', 'a'],
  ['\ufeffa', '\ufeffa'],
  ['\u200ba', '\u200ba'],
  [' \n', ''],
  ['', ''],
]);
