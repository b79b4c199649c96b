import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fails, readFailOn, readRegion, readTags } from '../../cli/options.ts';

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
