/** Which targets a summary calls new, and which it tells have left. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyDifference } from '../../lambda/results/compare.ts';
import { failedTarget, type OtherAccount, type Summary, summarize } from '../../lambda/results/summary.ts';
import { emptyTally } from '../../lambda/results/tally.ts';
import { nightly } from '../archive/memory.ts';

/** `1 eu`: scanned; `1 eu!`: it failed; `1 *`: it failed and stands for all regions of its account; `1 eu=`: compared with an earlier scan. */
type Names = readonly string[];

function resultOf(name: string) {
  const [account = '', region = ''] = name.replace(/[!=]$/, '').split(' ');
  const target = { account, region };
  if (region === '*')
    return failedTarget({ account, region: 'home', allRegions: true }, 'Its regions cannot be listed.');
  if (name.endsWith('!')) return failedTarget(target, 'No role.');
  const result = { target, tally: emptyTally(), difference: emptyDifference(), objects: [] };
  return name.endsWith('=') ? { ...result, comparedWith: 'night-1' } : result;
}

function told(before: Names | null, now: Names, others: OtherAccount[] = []) {
  const previous: Summary | null = before && summarize(nightly(2), before.map(resultOf), { previous: null });
  const { targets, left = [] } = summarize({ ...nightly(3), others }, now.map(resultOf), { previous });
  return {
    new: targets.filter((each) => each.new).map(({ account, region }) => `${account} ${region}`),
    left: left.map(({ account, region, why }) => `${account} ${region}${why ? ` ${why}` : ''}`),
  };
}

const cases: [name: string, before: Names | null, now: Names, told: { new?: Names; left?: Names }][] = [
  ['at the first scan nothing is new', null, ['1 eu'], {}],
  ['what was not there before is new', ['1 eu'], ['1 eu', '1 us', '2 eu!'], { new: ['1 us', '2 eu'] }],
  ['what an earlier scan had is not', ['1 eu'], ['1 eu', '1 us='], {}],
  ['what is not there any more has left', ['1 eu', '1 us', '2 eu!'], ['1 eu'], { left: ['1 us', '2 eu'] }],
  ['regions that cannot be listed have not left', ['1 eu', '1 us', '2 eu'], ['1 *', '2 eu'], {}],
  ['one that stood for all has not left when they are known', ['1 *', '2 eu'], ['1 eu', '2 eu'], { new: ['1 eu'] }],
  ['but with its account it has', ['1 *', '2 eu'], ['2 eu'], { left: ['1 home'] }],
  ['again nobody can list them', ['1 *'], ['1 *'], {}],
];

for (const [name, before, now, { new: fresh = [], left = [] }] of cases) {
  test(name, () => assert.deepEqual(told(before, now), { new: fresh, left }));
}

test('what has left says why where its account tells', () => {
  const { left } = told(['1 eu', '2 eu', '3 eu'], ['3 eu'], [{ account: '1', why: 'closed' }]);
  assert.deepEqual(left, ['1 eu closed', '2 eu']);
});
