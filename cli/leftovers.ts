/**
 * What a scan leaves behind that was killed, and how the next one clears it away: a scan's journal is removed when it has
 * ended, so a journal that is there tells of one that was killed (`kill -9`), whose report has only begun.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LATEST, scanFolder } from '../lambda/archive/keys.ts';
import { BUCKET } from '../simulator/fleet/serve.ts';

const EXECUTIONS = 'executions';
const JOURNAL = '.ndjson';

/** Temporary folders of scans, and the locks that they are about to take; each names its process. */
const TEMPORARY = /^kubevigil-(?:(?:fleet|rehearse)-(\d+)-\w+|[0-9a-f]{16}\.lock\.(\d+))$/;

/** Where a directory keeps the journals of scans that run. */
export const executionsIn = (out: string): string => join(out, EXECUTIONS);

/** A new temporary folder that names what it is for, and this process. */
export function workFolder(purpose: 'fleet' | 'rehearse'): string {
  return mkdtempSync(join(tmpdir(), `kubevigil-${purpose}-${process.pid}-`));
}

/** Removes what scans that were killed have left among temporary files and, for who holds its lock, in a directory. */
export function sweep(out: string): void {
  for (const name of readdirSync(tmpdir())) {
    const [, folder, lock] = TEMPORARY.exec(name) ?? [];
    const pid = folder ?? lock;
    if (pid !== undefined && !isAlive(Number(pid))) remove(join(tmpdir(), name));
  }
  remove(join(out, '.uploads'));
  for (const name of existsSync(executionsIn(out)) ? readdirSync(executionsIn(out)) : []) {
    if (!name.endsWith(JOURNAL)) continue;
    const journal = readFileSync(join(executionsIn(out), name), 'utf8');
    forget(out, name.slice(0, -JOURNAL.length), hasSucceeded(journal));
  }
}

/**
 * Removes a scan's journal and, unless it has ended, its report: the beginning of one could not be told from one that was
 * damaged. A report that is the latest was complete.
 */
export function forget(out: string, scanId: string, hasEnded: boolean): void {
  const latest = join(out, BUCKET, LATEST);
  const isLatest = existsSync(latest) && readFileSync(latest, 'utf8').includes(JSON.stringify(scanId));
  if (!hasEnded && !isLatest) {
    const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})T/.exec(scanId) ?? [];
    if (day) remove(join(out, BUCKET, scanFolder({ scanId, scheduledAt: `${year}-${month}-${day}T00:00:00Z` })));
  }
  remove(join(executionsIn(out), `${scanId}${JOURNAL}`));
}

/** Its last whole line tells; what follows the last line break was cut. */
function hasSucceeded(journal: string): boolean {
  const last =
    journal
      .slice(0, journal.lastIndexOf('\n') + 1)
      .trimEnd()
      .split('\n')
      .at(-1) ?? '';
  try {
    return (JSON.parse(last) as { outcome?: { Status?: string } }).outcome?.Status === 'SUCCEEDED';
  } catch {
    return false;
  }
}

/** Another user's process may not be signalled, but it lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** What is another user's stays. */
function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
