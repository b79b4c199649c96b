/**
 * What the worst answers of nodes cost: the whole corpus of test/hostile, each read and judged as a scan does. The budget
 * is 50 ms and 32 MiB an answer; exits 1 where one takes more. node bench/hostile.ts Tested by test/bench/run.test.ts.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { corpus } from '../simulator/hostile/corpus.ts';
import { rowOf } from '../simulator/hostile/row.ts';
import { median, print, times } from './line.ts';

const ROUNDS = times(5);
const BUDGET_MILLISECONDS = 50;
/** Of the slowest. */
const SHOWN = 3;
/** Heap of the process that reads them, with all of our code and all answers in it: what one may take is less. */
const HEAP_MIB = 32;

if (process.send === undefined) {
  const fits = await fitsIntoHeap();
  // Round by round: more kinds lie between two readings of an answer than are kept, so that most are the first of their kind each time.
  const rounds = Array.from({ length: ROUNDS }, () => corpus.map(({ output }) => millisecondsOf(output)));
  const measured = corpus.map(({ name }, index) => ({
    name,
    milliseconds: median(rounds.map((round) => round[index] ?? Number.NaN)),
  }));
  measured.sort((a, b) => b.milliseconds - a.milliseconds);
  for (const { name, milliseconds } of measured.slice(0, SHOWN))
    print('hostile', `answer with ${name}`, milliseconds, 'ms');
  print(
    'hostile',
    'all answers, mean',
    measured.reduce((sum, each) => sum + each.milliseconds, 0) / measured.length,
    'ms',
  );
  print('hostile', `answers read in a heap of ${HEAP_MIB} MiB`, fits, 'answers');
  print('hostile', 'answers', corpus.length, 'answers');
  const [slowest] = measured;
  if (fits < corpus.length || !slowest || slowest.milliseconds > BUDGET_MILLISECONDS) process.exitCode = 1;
} else {
  for (const { output } of corpus) {
    rowOf(output);
    process.send('read');
  }
}

function millisecondsOf(output: string): number {
  const start = performance.now();
  rowOf(output);
  return performance.now() - start;
}

/**
 * How many answers a process with a small heap reads before it runs out of memory, or all. It collects garbage in its own
 * thread: on a busy machine helpers of V8 may come too late.
 */
async function fitsIntoHeap(): Promise<number> {
  const execArgv = [
    '--single-threaded-gc',
    `--max-old-space-size=${HEAP_MIB}`,
    `--max-semi-space-size=${HEAP_MIB / 4}`,
  ];
  // What counts the code that runs has its lists in the same heap.
  const env = { ...process.env, NODE_V8_COVERAGE: undefined };
  const reader = fork(fileURLToPath(import.meta.url), { execArgv, env, stdio: ['ignore', 'inherit', 'ignore', 'ipc'] });
  let count = 0;
  reader.on('message', () => {
    count += 1;
  });
  await once(reader, 'close');
  return count;
}
