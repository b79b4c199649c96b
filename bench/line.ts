/** What every benchmark prints: one JSON object a line. Tested by test/bench/run.test.ts. */
import { cpus, totalmem } from 'node:os';

export type Line = { bench: string; metric: string; value: number; unit: string };

/** Prints one measurement, rounded to what is worth reading. */
export function print(bench: string, metric: string, value: number, unit: string): void {
  const line: Line = { bench, metric, value: Number(value.toPrecision(4)), unit };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The machine that the measurements are from. */
export function machine(): object {
  const [cpu] = cpus();
  return {
    machine: {
      cpu: cpu?.model ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
    },
  };
}

/** How often to measure: as often as usual, or once under BENCH_ONCE, which only shows that a benchmark runs. */
export function times(usual: number): number {
  return process.env.BENCH_ONCE === undefined ? usual : 1;
}

/** The middle one of some measurements. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
