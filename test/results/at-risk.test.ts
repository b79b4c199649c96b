import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../lambda/criteria/rule.ts';
import { controlsOf, rules } from '../../lambda/judging/index.ts';
import { isAtRisk, risksOf } from '../../lambda/results/at-risk.ts';
import type { EvaluatedLine, NodeLine } from '../../lambda/results/node-line.ts';
import { evaluated, finding, unreachable } from '../archive/samples.ts';

const waiver = { reason: 'It is replaced on Monday.', owner: 'ana', until: '2027-01-31' };
const expiry = (status: Finding['status'], more: Partial<Finding> = {}) =>
  finding('client-certificate-expiry', status, more);

const cases: [what: string, line: NodeLine, atRisk: boolean][] = [
  ['an open hazard', evaluated('i-1', [expiry('fail'), finding('anonymous-auth', 'pass')]), true],
  ['a hazard that a waiver accepts', evaluated('i-1', [expiry('fail', { waiver })]), false],
  ['a hazard that a person must look at', evaluated('i-1', [expiry('manual')]), false],
  ['a failure of a benchmark alone', evaluated('i-1', [finding('anonymous-auth', 'fail'), expiry('pass')]), false],
  ['no answer', unreachable('i-1', 'gone'), false],
];

for (const [what, line, atRisk] of cases) {
  test(`a node with ${what} is ${atRisk ? '' : 'not '}at risk`, () => {
    assert.equal(isAtRisk(line), atRisk);
    assert.equal(risksOf(line).length > 0, atRisk);
  });
}

test('a risk has the day on which the certificate that nothing renews ends', () => {
  const line: EvaluatedLine = {
    ...evaluated('i-1', [expiry('fail')]),
    certificates: [
      { role: 'serving', path: '/s.pem', notAfter: '2026-11-01T00:00:00.000Z', renews: false },
      { role: 'client', path: '/a.pem', notAfter: '2026-11-24T00:00:00.000Z', renews: true },
      { role: 'client', path: '/b.pem', notAfter: '2026-12-05T00:00:00.000Z', renews: false },
    ],
  };
  assert.deepEqual(
    risksOf(line).map(({ hazard, on }) => [hazard, on]),
    [['client-certificate', '2026-12-05T00:00:00.000Z']],
  );
  assert.deepEqual(
    risksOf({ ...line, certificates: [] }).map(({ on }) => on),
    [undefined],
  );
});

test('only rules that no benchmark asks for say what stops a node', () => {
  const hazards = rules.filter(({ hazard }) => hazard !== undefined).map(({ name }) => name);
  assert.ok(hazards.includes('client-certificate-expiry'));
  for (const name of hazards)
    assert.ok(
      controlsOf(name).every(({ related }) => related),
      name,
    );
});
