import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Episode } from '../../audit/episodes.ts';
import { type Assessed, assessmentResults, poam } from '../../audit/oscal.ts';
import type { WaiverRow } from '../../audit/waivers.ts';

const episode: Episode = {
  archive: 'reports',
  account: '123456789012',
  region: 'eu-central-1',
  node: 'i-01',
  rule: 'read-only-port',
  opened: '2026-07-10T02:00:00.000Z',
  since: '2026-07-10T02:00:00.000Z',
  cause: 'appeared',
  how: 'open',
  days: 3,
  silent: 0,
  returns: 0,
};
const waiver: WaiverRow = {
  archive: 'reports',
  rule: 'cis-kubernetes-1.5.1/4.2.4',
  nodes: '{}',
  owner: 'ana\n\u202e',
  reason: 'Old monitoring',
  until: '2026-12-31',
  from: '2026-07-20T02:00:00.000Z',
  to: '2026-09-30T02:00:00.000Z',
  began: 'added',
  ended: 'holds',
  most: 2,
};
const nothing: Assessed = {
  period: { from: '2026-07-01T00:00:00.000Z', to: '2026-09-30T23:59:59.999Z' },
  last: [],
  episodes: [],
  waivers: [],
  exceptions: [],
};
const closed: Episode = { ...episode, closed: '2026-07-12T02:00:00.000Z', how: 'fixed' };

const cases: [what: string, given: Partial<Assessed>, status: string | undefined, items: RegExp][] = [
  ['nothing happened', {}, undefined, /no finding is open, and none is accepted/],
  ['it is open', { episodes: [closed, episode] }, 'open', /Open on 1 nodes: i-01\./],
  ['it was fixed', { episodes: [closed] }, 'closed', /no finding is open/],
  [
    'a waiver accepts it by its control',
    { episodes: [closed], waivers: [waiver] },
    'deviation-approved',
    /Accepted by ana\\\\u\{a\}\\\\u\{202e\} until 2026-12-31/,
  ],
  [
    'a waiver that was removed accepts nothing',
    { episodes: [closed], waivers: [{ ...waiver, ended: 'removed' }] },
    'closed',
    /none is accepted/,
  ],
  [
    'a waiver that accepted no finding is no risk',
    { waivers: [{ ...waiver, most: 0 }] },
    undefined,
    /none is accepted/,
  ],
];
for (const [what, given, status, items] of cases) {
  test(`where ${what}, the risk is ${status ?? 'not there'}, and the plan says so`, () => {
    const [result] = JSON.parse(assessmentResults({ ...nothing, ...given }))['assessment-results'].results;
    const risks = result.risks ?? [];
    assert.deepEqual(
      risks.map((risk: { status: string }) => risk.status),
      status === undefined ? [] : [status],
    );
    const plan = JSON.parse(poam({ ...nothing, ...given }))['plan-of-action-and-milestones'];
    assert.match(JSON.stringify(plan['poam-items']), items);
    const known = new Set((plan.risks ?? []).map(({ uuid }: { uuid: string }) => uuid));
    assert.equal(known.size, status === 'open' || status === 'deviation-approved' ? 1 : 0);
    for (const item of plan['poam-items'])
      for (const each of item['related-risks'] ?? []) assert.ok(known.has(each['risk-uuid']));
    for (const risk of risks) {
      for (const name of ['uuid', 'title', 'description', 'statement', 'status']) assert.ok(risk[name], name);
      assert.equal(risk.deadline, status === 'deviation-approved' ? '2026-12-31T23:59:59.000Z' : undefined);
    }
  });
}

const WRITTEN = ['cis-kubernetes-1.5.1 / 4.2.4', 'Read-Only-Port'];
for (const rule of WRITTEN) {
  test(`a waiver may name its rule as the settings may: ${rule}`, () => {
    const given = { ...nothing, episodes: [closed], waivers: [{ ...waiver, rule }] };
    const [result] = JSON.parse(assessmentResults(given))['assessment-results'].results;
    const told = result.risks.map(({ status, props }: Risk) => [status, props[0]?.value]);
    assert.deepEqual(told, [['deviation-approved', 'read-only-port']]);
  });
}

type Risk = { status: string; props: { value: string }[] };

test('of one rule alone the documents say nothing of others', () => {
  const of = { pass: 1, fail: 0, waived: 0, manual: 0, error: 0, 'not-applicable': 0 };
  const summary = {
    rules: { 'read-only-port': of, 'anonymous-auth': of },
    totals: { nodes: 1, evaluated: 1, unreachable: {} },
  };
  const manifest = { finishedAt: '2026-09-30T02:01:00.000Z' };
  const last = [{ manifest, summary, sha256: '00' }] as unknown as Assessed['last'];
  const results = (more: Partial<Assessed>) =>
    JSON.parse(assessmentResults({ ...nothing, last, ...more }))['assessment-results'];
  const rulesIn = ({ results: [{ findings }] }: { results: [{ findings: Risk[] }] }) =>
    findings.map(({ props }) => props[0]?.value);
  const [whole, one] = [results({}), results({ rule: 'read-only-port' })];
  assert.deepEqual(rulesIn(whole), ['anonymous-auth', 'read-only-port']);
  assert.deepEqual(rulesIn(one), ['read-only-port']);
  assert.notEqual(one.uuid, whole.uuid);
  const controls = (all: typeof one) => JSON.stringify(all.results[0]['reviewed-controls']);
  assert.match(controls(whole), /cis-kubernetes-1\.5\.1_4\.2\.1"/);
  assert.match(controls(one), /cis-kubernetes-1\.5\.1_4\.2\.4"/);
  assert.doesNotMatch(controls(one), /cis-kubernetes-1\.5\.1_4\.2\.1"/);
});

test('an exception leaves nothing satisfied, and is an observation', () => {
  const text = assessmentResults({ ...nothing, exceptions: ['reports: 2 nights were due and are missing.'] });
  const [result] = JSON.parse(text)['assessment-results'].results;
  assert.match(result.observations[0].description, /2 nights were due and are missing/);
});

test('the same period has the same bytes', () => {
  const given = { ...nothing, episodes: [episode], waivers: [waiver] };
  assert.equal(assessmentResults(given), assessmentResults(structuredClone(given)));
  assert.equal(poam(given), poam(structuredClone(given)));
});
