/** Opens an archive by its name on the command line. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { type Archive, s3Archive } from '../lambda/reports/archive.ts';
import { directoryArchive } from '../lambda/reports/directory.ts';
import { InputError } from './terminal.ts';

/** Opens `s3://bucket[/prefix]`, or a directory that holds an archive or one bucket's directory with one. */
export async function openArchive(place: string): Promise<Archive> {
  const s3 = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*?))?\/*$/.exec(place);
  if (s3) return s3Archive(new S3Client({ followRegionRedirects: true }), s3[1] as string, s3[2] ?? '');
  if (/^[a-z0-9]+:\/\//i.test(place)) {
    throw new InputError(`expected a directory or s3://bucket[/prefix], got ${place}`);
  }
  const entries = await readdir(place, { withFileTypes: true }).catch(() => undefined);
  if (!entries) throw new InputError(`${place} is not a directory that can be read`);
  if (entries.some(({ name }) => name === 'scans' || name === 'latest.json')) return directoryArchive(place);
  const inside: string[] = [];
  for (const entry of entries) {
    const names = entry.isDirectory() ? await readdir(join(place, entry.name)).catch(() => []) : [];
    if (names.includes('scans')) inside.push(entry.name);
  }
  const [only, another] = inside;
  if (only !== undefined && another === undefined) return directoryArchive(join(place, only));
  throw new InputError(
    only === undefined
      ? `${place} holds no archive: expected scans/ and latest.json in it`
      : `${place} holds several archives: name one of ${inside.map((name) => join(place, name)).join(', ')}`,
  );
}
