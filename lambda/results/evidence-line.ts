/** One line of the evidence file: what became of one node when it was asked. Tested by test/archive/replay.test.ts. */
import * as v from 'valibot';
import type { Evidence } from '../kubelet/evidence.ts';
import type { NodeIdentity, UnreachableReason } from './node-line.ts';

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
