/**
 * One pack in a process of its own: node packer.ts ARCHIVE OUT FROM TO, started by pack.ts, which it tells what the pack cost.
 * Tested by test/bench/run.test.ts.
 */
import { packCommand } from '../cli/pack.ts';
import { judgeArchived } from '../lambda/results/judge-line.ts';

export type Packed = { seconds: number; cpuSeconds: number; peakBytes: number };

const [archive = '', out = '', from = '', to = ''] = process.argv.slice(2);
const start = performance.now();
const told: string[] = [];
const tell = (text: string) => void told.push(text);
const quiet = { out: tell, err: tell, isInteractive: false };
await packCommand(['--from', from, '--to', to, '--out', out, archive], judgeArchived, quiet);
// What was not packed was not measured; that some nodes were silent is an exception, and expected.
const [, due, verified] =
  /^Of (\S+) nights? that were due or held, (\S+) are there and verified/m.exec(told.join('')) ?? [];
if (due === undefined || due !== verified) {
  process.stderr.write(told.join(''));
  process.exitCode = 1;
}
const { user, system } = process.cpuUsage();
// maxRSS is in KiB (Node.js, process.resourceUsage).
process.send?.({
  seconds: (performance.now() - start) / 1000,
  cpuSeconds: (user + system) / 1e6,
  peakBytes: process.resourceUsage().maxRSS * 1024,
} satisfies Packed);
process.disconnect();
