/**
 * Nights on which something goes wrong: throttling, faults of the services, connections that break or go
 * silent, lost answers, tokens and credentials that run out, nodes that answer late, twice, badly or never, that vanish
 * or appear, reports that cannot be written. `KUBEVIGIL_PLANS=5000` runs more than the usual number, `KUBEVIGIL_SEED=17` only one.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { collect } from '../../simulator/collector.ts';
import { kubeadm } from '../../simulator/fleet/images.ts';
import { type SimulatedRoot, writeRoot } from '../../simulator/fleet/root.ts';
import { envelope } from '../../simulator/hostile/envelope.ts';
import type { Recorded } from './plan.ts';
import type { Done, Work } from './worker.ts';

const PLANS = Number(process.env.KUBEVIGIL_PLANS ?? 120);
const ONLY = process.env.KUBEVIGIL_SEED;
/** More than there are processors: a night mostly waits for pauses between tries. */
const WORKERS = 6;

test('whatever goes wrong, every node is told once and right, the archive verifies and the alert is sent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-faults-'));
  try {
    const recorded = await record(join(folder, 'node'));
    const seeds = ONLY === undefined ? Array.from({ length: PLANS }, (_, index) => index + 1) : [Number(ONLY)];
    const shares = Array.from({ length: WORKERS }, (_, worker) =>
      seeds.filter((_, index) => index % WORKERS === worker),
    );
    const done = await Promise.all(shares.map((share) => work({ seeds: share, recorded, folder })));
    const failed = done.flat().filter(({ problem }) => problem !== undefined);
    assert.equal(done.flat().length, seeds.length);
    assert.deepEqual(
      failed.map(({ seed, problem }) => `night ${seed} (KUBEVIGIL_SEED=${seed} runs only it): ${problem}`),
      [],
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What collect.sh says of a node with and one without a kubelet. */
async function record(directory: string): Promise<Recorded> {
  const read = async (root: SimulatedRoot) => {
    writeRoot(directory, root);
    return (await collect(directory, { simulated: true })).stdout;
  };
  const startedAt = Math.floor(Date.now() / 1000) - 86_400;
  const kubelet = await read(kubeadm({ host: 'ip-10-0-0-5.internal', version: 'v1.31.6', startedAt }));
  const none = await read({ os: { id: 'ubuntu', version: '24.04' }, processes: [], files: {} });
  // Not packed, as a node without gzip sends it: longer than a page carries.
  const text = gunzipSync(Buffer.from(kubelet.split(' ')[3] ?? '', 'base64')).toString();
  const long = envelope(text, { packed: Buffer.from(text) });
  assert.ok(long.length > 2500 && long.length < 24_000);
  return { kubelet, none, long };
}

function work(data: Work): Promise<Done[]> {
  const done: Done[] = [];
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: data });
    worker.on('message', (one: Done) => done.push(one));
    worker.once('error', reject);
    worker.once('exit', () => resolve(done));
  });
}
