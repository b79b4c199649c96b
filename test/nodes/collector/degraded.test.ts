/**
 * What collect.sh makes of a node on which something is missing or broken: it reads what it can, says what it could not,
 * and never lets a node look better than it is.
 */

import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Evidence } from '../../../lambda/kubelet/evidence.ts';
import { readAnswer } from '../../../lambda/nodes/answer/evidence.ts';
import { judgeLine } from '../../../lambda/results/judge-line.ts';
import { configuration, kubeadm } from '../../../simulator/fleet/images.ts';
import { type SimulatedRoot, writeRoot } from '../../../simulator/fleet/root.ts';
import { shells } from './shells.ts';

const START = 1_763_000_000;
const SCRIPT = fileURLToPath(new URL('../../../lambda/nodes/collector/collect.sh', import.meta.url));
const TOOLS =
  'base64 cat cut date find getconf grep gzip head id openssl readlink sed sha256sum sort stat timeout tr wc xargs';
/** nobody, on every distribution with nodes. */
const NOBODY = 65_534;

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-degraded-'));
after(() => {
  execFileSync('chmod', ['-R', 'u+rwX', folder]);
  rmSync(folder, { recursive: true, force: true });
});

const image = { host: 'ip-10-0-1-2.internal', version: 'v1.31.6', startedAt: START };
const NODE = kubeadm(image, { dropIns: { '10-a.conf': configuration('maxPods: 7') } });

const BROKEN =
  '-----BEGIN CERTIFICATE-----\nMIIB\npassword canary\n-----BEGIN EC PRIVATE KEY-----\ncanary\n-----END EC PRIVATE KEY-----\n';

// The script looks in the usual folders too; here it must find only what a test gives it.
const script = join(folder, 'collect.sh');
const text = readFileSync(SCRIPT, 'utf8');
writeFileSync(script, text.replace(/^PATH=.*$/m, ''));

let roots = 0;
function rootOf(root: SimulatedRoot): string {
  roots += 1;
  const directory = join(folder, `root-${roots}`);
  writeRoot(directory, root);
  return directory;
}

const placeOf = (tool: string) => spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
const places = TOOLS.split(' ').map((tool): [string, string] => [tool, placeOf(tool)]);

/** A folder with the collector's tools but for some, or with others in their place. */
function toolsWithout(names: readonly string[], instead: Record<string, string> = {}): string {
  roots += 1;
  const directory = join(folder, `tools-${roots}`);
  mkdirSync(directory);
  for (const [tool, place] of places) if (!names.includes(tool)) symlinkSync(place, join(directory, tool));
  for (const [tool, lines] of Object.entries(instead)) {
    rmSync(join(directory, tool), { force: true });
    writeFileSync(join(directory, tool), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  }
  return directory;
}

type Run = { root: string; path?: string; shell?: string; uid?: number };

function run({ root, path = toolsWithout([]), shell = 'sh', uid }: Run): Promise<string> {
  const [command = 'sh', ...words] = shell.split(' ');
  return new Promise((resolve, reject) => {
    execFile(
      placeOf(command),
      [...words, script],
      {
        env: { PATH: path, KUBEVIGIL_ROOT: root, TMPDIR: '/nonexistent' },
        cwd: '/',
        ...(uid !== undefined && { uid, gid: uid }),
      },
      (error, stdout, stderr) => {
        if (error) return reject(error);
        assert.equal(stderr, '');
        resolve(stdout);
      },
    );
  });
}

function read(output: string): Evidence {
  const answer = readAnswer(output);
  assert.ok('evidence' in answer, JSON.stringify(answer));
  return answer.evidence;
}

const rotation = (evidence: Evidence) =>
  judgeLine({ node: { id: 'i-1' }, tags: {}, evidence }, { now: START }).findings.find(
    ({ rule }) => rule === 'rotate-client-certificates',
  )?.status;

const crowded = rootOf(NODE);
for (let pid = 10_000; pid < 15_000; pid += 1) {
  mkdirSync(join(crowded, 'proc', String(pid)));
  writeFileSync(join(crowded, 'proc', String(pid), 'comm'), 'bash\n');
}

const whole = read(await run({ root: rootOf(NODE) }));

test('with all tools the node is read', () => {
  assert.deepEqual(whole.notes, []);
  assert.equal(whole.kubelets[0]?.files.find(({ role }) => role === 'config')?.mode, '600');
  assert.equal(rotation(whole), 'pass');
});

for (const { shell, missing } of shells) {
  describe(`under ${shell}, on a node`, missing ? { skip: missing } : {}, () => {
    const without = async (...names: string[]) =>
      read(await run({ root: rootOf(NODE), path: toolsWithout(names), shell }));

    test('without gzip the text comes unpacked', async () => {
      const { notes, ...rest } = await without('gzip');
      assert.deepEqual(notes, ['not on this node: gzip']);
      assert.deepEqual(rest.kubelets[0]?.argv, whole.kubelets[0]?.argv);
    });

    test('without openssl the certificate itself comes, and its facts are the same', async () => {
      const { notes, kubelets } = await without('openssl');
      assert.deepEqual(notes, ['not on this node: openssl']);
      const facts = kubelets[0]?.clientCertificates[0];
      assert.equal(facts?.fingerprint, whole.kubelets[0]?.clientCertificates[0]?.fingerprint);
      assert.equal(facts?.notAfter, whole.kubelets[0]?.clientCertificates[0]?.notAfter);
    });

    test('without openssl no key comes with a certificate that is not closed', async () => {
      const files = { '/var/lib/kubelet/pki/kubelet-client-current.pem': BROKEN };
      const root = rootOf({ ...NODE, files: { ...NODE.files, ...files } });
      const text = await run({ root, path: toolsWithout(['openssl', 'gzip']), shell });
      const sent = Buffer.from(text.trim().split(' ').at(-1) ?? '', 'base64').toString();
      assert.match(sent, /^\|-----BEGIN CERTIFICATE-----\n\|MIIB$/m);
      assert.doesNotMatch(sent, /canary/);
    });

    test('without stat there are no modes, so that rules on files cannot pass', async () => {
      const evidence = await without('stat');
      assert.deepEqual(evidence.notes, ['not on this node: stat']);
      const files = evidence.kubelets[0]?.files ?? [];
      assert.ok(files.length > 0 && files.every(({ mode, uid }) => mode === undefined && uid === undefined));
      assert.match(files.find(({ role }) => role === 'config')?.content ?? '', /rotateCertificates: true/);
      const row = judgeLine({ node: { id: 'i-1' }, tags: {}, evidence }, { now: START });
      const judged = row.findings.filter(({ rule }) => /permissions|ownership/.test(rule));
      assert.ok(judged.length > 0 && judged.every(({ status }) => status !== 'pass'));
    });

    test('without base64, sha256sum, timeout or readlink it is read all the same', async () => {
      for (const name of ['base64', 'sha256sum', 'timeout', 'readlink']) {
        assert.equal(rotation(await without(name)), 'pass', name);
      }
    });

    test('without find a directory of drop-ins is unreadable, not empty', async () => {
      const evidence = await without('find');
      assert.equal(evidence.kubelets[0]?.dropInDirectories[0]?.state, 'unreadable');
      assert.notEqual(rotation(evidence), 'pass');
    });

    test('without sed, grep, head, sort, tr or xargs nothing is claimed', async () => {
      for (const name of ['sed', 'grep', 'head', 'sort', 'tr', 'xargs']) {
        const output = await run({ root: rootOf(NODE), path: toolsWithout([name]), shell });
        const answer = readAnswer(output);
        if ('problem' in answer) continue;
        assert.deepEqual(answer.evidence.kubelets, [], name);
        assert.match(answer.evidence.notes.join(), new RegExp(`cannot be read without ${name}`));
      }
    });

    test('with nothing that makes a digest the answer is a bad one', async () => {
      const output = await run({ root: rootOf(NODE), path: toolsWithout(['sha256sum', 'openssl']), shell });
      assert.ok('problem' in readAnswer(output));
    });

    test('with five thousand other processes the kubelet is found', async () => {
      assert.equal(read(await run({ root: crowded, shell })).kubelets.length, 1);
    });

    test('with a kubelet whose arguments cannot be read it is accounted for, and others are read', async () => {
      const root = rootOf(NODE);
      cpSync(join(root, 'proc/912'), join(root, 'proc/40'), { recursive: true, verbatimSymlinks: true });
      rmSync(join(root, 'proc/40/cmdline'));
      execFileSync('sh', ['-c', 'mkfifo "$0"', join(root, 'proc/40/cmdline')]);
      // The collector waits five seconds; here only as long as a process takes to start.
      const path = toolsWithout([], { timeout: 'shift; exec /usr/bin/env -i /usr/bin/timeout 0.3 "$@"' });
      const evidence = read(await run({ root, shell, path }));
      assert.deepEqual(
        evidence.kubelets.map(({ pid, unread }) => [pid, unread]),
        [
          [40, 'its arguments are empty or could not be read'],
          [912, undefined],
        ],
      );
      assert.equal(rotation(evidence), 'error');
    });

    test('on which nothing can be written, and not all be read, it says so', async () => {
      const root = rootOf(NODE);
      chmodSync(join(root, 'var/lib/kubelet/config.yaml'), 0o000);
      chmodSync(join(root, 'etc/kubernetes/kubelet.conf'), 0o000);
      execFileSync('chmod', ['-R', 'a-w', root]);
      execFileSync('chmod', ['a+rx', folder]);
      const uid = process.getuid?.() === 0 ? NOBODY : undefined;
      if (uid !== undefined) execFileSync('chmod', ['-R', 'a+rX', script]);
      const evidence = read(await run({ root, shell, path: '/usr/bin:/bin', ...(uid !== undefined && { uid }) }));
      const states = Object.fromEntries(evidence.kubelets[0]?.files.map(({ path, state }) => [path, state]) ?? []);
      assert.equal(states['/var/lib/kubelet/config.yaml'], 'unreadable');
      assert.equal(states['/etc/kubernetes/kubelet.conf'], 'unreadable');
      assert.equal(rotation(evidence), 'error');
    });
  });
}

test('more drop-ins than are read make the directory unreadable', async () => {
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`${index}.conf`, configuration()]));
  const evidence = read(await run({ root: rootOf(kubeadm(image, { dropIns: many })) }));
  assert.equal(evidence.kubelets[0]?.dropInDirectories[0]?.state, 'unreadable');
  assert.match(evidence.notes.join(), /has 101 drop-ins; at most 100 are read/);
});

test('no here-document: bash before 5.1 keeps them in files, which a full or read-only disk refuses', () => {
  assert.doesNotMatch(text, /<<-?\s*['"]?[A-Za-z]/);
});
