/**
 * Every kind of node, from its files to its findings: one in order, three with a fault each. Kinds that have files of their own
 * to get wrong are in tests of their own, and one scan meets them all.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { scanCommand } from '../../../cli/scan.ts';
import type { Finding } from '../../../lambda/criteria/rule.ts';
import { judge } from '../../../lambda/judging/judge.ts';
import { readAnswer } from '../../../lambda/nodes/answer/evidence.ts';
import { platformOf, platforms } from '../../../lambda/platforms/index.ts';
import { inOneLine } from '../../../lambda/platforms/step.ts';
import { collect } from '../../../simulator/collector.ts';
import { kindsFleet, rootOfKind } from '../../../simulator/fleet/kinds.ts';
import { type SimulatedFile, type SimulatedRoot, writeRoot } from '../../../simulator/fleet/root.ts';
import { capture } from '../../cli/capture.ts';
import { NOW } from '../../judging/roots.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-kinds-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Kinds with four situations in bottlerocket.test.ts, hybrid.test.ts, self-managed.test.ts and windows.test.ts. */
const ELSEWHERE = ['eks-windows', 'windows', 'bottlerocket', 'eks-hybrid', 'kubespray', 'typhoon', 'charmed'];

/** A container of Talos's own; of images that we know nothing of we have no unit either. */
const WITHOUT_UNIT = ['talos', 'eks-other', 'unknown'];

/** Kind → the file that configures its kubelet. */
const FILES: Readonly<Record<string, string>> = {
  k3s: '/etc/rancher/k3s/config.yaml',
  microk8s: '/var/snap/microk8s/current/args/kubelet',
  rke2: '/var/lib/rancher/rke2/agent/etc/kubelet.conf.d/00-rke2-defaults.conf',
  openshift: '/etc/kubernetes/kubelet.conf',
  talos: '/etc/kubernetes/kubelet.yaml',
  k0s: '/var/lib/k0s/kubelet-config.yaml',
  'eks-al2023': '/etc/kubernetes/kubelet/config.json',
  'eks-ubuntu': '/etc/kubernetes/kubelet/kubelet-config.json',
  'eks-al2': '/etc/kubernetes/kubelet/kubelet-config.json',
  kubeadm: '/var/lib/kubelet/config.yaml',
  kops: '/var/lib/kubelet/kubelet.conf',
  'eks-other': '/etc/kubelet/config.yaml',
  unknown: '/opt/kubernetes/conf/kubelet.yaml',
};

type Judged = {
  kind: string;
  version: string | undefined;
  findings: Finding[];
  notes: string[];
  of: (rule: string) => Finding;
};

let roots = 0;

async function judged(root: SimulatedRoot): Promise<Judged> {
  roots += 1;
  const directory = join(folder, `root-${roots}`);
  writeRoot(directory, root);
  const answer = readAnswer((await collect(directory, { simulated: true })).stdout);
  assert.ok('evidence' in answer, 'problem' in answer ? answer.problem : '');
  const { evidence } = answer;
  const [kubelet] = evidence.kubelets;
  assert.ok(kubelet, evidence.notes.join('; '));
  const node = judge({ id: 'i-0', tags: {}, evidence }, { now: NOW, benchmarks: ['cis-kubernetes-1.11'] });
  assert.ok('findings' in node);
  return {
    kind: platformOf({ evidence, kubelet, tags: {} }).name,
    version: kubelet.version,
    findings: node.findings,
    notes: node.notes ?? [],
    of: (rule) => node.findings.find((each) => each.rule === rule) ?? assert.fail(`${rule} was not judged`),
  };
}

/** The same node with a further argument, where its kind takes arguments from. */
function withArgument(kind: string, root: SimulatedRoot, argument: string): SimulatedRoot {
  if (kind === 'microk8s') {
    const path = FILES.microk8s as string;
    const file = root.files[path] as SimulatedFile;
    return { ...root, files: { ...root.files, [path]: { ...file, text: `${file.text}${argument}\n` } } };
  }
  const given = kind === 'k3s' ? `--kubelet-arg=${argument.slice(2)}` : argument;
  return { ...root, processes: root.processes.map((each) => ({ ...each, argv: [...each.argv, given] })) };
}

/** The same node with a file that everybody may write. */
function withMode(root: SimulatedRoot, path: string, mode: string): SimulatedRoot {
  const file = root.files[path] ?? { text: 'kubelet-arg:\n- max-pods=110\n', modifiedAt: NOW - 30 * 86_400 };
  return { ...root, files: { ...root.files, [path]: { ...(typeof file === 'string' ? { text: file } : file), mode } } };
}

test('each kind has its four situations', () => {
  assert.deepEqual([...Object.keys(FILES), ...ELSEWHERE].sort(), platforms.map(({ name }) => name).sort());
});

for (const [kind, path] of Object.entries(FILES)) {
  describe(kind, () => {
    const root = rootOfKind(kind, NOW - 20 * 86_400);
    const expect = async (node: SimulatedRoot, rule: string, status: RegExp, reason: RegExp) => {
      const found = await judged(node);
      assert.equal(found.kind, kind);
      assert.match(found.of(rule).status, status, found.of(rule).reason);
      assert.match(found.of(rule).reason, reason);
    };

    test('in order', async () => {
      const found = await judged(root);
      assert.equal(found.kind, kind);
      const says = found.notes.some((note) => note.startsWith('what installed this node is not known'));
      assert.equal(says, kind === 'unknown');
      for (const rule of ['anonymous-auth', 'read-only-port', 'kubelet-restart', 'rotate-client-certificates']) {
        const { status, reason } = found.of(rule);
        assert.match(status, /^(pass|manual|not-applicable)$/, `${rule}: ${reason}`);
      }
      assert.deepEqual(
        found.findings.filter(({ status }) => status === 'error'),
        [],
      );
      const service = found.of('kubelet-service-ownership');
      assert.equal(service.status, WITHOUT_UNIT.includes(kind) ? 'not-applicable' : 'pass', service.reason);
    });
    test('an argument lets everybody in', () =>
      expect(withArgument(kind, root, '--anonymous-auth=true'), 'anonymous-auth', /^fail$/, /anonymous-auth=true/));
    test('an argument opens the read-only port', () =>
      expect(withArgument(kind, root, '--read-only-port=10255'), 'read-only-port', /^fail$/, /read-only-port=10255/));
    test('everybody may write what configures it', () =>
      expect(withMode(root, path, '666'), 'kubelet-config-permissions', /^fail$/, / has mode 666/));
  });
}

/** The unit that starts the kubelet, with its drop-in, in another folder; its program elsewhere. */
function movedTo(folder: string, program: string, root: SimulatedRoot): SimulatedRoot {
  const from = '/usr/lib/systemd/system';
  const files = Object.entries(root.files).map(([path, file]): [string, string | SimulatedFile] => {
    if (!path.startsWith(from)) return [path, file];
    const { text } = typeof file === 'string' ? { text: file } : file;
    return [path.replace(from, folder), text.replaceAll('/usr/bin/kubelet', program)];
  });
  const processes = root.processes.map((each) => ({ ...each, exe: program, argv: [program, ...each.argv.slice(1)] }));
  return { ...root, os: { id: 'flatcar', version: '4230.2.3' }, processes, files: Object.fromEntries(files) };
}

const startedAt = NOW - 20 * 86_400;
const flatcar = rootOfKind('kubeadm', startedAt);
const ubuntu = rootOfKind('eks-ubuntu', startedAt);
const SNAP_UNIT = 'snap.kubelet-eks.daemon.service';

/**
 * Where images keep the kubelet: kubeadm on Flatcar (flatcar.org, Kubernetes; flatcar/sysext-bakery, kubernetes.sysext), the snap
 * of Canonical's images for EKS.
 */
const PLACES: Readonly<Record<string, [root: SimulatedRoot, kind: string, unit: string]>> = {
  'kubeadm on Flatcar, in /opt/bin': [
    movedTo('/etc/systemd/system', '/opt/bin/kubelet', flatcar),
    'kubeadm',
    '/etc/systemd/system/kubelet.service',
  ],
  'kubeadm on Flatcar, as a system extension': [
    movedTo('/usr/lib/systemd/system', '/usr/bin/kubelet', flatcar),
    'kubeadm',
    '/usr/lib/systemd/system/kubelet.service',
  ],
  'EKS on Ubuntu, in a snap': [ubuntu, 'eks-ubuntu', `/etc/systemd/system/${SNAP_UNIT}`],
};

for (const [name, [root, kind, unit]] of Object.entries(PLACES)) {
  test(`${name}: the kubelet, its version and its unit are found`, async () => {
    const found = await judged(root);
    assert.equal(found.kind, kind);
    assert.equal(found.version, root.version);
    const service = found.of('kubelet-service-permissions');
    assert.ok(service.reason.includes(unit), service.reason);
    const advice = inOneLine(service.remediation ?? []);
    // Nobody can write /usr of Flatcar.
    assert.doesNotMatch(advice, /chmod \d+ \/usr/);
    if (unit.startsWith('/usr'))
      assert.match(advice, /install -D -m 600 \/usr\/lib\/systemd\/system\/kubelet\.service \/etc\//);
  });
}

/** What the images for accelerators add (awslabs/amazon-eks-ami, templates/al2023/runtime/gpu); those for ARM add nothing. */
const ACCELERATORS: Readonly<Record<string, string[]>> = {
  NVIDIA: [
    'nvidia-setup.service',
    'nvidia-kmod-load.service',
    'usr-bin.mount',
    'usr-lib64.mount',
    'set-nvidia-clocks.service',
  ],
  Neuron: ['neuron-kmod-load.service'],
};

for (const [name, units] of Object.entries(ACCELERATORS)) {
  test(`the ${name} image of Amazon Linux is judged as the plain one`, async () => {
    for (const kind of ['eks-al2023', 'eks-al2']) {
      const plain = rootOfKind(kind, startedAt);
      const more = units.map((unit) => [`/etc/systemd/system/${unit}`, '[Unit]\nDescription=x\n']);
      const [one, other] = [
        await judged(plain),
        await judged({ ...plain, files: { ...plain.files, ...Object.fromEntries(more) } }),
      ];
      assert.equal(other.kind, kind);
      assert.deepEqual(other.findings, one.findings);
    }
  });
}

test('one scan judges a node of each kind, but those that Run Command cannot reach', async () => {
  const out = join(folder, 'out');
  const to = capture();
  const code = await scanCommand(['--fleet', 'kinds', '--out', out, '--json'], to, async () => undefined);
  assert.equal(code, 0, to.stderr);
  const { totals } = JSON.parse(to.stdout);
  const members = kindsFleet(NOW);
  assert.deepEqual(
    members.map(({ name }) => name),
    platforms.map(({ name }) => name),
  );
  assert.equal(totals.evaluated, members.length - 1);
  assert.deepEqual(totals.unreachable, { 'not-managed': 1 });
});
