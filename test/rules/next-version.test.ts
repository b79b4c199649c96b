import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '../../lambda/judging/evaluate.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { nextVersion } from '../../lambda/rules/next-version.ts';
import { configFile, kubeletProcess } from '../../simulator/fleet/node-types.ts';
import { table } from './table.ts';

const version = (minor: number) => ({ version: { text: `v1.${minor}.2`, minor, known: true } });
const argv = (...given: string[]) => ({ kubelet: { argv: ['--container-runtime-endpoint=unix:///x', ...given] } });

table(nextVersion, {
  'a removed flag, in the words of the kubelet': {
    ...version(34),
    ...argv('--pod-infra-container-image=x'),
    status: 'fail',
    reason:
      /^The kubelet of 1\.35 would not start with what this node is given: failed to parse kubelet flag: unknown flag: --pod-infra-container-image \(argument --pod-infra-container-image=x\)\.$/,
    remediation: /^Remove argument --pod-infra-container-image=x before the upgrade to 1\.35\./,
  },
  'control groups of version 1': {
    ...version(34),
    ...argv(),
    evidence: { cgroup: 1 },
    status: 'fail',
    reason: /not run on a host using cgroup v1/,
    remediation: /^Move the node to a host with cgroup v2 before the upgrade to 1\.35/,
  },
  'a runtime that is too old': {
    ...version(25),
    ...argv(),
    evidence: { runtime: { name: 'containerd', version: '1.5.18' } },
    status: 'fail',
    reason: /CRI v1 runtime API is not implemented/,
    remediation: /^Update containerd to 1\.6 or later before the upgrade to 1\.26\./,
  },
  'the newest has no next one': { ...version(37), ...argv(), status: 'not-applicable', reason: /^1\.37 is the newest/ },
  'a version that nobody knows': {
    version: { minor: 37, known: false },
    kubelet: {},
    status: 'manual',
    reason: /version is not in the evidence/,
    remediation: /^Look up the version .*kubectl get nodes/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});

function judged(kubelet: KubeletProcess, os: { id?: string } = {}) {
  const evidence = { format: 2 as const, collectedAt: 0, os, kubelets: [kubelet], proxies: [], notes: [] };
  const kubelets = [{ process: kubelet, configuration: derive(kubelet) }];
  return evaluate({ evidence, kubelets, now: 0 }, { rules: ['next-version'] })[0] ?? assert.fail();
}

test('the next version starts', () => {
  const { status, reason, advisories, remediation } = judged(kubeletProcess({ version: 'v1.32.2', argv: [] }));
  assert.deepEqual([status, advisories, remediation], ['pass', [], undefined]);
  assert.equal(reason, 'The kubelet of 1.33 would start with what this node is given.');
});

test('what changes although nobody touches it', () => {
  const argv = ['--container-runtime-endpoint=unix:///x', '--event-qps=5'];
  const { status, advisories } = judged(kubeletProcess({ version: 'v1.26.2', argv }));
  assert.equal(status, 'pass');
  assert.deepEqual(advisories, [
    {
      id: 'changes-silently',
      text: "Nobody touches them, and they change with 1.27: eventBurst is 100 by the kubelet's default, and was 10; kubeAPIBurst is 100 by the kubelet's default, and was 10; kubeAPIQPS is 50 by the kubelet's default, and was 5.",
    },
  ]);
});

test('where the argument is written', () => {
  const kubelet = kubeletProcess({
    version: 'v1.36.1',
    argv: ['--containerd=/run/x.sock'],
    files: [
      { path: '/etc/default/kubelet', role: 'environment', state: 'file', flags: [{ name: 'containerd', line: 3 }] },
    ],
  });
  const { reason } = judged(kubelet);
  assert.match(reason, /\(argument --containerd=\/run\/x\.sock, written in \/etc\/default\/kubelet line 3\)\.$/);
});

test('the line of a gate in a file', () => {
  const text =
    'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfeatureGates:\n  SidecarContainers: true\n';
  const kubelet = kubeletProcess({
    version: 'v1.36.1',
    argv: ['--config=/c.yaml'],
    files: [configFile('/c.yaml', text)],
  });
  const { status, reason, remediation } = judged(kubelet);
  assert.equal(status, 'fail');
  assert.match(reason, /unrecognized feature gate: SidecarContainers \(line 4 of \/c\.yaml \(SidecarContainers\)\)/);
  assert.match(remediation?.[0]?.text ?? '', /^Remove line 4 of \/c\.yaml/);
});

test('Bottlerocket 1.36 passes --containerd, and its next image will not', () => {
  const kubelet = kubeletProcess({
    version: 'v1.36.1-eks-59bf375',
    argv: ['--containerd=/run/containerd/containerd.sock', '--config', '/etc/kubernetes/kubelet/config'],
    files: [
      configFile(
        '/etc/kubernetes/kubelet/config',
        'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n',
      ),
    ],
  });
  const { status, reason } = judged(kubelet, { id: 'bottlerocket' });
  assert.equal(status, 'pass', reason);
  assert.match(reason, /What comes with the image stays behind with it: .*unknown flag: --containerd\.$/);
});

test('the arguments of k3s are hidden, so a person must look', () => {
  const kubelet = kubeletProcess({ host: 'k3s', exe: '/usr/local/bin/k3s', version: 'v1.34.1+k3s1', argv: [] });
  assert.equal(judged(kubelet).status, 'manual');
});
