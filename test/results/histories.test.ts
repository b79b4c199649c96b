/**
 * Random histories of a small fleet against a model that knows nothing but what each node was on each night: since when a
 * finding is open or a node silent or not wholly judged, and what a consumer of OCSF events holds for open who keeps the last event of each finding.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { scanFolder, targetKeys } from '../../lambda/archive/keys.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import type { NodeChanges } from '../../lambda/results/compare.ts';
import { histories, isRead, keep, type Night, NODES, RULES } from '../archive/histories.ts';
import { type MemoryArchive, memoryArchive, nightly } from '../archive/memory.ts';
import { target } from '../archive/samples.ts';

/** Of each finding: since when it fails, and whether a waiver accepts that. */
type Model = Map<string, { since: string; accepted: boolean }>;

function advance(model: Model, states: Exclude<Night, 'denied' | 'left'>, now: string): void {
  for (const [index, state] of states.entries()) {
    if (state === 'gone' || state === 'silent') continue;
    for (const [rule, status] of state.entries()) {
      const name = `${NODES[index]}/${RULES[rule]}`;
      if (status === 'pass' || status === 'none') model.delete(name);
      else if (status === 'fail' || status === 'waived') {
        model.set(name, { since: model.get(name)?.since ?? now, accepted: status === 'waived' });
      }
    }
  }
}

function linesAt({ objects }: MemoryArchive, key: string): unknown[] {
  const text = gunzipSync(objects.get(key) ?? assert.fail(key)).toString();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

test('whatever happens, a finding keeps its date, and what OCSF opens it closes', async () => {
  const run = fc.asyncProperty(histories, async (nights) => {
    const archive = memoryArchive();
    const model: Model = new Map();
    const held = new Set<string>();
    const silentSince = new Map<string, string>();
    const undecidedSince = new Map<string, string>();
    for (const [index, states] of nights.entries()) {
      const scan = nightly(index + 1);
      await keep(archive, index + 1, states);
      if (isRead(states)) advance(model, states, scan.scheduledAt);

      // biome-ignore lint/suspicious/noExplicitAny: events are read as their consumers read them
      for (const event of linesAt(archive, `${scanFolder(scan)}ocsf.ndjson.gz`) as any[]) {
        const { uid } = event.finding_info;
        assert.equal(
          held.has(uid),
          event.activity_id === 2 || event.activity_id === 3,
          `${event.activity_name} ${uid}`,
        );
        if (event.activity_id === 1) held.add(uid);
        const [, silent] = /\/(i-\d)\/coverage$/.exec(uid) ?? [];
        if (silent !== undefined) {
          const since = silentSince.get(silent) ?? scan.scheduledAt;
          assert.equal(event.finding_info.first_seen_time, Date.parse(since), `${event.activity_name} ${uid}`);
        }
        if (event.activity_id === 3) held.delete(uid);
      }
      const place = `${target.account}/${target.region}`;
      assert.equal(held.has(`${place}/coverage`), states === 'denied');
      if (!isRead(states)) continue;

      const changes = linesAt(archive, targetKeys(scan, target).changes) as NodeChanges[];
      const expected = new Set<string>();
      for (const [at, state] of states.entries()) {
        const id = NODES[at] as string;
        if (state === 'silent') expected.add(`${place}/${id}/coverage`);
        const line = changes.find((each) => each.node === id);
        const known = silentSince.get(id);
        const since = known ?? (state === 'silent' ? scan.scheduledAt : undefined);
        const silence = since && { since, ...(state !== 'silent' && { over: true }) };
        assert.deepEqual(line?.silence, silence, `silence of ${id}`);
        if (since && state === 'silent') silentSince.set(id, since);
        else silentSince.delete(id);
        const isUndecided = Array.isArray(state) && state.includes('error');
        const begun = isUndecided ? (undecidedSince.get(id) ?? scan.scheduledAt) : undefined;
        assert.deepEqual(line?.undecided, begun && { since: begun }, `undecided ${id}`);
        if (begun) undecidedSince.set(id, begun);
        else undecidedSince.delete(id);
        if (state === 'gone') continue;
        for (const rule of RULES) {
          const known = model.get(`${id}/${rule}`);
          if (known) expected.add(`${place}/${id}/${rule}`);
          assert.equal(line?.open[rule], known && !known.accepted ? known.since : undefined, `${id} ${rule}`);
          assert.equal(line?.accepted?.[rule]?.since, known?.accepted ? known.since : undefined, `${id} ${rule}`);
        }
      }
      assert.deepEqual([...held].sort(), [...expected].sort());
    }
    const { problems } = await verifyArchive(archive, { unsigned: true, catalog: {}, now: '2026-12-01T00:00:00.000Z' });
    assert.deepEqual(problems, []);
  });
  await fc.assert(run, { numRuns: Number(process.env.KUBEVIGIL_RUNS ?? 60), seed: 11 });
});
