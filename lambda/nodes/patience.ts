/**
 * How long a command and a scan may take: what run time waits for and what a deployment allows are the same arithmetic.
 */
import { EXECUTION_SECONDS } from './outcome.ts';

/** What SSM may be late with its own bookkeeping, in seconds. */
const GRACE_SECONDS = 60;

/** Nodes of one target that every deployment must have time for. */
export const FLEET = 10_000;

/** Longest that nodes of one target may be waited for: before the next night begins. */
const LONGEST_HOURS = 20;

export type Patience = { concurrency: string; deliveryTimeoutSeconds: number; askAgain: number };

/** How often as many nodes as may run at a time must run for all to have run. */
function roundsOf(concurrency: string, nodes: number): number {
  const rounds = concurrency.endsWith('%') ? 100 / Number(concurrency.slice(0, -1)) : nodes / Number(concurrency);
  return Math.max(1, Math.ceil(rounds));
}

/**
 * Seconds that a node of the last round may take to pick the command up: SSM is not documented to count them from the
 * moment at which it sends to a node, so the rounds before are added.
 */
export function deliverySeconds({ concurrency, deliveryTimeoutSeconds }: Patience, nodes: number): number {
  return deliveryTimeoutSeconds + (roundsOf(concurrency, nodes) - 1) * EXECUTION_SECONDS;
}

/** Seconds until the last of `nodes` nodes can have answered a command. */
export function commandSeconds(patience: Patience, nodes: number): number {
  return deliverySeconds(patience, nodes) + EXECUTION_SECONDS + GRACE_SECONDS;
}

/** Seconds until the last of `nodes` nodes can have answered, when some are asked again. */
export function askingSeconds(patience: Patience, nodes: number): number {
  return commandSeconds(patience, nodes) * (1 + patience.askAgain);
}

/** The arithmetic in words, where it takes too long; undefined where it fits. */
export function tooLong(patience: Patience, nodes: number): string | undefined {
  const seconds = askingSeconds(patience, nodes);
  if (seconds <= LONGEST_HOURS * 3600) return undefined;
  const { concurrency, deliveryTimeoutSeconds, askAgain } = patience;
  const rounds = roundsOf(concurrency, nodes);
  const hours = Math.ceil(seconds / 3600);
  return (
    `let ${nodes} nodes answer within ${LONGEST_HOURS} hours, but ${concurrency} at a time are ${rounds} rounds of ` +
    `${EXECUTION_SECONDS} s, with ${deliveryTimeoutSeconds} s of delivery, asked up to ${1 + askAgain} times: ${hours} hours`
  );
}
