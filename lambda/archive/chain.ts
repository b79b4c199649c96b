/** Walking the chain of manifests backwards from `latest.json`. Tested by test/archive/verify.test.ts. */

import { ArchiveError } from '../results/errors.ts';
import { sha256 } from './content.ts';
import { gapsIn, keptSince, noteBeginning } from './gaps.ts';
import { LATEST, scanKeys } from './keys.ts';
import type { Manifest, Previous } from './manifest.ts';
import { brokenArchive, readLatest, readManifest, walkBack } from './previous.ts';
import type { Archive } from './store.ts';
import type { Problem, Verification, VerifyOptions } from './verification.ts';

/** A manifest as it was found. `signature` is base64, null where there is none. */
export type FoundManifest = { manifest: Manifest; sha256: string; signature: string | null };

/**
 * Checks that every manifest is reached from the newest one, that each link fits the manifest it names, and that no
 * scheduled scan is missing in between. `links` are by key, oldest first.
 */
export async function verifyChain(
  archive: Archive,
  links: ReadonlyMap<string, FoundManifest>,
  options: VerifyOptions,
  { problems, notes }: Verification,
): Promise<void> {
  /** Scans before the range that were met on the way. */
  const outside: Manifest[] = [];
  const newest = await findNewest(archive, links, outside, problems);
  const unreached = new Set(links.keys());
  /** Scans that their own successors confirm, or that are the newest. */
  const reached = new Map<string, FoundManifest>();
  const since = keptSince(
    [...links.values()].map(({ manifest }) => manifest),
    options,
  );
  let at = newest;

  while (at) {
    unreached.delete(at.manifest.key);
    reached.set(at.manifest.key, at);
    const { previous } = at.manifest;
    if (!previous) break;
    if (isBeforeRange(previous, options)) {
      at = await laterOf(archive, previous, links, { outside, problems });
      if (at && reached.has(at.manifest.key)) break;
      continue;
    }
    const next = links.get(previous.key);
    if (!next) {
      // One that is there, but cannot be read, has been told already.
      if (!problems.some(({ kind, key }) => (kind === 'changed' || kind === 'newer') && key === previous.key)) {
        if (Date.parse(previous.scheduledAt) < since)
          notes.push(`Scans up to that of ${previous.scheduledAt} have expired: the bucket keeps none so long.`);
        else
          problems.push({ kind: 'missing', key: previous.key, text: `is not there, but ${at.manifest.key} names it.` });
      }
      // Whatever is left must hang on the lost manifest: go on with the newest of it.
      at = lastOf([...unreached].map((key) => links.get(key) as FoundManifest));
      continue;
    }
    checkLink(at.manifest, previous, next, problems);
    const stranger = options.publicKeys ? undefined : otherKey(at.manifest, next.manifest);
    if (stranger) problems.push({ kind: 'signature', key: at.manifest.key, text: stranger });
    if (reached.has(next.manifest.key)) {
      problems.push({ kind: 'chain', key: next.manifest.key, text: 'is reached twice: the chain is a circle.' });
      break;
    }
    at = next;
  }

  const branches: Manifest[] = [];
  for (const key of unreached) {
    const link = links.get(key) as FoundManifest;
    if (isBranch(link, reached, options) && !problems.some((problem) => problem.key === key)) {
      notes.push(
        `${key} is signed, but no later scan follows it: two scans ran at the same time, or it ended before ${LATEST} named it.`,
      );
      branches.push(link.manifest);
    } else if (link.manifest.previous === null && link !== newest) {
      problems.push({ kind: 'chain', key, text: 'begins a chain of its own, which does not lead to the newest scan.' });
    } else {
      problems.push({ kind: 'inserted', key, text: 'is not part of the chain that leads to the newest scan.' });
    }
  }
  const known = [...reached.values()].map(({ manifest }) => manifest);
  problems.push(...gapsIn([...known, ...branches], outside, options));
  noteBeginning(known, notes, options);
  noteKeys(links, notes, options);
}

/**
 * Finds the link to begin with. `latest.json` is the one object that may be overwritten, so it is not believed alone; what
 * it names lies outside of `links` where a range begins after it.
 */
async function findNewest(
  archive: Archive,
  links: ReadonlyMap<string, FoundManifest>,
  outside: Manifest[],
  problems: Problem[],
): Promise<FoundManifest | undefined> {
  const fallback = lastOf([...links.values()]);
  try {
    const latest = await readLatest(archive);
    if (!latest) {
      if (fallback) problems.push({ kind: 'missing', key: LATEST, text: 'is not there.' });
      return fallback;
    }
    if (latest.closing && sha256(latest.closing.text) !== latest.sha256)
      problems.push({ kind: 'changed', key: LATEST, text: 'holds another manifest than it names.' });
    const link = links.get(latest.manifest);
    const named = link?.manifest ?? (await readManifest(archive, latest.manifest));
    if (!named) {
      // The scan is being closed: of it that is told already.
      if (latest.closing) return fallback;
      const text = `is not there, but ${LATEST} names it: the newest scan, of ${latest.scheduledAt}, is missing.`;
      problems.push({ kind: 'missing', key: latest.manifest, text });
      return fallback;
    }
    if (link && link.sha256 !== latest.sha256) {
      problems.push({ kind: 'changed', key: latest.manifest, text: `is not the manifest that ${LATEST} names.` });
    } else if (
      latest.scanId !== named.scanId ||
      latest.scheduledAt !== named.scheduledAt ||
      latest.summary !== scanKeys(named).summary
    ) {
      problems.push({ kind: 'changed', key: LATEST, text: `does not agree with ${latest.manifest}.` });
    }
    const later = link ? undefined : await laterOf(archive, named, links, { outside, problems });
    const newest = link ? lastAfter(link, [...links.values()]) : (later ?? fallback);
    // A scan that hangs on the named one, or that began when that was over, has overwritten latest.json.
    if (newest && newest !== link && newest !== later && (link || newest.manifest.startedAt > named.finishedAt)) {
      const text = `names ${named.key}, but ${newest.manifest.key} came after it: it was turned back, or that scan ended before it wrote it.`;
      problems.push({ kind: 'changed', key: LATEST, text });
    }
    return newest;
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    problems.push({ kind: 'changed', key: LATEST, text: `cannot be read: ${error.message}` });
    return fallback;
  }
}

/**
 * The scan of a range that one before it hangs on, because that was resumed when later ones had ended; those on the way are
 * added to `outside`. What lies before the range is not verified, so one that is broken only leads nowhere.
 */
async function laterOf(
  archive: Archive,
  before: Pick<Previous, 'key'>,
  links: ReadonlyMap<string, FoundManifest>,
  { outside, problems }: { outside: Manifest[]; problems: Problem[] },
): Promise<FoundManifest | undefined> {
  try {
    for await (const manifest of walkBack(archive, before)) {
      outside.push(manifest);
      const { previous } = manifest;
      const link = previous && links.get(previous.key);
      if (!link) continue;
      checkLink(manifest, previous, link, problems);
      return link;
    }
  } catch (error) {
    brokenArchive(error);
  }
  return undefined;
}

/** Of some scans the last one that hangs on the newest, or that one itself. */
function lastOf(links: readonly FoundManifest[]): FoundManifest | undefined {
  const newest = newestOf(links);
  return newest && lastAfter(newest, links);
}

/** The last scan of those that hang on this one, or itself. */
function lastAfter(link: FoundManifest, links: readonly FoundManifest[]): FoundManifest {
  // By the digest of the scan before: nothing can hang on its own digest, so this comes to an end.
  const followers = Map.groupBy(links, ({ manifest }) => manifest.previous?.sha256);
  let last = link;
  for (let next: FoundManifest | undefined = last; next; next = newestOf(followers.get(last.sha256) ?? [])) last = next;
  return last;
}

/**
 * Tells whether a scan that no later one follows hangs on the chain, and is signed with a key of the chain. One that hangs on
 * such a scan is none: for that, `latest.json` must have named it.
 */
function isBranch(
  { manifest: { previous, signing } }: FoundManifest,
  reached: ReadonlyMap<string, FoundManifest>,
  options: VerifyOptions,
): boolean {
  if (!previous || !signing) return false;
  const before = reached.get(previous.key);
  if (before ? disagreement(previous, before) !== undefined : !isBeforeRange(previous, options)) return false;
  const keys = [...reached.values()].map(({ manifest }) => manifest.signing?.publicKeySha256);
  return options.publicKeys !== undefined || keys.includes(signing.publicKeySha256);
}

function newestOf(links: readonly FoundManifest[]): FoundManifest | undefined {
  return links.reduce<FoundManifest | undefined>(
    (newest, link) => (newest && newest.manifest.scheduledAt >= link.manifest.scheduledAt ? newest : link),
    undefined,
  );
}

/** Holds what a manifest says of the one before it against that one. */
function checkLink(own: Manifest, previous: Previous, found: FoundManifest, problems: Problem[]): void {
  const { key } = own;
  const complaint = disagreement(previous, found);
  if (complaint) problems.push({ kind: 'chain', key: previous.key, text: `${complaint} (${key}).` });
  const { manifest } = found;
  for (const name of ['scanId', 'scheduledAt'] as const) {
    if (previous[name] !== manifest[name])
      problems.push({ kind: 'lie', key, text: `calls ${previous.key} a scan of another ${name}: ${previous[name]}.` });
  }
  if (own.bucket !== manifest.bucket)
    problems.push({
      kind: 'lie',
      key,
      text: `is of the bucket ${own.bucket}, and the scan before it of ${manifest.bucket}.`,
    });
  if (own.format < manifest.format)
    problems.push({
      kind: 'lie',
      key,
      text: `has the format ${own.format}, and the scan before it ${manifest.format}.`,
    });
}

function disagreement(previous: Previous, found: FoundManifest): string | undefined {
  if (previous.sha256 !== found.sha256) return 'is not the manifest that its successor names: it was changed';
  if (previous.signature !== null && found.signature === null) return 'has lost the signature that its successor names';
  if (previous.signature !== found.signature)
    return 'has another signature than its successor names: it was signed again';
  return undefined;
}

/** Signing may begin, but not end; and where no trusted key is given, a new key is as suspicious as none. */
function otherKey({ signing }: Manifest, before: Manifest): string | undefined {
  if (!before.signing || signing?.publicKeySha256 === before.signing.publicKeySha256) return undefined;
  if (!signing) return `is not signed, but the scan before it is (${before.key}).`;
  return `is signed with another key than ${before.key}; if that was intended, give both with --public-key.`;
}

function isBeforeRange(previous: Previous, { from }: VerifyOptions): boolean {
  return from !== undefined && Date.parse(previous.scheduledAt) < Date.parse(from.slice(0, 10));
}

/** Scans without a signature prove nothing; whoever knows that says so. */
export function checkSigned(
  links: ReadonlyMap<string, FoundManifest>,
  problems: Problem[],
  { publicKeys, unsigned }: VerifyOptions,
): void {
  const found = [...links.values()].filter(({ manifest }) => !manifest.signing);
  const [first] = found;
  if (!first || publicKeys || unsigned) return;
  const text = `is not signed, as ${found.length} of ${links.size} scans; whoever could write to the archive could have made them.`;
  problems.push({ kind: 'signature', key: first.manifest.key, text });
}

/** Without a key from outside, an archive proves only that it agrees with itself. */
function noteKeys(links: ReadonlyMap<string, FoundManifest>, notes: string[], { publicKeys }: VerifyOptions): void {
  if (links.size === 0 || publicKeys) return;
  const keys = new Set([...links.values()].map(({ manifest }) => manifest.signing?.publicKeySha256));
  keys.delete(undefined);
  if (keys.size > 0) {
    notes.push(
      `Signatures were checked with the public key inside the archive (SHA-256 ${[...keys].join(', ')}); ` +
        'compare it with the key you trust, or give it with --public-key.',
    );
  }
}
