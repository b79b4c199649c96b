/** Keeps the answers of one target: a line per node in `findings/`, and in `evidence/` what each verdict rests on. */
import type { Evidence } from '../kubelet/evidence.ts';
import type { StoredObject, WritableArchive } from './archive.ts';
import { type Baseline, comparing } from './compare.ts';
import { spool } from './content.ts';
import { type ScanName, type Target, targetKeys } from './keys.ts';
import type { Previous } from './manifest.ts';
import type { NodeIdentity, NodeLine } from './node-line.ts';
import { readBaseline } from './previous.ts';
import type { TargetResult } from './summary.ts';
import { count, emptyTally } from './tally.ts';

/** One node as it was judged. `evidence` and `tags` are absent where the node did not answer. */
export type Answer = { line: NodeLine; evidence?: Evidence; tags?: Readonly<Record<string, string>> };

/** One line of the evidence file: enough to judge the node again. Tags are those that EC2 gave. */
export type EvidenceLine = { node: NodeIdentity; tags: Readonly<Record<string, string>>; evidence: Evidence };

/**
 * Writes a target's files from its answers as they come, and returns their keys, digests, counts and what changed
 * since the previous scan. Same answers in the same order give the same bytes, so a repeated step finds its objects
 * already there. Memory does not grow with the number of nodes, but for a few bytes of the previous scan each.
 */
export async function keepTarget(
  archive: WritableArchive,
  scan: ScanName,
  target: Target,
  answers: AsyncIterable<Answer> | Iterable<Answer>,
  previous: Previous | null,
): Promise<TargetResult> {
  const { baseline, problem } = await tryBaseline(archive, previous, target);
  const comparison = comparing(scan.scheduledAt, baseline);
  const keys = targetKeys(scan, target);
  const findings = await spool({ gzip: true });
  const evidence = await spool({ gzip: true });
  const changes = await spool({ gzip: true });
  const tally = emptyTally();
  const objects: StoredObject[] = [];
  try {
    for await (const answer of answers) {
      count(tally, answer.line);
      await findings.write(asLine(answer.line));
      await changes.write(asLine(comparison.see(answer.line)));
      if (answer.evidence) await evidence.write(asLine(evidenceLine(answer, answer.evidence)));
    }
    for (const gone of comparison.rest()) await changes.write(asLine(gone));
    for (const [key, writer] of [
      [keys.findings, findings],
      [keys.evidence, evidence],
      [keys.changes, changes],
    ] as const) {
      objects.push(await archive.putOnce(key, await writer.end(), 'application/gzip'));
    }
  } finally {
    for (const writer of [findings, evidence, changes]) await writer.discard();
  }
  const { difference } = comparison;
  return {
    target,
    tally,
    difference,
    objects,
    ...(baseline && { comparedWith: baseline.scanId }),
    ...(problem !== undefined && { problem }),
  };
}

/** A broken earlier scan must not stop this one; the summary tells why there is nothing to compare with. */
async function tryBaseline(
  archive: WritableArchive,
  previous: Previous | null,
  target: Target,
): Promise<{ baseline?: Baseline; problem?: string }> {
  try {
    const baseline = await readBaseline(archive, previous, target);
    return baseline ? { baseline } : {};
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function asLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function evidenceLine({ line, tags }: Answer, evidence: Evidence): EvidenceLine {
  return { node: line.node, tags: tags ?? {}, evidence };
}
