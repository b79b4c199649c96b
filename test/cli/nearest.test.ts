import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, nearest } from '../../cli/nearest.ts';

const COMMANDS = ['scan', 'nodes', 'check', 'rules', 'report', 'diff', 'verify'];

const cases: [word: string, meant: string | undefined][] = [
  ['scna', 'scan'],
  ['scam', 'scan'],
  ['Scan', 'scan'],
  ['repotr', 'report'],
  ['reports', 'report'],
  ['ver', 'verify'],
  ['re', 'report'],
  ['vrfy', 'verify'],
  ['deploy', undefined],
  ['s', undefined],
  ['', undefined],
];

for (const [word, meant] of cases) {
  test(`${JSON.stringify(word)} means ${meant ?? 'nothing'}`, () => assert.equal(nearest(word, COMMANDS), meant));
}

test('a beginning that several words have means the one it is nearest to, if any', () => {
  assert.equal(nearest('re', ['report', 'reset']), undefined);
  assert.equal(nearest('rest', ['report', 'reset']), 'reset');
});

test('a sentence ends with what was meant, or says nothing', () => {
  assert.equal(didYouMean('ot', ['out', 'tag'], '--'), '; did you mean --out?');
  assert.equal(didYouMean('zzz', ['out']), '');
  assert.equal(didYouMean('zzz', []), '');
});
