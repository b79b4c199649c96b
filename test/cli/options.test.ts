import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addFound, type Found, fails, readFailOn, readMinor, readRegion, readTags } from '../../cli/options.ts';
import { type Finding, SEVERITIES, type Severity } from '../../lambda/criteria/rule.ts';

const cases: [string[], ReturnType<typeof readTags>][] = [
  [['team'], [{ key: 'team' }]],
  [['team=data'], [{ key: 'team', values: ['data'] }]],
  [['team=a=b'], [{ key: 'team', values: ['a=b'] }]],
  [['digest=YWI='], [{ key: 'digest', values: ['YWI='] }]],
  [['team=a', 'team=b', 'team=a'], [{ key: 'team', values: ['a', 'b'] }]],
  [
    ['team=a', 'env=prod'],
    [
      { key: 'team', values: ['a'] },
      { key: 'env', values: ['prod'] },
    ],
  ],
  [['team=a', 'team'], [{ key: 'team' }]],
  [['team', 'team=a'], [{ key: 'team' }]],
];

for (const [texts, expected] of cases) {
  test(`--tag ${texts.join(' --tag ')}`, () => assert.deepEqual(readTags(texts), expected));
}

for (const text of ['', '=', '=a', 'team=']) {
  test(`--tag ${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => readTags([text]), { message: `--tag expects KEY or KEY=VALUE, got ${JSON.stringify(text)}` });
  });
}

test('--region takes the names of every partition', () => {
  for (const name of ['eu-central-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1']) {
    assert.equal(readRegion(name), name);
  }
  assert.throws(() => readRegion('eu-central-1a'), {
    message: '--region expects a region such as eu-central-1, got "eu-central-1a"',
  });
});

test('--fail-on automated leaves out what the benchmarks leave to people', () => {
  const found = { failures: 2, manual: 2, errors: 0, unreachable: 0 };
  assert.equal(fails(readFailOn('automated'), found), false);
  assert.equal(fails(readFailOn('fail'), found), true);
  assert.equal(fails(readFailOn('automated'), { ...found, failures: 3 }), true);
  assert.throws(() => readFailOn('manual'), { message: /expects one of fail, automated, unreachable, any/ });
});

test('--fail-on SEVERITY means open findings of that severity or above, whatever a waiver accepts', () => {
  const finding = (severity: Severity, more: Partial<Finding> = {}): Finding => {
    return { rule: 'r', severity, controls: [], status: 'fail', reason: '', advisories: [], ...more };
  };
  const found = (...findings: Finding[]) => {
    const sum: Found = { failures: 0, manual: 0, errors: 0, unreachable: 0 };
    addFound(sum, { node: { id: 'i-1' }, coverage: 'evaluated', findings });
    return sum;
  };
  const stops = (...findings: Finding[]) =>
    SEVERITIES.filter((severity) => fails(readFailOn(severity), found(...findings)));
  const waiver = { reason: 'known', owner: 'me', until: '2027-01-01' };
  assert.deepEqual(stops(finding('low'), finding('medium'), finding('low')), ['medium', 'low']);
  assert.deepEqual(stops(finding('critical', { waiver }), finding('high')), ['high', 'medium', 'low']);
  assert.deepEqual(stops(finding('critical', { status: 'pass' })), []);
});

test('a node that does not run is none that did not answer', () => {
  const sum: Found = { failures: 0, manual: 0, errors: 0, unreachable: 0 };
  for (const reason of ['not-running', 'gone', 'joined-later', 'connection-lost'] as const) {
    addFound(sum, { node: { id: 'i-1' }, coverage: 'unreachable', reason, findings: [] });
  }
  assert.equal(sum.unreachable, 1);
});

test('a version is one as people write it or nodes print it', () => {
  for (const text of ['1.34', 'v1.34.1', 'v1.34.1-eks-113cf36', '1.34.2+k3s1'])
    assert.equal(readMinor('--to', text), 34);
  for (const text of ['latest', '1', '1.x', '2.34', '1.34.1 '])
    assert.throws(() => readMinor('--to', text), /--to expects/);
});
