/** A durable handler with every kind of operation that a scan uses, whose effects can be counted. */
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { DurableOptions } from '../../../simulator/durable.ts';

export async function everyOperation(context: DurableContext, effect: (name: string) => void): Promise<string[]> {
  const plan = await context.step('plan', async () => {
    effect('plan');
    return { nodes: 3 };
  });
  await context.wait('settle', { seconds: 90 });
  const done = await context.waitForCondition(
    'poll',
    async (polls: number) => {
      effect(`poll ${polls}`);
      return polls + 1;
    },
    {
      initialState: 0,
      waitStrategy: (polls) =>
        polls < 3 ? { shouldContinue: true, delay: { minutes: 5 } } : { shouldContinue: false },
    },
  );
  const flaky = await context.step(
    'flaky',
    async ({ attempt }) => {
      effect(`flaky ${attempt}`);
      if (attempt < 3) throw new Error(`attempt ${attempt} failed`);
      return attempt;
    },
    { retryStrategy: () => ({ shouldRetry: true, delay: { seconds: 30 } }) },
  );
  const pages = await context.map('pages', [1, 2, 3], (child, page) =>
    child.step(`page-${page}`, async () => {
      effect(`page ${page}`);
      return page * 10;
    }),
  );
  return [`${plan.nodes} nodes`, `${done} polls`, `${flaky} attempts`, `pages ${pages.getResults().join(' ')}`];
}

/** What `everyOperation` returns, and the effects that one undisturbed execution has. */
export const result = ['3 nodes', '3 polls', '3 attempts', 'pages 10 20 30'];
export const effects = [
  'plan',
  'poll 0',
  'poll 1',
  'poll 2',
  'flaky 1',
  'flaky 2',
  'flaky 3',
  'page 1',
  'page 2',
  'page 3',
];

/** A clock that only moves when somebody sleeps. */
export function jumpingClock(start = Date.UTC(2026, 10, 23, 2)): Pick<DurableOptions, 'now' | 'sleep'> & {
  sleeps: number[];
} {
  let time = start;
  const sleeps: number[] = [];
  return {
    now: () => time,
    async sleep(milliseconds) {
      sleeps.push(milliseconds);
      time += milliseconds;
    },
    sleeps,
  };
}
