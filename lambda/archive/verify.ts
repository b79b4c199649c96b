/**
 * Verifies an archive: that every object is what its manifest says, that nothing is missing, moved or inserted, and
 * that the chain of manifests is whole.
 */

import { catalog } from '../judging/index.ts';
import { ArchiveError, NewerFormatError } from '../results/errors.ts';
import { ascending } from '../results/order.ts';
import { checkSigned, type FoundManifest, verifyChain } from './chain.ts';
import { type ConsistencyOptions, checkConsistency } from './consistency.ts';
import { dayFolder, folderOf, LATEST, SCANS, scanFolder } from './keys.ts';
import { readLinks } from './links.ts';
import { canonical, type Manifest, type Previous } from './manifest.ts';
import { checkReuse, noteStamps, verifyObjects } from './objects.ts';
import { replayScan } from './replay.ts';
import { type Archive, isEarly } from './store.ts';
import type { Judge, Problem, Verification, VerifyOptions } from './verification.ts';

/** Verifies all scans of an archive, or those in a range. Reads every byte; memory does not grow with objects' sizes. */
export async function verifyArchive(archive: Archive, options: VerifyOptions = {}): Promise<Verification> {
  const found: Verification = { scans: 0, objects: 0, bytes: 0, verdicts: 0, problems: [], notes: [], expired: [] };
  const { folders, first: firsts } = await readFolders(archive, options.from, found);
  const links = await readLinks(archive, folders, options, found);
  await verifyChain(archive, links, options, found);

  const chosen = [...links.values()]
    .filter(({ manifest }) => isWithin(manifest, options))
    .sort((a, b) => ascending(a.manifest.scheduledAt, b.manifest.scheduledAt));
  const expected = new Map<string, string[]>();
  for (const { manifest } of links.values())
    for (const { key, sha256: hash } of manifest.objects) {
      const keys = expected.get(hash);
      if (keys) keys.push(key);
      else expected.set(hash, [key]);
    }
  checkAnchors(links, options, found);
  const manifests = chosen.map(({ manifest }) => manifest);
  checkReuse(manifests, expected, found.problems);
  noteStamps(manifests, folders, options, found);
  const now = options.now === undefined ? Date.now() : Date.parse(options.now);
  const consistency = {
    catalog: options.catalog ?? catalog,
    now,
    isLinked: linksOf(links),
    isBroken: (folder: string) =>
      found.expired.includes(folder) ||
      found.problems.some(({ kind, key }) => kind !== 'gap' && key.startsWith(folder)),
    ...(options.observer && { observer: options.observer }),
    ...(options.writesAgain && { writesAgain: options.writesAgain }),
  };
  for (const [index, { manifest }] of chosen.entries()) {
    options.onScan?.({ scanId: manifest.scanId, number: index + 1, of: chosen.length });
    found.scans += 1;
    if (found.newest === undefined || manifest.scheduledAt > found.newest) found.newest = manifest.scheduledAt;
    const before = found.problems.length;
    const earliest = firsts.get(scanFolder(manifest));
    if (earliest && isEarly(earliest.modified, manifest.scheduledAt)) {
      const text = `was written at ${earliest.modified.toISOString()}, before its scan was due: somebody prepared it.`;
      found.problems.push({ kind: 'lie', key: earliest.key, text });
    }
    await verifyObjects(archive, manifest, folders.get(scanFolder(manifest)) ?? new Map(), expected, found, options);
    // What follows from objects is made again only from those that are what the manifest says.
    const isIntact = found.problems.length === before;
    // Of a manifest that somebody changed it is known already that it is none of ours.
    const isOurs = !found.problems.some(({ kind, key }) => key === manifest.key && kind !== 'gap');
    if (isIntact && isOurs) await tryConsistency(archive, manifest, consistency, found);
    if (!options.judge) continue;
    if (isIntact) {
      found.verdicts += await tryReplay(archive, manifest, options.judge, found.problems);
    } else {
      found.notes.push(`${manifest.scanId}: no verdict was recomputed, because its objects are not what they were.`);
    }
  }
  checkSigned(links, found.problems, options);
  if (options.writesAgain) {
    const written = manifests.filter(options.writesAgain).length;
    found.notes.push(
      `Reports (CSV, page and others) of ${written} of ${manifests.length} scans were looked at byte for byte; those of the others are what their manifests say.`,
    );
  }
  return found;
}

/** Every name of a scan that a manifest gives or has. Of those that are none of either nothing is known but in a whole archive. */
function linksOf(links: ReadonlyMap<string, FoundManifest>): (previous: Previous) => boolean {
  const named = new Set<string>();
  for (const { manifest, sha256: digest, signature } of links.values()) {
    const { scanId, scheduledAt, key, previous } = manifest;
    named.add(canonical({ scanId, scheduledAt, key, sha256: digest, signature }));
    if (previous) named.add(canonical(previous));
  }
  const begins = [...links.values()].some(({ manifest }) => manifest.previous === null);
  return (previous) => !begins || named.has(canonical(previous));
}

/** All objects by the folder of their scan, keys and sizes only, and the first that was written of each. */
async function readFolders(archive: Archive, from: string | undefined, { problems, notes }: Verification) {
  const folders = new Map<string, Map<string, number>>();
  /** What was written first of each scan, where that is known. */
  const first = new Map<string, { key: string; modified: Date }>();
  /** Objects beside `scans/`, by the first part of their key: a shared bucket may hold very many. */
  const strangers = new Map<string, number>();
  let hasLatest = false;
  const earliest = from && dayFolder(from.slice(0, 10));
  for await (const { key, size, modified } of archive.list('')) {
    const folder = folderOf(key)?.folder;
    if (folder === undefined && key.startsWith(SCANS)) {
      problems.push({ kind: 'inserted', key, text: 'belongs to no scan.' });
    } else if (folder === undefined) {
      const [first] = /^[^/]*\/?/.exec(key) as RegExpExecArray;
      if (key === LATEST) hasLatest = true;
      else strangers.set(first, (strangers.get(first) ?? 0) + 1);
    } else if (!earliest || folder >= earliest) {
      const files = folders.get(folder) ?? new Map<string, number>();
      files.set(key, size);
      folders.set(folder, files);
      if (modified && !(modified > (first.get(folder)?.modified ?? modified))) first.set(folder, { key, modified });
    }
  }
  // A place without any scan is not an archive in which something was inserted, but the wrong place.
  if (folders.size === 0 && !hasLatest) strangers.clear();
  for (const [key, number] of strangers) {
    const what = key.endsWith('/')
      ? `${key} holds ${number === 1 ? 'an object that is' : `${number} objects that are`}`
      : `${key} is`;
    notes.push(`${what} not part of the archive.`);
  }
  return { folders, first };
}

/** A scan whose objects cannot be read must not hide what is wrong with the others. */
async function tryConsistency(
  archive: Archive,
  manifest: Manifest,
  options: ConsistencyOptions,
  found: Verification,
): Promise<void> {
  try {
    await checkConsistency(archive, manifest, options, found);
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    const kind = error instanceof NewerFormatError ? 'newer' : 'lie';
    found.problems.push({ kind, key: manifest.key, text: `${error.message}.` });
  }
}

/** Holds manifests to the digests that somebody outside kept. */
function checkAnchors(
  links: ReadonlyMap<string, FoundManifest>,
  { anchors }: VerifyOptions,
  { problems }: Verification,
): void {
  for (const [scanId, digest] of anchors ?? []) {
    const found = [...links.values()].filter(({ manifest }) => manifest.scanId === scanId);
    if (found.length === 0)
      problems.push({ kind: 'missing', key: scanId, text: 'is not there, but an anchor names it.' });
    for (const { manifest, sha256: actual } of found) {
      if (actual === digest) continue;
      problems.push({
        kind: 'changed',
        key: manifest.key,
        text: `has the SHA-256 ${actual}, and its anchor is ${digest}.`,
      });
    }
  }
}

/** A scan that cannot be replayed, say by another version's form, must not hide what is wrong with the others. */
async function tryReplay(archive: Archive, manifest: Manifest, judge: Judge, problems: Problem[]): Promise<number> {
  try {
    return await replayScan(archive, manifest, judge, problems);
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    if (error instanceof NewerFormatError)
      problems.push({ kind: 'newer', key: manifest.key, text: `${error.message}.` });
    else problems.push({ kind: 'replay', key: manifest.key, text: `cannot be recomputed: ${error.message}` });
    return 0;
  }
}

/** Tells whether a scan was scheduled in the range that was asked for. */
function isWithin({ scheduledAt }: { scheduledAt: string }, { from, to }: VerifyOptions): boolean {
  const time = Date.parse(scheduledAt);
  return (from === undefined || time >= Date.parse(from)) && (to === undefined || time <= Date.parse(to));
}
