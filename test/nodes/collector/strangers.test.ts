/**
 * Users without privileges and pods, root's too, who try to hide, replace, crowd out, slow down or break what is told of the
 * host's own kubelet and kube-proxy: the verdicts are as without them, and nothing that they name is opened.
 * Long because every attack stands in one place.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAnswer } from '../../../lambda/nodes/answer/evidence.ts';
import { collector } from '../../../lambda/nodes/script.ts';
import { judgeLine } from '../../../lambda/results/judge-line.ts';
import { configuration, kubeadm } from '../../../simulator/fleet/images.ts';
import type { SimulatedProcess } from '../../../simulator/fleet/root.ts';
import { CANARY } from '../../secrets/nodes.ts';
import { kubelet, node } from './kubelets.ts';
import { collected, evidenceOf, rootOf, runs } from './runs.ts';

const START = 1_763_000_000;
const host = kubeadm({ host: 'a', version: 'v1.31.6', startedAt: START });
const proxy: SimulatedProcess = {
  pid: 950,
  name: 'kube-proxy',
  argv: ['/usr/local/bin/kube-proxy', '--config=/var/lib/kube-proxy/config.conf'],
  exe: '/usr/local/bin/kube-proxy',
  unit: 'kubepods.slice/pod1/cri-1.scope',
  startedAt: START,
};
const NODE = {
  ...host,
  processes: [...host.processes, proxy],
  files: {
    ...host.files,
    '/var/lib/kube-proxy/config.conf':
      'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmetricsBindAddress: 127.0.0.1:10249\n',
    '/home/mallory/config.yaml': configuration('rotateCertificates: false', `clusterDomain: ${CANARY}`),
    '/home/mallory/proxy.yaml': 'kind: KubeProxyConfiguration\nmetricsBindAddress: 0.0.0.0:10249\n',
  },
};

/** The host's processes live in one network, everybody else in another. */
const networks = (directory: string, others: readonly number[] = []) => {
  for (const pid of [1, 912, 950, ...others]) {
    mkdirSync(join(directory, `proc/${pid}/ns`), { recursive: true });
    symlinkSync(`net:[${others.includes(pid) ? 2 : 1}]`, join(directory, `proc/${pid}/ns/net`));
  }
};

const ARGV = ['--config=/home/mallory/config.yaml', '--config-dir=/home/mallory', '--kubeconfig=/root/.kube/config'];
const theirs = (pid: number, more: Partial<SimulatedProcess> = {}) => kubelet(ARGV, { pid, ...more });
const noise = (length: number) => `--x=${'y'.repeat(length)}`;

/** Processes of strangers, by what they try; `own` lists those that are root's in a network of their own. */
const ATTACKS: Record<string, { processes: SimulatedProcess[]; own?: number[] }> = {
  'a user’s kubelet': { processes: [theirs(40, { uid: 1000 })] },
  'a user’s kubelet that sorts first': { processes: [theirs(2, { uid: 1000 }), theirs(3, { uid: 65_534 })] },
  'a user’s kube-proxy': {
    processes: [{ ...proxy, pid: 41, uid: 1000, argv: ['kube-proxy', '--config=/home/mallory/proxy.yaml'] }],
  },
  'a pod of root’s with a network of its own': { processes: [theirs(42)], own: [42] },
  'a pod of root’s with the host’s network': {
    processes: [theirs(43, { unit: 'kubepods.slice/kubepods-pod2.slice/cri-containerd-2.scope' })],
  },
  'k3s of a vcluster': {
    processes: [
      { pid: 44, name: 'k3s-server', argv: ['/k3s', 'server'], unit: 'kubepods/besteffort/podx/y', startedAt: START },
    ],
  },
  'a crowd of them': {
    processes: Array.from({ length: 300 }, (_, index) => theirs(1000 + index, { uid: 1000 })),
  },
  'arguments without end': { processes: [kubelet([noise(120_000)], { pid: 45, uid: 1000 })] },
  'the beginning of a key': { processes: [kubelet(['-----BEGIN RSA PRIVATE KEY-----'], { pid: 46, uid: 1000 })] },
};

function verdicts(evidence: Parameters<typeof judgeLine>[0] extends infer Line ? Line : never) {
  const line = judgeLine(evidence, { now: START + 100 });
  return { findings: line.findings, kubelet: 'kubelet' in line ? line.kubelet : undefined };
}

const timeless = (value: object): unknown =>
  JSON.parse(JSON.stringify(value, (key, each) => (key === 'modifiedAt' ? undefined : each)));

for (const { name, run, options } of runs) {
  test(`the host's own are told as without strangers, under ${name}`, options, async (t) => {
    const alone = await evidenceOf(
      rootOf(NODE, (directory) => networks(directory)),
      run,
    );
    assert.equal(alone.kubelets.length, 1);
    assert.equal(alone.proxies.length, 1);
    const all = Object.values(ATTACKS);
    for (const [what, { processes, own = [] }] of [
      ...Object.entries(ATTACKS),
      ['all of them', { processes: all.flatMap((one) => one.processes), own: all.flatMap((one) => one.own ?? []) }],
    ] as [string, (typeof ATTACKS)[string]][]) {
      await t.test(what, async () => {
        const root = rootOf({ ...NODE, processes: [...NODE.processes, ...processes] }, (directory) =>
          networks(directory, own),
        );
        const { text, answer } = await collected(root, run);
        assert.ok('evidence' in answer, JSON.stringify(answer));
        const { evidence } = answer;
        // Each root was written at another moment.
        assert.deepEqual(timeless(evidence.kubelets), timeless(alone.kubelets));
        assert.deepEqual(timeless(evidence.proxies), timeless(alone.proxies));
        const of = (each: typeof evidence) => verdicts({ node: { id: 'i-1' }, tags: {}, evidence: each });
        assert.deepEqual(of(evidence), of(alone));
        assert.ok(!text.includes(CANARY) && !text.includes('mallory'), text);
        const count = processes.length;
        assert.match(
          evidence.notes.join(),
          new RegExp(`^${count} processes that look like a kubelet .* were not read:`),
        );
      });
    }
  });
}

const group = (uid: string) => `kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-1.scope`;
/** The kube-proxies of a node, by pid their group; the folders of logs of its pods; which are read, which are not told apart. */
const PROXIES: Record<string, { groups: string[]; logs?: string[]; read: number[]; unread?: number[] }> = {
  'the only one, whatever its pod': { groups: [group('a-1')], read: [60] },
  'that of the DaemonSet': {
    groups: [group('b-2'), group('a-1'), group('c-3')],
    logs: ['kube-system_kube-proxy-x_a-1', 'shop_kube-proxy_b-2', 'kube-system_coredns_d-4'],
    read: [61],
  },
  'a static pod’s': { groups: ['kubepods/burstable/pod0a1b/x'], logs: ['kube-system_kube-proxy-ip_0a1b'], read: [60] },
  'none where all are other people’s': { groups: [group('a-1')], logs: ['shop_kube-proxy_a-1'], read: [] },
  'a service before pods': { groups: [group('a-1'), 'system.slice/kube-proxy.service', group('b-2')], read: [61] },
  'several of which nothing is known': { groups: [group('a-1'), group('b-2')], read: [], unread: [60, 61] },
  'a namespace that only begins alike': {
    groups: [group('a-1')],
    logs: ['kube-system-2_kube-proxy_a-1'],
    read: [],
  },
};

test('of several kube-proxies in pods the one of the system’s namespace is the node’s', async (t) => {
  for (const [what, { groups, logs = [], read, unread = [] }] of Object.entries(PROXIES)) {
    await t.test(what, async () => {
      const proxies = groups.map((unit, at) => ({ ...proxy, pid: 60 + at, unit }));
      const root = rootOf({ ...NODE, processes: [...host.processes, ...proxies] }, (directory) => {
        for (const log of logs) mkdirSync(join(directory, 'var/log/pods', log), { recursive: true });
      });
      const evidence = await evidenceOf(root);
      const known = evidence.proxies.filter((one) => one.unread === undefined);
      assert.deepEqual(
        known.map(({ pid }) => pid),
        read,
      );
      const rest = evidence.proxies.filter((one) => one.unread !== undefined).map(({ pid }) => pid);
      assert.deepEqual(rest, unread);
      if (unread.length === 0) return;
      const { findings } = judgeLine({ node: { id: 'i-1' }, tags: {}, evidence }, { now: START + 100 });
      const statuses = findings.filter(({ rule }) => rule.includes('proxy')).map(({ status }) => status);
      assert.deepEqual(new Set(statuses), new Set(['manual', 'error']));
    });
  }
});

test('a root pod on the host’s network is no kubelet of the host’s, whatever group its kubelet gives it', async () => {
  for (const unit of [
    'kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/crio-1.scope',
    'kubepods/pod1/0a1b',
    'mine/kubepods/besteffort/pod1/0a1b',
    'mine.slice/mine-kubepods.slice/mine-kubepods-pod1.slice/cri-containerd-1.scope',
    // With --cgroups-per-qos=false.
    'k8s.io/0a1b',
    'system.slice/cri-containerd-0a1b.scope',
    'system.slice:cri-containerd:0a1b',
    'system.slice/crio-0a1b.scope',
  ]) {
    const root = rootOf({ ...NODE, processes: [...NODE.processes, theirs(43, { unit })] });
    assert.deepEqual(
      (await evidenceOf(root)).kubelets.map(({ pid }) => pid),
      [912],
      unit,
    );
  }
});

test('a kubelet is found by its unit and its arguments as well as by its name', async () => {
  const [own] = host.processes;
  assert.ok(own);
  const named = async (more: Partial<SimulatedProcess>) =>
    (await evidenceOf(rootOf({ ...host, processes: [{ ...own, ...more }] }))).kubelets.map(({ host: kind }) => kind);
  assert.deepEqual(await named({ name: 'kubelet.real', exe: '/usr/local/bin/kubelet.real' }), ['kubelet']);
  assert.deepEqual(await named({ name: 'kubelet-v1.31.6' }), ['kubelet']);
  assert.deepEqual(await named({ name: 'node-agent' }), ['kubelet'], 'by its unit');
  assert.deepEqual(await named({ name: 'node-agent', argv: ['/opt/node-agent', '--region', 'x'] }), [], 'no kubelet’s');
  assert.deepEqual(await named({ name: 'kubelet-watchdog', argv: ['/w', '--every=5s'], unit: 'w.service' }), []);
});

test('a kubelet under any name is known by its arguments alone, whatever else runs', async () => {
  const [own] = host.processes;
  assert.ok(own);
  const agent = {
    ...own,
    name: 'agent',
    unit: 'agent.service',
    exe: '/opt/agent',
    argv: ['/opt/agent', ...own.argv.slice(1)],
  };
  const watchdog = { ...own, pid: 951, name: 'kubelet-watchdog', argv: ['/w', '--every=5s'], unit: 'w.service' };
  const found = async (argv: string[]) =>
    (await evidenceOf(rootOf({ ...NODE, processes: [{ ...agent, argv }, watchdog, proxy] }))).kubelets.map(
      (one) => one.pid,
    );
  assert.deepEqual(await found(agent.argv), [own.pid]);
  assert.deepEqual(await found(['/opt/agent', '--kubeconfig=/k', '--rotate_certificates']), [own.pid]);
  assert.deepEqual(await found(['/opt/agent', '--kubeconfig=/k', '--leader-elect']), [], 'a scheduler’s');
});

test('of words between arguments none is sent but those that decide', async () => {
  const argv = [
    '--rotate-certificates',
    'false',
    '--feature-gates=KubeletServiceAccountTokenForCredentialProviders=true,A=false',
    '--node-labels=team=a,vault/token=hunter',
    '-p',
    'hunter',
    '--anonymous-auth',
    'hunter',
    '--token',
    'hunter',
    '--',
    'hunter',
  ];
  const { text } = await collected(rootOf(node([kubelet(['--kubeconfig=/k', ...argv])])));
  assert.ok(!text.includes('hunter'), text);
  assert.match(text, /^arg --rotate-certificates\narg false$/m);
  assert.match(text, /^arg --feature-gates=KubeletServiceAccountTokenForCredentialProviders=true,A=false$/m);
});

test('arguments that take more than one call are not judged by a half', async () => {
  const argv = Array.from({ length: 3000 }, (_, at) => `--node-labels=label-${at}=${'x'.repeat(40)}`);
  const { kubelets } = await evidenceOf(rootOf(node([kubelet([...argv, '--rotate-certificates=false'])])));
  assert.deepEqual([kubelets[0]?.argv, kubelets[0]?.unread], [[], 'its arguments are empty or could not be read']);
});

test('a program that any user may start as root is no kubelet of the host’s', async () => {
  const root = rootOf(
    { ...NODE, processes: [...NODE.processes, theirs(40, { exe: '/usr/bin/evil' })] },
    (directory) => {
      networks(directory);
      writeFileSync(join(directory, 'usr/bin/evil'), '');
      chmodSync(join(directory, 'usr/bin/evil'), 0o4755);
    },
  );
  assert.deepEqual(
    (await evidenceOf(root)).kubelets.map(({ pid }) => pid),
    [912],
  );
});

test('what files name below /proc and /dev is not read, nor what is no file', async () => {
  const files = {
    '/c.yaml': configuration(
      'authentication:',
      '  x509: {clientCAFile: /proc/1/environ}',
      'tlsCertFile: /dev/zero',
      'tlsPrivateKeyFile: /pipe',
    ),
  };
  const argv = [
    '--config=/c.yaml',
    '--bootstrap-kubeconfig=/pipe',
    '--kubeconfig=/dev/stdin',
    '--client-ca-file=/pipe',
  ];
  const root = rootOf({ os: { id: 'x' }, processes: [kubelet(argv)], files }, (directory) => {
    mkdirSync(join(directory, 'dev'));
    writeFileSync(join(directory, 'dev/zero'), CANARY);
    writeFileSync(join(directory, 'dev/stdin'), CANARY);
    mkdirSync(join(directory, 'proc/1'), { recursive: true });
    writeFileSync(join(directory, 'proc/1/environ'), CANARY);
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(directory, 'pipe')]);
  });
  const { text, answer } = await collected(root);
  assert.ok('evidence' in answer && !text.includes(CANARY), text);
  const states = new Map(answer.evidence.kubelets[0]?.files.map(({ path, state }) => [path, state]));
  for (const path of ['/proc/1/environ', '/dev/zero', '/dev/stdin', '/pipe'])
    assert.equal(states.get(path), 'other', path);
});

test('what does not fit is said, never cut', async () => {
  const random = Array.from({ length: 9000 }, (_, index) => ((index * 2_654_435_761) % 2 ** 32).toString(36));
  const argv = Array.from(
    { length: 60 },
    (_, at) => `--node-labels=${random.slice(at * 150, at * 150 + 150).join('')}`,
  );
  const { answer, length } = await collected(rootOf({ ...NODE, processes: [kubelet(argv)] }));
  assert.ok(length < 24_000);
  assert.match('problem' in answer ? answer.problem : '', /would be longer than 23500 characters/);
  // Arguments beyond what one call takes are not judged by a half.
  const many = await evidenceOf(rootOf({ ...NODE, processes: [kubelet([...argv, noise(140_000), '--v=2'])] }));
  assert.match(many.kubelets[0]?.unread ?? '', /arguments are empty or could not be read/);
});

test('files of a terabyte take neither time nor memory', async () => {
  const root = rootOf(
    { ...host, processes: [kubelet(['--config=/big', '--kubeconfig=/big', '--client-ca-file=/big'])] },
    (directory) => {
      writeFileSync(join(directory, 'big'), '');
      truncateSync(join(directory, 'big'), 2 ** 40);
    },
  );
  const { kubelets } = await evidenceOf(root);
  assert.match(kubelets[0]?.files[0]?.withheld ?? '', /larger than/);
  assert.match(kubelets[0]?.authorities[0]?.problem ?? '', /larger/);
});

/** A machine of its own in namespaces: a kubelet, and a runtime of this name below another root. */
const MACHINE = `mount -t proc proc /proc && cd "$1" && mkdir -p jail/usr jail/lib jail/lib64 jail/bin || exit
for each in usr lib lib64 bin; do [ ! -d /$each ] || mount --rbind /$each jail/$each; done
cp "$(command -v bash)" kubelet && cp kubelet jail/containerd
./kubelet -c 'sleep infinity; :' --kubeconfig=/k & chroot jail /containerd -c 'sleep infinity; :' &
until [ "$(cat /proc/[0-9]*/comm | grep -cE '^(kubelet|containerd)$')" = 2 ]; do sleep 0.1; done
sh "$1/collect"`;

test('a container’s program is not run, even with the host’s network and a runtime’s name', (t) => {
  const namespaces = ['-m', '-p', '-n', '-f', '--kill-child'];
  if (spawnSync('unshare', [...namespaces, 'true']).status !== 0) return t.skip('namespaces take root and unshare');
  const directory = rootOf(node([]));
  writeFileSync(join(directory, 'collect'), collector());
  const { stdout } = spawnSync('unshare', [...namespaces, 'bash', '-c', MACHINE, 'bash', directory], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  const answer = readAnswer(stdout);
  assert.ok('evidence' in answer, JSON.stringify(answer));
  assert.equal(answer.evidence.kubelets.length, 1);
  // What is run there would call itself bash, version 5 or so.
  assert.equal(answer.evidence.runtime, undefined);
});
