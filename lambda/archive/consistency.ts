/**
 * Whether the objects of one signed scan agree with each other, with its claim and with the scan before it: what a holder of
 * the key wrote otherwise than a scan writes it. Everything that follows from something else is made again and compared.
 * Tested by test/archive/lies.test.ts. Long because each object is held against all others in one walk.
 */

import { isDeepStrictEqual } from 'node:util';
import { ALL_FILES } from '../formats/formats.ts';
import { authoritiesOf } from '../results/authorities.ts';
import type { Catalog } from '../results/catalog.ts';
import { compareWith, type NodeChanges } from '../results/compare.ts';
import { settingsOf } from '../results/judge-line.ts';
import { parseDocument } from '../results/lines.ts';
import type { NodeLine } from '../results/node-line.ts';
import { ascending } from '../results/order.ts';
import { type Acceptance, outliersOf } from '../results/outliers.ts';
import { failedTarget, type Summary, secondsOf, summarize, type TargetResult, TOOL } from '../results/summary.ts';
import { count, emptyTally } from '../results/tally.ts';
import type { Lookalikes } from '../results/unselected.ts';
import type { Target } from '../settings.ts';
import { ClaimSchema } from './claim.ts';
import { FILES, scanFolder, scanKeys, targetKeys } from './keys.ts';
import { type Manifest, manifestOf, type Previous } from './manifest.ts';
import { type ArchivedNode, readNodes } from './nodes.ts';
import { type Reading, readBaseline, readingOnce, readManifest, readPrevious, readSummary } from './previous.ts';
import { openReports, type Reports } from './render.ts';
import { checkStatement } from './statement.ts';
import { type Archive, readBytes } from './store.ts';
import { readInventory, readUnselected } from './target.ts';
import { readTargets } from './targets.ts';
import type { Observer, Verification } from './verification.ts';

/** Clocks of AWS and of whoever verifies may differ by so much. Milliseconds. */
const CLOCKS = 5 * 60_000;
/** By choice: so much may most of the nodes' own clocks be wrong. Seconds. */
const NODE_CLOCKS = 24 * 3600;

export type ConsistencyOptions = {
  /** What reports say about rules. */
  catalog: Catalog;
  /** Milliseconds since the epoch. */
  now: number;
  /** Tells whether something is wrong with a scan that this one is compared with: then nothing follows from it. */
  isBroken(folder: string): boolean;
  /** Tells whether this is how the chain names a scan, as far as it can be known. */
  isLinked(previous: Previous): boolean;
  observer?: Observer;
  /** Whether the reports of a scan are written again; by default those of all are. */
  writesAgain?: (manifest: Manifest) => boolean;
};

/** Adds to the problems what is not as a scan writes it. The objects must be those that the manifest lists. */
export async function checkConsistency(
  archive: Archive,
  manifest: Manifest,
  options: ConsistencyOptions,
  { problems, notes }: Pick<Verification, 'problems' | 'notes'>,
): Promise<void> {
  const keys = scanKeys(manifest);
  const lie = (key: string, text: string) => problems.push({ kind: 'lie', key, text });
  const summary = await readSummary(archive, manifest);
  checkManifest(manifest, summary, (text) => lie(keys.manifest, text));
  checkTimes(manifest, options.now, (text) => lie(keys.manifest, text));
  // Scans of format 1 have no such columns and counts: what they hold was checked when the key was the only witness.
  if (manifest.format < 2) return;
  const listed = new Set(manifest.objects.map(({ key }) => key));
  const link = await checkClaim(archive, manifest, listed, options.isLinked, lie);
  await checkListed(archive, manifest, summary, lie);
  const isComparable = link !== undefined && (await canCompare(archive, link, options));
  for (const { account, region, error } of summary.targets) {
    const wanted = error === undefined ? Object.values(targetKeys(summary, { account, region })) : [];
    const missing = wanted.filter((key) => !listed.has(key));
    for (const key of missing) lie(keys.manifest, `does not list ${key}.`);
    if (missing.length > 0) return;
  }
  const { observer } = options;
  const { writesAgain = () => true } = options;
  const reports = writesAgain(manifest) ? await reportsOf(summary, options.catalog, listed) : undefined;
  const results = new Map<string, TargetResult>();
  const read = readingOnce(archive);
  try {
    observer?.scan(manifest);
    // In the order in which reports have them.
    const findingsOf = (target: Target) => targetKeys(summary, target).findings;
    for (const { account, region, error, allRegions } of summary.targets.toSorted((a, b) =>
      ascending(findingsOf(a), findingsOf(b)),
    )) {
      const target = { account, region };
      const made =
        error === undefined
          ? await checkTarget(archive, summary, target, isComparable ? link : undefined, {
              lie,
              read,
              reports,
              observer,
            })
          : failedTarget({ ...target, ...(allRegions && { allRegions }) }, error);
      results.set(findingsOf(target), made);
      if (error === undefined) observer?.targetEnds(target);
    }
    observer?.scanEnds();
    for (const { format, content } of (await reports?.end()) ?? []) {
      const key = scanFolder(manifest) + format.file;
      const said = manifest.objects.find((object) => object.key === key);
      if (said?.sha256 !== content.sha256) lie(key, 'is not what its findings give.');
      await content.discard();
    }
  } finally {
    await reports?.discard();
  }
  if (!isComparable) {
    notes.push(
      `${manifest.scanId}: what changed was not made again, because the scan before it is not there or broken.`,
    );
  }
  const recomputed = summarize(
    summary,
    summary.targets.map((target) => results.get(targetKeys(summary, target).findings) as TargetResult),
    isComparable ? await readPrevious(archive, { previous: link }) : { previous: null },
  );
  compareSummaries(summary, recomputed, isComparable, (text) => lie(keys.summary, text));
  if (manifest.signing && listed.has(keys.statement))
    for (const text of await checkStatement(archive, manifest, summary)) lie(keys.statement, text);
}

type Lie = (key: string, text: string) => void;

/** What the manifest says of itself must follow from the summary. */
function checkManifest(manifest: Manifest, summary: Summary, lie: (text: string) => void): void {
  const { bucket, objects, previous, documentHash, retention, timestampAuthorities, signing } = manifest;
  const made = manifestOf({
    bucket,
    summary,
    objects,
    previous,
    ...(documentHash !== undefined && { documentHash }),
    ...(retention && { retention }),
    ...(timestampAuthorities && { timestampAuthorities }),
  });
  for (const name of new Set([...Object.keys(manifest), ...Object.keys(made)]) as Set<keyof Manifest>) {
    if (name === 'signing' || name === 'format') continue;
    if (isDeepStrictEqual(manifest[name], made[name])) continue;
    lie(name === 'objects' ? 'lists its objects in another order.' : `has another ${name} than its summary.json.`);
  }
  const tried = summary.method?.collector;
  if (tried !== undefined && tried !== documentHash)
    lie('names another collector in its method than the one that ran.');
  if (manifest.format !== summary.format) lie('has another format than its summary.json.');
  const keys = objects.map(({ key }) => key);
  for (const key of new Set(keys.filter((one, index) => keys.indexOf(one) !== index))) lie(`lists ${key} twice.`);
  for (const name of ['publicKey', 'statement'] as const) {
    if (signing && manifest.format > 1 && !keys.includes(scanKeys(manifest)[name]))
      lie(`does not list its ${FILES[name]}.`);
  }
}

function checkTimes({ scheduledAt, startedAt, finishedAt }: Manifest, now: number, lie: (text: string) => void): void {
  const [due, start, end] = [scheduledAt, startedAt, finishedAt].map(Date.parse) as [number, number, number];
  if (start < due - CLOCKS) lie(`started at ${startedAt}, before it was scheduled.`);
  if (end < start) lie(`finished at ${finishedAt}, before it started.`);
  if (Math.max(due, end) > now + CLOCKS) lie(`is of ${end > due ? finishedAt : scheduledAt}, which has not come yet.`);
}

/** Holds the claim against the manifest; gives the scan that this one is compared with, null for none. */
async function checkClaim(
  archive: Archive,
  manifest: Manifest,
  listed: ReadonlySet<string>,
  isLinked: ConsistencyOptions['isLinked'],
  lie: Lie,
): Promise<Previous | null | undefined> {
  const { claim: key, manifest: own } = scanKeys(manifest);
  const bytes = listed.has(key) ? await readBytes(archive, key) : undefined;
  if (!bytes) {
    lie(own, `does not list ${key}.`);
    return undefined;
  }
  const claim = parseDocument(bytes, key, ClaimSchema);
  for (const name of ['startedAt', 'everySeconds'] as const) {
    if (claim[name] !== manifest[name]) lie(own, `has another ${name} than its claim.json.`);
  }
  const { previous, problem } = claim.link;
  if (previous && !isLinked(previous)) lie(key, `names a scan before it that is none of the chain: ${previous.key}.`);
  return problem === undefined ? previous : undefined;
}

/** Whether the summary accounts for just the targets and accounts of `targets.json`, without which nobody knows which these were. */
async function checkListed(archive: Archive, { objects }: Manifest, summary: Summary, lie: Lie): Promise<void> {
  const { targets: key, summary: own, manifest } = scanKeys(summary);
  const kept = objects.some((object) => object.key === key) ? await readTargets(archive, summary) : undefined;
  if (!kept) {
    lie(manifest, `does not list ${key}: which accounts and regions the scan had to account for is not known.`);
    return;
  }
  const nameOf = ({ account, region }: Target) => `${account}/${region}`;
  const told = new Map(summary.targets.map((target) => [nameOf(target), target]));
  for (const target of kept.targets) {
    const name = nameOf(target);
    const said = told.get(name);
    if (!said) lie(own, `has nothing of ${name}, which the targets of the scan name.`);
    else if ((target.error !== undefined && said.error !== target.error) || said.allRegions !== target.allRegions)
      lie(own, `tells of ${name} otherwise than the targets of the scan.`);
    told.delete(name);
  }
  for (const name of told.keys()) lie(own, `has ${name}, which the targets of the scan do not name.`);
  if (!isDeepStrictEqual(plain(summary.others ?? []), plain(kept.others ?? [])))
    lie(own, 'tells of other accounts that are not scanned than the targets of the scan.');
}

/** Whether what changed can be made again: the scan before may have expired, or be broken itself. */
async function canCompare(archive: Archive, link: Previous | null, { isBroken }: ConsistencyOptions): Promise<boolean> {
  if (!link) return true;
  if (isBroken(scanFolder(link))) return false;
  return (await readManifest(archive, link.key).catch(() => undefined)) !== undefined;
}

/** Whom the walk over a target's lines serves. */
type Walk = { lie: Lie; read: Reading; reports: Reports | undefined; observer: Observer | undefined };

/** Walks all lines of a target side by side. Without `link` what changed is taken as it stands. */
async function checkTarget(
  archive: Archive,
  summary: Summary,
  target: Target,
  link: Previous | null | undefined,
  { lie, read, reports, observer }: Walk,
): Promise<TargetResult> {
  const keys = targetKeys(summary, target);
  const baseline = link === undefined ? undefined : await readBaseline(archive, link, target, undefined, read);
  const { left, lookalikes } = await readUnselected(archive, summary, target);
  const comparison = compareWith(summary.scheduledAt, baseline, left, link === null);
  const missing = new Set<string>();
  for await (const { id } of readInventory(archive, summary, target)) {
    if (missing.has(id)) lie(keys.inventory, `has ${id} twice.`);
    missing.add(id);
  }
  const known = new Set<string>();
  const tally = emptyTally();
  const outliers = isOurs(summary) ? outliersOf(acceptanceOf(summary)) : undefined;
  const authorities = isOurs(summary) ? authoritiesOf() : undefined;
  const late: string[] = [];
  const gone: NodeChanges[] = [];
  // A scan that was resumed may have asked its nodes days after it had started.
  const [start, end] = [secondsOf(summary.startedAt), secondsOf(summary.finishedAt)];
  const checkColumns = (line: NodeLine | NodeChanges, id: string) => {
    const [key, place] = 'changes' in line ? [keys.changes, line] : [keys.findings, target];
    const isOfScan = line.scanId === summary.scanId && line.scheduledAt === summary.scheduledAt;
    if (!isOfScan || place.account !== target.account || place.region !== target.region)
      lie(key, `has a line of ${id} that is of another scan, account or region.`);
  };
  for await (const node of readNodes(archive, keys, ['changes', 'evidence'])) {
    const { line, changes, evidence } = node;
    if (line) {
      const late = !missing.has(line.node.id) && !known.has(line.node.id);
      observer?.node(target, { line, ...(changes && { changes }), late });
      await reports?.entry({ line, ...(changes && { changes }) });
    } else if (changes) {
      observer?.node(target, { changes, late: false });
      if (changes.coverage === 'lost') await reports?.entry({ changes, target });
    }
    if (!line) {
      if (changes && (changes.coverage === 'lost' || changes.coverage === 'absent')) {
        gone.push(changes);
        checkColumns(changes, changes.node);
      } else lie(changes ? keys.changes : keys.evidence, `has a line of ${idOf(node)} without findings beside it.`);
      continue;
    }
    const { id, account, region } = line.node;
    // A node that joined when the inventory was made already answers with the others.
    if (known.has(id)) lie(keys.findings, `has ${id} twice.`);
    known.add(id);
    missing.delete(id);
    if ((account ?? target.account) !== target.account || (region ?? target.region) !== target.region) {
      lie(keys.findings, `has ${id} of ${account}/${region}.`);
    }
    for (const each of [line, changes]) if (each) checkColumns(each, id);
    if (!evidence) lie(keys.evidence, `has nothing of ${id}.`);
    else if (!isDeepStrictEqual(evidence.node, line.node)) lie(keys.evidence, `has another ${id} than the findings.`);
    else if (!('evidence' in evidence) && (line.coverage !== 'unreachable' || line.reason !== evidence.reason))
      lie(keys.findings, `has another outcome of ${id} than the evidence.`);
    else if ('evidence' in evidence && !isWithin(evidence.evidence.collectedAt, start, end)) late.push(id);
    count(tally, line);
    if (evidence) outliers?.add(evidence);
    if (evidence) authorities?.add(evidence);
    if (link === undefined) continue;
    checkChanges(changes, comparison.compare(line, rejudged(changes)), id, (text) => lie(keys.changes, text));
  }
  for (const id of missing) lie(keys.findings, `has nothing of ${id}, which the inventory has.`);
  // A node's clock may be wrong; those of most of them are not.
  if (late.length * 2 > tally.counts.evaluated) {
    lie(keys.evidence, `was collected at another time than its scan, by the clocks of ${late.length} of its nodes.`);
  }
  if (link !== undefined) {
    const lost = [...comparison.lost()];
    if (!isDeepStrictEqual(plain(gone.map(withoutColumns)), plain(lost)))
      lie(keys.changes, 'tells of other lost nodes than the scan before it.');
  }
  return {
    target,
    tally,
    difference: comparison.difference,
    objects: [],
    ...(outliers && { outliers: outliers.result(target) }),
    ...(authorities && { authorities: authorities.result(target) }),
    ...(baseline && { comparedWith: baseline.scanId }),
    ...(lookalikes() && { lookalikes: lookalikes() as Lookalikes }),
  };
}

/** Whether something was collected while its scan ran, as far as a node's clock can be trusted. Seconds. */
function isWithin(collectedAt: number, start: number, end: number): boolean {
  return collectedAt >= start - NODE_CLOCKS && collectedAt <= end + NODE_CLOCKS;
}

/** What a line says that only the rules changed: whose rules those were, a replay tells. */
function rejudged(line: NodeChanges | undefined): { open: string[]; closed: string[] } {
  const rules = (line?.changes ?? []).filter(({ change }) => change === 'rejudged').map(({ rule }) => rule);
  const [open = [], closed = []] = [true, false].map((wanted) =>
    rules.filter((rule) => Object.hasOwn(line?.open ?? {}, rule) === wanted),
  );
  return { open, closed };
}

function checkChanges(
  archived: NodeChanges | undefined,
  made: NodeChanges,
  id: string,
  lie: (text: string) => void,
): void {
  // Scans of before that was told say nothing of it.
  const { undecided, ...rest } = made;
  const expected = archived?.undecided || !undecided ? made : rest;
  if (!archived) lie(`has nothing of ${id}.`);
  else if (!isDeepStrictEqual(plain(withoutColumns(archived)), plain(expected)))
    lie(`tells of ${id} otherwise than its findings and the scan before it.`);
}

function withoutColumns({ scanId: _, scheduledAt: __, account: ___, region: ____, ...changes }: NodeChanges): object {
  return changes;
}

/** As it is written: without prototypes and without what is undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function idOf({ changes, evidence }: ArchivedNode): string {
  return changes?.node ?? evidence?.node.id ?? 'a node';
}

/** What another version adds up otherwise is no lie of the scan. */
const BY_VERSION: ReadonlySet<string> = new Set(['tool', 'format', 'requirements']);
const BY_SCAN_BEFORE: ReadonlySet<string> = new Set([
  'comparison',
  'trend',
  'outliers',
  'authorities',
  'left',
  'regrouped',
]);
const BY_CODE: ReadonlySet<string> = new Set(['outliers', 'authorities']);

/** It was made by the very code that this is: what is derived from evidence, and how it is told, follows from that. */
function isOurs({ tool }: Summary): boolean {
  return tool.code === TOOL.code;
}

/** Settings that nobody can read accept nothing; a replay tells what is wrong with them. */
function acceptanceOf({ settings, startedAt }: Summary): Acceptance {
  const now = secondsOf(startedAt);
  try {
    return { waivers: settingsOf(settings).waivers ?? [], now };
  } catch {
    return { waivers: [], now };
  }
}

function compareSummaries(archived: Summary, made: Summary, wasCompared: boolean, lie: (text: string) => void): void {
  const [a, b] = [plain(archived), plain(made)] as Record<string, unknown>[];
  for (const name of new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])) {
    if (
      BY_VERSION.has(name) ||
      (BY_CODE.has(name) && !isOurs(archived)) ||
      (!wasCompared && (BY_SCAN_BEFORE.has(name) || name === 'targets'))
    )
      continue;
    if (!isDeepStrictEqual(a?.[name], b?.[name])) lie(`has another ${name} than its lines add up to.`);
  }
}

/** Reports to be written again, byte for byte, where this is the very code that wrote them. */
async function reportsOf(
  summary: Summary,
  catalog: Catalog,
  listed: ReadonlySet<string>,
): Promise<Reports | undefined> {
  if (!isOurs(summary)) return undefined;
  const formats = ALL_FILES.filter(({ file }) => listed.has(scanFolder(summary) + file));
  return formats.length === 0 ? undefined : openReports({ summary, catalog }, formats);
}
