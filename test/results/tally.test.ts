import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyDifference } from '../../lambda/results/compare.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';
import { isManualByBenchmark } from '../../lambda/results/open.ts';
import { failedTarget, summarize } from '../../lambda/results/summary.ts';
import { count, emptyTally, skewed, sum } from '../../lambda/results/tally.ts';
import { answers, evaluated, scan, target } from '../archive/samples.ts';

function tallied() {
  const tally = emptyTally();
  for (const answer of answers) count(tally, answer.line);
  return tally;
}

test('every node and every finding is counted once', () => {
  assert.deepEqual(tallied().counts, {
    nodes: 5,
    evaluated: 4,
    unreachable: { 'connection-lost': 1 },
    findings: { pass: 1, fail: 2, manual: 1, 'not-applicable': 1, error: 1 },
    waived: 1,
  });
});

test('findings are counted by rule', () => {
  assert.deepEqual(
    { ...tallied().rules },
    {
      'rotate-client-certificates': { pass: 1, fail: 1, manual: 0, 'not-applicable': 1, error: 1, waived: 0 },
      'anonymous-auth': { pass: 0, fail: 1, manual: 1, 'not-applicable': 0, error: 0, waived: 1 },
    },
  );
});

test('tallies add up', () => {
  const twice = sum([tallied(), tallied(), emptyTally()]);
  assert.equal(twice.counts.nodes, 10);
  assert.equal(twice.counts.unreachable['connection-lost'], 2);
  assert.equal(twice.rules['anonymous-auth']?.waived, 2);
  assert.deepEqual(twice.benchmarks, ['cis-kubernetes-1.5.1']);
});

test('a summary keeps targets that could not be scanned', () => {
  const done = { target, tally: tallied(), difference: emptyDifference(), objects: [] };
  const failed = failedTarget({ ...target, region: 'us-east-1' }, 'No role.');
  const summary = summarize(scan, [done, failed], { previous: null });
  assert.deepEqual(
    summary.targets.map(({ region, error }) => [region, error]),
    [
      ['eu-central-1', undefined],
      ['us-east-1', 'No role.'],
    ],
  );
  assert.equal(summary.totals.nodes, 5);
});

test('a finding is manual by the benchmark where every control that it answers is', () => {
  const manual = { benchmark: 'a', control: '1', manual: true as const };
  assert.equal(isManualByBenchmark({ controls: [manual] }), true);
  assert.equal(isManualByBenchmark({ controls: [manual, { benchmark: 'b', control: '2' }] }), false);
  assert.equal(isManualByBenchmark({ controls: [] }), false, 'a rule of our own');
});

test('clusters whose kubelets are more than three versions apart are told', () => {
  const line = (id: string, version: string, cluster: string): NodeLine => ({
    ...evaluated(id, [], { cluster }),
    kubelet: { pid: 1, version },
  });
  const tally = (...lines: NodeLine[]) => {
    const made = emptyTally();
    for (const each of lines) count(made, each);
    return made;
  };
  const one = tally(
    line('i-1', 'v1.34.1-eks-1', 'blue'),
    line('i-2', 'v1.31.9', 'blue'),
    line('i-3', 'v1.30.0', 'green'),
  );
  assert.deepEqual(skewed(one), [], 'three are allowed');
  const other = tally(
    line('i-4', 'v1.30.9', 'blue'),
    line('i-5', 'unknown', 'blue'),
    line('i-6', 'v1.20.0', '__proto__'),
  );
  assert.deepEqual(skewed(sum([one, other])), [{ cluster: 'blue', oldest: '1.30', newest: '1.34' }]);
});
