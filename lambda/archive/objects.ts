/** Whether a scan's objects are those that its manifest lists. Tested by test/archive/verify.test.ts. */

import { ArchiveError } from '../results/errors.ts';
import { folderOf, readTargetKey, receiptKey, scanFolder, scanKeys, timestampKey } from './keys.ts';
import type { Manifest } from './manifest.ts';
import { faultOfReceipt } from './receipt.ts';
import { type Archive, readBytes, storedObject } from './store.ts';
import { readTimestamp } from './timestamp.ts';
import type { CheckStamp, Problem, Verification, VerifyOptions } from './verification.ts';

/** Holds the objects of a scan to its manifest: that each is there, as it was, and no other. */
export async function verifyObjects(
  archive: Archive,
  manifest: Manifest,
  files: ReadonlyMap<string, number>,
  expected: ReadonlyMap<string, readonly string[]>,
  found: Verification,
  { checkStamp }: Pick<VerifyOptions, 'checkStamp'>,
): Promise<void> {
  const keys = scanKeys(manifest);
  const unlisted = new Set(files.keys());
  unlisted.delete(keys.manifest);
  if (manifest.signing) unlisted.delete(keys.signature);
  for (const [index, authority] of (manifest.timestampAuthorities ?? []).entries()) {
    const key = timestampKey(keys.manifest, index + 1);
    if (unlisted.delete(key)) await checkTimestamp(archive, manifest, key, checkStamp, found);
    else found.notes.push(`${manifest.scanId}: no time stamp of ${authority} is there.`);
  }
  const receipt = receiptKey(keys.manifest);
  if (unlisted.delete(receipt)) {
    const text = await faultOfReceipt(archive, manifest);
    if (text !== undefined) found.problems.push({ kind: 'changed', key: receipt, text });
  }
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
    if (actual.sha256 === object.sha256) {
      const text = `has ${actual.size} bytes, and its manifest says ${object.size}.`;
      if (actual.size !== object.size) found.problems.push({ kind: 'lie', key: object.key, text });
      continue;
    }
    const origin = await originOf(archive, actual.sha256, expected);
    if (origin !== undefined) {
      found.problems.push({ kind: 'moved', key: object.key, text: `holds what belongs in ${origin}.` });
    } else {
      const how = actual.size < object.size ? 'was cut' : 'was changed';
      const bytes =
        actual.size === object.size
          ? `all ${actual.size} bytes are there`
          : `${actual.size} bytes instead of ${object.size}`;
      const text = `${how}: ${bytes}, but their SHA-256 is ${actual.sha256.slice(0, 16)}… instead of ${object.sha256.slice(0, 16)}….`;
      found.problems.push({ kind: 'changed', key: object.key, text });
    }
  }
  for (const key of unlisted) {
    const origin = await originOf(archive, (await storedObject(archive, key))?.sha256 ?? '', expected);
    found.problems.push(
      origin === undefined
        ? { kind: 'inserted', key, text: 'is not in its manifest.' }
        : { kind: 'moved', key, text: `is not in its manifest and holds what belongs in ${origin}.` },
    );
  }
}

/** How long after its scan a manifest may be stamped before that is worth a note. Milliseconds. */
const STAMPED_LATE = 3_600_000;

/** Holds a time stamp to its manifest. */
async function checkTimestamp(
  archive: Archive,
  { key, scanId, finishedAt }: Manifest,
  stamp: string,
  checkStamp: CheckStamp | undefined,
  { problems, notes }: Verification,
): Promise<void> {
  try {
    const bytes = (await readBytes(archive, stamp, 65_536)) ?? Buffer.alloc(0);
    const { sha256, time } = readTimestamp(bytes);
    if (sha256 !== (await storedObject(archive, key))?.sha256)
      problems.push({ kind: 'changed', key: stamp, text: 'is the time stamp of another manifest.' });
    const late = Date.parse(time) - Date.parse(finishedAt);
    if (late > STAMPED_LATE)
      notes.push(`${scanId}: its manifest was stamped at ${time}, and it ended at ${finishedAt}.`);
    if (late < -STAMPED_LATE)
      problems.push({ kind: 'lie', key: stamp, text: `is of ${time}, before the scan ended at ${finishedAt}.` });
    const why = await checkStamp?.(bytes, { sha256, time });
    if (why !== undefined)
      problems.push({ kind: 'signature', key: stamp, text: `is signed by nobody trusted: ${why}.` });
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    problems.push({ kind: 'changed', key: stamp, text: `cannot be read: ${error.message}.` });
  }
}

/** Says that it was not checked who signed time stamps, where there are any. */
export function noteStamps(
  manifests: readonly Manifest[],
  folders: ReadonlyMap<string, ReadonlyMap<string, number>>,
  { checkStamp }: Pick<VerifyOptions, 'checkStamp'>,
  { notes }: Verification,
): void {
  const stamps = manifests.flatMap((manifest) => {
    const keys = (manifest.timestampAuthorities ?? []).map((_, index) =>
      timestampKey(scanKeys(manifest).manifest, index + 1),
    );
    return keys.filter((key) => folders.get(scanFolder(manifest))?.has(key));
  }).length;
  if (stamps === 0 || checkStamp) return;
  const many = stamps === 1 ? 'the time stamp' : `the ${stamps} time stamps`;
  notes.push(`Who signed ${many} was not checked; give the root certificates of the authorities with --timestamp-ca.`);
}

/** More than nothing takes when it is compressed (RFC 1952: 20 bytes). */
const EMPTY_SIZE = 40;

/**
 * Two scans never get the same answers: each says when it was collected. What is known of nodes that did not answer can be
 * the same in two nights, and an account and region can be without any.
 */
export function checkReuse(
  manifests: readonly Manifest[],
  expected: ReadonlyMap<string, readonly string[]>,
  problems: Problem[],
): void {
  for (const { objects, counts } of manifests) {
    const evidence = objects.filter(({ key }) => readTargetKey(key)?.of === 'evidence');
    const isAnswered = evidence.length === 1 ? counts.evaluated > 0 : counts.evaluated === counts.nodes;
    for (const { key, sha256: digest, size } of isAnswered ? evidence : []) {
      const [first] = expected.get(digest) ?? [];
      if (size > EMPTY_SIZE && first !== undefined && folderOf(first)?.folder !== folderOf(key)?.folder)
        problems.push({ kind: 'lie', key, text: `is the evidence of another scan: ${first}.` });
    }
  }
}

/** Where bytes belong. Of several places with equal bytes that one counts whose own are not there any more. */
async function originOf(
  archive: Archive,
  digest: string,
  expected: ReadonlyMap<string, readonly string[]>,
): Promise<string | undefined> {
  const places = expected.get(digest) ?? [];
  if (places.length < 2) return places[0];
  for (const place of places) if ((await storedObject(archive, place))?.sha256 !== digest) return place;
  return places[0];
}
