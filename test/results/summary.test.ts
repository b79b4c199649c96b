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
  const back = targets.filter((each) => each.returned).map(({ account, region }) => `${account} ${region}`);
  return {
    new: targets.filter((each) => each.new).map(({ account, region }) => `${account} ${region}`),
    left: left.map(({ account, region, why }) => `${account} ${region}${why ? ` ${why}` : ''}`),
    ...(back.length > 0 && { back }),
  };
}

const cases: [name: string, before: Names | null, now: Names, told: { new?: Names; left?: Names; back?: Names }][] = [
  ['at the first scan nothing is new', null, ['1 eu'], {}],
  ['what was not there before is new', ['1 eu'], ['1 eu', '1 us', '2 eu!'], { new: ['1 us', '2 eu'] }],
  ['what an earlier scan had is back', ['1 eu'], ['1 eu', '1 us='], { back: ['1 us'] }],
  ['also where the scan before could not scan it and knew nothing of it', ['1 us!'], ['1 us='], { back: ['1 us'] }],
  ['what is not there any more has left', ['1 eu', '1 us', '2 eu!'], ['1 eu'], { left: ['1 us', '2 eu'] }],
  ['regions that cannot be listed have not left', ['1 eu', '1 us', '2 eu'], ['1 *', '2 eu'], {}],
  ['one that stood for all has not left when they are known', ['1 *', '2 eu'], ['1 eu', '2 eu'], { new: ['1 eu'] }],
  ['but with its account it has', ['1 *', '2 eu'], ['2 eu'], { left: ['1 home'] }],
  ['again nobody can list them', ['1 *'], ['1 *'], {}],
];

for (const [name, before, now, { new: fresh = [], left = [], ...back }] of cases) {
  test(name, () => assert.deepEqual(told(before, now), { new: fresh, left, ...back }));
}

test('what has left says why where its account tells', () => {
  const { left } = told(['1 eu', '2 eu', '3 eu'], ['3 eu'], [{ account: '1', why: 'closed' }]);
  assert.deepEqual(left, ['1 eu closed', '2 eu']);
  const disabled = { account: '1', region: 'me', why: 'region-not-enabled' as const };
  assert.deepEqual(told(['1 eu', '1 me'], [], [disabled]).left, ['1 eu', '1 me region-not-enabled']);
});

/** Some nights in a row, each of so many nodes a target: `1 eu 5` had five, of which two fail. */
function nights(...all: Names[]): Summary[] {
  let previous: Summary | null = null;
  return all.map((names, index) => {
    const results = names.map((name) => {
      const [account, region, nodes] = name.split(' ');
      const result = resultOf(`${account} ${region}`);
      if (nodes === undefined) return result;
      const { counts } = result.tally;
      return {
        ...result,
        tally: {
          ...result.tally,
          counts: { ...counts, nodes: Number(nodes), findings: { ...counts.findings, fail: 2 } },
        },
      };
    });
    previous = summarize(nightly(index + 1), results, { previous });
    return previous;
  });
}

const day = (number: number) => nightly(number).scheduledAt;

test('a target that could not be scanned before it left has what was there when it could', () => {
  const known = nights(['1 eu 5', '2 eu'], ['1 eu!', '2 eu'], ['1 eu!', '2 eu'], ['2 eu']);
  const lastAssessed = { scheduledAt: day(1), nodes: 5, open: 2 };
  assert.deepEqual(
    known.map(({ targets: [first] }) => first?.lastAssessed),
    [undefined, lastAssessed, lastAssessed, undefined],
  );
  const at = { account: '1', region: 'eu' };
  assert.deepEqual(known[3]?.left, [{ ...at, nodes: 5, open: 2, notAssessedSince: day(2), lastAssessed: day(1) }]);
  const [, , back, gone] = nights(['1 eu 5'], ['1 eu!'], ['1 eu= 6'], ['2 eu']);
  assert.deepEqual([back?.targets[0]?.lastAssessed, back?.targets[0]?.returned], [undefined, undefined]);
  assert.deepEqual(gone?.left, [{ ...at, nodes: 6, open: 2 }]);
  const away = nights(['1 eu 5', '2 eu'], ['2 eu'], ['1 eu!', '2 eu'], ['1 eu= 5', '2 eu']);
  assert.equal(
    away.at(-1)?.targets[0]?.returned,
    true,
    'it had left, and could not be scanned at once when it was back',
  );
  const [, unknown] = nights(['1 eu!'], ['2 eu']);
  assert.deepEqual(unknown?.left, [{ ...at, nodes: 0, open: 0, notAssessedSince: day(1) }]);
});

test('what stands for all regions of an account has what was there in all of them', () => {
  const [, whole, , gone] = nights(['1 eu 5', '1 us 3'], ['1 *'], ['1 *'], ['2 eu']);
  const lastAssessed = { scheduledAt: day(1), nodes: 8, open: 4 };
  assert.deepEqual(whole?.targets[0]?.lastAssessed, lastAssessed);
  assert.deepEqual(gone?.left, [
    { account: '1', region: 'home', nodes: 8, open: 4, notAssessedSince: day(2), lastAssessed: day(1) },
  ]);
});

test('what could not be scanned and is told of otherwise now is regrouped, and has not left', () => {
  const of = (...all: Names[]) => nights(...all).at(-1)?.regrouped;
  const [home, us] = ['home', 'us'].map((region) => ({ account: '1', region, notAssessedSince: day(1) }));
  assert.deepEqual(of(['1 *', '2 eu'], ['1 eu', '2 eu']), [home]);
  assert.deepEqual(of(['1 *'], ['1 eu!']), [home]);
  assert.deepEqual(of(['1 us!', '1 eu'], ['1 *']), [us]);
  assert.deepEqual(of(['1 *'], ['1 home 1']), undefined, 'of which it is told by its own name');
  assert.deepEqual(of(['1 *'], ['2 eu']), undefined, 'which has left');
});
