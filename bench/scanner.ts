/**
 * One scan by the bundle that is deployed, in a process of its own: node scanner.ts BUNDLE DIRECTORY TIME, started by
 * scan.ts, which it tells what the scan cost. Tested by test/bench/run.test.ts.
 */
import { runDurable } from '../simulator/durable.ts';

const [bundle = '', directory = '', scheduledTime = ''] = process.argv.slice(2);

const { scan } = (await import(bundle)) as typeof import('../lambda/scan/handler.ts');
const loaded = process.memoryUsage().rss;
const cpu = process.cpuUsage();
const start = performance.now();

// Recorded answers are there at once: the pauses between looks at the command only move the clock.
let ahead = 0;
// Lambda ends an invocation after 15 minutes, and a pause of an execution begins a new one.
let began = start;
let longest = 0;
const result = await runDurable(
  scan,
  { scheduledTime },
  {
    directory,
    executionName: 'scan',
    now: () => Date.now() + ahead,
    sleep: async (milliseconds) => {
      longest = Math.max(longest, performance.now() - began);
      began = performance.now();
      ahead += milliseconds;
    },
  },
);

const wallSeconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
process.send?.({
  result,
  wallSeconds,
  longestSeconds: Math.max(longest, performance.now() - began) / 1000,
  cpuSeconds: (user + system) / 1e6,
  loadedBytes: loaded,
  // maxRSS is in KiB (Node.js, process.resourceUsage).
  peakBytes: process.resourceUsage().maxRSS * 1024,
} satisfies Cost);
process.disconnect();

export type Cost = {
  result: unknown;
  wallSeconds: number;
  /** Longest time without a pause. */
  longestSeconds: number;
  cpuSeconds: number;
  /** Resident memory before the scan began, and its highest mark. */
  loadedBytes: number;
  peakBytes: number;
};
