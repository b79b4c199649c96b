/** `kubevigil verify`: is an archive whole and unchanged, and do its verdicts follow from its evidence? */

import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { count, number } from '../lambda/alerts/text.ts';
import { fingerprint } from '../lambda/archive/sign.ts';
import type { Judge, Verification } from '../lambda/archive/verification.ts';
import { verifyArchive } from '../lambda/archive/verify.ts';
import { printable } from '../lambda/formats/text.ts';
import { openArchive, readPlace } from './archive.ts';
import { InputError, run, type Terminal, terminal } from './terminal.ts';

const help = `Verifies an archive of reports: that nothing is missing, changed, moved or inserted, and
that the chain of signed manifests is whole. Where manifests record how often scans are
scheduled, also that no scheduled scan is missing.

Usage: npm start -- verify DIR | s3://bucket[/prefix] [options]

  --from DATE          only scans scheduled on or after this day (2026-11-01, UTC)
  --to DATE            only scans scheduled on or before this day; also tells
                       when no scan ran until then
  --replay             recompute every verdict from the archived evidence with the
                       rules of this version, and list what differs
  --public-key FILE    PEM file of the key that must have signed everything; may be
                       given several times. Without it the archive is checked with
                       the keys inside it, which proves only that it agrees with itself
  --json               print the result as JSON
  -h, --help           print this help

Exit codes: 0 nothing is wrong, 1 something is, 2 could not verify.
docs/report.md tells how to verify with openssl and sha256sum alone.
`;

/** Runs the command. `judge` recomputes verdicts for --replay. */
export async function verifyCommand(args: string[], judge: Judge, to: Terminal = terminal): Promise<number> {
  return run('verify', to, async () => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        replay: { type: 'boolean', default: false },
        'public-key': { type: 'string', multiple: true },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      to.out(help);
      return 0;
    }
    const place = readPlace(positionals);
    const from = values.from && readDate('--from', values.from, 'T00:00:00.000Z');
    const until = values.to && readDate('--to', values.to, 'T23:59:59.999Z');
    if (from && until && from > until) throw new InputError(`--from ${values.from} is after --to ${values.to}`);
    const now = new Date().toISOString();
    const publicKeys = values['public-key'] && (await Promise.all(values['public-key'].map(readKey)));
    const archive = await openArchive(place);
    const result = await verifyArchive(archive, {
      ...(from && { from }),
      // Today is not over: no scan that is due later is missing.
      ...(until && { to: until < now ? until : now }),
      ...(publicKeys && { publicKeys }),
      ...(values.replay && { judge }),
      onScan: ({ scanId, number: position, of }) => {
        if (to.isInteractive) to.err(`\r\u001b[Kverifying scan ${position} of ${of}: ${printable(scanId)}`);
      },
    });
    if (to.isInteractive) to.err('\r\u001b[K');
    if (result.scans === 0 && result.problems.length === 0) {
      const range = [values.from && ` from ${values.from}`, values.to && ` until ${values.to}`]
        .filter(Boolean)
        .join('');
      throw new InputError(`${archive.location} has no scan${range} to verify`);
    }
    to.out(values.json ? `${JSON.stringify(result, null, 2)}\n` : describe(archive.location, result, values.replay));
    if (result.problems.length === 0) return 0;
    // What only a newer version can read is no proof of anything.
    return result.problems.every(({ kind }) => kind === 'newer') ? 2 : 1;
  });
}

function readDate(option: string, text: string, timeOfDay: string): string {
  const [day] = /^\d{4}-\d{2}-\d{2}(?=$|T)/.exec(text) ?? [];
  const time = new Date(day === text ? text + timeOfDay : text);
  // JavaScript reads November 31 as December 1.
  const isDay = day !== undefined && new Date(`${day}T00:00Z`).toJSON()?.startsWith(day);
  if (!isDay || Number.isNaN(time.getTime())) {
    throw new InputError(`${option} expects a day like 2026-11-01 or an ISO 8601 time, got ${text}`);
  }
  return time.toISOString();
}

async function readKey(path: string): Promise<string> {
  const pem = await readFile(path, 'utf8').catch((error: Error) => {
    throw new InputError(`--public-key ${path}: ${error.message}`);
  });
  try {
    fingerprint(pem);
  } catch (error) {
    throw new InputError(`--public-key ${path}: ${(error as Error).message}`);
  }
  return pem;
}

function describe(location: string, result: Verification, replayed: boolean): string {
  const { scans, objects, bytes, verdicts, problems, notes } = result;
  const lines = problems.map(({ kind, key, text }) => printable(`${kind.toUpperCase().padEnd(9)} ${key} ${text}`));
  for (const note of notes) lines.push(printable(`Note: ${note}`));
  const what = [count(scans, 'scan'), count(objects, 'object'), `${number(bytes)} bytes`];
  if (replayed) what.push(`${count(verdicts, 'verdict')} recomputed`);
  const verdict = problems.length === 0 ? 'nothing is wrong' : count(problems.length, 'problem');
  lines.push(printable(`${location}: ${what.join(', ')}: ${verdict}.`));
  return `${lines.join('\n')}\n`;
}
