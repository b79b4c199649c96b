/**
 * The end of a chain: how a scan's manifest becomes the newest one. Scans that overlap hang one on the other and never two on
 * the same: `latest.json` is replaced under If-Match, and names the new manifest **before** that is written, with its bytes.
 * Whoever finds it so writes the manifest first, so that a scan that is killed in between keeps nobody from going on and
 * leaves no hole. Tested by test/archive/closing.test.ts.
 */

import { ArchiveError } from '../results/errors.ts';
import { parseDocument } from '../results/lines.ts';
import { type Latest, LatestSchema } from '../results/summary.ts';
import { inMemory, sha256 } from './content.ts';
import { isAtItsPlace, LATEST, signatureKey } from './keys.ts';
import { type Manifest, ManifestSchema, type Previous } from './manifest.ts';
import { isSignedBy, type Signer } from './sign.ts';
import { ArchiveConflict, readBytes, type WritableArchive } from './store.ts';

/** Each failed try means that another scan has closed meanwhile; so many never end at once. */
const TRIES = 100;

/** A manifest that is to be the newest: what `latest.json` says of it but its digest, and its text after a given one. */
export type Closing = {
  names: Omit<Latest, 'sha256' | 'closing'>;
  /** The predecessor where `latest.json` tells of none, or cannot be read. */
  fallback: Previous | null;
  textAfter(previous: Previous | null): string;
  signer?: Signer;
};

/** Makes a manifest the newest one and writes it. May be repeated. Returns its text. */
export async function closeScan(archive: WritableArchive, closing: Closing): Promise<string> {
  const { names, fallback, textAfter, signer } = closing;
  const key = names.manifest;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const { found, latest } = await readNewest(archive);
    if (latest?.closing && latest.manifest === key) await writeManifest(archive, latest, latest.closing);
    const written = await readBytes(archive, key);
    if (written) {
      const own = parseDocument(written, key, ManifestSchema);
      const text = textAfter(own.previous);
      if (!written.equals(Buffer.from(text))) throw new ArchiveConflict(archive.location, key);
      if (signer) await keepSignature(archive, key, text, signer);
      // A repeated try must not turn it back to this scan, if another one has ended by now.
      const isNewest = latest === undefined || latest.manifest === key || latest.manifest === own.previous?.key;
      const plain = `${JSON.stringify({ ...names, sha256: sha256(text) }, null, 2)}\n`;
      if (!isNewest || found?.bytes.equals(Buffer.from(plain)) || (await archive.putLatest(plain, found?.tag)))
        return text;
      continue;
    }
    const text = textAfter(latest ? await linkTo(archive, latest).catch(orNone(fallback)) : fallback);
    const signature = signer && (await signatureOf(archive, key, text, signer));
    const entry = { text, ...(signature && { signature: Buffer.from(signature).toString('base64') }) };
    const next: Latest = { ...names, sha256: sha256(text), closing: entry };
    await archive.putLatest(`${JSON.stringify(next, null, 2)}\n`, found?.tag);
    // Either way the next round reads what there is now.
  }
  throw new Error(
    `${archive.location}/${LATEST} was replaced by others ${TRIES} times while this scan ended. Find out what else writes it (CloudTrail's data events name it), then resume the scan.`,
  );
}

/** `latest.json` with its tag; without `latest` where it is none of ours. */
async function readNewest(archive: WritableArchive) {
  const found = await archive.readLatest();
  if (!found) return {};
  try {
    return { found, latest: parseDocument(found.bytes, LATEST, LatestSchema) };
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    return { found };
  }
}

/** The link to the scan that `latest.json` names. Throws an ArchiveError where that is not there, or another one. */
export async function linkTo(archive: WritableArchive, latest: Latest): Promise<Previous> {
  if (latest.closing) await writeManifest(archive, latest, latest.closing);
  const bytes = await readBytes(archive, latest.manifest);
  if (!bytes) throw new ArchiveError(`${LATEST} names ${latest.manifest}, which does not exist`);
  if (sha256(bytes) !== latest.sha256) throw new ArchiveError(`${latest.manifest} is not the one that ${LATEST} names`);
  const manifest: Manifest = parseDocument(bytes, latest.manifest, ManifestSchema);
  const signature = await readBytes(archive, signatureKey(latest.manifest));
  return {
    scanId: manifest.scanId,
    scheduledAt: manifest.scheduledAt,
    key: latest.manifest,
    sha256: latest.sha256,
    signature: signature ? signature.toString('base64') : null,
  };
}

/** Writes a manifest for the scan that could not, or is about to. */
async function writeManifest(archive: WritableArchive, latest: Latest, entry: NonNullable<Latest['closing']>) {
  const { manifest: key } = latest;
  // Nobody may have other objects written through `latest.json` than manifests at their own places.
  const manifest = parseDocument(Buffer.from(entry.text), LATEST, ManifestSchema);
  if (sha256(entry.text) !== latest.sha256 || !isAtItsPlace(manifest, key))
    throw new ArchiveError(`${LATEST} holds another manifest than it names`);
  await archive.putOnce(key, inMemory(entry.text), 'application/json');
  if (entry.signature === undefined) return;
  const signature = inMemory(Buffer.from(entry.signature, 'base64'));
  await archive.putOnce(signatureKey(key), signature, 'application/octet-stream');
}

function orNone(fallback: Previous | null) {
  return (error: unknown): Previous | null => {
    if (error instanceof ArchiveError) return fallback;
    throw error;
  };
}

/** A signature of the text: an earlier try's where that is valid, because signatures of one message differ each time. */
async function signatureOf(archive: WritableArchive, key: string, text: string, signer: Signer): Promise<Uint8Array> {
  return (await earlierSignature(archive, key, text, signer)) ?? signer.sign(Buffer.from(text));
}

async function keepSignature(archive: WritableArchive, key: string, text: string, signer: Signer): Promise<void> {
  if (await earlierSignature(archive, key, text, signer)) return;
  const signature = inMemory(await signer.sign(Buffer.from(text)));
  await archive.putOnce(signatureKey(key), signature, 'application/octet-stream');
}

/** Throws an ArchiveConflict where there is one that is not valid. */
async function earlierSignature(archive: WritableArchive, key: string, text: string, { publicKey }: Signer) {
  const earlier = await readBytes(archive, signatureKey(key));
  if (earlier && !isSignedBy(publicKey, Buffer.from(text), earlier))
    throw new ArchiveConflict(archive.location, signatureKey(key));
  return earlier;
}
