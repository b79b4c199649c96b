import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fellSharply, vanished } from '../../lambda/results/population.ts';

const cases: [name: string, before: number | undefined, now: number, fell: boolean][] = [
  ['nodes that became three of five thousand', 5_000, 3, true],
  ['the last node gone', 1, 0, true],
  ['all nodes gone', 40, 0, true],
  ['exactly a tenth less', 100, 90, false],
  ['more than a tenth less', 100, 89, true],
  ['four of a small cluster, which scales', 12, 8, false],
  ['five of a small cluster', 12, 7, true],
  ['as many as before', 12, 12, false],
  ['more than before', 12, 24, false],
  ['none, as before', 0, 0, false],
  ['a first scan', undefined, 0, false],
];

for (const [name, before, now, fell] of cases) {
  test(`${name}: ${fell ? 'a sharp fall' : 'no sharp fall'}`, () => {
    const target = { counts: { nodes: now }, ...(before !== undefined && { previousNodes: before }) };
    assert.equal(fellSharply(target, 10), fell);
    assert.equal(
      fellSharply({ ...target, error: 'AccessDenied' }, 10),
      false,
      'nothing is known where a target failed',
    );
  });
}

test('a target that left is missed unless its account was ended', () => {
  const whys = ['closed', 'suspended', 'pending-closure', 'excluded', 'pending-activation'].map((why) => ({ why }));
  assert.deepEqual(vanished([...whys, {}]), [{ why: 'excluded' }, { why: 'pending-activation' }, {}]);
  assert.deepEqual(vanished(), []);
});
