/**
 * Nodes that lie about their kind, or are half of two: nothing passes by the lie, and advice names only what the kind has that the
 * kubelet really is of.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rules } from '../../lambda/judging/index.ts';
import { platformOf } from '../../lambda/platforms/index.ts';
import { rootOfKind } from '../../simulator/fleet/kinds.ts';
import type { SimulatedRoot } from '../../simulator/fleet/root.ts';
import { evidenceOf, judged, NOW } from './roots.ts';
import { checkStep } from './steps.ts';

const STARTED = NOW - 20 * 86_400;
const RULES = rules.map(({ name }) => name);
const EKS_TAGS = { 'eks:cluster-name': 'shop', 'eks:nodegroup-name': 'blue' };
const CLUSTER = { EKSClusterARN: 'arn:aws:eks:eu-central-1:111122223333:cluster/plant' };
const MANAGED = 'mi-0123456789abcdef0';
const LABEL = '--node-labels=eks.amazonaws.com/compute-type=hybrid';

const kubeadm = rootOfKind('kubeadm', STARTED);
const rke2 = rootOfKind('rke2', STARTED);
const al2023 = rootOfKind('eks-al2023', STARTED);
const snap = rootOfKind('eks-ubuntu', STARTED);
const flatcar = { id: 'flatcar', version: '4230.2.3' };

const withArguments = (root: SimulatedRoot, ...more: string[]): SimulatedRoot => ({
  ...root,
  processes: root.processes.map((each) => ({ ...each, argv: [...each.argv, ...more] })),
});

type Lie = {
  root: SimulatedRoot;
  tags?: Readonly<Record<string, string>>;
  id?: string;
  /** Of its kubelets. */
  kinds: string[];
  benchmark: RegExp;
};

const LIES: Readonly<Record<string, Lie>> = {
  'kubeadm on Flatcar, among files of Typhoon, k3s and EKS': {
    root: {
      ...kubeadm,
      os: flatcar,
      files: {
        ...kubeadm.files,
        '/etc/kubernetes/kubeconfig': 'apiVersion: v1\nkind: Config\n',
        '/etc/kubernetes/kubelet.yaml': 'kind: KubeletConfiguration\n',
        '/etc/rancher/k3s/config.yaml': 'kubelet-arg:\n- anonymous-auth=true\n',
        '/etc/eks/bootstrap.sh': '#!/bin/bash\n',
      },
    },
    tags: EKS_TAGS,
    kinds: ['kubeadm'],
    benchmark: /^cis-kubernetes-/,
  },
  'kubeadm with the label of hybrid nodes, registered as one of a cluster': {
    root: withArguments(kubeadm, LABEL),
    tags: CLUSTER,
    id: MANAGED,
    kinds: ['kubeadm'],
    benchmark: /^cis-kubernetes-/,
  },
  'RKE2 on Amazon Linux 2023, with tags of EKS': {
    root: { ...rke2, os: { id: 'amzn', version: '2023' } },
    tags: EKS_TAGS,
    kinds: ['rke2'],
    benchmark: /^cis-kubernetes-/,
  },
  'k3s with tags of EKS, registered as a hybrid node': {
    root: rootOfKind('k3s', STARTED),
    tags: { ...EKS_TAGS, ...CLUSTER },
    id: MANAGED,
    kinds: ['k3s'],
    benchmark: /^cis-kubernetes-/,
  },
  'an instance of EKS with the label of hybrid nodes': {
    root: withArguments(al2023, LABEL),
    tags: { ...EKS_TAGS, ...CLUSTER },
    kinds: ['eks-al2023'],
    benchmark: /^cis-eks-/,
  },
  "Canonical's kubelet for EKS beside that of kubeadm": {
    root: {
      ...kubeadm,
      processes: [...kubeadm.processes, ...snap.processes.map((each) => ({ ...each, pid: 4711 }))],
      files: { ...snap.files, ...kubeadm.files },
    },
    kinds: ['eks-ubuntu', 'kubeadm'],
    benchmark: /^cis-(kubernetes|eks)-/,
  },
};

/** Of several kubelets the reason names the process that it speaks of. */
const PROCESS = /^Kubelet process (\d+): /;

for (const [name, { root, tags = {}, id = 'i-0123456789abcdef0', kinds, benchmark }] of Object.entries(LIES)) {
  test(name, async () => {
    const evidence = await evidenceOf(root);
    const kindOf = new Map(
      evidence.kubelets.map((kubelet) => [kubelet.pid, platformOf({ evidence, kubelet, tags, id }).name]),
    );
    assert.deepEqual([...kindOf.values()].sort(), kinds);
    const node = await judged(root, ['auto'], { tags, id });
    assert.match(node.benchmark?.name ?? '', benchmark);
    const { findings } = await judged(root, ['auto'], { tags, id, rules: RULES });
    for (const { reason, remediation = [] } of findings) {
      const [, pid] = PROCESS.exec(reason) ?? [];
      const of = pid === undefined ? [...kindOf.values()] : [kindOf.get(Number(pid)) ?? assert.fail(reason)];
      // What two kubelets share is said once, and of none in particular.
      const [only = ''] = of;
      for (const step of of.length === 1 ? remediation : []) checkStep(only, step);
    }
    // EKS supports no other distribution, for however long it supports that version.
    const support = findings.find(({ rule }) => rule === 'supported-version') ?? assert.fail();
    if (!kinds.some((kind) => kind.startsWith('eks-'))) assert.doesNotMatch(support.reason, /EKS/);
  });
}

test('what is open for one of two kubelets stays open beside the other', async () => {
  const { root } = LIES["Canonical's kubelet for EKS beside that of kubeadm"] ?? assert.fail();
  const opened: SimulatedRoot = {
    ...root,
    processes: root.processes.map((each) =>
      each.pid === 4711 ? { ...each, argv: [...each.argv, '--read-only-port=10255'] } : each,
    ),
  };
  const { findings } = await judged(opened, ['auto'], { rules: RULES });
  const port = findings.find(({ rule }) => rule === 'read-only-port');
  assert.equal(port?.status, 'fail');
  assert.match(port.reason, /^Kubelet process 4711: readOnlyPort is 10255/);
});
