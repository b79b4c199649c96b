import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Finding } from '../../lambda/criteria/rule.ts';
import { expired, reviewWaivers, usedWaivers, type Waiver, waive } from '../../lambda/judging/waive.ts';
import { NOW } from '../rules/node.ts';

const finding = (rule: string, status: Finding['status'] = 'fail'): Finding => ({
  rule,
  status,
  controls: [],
  reason: 'because',
  advisories: [],
});
const waiver = (nodes: Waiver['nodes'], change: Partial<Waiver> = {}): Waiver => ({
  rule: 'read-only-port',
  nodes,
  reason: 'accepted',
  owner: 'ops',
  until: '2026-12-31',
  line: 2,
  ...change,
});
const NODE = { id: 'i-0abc', cluster: 'prod-1', tags: { Team: 'data', Env: 'a*b' } };

const coverage: [string, Waiver, Finding, boolean][] = [
  ['by id', waiver({ id: ['i-0abc'] }), finding('read-only-port'), true],
  ['by another id', waiver({ id: ['i-0abd'] }), finding('read-only-port'), false],
  ['by wildcard', waiver({ id: ['i-9*', 'i-0*c'] }), finding('read-only-port'), true],
  ['by one unknown character', waiver({ id: ['i-0a?c'] }), finding('read-only-port'), true],
  ['by cluster', waiver({ cluster: ['prod-*'] }), finding('read-only-port'), true],
  ['by tag', waiver({ tag: { Team: ['d*a'] } }), finding('read-only-port'), true],
  ['by a tag that the node lacks', waiver({ tag: { Owner: ['*'] } }), finding('read-only-port'), false],
  ['by a tag of every object', waiver({ tag: { constructor: ['*'] } }), finding('read-only-port'), false],
  ['all selectors must match', waiver({ cluster: ['prod-*'], id: ['i-9'] }), finding('read-only-port'), false],
  ['another rule', waiver({ id: ['*'] }), finding('anonymous-auth'), false],
  ['by control', waiver({ id: ['*'] }, { rule: 'cis-eks-1.8.0/3.2.4' }), finding('read-only-port'), true],
  [
    'a control of another rule',
    waiver({ id: ['*'] }, { rule: 'cis-eks-1.8.0/3.2.1' }),
    finding('read-only-port'),
    false,
  ],
  ['a rule that does not exist', waiver({ id: ['*'] }, { rule: 'read-only' }), finding('read-only-port'), false],
  ['manual', waiver({ id: ['*'] }), finding('read-only-port', 'manual'), true],
  ['an error is never accepted', waiver({ id: ['*'] }), finding('read-only-port', 'error'), false],
  ['a pass needs none', waiver({ id: ['*'] }), finding('read-only-port', 'pass'), false],
  ['expired yesterday', waiver({ id: ['*'] }, { until: '2026-11-22' }), finding('read-only-port'), false],
  ['on its last day', waiver({ id: ['*'] }, { until: '2026-11-23' }), finding('read-only-port'), true],
];

for (const [name, given, found, covered] of coverage) {
  test(`waive: ${name}: ${covered}`, () => {
    const result = waive(found, [given], NODE, NOW);
    assert.equal(result.status, found.status, 'the finding stays visible as it is');
    assert.deepEqual(result.waiver, covered ? { reason: 'accepted', owner: 'ops', until: given.until } : undefined);
    assert.deepEqual(usedWaivers([given], NODE, [found], NOW), covered ? [0] : []);
  });
}

test('waive: patterns match as a regular expression would', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 8 });
  fc.assert(
    fc.property(letters, letters, (pattern, id) => {
      const expression = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
      const covered = waive(finding('read-only-port'), [waiver({ id: [pattern] })], { id, tags: {} }, NOW).waiver;
      assert.equal(covered !== undefined, new RegExp(`^${expression}$`).test(id));
    }),
  );
});

test('waive: expiry is the end of the named day in UTC', () => {
  const given = waiver({ id: ['*'] }, { until: '2026-11-23' });
  assert.equal(expired(given, Date.UTC(2026, 10, 23, 23, 59, 59) / 1000), false);
  assert.equal(expired(given, Date.UTC(2026, 10, 24) / 1000), true);
});

test('reviewWaivers tells expired, unknown and valid ones', () => {
  const waivers = [
    waiver({ id: ['*'] }),
    waiver({ id: ['*'] }, { until: '2026-11-01' }),
    waiver({ id: ['nobody'] }),
    waiver({ id: ['*'] }, { rule: 'RotateCertificate' }),
    waiver({ id: ['*'] }, { rule: '4.2.11' }),
  ];
  const review = reviewWaivers(waivers, NOW);
  assert.deepEqual(review.expired, [waivers[1]]);
  assert.deepEqual([...review.valid.keys()], [0, 2]);
  assert.deepEqual(
    review.unknown.map(({ waiver: { rule } }) => rule),
    ['RotateCertificate', '4.2.11'],
  );
  assert.match(review.unknown[0]?.problem ?? '', /"RotateCertificate" is not a rule, nor a control/);
  assert.match(review.unknown[1]?.problem ?? '', /means different rules in different benchmarks .*write it as/);
});
