/** Which scheduled scans are not there, and which need not be any more. Tested by test/archive/verify.test.ts. */

import { secondsBetween, TOLERATED_INTERVALS } from '../results/summary.ts';
import type { Manifest } from './manifest.ts';
import type { Problem, VerifyOptions } from './verification.ts';

/** Of one gap so many scans are named: a year of nightly ones, a month of hourly ones. Who forges a schedule forges any number. */
const MOST_NAMED = 1000;

/**
 * Scheduled scans that are missing between two that are there, or after the last one, each of them. A scan that was started by
 * hand has no schedule to keep and stands for no other; one that was reported as missing otherwise is no gap, too.
 */
export function gapsIn(known: readonly Manifest[], outside: readonly Manifest[], options: VerifyOptions): Problem[] {
  const { from: beginning, to } = options;
  const since = Math.max(keptSince(known, options), beginning === undefined ? -Infinity : Date.parse(beginning));
  const keys = new Set(known.map(({ key }) => key));
  const due = [...known, ...outside].filter(({ everySeconds }) => everySeconds !== undefined);
  const elsewhere = known.flatMap(({ previous }) => (previous && !keys.has(previous.key) ? [previous] : []));
  const scans: Pick<Manifest, 'key' | 'scheduledAt' | 'everySeconds'>[] = [...due, ...elsewhere];
  scans.sort((a, b) => Date.parse(a.scheduledAt) - Date.parse(b.scheduledAt));
  const problems: Problem[] = [];
  const tell = (key: string, from: string, until: string, seconds: number) => {
    const [begin, pause] = [Date.parse(from), seconds * 1000];
    const first = Math.max(1, Math.ceil((since - begin) / pause));
    const last = Math.floor((Date.parse(until) - pause / 2 - begin) / pause);
    for (let number = first; number <= Math.min(last, first + MOST_NAMED - 1); number += 1) {
      const missed = new Date(begin + number * pause).toISOString();
      const text = `no scan of ${missed}, though one was due every ${hours(seconds)}.`;
      problems.push({ kind: 'gap', key, text, due: missed });
    }
    const more = last - first + 1 - MOST_NAMED;
    if (more > 0)
      problems.push({
        kind: 'gap',
        key,
        text: `and ${more} more scans of the same gap, up to ${until}, are not there.`,
      });
  };
  let before: string | undefined;
  let pause = 0;
  for (const { key, scheduledAt, everySeconds } of scans) {
    const isAsked = before !== undefined && (to === undefined || Date.parse(before) <= Date.parse(to));
    // Where the schedule was changed in between, the longer pause of the two counts.
    const longest = everySeconds ? Math.max(everySeconds, pause) : pause || undefined;
    if (isAsked && isLate(before as string, scheduledAt, longest)) tell(key, before as string, scheduledAt, longest);
    before = scheduledAt;
    pause = everySeconds ?? pause;
  }
  const last = scans.findLast(({ everySeconds }) => everySeconds !== undefined);
  if (to !== undefined && last && isLate(before ?? last.scheduledAt, to, last.everySeconds)) {
    const { key, everySeconds, scheduledAt } = last;
    tell(key, before ?? scheduledAt, new Date(Date.parse(to) + everySeconds * 500).toISOString(), everySeconds);
  }
  return problems;
}

/**
 * Scans from before this time may be gone, because the bucket keeps objects no longer than the newest scan says; `-Infinity` where
 * it says nothing. Milliseconds since the epoch.
 */
export function keptSince(known: readonly Manifest[], { now }: VerifyOptions): number {
  const newest = known.reduce<Manifest | undefined>(
    (last, one) => (last && last.scheduledAt >= one.scheduledAt ? last : one),
    undefined,
  );
  const days = newest?.retention?.days;
  if (days === undefined) return -Infinity;
  return (now === undefined ? Date.now() : Date.parse(now)) - days * 86_400_000;
}

/** Where a range begins before the first scan of all, nothing can be missing there. */
export function noteBeginning(known: readonly Manifest[], notes: string[], { from }: VerifyOptions): void {
  const first = known.find(({ previous }) => previous === null);
  if (from === undefined || !first) return;
  // Between the beginning of a day and its first scan nothing was due.
  const pause = first.everySeconds ?? 86_400;
  if (secondsBetween(from, first.scheduledAt) <= pause) return;
  // One that was resumed hangs on later ones.
  if (known.some(({ scheduledAt }) => scheduledAt < first.scheduledAt)) return;
  notes.push(`The range begins before the archive, whose first scan is of ${first.scheduledAt}.`);
}

/** Tells whether more time passed than a schedule allows; without a schedule any time may. */
function isLate(from: string, until: string, everySeconds: number | undefined): everySeconds is number {
  return everySeconds !== undefined && secondsBetween(from, until) > everySeconds * TOLERATED_INTERVALS;
}

function hours(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${Math.round(seconds / 60)} min`;
}
