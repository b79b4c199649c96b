/**
 * Random histories of a small fleet against a model that knows nothing but what each node was on each night: since when a
 * finding is open or a node silent, and what a consumer of OCSF events holds for open who keeps the last event of each finding.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { inMemory } from '../../lambda/archive/content.ts';
import { scanFolder, scanKeys, targetKeys } from '../../lambda/archive/keys.ts';
import { readLink } from '../../lambda/archive/previous.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import type { NodeChanges } from '../../lambda/results/compare.ts';
import { failedTarget } from '../../lambda/results/summary.ts';
import { type Answer, keepScan, type MemoryArchive, memoryArchive, nightly, sealWith } from '../archive/memory.ts';
import { evaluated, evidence, finding, target, unreachable } from '../archive/samples.ts';

const NODES = ['i-1', 'i-2', 'i-3'];
const RULES = ['a', 'b'];

/** What a rule says of a node: `none` where it is not asked. */
const answer = fc.constantFrom('fail', 'pass', 'waived', 'manual', 'error', 'none');
const node = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(answer, answer) },
  { weight: 1, arbitrary: fc.constantFrom('silent' as const, 'gone' as const) },
);
const night = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(node, node, node) },
  { weight: 1, arbitrary: fc.constant('denied' as const) },
);
/** A week: a node that is gone for longer is forgotten. */
const histories = fc.array(night, { minLength: 2, maxLength: 7 });
type Night = typeof night extends fc.Arbitrary<infer T> ? T : never;

const waiver = { reason: 'Migration', owner: 'ana', until: '2027-01-31' };

function answersOf(states: Exclude<Night, 'denied'>): Answer[] {
  return states.flatMap((state, index): Answer[] => {
    const id = NODES[index] as string;
    if (state === 'gone') return [];
    if (state === 'silent') return [{ line: unreachable(id, 'connection-lost') }];
    const findings = state.flatMap((status, rule) => {
      if (status === 'none') return [];
      const name = RULES[rule] as string;
      return [status === 'waived' ? finding(name, 'fail', { waiver }) : finding(name, status)];
    });
    return [{ line: evaluated(id, [...findings, finding('always', 'pass')]), evidence }];
  });
}

/** Of each finding: since when it fails, and whether a waiver accepts that. */
type Model = Map<string, { since: string; accepted: boolean }>;

function advance(model: Model, states: Exclude<Night, 'denied'>, now: string): void {
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

async function keep(archive: MemoryArchive, day: number, states: Night): Promise<void> {
  const scan = nightly(day);
  if (states !== 'denied') {
    await keepScan(archive, scan, answersOf(states), undefined, { formats: ['ocsf'] });
    return;
  }
  const link = await readLink(archive);
  const { startedAt, everySeconds } = scan;
  const claim = inMemory(JSON.stringify({ execution: 'test', startedAt, everySeconds, link }));
  const objects = [await archive.putOnce(scanKeys(scan).claim, claim, 'application/json')];
  await sealWith(archive, scan, [failedTarget(target, 'Access denied.')], { link, objects, formats: ['ocsf'] });
}

test('whatever happens, a finding keeps its date, and what OCSF opens it closes', async () => {
  const run = fc.asyncProperty(histories, async (nights) => {
    const archive = memoryArchive();
    const model: Model = new Map();
    const held = new Set<string>();
    const silentSince = new Map<string, string>();
    for (const [index, states] of nights.entries()) {
      const scan = nightly(index + 1);
      await keep(archive, index + 1, states);
      if (states !== 'denied') advance(model, states, scan.scheduledAt);

      // biome-ignore lint/suspicious/noExplicitAny: events are read as their consumers read them
      for (const event of linesAt(archive, `${scanFolder(scan)}ocsf.ndjson.gz`) as any[]) {
        const { uid } = event.finding_info;
        assert.equal(
          held.has(uid),
          event.activity_id === 2 || event.activity_id === 3,
          `${event.activity_name} ${uid}`,
        );
        if (event.activity_id === 1) held.add(uid);
        if (event.activity_id === 3) held.delete(uid);
      }
      const place = `${target.account}/${target.region}`;
      assert.equal(held.has(`${place}/coverage`), states === 'denied');
      if (states === 'denied') continue;

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
