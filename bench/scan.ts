/**
 * A whole scan of N simulated nodes of one account, twice, because the second one compares itself with the first (night.ts says with
 * what). With `slow`, EC2 and Systems Manager take half a second for every answer and throttle. node bench/scan.ts NODES [slow]
 * Tested by test/bench/run.test.ts.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedFleet, type SimulatedNode } from '../simulator/fleet/nodes.ts';
import type { Asked } from './endpoints.ts';
import { print } from './line.ts';
import { MIB, nights } from './night.ts';
import type { Cost } from './scanner.ts';

/**
 * Requests to EC2 and Systems Manager that a scan may make however few nodes there are: the command and a search for it, some sixteen
 * looks at it until the last node has run out of time, who left since the scan before, and pages that are not full.
 */
const FIXED_CALLS = 26;
/** Looks at the commands of those that are asked again; each lists fifty commands a page. */
const LOOKS_AGAIN = 6;
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

/**
 * Requests that a node may cost, by the pages in which services tell of many: all that are selected and all that look like a node
 * (500 a page), answers (50), of the silent ones state and agent (200, 50), and of those worth asking again a command of 50 with a
 * look and a page of its own, a page of fifty commands in each further look, and once more state and agent.
 */
function callsOfNode(): number {
  const kinds = embeddedFleet(0);
  const share = (isMeant: (kind: SimulatedNode) => boolean) => kinds.filter(isMeant).length / kinds.length;
  const isSilent = ({ agent, answer }: SimulatedNode) => agent !== 'online' || answer === 'Execution Timed Out';
  const silence = 1 / 200 + 1 / 50;
  return (
    2 / 500 +
    share(({ agent }) => agent !== 'absent') / 50 +
    share(isSilent) * silence +
    share((kind) => isSilent(kind) && kind.agent === 'online') * (3 / 50 + LOOKS_AGAIN / 50 / 50 + silence)
  );
}

/** What both scans asked for; halves, because the second asks what the first did and little more. */
function report(first: Cost, second: Cost, { calls, received, sent, cpuSeconds }: Asked): void {
  const asked = Object.entries(calls).sort(([a], [b]) => a.localeCompare(b));
  const sum = (services: RegExp) =>
    asked.filter(([operation]) => services.test(operation)).reduce((total, [, count]) => total + count, 0) / scans;
  print(bench, 'API calls to EC2 and SSM', sum(/^(ec2|ssm)\./), 'calls');
  print(bench, 'API calls allowed', Math.ceil(Number(nodes) * callsOfNode()) + FIXED_CALLS, 'calls');
  print(bench, 'API calls to S3 and SNS', sum(/^(s3|sns)\./), 'calls');
  for (const [operation, count] of asked) print(bench, `API calls, ${operation}`, count / scans, 'calls');
  print(bench, 'CPU time a node', ((first.cpuSeconds + second.cpuSeconds) / 2 / Number(nodes)) * 1e6, 'µs');
  print(bench, 'sent to AWS', received / scans / MIB, 'MiB');
  print(bench, 'received from AWS', sent / scans / MIB, 'MiB');
  print(bench, 'endpoints, CPU time of a scan', cpuSeconds / scans, 's');
}
