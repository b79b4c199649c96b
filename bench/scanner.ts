/**
 * One scan by the bundle that is deployed, in a process of its own: node scanner.ts BUNDLE DIRECTORY EVENT [PACE], started by
 * night.ts, which it tells what the scan cost. A coordinator's shards are processes of their own in turn. Under the pace `paced`
 * pauses are waited for. Tested by test/bench/run.test.ts.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runDurable } from '../simulator/durable.ts';
import { SHARD } from './places.ts';
import { told } from './told.ts';

export type Cost = {
  result: unknown;
  wallSeconds: number;
  /** Longest time without a pause, of all processes. */
  longestSeconds: number;
  /** Of all processes. */
  cpuSeconds: number;
  /** Resident memory before the scan began, and its highest mark; of several processes that of the largest. */
  loadedBytes: number;
  peakBytes: number;
};

const [bundle = '', directory = '', event = '', pace = ''] = process.argv.slice(2);
const { scan } = (await import(bundle)) as typeof import('../lambda/scan/handler.ts');
const loaded = process.memoryUsage().rss;
const cpu = process.cpuUsage();
const start = performance.now();

const shards: Cost[] = [];
let started = 0;
const askShard = async (given: unknown) => {
  started += 1;
  const args = [bundle, join(directory, `shard-${started}`), JSON.stringify(given), pace];
  const cost = await told<Cost>(fork(process.argv[1] ?? '', args));
  shards.push(cost);
  return cost.result;
};

// Recorded answers are there at once: the pauses between looks at the command only move the clock.
let ahead = 0;
// Lambda ends an invocation after 15 minutes, and a pause of an execution begins a new one.
let began = start;
let longest = 0;
const result = await runDurable(scan, JSON.parse(event), {
  directory,
  executionName: 'scan',
  functions: { [SHARD]: askShard },
  now: () => Date.now() + ahead,
  sleep: async (milliseconds) => {
    longest = Math.max(longest, performance.now() - began);
    if (pace === 'paced') await sleep(milliseconds);
    else ahead += milliseconds;
    began = performance.now();
  },
});

const { user, system } = process.cpuUsage(cpu);
const own: Cost = {
  result,
  wallSeconds: (performance.now() - start) / 1000,
  longestSeconds: Math.max(longest, performance.now() - began) / 1000,
  cpuSeconds: (user + system) / 1e6,
  loadedBytes: loaded,
  // maxRSS is in KiB (Node.js, process.resourceUsage).
  peakBytes: process.resourceUsage().maxRSS * 1024,
};
const largest = (costs: Cost[], of: (cost: Cost) => number) => Math.max(...costs.map(of));
process.send?.({
  ...own,
  // While its shards run, a coordinator does not.
  longestSeconds: largest(shards.length > 0 ? shards : [own], ({ longestSeconds }) => longestSeconds),
  cpuSeconds: shards.reduce((sum, each) => sum + each.cpuSeconds, own.cpuSeconds),
  peakBytes: largest([own, ...shards], ({ peakBytes }) => peakBytes),
} satisfies Cost);
process.disconnect();
