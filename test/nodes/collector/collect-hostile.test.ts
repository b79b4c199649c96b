/**
 * What the collector does on a node where somebody wants it to tell too much, too little, or nothing at all.
 * Long because one set of hostile roots serves many assertions.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Evidence } from '../../../lambda/kubelet/evidence.ts';
import { unwrap } from '../../../lambda/nodes/answer/envelope.ts';
import { readAnswer } from '../../../lambda/nodes/answer/evidence.ts';
import { collect } from '../../../simulator/collector.ts';
import { configuration } from '../../../simulator/fleet/images.ts';
import { type SimulatedProcess, type SimulatedRoot, writeRoot } from '../../../simulator/fleet/root.ts';
import { kubelet, node } from './kubelets.ts';
import { needs } from './shells.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-hostile-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let roots = 0;

/** Runs the collector and gives what it printed, unpacked but not yet redacted a second time. */
async function text(root: SimulatedRoot, change: (directory: string) => void = () => {}): Promise<string> {
  const unwrapped = unwrap(await output(root, change));
  assert.ok('text' in unwrapped, JSON.stringify(unwrapped));
  return unwrapped.text;
}

async function output(root: SimulatedRoot, change: (directory: string) => void): Promise<string> {
  roots += 1;
  const directory = join(folder, String(roots));
  writeRoot(directory, root);
  change(directory);
  const { stdout, exitCode } = await collect(directory, { simulated: true });
  assert.equal(exitCode, 0);
  assert.ok(stdout.length <= 24_000, `${stdout.length} characters`);
  return stdout;
}

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const JSON_HEAD = '{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration",';

test('no spelling of a secret in a configuration leaves the node', async (t) => {
  const cases: [string, string, RegExp][] = [
    [
      'a comment inside the header',
      `${HEAD}staticPodURLHeader:\n# why\n  X:\n  - canary\nmaxPods: 2\n`,
      /\|maxPods: 2/,
    ],
    [
      'an empty line of Windows inside the header',
      `${HEAD}staticPodURLHeader:\r\n\r\n  X:\r\n  - canary\r\nmaxPods: 2\r\n`,
      /\|maxPods: 2/,
    ],
    [
      'a list as far out as its name',
      `${HEAD}staticPodURLHeader:\n  X:\n  - "canary"\n  - canary\n`,
      /URLHeader: \{\}/,
    ],
    ['a flow map in the next line', `${HEAD}staticPodURLHeader:\n{X: [canary]}\nmaxPods: 2\n`, /^withheld/m],
    ['a string over two lines', `${HEAD}staticPodURLHeader:\n  X: ["abc\ncanary"]\n`, /^withheld/m],
    ['a list over two lines', `${HEAD}staticPodURLHeader:\n  X: [[a]\n, canary]\n`, /^withheld/m],
    ['a list that a comment opens again', `${HEAD}staticPodURLHeader:\n  X: [a # ]\n, canary]\n`, /^withheld/m],
    ['an item over two lines', `${HEAD}staticPodURLHeader:\n  X:\n  - "a\nb: canary"\n`, /^withheld/m],
    ['a block scalar', `${HEAD}staticPodURLHeader:\n  X:\n  - |\n    canary\n`, /^withheld/m],
    ['an escaped key', `${HEAD}"static\\x50odURLHeader":\n  X: [canary]\n`, /^withheld/m],
    ['an escaped key of JSON', `${JSON_HEAD}"static\\u0050odURLHeader":{"X":["canary"]}}`, /^withheld/m],
    ['an anchor', `${HEAD}x: &h\n  X: [canary]\nstaticPodURLHeader:\n  <<: *h\n`, /^withheld/m],
    ['an anchor in flow style', `${JSON_HEAD}"x": &h {"X":["canary"]},"staticPodURLHeader":{<<: *h}}`, /^withheld/m],
    ['single quotes in flow style', `${JSON_HEAD}"staticPodURLHeader":{'X}': [canary]}}`, /^withheld/m],
    ['JSON behind a mark', `---\n${JSON_HEAD}\n"staticPodURLHeader":\n{"X":["canary"]}}`, /^withheld/m],
    [
      'JSON over several lines',
      `${JSON_HEAD}\n"staticPodURLHeader":{"X":\n["a","}canary"]},"maxPods":2}`,
      /"maxPods":2/,
    ],
    ['lines of an old Mac', `${HEAD}maxPods: 1\rstaticPodURLHeader:\r  X: [canary]\r`, /^withheld/m],
    ['a comment behind a value', `${HEAD}maxPods: 2 # canary\n`, /\|maxPods: 2 #$/m],
    ['a comment behind a string', `${HEAD}staticPodPath: "/a #b" # canary\n`, /\|staticPodPath: "\/a #b" #$/m],
    ['a comment behind an apostrophe', `${HEAD}clusterDomain: don't # canary\n`, /\|clusterDomain: don't #$/m],
    ['an @ in a password', `${HEAD}staticPodURL: https://u:p@canary@host/x\n`, /REDACTED@host\/x/],
    ['a query', `${HEAD}staticPodURL: 'https://host/x?pass=canary&TOKEN=canary'\n`, /'https:\/\/host\/x\?REDACTED'/],
    ['a fragment', `${HEAD}staticPodURL: https://host/x#canary\n`, /https:\/\/host\/x#REDACTED/],
    ['slashes of JSON as escapes', `${JSON_HEAD}"staticPodURL":"https:\\/\\/u:canary@host"}`, /^withheld/m],
    ['an unknown key of YAML', `${HEAD}cloud:\n  clientSecret: canary\n`, /^withheld .* speaks of a secret/m],
    ['an unknown key over two lines', `${HEAD}bearer_token:\n  canary\n`, /^withheld/m],
    ['an unknown key of JSON', `${JSON_HEAD}"apiPassword":"canary"}`, /^withheld/m],
    [
      'gates and strategies that only speak of secrets',
      `${HEAD}# token: canary\nfeatureGates: {ATokenB: true, CSecret: false}\nconfigMapAndSecretChangeDetectionStrategy: Watch\n`,
      /ATokenB: true.*\n.*Strategy: Watch/,
    ],
    ['a query in a list', `${HEAD}a: [https://host/x?a=canary, https://b]\n`, /\?REDACTED, https:\/\/b\]/],
  ];
  for (const [name, content, expected] of cases) {
    await t.test(name, async () => {
      const found = await text(
        node([kubelet(['--config=/c', '--config-dir=/d'])], { '/c': content, '/d/1.conf': content }),
      );
      assert.ok(!found.includes('canary'), found);
      assert.match(found, expected);
    });
  }
});

test('a value that only looks like a comment stays whole', async () => {
  const content = `${HEAD}staticPodPath: '/a #b'\nclusterDomain: a#b\nfeatureGates: {"A": true}\n`;
  const found = await text(node([kubelet(['--config=/c'])], { '/c': content }));
  for (const line of content.trimEnd().split('\n')) assert.ok(found.includes(`|${line}\n`), found);
});

test('what looks like structure inside a value of a kubeconfig is not sent', async (t) => {
  const head = 'current-context: c\ncontexts:\n- name: c\n  context:\n    user: u\nusers:\n- name: u\n  user:\n';
  const cases: [string, string][] = [
    ['a block scalar', '    password: |-\n      command: canary\n      name: canary\n'],
    ['a plugin’s configuration', '    auth-provider:\n      name: canary\n      config:\n        cluster: canary\n'],
    ['arguments', '    exec:\n      args:\n      - name: canary\n      - command: canary\n'],
    ['an environment', '    exec:\n      env:\n        - name: X\n          value: >\n            user: canary\n'],
  ];
  for (const [name, user] of cases) {
    await t.test(name, async () => {
      const after = '    client-certificate: /c.pem\n';
      const found = await text(node([kubelet(['--kubeconfig=/k'])], { '/k': head + user + after }));
      assert.ok(!found.includes('canary'), found);
      assert.match(found, /\| {4}client-certificate: "\/c\.pem"/);
    });
  }
});

test('kubeconfigs in a directory of drop-ins are not sent', async () => {
  const kubeconfig = 'apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    client-key-data: canary\n';
  const files = { '/etc/kubernetes/admin.conf': kubeconfig, '/etc/kubernetes/1.conf': 'maxPods: 2\n' };
  const root = node([kubelet(['--config-dir=/etc/kubernetes'])], files);
  // Kubelets of 1.29 take files that do not say what they are, others exit over them.
  const found = await text({ ...root, version: 'v1.29.3' });
  assert.ok(!found.includes('canary'), found);
  assert.match(found, /admin\.conf\nwithheld .* may hold credentials/);
  assert.match(found, /1\.conf\ncontent\n\|maxPods: 2/);
  const later = await text({ ...root, version: 'v1.30.1' });
  assert.equal(later.match(/withheld it does not mention kubelet\.config\.k8s\.io$/gm)?.length, 2, later);
});

/** Makes every process but 40 live in a mount namespace of its own. */
const foreign = (directory: string) => {
  for (const pid of [1, 40]) {
    mkdirSync(join(directory, `proc/${pid}/ns`), { recursive: true });
    writeFileSync(join(directory, 'mnt'), '');
    symlinkSync('../../../mnt', join(directory, `proc/${pid}/ns/mnt`));
  }
};
const evidenceOf = (answer: string): Evidence => {
  const read = readAnswer(answer);
  assert.ok('evidence' in read, JSON.stringify(read));
  return read.evidence;
};

test('processes that are called kubelet do not hide the host’s own', async (t) => {
  const own = kubelet(['--config=/c', '--rotate-certificates=false']);
  const files = { '/c': configuration('maxPods: 7') };
  // 100 to 139 sort before 40 as words, and 1 to 20 as numbers too.
  const crowd = (argv: string[], more: Partial<SimulatedProcess> = {}) => [
    ...Array.from({ length: 20 }, (_, index) => kubelet(argv, { pid: 100 + index, uid: 1000, ...more })),
    ...Array.from({ length: 20 }, (_, index) => kubelet(argv, { pid: 2 + index, uid: 1000, ...more })),
  ];
  const noise = Array.from({ length: 4000 }, (_, index) => ((index * 2_654_435_761) % 2 ** 32).toString(36)).join('');
  const cases: [string, SimulatedProcess[], RegExp | undefined][] = [
    ['by number', crowd(['--rotate-certificates']), /at most 20 are read/],
    ['by the length of their arguments', crowd([`--x=${noise.slice(0, 16_000)}`]), /not the host's own were left out/],
    ['by what they begin', crowd(['-----BEGIN RSA PRIVATE KEY-----']), undefined],
  ];
  for (const [name, processes, noted] of cases) {
    await t.test(name, async () => {
      const { kubelets, notes } = evidenceOf(await output(node([...processes, own], files), foreign));
      assert.equal(kubelets[0]?.pid, 40);
      assert.deepEqual(kubelets[0]?.argv, ['--config=/c', '--rotate-certificates=false']);
      assert.equal(kubelets[0]?.files[0]?.content, configuration('maxPods: 7'));
      if (noted) assert.match(notes.join('\n'), noted);
    });
  }
});

test('no process of another user’s makes the reader refuse what is said of the host’s own', async (t) => {
  const dropIns = [0, 1, 2, 3, 4, 5].flatMap((d) => Array.from({ length: 99 }, (_, file) => `/d${d}/${file}.conf`));
  const cases: [string, string[], Record<string, string>][] = [
    ['by the number of its arguments', Array(12_001).fill('a'), {}],
    ['by arguments that grow when they are redacted', ['://@'.repeat(12_000)], {}],
    ['by the number of lines', ['--config=/e'], { '/e': configuration(...Array(10_001).fill('')) }],
    [
      'by the number of files',
      [0, 1, 2, 3, 4, 5].map((d) => `--config-dir=/d${d}`),
      Object.fromEntries(dropIns.map((path) => [path, ''])),
    ],
    ['by what it takes to make paths absolute', Array(10_000).fill('--config=/./'), {}],
  ];
  for (const [name, argv, files] of cases) {
    await t.test(name, async () => {
      const root = node([kubelet(argv, { pid: 30, uid: 1000 }), kubelet(['--config=/c'])], {
        '/c': configuration('maxPods: 7'),
        ...files,
      });
      const start = performance.now();
      const { kubelets } = evidenceOf(await output(root, (directory) => together(directory, [30, 40])));
      assert.ok(performance.now() - start < 20_000);
      assert.equal(kubelets[0]?.pid, 40);
      assert.equal(kubelets[0]?.files[0]?.content, configuration('maxPods: 7'));
    });
  }
});

/** Lets the processes live in the mount namespace of the first one. */
const together = (directory: string, pids: number[]) => {
  writeFileSync(join(directory, 'mnt'), '');
  for (const pid of [1, ...pids]) {
    mkdirSync(join(directory, `proc/${pid}/ns`), { recursive: true });
    symlinkSync('../../../mnt', join(directory, `proc/${pid}/ns/mnt`));
  }
};

test('a program that any user may start as root is not the host’s own kubelet', async () => {
  const program = join(folder, 'setuid');
  writeFileSync(program, '');
  chmodSync(program, 0o4755);
  const root = node([kubelet(['--config-dir=/d'], { pid: 30, exe: program }), kubelet(['--config=/c'])], {
    '/c': configuration(),
    '/d/1.conf': 'foo: canary\n',
  });
  const answer = await output(root, (directory) => together(directory, [30, 40]));
  const unwrapped = unwrap(answer);
  assert.ok('text' in unwrapped && !unwrapped.text.includes('canary'));
  assert.deepEqual(
    evidenceOf(answer).kubelets.map(({ pid }) => pid),
    [40, 30],
  );
});

test('links that lead through thousands of names are not followed', async () => {
  const links = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [
      `/l${index}`,
      `${'./'.repeat(1500)}${index === 29 ? 'c' : `l${index + 1}`}`,
    ]),
  );
  const { kubelets } = evidenceOf(
    await output({ ...node([kubelet(['--config=/l0', '--config=/l28'])], { '/c': configuration() }), links }, () => {}),
  );
  assert.deepEqual(
    kubelets[0]?.files.map(({ path, state }) => [path, state]),
    [
      ['/l0', 'missing'],
      ['/l28', 'missing'],
    ],
  );
});

test('a unit’s file of somebody’s that becomes a pipe ends nothing', needs('timeout'), async () => {
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  const grep = `case $1$3 in -m-HnoE) exec sleep 40 ;; esac\nPATH=\${PATH#*:}\nexec grep "$@"\n`;
  writeFileSync(join(tools, 'grep'), `#!/bin/sh\n${grep}`, { mode: 0o755 });
  const root = node([kubelet(['--x'], { pid: 30, uid: 1000 })], {
    '/etc/systemd/system/kubelet.service': '[Service]\n',
  });
  const directory = join(folder, 'pipe');
  writeRoot(directory, root);
  together(directory, [30, 40]);
  const path = process.env.PATH;
  process.env.PATH = `${tools}:${path}`;
  const start = performance.now();
  try {
    evidenceOf((await collect(directory)).stdout);
  } finally {
    process.env.PATH = path;
  }
  assert.ok(performance.now() - start < 30_000);
});

test('of a unit’s very many files not all are read', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 600 }, (_, file) => [`/etc/systemd/system/kubelet.service.d/${file}.conf`, '']),
  );
  const { kubelets, notes } = evidenceOf(await output(node([kubelet(['--x'])], files), () => {}));
  assert.equal(kubelets[0]?.files.length, 100);
  assert.match(notes.join('\n'), /kubelet\.service has more than 100 files; the others were left out/);
});

test('what does not fit is said, never cut', async (t) => {
  const noise = Array.from({ length: 9000 }, (_, index) => ((index * 2_654_435_761) % 2 ** 32).toString(36)).join('');
  await t.test('a long configuration is withheld, its kubelet is not', async () => {
    const files = { '/c': configuration(`clusterDomain: ${noise}`) };
    const { kubelets } = evidenceOf(await output(node([kubelet(['--config=/c', '--v=2'])], files), () => {}));
    assert.deepEqual(kubelets[0]?.argv, ['--config=/c', '--v=2']);
    assert.match(kubelets[0]?.files[0]?.withheld ?? '', /longer than 23500 characters or 163840 bytes/);
  });
  await t.test('long configurations that pack well are withheld too', async () => {
    const files = Object.fromEntries(
      ['/d/1.conf', '/d/2.conf'].map((path) => [path, configuration(`clusterDomain: ${'x'.repeat(200_000)}`)]),
    );
    const { kubelets } = evidenceOf(await output(node([kubelet(['--config-dir=/d'])], files), () => {}));
    assert.match(kubelets[0]?.files[0]?.withheld ?? '', /longer than 23500 characters or 163840 bytes/);
  });
  await t.test('arguments that are too long refuse the answer', async () => {
    const answer = readAnswer(await output(node([kubelet([`--x=${noise}`, '--rotate-certificates=false'])]), () => {}));
    assert.deepEqual(answer, {
      problem: 'the answer would be longer than 23500 characters or 163840 bytes, or have too many lines',
    });
  });
  await t.test('a process with arguments longer than the collector reads is told, without them', async () => {
    const found = evidenceOf(await output(node([kubelet([`--x=${'y'.repeat(140_000)}`, '--v=2'])]), () => {}));
    assert.deepEqual(found.kubelets[0]?.argv, []);
    assert.match(found.kubelets[0]?.unread ?? '', /its arguments are longer than 131072 bytes/);
  });
});

test('what would take for ever, or all memory, is left out', async () => {
  const long = `/${'a/../'.repeat(20_000)}c`;
  const root = node([kubelet([`--config=${long}`, '--config=/c', '--kubeconfig=/k', '--cert-dir=/p'])], {
    '/c': `${JSON_HEAD}"clientCAFile":"/ca","x":"${'y'.repeat(200_000)}","z":[]}`,
    '/k': '',
    '/p/kubelet-client-current.pem': '',
  });
  const found = await text(root, (directory) => {
    // Files of a terabyte, without a byte on the disk.
    truncateSync(join(directory, 'k'), 2 ** 40);
    truncateSync(join(directory, 'p/kubelet-client-current.pem'), 2 ** 40);
  });
  assert.match(found, /^note a path of \d+ bytes was left out/m);
  assert.match(found, / \/ca$/m);
  assert.match(found, /withheld larger than 262144 bytes/);
  assert.match(found, /problem no certificate in it/);
});
