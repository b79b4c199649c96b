/** `kubevigil verify`: is an archive whole and unchanged, and do its verdicts follow from its evidence? */

import { count, number } from '../lambda/alerts/text.ts';
import type { Judge, Verification } from '../lambda/archive/verification.ts';
import { verifyArchive } from '../lambda/archive/verify.ts';
import { printable } from '../lambda/formats/text.ts';
import { openArchive, readPlace } from './archive.ts';
import { run } from './command.ts';
import { readDate, readKey } from './period.ts';
import { InputError } from './problems.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';
import { stampChecker } from './timestamps.ts';

const help = `Verifies an archive of reports: that nothing is missing, changed, moved or inserted, and
that the chain of signed manifests is whole. Where manifests record how often scans are
scheduled, also that no scheduled scan is missing.

Usage: ${PROGRAM} verify DIR | s3://bucket[/prefix] [options]

  --from DATE          only scans scheduled on or after this day (2026-11-01, UTC)
  --to DATE            only scans scheduled on or before this day; also tells
                       when no scan ran until then
  --replay             recompute every verdict from the archived evidence with the
                       rules of this version, and list what differs
  --rules-may-differ   with --replay: what other rules than the scan's judge otherwise
                       is listed, but is no problem
  --public-key FILE[@FROM..TO]
                       PEM file of the key that must have signed everything, or what was
                       scheduled between two days, either of which may be left out; may
                       be given several times. Without it the archive is checked with
                       the keys inside it, which proves only that it agrees with itself
  --anchor SCAN=SHA256 digest of a scan's manifest as a message, a time stamp or a copy
                       tells it; may be given several times
  --timestamp-ca FILE  PEM file with the root certificates of the authorities that must have
                       signed the time stamps; needs openssl
  --unsigned           scans that nobody signed are no problem
  --json               print the result as JSON
  -h, --help           print this help

Exit codes: 0 nothing is wrong, 1 something is, 2 could not verify.
docs/report.md tells how to verify with openssl and sha256sum alone.
`;

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  replay: { type: 'boolean', default: false },
  'rules-may-differ': { type: 'boolean', default: false },
  'public-key': { type: 'string', multiple: true },
  anchor: { type: 'string', multiple: true },
  'timestamp-ca': { type: 'string' },
  unsigned: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** Runs the command. `judge` recomputes verdicts for --replay. */
export async function verifyCommand(args: string[], judge: Judge, to: Terminal = terminal): Promise<number> {
  return run('verify', { args, help, allowPositionals: true, options }, to, async ({ values, positionals }) => {
    const place = readPlace(positionals);
    const from = values.from && readDate('--from', values.from, 'T00:00:00.000Z');
    const until = values.to && readDate('--to', values.to, 'T23:59:59.999Z');
    if (from && until && from > until) throw new InputError(`--from ${values.from} is after --to ${values.to}`);
    const now = new Date().toISOString();
    const publicKeys = values['public-key'] && (await Promise.all(values['public-key'].map(readKey)));
    const checkStamp = values['timestamp-ca'] === undefined ? undefined : await stampChecker(values['timestamp-ca']);
    const archive = await openArchive(place);
    const result = await verifyArchive(archive, {
      ...(from && { from }),
      // Today is not over: no scan that is due later is missing.
      ...(until && { to: until < now ? until : now }),
      ...(publicKeys && { publicKeys }),
      ...(values.anchor && { anchors: new Map(values.anchor.map(readAnchor)) }),
      ...(checkStamp && { checkStamp }),
      unsigned: values.unsigned,
      now,
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
    const counted = result.problems.filter(({ kind }) => !(kind === 'rules' && values['rules-may-differ']));
    if (until === undefined && result.newest !== undefined)
      result.notes.push(`The newest scan is of ${result.newest}, ${ageOf(result.newest, now)}.`);
    to.out(
      values.json
        ? `${JSON.stringify(result, null, 2)}\n`
        : describe(archive.location, result, counted.length, values.replay),
    );
    if (counted.length === 0) return 0;
    // What only a newer version can read is no proof of anything.
    return counted.every(({ kind }) => kind === 'newer') ? 2 : 1;
  });
}

function readAnchor(option: string): [string, string] {
  const [, scan, digest] = /^([\w.-]+)=([0-9a-fA-F]{64})$/.exec(option) ?? [];
  if (scan === undefined || digest === undefined)
    throw new InputError(`--anchor expects SCAN=SHA256, a scan's id and 64 hexadecimal digits, got ${option}`);
  return [scan, digest.toLowerCase()];
}

/** `3 days ago`; what is due every night should be no older than one. */
function ageOf(time: string, now: string): string {
  const hours = Math.max(0, Math.floor((Date.parse(now) - Date.parse(time)) / 3_600_000));
  return hours < 48 ? `${count(hours, 'hour')} ago` : `${count(Math.floor(hours / 24), 'day')} ago`;
}

/** `counted` of the problems are some: verdicts of other rules may be expected. */
function describe(location: string, result: Verification, counted: number, replayed: boolean): string {
  const { scans, objects, bytes, verdicts, problems, notes } = result;
  const lines = problems.map(({ kind, key, text }) => printable(`${kind.toUpperCase().padEnd(9)} ${key} ${text}`));
  for (const note of notes) lines.push(printable(`Note: ${note}`));
  const what = [count(scans, 'scan'), count(objects, 'object'), `${number(bytes)} bytes`];
  if (replayed) what.push(`${count(verdicts, 'verdict')} recomputed`);
  const differ = problems.length - counted;
  if (differ > 0) what.push(`${count(differ, 'verdict')} of other rules ${differ === 1 ? 'differs' : 'differ'}`);
  const verdict = counted === 0 ? 'nothing is wrong' : count(counted, 'problem');
  lines.push(printable(`${location}: ${what.join(', ')}: ${verdict}.`));
  return `${lines.join('\n')}\n`;
}
