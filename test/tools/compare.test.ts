import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { derive } from '../../lambda/kubelet/derive.ts';
import { ours, processOf, tableOf, theirs } from '../../tools/compare.ts';
import { CASES } from '../../tools/compare-cases.ts';

const PAGE = new URL('../../docs/compare.md', import.meta.url);

for (const given of CASES) {
  test(`${given.name}: we say ${given.status}, and the kubelet is so configured`, () => {
    assert.equal(ours(given).status, given.status, ours(given).reason);
    const configuration = derive(processOf(given));
    assert.ok(configuration.starts === true, 'error' in configuration ? configuration.error : '');
    assert.deepEqual(configuration.settings[given.setting]?.value, given.value);
  });
}

test('kube-bench’s answer is found by the number of the control', () => {
  const json = JSON.stringify({
    Controls: [
      {
        tests: [
          { results: [{ test_number: '4.2.1', status: 'PASS' }] },
          { results: [{ test_number: '4.2.10', status: 'WARN' }] },
        ],
      },
    ],
  });
  assert.equal(theirs(json, '4.2.10'), 'WARN');
  assert.equal(theirs(json, '4.2.4'), 'not judged');
});

test('docs/compare.md has every input, with our status', () => {
  assert.ok(existsSync(PAGE));
  const page = readFileSync(PAGE, 'utf8');
  for (const { name, control, status, right } of CASES) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${name} | ${control} | `));
    assert.ok(row, `${name} is missing: run npm run compare`);
    assert.ok(row.endsWith(` | ${status} | ${right} |`), row);
  }
});

test('a row says who says what', () => {
  const row = { name: 'n', control: '4.2.1', theirs: 'PASS', ours: 'fail', right: 'lets them in', reason: 'r' };
  assert.match(tableOf([row]), /\n\| n \| 4\.2\.1 \| PASS \| fail \| lets them in \|$/);
});
