import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Status } from '../../../lambda/criteria/rule.ts';
import { markupOf } from '../../../lambda/formats/html/markup.ts';
import { addReadiness, emptyReadiness, readinessSection } from '../../../lambda/formats/html/readiness.ts';
import type { NodeLine } from '../../../lambda/results/node-line.ts';

function node(status: Status, group: string | undefined, change?: string): NodeLine {
  const advisories = change === undefined ? [] : [{ id: 'changes-silently', text: change }];
  const finding = { rule: 'next-version', controls: [], status, reason: 'r', advisories };
  return {
    node: { id: 'i-1', cluster: 'payments', ...(group && { group }) },
    coverage: 'evaluated',
    findings: [finding],
  };
}

function page(lines: readonly NodeLine[]): string {
  const readiness = emptyReadiness();
  for (const line of lines) addReadiness(readiness, line);
  const section = readinessSection(readiness);
  return section === undefined ? '' : markupOf(section);
}

test('by node group: who would not start comes first, and leads to the nodes', () => {
  const text = page([
    node('pass', 'calm'),
    node('fail', 'workers'),
    node('pass', 'workers'),
    node('manual', 'workers'),
  ]);
  const rows = [...text.matchAll(/<tr><th[^>]*><bdi>([^<]*)<\/bdi><\/th>(.*?)<\/tr>/g)].map(([, name, cells = '']) => [
    name,
    ...[...cells.matchAll(/>(\d+)</g)].map(([, value]) => Number(value)),
  ]);
  assert.deepEqual(rows, [
    ['payments, workers', 1, 1, 1],
    ['payments, calm', 0, 1, 0],
  ]);
  assert.match(text, /href="#pick=open&amp;rule=next-version&amp;cluster=payments&amp;group=workers"/);
});

test('what changes silently, on how many nodes', () => {
  const text = page([node('pass', 'a', 'x <b>'), node('pass', 'b', 'x <b>'), node('pass', 'b', 'y')]);
  assert.match(text, /<li>2 nodes: x &lt;b&gt;<\/li><li>1 node: y<\/li>/);
});

test('nothing is said where no node was asked', () => {
  assert.equal(page([]), '');
  assert.equal(page([node('not-applicable', 'a')]), '');
});

test('tags and texts that differ on each node do not make the page grow', () => {
  const many = Array.from({ length: 5000 }, (_, at) => node('pass', `g${at}`, `t${at}`));
  assert.ok(page(many).length < 20_000);
});
