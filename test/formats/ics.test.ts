import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { calendar, ics } from '../../lambda/formats/ics.ts';
import type { Entry } from '../../lambda/results/entry.ts';
import type { HorizonEvent } from '../../lambda/results/horizon.ts';
import { summarize } from '../../lambda/results/summary.ts';
import { evaluated, scan } from '../archive/samples.ts';
import { python, without } from '../witness/python.ts';

const summary = summarize(scan, [], { previous: null });
const event: HorizonEvent = {
  on: '2026-12-09',
  what: 'client',
  account: '111122223333',
  region: 'eu-central-1',
  cluster: 'payments',
  renews: false,
  why: 'rotateCertificates is false from flag --rotate-certificates=0',
  nodes: 94,
  examples: ['i-1', 'i-2'],
};
const textOf = (events: HorizonEvent[], of = summary) => [...calendar(events, of)].join('');

/** Content lines, unfolded; RFC 5545, 3.1. Throws where the text is not of its grammar. */
function parse(text: string): [name: string, value: string][] {
  assert.ok(text.endsWith('\r\n') && !/[^\r]\n|\r[^\n]/.test(text), 'lines end with CRLF');
  const physical = text.slice(0, -2).split('\r\n');
  for (const line of physical) assert.ok(Buffer.byteLength(line) <= 75, `${line} has more than 75 octets`);
  return text
    .replaceAll('\r\n ', '')
    .slice(0, -2)
    .split('\r\n')
    .map((line) => {
      const [, name, value] = /^([A-Z-]+)(?:;[A-Z]+=[A-Z]+)*:((?:[^\\\p{Cc}]|\\[\\;,nN])*)$/u.exec(line) ?? [];
      assert.ok(name !== undefined && value !== undefined, `not a content line: ${line}`);
      return [name, value];
    });
}

const values = (text: string, wanted: string) =>
  parse(text).flatMap(([name, value]) => (name === wanted ? [value] : []));
const unescaped = (text: string) => text.replaceAll(/\\([\\;,])/g, '$1').replaceAll('\\n', '\n');

test('an event is a day of one place and one cause', () => {
  const text = textOf([event]);
  assert.match(text, /^BEGIN:VCALENDAR\r\nVERSION:2\.0\r\nPRODID:/);
  assert.match(text, /DTSTART;VALUE=DATE:20261209\r\n/);
  assert.deepEqual(values(text, 'SUMMARY').map(unescaped), [
    '94 nodes of payments: client certificate ends, and nothing renews it',
  ]);
  assert.deepEqual(values(text, 'DESCRIPTION').map(unescaped), [
    'Cause: rotateCertificates is false from flag --rotate-certificates=0.\nAccount 111122223333, eu-central-1.\nNodes: i-1, i-2 and 92 more.',
  ]);
  assert.deepEqual(values(text, 'DTSTAMP'), [scan.startedAt.replaceAll(/[-:]|\.\d+/g, '')]);
});

test('an event keeps its UID while nodes come and go, and what is renewed has none', () => {
  const later = { ...summary, startedAt: '2026-12-01T02:00:00.000Z' };
  const [uid] = values(textOf([event]), 'UID');
  assert.match(uid ?? '', /^[0-9a-f]{32}@kubevigil$/);
  assert.deepEqual(values(textOf([{ ...event, nodes: 3, examples: ['i-9'] }], later), 'UID'), [uid]);
  assert.notDeepEqual(values(textOf([{ ...event, on: '2026-12-10' }]), 'UID'), [uid]);
  assert.deepEqual(values(textOf([{ ...event, renews: true }]), 'UID'), []);
});

test('whatever clusters and causes are called, it is of the grammar and reads back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 90 }), (name) => {
      const text = textOf([{ ...event, cluster: `x${name}`, why: name }]);
      const [told = ''] = values(text, 'SUMMARY').map(unescaped);
      assert.ok(told.startsWith('94 nodes of x'));
      if (/^[\x20-\x7e]*$/.test(name)) assert.ok(told.includes(`x${name}: client`), told);
    }),
    { numRuns: 200 },
  );
});

test('as a format it takes the nodes as they pass by', () => {
  const line = evaluated('i-01', []);
  const certificates = [
    { role: 'client' as const, path: '/k.pem', notAfter: '2026-12-09T10:00:00.000Z', renews: false },
  ];
  const sheet = ics.open({ summary, catalog: {} });
  const entries: Entry[] = [{ line: { ...line, certificates } as Entry['line'] & object }];
  const text = [sheet.begin(), ...entries.map(sheet.entry), ...sheet.end()].join('');
  assert.equal(values(text, 'UID').length > 0, true);
  assert.match(unescaped(values(text, 'SUMMARY')[0] ?? ''), /^1 node of/);
});

test('icalendar for Python reads what we wrote', { skip: without('icalendar') }, async () => {
  const hard = { ...event, cluster: 'ä;b,c\\d'.repeat(12), on: '2027-02-28' };
  const { stdout, stderr } = await python(['events.py'], textOf([event, hard]), 'icalendar');
  assert.equal(stderr, '');
  const read = JSON.parse(stdout);
  assert.deepEqual(
    read.map(([told, on]: string[]) => [told, on]),
    [event, hard].map(({ cluster, on }) => [
      `94 nodes of ${cluster}: client certificate ends, and nothing renews it`,
      on,
    ]),
  );
  assert.equal(new Set(read.map(([, , uid]: string[]) => uid)).size, 2);
});
