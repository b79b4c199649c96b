/** The manifests of an archive, with what is wrong with each by itself. Tested by test/archive/verify.test.ts. */

import { NewerFormatError } from '../results/errors.ts';
import { parseDocument } from '../results/lines.ts';
import type { FoundManifest } from './chain.ts';
import { sha256 } from './content.ts';
import { keptSince } from './gaps.ts';
import { FILES, isAtItsPlace, SCANS, scanKeys, scanKeysIn } from './keys.ts';
import { type Manifest, ManifestSchema } from './manifest.ts';
import { fingerprint, isSignedBy } from './sign.ts';
import { type Archive, readBytes } from './store.ts';
import type { Problem, TrustedKey, Verification, VerifyOptions } from './verification.ts';

type Files = ReadonlyMap<string, number>;

/**
 * The manifests of all scans, by key. A scan that is older than what the bucket keeps, and of which something is gone, has expired: its
 * objects go one after the other, and of what is left nothing can be known.
 */
export async function readLinks(
  archive: Archive,
  folders: Map<string, Files>,
  options: VerifyOptions,
  found: Verification,
): Promise<Map<string, FoundManifest>> {
  const read: ({ folder: string; files: Files } & ReadManifest)[] = [];
  for (const [folder, files] of folders)
    read.push({ folder, files, ...(await readManifest(archive, folder, files, options)) });
  const since = keptSince(
    read.flatMap(({ link }) => link?.manifest ?? []),
    options,
  );
  const links = new Map<string, FoundManifest>();
  for (const { folder, files, link, problems } of read) {
    const ended = link ? Date.parse(link.manifest.scheduledAt) : endOfDay(folder);
    if (ended <= since && isPartial(folder, files, link)) {
      found.expired.push(folder);
      found.notes.push(`${folder} has expired in part, and was not verified: the bucket keeps nothing so long.`);
      folders.delete(folder);
      continue;
    }
    found.problems.push(...problems);
    if (link) links.set(link.manifest.key, link);
  }
  return links;
}

/** Whether something is gone that a scan had. */
function isPartial(folder: string, files: Files, link: FoundManifest | undefined): boolean {
  const { manifest, signature } = scanKeysIn(folder);
  if (!link) return !files.has(manifest);
  const { objects, signing } = link.manifest;
  return !objects.every(({ key }) => files.has(key)) || (signing !== undefined && !files.has(signature));
}

/** When the day of a scan's folder is over; milliseconds since the epoch. */
function endOfDay(folder: string): number {
  return Date.parse(folder.slice(SCANS.length, SCANS.length + 10).replaceAll('/', '-')) + 86_400_000;
}

/** What is known of a scan by its manifest, and what is wrong with that. */
type ReadManifest = { link?: FoundManifest; problems: Problem[] };

async function readManifest(
  archive: Archive,
  folder: string,
  files: Files,
  options: VerifyOptions,
): Promise<ReadManifest> {
  const { manifest: key, signature: signatureKey } = scanKeysIn(folder);
  const problem = (kind: Problem['kind'], text: string): Problem => ({ kind, key, text });
  const bytes = await readSmall(archive, key, files);
  if (!bytes) {
    const others = files.size === 1 ? 'another object of its scan is' : `${files.size} other objects of its scan are`;
    const text = `is not there, but ${others}: it was deleted, or the scan never ended or still runs.`;
    return { problems: [problem('unsealed', text)] };
  }
  let manifest: Manifest;
  try {
    manifest = parseDocument(bytes, key, ManifestSchema);
  } catch (error) {
    if (error instanceof NewerFormatError) return { problems: [problem('newer', `${newer(error)}.`)] };
    return { problems: [problem('changed', `is not a manifest of kubevigil: ${(error as Error).message}`)] };
  }
  if (!isAtItsPlace(manifest, key)) return { problems: [problem('moved', `was written as ${manifest.key}.`)] };
  const problems: Problem[] = [];
  if (archive.bucket !== undefined && manifest.bucket !== archive.bucket) {
    const where = `was written to the bucket ${manifest.bucket}`;
    problems.push(problem('moved', `${where}; to verify a copy, download it into a directory.`));
  }
  const signature = await readSmall(archive, signatureKey, files);
  const complaint = await checkSignature(archive, manifest, files, bytes, signature, options.publicKeys);
  if (complaint) problems.push(problem('signature', complaint));
  return {
    link: { manifest, sha256: sha256(bytes), signature: signature?.toString('base64') ?? null },
    problems,
  };
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

async function checkSignature(
  archive: Archive,
  manifest: Manifest,
  files: ReadonlyMap<string, number>,
  bytes: Buffer,
  signature: Buffer | undefined,
  trusted: readonly TrustedKey[] | undefined,
): Promise<string | undefined> {
  const { signing } = manifest;
  if (!signing) return trusted ? 'is not signed.' : undefined;
  if (!signature) return `has lost its signature (${FILES.signature}).`;
  const beside = await readSmall(archive, scanKeys(manifest).publicKey, files);
  if (!trusted && !beside) return `has lost its public key (${FILES.publicKey}).`;
  try {
    const keys = trusted ?? [{ pem: (beside as Buffer).toString('utf8') }];
    const key = keys.find(({ pem }) => fingerprint(pem) === signing.publicKeySha256);
    if (key === undefined)
      return trusted ? 'is signed with another key.' : `names another key than ${FILES.publicKey}.`;
    if (!isSignedBy(key.pem, bytes, signature)) return 'does not match its signature: one of the two was changed.';
    const { scheduledAt } = manifest;
    const isValid = !(key.from && scheduledAt < key.from) && !(key.to && scheduledAt > key.to);
    return isValid ? undefined : `is signed with a key that is not valid for ${scheduledAt}.`;
  } catch (error) {
    return `has a ${FILES.publicKey} that is not a key: ${(error as Error).message}`;
  }
}
