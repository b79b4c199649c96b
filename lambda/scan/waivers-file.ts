/** The waivers file that the settings name. Tested by test/scan/notify.test.ts. */
import { readFileSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import type { Waiver, WaiverReview } from '../judging/index.ts';
import { parseWaivers } from '../judging/waivers.ts';

/**
 * Reads the waivers file: absolute, or relative to the deployed handler. None without a path. Throws an Error with file
 * and line for each mistake in it.
 */
export function loadWaivers(path: string | undefined): Waiver[] {
  if (path === undefined) return [];
  return parseWaivers(readFileSync(isAbsolute(path) ? path : new URL(path, import.meta.url), 'utf8'), path);
}

/** A sentence for each waiver of the file at `path` whose rule is not known. */
export function unknownWaivers({ unknown }: WaiverReview, path: string | undefined): string[] {
  return unknown.map(({ waiver, problem }) => `${onLine(waiver, path)} has no effect: ${problem}`);
}

/** A sentence for each waiver of the file at `path` that accepted nothing; `used`: the positions of those that did. */
export function withoutEffect(review: WaiverReview, path: string | undefined, used: ReadonlySet<number>): string[] {
  const unused = [...review.valid].filter(([position]) => !used.has(position));
  return [
    ...unknownWaivers(review, path),
    ...review.expired.map((waiver) => {
      const { rule, until, owner, reason } = waiver;
      return `${onLine(waiver, path)} has expired: ${rule} was accepted until ${until} by ${owner} (${reason})`;
    }),
    ...unused.map(([, waiver]) => {
      const { rule, until, owner, reason } = waiver;
      return `${onLine(waiver, path)} covers no finding of this scan: ${rule} is accepted until ${until} by ${owner} (${reason})`;
    }),
  ];
}

function onLine({ line }: Waiver, path: string | undefined): string {
  return `The waiver on line ${line}${path === undefined ? '' : ` of ${basename(path)}`}`;
}
