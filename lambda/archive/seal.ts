/** The end of a scan: its summary, the formats people read, the manifest over all of it, and `latest.json`. */

import { isDeepStrictEqual } from 'node:util';
import { type FormatName, filesOf } from '../formats/formats.ts';
import type { Catalog } from '../results/catalog.ts';
import { ArchiveError } from '../results/errors.ts';
import { parseDocument } from '../results/lines.ts';
import type { StoredObject } from '../results/shapes.ts';
import {
  type Latest,
  type ScanFacts,
  type Summary,
  SummarySchema,
  summarize,
  type TargetResult,
} from '../results/summary.ts';
import type { Target } from '../settings.ts';
import { closeScan } from './closing.ts';
import { inMemory, sha256 } from './content.ts';
import { scanFolder, scanKeys, targetKeys } from './keys.ts';
import { type Manifest, ManifestSchema, manifestOf, type Previous, type Retention } from './manifest.ts';
import { type Link, readPrevious } from './previous.ts';
import { renderScan } from './render.ts';
import type { Signer } from './sign.ts';
import { keepStatement } from './statement.ts';
import { storedObject, type WritableArchive } from './store.ts';
import { earlierAnswers } from './target.ts';
import { readTargets } from './targets.ts';

export type Seal = {
  /** The scan that this one was compared with. */
  link: Link;
  /** Objects of the scan that belong to no target. */
  objects?: readonly StoredObject[];
  signer?: Signer;
  /** SHA-256 of the SSM document that ran on the nodes. */
  documentHash?: string;
  /** How long the bucket keeps objects. */
  retention?: Retention;
  /** Who is asked to stamp the manifest. */
  timestampAuthorities?: readonly string[];
  /** What people read besides JSON; none by default. */
  formats?: readonly FormatName[];
  /** What reports say about rules. */
  catalog?: Catalog;
};

export type Sealed = { summary: Summary; manifest: Manifest; latest: Latest };

/**
 * Closes a scan. May be repeated: with the same arguments it writes the same bytes, but for the signature, where an
 * earlier valid one is kept. Throws an ArchiveConflict where the scan was already closed with other content, and an
 * ArchiveError where `results` are not of the very targets that the scan found, or nobody knows any more which these were.
 */
export async function sealScan(
  archive: WritableArchive,
  scan: ScanFacts,
  results: readonly TargetResult[],
  { link, objects: own = [], signer, documentHash, retention, timestampAuthorities, formats = [], catalog = {} }: Seal,
): Promise<Sealed> {
  const keys = scanKeys(scan);
  await accountForAll(archive, scan, results);
  const summary = summarize(scan, results, await readPrevious(archive, link));
  const objects: StoredObject[] = [...own, ...results.flatMap((result) => result.objects)];
  objects.push(await putJson(archive, keys.summary, summary));
  // As it is read back, so that a report that is rendered again has the same bytes.
  const head = { summary: parseDocument(Buffer.from(json(summary)), keys.summary, SummarySchema), catalog };
  const reports = await renderScan(archive, objects, head, filesOf(formats));
  try {
    for (const { format, content } of reports) {
      objects.push(await archive.putOnce(`${scanFolder(scan)}${format.file}`, content, format.contentType));
    }
  } finally {
    for (const { content } of reports) await content.discard();
  }
  objects.push(...(await leftBehind(archive, scan, results)));
  if (signer) {
    objects.push(await archive.putOnce(keys.publicKey, inMemory(signer.publicKey), 'application/x-pem-file'));
    const facts = { summary: head.summary, objects, ...(documentHash !== undefined && { documentHash }) };
    objects.push(await keepStatement(archive, facts, signer));
  }
  const manifestAfter = (previous: Previous | null): Manifest =>
    manifestOf({
      bucket: archive.bucket,
      summary,
      objects,
      previous,
      ...(documentHash !== undefined && { documentHash }),
      ...(retention && { retention }),
      ...(timestampAuthorities && { timestampAuthorities }),
      ...(signer && { publicKey: signer.publicKey }),
    });
  const { scanId, scheduledAt } = scan;
  const names = { format: 1, scanId, scheduledAt, summary: keys.summary, manifest: keys.manifest } as const;
  const text = await closeScan(archive, {
    names,
    fallback: link.previous,
    textAfter: (previous) => json(manifestAfter(previous)),
    ...(signer && { signer }),
  });
  const manifest = parseDocument(Buffer.from(text), keys.manifest, ManifestSchema);
  return { summary, manifest, latest: { ...names, sha256: sha256(text) } };
}

/** Holds the results to the targets that were found: what is signed without one of them would tell that nothing is wrong there. */
async function accountForAll(
  archive: WritableArchive,
  scan: ScanFacts,
  results: readonly TargetResult[],
): Promise<void> {
  const kept = await readTargets(archive, scan);
  if (!kept) throw new ArchiveError(`${archive.location} has lost ${scanKeys(scan).targets}: the scan is not sealed.`);
  const nameOf = ({ account, region }: Target) => `${account}/${region}`;
  const [found, told] = [kept.targets.map(nameOf), results.map(({ target }) => nameOf(target))];
  if (isDeepStrictEqual(found, told)) return;
  const [missing = [], others = []] = [
    found.filter((name) => !told.includes(name)),
    told.filter((name) => !found.includes(name)),
  ].map((names) => names.slice(0, 3));
  throw new ArchiveError(
    `${scan.scanId} found ${found.length} targets and has results of ${told.length}${missing.map((name) => `, none of ${name}`).join('')}${others.map((name) => `, one of ${name}, which it did not find`).join('')}: it is not sealed.`,
  );
}

/**
 * What targets had kept before they failed. It belongs to the scan and must not look as if somebody had inserted it; its
 * verdicts, if there are any, are counted nowhere.
 */
async function leftBehind(
  archive: WritableArchive,
  scan: ScanFacts,
  results: readonly TargetResult[],
): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for (const { target, error } of results) {
    if (error === undefined) continue;
    for (const key of Object.values(targetKeys(scan, target))) {
      const object = await storedObject(archive, key);
      if (object) objects.push(object);
    }
    objects.push(...(await earlierAnswers(archive, scan, target)));
  }
  return objects;
}

/** Indented, because people read these files too. */
function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function putJson(archive: WritableArchive, key: string, value: unknown): Promise<StoredObject> {
  return archive.putOnce(key, inMemory(json(value)), 'application/json');
}
