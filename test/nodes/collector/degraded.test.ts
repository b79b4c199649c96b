/**
 * What the collector makes of a node on which something is missing or broken: it reads what it can, says what it could not,
 * and never lets a node look better than it is.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Evidence } from '../../../lambda/kubelet/evidence.ts';
import { readAnswer } from '../../../lambda/nodes/answer/evidence.ts';
import { collector } from '../../../lambda/nodes/script.ts';
import { judgeLine } from '../../../lambda/results/judge-line.ts';
import { collect, place, type Run } from '../../../simulator/collector.ts';
import { configuration, kubeadm } from '../../../simulator/fleet/images.ts';
import { writeRoot } from '../../../simulator/fleet/root.ts';
import { evidenceOf, rootOf, runs } from './runs.ts';
import { needs } from './shells.ts';

const START = 1_763_000_000;
const TOOLS = 'awk base64 cat date grep gzip head openssl readlink sha256sum stat timeout xargs';
/** nobody, on every distribution with nodes. */
const NOBODY = 65_534;

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-degraded-'));
after(() => {
  execFileSync('chmod', ['-R', 'u+rwX', folder]);
  rmSync(folder, { recursive: true, force: true });
});

const image = { host: 'ip-10-0-1-2.internal', version: 'v1.31.6', startedAt: START };
const NODE = kubeadm(image, { dropIns: { '10-a.conf': configuration('maxPods: 7') } });
const root = rootOf(NODE);

let folders = 0;
/** A folder with the collector's tools but for some, or with others in their place. */
function tools({ shell = 'sh', awk = 'awk' }: Run, without: readonly string[], instead: Record<string, string> = {}) {
  folders += 1;
  const directory = join(folder, String(folders));
  mkdirSync(directory);
  const all = [...TOOLS.split(' ').map((tool) => [tool, tool]), ['sh', shell], ['awk', awk]] as [string, string][];
  for (const [name, words] of all) {
    rmSync(join(directory, name), { force: true });
    if (!without.includes(name)) symlinkSync(place(words.split(' ')[0] ?? words), join(directory, name));
  }
  for (const [tool, lines] of Object.entries(instead)) {
    rmSync(join(directory, tool), { force: true });
    writeFileSync(join(directory, tool), `#!${place('sh')}\n${lines}\n`, { mode: 0o755 });
  }
  return directory;
}

const statuses = (evidence: Evidence) =>
  new Map(
    judgeLine({ node: { id: 'i-1' }, tags: {}, evidence }, { now: START }).findings.map(({ rule, status }) => [
      rule,
      status,
    ]),
  );

/** A shell that has the tools in itself does not miss them: busybox, where it is built to stand alone. */
const standsAlone = ({ shell = 'sh' }: Run) => {
  const [command = 'sh', ...words] = shell.split(' ');
  return spawnSync(place(command), [...words, '-c', 'stat /'], { env: { PATH: '/nonexistent' } }).status === 0;
};

for (const { name, run, options } of runs) {
  const alone = options.skip === undefined && standsAlone(run);
  const needed = alone ? { skip: `${run.shell} has all tools in itself` } : options;
  describe(`under ${name}, on a node`, options, () => {
    const without = (...names: string[]) => evidenceOf(root, { ...run, only: tools(run, names) });

    test('with all of them it is read, and nothing is said', async () => {
      const whole = await without();
      assert.deepEqual(whole.notes, []);
      assert.equal(whole.kubelets[0]?.files.find(({ role }) => role === 'config')?.mode, '600');
      assert.equal(statuses(whole).get('rotate-client-certificates'), 'pass');
    });

    test('without gzip, timeout, grep or openssl it is read all the same', needed, async () => {
      for (const tool of ['gzip', 'timeout', 'grep', 'openssl']) {
        assert.equal(statuses(await without(tool)).get('rotate-client-certificates'), 'pass', tool);
      }
    });

    // openssl takes their place.
    test('so it is without base64 or sha256sum', { ...needs('openssl'), ...needed }, async () => {
      for (const tool of ['base64', 'sha256sum']) {
        assert.equal(statuses(await without(tool)).get('rotate-client-certificates'), 'pass', tool);
      }
    });

    test('without stat nothing is read whose size is unknown, and no rule on files can pass', needed, async () => {
      const evidence = await without('stat');
      assert.deepEqual(evidence.notes, ['not on this node: stat']);
      const files = evidence.kubelets[0]?.files ?? [];
      assert.ok(files.length > 0 && files.every(({ mode, content }) => mode === undefined && content === undefined));
      const judged = [...statuses(evidence)].filter(([rule]) => /permissions|ownership|rotate-client/.test(rule));
      assert.ok(judged.length > 0 && judged.every(([, status]) => status !== 'pass'));
    });

    test('without awk or xargs a kubelet is accounted for, and not judged', needed, async () => {
      for (const tool of ['awk', 'xargs']) {
        const evidence = await without(tool);
        assert.match(evidence.kubelets[0]?.unread ?? '', /arguments are empty or could not be read/, tool);
        assert.match(evidence.notes.join(), new RegExp(`not on this node: ${tool}`));
        assert.notEqual(statuses(evidence).get('rotate-client-certificates'), 'pass');
      }
    });

    test('with nothing that makes a digest the answer is a bad one', needed, async () => {
      const { stdout } = await collect(root, { ...run, only: tools(run, ['sha256sum', 'openssl']) });
      assert.ok('problem' in readAnswer(stdout));
    });

    test('what takes too long ends, and nothing is judged by a half', needed, async () => {
      // The collector waits thirty seconds; here only as long as a process takes to start.
      for (const tool of ['xargs', 'gzip']) {
        const only = tools(run, [], {
          timeout: `shift; exec ${place('timeout')} 2 "$@"`,
          [tool]: `exec ${place('sleep')} 40`,
        });
        const answer = readAnswer((await collect(root, { ...run, only })).stdout);
        assert.match('problem' in answer ? answer.problem : '', /reading took longer than 30 seconds/, tool);
      }
    });

    test('on which not all can be read it says so', options, async () => {
      const closed = join(folder, `closed-${name}`);
      writeRoot(closed, NODE);
      chmodSync(join(closed, 'var/lib/kubelet/config.yaml'), 0o000);
      chmodSync(join(closed, 'etc/kubernetes/kubelet.conf'), 0o000);
      execFileSync('chmod', ['-R', 'a-w', closed]);
      execFileSync('chmod', ['a+rx', folder]);
      const uid = process.getuid?.() === 0 ? NOBODY : undefined;
      const evidence = await evidenceOf(closed, { ...run, ...(uid !== undefined && { uid }) });
      const states = Object.fromEntries(evidence.kubelets[0]?.files.map(({ path, state }) => [path, state]) ?? []);
      assert.equal(states['/var/lib/kubelet/config.yaml'], 'unreadable');
      assert.equal(states['/etc/kubernetes/kubelet.conf'], 'unreadable');
      assert.equal(statuses(evidence).get('rotate-client-certificates'), 'error');
    });
  });
}

test('more drop-ins than are read make the directory unreadable', async () => {
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`${index}.conf`, configuration()]));
  const evidence = await evidenceOf(rootOf(kubeadm(image, { dropIns: many })));
  assert.equal(evidence.kubelets[0]?.dropInDirectories[0]?.state, 'unreadable');
});

test('no here-document: bash before 5.1 keeps them in files, which a full or read-only disk refuses', () => {
  assert.doesNotMatch(collector(), /<<-?\s*['"]?[A-Za-z]/);
});
