/**
 * Large fleets for benchmarks: the embedded fleet's nodes, many times, with answers that collect.sh gave once.
 * Tested by test/bench/run.test.ts.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Node } from '../simulator/aws/options.ts';
import { collect } from '../simulator/collector.ts';
import { embeddedFleet, REGION, type SimulatedNode } from '../simulator/fleet/nodes.ts';
import { writeRoot } from '../simulator/fleet/root.ts';

/**
 * `count` nodes; each kind of the embedded fleet as often as the others, each node with a name, an address and an answer
 * of its own. `now` is in seconds since the epoch.
 */
export async function recordedFleet(count: number, now: number): Promise<Node[]> {
  const kinds = await Promise.all(embeddedFleet(now).map(async (kind) => ({ kind, recorded: await record(kind) })));
  return Array.from({ length: count }, (_, index): Node => {
    const { kind, recorded } = kinds[index % kinds.length] as (typeof kinds)[number];
    const host = `ip-10-${(index >> 16) & 255}-${(index >> 8) & 255}-${index & 255}.${REGION}.compute.internal`;
    const stdout = recorded?.replaceAll(kind.privateDnsName, host);
    return {
      instanceId: `i-0${index.toString(16).padStart(16, '0')}`,
      tags: { ...kind.tags, Name: `${kind.name}-${index}` },
      privateDnsName: host,
      agent: kind.agent,
      ...(stdout !== undefined && { answer: { stdout: pack(stdout, kind), exitCode: 0 } }),
      ...(kind.answer === 'Execution Timed Out' && { answer: kind.answer }),
    };
  });
}

/** The text that collect.sh sends of a node. */
async function record({ root }: SimulatedNode): Promise<string | undefined> {
  if (!root) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'kubevigil-bench-'));
  try {
    writeRoot(directory, root);
    const { stdout } = await collect(directory, { simulated: true });
    const [, , , base64 = ''] = stdout.split(' ');
    return gunzipSync(Buffer.from(base64, 'base64')).toString();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The envelope as collect.sh writes it (`gzip -9n`). */
function pack(text: string, { answer }: SimulatedNode): string {
  const digest = createHash('sha256').update(text).digest('hex');
  const packed = gzipSync(text, { level: 9 }).toString('base64');
  const line = `kubevigil/1 ${Buffer.byteLength(text)} ${digest} ${packed}\n`;
  return answer === 'cut' ? line.slice(0, line.length / 2) : line;
}
