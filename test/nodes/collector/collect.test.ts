/** What the collector reads on each kind of node. Long because one set of roots serves many assertions. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Evidence, FileEvidence, KubeletProcess } from '../../../lambda/kubelet/evidence.ts';
import { readAnswer } from '../../../lambda/nodes/answer/evidence.ts';
import { judgeLine } from '../../../lambda/results/judge-line.ts';
import { collect } from '../../../simulator/collector.ts';
import { configuration, eksAl2, eksAl2023, kubeadm } from '../../../simulator/fleet/images.ts';
import { type SimulatedRoot, writeRoot } from '../../../simulator/fleet/root.ts';
import { needs, shells } from './shells.ts';

const START = 1_763_000_000;
const image = { host: 'ip-10-0-1-2.internal', version: 'v1.31.6', startedAt: START };
const folder = mkdtempSync(join(tmpdir(), 'kubevigil-collect-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let roots = 0;

async function run(
  root: SimulatedRoot,
  shell = 'sh',
  change: (directory: string) => void = () => {},
): Promise<Evidence> {
  roots += 1;
  const directory = join(folder, String(roots));
  writeRoot(directory, root);
  change(directory);
  const { stdout, stderr, exitCode } = await collect(directory, { simulated: true, shell });
  assert.equal(stderr, '');
  assert.equal(exitCode, 0);
  assert.match(stdout, /^kubevigil\/1 \d+ [0-9a-f]{64} \S+\n$/);
  const answer = readAnswer(stdout);
  assert.ok('evidence' in answer, JSON.stringify(answer));
  return answer.evidence;
}

/** A kubelet with these arguments and files. */
const kubelet = (
  argv: string[],
  files: SimulatedRoot['files'] = {},
  more: Partial<SimulatedRoot['processes'][0]> = {},
): SimulatedRoot => ({
  os: { id: 'ubuntu', version: '24.04' },
  version: 'v1.32.1',
  processes: [
    {
      pid: 40,
      name: 'kubelet',
      exe: '/usr/bin/kubelet',
      argv: ['/usr/bin/kubelet', ...argv],
      startedAt: START,
      ...more,
    },
  ],
  files,
});

function only({ kubelets }: Evidence): KubeletProcess {
  const [first, ...others] = kubelets;
  assert.ok(first);
  assert.equal(others.length, 0);
  return first;
}

const file = ({ files }: KubeletProcess, path: string): FileEvidence => {
  const found = files.find((one) => one.path === path);
  assert.ok(found, `no record of ${path}: ${files.map((one) => one.path)}`);
  return found;
};

for (const { shell, missing } of shells) {
  test(`under ${shell} every image is read`, missing ? { skip: missing } : {}, async () => {
    const al2023 = only(await run(eksAl2023(image, { maxPods: 58 }), shell));
    assert.equal(al2023.version, 'v1.31.6');
    assert.equal(al2023.startedAt, START);
    assert.equal(al2023.unit, 'kubelet.service');
    assert.deepEqual(al2023.dropInDirectories, [{ path: '/etc/kubernetes/kubelet/config.json.d', state: 'directory' }]);
    assert.match(file(al2023, '/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf').content ?? '', /"maxPods":58/);
    assert.deepEqual(al2023.kubeconfigs, [
      {
        path: '/var/lib/kubelet/kubeconfig',
        state: 'read',
        user: 'kubelet',
        exec: { command: 'aws' },
        certificateAuthority: '/etc/kubernetes/pki/ca.crt',
      },
    ]);
    assert.equal(file(al2023, '/etc/kubernetes/pki/ca.crt').role, 'client-ca');
    assert.equal(file(al2023, '/etc/eks/kubelet/environment').role, 'environment');

    const al2 = only(await run(eksAl2(image, ['--rotate-certificates']), shell));
    assert.equal(al2.argv.at(-1), '--rotate-certificates');
    assert.deepEqual(file(al2, '/etc/systemd/system/kubelet.service.d/30-kubelet-extra-args.conf').flags, [
      { name: 'rotate-certificates', line: 2 },
    ]);

    const ubuntu = only(await run(kubeadm(image), shell));
    assert.equal(ubuntu.clientCertificates[0]?.subject, 'CN=system:node:ip-10-0-1-2.internal,O=system:nodes');
    const kubeconfig = ubuntu.kubeconfigs.find(({ path }) => path === '/etc/kubernetes/kubelet.conf');
    assert.equal(kubeconfig?.clientCertificate, '/var/lib/kubelet/pki/kubelet-client-current.pem');
    assert.equal(file(ubuntu, '/etc/kubernetes/kubelet.conf').mode, '600');
    assert.equal(file(ubuntu, '/etc/kubernetes/bootstrap-kubelet.conf').state, 'missing');
  });

  test(
    `under ${shell} a kubelet that is still bootstrapping is seen as one`,
    missing ? { skip: missing } : {},
    async () => {
      const argv = ['--kubeconfig=/k/kubelet.conf', '--bootstrap-kubeconfig=/k/bootstrap.conf'];
      const evidence = await run(kubelet(argv, { '/k/bootstrap.conf': 'current-context: c\n' }), shell);
      assert.deepEqual(only(evidence).kubeconfigs[0], { path: '/k/kubelet.conf', state: 'missing' });
      const line = judgeLine({ node: { id: 'i-1' }, tags: {}, evidence }, { now: evidence.collectedAt });
      for (const rule of [
        'client-certificate-expiry',
        'kubelet-kubeconfig-permissions',
        'kubelet-kubeconfig-ownership',
      ]) {
        assert.equal(line.findings.find((one) => one.rule === rule)?.status, 'not-applicable', rule);
      }
      assert.notEqual(line.findings.find(({ rule }) => rule === 'rotate-client-certificates')?.status, 'error');
    },
  );

  test(`under ${shell} arguments arrive as they are`, missing ? { skip: missing } : {}, async () => {
    const argv = ['--node-labels', '', '--register-with-taints=', '--root-dir=/a b', '--v', '2', '-v=3', '', ''];
    assert.deepEqual(only(await run(kubelet(argv), shell)).argv, argv);
    // What is not listed, or in other characters, is named and not sent.
    const others = ['--cluster-domain=ü', '--hostname-override=a\nb', '--x=y', '--bearer-token', 'canary', 'canary 2'];
    assert.deepEqual(only(await run(kubelet(others), shell)).argv, [
      '--cluster-domain=REDACTED',
      '--hostname-override=REDACTED',
      '--x=REDACTED',
      '--bearer-token',
      'REDACTED',
      'REDACTED',
    ]);
    assert.deepEqual(only(await run(kubelet([]), shell)).argv, []);
  });
}

test('--config is found in every form', async (t) => {
  const text = configuration('maxPods: 1');
  const cases: [string, string[], string, string | undefined][] = [
    ['--config=X', ['--config=/etc/k.yaml'], '/', '/etc/k.yaml'],
    ['--config X', ['--config', '/etc/k.yaml'], '/', '/etc/k.yaml'],
    ['relative to the working directory', ['--config=k.yaml'], '/etc', '/etc/k.yaml'],
    ['relative with dots', ['--config', '../etc/k.yaml'], '/var', '/etc/k.yaml'],
    ['the last one too', ['--config=/etc/first.yaml', '--config=/etc/k.yaml'], '/', '/etc/k.yaml'],
    ['empty means none', ['--config='], '/', undefined],
    ['empty as the next argument', ['--config', ''], '/', undefined],
    ['absent', ['--v=2'], '/', undefined],
  ];
  for (const [name, argv, cwd, expected] of cases) {
    await t.test(name, async () => {
      const { files } = only(await run(kubelet(argv, { '/etc/k.yaml': text }, { cwd })));
      const config = files.filter(({ role, state }) => role === 'config' && state === 'file');
      assert.deepEqual(
        config.map(({ path, content }) => [path, content]),
        expected ? [[expected, text]] : [],
      );
    });
  }
});

test('what cannot be a configuration is said, not sent', async (t) => {
  const cases: [string, SimulatedRoot['files'], FileEvidence['state'], RegExp | undefined][] = [
    ['missing', {}, 'missing', undefined],
    [
      'not a kubelet configuration',
      { '/c': 'root:$6$hash:19000:0:99999:7:::\n' },
      'file',
      /no name with a value \(line 1\)/,
    ],
    ['too large', { '/c': `# ${'x'.repeat(300_000)}\n` }, 'file', /larger than 65536 bytes/],
    [
      'a block of text where a word is wanted',
      { '/c': configuration('clusterDomain: |', '  x') },
      'file',
      /\(line 3\)/,
    ],
    ['a header of another form', { '/c': configuration('staticPodURLHeader: {a: {b: c}}') }, 'file', /header/],
    ['a secret behind an alias', { '/c': configuration('staticPodURLHeader: *canary') }, 'file', /takes a parser/],
  ];
  for (const [name, files, state, withheld] of cases) {
    await t.test(name, async () => {
      const config = file(only(await run(kubelet(['--config=/c'], files))), '/c');
      assert.equal(config.state, state);
      assert.equal(config.content, undefined);
      if (withheld) assert.match(config.withheld ?? '', withheld);
    });
  }
  await t.test('a directory', async () => {
    const evidence = await run(kubelet(['--config=/etc']));
    assert.equal(file(only(evidence), '/etc').state, 'directory');
  });
  await t.test('empty', async () => {
    assert.equal(file(only(await run(kubelet(['--config=/c'], { '/c': '' }))), '/c').content, '');
  });
});

test('drop-ins are found as the kubelet walks the directory', async () => {
  const text = configuration('maxPods: 1');
  const evidence = await run({
    ...kubelet(['--config-dir=/d'], {
      '/d/10-a.conf': text,
      '/d/sub/20-b.conf': text,
      '/d/.hidden.conf': text,
      '/d/upper.CONF': text,
      '/d/readme.txt': 'no',
      '/elsewhere/linked.conf': text,
      '/elsewhere/more/30-c.conf': text,
    }),
    links: { '/d/link.conf': '../elsewhere/linked.conf', '/d/linked-directory': '../elsewhere/more' },
  });
  const found = only(evidence).files.filter(({ role }) => role === 'drop-in');
  assert.deepEqual(found.map(({ path }) => path).sort(), [
    '/d/.hidden.conf',
    '/d/10-a.conf',
    '/d/link.conf',
    '/d/sub/20-b.conf',
  ]);
  assert.ok(found.every(({ content }) => content === text));
});

test('the environment variable of the 1.28 drop-ins counts with any value, and no other leaves the node', async () => {
  const set = { AWS_SECRET_ACCESS_KEY: 'canary-environment', KUBELET_CONFIG_DROPIN_DIR_ALPHA: '' };
  const seen = async (version: string | undefined, environment: Record<string, string>) => {
    const { version: _, ...node } = kubelet(['--config-dir=/d'], {}, { environment });
    const evidence = await run({ ...node, ...(version !== undefined && { version }) });
    assert.ok(!JSON.stringify(evidence).includes('canary'));
    return only(evidence).dropInEnvironment;
  };
  assert.equal(await seen('v1.28.4', set), true);
  assert.equal(await seen('v1.29.0-eks-1', set), true);
  assert.equal(await seen(undefined, set), true);
  assert.equal(await seen('v1.28.4', { X: 'KUBELET_CONFIG_DROPIN_DIR_ALPHA=1' }), undefined);
});

test('process shapes are told apart', async (t) => {
  await t.test('hyperkube', async () => {
    const root = kubelet([], {}, { name: 'hyperkube', argv: ['/hyperkube', 'kubelet', '--v=2'] });
    assert.deepEqual([only(await run(root)).host, only(await run(root)).argv], ['hyperkube', ['--v=2']]);
    const proxy = await run(kubelet([], {}, { name: 'hyperkube', argv: ['/hyperkube', 'proxy'] }));
    assert.equal(proxy.kubelets.length, 0);
  });
  await t.test('k3s, from its own arguments and its configuration, without its token', async () => {
    const root = kubelet(
      [],
      {
        '/etc/rancher/k3s/config.yaml':
          'token: canary-token\nkubelet-arg:\n  - "rotate-certificates=false"\n  - max-pods=50\nnode-label:\n- "a=b"\n',
      },
      {
        name: 'k3s-agent',
        argv: [
          '/usr/local/bin/k3s agent',
          '--token',
          'canary-token',
          '--kubelet-arg=v=3',
          '--kubelet-arg',
          'tls-min-version=VersionTLS13',
        ],
      },
    );
    const evidence = await run(root);
    assert.deepEqual(only(evidence).argv, [
      // Those of the configuration come first (k3s-io/k3s pkg/configfilearg/parser.go): of one flag the last counts.
      '--rotate-certificates=false',
      '--max-pods=50',
      '--v=3',
      '--tls-min-version=VersionTLS13',
    ]);
    assert.ok(!JSON.stringify(evidence).includes('canary'));
    // k3s adds arguments that nothing shows: settings derived from these alone would be wrong.
    const line = judgeLine({ node: { id: 'i-1' }, tags: {}, evidence }, { now: evidence.collectedAt });
    assert.equal(line.kubelet?.settings, undefined);
  });
  await t.test('MicroK8s, from its argument file', async () => {
    const root = kubelet(
      [],
      {
        '/var/snap/microk8s/current/args/kubelet':
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the snap's own wrapper expands it
          '# comment\n--kubeconfig=${SNAP_DATA}/credentials/kubelet.config\n--eviction-hard="memory.available<100Mi"\n',
        '/etc/systemd/system/snap.microk8s.daemon-kubelite.service': '[Service]\nExecStart=/usr/bin/snap run x\n',
      },
      { name: 'kubelite', argv: ['/snap/microk8s/1/kubelite', '--kubelet-args-file=x'] },
    );
    const found = only(await run(root));
    assert.deepEqual(found.argv, [
      '--kubeconfig=/var/snap/microk8s/current/credentials/kubelet.config',
      '--eviction-hard=memory.available<100Mi',
    ]);
    assert.equal(found.host, 'microk8s');
    assert.deepEqual(
      found.files.filter(({ role }) => role === 'service').map(({ path }) => path),
      ['/etc/systemd/system/snap.microk8s.daemon-kubelite.service'],
    );
  });
  await t.test('several kubelets, and none', async () => {
    const one = kubelet(['--v=1']);
    const [first] = one.processes;
    assert.ok(first);
    const two = { ...one, processes: [first, { ...first, pid: 41, argv: ['/usr/bin/kubelet', '--v=2'] }] };
    assert.deepEqual(
      (await run(two)).kubelets.map(({ pid, argv }) => [pid, ...argv]),
      [
        [40, '--v=1'],
        [41, '--v=2'],
      ],
    );
    assert.deepEqual((await run({ ...one, processes: [] })).kubelets, []);
  });
  await t.test('a kubelet in another mount namespace is read below its own root', async () => {
    const text = configuration('maxPods: 7');
    const root = kubelet(['--config=/etc/k.yaml'], {
      [['/proc/40/root', 'etc/k.yaml'].join('/')]: text,
      '/etc/k.yaml': configuration('maxPods: 8'),
    });
    const found = only(
      await run(root, 'sh', (directory) => {
        mkdirSync(join(directory, 'proc/1/ns'), { recursive: true });
        mkdirSync(join(directory, 'proc/40/ns'), { recursive: true });
        symlinkSync('mnt:[1]', join(directory, 'proc/1/ns/mnt'));
        symlinkSync('mnt:[2]', join(directory, 'proc/40/ns/mnt'));
      }),
    );
    assert.equal(found.contained, true);
    assert.equal(file(found, '/etc/k.yaml').content, text);
  });
});

test('the kubeconfig that kube-proxy names is looked at, in every style', async () => {
  const named = async (text: string) => {
    const proxy = { pid: 50, name: 'kube-proxy', argv: ['kube-proxy', '--config=/p'], startedAt: START };
    const { processes, ...rest } = kubelet([], { '/p': text, '/x': 'x' });
    const { proxies } = await run({ ...rest, processes: [...processes, proxy] });
    return proxies[0]?.files.filter(({ role }) => role === 'proxy-kubeconfig').map(({ path, state }) => [path, state]);
  };
  assert.deepEqual(await named('{"clientConnection":{"kubeconfig":"/x"}}'), [['/x', 'file']]);
  assert.deepEqual(await named('clientConnection: {kubeconfig: /x}\n'), [['/x', 'file']]);
  assert.deepEqual(await named('clientConnection:\n  kubeconfig: "/x" # kubeconfig: none\n'), [['/x', 'file']]);
  assert.deepEqual(await named('clientConnection:\n  kubeconfig: ""\n  # kubeconfig: /x\n'), []);
});

test('nothing below another root is executed', async () => {
  const root = kubelet([]);
  const evidence = await run({ ...root, version: 'v1.32.1"\ntouch "$0.executed' }, 'sh', (directory) => {
    writeFileSync(join(directory, 'usr/bin/kubelet'), '#!/bin/sh\ntouch "$0.executed"\necho Kubernetes v1.32.9\n', {
      mode: 0o755,
    });
  });
  assert.equal(only(evidence).version, 'v1.32.9');
  assert.throws(() =>
    execFileSync('ls', [join(folder, String(roots), 'usr/bin/kubelet.executed')], { stdio: 'ignore' }),
  );
});

test('no secret leaves the node', async () => {
  const canary = 'canaryCANARY0123456789';
  const base64 = Buffer.from(canary).toString('base64');
  const key = `-----BEGIN EC PRIVATE KEY-----\n${base64}\n-----END EC PRIVATE KEY-----\n`;
  const kubeconfig = (user: string) =>
    `apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts:\n- name: c\n  context: {cluster: k, user: u}\nusers:\n- name: u\n  user:\n${user}`;
  const evidence = await run(
    kubelet(
      [
        '--config=/c.yaml',
        '--config-dir=/d',
        '--kubeconfig=/k.conf',
        '--bootstrap-kubeconfig=/b.conf',
        '--manifest-url',
        `https://user:${canary}@host/x`,
        `--manifest-url-header=Authorization:${canary}`,
        '--manifest_url_header',
        `X:${canary}`,
      ],
      {
        '/c.yaml': configuration(
          `# ${canary}`,
          'staticPodURLHeader:',
          '  Authorization:',
          `  - "Bearer ${canary}"`,
          `  X: [${canary}]`,
          `staticPodURL: https://user:${canary}@host/pods?token=${canary}`,
          'maxPods: 9',
        ),
        '/d/1.conf': `{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","staticPodURLHeader":{"A":["}${canary}","x"]},"maxPods":3}`,
        '/k.conf': kubeconfig(
          `    token: ${canary}\n    client-key-data: ${base64}\n    exec:\n      command: aws\n      env:\n      - name: SECRET\n        value: ${canary}\n      args: ["--token", "${canary}"]\n`,
        ),
        '/b.conf': JSON.stringify({
          'current-context': 'c',
          users: [{ name: 'u', user: { token: canary, password: canary } }],
        }),
        '/var/lib/kubelet/pki/kubelet-client-current.pem': key,
      },
    ),
  );
  const text = JSON.stringify(evidence);
  assert.ok(!text.includes(canary), text);
  assert.ok(!text.includes(base64), text);
  const found = only(evidence);
  assert.match(
    file(found, '/c.yaml').content ?? '',
    /staticPodURLHeader: \{\}\n\n\n\nstaticPodURL: https:\/\/host\/pods\nmaxPods: 9/,
  );
  assert.match(file(found, '/d/1.conf').content ?? '', /"staticPodURLHeader":\{\},"maxPods":3/);
  assert.equal(found.argv.at(-2), '--manifest_url_header');
});

test('the host’s own processes are read without a root', async () => {
  const { stdout, exitCode } = await collect();
  assert.equal(exitCode, 0);
  assert.ok('evidence' in readAnswer(stdout));
});

test('shellcheck finds nothing', needs('shellcheck'), () => {
  const ours = ['collect', 'send', 'read'].map((name) => `lambda/nodes/collector/${name}.sh`);
  const files = [...ours, 'simulator/fleet/bin/stat'];
  execFileSync('shellcheck', [
    // read.sh has variables of collect.sh's, and -ef and -O, which dash, bash and busybox know.
    '--shell=sh',
    '--exclude=SC2154,SC3013,SC3067',
    ...files.map((path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))),
  ]);
});

test('of k3s what its own configuration says for certain is judged, all else is for a person', async () => {
  const files = {
    '/etc/rancher/k3s/config.yaml':
      'data-dir: /app/k3s\nkubelet-arg:\n- "anonymous-auth=true"\n- read-only-port=10255\ntoken: s3cret\n',
  };
  const root = kubelet([], files, { name: 'k3s-agent', argv: ['/usr/local/bin/k3s agent'], unit: 'k3s-agent.service' });
  const evidence = await run(root);
  assert.ok(!JSON.stringify(evidence).includes('s3cret'));
  const { findings } = judgeLine({ node: { id: 'i-1' }, tags: {}, evidence }, { now: evidence.collectedAt });
  const bySettings = findings.filter(({ controls }) => controls.some(({ control }) => /^4\.2/.test(control)));
  const failed = bySettings.filter(({ status }) => status === 'fail').map(({ rule }) => rule);
  assert.deepEqual(failed, ['anonymous-auth', 'read-only-port']);
  assert.ok(bySettings.every(({ status }) => status === 'fail' || status === 'manual'));
});
