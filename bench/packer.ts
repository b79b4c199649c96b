/**
 * One pack in a process of its own: node packer.ts ARCHIVE OUT FROM TO, started by pack.ts, which it tells what the pack cost.
 * Tested by test/bench/run.test.ts.
 */
import { packCommand } from '../cli/pack.ts';
import { judgeArchived } from '../lambda/results/judge-line.ts';

export type Packed = { seconds: number; cpuSeconds: number; peakBytes: number };

const [archive = '', out = '', from = '', to = ''] = process.argv.slice(2);
const start = performance.now();
const silent = { out: () => {}, err: () => {}, isInteractive: false };
await packCommand(['--from', from, '--to', to, '--out', out, archive], judgeArchived, silent);
const { user, system } = process.cpuUsage();
// maxRSS is in KiB (Node.js, process.resourceUsage).
process.send?.({
  seconds: (performance.now() - start) / 1000,
  cpuSeconds: (user + system) / 1e6,
  peakBytes: process.resourceUsage().maxRSS * 1024,
} satisfies Packed);
process.disconnect();
