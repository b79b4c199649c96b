/** Walking the chain of manifests backwards from `latest.json`. */
import { type Archive, readBytes } from './archive.ts';
import { latestKey } from './keys.ts';
import type { Manifest, Previous } from './manifest.ts';
import { readLatest } from './previous.ts';
import { secondsBetween, toleratedIntervals } from './summary.ts';
import type { Problem, Verification, VerifyOptions } from './verify.ts';

/** A manifest as it was found. `signature` is base64, null where there is none. */
export type Link = { manifest: Manifest; sha256: string; signature: string | null };

/**
 * Checks that every manifest is reached from the newest one, that each link fits the manifest it names, and that no
 * scheduled scan is missing in between. `links` are by key, oldest first.
 */
export async function verifyChain(
  archive: Archive,
  links: ReadonlyMap<string, Link>,
  options: VerifyOptions,
  { problems, notes }: Verification,
): Promise<void> {
  const newest = await findNewest(archive, links, problems);
  const unreached = new Set(links.keys());
  /** Scans that their own successors confirm, or that are the newest. */
  const reached = new Set<string>();
  let at = newest;

  while (at) {
    unreached.delete(at.manifest.key);
    reached.add(at.manifest.key);
    const { previous } = at.manifest;
    if (!previous) break;
    const gap = gapBefore(at.manifest, previous);
    if (gap) problems.push(gap);
    if (isBeforeRange(previous, options)) break;
    const next = links.get(previous.key);
    if (!next) {
      problems.push({ kind: 'missing', key: previous.key, text: `is not there, but ${at.manifest.key} names it.` });
      // Whatever is left must hang on the lost manifest: go on with the newest of it.
      at = newestOf([...unreached].map((key) => links.get(key)));
      continue;
    }
    const complaint = disagreement(previous, next);
    if (complaint) problems.push({ kind: 'chain', key: previous.key, text: `${complaint} (${at.manifest.key}).` });
    const stranger = options.publicKeys ? undefined : otherKey(at.manifest, next.manifest);
    if (stranger) problems.push({ kind: 'signature', key: at.manifest.key, text: stranger });
    if (reached.has(next.manifest.key)) {
      problems.push({ kind: 'chain', key: next.manifest.key, text: 'is reached twice: the chain is a circle.' });
      break;
    }
    at = next;
  }

  for (const key of unreached) {
    const link = links.get(key) as Link;
    const { previous } = link.manifest;
    const follows = previous !== null && (reached.has(previous.key) || isBeforeRange(previous, options));
    if (follows && link.manifest.signing && !problems.some((problem) => problem.key === key)) {
      notes.push(`${key} is signed, but no later scan follows it: two scans ran at the same time.`);
      reached.add(key);
    } else if (previous === null && link !== newest) {
      problems.push({ kind: 'chain', key, text: 'begins a chain of its own, which does not lead to the newest scan.' });
    } else {
      problems.push({ kind: 'inserted', key, text: 'is no part of the chain that leads to the newest scan.' });
    }
  }
  if (options.to !== undefined && newest) {
    const late = gapAfter(newest.manifest, options.to);
    if (late) problems.push(late);
  }
  noteKeys(links, notes, options);
}

async function findNewest(
  archive: Archive,
  links: ReadonlyMap<string, Link>,
  problems: Problem[],
): Promise<Link | undefined> {
  const fallback = newestOf([...links.values()]);
  try {
    const latest = await readLatest(archive);
    if (!latest) {
      if (fallback) problems.push({ kind: 'missing', key: latestKey, text: 'is not there.' });
      return fallback;
    }
    const link = links.get(latest.manifest);
    if (link) {
      if (link.sha256 !== latest.sha256) {
        problems.push({ kind: 'changed', key: latest.manifest, text: `is not the manifest that ${latestKey} names.` });
      }
      return link;
    }
    // A range may begin after the newest scan: then its manifest was not listed, but it must be there.
    if (await readBytes(archive, latest.manifest)) return fallback;
    const text = `is not there, but ${latestKey} names it: the newest scan, of ${latest.scheduledAt}, is missing.`;
    problems.push({ kind: 'missing', key: latest.manifest, text });
  } catch (error) {
    problems.push({ kind: 'changed', key: latestKey, text: `cannot be read: ${(error as Error).message}` });
  }
  return fallback;
}

function newestOf(links: readonly (Link | undefined)[]): Link | undefined {
  return links.reduce((newest, link) => {
    if (!link) return newest;
    return newest && newest.manifest.scheduledAt >= link.manifest.scheduledAt ? newest : link;
  }, undefined);
}

function disagreement(previous: Previous, found: Link): string | undefined {
  if (previous.sha256 !== found.sha256) return 'is not the manifest that its successor names: it was changed';
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

function gapBefore(manifest: Manifest, previous: Previous): Problem | undefined {
  if (manifest.everySeconds === undefined) return undefined;
  const seconds = secondsBetween(previous.scheduledAt, manifest.scheduledAt);
  if (seconds <= manifest.everySeconds * toleratedIntervals) return undefined;
  return {
    kind: 'gap',
    key: manifest.key,
    text: `no scan between ${previous.scheduledAt} and ${manifest.scheduledAt}, though one was due every ${hours(manifest.everySeconds)}.`,
  };
}

function gapAfter(newest: Manifest, to: string): Problem | undefined {
  if (newest.everySeconds === undefined) return undefined;
  if (secondsBetween(newest.scheduledAt, to) <= newest.everySeconds * toleratedIntervals) return undefined;
  return {
    kind: 'gap',
    key: newest.key,
    text: `no scan after ${newest.scheduledAt}, though one was due every ${hours(newest.everySeconds)} until ${to}.`,
  };
}

function hours(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${Math.round(seconds / 60)} min`;
}

function isBeforeRange(previous: Previous, { from }: VerifyOptions): boolean {
  return from !== undefined && Date.parse(previous.scheduledAt) < Date.parse(from.slice(0, 10));
}

/** Without a key from outside, an archive proves only that it agrees with itself. */
function noteKeys(links: ReadonlyMap<string, Link>, notes: string[], { publicKeys }: VerifyOptions): void {
  if (links.size === 0 || publicKeys) return;
  const keys = new Set([...links.values()].map(({ manifest }) => manifest.signing?.publicKeySha256));
  const unsigned = [...links.values()].filter(({ manifest }) => !manifest.signing).length;
  if (unsigned > 0) notes.push(`${unsigned} of ${links.size} scans are not signed.`);
  keys.delete(undefined);
  if (keys.size > 0) {
    notes.push(
      `Signatures were checked with the public key inside the archive (SHA-256 ${[...keys].join(', ')}); ` +
        'compare it with the key you trust, or give it with --public-key.',
    );
  }
}
