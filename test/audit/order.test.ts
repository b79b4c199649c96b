import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byPlace, nodesOf } from '../../audit/order.ts';
import { ascending } from '../../lambda/results/order.ts';

const row = (archive: string, region: string, node: string) => ({ archive, account: '111122223333', region, node });

test('rows stand by archive, account, region and node, whatever the language', () => {
  const rows = [row('b', 'eu-west-1', 'i-1'), row('a', 'eu-west-2', 'i-1'), row('a', 'eu-west-1', 'i-2')];
  assert.deepEqual(rows.toSorted(byPlace), [rows[2], rows[1], rows[0]]);
  assert.deepEqual(['é', 'a', 'Z', '10', '9', 'a'].sort(ascending), ['10', '9', 'Z', 'a', 'a', 'é']);
});

test('a node counts once, and one of another region by itself', () => {
  const rows = [row('a', 'eu-west-1', 'i-1'), row('b', 'eu-west-1', 'i-1'), row('a', 'eu-west-2', 'i-1')];
  assert.deepEqual(nodesOf(rows), ['i-1', 'i-1']);
});
