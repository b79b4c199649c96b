import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exceptionsOf } from '../../audit/exceptions.ts';
import type { Part } from '../../audit/page.ts';
import { populationOf, populationRows } from '../../audit/population.ts';
import { compareWith } from '../../lambda/results/compare.ts';
import type { UnreachableReason } from '../../lambda/results/node-line.ts';
import { summarize } from '../../lambda/results/summary.ts';
import { count, emptyTally } from '../../lambda/results/tally.ts';
import { evaluated, scan, target, unreachable } from '../archive/samples.ts';
import { readCsv } from './csv.ts';

const asked = { asked: '2026-11-30T00:00:00.000Z', until: '2026-11-30T00:00:00.000Z' };

/** A period of one signed night in which one node answered and others did not, for these reasons. */
function periodOf(...reasons: UnreachableReason[]) {
  const lines = [evaluated('i-0', []), ...reasons.map((reason, index) => unreachable(`i-${index + 1}`, reason))];
  const tally = emptyTally();
  for (const line of lines) count(tally, line);
  const { difference } = compareWith(scan.scheduledAt, undefined);
  const summary = summarize(scan, [{ target, tally, difference, objects: [] }], { previous: null });
  const night = { manifest: { ...scan, signing: {} }, summary } as unknown as Part['nights'][number];
  const population = populationOf('reports');
  population.night(night);
  for (const line of lines) population.node(night, target, { line, late: false });
  const members = [...population.members.values()];
  const part = { name: 'reports', nights: [night], rows: [], verification: { problems: [] } };
  return {
    told: exceptionsOf([part as unknown as Part], members, asked),
    rows: readCsv([...populationRows(members)].join('')),
  };
}

test('who is stopped, gone or late is no exception, and has a count of its own', () => {
  const { told, rows } = periodOf('not-running', 'gone', 'joined-later');
  assert.deepEqual(told, []);
  assert.deepEqual(
    rows.map((row) => [row.node, row.nights_unreachable, row.nights_idle, row.unreachable_why]),
    [
      ['i-0', '0', '0', ''],
      ['i-1', '0', '1', 'not-running: 1'],
      ['i-2', '0', '1', 'gone: 1'],
      ['i-3', '0', '1', 'joined-later: 1'],
    ],
  );
});

test('who had to answer and did not is told of', () => {
  assert.deepEqual(periodOf('not-running', 'connection-lost').told, [
    'reports: 1 node of 2 gave no answer in the last night.',
    '1 node never gave an answer in the period: i-2.',
  ]);
});
