import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHybrid, isOutside } from '../../lambda/platforms/signs.ts';
import { node } from '../rules/node.ts';

const MANAGED = 'mi-0123456789abcdef0';

for (const [id, expected] of [
  [MANAGED, true],
  ['i-0123456789abcdef0', false],
  ['mi-0123456789abcdef', false],
  ['mi-0123456789ABCDEF0', false],
  ['mi-0123456789abcdef0/x', false],
] as const) {
  test(`${id} is ${expected ? 'a' : 'no'} hybrid node`, () => assert.equal(isHybrid(id), expected));
}

for (const [what, given, expected] of [
  ['an instance', { id: 'i-0123456789abcdef0' }, false],
  ['a managed node', { id: MANAGED }, true],
  ['Bottlerocket on AWS', { evidence: { os: { id: 'bottlerocket', variant: 'aws-k8s-1.33' } } }, false],
  ['Bottlerocket on VMware', { evidence: { os: { id: 'bottlerocket', variant: 'vmware-k8s-1.33' } } }, true],
  ['Bottlerocket on bare metal', { evidence: { os: { id: 'bottlerocket', variant: 'metal-k8s-1.29' } } }, true],
  ['another that says it is one', { evidence: { os: { id: 'ubuntu', variant: 'metal-k8s-1.29' } } }, false],
] as const) {
  test(`${what} runs ${expected ? 'outside of' : 'on'} EC2`, () => assert.equal(isOutside(node(given)), expected));
}
