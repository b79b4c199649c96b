import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../lambda/judging/judge.ts';
import type { Evidence } from '../../lambda/kubelet/evidence.ts';

const evidence: Evidence = { format: 2, collectedAt: 0, os: {}, kubelets: [], proxies: [], notes: [] };
const line = (format: number) => ({
  node: { id: 'i-1' },
  tags: {},
  evidence: { ...evidence, format } as Evidence,
});

test('a node without a kubelet is unreachable, never a pass', () => {
  const { coverage, findings } = judge(line(2), { now: 0 });
  assert.equal(coverage, 'unreachable');
  assert.deepEqual(findings, []);
});

test('evidence of another format is refused, not misread', () => {
  for (const format of [1, 3]) {
    assert.throws(
      () => judge(line(format), { now: 0 }),
      /^Error: its evidence has the format \d, and .* reads format 2/,
    );
  }
});
