/**
 * A whole scan of N simulated nodes, twice, because the second one compares itself with the first: the deployed bundle,
 * real HTTP, the real durable engine with its checkpoints on disk, real S3 writes to disk; answers are recorded. Scan and endpoints are
 * processes of their own, so that what each costs can be told apart. With `slow`, EC2 and Systems Manager take half a second
 * for every answer and throttle. node bench/scan.ts NODES [slow]
 * Tested by test/bench/run.test.ts.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleHandler } from '../infra/bundle.ts';
import { ENVIRONMENT } from '../infra/handler.ts';
import { collectDocument } from '../lambda/nodes/document.ts';
import { ACCOUNT, REGION } from '../simulator/fleet/nodes.ts';
import type { Asked } from './endpoints.ts';
import { print } from './line.ts';
import type { Cost } from './scanner.ts';

const MIB = 2 ** 20;
/**
 * Requests to EC2 and Systems Manager that a scan may make besides a page for 45 nodes: the inventory, what looks like a node,
 * what has left, the agents, the command and its versions, and a look at the command about every second while nodes answer.
 */
const FIXED_CALLS = 26;
const [nodes = '1000', pace = ''] = process.argv.slice(2);
/** How many scans there are. */
const scans = pace === 'slow' ? 1 : 2;
const bench = pace === '' ? `scan-${nodes}` : `scan-${nodes}-${pace}`;

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

async function told<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a process of the benchmark ended early, with ${code}`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [T];
  return message;
}

const { name, version, hash } = collectDocument();
const settings = {
  targets: [{ account: ACCOUNT, region: REGION }],
  tags: [{ key: 'kubevigil', values: ['scan'] }],
  documentName: name,
  documentVersion: version,
  documentHash: hash,
  bucket: 'reports',
  topicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:kubevigil`,
};

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-bench-'));
let endpoints: ChildProcess | undefined;
try {
  const bundle = join(await bundleHandler(join(folder, 'bundle')), 'index.mjs');
  // Bundled as well, so that what Node.js needs to read TypeScript is not counted as the scan's.
  await build({
    entryPoints: [path('./scanner.ts')],
    outfile: join(folder, 'scanner.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
    banner: { js: "import{createRequire as required}from'node:module';const require=required(import.meta.url);" },
  });
  endpoints = fork(path('./endpoints.ts'), [nodes, join(folder, 's3'), pace]);
  const { environment } = await told<{ environment: Record<string, string> }>(endpoints);
  const env = { ...process.env, ...environment, ...ENVIRONMENT, KUBEVIGIL_SETTINGS: JSON.stringify(settings) };
  const first = await run('first scan', [bundle, '2026-11-22T02:00:00Z'], env);
  // Slow ones show how long reading takes, which no comparison changes.
  const second = pace === 'slow' ? first : await run('next scan', [bundle, '2026-11-23T02:00:00Z'], env);
  endpoints.send('report');
  const { asked } = await told<{ asked: Asked }>(endpoints);
  report(first, second, asked);
} finally {
  endpoints?.kill();
  rmSync(folder, { recursive: true, force: true });
}

async function run(label: string, [bundle, time]: [string, string], env: NodeJS.ProcessEnv): Promise<Cost> {
  const directory = join(folder, label.replace(' ', '-'));
  const cost = await told<Cost>(fork(join(folder, 'scanner.mjs'), [bundle, directory, time], { env }));
  print(bench, `${label}, wall time`, cost.wallSeconds, 's');
  print(bench, `${label}, longest invocation`, cost.longestSeconds, 's');
  print(bench, `${label}, CPU time`, cost.cpuSeconds, 's');
  print(bench, `${label}, peak RSS`, cost.peakBytes / MIB, 'MiB');
  print(bench, `${label}, RSS before it begins`, cost.loadedBytes / MIB, 'MiB');
  const journal = readFileSync(join(directory, 'scan.ndjson'), 'utf8').trimEnd().split('\n');
  const { usage } = JSON.parse(journal.at(-1) ?? '{}') as { usage: { operations: number; bytes: number } };
  print(bench, `${label}, durable operations`, usage.operations, 'operations');
  print(bench, `${label}, checkpoints`, usage.bytes, 'bytes');
  return cost;
}

/** What both scans asked for; halves, because the second asks what the first did and little more. */
function report(first: Cost, second: Cost, { calls, received, sent, cpuSeconds }: Asked): void {
  const asked = Object.entries(calls).sort(([a], [b]) => a.localeCompare(b));
  const sum = (services: RegExp) =>
    asked.filter(([operation]) => services.test(operation)).reduce((total, [, count]) => total + count, 0) / scans;
  print(bench, 'API calls to EC2 and SSM', sum(/^(ec2|ssm)\./), 'calls');
  print(bench, `API calls allowed (1 per 45 nodes + ${FIXED_CALLS})`, Number(nodes) / 45 + FIXED_CALLS, 'calls');
  print(bench, 'API calls to S3 and SNS', sum(/^(s3|sns)\./), 'calls');
  for (const [operation, count] of asked) print(bench, `API calls, ${operation}`, count / scans, 'calls');
  print(bench, 'CPU time a node', ((first.cpuSeconds + second.cpuSeconds) / 2 / Number(nodes)) * 1e6, 'µs');
  print(bench, 'sent to AWS', received / scans / MIB, 'MiB');
  print(bench, 'received from AWS', sent / scans / MIB, 'MiB');
  print(bench, 'endpoints, CPU time of a scan', cpuSeconds / scans, 's');
  for (const file of readdirSync(join(folder, 's3', 'reports'), { recursive: true, encoding: 'utf8' })) {
    const { size } = statSync(join(folder, 's3', 'reports', file));
    const kind = /^scans\/2026\/11\/23\/[^/]+\/(inventory|answers|evidence|findings|changes)\/.*gz$/.exec(file)?.[1];
    if (kind) print(bench, `archived ${kind} of a node`, size / Number(nodes), 'bytes');
  }
}
