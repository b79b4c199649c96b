/** The scans of a period, archive by archive, and what each told of each node. Tested by test/audit/pack.test.ts. */

import * as v from 'valibot';
import { sha256 } from '../lambda/archive/content.ts';
import { folderOf, SCANS, scanKeysIn, targetKeys } from '../lambda/archive/keys.ts';
import { type Manifest, ManifestSchema } from '../lambda/archive/manifest.ts';
import { NodeOutlineSchema, readNodes } from '../lambda/archive/nodes.ts';
import { readSummary } from '../lambda/archive/previous.ts';
import { type Archive, readBytes } from '../lambda/archive/store.ts';
import type { NodeChanges } from '../lambda/results/compare.ts';
import { ArchiveError } from '../lambda/results/errors.ts';
import { parseDocument, readLines } from '../lambda/results/lines.ts';
import type { NodeLine } from '../lambda/results/node-line.ts';
import { ascending } from '../lambda/results/order.ts';
import type { Summary } from '../lambda/results/summary.ts';
import type { Target } from '../lambda/settings.ts';

/** ISO 8601 in UTC; both ends belong to it. */
export type Period = { from: string; to: string };

/** An archive under the name by which rows call it: its bucket's, wherever a copy of it lies. */
export type Source = { name: string; archive: Archive };

/** A scan of the period. `sha256` is that of its manifest. */
export type Night = { source: Source; manifest: Manifest; sha256: string; summary: Summary };

/** Names archives by the buckets that their manifests are bound to; several of one bucket are counted. */
export async function namedSources(archives: readonly Archive[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const archive of archives) {
    const bucket = (await anyBucket(archive)) ?? 'archive';
    const same = sources.filter(({ name }) => name === bucket || name.startsWith(`${bucket}-`)).length;
    sources.push({ name: same === 0 ? bucket : `${bucket}-${same + 1}`, archive });
  }
  return sources;
}

async function anyBucket(archive: Archive): Promise<string | undefined> {
  for await (const key of manifestKeys(archive)) {
    const found = await readFound(archive, key);
    // It becomes the name of a folder.
    if (found && /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(found.manifest.bucket)) return found.manifest.bucket;
  }
  return undefined;
}

/** Keys of all manifests of an archive, in key order. */
async function* manifestKeys(archive: Archive): AsyncGenerator<string> {
  for await (const { key } of archive.list(SCANS)) {
    const folder = folderOf(key)?.folder;
    if (folder !== undefined && key === scanKeysIn(folder).manifest) yield key;
  }
}

async function readFound(archive: Archive, key: string): Promise<{ manifest: Manifest; sha256: string } | undefined> {
  try {
    const bytes = await readBytes(archive, key);
    return bytes && { manifest: parseDocument(bytes, key, ManifestSchema), sha256: sha256(bytes) };
  } catch (error) {
    if (error instanceof ArchiveError) return undefined;
    throw error;
  }
}

/**
 * The scans of a period that `isBroken`, asked for their folders, does not leave out, in the order of their times. What is no
 * manifest of ours is passed over: whoever verifies tells of it.
 */
export async function readPeriod(
  source: Source,
  { from, to }: Period,
  isBroken: (folder: string) => boolean = () => false,
): Promise<Night[]> {
  const nights: Night[] = [];
  for await (const key of manifestKeys(source.archive)) {
    const { folder = '' } = folderOf(key) ?? {};
    if (isBroken(folder)) continue;
    const found = await readFound(source.archive, key);
    if (!found || found.manifest.key !== key) continue;
    const { scheduledAt } = found.manifest;
    if (scheduledAt < from || scheduledAt > to) continue;
    nights.push({ source, ...found, summary: await readSummary(source.archive, found.manifest) });
  }
  return nights.sort((a, b) => ascending(a.manifest.scheduledAt, b.manifest.scheduledAt));
}

/** What a scan told of one node: its line, what changed on it, and whether it joined after the inventory was made. */
export type Told = { line?: NodeLine; changes?: NodeChanges; late: boolean };

const IdSchema = v.looseObject({ id: v.string() });

/** Walks one target of a scan, a node after the other; lost and absent nodes have no line, and come last. */
export async function* readTold({ source, summary }: Night, target: Target): AsyncGenerator<Told> {
  const keys = targetKeys(summary, target);
  const stream = await source.archive.open(keys.inventory);
  const listed = new Set<string>();
  if (stream) for await (const { id } of readLines(stream, keys.inventory, IdSchema)) listed.add(id);
  for await (const { line, changes } of readNodes(source.archive, keys, ['changes'], NodeOutlineSchema)) {
    if (line) yield { line, ...(changes && { changes }), late: stream !== undefined && !listed.has(line.node.id) };
    else if (changes) yield { changes, late: false };
  }
}

/** The targets of a scan that could be scanned. */
export function assessed({ summary }: Night): Target[] {
  return summary.targets.filter(({ error }) => error === undefined).map(({ account, region }) => ({ account, region }));
}

/** How long what a scan told holds at most, in milliseconds: until the next one was due, a day where it has no schedule. */
export function holdsFor({ manifest }: Night): number {
  return (manifest.everySeconds ?? 86_400) * 1000;
}
