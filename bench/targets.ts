/**
 * One scan of N simulated nodes that are spread over several accounts: a coordinator and a shard for each, in processes of their own as
 * they are functions of their own (night.ts says with what). With `paced`, every answer of AWS takes a tenth of a second, each
 * operation of a target takes ten requests a second, and pauses are waited for; else they only move the clock. Exits with 1 where a
 * node is not accounted for, or has answered and is not heard. node bench/targets.ts NODES TARGETS [paced]
 * Tested by test/bench/run.test.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { print } from './line.ts';
import { nights } from './night.ts';

const [nodes = '1000', targets = '4', pace = ''] = process.argv.slice(2);
const bench = ['targets', nodes, targets, ...(pace === '' ? [] : [pace])].join('-');

await nights(bench, { nodes: Number(nodes), targets: Number(targets), pace }, async ({ scan, asked, bucket }) => {
  const { cpuSeconds } = await scan('scan', '2026-11-22T02:00:00Z');
  print(bench, 'CPU time a node', (cpuSeconds / Number(nodes)) * 1e6, 'µs');
  const { calls, answering, cpuSeconds: ofEndpoints } = await asked();
  for (const [operation, count] of Object.entries(calls).sort())
    print(bench, `API calls, ${operation}`, count, 'calls');
  print(bench, 'endpoints, CPU time', ofEndpoints, 's');
  const told = new Set<string>();
  let heard = 0;
  for (const file of readdirSync(bucket, { recursive: true, encoding: 'utf8' })) {
    if (!/\/evidence\/.*gz$/.test(file)) continue;
    for (const text of gunzipSync(readFileSync(join(bucket, file)))
      .toString()
      .trimEnd()
      .split('\n')) {
      const line = JSON.parse(text) as { node: { account: string; id: string }; evidence?: object; reason?: string };
      told.add(`${line.node.account}/${line.node.id}`);
      // Of a cut answer it is told that it cannot be used.
      if (line.evidence !== undefined || line.reason === 'bad-answer') heard += 1;
    }
  }
  print(bench, 'nodes accounted for', told.size, 'nodes');
  print(bench, 'nodes whose answer was read', heard, 'nodes');
  if (told.size !== Number(nodes) || heard !== answering) {
    process.stderr.write(`${bench}: ${nodes} nodes were there, and ${answering} of them answered\n`);
    process.exitCode = 1;
  }
});
