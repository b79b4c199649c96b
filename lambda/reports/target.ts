/** Keeps the answers of one target: a line per node in `findings/`, and in `evidence/` what each verdict rests on. */
import type { Evidence } from '../kubelet/evidence.ts';
import type { StoredObject, WritableArchive } from './archive.ts';
import { spool } from './content.ts';
import { type ScanName, type Target, targetKeys } from './keys.ts';
import type { NodeIdentity, NodeLine } from './node-line.ts';
import type { TargetResult } from './summary.ts';
import { count, emptyTally } from './tally.ts';

/** One node as it was judged. `evidence` and `tags` are absent where the node did not answer. */
export type Answer = { line: NodeLine; evidence?: Evidence; tags?: Readonly<Record<string, string>> };

/** One line of the evidence file: enough to judge the node again. Tags are those that EC2 gave. */
export type EvidenceLine = { node: NodeIdentity; tags: Readonly<Record<string, string>>; evidence: Evidence };

/**
 * Writes a target's files from its answers as they come, and returns their keys, digests and counts. Same answers in
 * the same order give the same bytes, so a repeated step finds its objects already there. Memory does not grow with
 * the number of nodes.
 */
export async function keepTarget(
  archive: WritableArchive,
  scan: ScanName,
  target: Target,
  answers: AsyncIterable<Answer> | Iterable<Answer>,
): Promise<TargetResult> {
  const keys = targetKeys(scan, target);
  const findings = await spool({ gzip: true });
  const evidence = await spool({ gzip: true });
  const tally = emptyTally();
  const objects: StoredObject[] = [];
  try {
    for await (const answer of answers) {
      count(tally, answer.line);
      await findings.write(`${JSON.stringify(answer.line)}\n`);
      if (answer.evidence) await evidence.write(`${JSON.stringify(evidenceLine(answer, answer.evidence))}\n`);
    }
    for (const [key, writer] of [
      [keys.findings, findings],
      [keys.evidence, evidence],
    ] as const) {
      const content = await writer.end();
      objects.push(await archive.putOnce(key, content, 'application/gzip'));
    }
  } finally {
    await findings.discard();
    await evidence.discard();
  }
  return { target, tally, objects };
}

function evidenceLine({ line, tags }: Answer, evidence: Evidence): EvidenceLine {
  return { node: line.node, tags: tags ?? {}, evidence };
}
