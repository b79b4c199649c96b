/**
 * Nights of a large simulated fleet: the deployed bundle, real HTTP, the real durable engine with its checkpoints on disk, real S3
 * writes to disk; answers are recorded. Scan and endpoints are processes of their own, so that what each costs can be told apart.
 * Tested by test/bench/run.test.ts.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
import { accountsOf, BUCKET, ROLE, SHARD, TOPIC } from './places.ts';
import type { Cost } from './scanner.ts';
import { told } from './told.ts';

export const MIB = 2 ** 20;

export type Fleet = {
  nodes: number;
  /** How many accounts they are spread over; several are scanned by shards. */
  targets: number;
  /** How slow AWS is, by the names in endpoints.ts. */
  pace: string;
};

export type Nights = {
  /** Scans once, and prints what that cost. */
  scan(label: string, time: string): Promise<Cost>;
  /** What AWS was asked, all nights together; there is none after it. */
  asked(): Promise<Asked>;
  /** Where the bucket's objects are. */
  bucket: string;
};

/** Starts the endpoints, lets `run` scan, and removes everything. `bench` names the benchmark in what is printed. */
export async function nights(bench: string, fleet: Fleet, run: (nights: Nights) => Promise<void>): Promise<void> {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-bench-'));
  let endpoints: ChildProcess | undefined;
  try {
    const bundle = join(await bundleHandler(join(folder, 'bundle')), 'index.mjs');
    // Bundled as well, so that what Node.js needs to read TypeScript is not counted as the scan's.
    const scanner = join(folder, 'scanner.mjs');
    await build({
      entryPoints: [path('./scanner.ts')],
      outfile: scanner,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
      banner: { js: "import{createRequire as required}from'node:module';const require=required(import.meta.url);" },
    });
    const s3 = join(folder, 's3');
    const started = fork(path('./endpoints.ts'), [`${fleet.nodes}`, `${fleet.targets}`, s3, fleet.pace]);
    endpoints = started;
    const { environment } = await told<{ environment: Record<string, string> }>(started);
    const env = { ...process.env, ...environment, ...ENVIRONMENT, KUBEVIGIL_SETTINGS: settingsOf(fleet.targets) };
    await run({
      bucket: join(s3, BUCKET),
      async scan(label, time) {
        const directory = join(folder, label.replace(' ', '-'));
        const event = JSON.stringify({ scheduledTime: time });
        const cost = await told<Cost>(fork(scanner, [bundle, directory, event, fleet.pace], { env }));
        printCost(bench, label, cost, directory);
        return cost;
      },
      async asked() {
        started.send('report');
        return (await told<{ asked: Asked }>(started)).asked;
      },
    });
  } finally {
    endpoints?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function settingsOf(targets: number): string {
  const { name, version, hash } = collectDocument();
  const list = accountsOf(targets).map((account) => `${account}/${REGION}`);
  return JSON.stringify({
    targets: { home: `${ACCOUNT}/${REGION}`, list, role: `arn:aws:iam::ACCOUNT:role/${ROLE}-REGION` },
    ...(targets > 1 && { shardArn: SHARD }),
    tags: [{ key: 'kubevigil', values: ['scan'] }],
    documentName: name,
    documentVersion: version,
    documentHash: hash,
    bucket: BUCKET,
    topicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:${TOPIC}`,
  });
}

function printCost(bench: string, label: string, cost: Cost, directory: string): void {
  print(bench, `${label}, wall time`, cost.wallSeconds, 's');
  print(bench, `${label}, longest invocation`, cost.longestSeconds, 's');
  print(bench, `${label}, CPU time`, cost.cpuSeconds, 's');
  print(bench, `${label}, peak RSS`, cost.peakBytes / MIB, 'MiB');
  print(bench, `${label}, RSS before it begins`, cost.loadedBytes / MIB, 'MiB');
  const journal = readFileSync(join(directory, 'scan.ndjson'), 'utf8').trimEnd().split('\n');
  const { usage } = JSON.parse(journal.at(-1) ?? '{}') as { usage: { operations: number; bytes: number } };
  print(bench, `${label}, durable operations`, usage.operations, 'operations');
  print(bench, `${label}, checkpoints`, usage.bytes, 'bytes');
}
