/**
 * `horizon.ics`: the days on which certificates and support end, as a calendar that people subscribe to (RFC 5545). What the
 * kubelets renew themselves is no day to keep.
 */
import { createHash } from 'node:crypto';
import { endingText, type HorizonEvent, horizonOf, placeOf } from '../results/horizon.ts';
import type { Summary } from '../results/summary.ts';
import type { Format } from './format.ts';
import { printable } from './text.ts';

export const ics: Format = {
  file: 'horizon.ics',
  contentType: 'text/calendar; charset=utf-8',
  gzip: false,
  open: ({ summary }) => {
    const horizon = horizonOf();
    return {
      begin: () => '',
      entry: ({ line }) => {
        if (line) horizon.add(line);
        return '';
      },
      end: () => calendar(horizon.result().events, summary),
    };
  },
};

/** The calendar in pieces, an event each. Its times are those of the scan, so that the same scan gives the same bytes. */
export function* calendar(
  events: readonly HorizonEvent[],
  { startedAt, tool }: Pick<Summary, 'startedAt' | 'tool'>,
): Generator<string> {
  yield lines([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    `PRODID:-//kubevigil//kubevigil ${escaped(tool.version)}//EN`,
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    'X-WR-CALNAME:kubevigil: when certificates and support end',
  ]);
  const stamp = new Date(startedAt).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  for (const event of events) if (event.renews !== true) yield lines(eventLines(event, stamp));
  yield lines(['END:VCALENDAR']);
}

function eventLines(event: HorizonEvent, stamp: string): string[] {
  const { on, what, why, nodes, examples, account, region } = event;
  const many = `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
  const place = placeOf(event);
  const some = `${examples.join(', ')}${nodes > examples.length ? ` and ${nodes - examples.length} more` : ''}`;
  const about = [
    ...(why === undefined || what === 'support' ? [] : [`Cause: ${why}.`]),
    ...(account === undefined ? [] : [`Account ${account}, ${region}.`]),
    `Nodes: ${some}.`,
  ];
  return [
    'BEGIN:VEVENT',
    `UID:${uidOf(event)}`,
    `DTSTAMP:${stamp}`,
    `DTSTART;VALUE=DATE:${on.replaceAll('-', '')}`,
    `SUMMARY:${escaped(`${many} of ${place}: ${endingText(event)}`)}`,
    `DESCRIPTION:${about.map(escaped).join('\\n')}`,
    `CATEGORIES:${what === 'support' ? 'SUPPORT' : 'CERTIFICATE'}`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ];
}

/** The same in each scan as long as the day, the place and the cause are, however many nodes it is. */
function uidOf({ on, what, account, region, cluster, group, why }: HorizonEvent): string {
  const named = JSON.stringify([on, what, account, region, cluster, group, why]);
  return `${createHash('sha256').update(named).digest('hex').slice(0, 32)}@kubevigil`;
}

/** TEXT of RFC 5545, 3.3.11; control characters stay visible. */
function escaped(text: string): string {
  return printable(text).replaceAll(/[\\;,]/g, '\\$&');
}

/** Longest line in octets, without its end (RFC 5545, 3.1). */
const LONGEST = 75;

/** Content lines, folded where they are long, never within a character. */
function lines(each: readonly string[]): string {
  return each.map((line) => `${folded(line)}\r\n`).join('');
}

function folded(line: string): string {
  if (Buffer.byteLength(line) <= LONGEST) return line;
  let text = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > LONGEST) {
      text += '\r\n ';
      // The space that a folded line begins with counts.
      octets = 1;
    }
    text += character;
    octets += size;
  }
  return text;
}
