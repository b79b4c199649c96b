/** What every kind of node says of every setting, gate and file: readable, and nothing that is not there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { Evidence } from '../../lambda/kubelet/evidence.ts';
import { platforms } from '../../lambda/platforms/index.ts';
import type { Change, NodeFacts, Platform } from '../../lambda/platforms/platform.ts';
import { type Step, sentence } from '../../lambda/platforms/step.ts';
import { NODES } from '../../simulator/fleet/node-types.ts';
import { byFlag, inDropIn, inFile } from '../rules/node.ts';

/** One change of each shape: a boolean, a number, a list, a path below another, each held by each layer. */
const CHANGES: Omit<Change, 'current'>[] = [
  { setting: 'rotateCertificates', flag: 'rotate-certificates', value: 'true' },
  { setting: 'readOnlyPort', flag: 'read-only-port', value: '0' },
  { setting: 'tlsCipherSuites', flag: 'tls-cipher-suites', value: '[TLS_A, TLS_B]', argument: 'TLS_A,TLS_B' },
  { setting: 'authentication.anonymous.enabled', flag: 'anonymous-auth', value: 'false' },
  { setting: 'authorization.mode', flag: 'authorization-mode', value: 'Webhook' },
  { setting: 'seccompDefault', flag: 'seccomp-default', value: 'true' },
];
const HOLDERS = [
  byFlag('x', '--flag=x'),
  { ...byFlag('x', '--flag=x'), overrode: [inFile('y', '/c')] },
  inFile('x', '/c'),
  inDropIn('x', '/d/1.conf'),
  { value: 'x', source: { kind: 'default' as const } },
];

/** Commands and files that some kinds do not have: Bottlerocket and Talos are without shell and systemctl. */
const ABSENT: Readonly<Record<string, RegExp>> = {
  'eks-windows': /systemctl|chmod|sysctl|kubeadm|journalctl|rm |\/etc\/(systemd|default|eks|sysctl)|nodeadm/,
  windows: /systemctl|chmod|sysctl|kubeadm|journalctl|rm |\/etc\/(systemd|default|eks|sysctl)|nodeadm|EKS/,
  bottlerocket: /systemctl|chmod|sysctl|kubeadm|\/etc\/(systemd|default|eks|sysctl)/,
  talos: /systemctl|chmod|kubeadm|\/etc\/(systemd|default|eks|sysctl)/,
  openshift: /kubeadm|\/etc\/eks|apiclient/,
  'eks-al2023': /bootstrap\.sh|apiclient/,
  'eks-al2': /NodeConfig|nodeadm|apiclient/,
  'eks-ubuntu': /NodeConfig|nodeadm|apiclient/,
  rke2: /kubeadm|k3s|apiclient|bootstrap\.sh/,
  k3s: /kubeadm|rke2|RKE2|apiclient|bootstrap\.sh/,
  k0s: /kubeadm|k3s|apiclient|bootstrap\.sh/,
  kubespray: /configmap kubelet-config|apiclient|bootstrap\.sh/,
  typhoon: /kubeadm|apiclient|bootstrap\.sh|NodeConfig/,
  charmed: /kubeadm|apiclient|bootstrap\.sh|NodeConfig/,
  kops: /kubeadm|apiclient|bootstrap\.sh/,
};

function everything(platform: Platform, node: NodeFacts): Step[] {
  const { files, clientCertificate } = platform;
  return [
    ...CHANGES.flatMap((change) =>
      HOLDERS.flatMap((current) => [...platform.change(node, { ...change, current }).steps]),
    ),
    ...HOLDERS.map(({ source }) => platform.openGate(node, 'RotateKubeletServerCertificate', source)),
    ...platform.afterChange(node),
    ...platform.setKernelParameters(['vm.panic_on_oom=0']),
    ...(files.byHand ? files.lasting([], 'mode') : [files.instead('/etc/x')]),
    ...clientCertificate.approve(node),
    platform.restart(node),
  ];
}

for (const platform of platforms) {
  test(`${platform.name}: every advice is a readable line that names only what is there`, () => {
    const { kubelet, os } = NODES[platform.name] ?? assert.fail(platform.name);
    const evidence: Evidence = { format: 2, collectedAt: 0, os, kubelets: [kubelet], proxies: [], notes: [] };
    const node: NodeFacts = { evidence, kubelet, configuration: derive(kubelet), tags: {} };
    const steps = everything(platform, node);
    // One that cannot ask for its successor is replaced by something of its own where kubeadm's way is not there.
    if (platform.name in ABSENT && platform.clientCertificate.renewedBy === 'installer') {
      steps.push(...platform.clientCertificate.replace(node, true));
    }
    for (const text of steps.map(sentence)) {
      assert.match(text, /^[^\p{Cc}\u2028\u2029]{0,700}$/u);
      assert.doesNotMatch(text, /undefined|\[object|NaN|\.\.$| {2}|;\.|,\./);
      const absent = ABSENT[platform.name];
      if (absent) assert.doesNotMatch(text, absent);
    }
    assert.match(platform.clientCaFile, /^(\/|C:\\).*\.crt$/);
    assert.ok(
      platform.upgrade.node === 'stays' || !platform.upgrade.bootstrap.flags.some((flag) => flag.startsWith('-')),
    );
  });
}
