/**
 * Verifies an archive: that every object is what its manifest says, that nothing is missing, moved or inserted, and
 * that the chain of manifests is whole.
 */

import { ArchiveError, NewerFormatError } from '../results/errors.ts';
import { parseDocument } from '../results/lines.ts';
import { type FoundManifest, verifyChain } from './chain.ts';
import { sha256 } from './content.ts';
import { dayFolder, FILES, folderOf, LATEST, SCANS, scanFolder, scanKeys, scanKeysIn } from './keys.ts';
import { type Manifest, ManifestSchema } from './manifest.ts';
import { replayScan } from './replay.ts';
import { fingerprint, isSignedBy } from './sign.ts';
import { type Archive, readBytes, storedObject } from './store.ts';
import type { Judge, Problem, Verification, VerifyOptions } from './verification.ts';

/** Verifies all scans of an archive, or those in a range. Reads every byte; memory does not grow with objects' sizes. */
export async function verifyArchive(archive: Archive, options: VerifyOptions = {}): Promise<Verification> {
  const found: Verification = { scans: 0, objects: 0, bytes: 0, verdicts: 0, problems: [], notes: [] };
  const folders = await readFolders(archive, options.from, found);
  const links = new Map<string, FoundManifest>();
  for (const [folder, files] of folders) {
    const link = await readManifest(archive, folder, files, options, found);
    if (link) links.set(link.manifest.key, link);
  }
  await verifyChain(archive, links, options, found);

  const chosen = [...links.values()].filter(({ manifest }) => isWithin(manifest, options));
  const expected = new Map<string, string>();
  for (const { manifest } of links.values())
    for (const { key, sha256: hash } of manifest.objects) expected.set(hash, key);
  for (const [index, { manifest }] of chosen.entries()) {
    options.onScan?.({ scanId: manifest.scanId, number: index + 1, of: chosen.length });
    found.scans += 1;
    const before = found.problems.length;
    await verifyObjects(archive, manifest, folders.get(scanFolder(manifest)) ?? new Map(), expected, found);
    // Verdicts are recomputed only from evidence that is what the manifest says.
    if (!options.judge) continue;
    if (found.problems.length === before) {
      found.verdicts += await tryReplay(archive, manifest, options.judge, found.problems);
    } else {
      found.notes.push(`${manifest.scanId}: no verdict was recomputed, because its objects are not what they were.`);
    }
  }
  return found;
}

/** All objects by the folder of their scan; keys and sizes only. */
async function readFolders(archive: Archive, from: string | undefined, { problems, notes }: Verification) {
  const folders = new Map<string, Map<string, number>>();
  /** Objects beside `scans/`, by the first part of their key: a shared bucket may hold very many. */
  const strangers = new Map<string, number>();
  let hasLatest = false;
  const earliest = from && dayFolder(from.slice(0, 10));
  for await (const { key, size } of archive.list('')) {
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
  return folders;
}

async function readManifest(
  archive: Archive,
  folder: string,
  files: ReadonlyMap<string, number>,
  options: VerifyOptions,
  { problems }: Verification,
): Promise<FoundManifest | undefined> {
  const { manifest: key, signature: signatureKey } = scanKeysIn(folder);
  const bytes = await readSmall(archive, key, files);
  if (!bytes) {
    const others = files.size === 1 ? 'another object of its scan is' : `${files.size} other objects of its scan are`;
    const text = `is not there, but ${others}: it was deleted, or the scan never ended or still runs.`;
    problems.push({ kind: 'unsealed', key, text });
    return undefined;
  }
  let manifest: Manifest;
  try {
    manifest = parseDocument(bytes, key, ManifestSchema);
  } catch (error) {
    if (error instanceof NewerFormatError) problems.push({ kind: 'newer', key, text: `${newer(error)}.` });
    else problems.push({ kind: 'changed', key, text: `is not a manifest of kubevigil: ${(error as Error).message}` });
    return undefined;
  }
  if (manifest.key !== key || manifest.key !== safeKey(manifest)) {
    problems.push({ kind: 'moved', key, text: `was written as ${manifest.key}.` });
    return undefined;
  }
  if (archive.bucket !== undefined && manifest.bucket !== archive.bucket) {
    problems.push({
      kind: 'moved',
      key,
      text: `was written to the bucket ${manifest.bucket}; to verify a copy, download it into a directory.`,
    });
  }
  const signature = await readSmall(archive, signatureKey, files);
  const link: FoundManifest = { manifest, sha256: sha256(bytes), signature: signature?.toString('base64') ?? null };
  const complaint = await checkSignature(archive, manifest, files, bytes, signature, options.publicKeys);
  if (complaint) problems.push({ kind: 'signature', key, text: complaint });
  return link;
}

/** No manifest comes near this: 10,000 accounts × regions need a half of it. Bytes. */
const LARGEST_MANIFEST = 16 * 1024 * 1024;

/** What is newer, without the name of the file, which stands before it. */
function newer({ message }: NewerFormatError): string {
  return message.replace(/^\S+ /, '');
}

/** An object that is too large to be ours is read as an empty one, which is as wrong; undefined where there is none. */
async function readSmall(
  archive: Archive,
  key: string,
  files: ReadonlyMap<string, number>,
): Promise<Buffer | undefined> {
  const size = files.get(key);
  if (size === undefined) return undefined;
  return size > LARGEST_MANIFEST ? Buffer.alloc(0) : readBytes(archive, key, LARGEST_MANIFEST);
}

/** The key that a manifest must have; undefined where even its scan's name is forged. */
function safeKey(manifest: Manifest): string | undefined {
  try {
    return scanKeys(manifest).manifest;
  } catch {
    return undefined;
  }
}

async function checkSignature(
  archive: Archive,
  manifest: Manifest,
  files: ReadonlyMap<string, number>,
  bytes: Buffer,
  signature: Buffer | undefined,
  trusted: readonly string[] | undefined,
): Promise<string | undefined> {
  const { signing } = manifest;
  if (!signing) return trusted ? 'is not signed.' : undefined;
  if (!signature) return `has lost its signature (${FILES.signature}).`;
  const beside = await readSmall(archive, scanKeys(manifest).publicKey, files);
  if (!trusted && !beside) return `has lost its public key (${FILES.publicKey}).`;
  try {
    const keys = trusted ?? [(beside as Buffer).toString('utf8')];
    const key = keys.find((candidate) => fingerprint(candidate) === signing.publicKeySha256);
    if (key === undefined)
      return trusted ? 'is signed with another key.' : `names another key than ${FILES.publicKey}.`;
    return isSignedBy(key, bytes, signature) ? undefined : 'does not match its signature: one of the two was changed.';
  } catch (error) {
    return `has a ${FILES.publicKey} that is not a key: ${(error as Error).message}`;
  }
}

async function verifyObjects(
  archive: Archive,
  manifest: Manifest,
  files: ReadonlyMap<string, number>,
  expected: ReadonlyMap<string, string>,
  found: Verification,
): Promise<void> {
  const keys = scanKeys(manifest);
  const unlisted = new Set(files.keys());
  unlisted.delete(keys.manifest);
  if (manifest.signing) unlisted.delete(keys.signature);
  const folder = scanFolder(manifest);
  for (const object of manifest.objects) {
    unlisted.delete(object.key);
    if (!object.key.startsWith(folder)) {
      found.problems.push({ kind: 'moved', key: object.key, text: `does not belong to the scan of ${manifest.key}.` });
      continue;
    }
    const actual = files.has(object.key) ? await storedObject(archive, object.key) : undefined;
    if (!actual) {
      found.problems.push({ kind: 'missing', key: object.key, text: 'is not there.' });
      continue;
    }
    found.objects += 1;
    found.bytes += actual.size;
    if (actual.sha256 === object.sha256) continue;
    const origin = expected.get(actual.sha256);
    if (origin !== undefined) {
      found.problems.push({ kind: 'moved', key: object.key, text: `holds what belongs in ${origin}.` });
    } else {
      const how = actual.size < object.size ? 'was cut' : 'was changed';
      const text = `${how}: ${actual.size} bytes instead of ${object.size}, and another SHA-256.`;
      found.problems.push({ kind: 'changed', key: object.key, text });
    }
  }
  for (const key of unlisted) {
    const origin = expected.get((await storedObject(archive, key))?.sha256 ?? '');
    found.problems.push(
      origin === undefined
        ? { kind: 'inserted', key, text: 'is not in its manifest.' }
        : { kind: 'moved', key, text: `is not in its manifest and holds what belongs in ${origin}.` },
    );
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
