/**
 * A whole scan of N simulated nodes of one account, twice, because the second one compares itself with the first (night.ts says with
 * what). With `slow`, EC2 and Systems Manager take half a second for every answer and throttle. node bench/scan.ts NODES [slow]
 * Tested by test/bench/run.test.ts.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Asked } from './endpoints.ts';
import { print } from './line.ts';
import { MIB, nights } from './night.ts';
import type { Cost } from './scanner.ts';

/**
 * Requests to EC2 and Systems Manager that a scan may make besides a page for 45 nodes and one for 20 that are silent: the inventory,
 * what looks like a node, what has left, the command and its versions, and a look at the command about every second while nodes
 * answer. Of the silent EC2 tells the state, 200 at a time, and Systems Manager the agent, 50 at a time; a third of them, whose
 * silence may pass, are asked again by commands of 50, and looked at once more.
 */
const FIXED_CALLS = 26;
const [nodes = '1000', pace = ''] = process.argv.slice(2);
/** How many scans there are. */
const scans = pace === 'slow' ? 1 : 2;
const bench = pace === '' ? `scan-${nodes}` : `scan-${nodes}-${pace}`;

await nights(bench, { nodes: Number(nodes), targets: 1, pace }, async ({ scan, asked, bucket }) => {
  const first = await scan('first scan', '2026-11-22T02:00:00Z');
  // Slow ones show how long reading takes, which no comparison changes.
  const second = pace === 'slow' ? first : await scan('next scan', '2026-11-23T02:00:00Z');
  report(first, second, await asked());
  for (const file of readdirSync(bucket, { recursive: true, encoding: 'utf8' })) {
    const { size } = statSync(join(bucket, file));
    const kind = /^scans\/2026\/11\/23\/[^/]+\/(inventory|answers|evidence|findings|changes)\/.*gz$/.exec(file)?.[1];
    if (kind) print(bench, `archived ${kind} of a node`, size / Number(nodes), 'bytes');
  }
});

/** What both scans asked for; halves, because the second asks what the first did and little more. */
function report(first: Cost, second: Cost, { calls, received, sent, cpuSeconds, answering }: Asked): void {
  const silent = Number(nodes) - answering;
  const asked = Object.entries(calls).sort(([a], [b]) => a.localeCompare(b));
  const sum = (services: RegExp) =>
    asked.filter(([operation]) => services.test(operation)).reduce((total, [, count]) => total + count, 0) / scans;
  print(bench, 'API calls to EC2 and SSM', sum(/^(ec2|ssm)\./), 'calls');
  const allowed = Number(nodes) / 45 + silent / 20 + FIXED_CALLS;
  print(bench, `API calls allowed (1 per 45 nodes and 20 silent ones + ${FIXED_CALLS})`, allowed, 'calls');
  print(bench, 'API calls to S3 and SNS', sum(/^(s3|sns)\./), 'calls');
  for (const [operation, count] of asked) print(bench, `API calls, ${operation}`, count / scans, 'calls');
  print(bench, 'CPU time a node', ((first.cpuSeconds + second.cpuSeconds) / 2 / Number(nodes)) * 1e6, 'µs');
  print(bench, 'sent to AWS', received / scans / MIB, 'MiB');
  print(bench, 'received from AWS', sent / scans / MIB, 'MiB');
  print(bench, 'endpoints, CPU time of a scan', cpuSeconds / scans, 's');
}
