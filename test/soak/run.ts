/**
 * `npm run soak`: the fault, crash, hostile and secret tests for longer, with a new seed's worth of nights and answers, and
 * what each hostile answer costs, which no unit test may time. Exits 1 when a test fails or an answer costs too much.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { corpus } from '../hostile/corpus.ts';
import { rowOf } from '../hostile/row.ts';

const PLANS = process.env.KUBEVIGIL_PLANS ?? '3000';
const ANSWERS = process.env.KUBEVIGIL_ANSWERS ?? '500000';

/** What one answer may cost: milliseconds of the fastest of some tries, and MiB of heap at most. */
const MILLISECONDS = 50;
const MEBIBYTES = 32;
const TRIES = 5;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function costOf(output: string): { milliseconds: number; mebibytes: number } {
  let milliseconds = Number.POSITIVE_INFINITY;
  let mebibytes = 0;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    collectGarbage();
    const before = process.memoryUsage();
    const start = performance.now();
    rowOf(output);
    milliseconds = Math.min(milliseconds, performance.now() - start);
    const after = process.memoryUsage();
    mebibytes = Math.max(mebibytes, (after.heapUsed + after.external - before.heapUsed - before.external) / 2 ** 20);
  }
  return { milliseconds, mebibytes };
}

for (const { output } of corpus) rowOf(output);
const costs = corpus.map(({ name, output }) => ({ name, ...costOf(output) }));
for (const [metric, value, unit] of [
  ['slowest answer', Math.max(...costs.map(({ milliseconds }) => milliseconds)), 'ms'],
  ['largest answer', Math.max(...costs.map(({ mebibytes }) => mebibytes)), 'MiB'],
] as const) {
  process.stdout.write(`${JSON.stringify({ bench: 'hostile', metric, value: Number(value.toFixed(1)), unit })}\n`);
}
for (const { name, milliseconds, mebibytes } of costs) {
  if (milliseconds <= MILLISECONDS && mebibytes <= MEBIBYTES) continue;
  process.stderr.write(`${name}: ${milliseconds.toFixed(1)} ms, ${mebibytes.toFixed(1)} MiB\n`);
  process.exitCode = 1;
}

const tests = ['faults', 'hostile', 'secrets'].map((folder) => `test/${folder}/*.test.ts`);
const { status } = spawnSync(process.execPath, ['--test', ...tests, 'test/nodes/degraded.test.ts'], {
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  env: { ...process.env, KUBEVIGIL_SOAK: '1', KUBEVIGIL_PLANS: PLANS, KUBEVIGIL_ANSWERS: ANSWERS },
  stdio: 'inherit',
});
if (status !== 0) process.exitCode = 1;
