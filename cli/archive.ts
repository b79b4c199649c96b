/** Opens an archive, or one scan of it, by its name on the command line. Tested by test/cli/reports.test.ts. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { directoryArchive } from '../lambda/archive/directory.ts';
import { folderOf, LATEST, SCANS, scanKeysIn } from '../lambda/archive/keys.ts';
import type { Manifest } from '../lambda/archive/manifest.ts';
import { readLatest, readManifest, readSummary } from '../lambda/archive/previous.ts';
import { type Archive, s3Archive } from '../lambda/archive/store.ts';
import { explained } from '../lambda/failures.ts';
import type { Summary } from '../lambda/results/summary.ts';
import { InputError, unknownProfile } from './problems.ts';

/** The one archive that a command is given. Throws an InputError for none or several. */
export function readPlace(positionals: readonly string[]): string {
  const [place, ...others] = positionals;
  if (place !== undefined && others.length === 0) return place;
  throw new InputError(
    `expected one archive, a directory or s3://bucket[/prefix], got ${positionals.length}; see --help`,
  );
}

/** Opens `s3://bucket[/prefix]`, or a directory that holds an archive or one bucket's directory with one. */
export async function openArchive(place: string): Promise<Archive> {
  const s3 = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*?))?\/*$/.exec(place);
  if (s3) {
    const client = explained(new S3Client({ followRegionRedirects: true }));
    const profile = await unknownProfile();
    if (profile !== undefined) throw new InputError(profile);
    await client.config.region().catch(() => {
      throw new InputError(`${place} needs a region to ask in: set AWS_REGION, or a region in your AWS profile`);
    });
    return s3Archive(client, s3[1] as string, s3[2] ?? '');
  }
  if (/^[a-z0-9]+:\/\//i.test(place)) {
    throw new InputError(`expected a directory or s3://bucket[/prefix], got ${place}`);
  }
  const entries = await readdir(place, { withFileTypes: true }).catch(() => undefined);
  if (!entries) throw new InputError(`${place} is not a directory that can be read`);
  if (entries.some(({ name }) => `${name}/` === SCANS || name === LATEST)) return directoryArchive(place);
  const inside: string[] = [];
  for (const entry of entries) {
    const names = entry.isDirectory() ? await readdir(join(place, entry.name)).catch(() => []) : [];
    if (names.some((name) => `${name}/` === SCANS)) inside.push(entry.name);
  }
  const [only, another] = inside;
  if (only !== undefined && another === undefined) return directoryArchive(join(place, only));
  throw new InputError(
    only === undefined
      ? `${place} holds no archive: expected ${SCANS} and ${LATEST} in it`
      : `${place} holds several archives: name one of ${inside.map((name) => join(place, name)).join(', ')}`,
  );
}

/** A scan as its manifest tells it, in the archive that holds it. */
export type ArchivedScan = { archive: Archive; manifest: Manifest; summary: Summary };

/** A scan's folder at the end of a place: the archive before it, and the scan's id. */
const scanPlace = /^(.*?)\/?scans\/\d{4}\/\d{2}\/\d{2}\/([^/]+)\/*$/;

/** Opens the scan of this id, or the newest one; `place` may also be a scan's folder. */
export async function openScan(place: string, id?: string): Promise<ArchivedScan> {
  const inFolder = scanPlace.exec(place);
  const archive = await openArchive(inFolder ? inFolder[1] || '.' : place);
  const manifest = await findManifest(archive, id ?? inFolder?.[2]);
  return { archive, manifest, summary: await readSummary(archive, manifest) };
}

async function findManifest(archive: Archive, id: string | undefined): Promise<Manifest> {
  if (id === undefined) {
    const latest = await readLatest(archive);
    const manifest = latest && (await readManifest(archive, latest.manifest));
    if (manifest) return manifest;
    throw new InputError(`${archive.location} has no ${latest ? latest.manifest : `${LATEST}, so no scan yet`}`);
  }
  const ids: string[] = [];
  for await (const { key } of archive.list(SCANS)) {
    const { folder, scanId } = folderOf(key) ?? {};
    if (folder === undefined || scanId === undefined || key !== scanKeysIn(folder).manifest) continue;
    ids.push(scanId);
    const manifest = scanId === id ? await readManifest(archive, key) : undefined;
    if (manifest) return manifest;
  }
  const newest = ids.slice(-3).reverse().join(', ');
  throw new InputError(`${archive.location} has no scan ${id}; ${newest ? `the newest are ${newest}` : 'it has none'}`);
}
