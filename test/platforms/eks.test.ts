import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEks } from '../../lambda/platforms/eks.ts';
import { type Case, node } from '../rules/node.ts';

const ACTIVATED = { EKSClusterARN: 'arn:aws:eks:eu-central-1:111122223333:cluster/plant' };

const ofEks: [what: string, given: Case, expected: boolean][] = [
  ['the tag of a hybrid activation is EKS', { tags: ACTIVATED }, true],
  [
    'the tag of a hybrid activation beside a client certificate is none',
    {
      tags: ACTIVATED,
      kubelet: { kubeconfigs: [{ path: '/etc/k.conf', state: 'read', clientCertificateData: true }] },
    },
    false,
  ],
  ['tags of EKS are EKS', { tags: { 'eks:cluster-name': 'c' } }, true],
  ['tags of EKS beside k3s are none', { tags: { 'eks:cluster-name': 'c' }, kubelet: { host: 'k3s' } }, false],
  [
    'tags of EKS beside a build of RKE2 are none',
    { tags: { 'aws:eks:cluster-name': 'c' }, kubelet: { version: 'v1.32.5+rke2r1' } },
    false,
  ],
  [
    'tags of EKS beside a client certificate are none',
    {
      tags: { 'eks:cluster-name': 'c' },
      kubelet: { kubeconfigs: [{ path: '/etc/k.conf', state: 'read', clientCertificate: '/c.pem' }] },
    },
    false,
  ],
  ['a tag that names no cluster is none', { tags: { EKSClusterARN: 'arn:aws:eks:x' } }, false],
];

for (const [what, given, expected] of ofEks) {
  test(what, () => assert.equal(isEks(node(given)), expected));
}
