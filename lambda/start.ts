/** The start of a scan: its name, its claim to a scheduled time, and the scan before it. */
import * as v from 'valibot';
import { ArchiveConflict, readBytes, type StoredObject, type WritableArchive } from './reports/archive.ts';
import { inMemory, sha256 } from './reports/content.ts';
import { scanKeys } from './reports/keys.ts';
import { parseDocument } from './reports/lines.ts';
import { type Link, readLink } from './reports/previous.ts';
import { SummarySchema } from './reports/summary.ts';

/** What a scan is: its id, its times as ISO 8601 in UTC, its claim, and the scan before it. */
export type Start = { scanId: string; scheduledAt: string; startedAt: string; link: Link; claim: StoredObject };

/** `20261123T020000Z`: one scheduled time is one scan. Milliseconds count for those that are started by hand. */
export function scanIdOf(scheduledAt: string): string {
  return scheduledAt.replace('.000Z', 'Z').replaceAll(/[-:.]/g, '');
}

const Claim = v.object({ execution: v.string(), startedAt: v.string() });

/**
 * Claims the scheduled time, so that a schedule that fires twice scans once. The claim says when the scan started: an
 * execution that is repeated, or that resumes another which failed, judges as of that time and so writes the same bytes.
 */
export async function startScan(
  archive: WritableArchive,
  { scheduledTime, resume, execution }: { scheduledTime?: string | undefined; resume: boolean; execution: string },
  clock: () => Date,
): Promise<Start | { scanId: string; skipped: string }> {
  const now = clock().toISOString();
  const scheduledAt = new Date(scheduledTime ?? now).toISOString();
  const scanId = scanIdOf(scheduledAt);
  const { claim: key } = scanKeys({ scanId, scheduledAt });
  const mine = `${JSON.stringify({ execution, startedAt: now })}\n`;
  try {
    await archive.putOnce(key, inMemory(mine), 'application/json');
  } catch (error) {
    if (!(error instanceof ArchiveConflict)) throw error;
  }
  const bytes = await readBytes(archive, key);
  if (!bytes) throw new Error(`${archive.location}/${key} is not there although it was written.`);
  const held = parseDocument(bytes, key, Claim);
  if (held.execution !== execution && !resume) {
    return { scanId, skipped: 'another execution scans this scheduled time' };
  }
  const claim = { key, size: bytes.byteLength, sha256: sha256(bytes) };
  return { scanId, scheduledAt, startedAt: held.startedAt, link: await readLink(archive, scanId), claim };
}

/** When the scan was finished: as an earlier execution wrote it, or now. */
export async function finishedAt(archive: WritableArchive, scan: Start, clock: () => Date): Promise<string> {
  const { summary: key } = scanKeys(scan);
  const bytes = await readBytes(archive, key);
  return bytes ? parseDocument(bytes, key, SummarySchema).finishedAt : clock().toISOString();
}
