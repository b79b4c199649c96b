/**
 * Keeps two scans of a made-up fleet in S3 and prints the process's peak memory in MiB; `size.test.ts` runs it as a
 * process of its own: `node keep-fleet.ts <nodes> <format,…>` with the endpoints' environment.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { s3Archive } from '../../lambda/archive/store.ts';
import type { FormatName } from '../../lambda/formats/formats.ts';
import { catalog, member } from './fleet.ts';
import { keepScan, nightly } from './memory.ts';

const [size = '0', formats = ''] = process.argv.slice(2);
const client = new S3Client({});

function* answers(night: number) {
  for (let index = 0; index < Number(size); index += 1) yield member(index, night);
}

for (const night of [1, 2]) {
  await keepScan(s3Archive(client, 'reports'), nightly(night), answers(night), undefined, {
    formats: night === 2 ? (formats.split(',').filter(Boolean) as FormatName[]) : [],
    catalog,
  });
}
client.destroy();
process.stdout.write(`${Math.round(process.resourceUsage().maxRSS / 1024)}\n`);
