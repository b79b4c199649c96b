/**
 * The start of a scan: its name, its claim to a scheduled time, and the scan before it.
 * Tested by test/scan/handler.test.ts.
 */
import type * as v from 'valibot';
import { ClaimSchema } from '../archive/claim.ts';
import { inMemory, sha256 } from '../archive/content.ts';
import { scanKeys } from '../archive/keys.ts';
import { type Link, readLink } from '../archive/previous.ts';
import { ArchiveConflict, readBytes, type WritableArchive } from '../archive/store.ts';
import { parseDocument } from '../results/lines.ts';
import type { StoredObject } from '../results/shapes.ts';
import { SummarySchema } from '../results/summary.ts';

/** What a scan is: its id, its times as ISO 8601 in UTC, its schedule's seconds, its claim, and the scan before it. */
export type Start = {
  scanId: string;
  scheduledAt: string;
  startedAt: string;
  /** Absent for a scan that was started by hand. */
  everySeconds?: number;
  link: Link;
  claim: StoredObject;
};

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
 */
export async function startScan(
  archive: WritableArchive,
  { scheduledTime, everySeconds, resume, execution }: ScanRequest,
  clock: () => Date,
): Promise<Start | { scanId: string; skipped: string }> {
  const now = clock().toISOString();
  const scheduledAt = new Date(scheduledTime ?? now).toISOString();
  const scanId = scanIdOf(scheduledAt);
  const { claim: key } = scanKeys({ scanId, scheduledAt });
  const mine: v.InferOutput<typeof ClaimSchema> = {
    execution,
    startedAt: now,
    ...(everySeconds !== undefined && { everySeconds }),
    link: await readLink(archive),
  };
  try {
    await archive.putOnce(key, inMemory(`${JSON.stringify(mine)}\n`), 'application/json');
  } catch (error) {
    if (!(error instanceof ArchiveConflict)) throw error;
  }
  const bytes = await readBytes(archive, key);
  if (!bytes) throw new Error(`${archive.location}/${key} is not there although it was written.`);
  const held = parseDocument(bytes, key, ClaimSchema);
  if (held.execution !== execution && !resume) {
    return { scanId, skipped: 'another execution scans this scheduled time' };
  }
  const claim = { key, size: bytes.byteLength, sha256: sha256(bytes) };
  const { execution: _, ...begun } = held;
  return { scanId, scheduledAt, ...begun, claim };
}

/** When the scan was finished: as an earlier execution wrote it, or now. */
export async function finishedAt(archive: WritableArchive, scan: Start, clock: () => Date): Promise<string> {
  const { summary: key } = scanKeys(scan);
  const bytes = await readBytes(archive, key);
  return bytes ? parseDocument(bytes, key, SummarySchema).finishedAt : clock().toISOString();
}
