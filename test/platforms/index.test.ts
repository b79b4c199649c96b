/** Which kind of node is recognised by what, and what every kind must say. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { platformOf, platforms } from '../../lambda/platforms/index.ts';
import { kubeletProcess, NODES, STARTED_AT } from '../../simulator/fleet/node-types.ts';
import { embeddedFleet } from '../../simulator/fleet/nodes.ts';
import { type Case, node } from '../rules/node.ts';

const FOLDER = new URL('../../lambda/platforms/', import.meta.url);

const EKS = 'v1.32.3-eks-473151a';
const NODEADM: Case = {
  evidence: { os: { id: 'amzn', version: '2023' } },
  kubelet: { version: EKS, argv: ['--config=/etc/kubernetes/kubelet/config.json'] },
};
const AL2: Case = {
  evidence: { os: { id: 'amzn', version: '2' } },
  kubelet: { version: EKS, argv: ['--config', '/etc/kubernetes/kubelet/kubelet-config.json'] },
};
const nodeadmSays = (providerID: string): Case => ({
  ...NODEADM,
  kubelet: {
    ...NODEADM.kubelet,
    files: [
      {
        path: '/etc/kubernetes/kubelet/config.json',
        role: 'config',
        state: 'file',
        content: JSON.stringify({ kind: 'KubeletConfiguration', providerID }),
      },
    ],
  },
});
const MANAGED = 'mi-0123456789abcdef0';
const ACTIVATED = { EKSClusterARN: 'arn:aws:eks:eu-central-1:111122223333:cluster/plant' };
const PLAIN: Case = { kubelet: { argv: ['--config=/etc/kubelet.yaml', '--kubeconfig=/etc/kubelet.kubeconfig'] } };

const recognised: [sign: string, given: Case, name: string][] = [
  ['kubeadm by its paths', {}, 'kubeadm'],
  ['Amazon Linux 2023 by its config file', NODEADM, 'eks-al2023'],
  ['Amazon Linux 2 by its config file', AL2, 'eks-al2'],
  [
    'a hybrid node by the name that its nodeadm gives it',
    nodeadmSays('eks-hybrid:///eu-central-1/plant/press-1'),
    'eks-hybrid',
  ],
  [
    'a hybrid node by its label, where its configuration was withheld',
    {
      ...NODEADM,
      kubelet: {
        ...NODEADM.kubelet,
        argv: [
          '--config=/etc/kubernetes/kubelet/config.json',
          '--node-labels=eks.amazonaws.com/compute-type=hybrid,eks.amazonaws.com/hybrid-credential-provider=iam-ra',
        ],
      },
    },
    'eks-hybrid',
  ],
  ['a hybrid node by its id, where its configuration was withheld', { ...NODEADM, id: MANAGED }, 'eks-hybrid'],
  ['a hybrid node by the tag of its activation', { ...NODEADM, tags: ACTIVATED }, 'eks-hybrid'],
  ['a tag that names no cluster', { ...NODEADM, tags: { EKSClusterARN: 'shop' } }, 'eks-al2023'],
  [
    'an instance that somebody registered as a managed node, by the name that its nodeadm gives it',
    { ...nodeadmSays('aws:///eu-central-1a/i-0123456789abcdef0'), id: MANAGED, tags: ACTIVATED },
    'eks-al2023',
  ],
  [
    'an instance that somebody registered as a managed node, by its cloud provider',
    {
      ...NODEADM,
      kubelet: { ...NODEADM.kubelet, argv: [...(NODEADM.kubelet?.argv ?? []), '--cloud-provider=external'] },
      id: MANAGED,
    },
    'eks-al2023',
  ],
  [
    'an instance with the label of hybrid nodes, by the name that its nodeadm gives it',
    {
      ...nodeadmSays('aws:///eu-central-1a/i-0123456789abcdef0'),
      kubelet: {
        ...nodeadmSays('aws:///eu-central-1a/i-0123456789abcdef0').kubelet,
        argv: ['--config=/etc/kubernetes/kubelet/config.json', '--node-labels=eks.amazonaws.com/compute-type=hybrid'],
      },
    },
    'eks-al2023',
  ],
  ['kubeadm on a managed node, whatever its tags say', { id: MANAGED, tags: ACTIVATED }, 'kubeadm'],
  [
    'an instance by the name that its nodeadm gives it',
    nodeadmSays('aws:///eu-central-1a/i-0123456789abcdef0'),
    'eks-al2023',
  ],
  [
    'Amazon Linux 2023 by os and version',
    { evidence: { os: { id: 'amzn', version: '2023' } }, kubelet: { version: EKS, argv: [] } },
    'eks-al2023',
  ],
  [
    'Amazon Linux 2 by os and tag',
    { evidence: { os: { id: 'amzn', version: '2' } }, kubelet: { argv: [] }, tags: { 'eks:cluster-name': 'c' } },
    'eks-al2',
  ],
  ['Ubuntu on EKS', { kubelet: { version: EKS, argv: [] } }, 'eks-other'],
  ["Canonical's snap for EKS", { kubelet: { exe: '/snap/kubelet-eks/512/kubelet', argv: [] } }, 'eks-ubuntu'],
  ['RKE2 by its unit', { kubelet: { unit: 'rke2-agent.service', argv: [] } }, 'rke2'],
  [
    'RKE2 by its program',
    { kubelet: { exe: '/var/lib/rancher/rke2/data/v1.32.3-rke2r1-0f1e/bin/kubelet', argv: [] } },
    'rke2',
  ],
  ['Bottlerocket by its os', { evidence: { os: { id: 'bottlerocket' } } }, 'bottlerocket'],
  [
    'kOps by its tag, with flags alone',
    { kubelet: { argv: [] }, tags: { 'kops.k8s.io/instancegroup': 'nodes' } },
    'kops',
  ],
  [
    "OpenShift by its config, which has the name of kubeadm's kubeconfig",
    { kubelet: { argv: ['--config=/etc/kubernetes/kubelet.conf', '--kubeconfig=/var/lib/kubelet/kubeconfig'] } },
    'openshift',
  ],
  ['OpenShift by its os', { evidence: { os: { id: 'rhcos' } }, kubelet: { argv: [] } }, 'openshift'],
  ['Talos by its os', { evidence: { os: { id: 'talos' } }, kubelet: { argv: [] } }, 'talos'],
  ['k0s by its program', { kubelet: { exe: '/var/lib/k0s/bin/kubelet', argv: [] } }, 'k0s'],
  [
    'EKS Distro on kOps: the version alone does not make EKS',
    {
      kubelet: {
        version: EKS,
        argv: [],
        kubeconfigs: [{ path: '/var/lib/kubelet/kubeconfig', state: 'read', clientCertificateData: true }],
      },
    },
    'unknown',
  ],
  [
    'Kubespray by its config file beside the kubeconfig of kubeadm',
    {
      kubelet: { argv: ['--config=/etc/kubernetes/kubelet-config.yaml', '--kubeconfig=/etc/kubernetes/kubelet.conf'] },
    },
    'kubespray',
  ],
  [
    'the config file alone is none of Kubespray',
    { kubelet: { argv: ['--config=/etc/kubernetes/kubelet-config.yaml', '--kubeconfig=/var/lib/kubelet/kubeconfig'] } },
    'unknown',
  ],
  [
    'Typhoon by its config file and its bootstrap kubeconfig',
    {
      kubelet: { argv: ['--bootstrap-kubeconfig=/etc/kubernetes/kubeconfig', '--config=/etc/kubernetes/kubelet.yaml'] },
    },
    'typhoon',
  ],
  [
    'the config file of Typhoon on Talos',
    {
      evidence: { os: { id: 'talos' } },
      kubelet: { argv: ['--bootstrap-kubeconfig=/etc/kubernetes/kubeconfig', '--config=/etc/kubernetes/kubelet.yaml'] },
    },
    'talos',
  ],
  [
    'Charmed Kubernetes by its config file',
    { kubelet: { exe: '/snap/kubelet/3412/kubelet', argv: ['--config=/root/cdk/kubelet/config.yaml'] } },
    'charmed',
  ],
  [
    'Amazon Linux 2023 on an Outpost: a client certificate does not make it another',
    {
      ...NODEADM,
      kubelet: {
        ...NODEADM.kubelet,
        kubeconfigs: [
          { path: '/var/lib/kubelet/kubeconfig', state: 'read', clientCertificate: '/var/lib/kubelet/pki/c.pem' },
        ],
      },
    },
    'eks-al2023',
  ],
  ['kOps by its config file', { kubelet: { argv: ['--config=/var/lib/kubelet/kubelet.conf'] } }, 'kops'],
  [
    'a tag of the cloud provider does not make EKS',
    { kubelet: { argv: [] }, tags: { 'kubernetes.io/cluster/c': 'owned' } },
    'unknown',
  ],
  ['anything else', PLAIN, 'unknown'],
  [
    'k3s by its program, whatever else runs there',
    { kubelet: { host: 'k3s', argv: ['--config=/var/lib/kubelet/config.yaml'] } },
    'k3s',
  ],
  ['MicroK8s by its program', { kubelet: { host: 'microk8s', argv: [] } }, 'microk8s'],
  [
    'a file that two kinds name: the one that is asked first',
    { kubelet: { argv: ['--kubeconfig=/etc/kubernetes/kubelet.conf', '--config=/var/lib/kubelet/kubelet.conf'] } },
    'kubeadm',
  ],
];

for (const [sign, given, name] of recognised) {
  test(`platform: ${sign}`, () => assert.equal(platformOf(node(given)).name, name));
}

for (const [labels, name, says] of [
  ['compute-type=hybrid', undefined, undefined],
  ['compute-type=hybrid,eks.amazonaws.com/hybrid-credential-provider=ssm', undefined, /Systems Manager gives/],
  ['compute-type=hybrid,eks.amazonaws.com/hybrid-credential-provider=iam-ra', undefined, /Roles Anywhere gives/],
  ['compute-type=hybrid', 'mi-0123456789abcdef0', /Systems Manager gives/],
  [
    'compute-type=hybrid,eks.amazonaws.com/hybrid-credential-provider=iam-ra',
    'mi-0123456789abcdef0',
    /Roles Anywhere gives/,
  ],
  ['compute-type=hybrid', 'press-1', /Roles Anywhere gives/],
] as const) {
  test(`a hybrid node ${name ?? 'whose configuration was withheld'}, labelled ${labels}, has its credentials from ${says ?? 'somewhere'}`, () => {
    const { kubelet } = name === undefined ? NODEADM : nodeadmSays(`eks-hybrid:///eu-central-1/plant/${name}`);
    const argv = [...(NODEADM.kubelet?.argv ?? []), `--node-labels=eks.amazonaws.com/${labels}`];
    const hybrid = node({ ...NODEADM, kubelet: { ...kubelet, argv } });
    assert.equal(platformOf(hybrid).name, 'eks-hybrid');
    const said = platformOf(hybrid).credentials?.(hybrid)?.by;
    if (says === undefined) assert.equal(said, undefined);
    else assert.match(said ?? '', says);
  });
}

test('what nodeadm installs it writes anew at an upgrade, and nothing else', () => {
  const hybrid = platforms.find(({ name }) => name === 'eks-hybrid') ?? assert.fail();
  const lasting = (path: string) =>
    hybrid.files.byHand && hybrid.files.lasting([{ path, role: 'config', state: 'file' }], 'mode').length;
  for (const path of ['/etc/kubernetes/kubelet/config.json', '/usr/bin/kubelet', '/etc/systemd/system/kubelet.service'])
    assert.equal(lasting(path), 1, path);
  for (const path of ['/etc/plant/kubelet.env', '/etc/systemd/system/kubelet.service.d/10-mine.conf'])
    assert.equal(lasting(path), 0, path);
});

test('every file of a kind is in the list, by its name', () => {
  const files = readdirSync(FOLDER).filter((file) =>
    /: Platform = \{$/m.test(readFileSync(new URL(file, FOLDER), 'utf8')),
  );
  assert.deepEqual(files.toSorted(), platforms.map(({ name }) => `${name}.ts`).toSorted());
});

test('the last kind takes what no other does', () => {
  assert.equal(platforms.at(-1)?.name, 'unknown');
  for (const { name, isCertain, isLikely } of platforms.slice(0, -1)) {
    const plain = node(PLAIN);
    assert.ok(!isCertain(plain) && !isLikely(plain), name);
  }
});

test('every kind has a fixture, which it recognises and no other before it', () => {
  assert.deepEqual(
    Object.keys(NODES),
    platforms.map(({ name }) => name),
  );
  for (const [name, { kubelet, os }] of Object.entries(NODES)) {
    assert.equal(platformOf({ evidence: { os }, kubelet, tags: {} }).name, name);
  }
});

test('the nodes that rules are tested with are of kubeadm', () => {
  assert.equal(platformOf(node()).name, 'kubeadm');
});

test('every node of the simulated fleet is of the kind that its image is made after', () => {
  const kinds: Record<string, string[]> = {};
  for (const { name, root, tags } of embeddedFleet(STARTED_AT)) {
    for (const {
      argv: [, ...argv],
      exe,
      unit,
    } of root?.processes ?? []) {
      const kubelet = kubeletProcess({
        argv,
        ...(exe && { exe }),
        ...(unit && { unit }),
        version: root?.version ?? '',
      });
      const kind = platformOf({ evidence: { os: root?.os ?? {} }, kubelet, tags }).name;
      kinds[kind] = [...(kinds[kind] ?? []), name];
    }
  }
  assert.deepEqual(Object.keys(kinds).toSorted(), ['eks-al2', 'eks-al2023', 'kubeadm']);
  assert.deepEqual(kinds['eks-al2'], ['shop-legacy-al2']);
  assert.ok(kinds['eks-al2023']?.every((name) => name.startsWith('shop-')));
  assert.ok(kinds.kubeadm?.every((name) => name.startsWith('payments-')));
});
