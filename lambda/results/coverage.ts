/**
 * How much of the fleet was seen: one definition for page, messages, metrics and terminal. A node that does not run, or
 * joined after the scan had begun, has nothing to answer and counts neither as covered nor as missed; of every other one
 * without an answer nothing is known. Tested by test/results/tally.test.ts.
 */
import type { UnreachableReason } from './node-line.ts';

/** Reasons that say that a node need not have answered: it is stopped, stopped or ended during the scan, or joined later. */
const IDLE: readonly string[] = ['gone', 'not-running', 'joined-later'] satisfies UnreachableReason[];

/** Whether a reason is no trouble. */
export function isIdle(reason: string | undefined): boolean {
  return reason !== undefined && IDLE.includes(reason);
}

type Counted = { nodes: number; evaluated: number; unreachable: Partial<Record<UnreachableReason, number>> };

/** Nodes that had to answer, those of them that did not, and those that had nothing to answer. */
export function coverageOf({ nodes, evaluated, unreachable }: Counted): { due: number; missed: number; idle: number } {
  const idle = IDLE.reduce((sum, reason) => sum + (unreachable[reason as UnreachableReason] ?? 0), 0);
  return { due: nodes - idle, missed: nodes - idle - evaluated, idle };
}
