import assert from 'node:assert/strict';
import { test } from 'node:test';
import { words } from '../../cli/words.ts';

const CASES: [text: string, expected: string[]][] = [
  ['', []],
  ['  --a=1   --b  2 ', ['--a=1', '--b', '2']],
  [`--node-labels='a=b,c=d' "--x=y z"`, ['--node-labels=a=b,c=d', '--x=y z']],
  [`--empty "" ''`, ['--empty', '', '']],
  [String.raw`a\ b "c\"d\\" 'e\f'`, ['a b', 'c"d\\', String.raw`e\f`]],
];
for (const [text, expected] of CASES) test(JSON.stringify(text), () => assert.deepEqual(words(text), expected));

for (const text of [`"a`, `b'c`, `d\\`]) {
  test(`${text} does not end`, () => assert.throws(() => words(text), /a quote in .* does not end/));
}
