import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import { scanKeys, targetKeys } from '../../lambda/archive/keys.ts';
import { ManifestSchema } from '../../lambda/archive/manifest.ts';
import type { InventoryNode } from '../../lambda/nodes/inventory.ts';
import { NodeLineSchema } from '../../lambda/results/node-line.ts';
import { LatestSchema, SummarySchema } from '../../lambda/results/summary.ts';
import { NODES } from '../../simulator/fleet/node-types.ts';
import { HELD } from '../../tools/evidence-schema.ts';
import { jsonSchemas } from '../../tools/schemas.ts';
import { keepScan, memoryArchive, nightly } from '../archive/memory.ts';
import { answers, evaluated, evidence, finding, target, unreachable } from '../archive/samples.ts';
import { keySigner } from '../archive/signer.ts';
import { ajv, published } from './published.ts';

const line = published('node-line');
const changes = published('node-changes');
const summary = published('summary');
const manifest = published('manifest');
const latest = published('latest');
const evidenceLine = published('evidence-line');
const inventoryLine = published('inventory-line');
const claim = published('claim');

for (const [path, wanted] of jsonSchemas()) {
  test(`${path} is what the code says; npm run schemas writes it`, () => {
    const written = JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
    assert.deepEqual(written, JSON.parse(JSON.stringify(wanted)));
  });
}

const archive = memoryArchive();
const signer = keySigner();
await keepScan(archive, nightly(1), answers, signer);
await keepScan(archive, nightly(2), [...answers.slice(1), ...answers.slice(0, 1)], signer);
const other = finding('anonymous-auth', 'fail');
await keepScan(archive, nightly(5), [{ line: evaluated('i-01', [other]) }, { line: unreachable('i-02', 'gone') }]);

function linesOf(key: string): unknown[] {
  const text = gunzipSync(archive.objects.get(key) ?? '').toString();
  return text
    .split('\n')
    .filter(Boolean)
    .map((each) => JSON.parse(each));
}

function document(key: string) {
  return JSON.parse(archive.objects.get(key)?.toString() ?? '');
}

for (const day of [1, 2, 5]) {
  const scan = nightly(day);
  const keys = { ...scanKeys(scan), ...targetKeys(scan, target) };

  test(`scan ${day}: every line of findings and changes fits its schema`, () => {
    for (const each of linesOf(keys.findings)) assert.ok(line(each), ajv.errorsText());
    for (const each of linesOf(keys.changes)) assert.ok(changes(each), ajv.errorsText());
    assert.ok(linesOf(keys.findings).length > 1 && linesOf(keys.changes).length > 1);
  });

  test(`scan ${day}: the claim and every line of inventory and evidence fit their schemas`, () => {
    for (const each of linesOf(keys.inventory)) assert.ok(inventoryLine(each), ajv.errorsText());
    for (const each of linesOf(keys.evidence)) assert.ok(evidenceLine(each), ajv.errorsText());
    assert.ok(claim(document(keys.claim)), ajv.errorsText());
    assert.ok(!claim({ ...document(keys.claim), link: 'none' }));
  });

  for (const [name, key, check, parser] of [
    ['summary', keys.summary, summary, SummarySchema],
    ['manifest', keys.manifest, manifest, ManifestSchema],
  ] as const) {
    test(`scan ${day}: ${name}.json fits its schema, and our own parser reads it back`, () => {
      const written = document(key);
      assert.ok(check(written), ajv.errorsText());
      assert.deepEqual(v.parse(parser, written), written);
      for (const broken of [
        { ...written, surprise: 1 },
        { ...written, format: 99 },
        { ...written, scheduledAt: 'now' },
      ]) {
        assert.ok(!check(broken));
        assert.ok(!v.is(parser, broken));
      }
    });
  }
}

test('evidence of every kind of node fits its schema, and what is none does not', () => {
  const node = { id: 'i-01', ...target };
  for (const [name, { kubelet, os }] of Object.entries(NODES)) {
    const line = { node, tags: {}, evidence: { ...evidence, os, kubelets: [kubelet] } };
    assert.ok(evidenceLine(JSON.parse(JSON.stringify(line))), `${name}: ${ajv.errorsText()}`);
  }
  const proxies = [{ pid: 9, argv: [], cwd: '/', unread: 'No permission.', files: [] }];
  assert.ok(evidenceLine({ node, tags: {}, evidence: { ...evidence, proxies } }), ajv.errorsText());
  assert.ok(HELD.every(Boolean));
  assert.ok(!evidenceLine({ node, tags: {}, evidence: { ...evidence, format: 1 } }));
  assert.ok(!evidenceLine({ node, tags: {}, evidence: { ...evidence, token: 'secret' } }));
  assert.ok(!evidenceLine({ node, tags: {}, reason: 'asleep', detail: '' }));
});

test('a node of the inventory fits its schema with all that EC2 tells, and not without tags', () => {
  const node: InventoryNode = {
    id: 'i-01',
    image: 'ami-0abc',
    state: 'stopped',
    why: 'x',
    operator: 'y',
    tags: { a: 'b' },
  };
  assert.ok(inventoryLine(node), ajv.errorsText());
  assert.ok(!inventoryLine({ ...node, tags: undefined }));
  assert.ok(!inventoryLine({ ...node, surprise: 1 }));
});

test('latest.json fits its schema, and our own parser reads it back', () => {
  const written = document('latest.json');
  assert.ok(latest(written), ajv.errorsText());
  assert.deepEqual(v.parse(LatestSchema, written), written);
  assert.ok(!latest({ ...written, sha256: 'none' }));
});

for (const [what, value] of [
  ['an unreachable node without a reason', { ...unreachable('i-1', 'gone'), reason: undefined }],
  ['an unreachable node that passes', { ...unreachable('i-1', 'gone'), findings: [finding('x', 'pass')] }],
  ['an evaluated node with a reason', { ...evaluated('i-1', []), reason: 'gone' }],
  ['a status that does not exist', evaluated('i-1', [finding('x', 'ok' as 'pass')])],
  ['a key that does not exist', { ...evaluated('i-1', []), surprise: 1 }],
  ['a node without an id', { ...evaluated('i-1', []), node: {} }],
] as const) {
  test(`the schema of node lines refuses ${what}, and so does our own parser`, () => {
    const written = JSON.parse(JSON.stringify(value));
    assert.ok(!line(written));
    assert.ok(!v.is(NodeLineSchema, written));
  });
}

test('an unknown coverage reason is refused by schema and parser', () => {
  const written = document(scanKeys(nightly(1)).summary);
  written.totals.unreachable = { asleep: 1 };
  assert.ok(!summary(written));
  assert.ok(!v.is(SummarySchema, written));
});
