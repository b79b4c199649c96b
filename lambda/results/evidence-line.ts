/** One line of the evidence file: what became of one node when it was asked. Tested by test/archive/replay.test.ts. */
import type { Evidence } from '../kubelet/evidence.ts';
import type { NodeIdentity, UnreachableReason } from './node-line.ts';

/** Enough to judge the node again. Tags are those that EC2 gave. */
export type EvidenceLine = { node: NodeIdentity; tags: Readonly<Record<string, string>> } & (
  | { evidence: Evidence }
  | { reason: UnreachableReason; detail: string }
);
