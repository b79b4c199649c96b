/**
 * The start of a scan: its name, its claim to a scheduled time, and the scan before it.
 * Tested by test/scan/handler.test.ts.
 */
import type * as v from 'valibot';
import { ClaimSchema } from '../archive/claim.ts';
import { inMemory, sha256 } from '../archive/content.ts';
import { folderOf, scanFolder, scanKeys } from '../archive/keys.ts';
import { type Link, readLink } from '../archive/previous.ts';
import { type Archive, ArchiveConflict, isEarly, readBytes, type WritableArchive } from '../archive/store.ts';
import { parseDocument } from '../results/lines.ts';
import type { ScanName, StoredObject } from '../results/shapes.ts';
import { notAssessedOf, SummarySchema } from '../results/summary.ts';

/** What a scan is: its id, its times as ISO 8601 in UTC, its schedule's seconds, its claim, and the scan before it. */
export type Begun = {
  scanId: string;
  scheduledAt: string;
  startedAt: string;
  /** Absent for a scan that was started by hand. */
  everySeconds?: number;
  link: Link;
  claim: StoredObject;
};

/** How a scan begins. */
export type Start = Begun & {
  /** What somebody had written in its place before it could begin, a sentence each of the first, and one of how many more. */
  prepared?: string[];
};

/** Folders named that somebody has prepared: who writes one can write many, and a checkpoint holds 256 KB. */
const MOST_NAMED = 5;

/** What a scan is started with; times as ISO 8601. */
export type ScanRequest = {
  scheduledTime?: string | undefined;
  everySeconds?: number | undefined;
  resume: boolean;
  execution: string;
};

/** `20261123T020000Z`: one scheduled time is one scan. Milliseconds count for those that are started by hand. */
export function scanIdOf(scheduledAt: string): string {
  return scheduledAt.replace('.000Z', 'Z').replaceAll(/[-:.]/g, '');
}

/**
 * Claims the scheduled time, so that a schedule that fires twice scans once. The claim says when the scan started, and
 * with which scan it is compared: an execution that is repeated, or that resumes another which failed, perhaps after later
 * scans have ended, judges as of that time and so writes the same bytes.
 *
 * A folder in which somebody has written before the scan could, with the function's credentials, is left alone and told of: the
 * scan then takes a name that follows from its execution, which nobody knows before.
 */
export async function startScan(
  archive: WritableArchive,
  { scheduledTime, everySeconds, resume, execution }: ScanRequest,
  clock: () => Date,
): Promise<Start | { scanId: string; skipped: string }> {
  const now = clock().toISOString();
  const scheduledAt = new Date(scheduledTime ?? now).toISOString();
  const usual = scanIdOf(scheduledAt);
  const mine: v.InferOutput<typeof ClaimSchema> = {
    execution,
    startedAt: now,
    ...(everySeconds !== undefined && { everySeconds }),
    link: await readLink(archive),
  };
  const own = `${usual}-${sha256(execution).slice(0, 8)}`;
  const others = resume ? await namesAfter(archive, { scanId: usual, scheduledAt }) : [];
  const prepared: string[] = [];
  for (const scanId of new Set([usual, ...others, own])) {
    const { claim: key } = scanKeys({ scanId, scheduledAt });
    const isNew = await putClaim(archive, key, mine);
    const bytes = await readBytes(archive, key);
    if (!bytes)
      throw new Error(
        `${archive.location}/${key} is not there although it was written: somebody deleted it. Find out who (CloudTrail's data events), then resume the scan.`,
      );
    const isMine = isNew || executionOf(bytes) === execution;
    const early = isMine && !isNew ? undefined : await earlyObject(archive, { scanId, scheduledAt }, isNew);
    if (early !== undefined) {
      prepared.push(`${early} was there before the scan of ${scheduledAt} began; this one is kept as another.`);
      continue;
    }
    const held = parseDocument(bytes, key, ClaimSchema);
    if (!isMine && !resume) return { scanId, skipped: 'another execution scans this scheduled time' };
    const claim = { key, size: bytes.byteLength, sha256: sha256(bytes) };
    const { execution: _, ...begun } = held;
    return {
      scanId,
      scheduledAt,
      ...begun,
      claim,
      ...(prepared.length > 0 && { prepared: firstOf(prepared) }),
    };
  }
  throw new Error(
    `No folder is left for the scan of ${scheduledAt}: ${firstOf(prepared).join(' ')} Find out who writes there with the function's credentials, then resume the scan.`,
  );
}

function firstOf(prepared: readonly string[]): string[] {
  const more = prepared.length - MOST_NAMED;
  return [
    ...prepared.slice(0, MOST_NAMED),
    ...(more > 0 ? [`So were folders of ${more} more names of this scan.`] : []),
  ];
}

/** Tells whether there was none. */
async function putClaim(archive: WritableArchive, key: string, claim: object): Promise<boolean> {
  try {
    await archive.putOnce(key, inMemory(`${JSON.stringify(claim)}\n`), 'application/json');
    return true;
  } catch (error) {
    if (!(error instanceof ArchiveConflict)) throw error;
    return false;
  }
}

/** Of a claim that may be anybody's. */
function executionOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()).execution;
  } catch {
    return undefined;
  }
}

/**
 * An object of a scan's folder that no execution of the scan can have written: one from before its time, or, where the claim is
 * new, any other.
 */
async function earlyObject(archive: WritableArchive, scan: ScanName, isNew: boolean): Promise<string | undefined> {
  const { claim } = scanKeys(scan);
  for await (const { key, modified } of archive.list(scanFolder(scan))) {
    if ((isNew && key !== claim) || isEarly(modified, scan.scheduledAt)) return key;
  }
  return undefined;
}

/** What tells an execution's own name from the usual one. */
const OWN_SUFFIX = /^-[0-9a-f]{8}$/;

/** Names that executions took which found the usual one prepared. */
async function namesAfter(archive: WritableArchive, { scanId, scheduledAt }: ScanName): Promise<string[]> {
  const beginning = scanFolder({ scanId, scheduledAt }).replace(/\/$/, '-');
  const names = new Set<string>();
  for await (const { key } of archive.list(beginning)) {
    const name = folderOf(key)?.scanId ?? scanId;
    if (OWN_SUFFIX.test(name.slice(scanId.length))) names.add(name);
  }
  return [...names];
}

/** Targets that an earlier execution could not scan, where it had added up already: nothing may be added to that any more. */
export async function earlierFailures(
  archive: Archive,
  scan: ScanName,
): Promise<{ account: string; region: string; error: string }[]> {
  const { summary: key } = scanKeys(scan);
  const bytes = await readBytes(archive, key);
  return bytes ? notAssessedOf(parseDocument(bytes, key, SummarySchema)) : [];
}

/** When the scan was finished: as an earlier execution wrote it, or now. */
export async function finishedAt(archive: WritableArchive, scan: Start, clock: () => Date): Promise<string> {
  const { summary: key } = scanKeys(scan);
  const bytes = await readBytes(archive, key);
  return bytes ? parseDocument(bytes, key, SummarySchema).finishedAt : clock().toISOString();
}
