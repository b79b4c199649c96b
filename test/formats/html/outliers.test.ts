import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markupOf } from '../../../lambda/formats/html/markup.ts';
import { outlierSection } from '../../../lambda/formats/html/outliers.ts';
import type { Outlier } from '../../../lambda/results/outliers.ts';
import { type Summary, summarize } from '../../../lambda/results/summary.ts';
import { scan } from '../../archive/samples.ts';

const outlier: Outlier = {
  cluster: 'payments',
  by: 'EKS node group',
  group: 'work<ers>',
  kind: 'outlier',
  nodes: 3,
  of: 214,
  differences: [{ kind: 'setting', name: 'readOnlyPort', value: '10255', by: '--read-only-port=10255', usual: '0' }],
  examples: ['i-1'],
  since: '2026-11-24T02:00:00.000Z',
};

function sectionOf(items: Outlier[], total = items.length): string {
  const summary: Summary = { ...summarize(scan, [], { previous: null }), outliers: { items, total } };
  return markupOf(outlierSection(summary)).replaceAll(/\s+/g, ' ');
}

test('who differs, in what, since when; names of nodes are text', () => {
  const section = sectionOf([outlier], 3);
  assert.match(section, /3 outliers among nodes of one group/);
  assert.match(section, /<bdi>payments, work&lt;ers&gt;<\/bdi>/);
  assert.match(section, /3 of 214.*readOnlyPort \(10255 by --read-only-port=10255; others 0\).*24 November 2026/);
  assert.match(section, /And 2 more: the command <code>outliers<\/code> has them all/);
});

test('a rolling update and a waiver are told as what they are', () => {
  assert.match(sectionOf([{ ...outlier, kind: 'rollout' }]), /a rolling update half done/);
  const accepted = { reason: 'canary', owner: 'ops', until: '2099-12-31' };
  assert.match(sectionOf([{ ...outlier, accepted }]), /accepted until 2099-12-31 by ops: canary/);
});

test('nothing differs, nothing is said', () => {
  assert.equal(sectionOf([]).trim(), '');
});
