import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { targetKeys } from '../../lambda/archive/keys.ts';
import { NodeOutlineSchema, readEntries, readEvidenceOf, readLost, readNodes } from '../../lambda/archive/nodes.ts';
import { NodeLineSchema } from '../../lambda/results/node-line.ts';
import { keepScan, type MemoryArchive, memoryArchive, nightly } from './memory.ts';
import { answers, evaluated, finding, target, unreachable } from './samples.ts';

const keys = targetKeys(nightly(2), target);

/** Two nights; on the second the first node of the first is gone. */
async function twoNights(): Promise<MemoryArchive & { manifest: Awaited<ReturnType<typeof keepScan>>['manifest'] }> {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  const { manifest } = await keepScan(archive, nightly(2), answers.slice(1));
  return { ...archive, manifest };
}

/** What is read of each node: ids of the line, of its changes and of its evidence. */
async function idsOf(archive: MemoryArchive): Promise<(string | undefined)[][]> {
  const ids: (string | undefined)[][] = [];
  for await (const { line, changes, evidence } of readNodes(archive, keys, ['changes', 'evidence'])) {
    ids.push([line?.node.id, changes?.node, evidence?.node.id]);
  }
  return ids;
}

/** Rewrites the lines of an archived file. */
function edit(archive: MemoryArchive, key: string, change: (lines: string[]) => string[]): void {
  const lines = gunzipSync(archive.objects.get(key) ?? '')
    .toString()
    .split('\n')
    .filter(Boolean);
  archive.objects.set(key, gzipSync(`${change(lines).join('\n')}\n`));
}

const [first, ...others] = answers.map(({ line }) => line.node.id);
const whole = others.map((id) => [id, id, id]);

test('each line has the changes and the evidence of its own node; what stands beside none comes last', async () => {
  assert.deepEqual(await idsOf(await twoNights()), [...whole, [undefined, first, undefined]]);
});

test('lines are told apart by their ids, not by their places', async () => {
  for (const [file, place] of [
    ['changes', 1],
    ['evidence', 2],
  ] as const) {
    const archive = await twoNights();
    edit(archive, keys[file], (lines) => lines.slice(1));
    const without = whole.map((ids, index) => ids.map((id, at) => (index === 0 && at === place ? undefined : id)));
    assert.deepEqual(await idsOf(archive), [...without, [undefined, first, undefined]], file);
  }
});

test('evidence beside no findings is not taken for that of another node', async () => {
  const archive = await twoNights();
  edit(archive, keys.findings, (lines) => lines.slice(0, -1));
  const last = others.at(-1);
  assert.deepEqual(await idsOf(archive), [
    ...whole.slice(0, -1),
    [undefined, last, undefined],
    [undefined, first, undefined],
    [undefined, undefined, last],
  ]);
});

test('a file that is not there has no lines; without findings there is nothing to read', async () => {
  const archive = await twoNights();
  archive.objects.delete(keys.changes);
  assert.deepEqual(
    await idsOf(archive),
    others.map((id) => [id, undefined, id]),
  );
  archive.objects.delete(keys.findings);
  await assert.rejects(idsOf(archive), /findings\/.* is not there; run verify to see what else is missing/);
});

test('a node is found however its line is spelt', async () => {
  const archive = await twoNights();
  const [id = ''] = others;
  const spelt = (line: string) => line.replaceAll('"i-', '"\\u0069-').replaceAll('"lost"', ' "los\\u0074"');
  for (const change of [(line: string) => line, (line: string) => line.replace(':"lost"', ': "lost"'), spelt]) {
    edit(archive, keys.changes, (lines) => lines.map(change));
    edit(archive, keys.evidence, (lines) => lines.map(change));
    const lost = await Array.fromAsync(readLost(archive, keys));
    assert.deepEqual(
      lost.map(({ node }) => node),
      [first],
    );
    const found = await Array.fromAsync(readEvidenceOf(archive, keys, new Set([id])));
    assert.deepEqual(
      found.map(({ node }) => node.id),
      [id],
    );
  }
});

test('the entries of a scan are its nodes with their changes, and those that are lost with their target', async () => {
  const archive = await twoNights();
  const entries = await Array.fromAsync(readEntries(archive, archive.manifest.objects));
  assert.deepEqual(
    entries.map(({ line, changes }) => [line?.node.id, changes?.node]),
    [...others.map((id) => [id, id]), [undefined, first]],
  );
  const lost = entries.at(-1);
  assert.deepEqual(lost && 'target' in lost && lost.target, target);
});

test('findings whose key names no target are refused', async () => {
  const archive = await twoNights();
  const key = 'scans/2026/11/02/night-2/findings/other.ndjson.gz';
  await assert.rejects(
    Array.fromAsync(readEntries(archive, [{ key, size: 0, sha256: '' }])),
    /other.ndjson.gz names no account and region; kubevigil did not write it/,
  );
});

test('the outline of a line takes what the whole takes, and refuses what would not be counted', () => {
  const line = evaluated('i-01', [finding('anonymous-auth', 'fail')]);
  const [one] = line.findings;
  for (const good of [line, unreachable('i-02', 'gone'), ...answers.map((answer) => answer.line)])
    for (const shape of [NodeOutlineSchema, NodeLineSchema]) assert.ok(v.is(shape, JSON.parse(JSON.stringify(good))));
  const bad: unknown[] = [
    ...[null, 1, {}, { ...line, node: null }, { ...line, coverage: 'asleep' }, { ...line, findings: {} }],
    ...[{ ...one, rule: 1 }, { ...one, status: 'ok' }, { ...one, controls: [null] }, null].map((each) => ({
      ...line,
      findings: [each],
    })),
  ];
  for (const each of bad)
    for (const shape of [NodeOutlineSchema, NodeLineSchema]) assert.ok(!v.is(shape, each), JSON.stringify(each));
});
