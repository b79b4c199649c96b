import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineOf } from '../../lambda/platforms/places.ts';

const TEXT = '# maxPods: 1\nmaxPods: 2\nfeatureGates:\n  "A": true\nmaxPods: 3\n"x y": 4\n';

const FOUND: Record<string, number | undefined> = {
  maxPods: 5,
  'featureGates.A': 4,
  'x y': 6,
  'featureGates.B': undefined,
  '': undefined,
  ' ': undefined,
  'featureGates.': undefined,
  '  maxPods': undefined,
  '.*': undefined,
};

for (const [path, line] of Object.entries(FOUND)) {
  test(`${JSON.stringify(path)} is ${line === undefined ? 'on no line' : `on line ${line}`}`, () => {
    assert.equal(lineOf(TEXT, path), line);
  });
}

test('a key that no setting has is looked for no further than a long one', () => {
  const of = (path: string) => lineOf(`${path}: 1\n`, path);
  assert.equal(of('k'.repeat(256)), 1);
  assert.equal(of('k'.repeat(257)), undefined);
  assert.equal(of('k'.repeat(100_000)), undefined);
  const nested = (parts: number) => Array.from({ length: parts }, () => 'a');
  assert.equal(lineOf(`${nested(16).join(':\n')}:\n`, nested(16).join('.')), 16);
  assert.equal(lineOf(`${nested(17).join(':\n')}:\n`, nested(17).join('.')), undefined);
});

test('many texts in turn each have their own lines, and again', () => {
  for (let turn = 0; turn < 2; turn += 1) {
    for (let lines = 0; lines < 20; lines += 1)
      assert.equal(lineOf(`${'\n'.repeat(lines)}maxPods: 1\n`, 'maxPods'), lines + 1);
  }
});
