/**
 * The audit pack of an archive: node pack.ts NODES NIGHTS. Makes the archive by the code that keeps every scan, with verdicts that two
 * kinds of nodes share, and packs it in a process of its own. Tested by test/bench/run.test.ts.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keySigner } from '../lambda/archive/sign.ts';
import type { Judge } from '../lambda/archive/verification.ts';
import type { EvidenceLine } from '../lambda/results/evidence-line.ts';
import { judgeArchived } from '../lambda/results/judge-line.ts';
import type { NodeLine } from '../lambda/results/node-line.ts';
import { writableDirectory } from '../simulator/archive/directory.ts';
import { keepNight } from '../simulator/archive/nights.ts';
import { eksAl2023, kubeadm } from '../simulator/fleet/node-types.ts';
import { newKey } from '../simulator/fleet/serve.ts';
import { print } from './line.ts';
import type { Packed } from './packer.ts';

const [nodes = 1000, nights = 365] = process.argv.slice(2).map(Number);
const target = { account: '123456789012', region: 'eu-central-1' };
/** Long ago: nights that have not come yet are none. */
const FIRST = Date.UTC(2025, 0, 1, 2);
const DAY = 86_400_000;

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-bench-pack-'));
try {
  const archive = join(folder, 'archive');
  await keepYear(archive);
  const until = new Date(FIRST + (nights - 1) * DAY).toISOString().slice(0, 10);
  const whole = await pack(archive, until);
  print('pack', `${nights} nights of ${nodes} nodes`, whole.seconds, 's');
  print('pack', `${nights} nights of ${nodes} nodes, processor`, whole.cpuSeconds, 's');
  print('pack', `${nights} nights of ${nodes} nodes, peak memory`, whole.peakBytes / 2 ** 20, 'MiB');
  const quarter = new Date(FIRST + (Math.ceil(nights / 4) - 1) * DAY).toISOString().slice(0, 10);
  const part = await pack(archive, quarter);
  print('pack', 'a quarter of the nights, peak memory', part.peakBytes / 2 ** 20, 'MiB');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function pack(archive: string, until: string): Promise<Packed> {
  const packer = fileURLToPath(new URL('packer.ts', import.meta.url));
  const from = new Date(FIRST).toISOString().slice(0, 10);
  const child = fork(packer, [archive, join(folder, until), from, until]);
  let packed: Packed | undefined;
  child.once('message', (message) => {
    packed = message as Packed;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0 || !packed) throw new Error(`the pack up to ${until} was not made: exit code ${code}`);
  return packed;
}

async function keepYear(path: string): Promise<void> {
  const archive = writableDirectory(path, 'reports');
  const signer = keySigner(newKey());
  const ids = Array.from({ length: nodes }, (_, index) => `i-0${index.toString(16).padStart(16, '0')}`);
  for (let night = 0; night < nights; night += 1) {
    const scheduledAt = new Date(FIRST + night * DAY).toISOString();
    const known = new Map<string, NodeLine>();
    const judge: Judge = (line, scan) => {
      const kind = 'evidence' in line ? (line.evidence.kubelets[0]?.version ?? '') : '';
      const line0 = known.get(kind) ?? judgeArchived(line, scan);
      known.set(kind, line0);
      return { ...line0, node: line.node };
    };
    const told = ids.map((id, index): EvidenceLine => {
      const node = { id, ...target, cluster: `c${index % 4}`, name: `node-${index}` };
      // Some are silent each night, others than the night before.
      if ((index + night) % 97 === 0) return { node, tags: {}, reason: 'connection-lost', detail: 'No answer.' };
      const kubelets = [index % 2 === 0 ? kubeadm : eksAl2023];
      const collectedAt = Date.parse(scheduledAt) / 1000 + 9;
      return { node, tags: {}, evidence: { format: 2, collectedAt, os: {}, kubelets, proxies: [], notes: [] } };
    });
    const targets = [{ target, listed: ids, told }];
    await keepNight(archive, { scheduledAt, everySeconds: 86_400, settings: {}, targets, judge, signer });
  }
}
