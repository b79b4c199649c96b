/**
 * `nights.csv`: every night that was due in the period, whether it is there, what it found, and of one that is not, what is known
 * of it. Tested by test/audit/pack.test.ts.
 */

import { folderOf, scanKeysIn } from '../lambda/archive/keys.ts';
import type { Manifest } from '../lambda/archive/manifest.ts';
import type { Problem, Verification } from '../lambda/archive/verification.ts';
import { csvRow } from '../lambda/formats/csv.ts';
import { ascending } from '../lambda/results/order.ts';
import { notAssessedOf } from '../lambda/results/summary.ts';
import type { Night, Period } from './period.ts';

/**
 * `verified`: everything that was checked is as it should be. `broken`: it is there, but not as it was sealed, and counts nowhere.
 * `unsealed`: it has objects but no manifest. `missing`: it was due, and is not there. `expired`: the bucket keeps nothing so long, and a part
 * of it is gone.
 */
export type NightStatus = 'verified' | 'broken' | 'unsealed' | 'missing' | 'expired';

export type NightRow = {
  archive: string;
  /** When it was due; ISO 8601, or the day alone where nothing else is known. */
  due: string;
  scan: string;
  status: NightStatus;
  night?: Night;
  reason: string;
};

/** Problems that are of no scan, and so of no row: of `latest.json`, of what lies beside the scans. */
export function problemsBeside(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ kind, key, due }) => (kind === 'gap' ? due === undefined : folderOf(key) === undefined));
}

/** The folders of scans that count nowhere, because something is wrong with them or they have expired. */
export function uncountedFolders({ problems, expired }: Pick<Verification, 'problems' | 'expired'>): Set<string> {
  const folders = new Set<string>(expired);
  for (const { kind, key } of problems) {
    const folder = kind === 'gap' ? undefined : folderOf(key)?.folder;
    if (folder !== undefined) folders.add(folder);
  }
  return folders;
}

const texts = {
  gap: 'It was due by the schedule, and the archive has nothing of it: it did not run, or it was deleted while no later scan named it.',
  after: (scan: string) => ` The scan after it, ${scan}, was compared with an earlier one.`,
  expired: 'The bucket keeps nothing so long, and a part of it is gone already.',
  lost: (scan: string) => `Scan ${scan} names its manifest, and the archive does not have it: it was deleted.`,
};

/**
 * Rows of one archive, in the order of their times, without those that were due outside the period. `nights` are those that are not
 * broken.
 */
export function nightRows(
  archive: string,
  nights: readonly Night[],
  { problems, expired }: Pick<Verification, 'problems' | 'expired'>,
  period: Period,
): NightRow[] {
  const rows: NightRow[] = nights.map((night) => ({
    ...{ archive, due: night.manifest.scheduledAt, scan: night.manifest.scanId, status: 'verified', night, reason: '' },
  }));
  const successors = new Map(nights.flatMap(({ manifest }) => named(manifest)));
  for (const [folder, own] of Map.groupBy(problems, ({ key, kind }) =>
    kind === 'gap' ? undefined : folderOf(key)?.folder,
  )) {
    if (folder === undefined) continue;
    const { scanId = '' } = folderOf(folder) ?? {};
    const key = scanKeysIn(folder).manifest;
    const by = successors.get(key);
    const due = by?.due ?? dueOf(folder, scanId);
    const isLost = own.some((problem) => problem.kind === 'missing' && problem.key === key);
    const isUnsealed = own.every((problem) => problem.kind === 'unsealed');
    const status = isLost ? 'missing' : isUnsealed ? 'unsealed' : 'broken';
    const reason = isLost && by ? texts.lost(by.scan) : own.map(({ key: at, text }) => `${at} ${text}`).join(' ');
    rows.push({ archive, due, scan: scanId, status, reason });
  }
  for (const folder of expired) {
    const { scanId: scan = '' } = folderOf(folder) ?? {};
    const due = successors.get(scanKeysIn(folder).manifest)?.due ?? dueOf(folder, scan);
    rows.push({ archive, due, scan, status: 'expired', reason: texts.expired });
  }
  const known = new Set(rows.map(({ due }) => due));
  const sorted = [...nights].map(({ manifest }) => manifest);
  for (const { due } of problems) {
    if (due === undefined || known.has(due)) continue;
    const after = sorted.find(({ scheduledAt }) => scheduledAt > due);
    const reason = texts.gap + (after ? texts.after(after.scanId) : '');
    rows.push({ archive, due, scan: '', status: 'missing', reason });
  }
  return rows.filter(({ due }) => isWithin(due, period)).sort((a, b) => ascending(a.due, b.due));
}

function named({ previous, scanId }: Manifest): [string, { due: string; scan: string }][] {
  return previous ? [[previous.key, { due: previous.scheduledAt, scan: scanId }]] : [];
}

/** When a scan was due by its folder: the time that its id tells, if that is of the folder's day, else the day. */
function dueOf(folder: string, scanId: string): string {
  const day = folder.slice('scans/'.length, 'scans/'.length + 10).replaceAll('/', '-');
  const time = timeOf(scanId);
  return time?.startsWith(day) ? time : day;
}

/** A day alone is within where a part of it may be. */
function isWithin(due: string, { from, to }: Period): boolean {
  return due >= from.slice(0, due.length) && due <= to.slice(0, due.length);
}

/** The time that a scan's id tells: `20261123T020000Z`. */
function timeOf(scanId: string): string | undefined {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(scanId) ?? [];
  const [year, month, day, hour, minute, second] = parts;
  return parts.length > 0 ? `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z` : undefined;
}

const COLUMNS = [
  ...['archive', 'due_at', 'scan', 'status', 'started_at', 'finished_at', 'scheduled', 'nodes', 'evaluated'],
  ...['failed_targets', 'tool_version', 'rules', 'collector', 'manifest', 'manifest_sha256', 'signed_by', 'reason'],
];

export function* nightsCsv(rows: readonly NightRow[]): Generator<string> {
  yield csvRow(COLUMNS);
  for (const { archive, due, scan, status, night, reason } of rows) {
    const begin = [archive, due, scan, status];
    if (!night) {
      yield csvRow([...begin, ...Array.from({ length: COLUMNS.length - begin.length - 1 }, () => ''), reason]);
      continue;
    }
    const { manifest, summary, sha256 } = night;
    const failed = notAssessedOf(summary);
    const why = failed.map(({ account, region, error }) => `${account}/${region}: ${error}`).join(' ');
    const { counts, tool, documentHash = '', signing } = manifest;
    yield csvRow([
      ...[...begin, manifest.startedAt, manifest.finishedAt],
      ...[manifest.everySeconds === undefined ? 'by hand' : 'yes', counts.nodes, counts.evaluated, failed.length],
      ...[tool.version, tool.rules, documentHash, manifest.key, sha256, signing?.publicKeySha256 ?? '', why],
    ]);
  }
}
