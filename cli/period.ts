/** What commands on an archive are given: a period, and keys. Tested by test/cli/verify.test.ts. */
import { readFile } from 'node:fs/promises';
import { fingerprint } from '../lambda/archive/sign.ts';
import type { TrustedKey } from '../lambda/archive/verification.ts';
import { InputError, systemProblem } from './problems.ts';

/** A day, of which `timeOfDay` is meant, or a time; ISO 8601. `option` is what errors call it. */
export function readDate(option: string, text: string, timeOfDay: string): string {
  const [day] = /^\d{4}-\d{2}-\d{2}(?=$|T)/.exec(text) ?? [];
  const time = new Date(day === text ? text + timeOfDay : text);
  // JavaScript reads November 31 as December 1.
  const isDay = day !== undefined && new Date(`${day}T00:00Z`).toJSON()?.startsWith(day);
  if (!isDay || Number.isNaN(time.getTime())) {
    throw new InputError(`${option} expects a day like 2026-11-01 or an ISO 8601 time, got ${text}`);
  }
  return time.toISOString();
}

/** `FILE`, or `FILE@2026-01-01..2026-12-31`. */
export async function readKey(option: string): Promise<TrustedKey> {
  const [, path = option, from, to] = /^(.+)@([\dT:.Z-]*)\.\.([\dT:.Z-]*)$/.exec(option) ?? [];
  const pem = await readFile(path, 'utf8').catch((error: Error) => {
    throw new InputError(`--public-key ${systemProblem(error)}`);
  });
  try {
    fingerprint(pem);
  } catch (error) {
    throw new InputError(`--public-key ${path}: ${(error as Error).message}`);
  }
  return {
    pem,
    ...(from && { from: readDate('--public-key', from, 'T00:00:00.000Z') }),
    ...(to && { to: readDate('--public-key', to, 'T23:59:59.999Z') }),
  };
}

/** The days from `--from` to `--to`, either of which may be left out. */
export function readRange(from: string | undefined, to: string | undefined): { from: string; to: string } {
  return readPeriod(from ?? '0001-01-01', to ?? '9999-12-31');
}

/** The whole days from `--from` to `--to`, both of which must be given. */
export function readPeriod(from: string | undefined, to: string | undefined): { from: string; to: string } {
  if (from === undefined || to === undefined) throw new InputError('expected --from and --to, days such as 2026-07-01');
  const period = { from: readDate('--from', from, 'T00:00:00.000Z'), to: readDate('--to', to, 'T23:59:59.999Z') };
  if (period.from > period.to) throw new InputError(`--from ${from} is after --to ${to}`);
  return period;
}
