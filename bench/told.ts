/** What a process of a benchmark says to the one that started it. Tested by test/bench/run.test.ts. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The next thing that a process says; throws if it ends before. */
export async function told<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a process of the benchmark ended early, with ${code}`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [T];
  return message;
}
