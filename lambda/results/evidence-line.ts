/** One line of the evidence file: what became of one node when it was asked. Tested by test/archive/replay.test.ts and test/results/evidence-line.test.ts. */
import * as v from 'valibot';
import { readAlike } from '../judging/alike.ts';
import type { Evidence } from '../kubelet/evidence.ts';
import type { NodeIdentity, UnreachableReason } from './node-line.ts';
import { quickCheck } from './quick-check.ts';

/** Enough to judge the node again. Tags are those that EC2 gave. */
export type EvidenceLine = { node: NodeIdentity; tags: Readonly<Record<string, string>> } & (
  | { evidence: Evidence }
  | { reason: UnreachableReason; detail: string }
);

/**
 * A line of evidence as it is read back. Of its shape only that is checked by which lines are told apart: the rest was
 * checked when the node had answered, and a manifest binds its bytes.
 */
export const EvidenceLineSchema = v.looseObject({
  node: v.looseObject({ id: v.string() }),
  tags: v.record(v.string(), v.string()),
  evidence: v.exactOptional(v.looseObject({})),
}) as unknown as v.GenericSchema<unknown, EvidenceLine>;

const HeadSchema = v.looseObject({
  node: v.looseObject({ id: v.string() }),
  tags: v.record(v.string(), v.string()),
}) as unknown as v.GenericSchema<unknown, Pick<EvidenceLine, 'node' | 'tags'>>;
const fits = quickCheck(HeadSchema);
const EVIDENCE = ',"evidence":';

/**
 * The line of which these are the bytes, where the node is of a kind that is known: then its evidence is read in a fraction of the
 * time. Undefined where who reads it as a whole has to say what it is, or what is wrong with it.
 */
export function readAlikeLine(line: Buffer): EvidenceLine | undefined {
  const bytes = line.toString('latin1');
  const at = bytes.indexOf(EVIDENCE);
  if (at < 0 || !bytes.endsWith('}')) return undefined;
  try {
    // What is whole by itself before the evidence, and the evidence itself, make the line.
    const head = JSON.parse(`${line.toString('utf8', 0, at)}}`) as EvidenceLine;
    if (!fits(head)) return undefined;
    const { node, tags } = head;
    const evidence = readAlike(bytes, at + EVIDENCE.length, bytes.length - 1, { tags, id: node.id });
    return evidence && { ...head, evidence };
  } catch {
    return undefined;
  }
}
