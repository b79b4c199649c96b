/** Finding the scan before this one, and what it left open. */

import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import type { Finding } from '../criteria/rule.ts';
import { type Baseline, type NodeChanges, NodeChangesSchema, type NodeState } from '../results/compare.ts';
import { ArchiveError } from '../results/errors.ts';
import { EvidenceLineSchema } from '../results/evidence-line.ts';
import { parseDocument, readLines } from '../results/lines.ts';
import { isOpen } from '../results/open.ts';
import { type Before, type Latest, LatestSchema, type Summary, SummarySchema, secondsOf } from '../results/summary.ts';
import type { Target } from '../settings.ts';
import { linkTo } from './closing.ts';
import { FILES, LATEST, readTargetKey } from './keys.ts';
import { type Manifest, ManifestSchema, type Previous, PreviousSchema } from './manifest.ts';
import { type Archive, readBytes, type WritableArchive } from './store.ts';
import { readTargets, type Targets } from './targets.ts';
import type { Judge } from './verification.ts';

export const LinkSchema = v.object({ previous: v.nullable(PreviousSchema), problem: v.exactOptional(v.string()) });

/** The link that a new scan hangs on, or why there is none where there should be. */
export type Link = v.InferOutput<typeof LinkSchema>;

/**
 * Reads which scan is the newest. A broken `latest.json` does not stop a scan: the chain begins anew, the summary says
 * why, and `verify` reports it. What may pass, as a fault of S3, is thrown: it must not cut the chain.
 */
export async function readLink(archive: WritableArchive): Promise<Link> {
  try {
    const latest = await readLatest(archive);
    return { previous: latest ? await linkTo(archive, latest) : null };
  } catch (error) {
    return { previous: null, problem: brokenArchive(error) };
  }
}

/** The message of an archive that is broken; throws what is no such error. */
export function brokenArchive(error: unknown): string {
  if (error instanceof ArchiveError) return error.message;
  throw error;
}

/** Reads `latest.json`; undefined before the first scan. */
export async function readLatest(archive: Archive): Promise<Latest | undefined> {
  const bytes = await readBytes(archive, LATEST);
  return bytes && parseDocument(bytes, LATEST, LatestSchema);
}

/** The manifest at a link, or undefined where it is gone. */
export async function readManifest(archive: Archive, key: string): Promise<Manifest | undefined> {
  const bytes = await readBytes(archive, key);
  return bytes && parseDocument(bytes, key, ManifestSchema);
}

/** The summary that a manifest lists. */
export async function readSummary(archive: Archive, manifest: Manifest): Promise<Summary> {
  const key = manifest.objects.find((object) => object.key.endsWith(`/${FILES.summary}`))?.key;
  const bytes = key === undefined ? undefined : await readBytes(archive, key);
  if (key === undefined || !bytes) throw new ArchiveError(`${manifest.key}: the scan has no ${FILES.summary}`);
  return parseDocument(bytes, key, SummarySchema);
}

/** How a scan's manifest, by its key, and its summary are read. */
export type Reading = {
  manifest(key: string): Promise<Manifest | undefined>;
  summary(manifest: Manifest): Promise<Summary>;
};

/** Reads anew each time. */
function reading(archive: Archive): Reading {
  return { manifest: (key) => readManifest(archive, key), summary: (manifest) => readSummary(archive, manifest) };
}

/** Reads each once: for who looks up all targets of a scan, of each of which the documents tell. */
export function readingOnce(archive: Archive): Reading {
  const { manifest, summary } = reading(archive);
  const known = new Map<string, Promise<unknown>>();
  const once = <T>(name: string, read: () => Promise<T>): Promise<T> => {
    const found = (known.get(name) as Promise<T> | undefined) ?? read();
    known.set(name, found);
    return found;
  };
  return {
    manifest: (key) => once(key, () => manifest(key)),
    summary: (of) => once(`summary of ${of.key}`, () => summary(of)),
  };
}

/** A target that was not scanned lately is compared with the last scan that has it; older ones are another story. */
const LINKS_TO_FOLLOW = 31;

/** Walks a chain backwards, the scan that ended last first. */
export async function* walkBack(
  archive: Archive,
  previous: Pick<Previous, 'key'> | null | undefined,
  read: Reading = reading(archive),
  links = LINKS_TO_FOLLOW,
): AsyncGenerator<Manifest> {
  let key = previous?.key;
  for (let link = 0; key !== undefined && link < links; link += 1) {
    const manifest = await read.manifest(key);
    if (!manifest) return;
    yield manifest;
    key = manifest.previous?.key;
  }
}

/**
 * The scans of a chain that a new one may be compared with, newest first. One that was resumed when a later scan had ended
 * hangs on that one, but tells of the time before it.
 */
async function* walkTime(archive: Archive, previous: Previous | null, read?: Reading): AsyncGenerator<Manifest> {
  // Of several that were resumed in a row only the first hangs on the later scan: what lies before it tells of the others.
  let held: Manifest | undefined;
  try {
    for await (const manifest of walkBack(archive, previous, read)) {
      if (isBelated(manifest)) continue;
      if (held && held.scheduledAt > manifest.scheduledAt) yield held;
      held = manifest;
    }
  } catch (error) {
    // What lies further back and is broken says nothing against it.
    if (held) yield held;
    throw error;
  }
  if (held) yield held;
}

/** Tells whether a scan ended only after one that was scheduled later, as far as the chain can be read. */
export async function endedBelated(archive: Archive, key: string): Promise<boolean> {
  let own: number | undefined;
  try {
    for await (const manifest of walkBack(archive, { key })) {
      own ??= Date.parse(manifest.scheduledAt);
      if (manifest.previous && Date.parse(manifest.previous.scheduledAt) > own) return true;
    }
  } catch (error) {
    brokenArchive(error);
  }
  return false;
}

/** Tells whether a scan ended just after one that was scheduled later. */
function isBelated({ scheduledAt, previous }: Manifest): boolean {
  return previous !== null && Date.parse(previous.scheduledAt) > Date.parse(scheduledAt);
}

/** The previous scan's summary; one that cannot be read is a problem to tell, because it must not stop a new scan. */
export async function readPrevious(archive: Archive, { previous, problem }: Link): Promise<Before> {
  if (problem !== undefined || !previous) return { previous: null, ...(problem !== undefined && { problem }) };
  try {
    for await (const manifest of walkTime(archive, previous)) return { previous: await readSummary(archive, manifest) };
    return { previous: null };
  } catch (error) {
    return { previous: null, problem: brokenArchive(error) };
  }
}

/** The targets of the scan before, as it found them; undefined where there is none, or they cannot be read. */
export async function targetsBefore(archive: Archive, { previous }: Link): Promise<Targets | undefined> {
  try {
    for await (const { scanId, scheduledAt } of walkTime(archive, previous))
      return await readTargets(archive, { scanId, scheduledAt });
  } catch (error) {
    // The comparison, which needs the same scan, tells of it.
    brokenArchive(error);
  }
  return undefined;
}

/** What the last scan that has this target left open there; undefined where none has it. */
export async function readBaseline(
  archive: Archive,
  previous: Previous | null,
  target: Target,
  again?: Again,
  read?: Reading,
): Promise<Baseline | undefined> {
  for await (const manifest of walkTime(archive, previous, read)) {
    const baseline = await baselineOf(archive, manifest, target, again, read);
    if (baseline) return baseline;
  }
  return undefined;
}

/** Ids of the nodes of the last scan that has this target, without those that `now` has; none where it cannot be read. */
export async function leftSince(
  archive: Archive,
  previous: Previous | null,
  target: Target,
  now: ReadonlySet<string>,
): Promise<string[]> {
  try {
    const before = await readBaseline(archive, previous, target);
    return [...(before?.nodes ?? [])].flatMap(([id, { coverage }]) =>
      coverage === 'absent' || now.has(id) ? [] : [id],
    );
  } catch (error) {
    // The comparison, which needs the same lines, tells of it.
    brokenArchive(error);
    return [];
  }
}

/** How the evidence of a scan is judged again that other rules than `rules`, their digest, have judged. */
export type Again = { rules: string; judge: Judge };

/** What one scan left open on a target; undefined where it does not have the target. */
export async function baselineOf(
  archive: Archive,
  manifest: Manifest,
  target: Target,
  again?: Again,
  read: Reading = reading(archive),
): Promise<Baseline | undefined> {
  const key = manifest.objects.find((object) => {
    const found = readTargetKey(object.key);
    return (
      found?.of === 'changes' && isDeepStrictEqual(found.target, { account: target.account, region: target.region })
    );
  })?.key;
  const stream = key === undefined ? undefined : await archive.open(key);
  if (key === undefined || !stream) return undefined;
  const summary = await read.summary(manifest);
  const { evidence } = readTargetKey(key)?.beside ?? {};
  const judged =
    again && evidence !== undefined && summary.tool.rules !== again.rules
      ? await judgeAgain(archive, evidence, summary, again.judge)
      : new Map<string, NodeState['again']>();
  const nodes = new Map<string, NodeState>();
  const states = new Map<string, NodeState>();
  for await (const line of readLines(stream, key, NodeChangesSchema)) {
    const known = stateOf(line);
    if (!known) continue;
    const found = judged.get(line.node);
    const whole: NodeState = found ? { ...known, again: found } : known;
    const name = JSON.stringify(whole);
    const state = states.get(name) ?? whole;
    states.set(name, state);
    nodes.set(line.node, state);
  }
  const { scanId, scheduledAt } = manifest;
  return { scanId, scheduledAt, rules: new Set(Object.keys(summary.rules)), nodes };
}

/** What a line of changes leaves for the next scan; nothing of a node that is gone and left nothing open. */
function stateOf({ coverage, silence, undecided, open, accepted, last }: NodeChanges): NodeState | undefined {
  if (coverage === 'lost' || coverage === 'absent') return last && { coverage: 'absent', ...last };
  const lasts = silence && !silence.over;
  return {
    coverage,
    open,
    ...(lasts && { silentSince: silence.since }),
    ...(undecided && { undecidedSince: undecided.since }),
    ...(accepted && { accepted }),
  };
}

/**
 * What today's rules say of the evidence of an earlier scan, at its time and with its settings: which findings are open and
 * which are not, by node. A node whose evidence has a form that today's rules do not read is not among them.
 */
async function judgeAgain(
  archive: Archive,
  key: string,
  { startedAt, settings }: Summary,
  judge: Judge,
): Promise<Map<string, NodeState['again']>> {
  const judged = new Map<string, NodeState['again']>();
  const states = new Map<string, NonNullable<NodeState['again']>>();
  const stream = await archive.open(key);
  if (!stream) return judged;
  const scan = { now: secondsOf(startedAt), settings };
  for await (const line of readLines(stream, key, EvidenceLineSchema)) {
    let findings: readonly Finding[];
    try {
      ({ findings } = judge(line, scan));
    } catch {
      continue;
    }
    const byRule = Map.groupBy(findings, ({ rule }) => rule);
    const open = [...byRule].filter(([, all]) => all.some(isOpen)).map(([rule]) => rule);
    const closed = [...byRule].filter(([, all]) => all.every(isClosed)).map(([rule]) => rule);
    const name = JSON.stringify([open, closed]);
    const state = states.get(name) ?? { open, closed };
    states.set(name, state);
    judged.set(line.node.id, state);
  }
  return judged;
}

function isClosed({ status }: Finding): boolean {
  return status === 'pass' || status === 'not-applicable';
}
