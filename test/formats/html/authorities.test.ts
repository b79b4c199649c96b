import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authoritySection } from '../../../lambda/formats/html/authorities.ts';
import { markupOf } from '../../../lambda/formats/html/markup.ts';
import type { Authorities, AuthorityUse, Behind } from '../../../lambda/results/authorities.ts';
import { type Summary, summarize } from '../../../lambda/results/summary.ts';
import { scan } from '../../archive/samples.ts';

const place = { account: '111122223333', region: 'eu-west-1', cluster: 'payments', group: 'work<ers>' };
const successor = { sha256: 'ab'.repeat(32), subject: 'CN=kube<rnetes>', notAfter: '2045-01-01T00:00:00.000Z' };
const use: AuthorityUse = { ...successor, ...place, server: 4, callers: 3, changed: 0, examples: ['i-1'] };
const untrusted: Behind = {
  ...{ why: 'untrusted', ...place, authority: { ...successor, trusts: 4, of: 7 } },
  ...{ nodes: 3, of: 7, examples: ['i-5'], since: '2026-11-24T02:00:00.000Z' },
};

function sectionOf(authorities: Authorities | undefined): string {
  const summary: Summary = { ...summarize(scan, [], { previous: null }), ...(authorities && { authorities }) };
  return markupOf(authoritySection(summary)).replaceAll(/\s+/g, ' ');
}

const some = (items: Behind[], total = items.length): Authorities => ({
  ...{ items: [use], total: 1, behind: { items, total } },
});

test('who would drop out, of how many, since when; names of nodes are text', () => {
  const section = sectionOf(some([untrusted], 9));
  assert.match(section, /3 nodes behind/);
  assert.match(section, /<bdi>payments, work&lt;ers&gt;<\/bdi>/);
  assert.match(
    section,
    /3 of 7.*Do not trust CN=kube&lt;rnetes&gt; \(SHA-256 abababababababab…\) until 2045-01-01, which 4 of the cluster do: drop out when it takes over.*24 November 2026.*i-5/,
  );
  assert.match(section, /And 8 more: the command <code>horizon --authorities<\/code> has them all/);
});

test('who must restart', () => {
  const { authority: _, ...rest } = untrusted;
  assert.match(
    sectionOf(some([{ ...rest, why: 'unread' }])),
    /changed after their kubelets had read it: restart these\./,
  );
});

test('one node is told of as one', () => {
  const authority = { ...successor, trusts: 1, of: 2 };
  const one = { ...untrusted, nodes: 1, of: 1, authority };
  assert.match(sectionOf(some([one])), /1 node behind.*Does not trust .*, which 1 of the cluster does: drops out when/);
});

test('nobody is behind: whom they trust is told all the same', () => {
  const section = sectionOf(some([]));
  assert.match(section, /No node is behind/);
  assert.match(section, /CN=kube&lt;rnetes&gt; \(SHA-256 abababababababab…\) until 2045-01-01.*>4<.*>3</);
});

test('no authority was read, nothing is said', () => {
  assert.equal(sectionOf(undefined).trim(), '');
  assert.equal(sectionOf({ items: [], total: 0, behind: { items: [], total: 0 } }).trim(), '');
});
