/** The waivers file that the settings name. */
import { readFileSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import { reviewWaivers, type Waiver } from './rules/index.ts';
import { parseWaivers } from './rules/waivers.ts';

/**
 * Reads the waivers file: absolute, or relative to the deployed handler. None without a path. Throws an Error with file
 * and line for each mistake in it.
 */
export function loadWaivers(path: string | undefined): Waiver[] {
  if (path === undefined) return [];
  return parseWaivers(readFileSync(isAbsolute(path) ? path : new URL(path, import.meta.url), 'utf8'), path);
}

/** A sentence for each waiver of the file at `path` that accepts nothing; `now` in seconds since the epoch. */
export function withoutEffect(
  waivers: readonly Waiver[],
  path: string | undefined,
  now: number,
): { unknown: string[]; expired: string[] } {
  const { unknown, expired } = reviewWaivers(waivers, new Set(), now);
  return {
    unknown: unknown.map(({ waiver, problem }) => `${place(waiver, path)} has no effect: ${problem}`),
    expired: expired.map((waiver) => {
      const { rule, until, owner, reason } = waiver;
      return `${place(waiver, path)} has expired: ${rule} was accepted until ${until} by ${owner} (${reason})`;
    }),
  };
}

function place({ line }: Waiver, path: string | undefined): string {
  return `The waiver in line ${line}${path === undefined ? '' : ` of ${basename(path)}`}`;
}
