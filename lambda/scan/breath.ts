/**
 * A new Lambda invocation, with all of its 15 minutes, before a step that takes minutes of them: 100,000 nodes take several
 * such steps, and so do thousands of targets, however few nodes they have. Tested by test/scan/breath.test.ts.
 */
import type { DurableContext } from '@aws/durable-execution-sdk-js';

/** From so many nodes on a step may take a minute or more; `npm run bench -- scan-100000-slow` shows them. */
const LARGE = 20_000;

/** Likewise from so many targets on: of each some objects are read one after the other, at some 20 ms each. */
const MANY = 500;

/** Whether the steps of so many nodes, in so many targets, are worth an invocation each. */
export function isLarge(nodes: number, targets = 1): boolean {
  return nodes >= LARGE || targets >= MANY;
}

/** Ends the invocation: a pause, however short, suspends the execution. */
export async function breathe(context: DurableContext): Promise<void> {
  await context.wait('breath', { seconds: 1 });
}
