/** The waivers file that the settings name. */
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Waiver } from './rules/waive.ts';
import { parseWaivers } from './rules/waivers.ts';

/**
 * Reads the waivers file: absolute, or relative to the deployed handler. None without a path. Throws an Error with file
 * and line for each mistake in it.
 */
export function loadWaivers(path: string | undefined): Waiver[] {
  if (path === undefined) return [];
  return parseWaivers(readFileSync(isAbsolute(path) ? path : new URL(path, import.meta.url), 'utf8'), path);
}
