import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGate, openGateAlone } from '../../lambda/criteria/gate.ts';
import { sentence } from '../../lambda/platforms/step.ts';
import { byFlag, type Case, inFile, node } from '../rules/node.ts';

const NAME = 'RotateKubeletServerCertificate';
const off = (where: string) => inFile(false, where);

const cases: [name: string, given: Case, where: string, step: RegExp, effect: RegExp][] = [
  [
    'kubeadm',
    {},
    '/c.yaml',
    /^Set .* to true where it is turned off \(\/c\.yaml\)\.$/,
    / Restart the kubelet: `systemctl /,
  ],
  [
    'Bottlerocket: no file is named, because none can be changed',
    { evidence: { os: { id: 'bottlerocket' } } },
    '/etc/kubernetes/kubelet/config',
    /^Update to a Bottlerocket release that leaves the feature gate RotateKubeletServerCertificate on: Bottlerocket has no setting/,
    /leaves the feature gate \S+ on: /,
  ],
  [
    'OpenShift',
    { kubelet: { argv: ['--config=/etc/kubernetes/kubelet.conf'] } },
    '/etc/kubernetes/kubelet.conf',
    /^Put the feature gate .* of the FeatureGate cluster \(config\.openshift\.io\/v1\)\.$/,
    /Wait until the Machine Config Operator has restarted/,
  ],
  [
    'nodeadm',
    { kubelet: { argv: ['--config=/etc/kubernetes/kubelet/config.json'] } },
    '/etc/kubernetes/kubelet/config.json',
    /featureGates of spec\.kubelet\.config of the NodeConfig .*in place of what turns it off/,
    / Replace the node\.$/,
  ],
  [
    "Karpenter's nodes",
    { kubelet: { argv: ['--config=/etc/kubernetes/kubelet/config.json'] }, tags: { 'karpenter.sh/nodepool': 'spot' } },
    '/etc/kubernetes/kubelet/config.json',
    /featureGates of spec\.kubelet of the EC2NodeClass of the NodePool spot .*, in place/,
    / Wait until Karpenter, .*has replaced them/,
  ],
  [
    'kOps',
    { kubelet: { argv: ['--config=/var/lib/kubelet/kubelet.conf'] } },
    '/var/lib/kubelet/kubelet.conf',
    /spec\.kubelet\.featureGates/,
    / Run a rolling update: `kops rolling-update cluster --yes`\.$/,
  ],
  ['k0s', { kubelet: { unit: 'k0sworker.service', argv: [] } }, '/x', /worker profile/, / Restart k0s on the node/],
  [
    'Talos: it has no shell',
    { evidence: { os: { id: 'talos' } } },
    '/etc/kubernetes/kubelet.yaml',
    /machine\.kubelet\.extraConfig/,
    / Apply it, .*: `talosctl .* edit machineconfig`/,
  ],
];

for (const [name, given, where, step, effect] of cases) {
  test(`feature gate: ${name}`, () => {
    assert.match(sentence(openGate(node(given), NAME, off(where))), step);
    assert.match(openGateAlone(node(given), NAME, off(where)).map(sentence).join(' '), effect);
  });
}

test('feature gate: a flag of OpenShift does not come from its FeatureGate', () => {
  const text = openGate(
    node({ evidence: { os: { id: 'rhcos' } } }),
    NAME,
    byFlag(false, '--feature-gates=AllBeta=false'),
  );
  assert.match(sentence(text), /turned off \(flag --feature-gates=AllBeta=false\)/);
});
