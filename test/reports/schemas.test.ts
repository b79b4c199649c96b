import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as v from 'valibot';
import { LatestSchema, latestOf, SummarySchema, summarize } from '../../lambda/reports/summary.ts';
import { count, emptyTally } from '../../lambda/reports/tally.ts';
import { answers, evaluated, finding, scan, target, unreachable } from './samples.ts';

const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
addFormats.default(ajv);

function schema(name: string) {
  const path = new URL(`../../lambda/reports/schemas/${name}.schema.json`, import.meta.url);
  return ajv.compile(JSON.parse(readFileSync(path, 'utf8')));
}

const line = schema('node-line');
const summarySchema = schema('summary');
const latest = schema('latest');

const tally = emptyTally();
for (const answer of answers) count(tally, answer.line);
const summary = summarize(scan, [{ target, tally, objects: [] }]);

test('every sample line fits the schema of node lines', () => {
  for (const answer of answers) assert.ok(line(answer.line), ajv.errorsText(line.errors));
});

for (const [what, value] of [
  ['an unreachable node without a reason', { ...unreachable('i-1', 'gone'), reason: undefined }],
  ['an unreachable node that passes', { ...unreachable('i-1', 'gone'), findings: [finding('x', 'pass')] }],
  ['an evaluated node with a reason', { ...evaluated('i-1', []), reason: 'gone' }],
  ['a status that does not exist', evaluated('i-1', [finding('x', 'ok' as 'pass')])],
  ['a key that does not exist', { ...evaluated('i-1', []), surprise: 1 }],
  ['a node without an id', { ...evaluated('i-1', []), node: {} }],
] as const) {
  test(`the schema of node lines refuses ${what}`, () => assert.ok(!line(JSON.parse(JSON.stringify(value)))));
}

test('a summary fits its schema, and our own parser reads it back', () => {
  const written = JSON.parse(JSON.stringify(summary));
  assert.ok(summarySchema(written), ajv.errorsText(summarySchema.errors));
  assert.deepEqual(v.parse(SummarySchema, written), written);
});

test('a summary with an unknown coverage reason is refused by schema and parser', () => {
  const written = JSON.parse(JSON.stringify(summary));
  written.totals.unreachable = { asleep: 1 };
  assert.ok(!summarySchema(written));
  assert.ok(!v.is(SummarySchema, written));
});

test('latest.json fits its schema, and our own parser reads it back', () => {
  const written = latestOf(scan, { key: 'k', size: 1, sha256: 'a'.repeat(64) });
  assert.ok(latest(written), ajv.errorsText(latest.errors));
  assert.deepEqual(v.parse(LatestSchema, written), written);
  assert.ok(!latest({ ...written, sha256: 'none' }));
});
