import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeTable } from '../../cli/table.ts';
import { evaluated, finding } from '../archive/samples.ts';

const line = evaluated('i-01', [
  finding('anonymous-auth', 'fail', { reason: 'authentication.anonymous.enabled is true from the kubelet’s default.' }),
]);

test('verdicts stand in columns where these fit, else below each other', () => {
  for (const columns of [undefined, 120]) assert.match(nodeTable([line], 'anonymous-auth', columns), /^NODE +CLUSTER/);
  const narrow = nodeTable([line], 'anonymous-auth', 40);
  assert.match(narrow, /^fail .*i-01.*\n {2}authentication/);
  for (const each of narrow.trimEnd().split('\n').slice(1)) assert.ok(each.length <= 40, each);
});
