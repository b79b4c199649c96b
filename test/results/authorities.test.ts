import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorityFacts, Evidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { authoritiesOf, type Behind, behindSince, behindText } from '../../lambda/results/authorities.ts';
import type { EvidenceLine } from '../../lambda/results/evidence-line.ts';
import { kubeletProcess, STARTED_AT } from '../../simulator/fleet/node-types.ts';

const PATH = '/etc/kubernetes/pki/ca.crt';
const authority = (byte: string, of: AuthorityFacts['of'] = 'kubeconfig'): AuthorityFacts => ({
  ...{ of, path: PATH, subject: `CN=${byte}`, fingerprint: byte.repeat(32), notAfter: 1_900_000_000 },
});

function line(id: string, ...given: Partial<KubeletProcess>[]): EvidenceLine {
  return lineIn({ cluster: 'shop', group: 'workers' }, id, ...given);
}

function lineIn(
  where: { cluster?: string; group?: string },
  id: string,
  ...given: Partial<KubeletProcess>[]
): EvidenceLine {
  const kubelets = given.map((kubelet) => kubeletProcess(kubelet));
  const evidence: Evidence = { format: 2, collectedAt: 0, os: {}, kubelets, proxies: [], notes: [] };
  return { node: { id, ...where }, tags: {}, evidence };
}

const ALL = { items: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

const changed = [{ path: PATH, role: 'client-ca' as const, state: 'file' as const, modifiedAt: STARTED_AT + 60 }];

test('each authority once for each place: who believes whom by it, and whose bundle changed after the start', () => {
  const uses = authoritiesOf();
  uses.add(line('i-1', { authorities: [authority('aa'), authority('aa', 'client-ca'), authority('aa')] }));
  uses.add(line('i-2', { authorities: [authority('aa'), authority('bb')], files: changed }));
  uses.add(line('i-3', { authorities: [authority('bb', 'client-ca')], files: changed }));
  uses.add({ node: { id: 'i-gone' }, tags: {}, reason: 'gone', detail: '' });
  const place = { cluster: 'shop', group: 'workers', notAfter: '2030-03-17T17:46:40.000Z' };
  const { items, total, left } = uses.result();
  assert.deepEqual([total, left], [2, 0]);
  assert.deepEqual(items, [
    {
      ...{ sha256: 'aa'.repeat(32), subject: 'CN=aa', ...place },
      ...{ server: 2, callers: 1, changed: 1, examples: ['i-1', 'i-2'] },
    },
    {
      ...{ sha256: 'bb'.repeat(32), subject: 'CN=bb', ...place },
      // The kubelet reads that of its callers again when it changes.
      ...{ server: 1, callers: 1, changed: 1, examples: ['i-2', 'i-3'] },
    },
  ]);
});

test('hostile nodes end in bounded memory, and what has no room is counted', () => {
  const uses = authoritiesOf(ALL);
  const hex = (at: number) => at.toString(16).padStart(64, '0');
  for (let at = 0; at < 2_003; at += 1)
    uses.add(line(`i-${at}`, { authorities: [{ ...authority('aa'), fingerprint: hex(at), notAfter: 1e300 }] }));
  const { items, total, left } = uses.result();
  assert.deepEqual([items.length, total, left, items[0]?.notAfter], [2_000, 2_000, 3, undefined]);
});

test('what is no SHA-256 is no authority', () => {
  const uses = authoritiesOf();
  for (const fingerprint of ['', 'AB'.repeat(32), `${'ab'.repeat(32)} `, '<b>'.repeat(99)])
    uses.add(line('i-1', { authorities: [{ ...authority('aa'), fingerprint }] }));
  assert.equal(uses.result().total, 0);
});

test('an end that no calendar has is left out', () => {
  for (const notAfter of [-999_999_999_999_999, -1, 253_402_300_800, Number.NaN]) {
    const uses = authoritiesOf();
    uses.add(line('i-1', { authorities: [{ ...authority('aa'), notAfter }] }));
    assert.equal(uses.result().items[0]?.notAfter, undefined, String(notAfter));
  }
});

test('of several kubelets each one counts, and the node once', () => {
  const uses = authoritiesOf();
  const own = { authorities: [authority('aa')] };
  uses.add(line('i-1', own, { authorities: [authority('aa'), authority('bb')], files: changed }));
  const { items } = uses.result();
  assert.deepEqual(
    items.map(({ subject, server, changed: many }) => [subject, server, many]),
    [
      ['CN=aa', 1, 1],
      ['CN=bb', 1, 1],
    ],
  );
});

/** Nodes of a cluster, each with the authorities that it trusts; `cc` ends last. */
function behindOf(...nodes: [group: string, ...trusted: string[]][]): Behind[] {
  const ends: Record<string, number> = { aa: 1_900_000_000, bb: 1_900_000_000, cc: 2_000_000_000 };
  const uses = authoritiesOf();
  for (const [at, [group, ...trusted]] of nodes.entries()) {
    const authorities = trusted.map((name) => ({ ...authority(name), notAfter: ends[name] ?? 0 }));
    uses.add(lineIn({ cluster: 'shop', group }, `i-${at}`, { authorities }));
  }
  return uses.result({ account: '111122223333', region: 'eu-west-1' }).behind.items;
}

const told = (behind: Behind[]) => behind.map(({ group, nodes, of, examples }) => [group, nodes, of, examples]);

test('nodes that do not trust what others of their cluster trust the longest are behind, by group', () => {
  const behind = behindOf(['a', 'aa', 'cc'], ['a', 'aa'], ['a', 'aa'], ['b', 'bb'], ['c', 'cc']);
  assert.deepEqual(told(behind), [
    ['a', 2, 3, ['i-1', 'i-2']],
    ['b', 1, 1, ['i-3']],
  ]);
  assert.deepEqual(behind[0]?.authority, {
    ...{ sha256: 'cc'.repeat(32), subject: 'CN=cc', notAfter: '2033-05-18T03:33:20.000Z', trusts: 2, of: 5 },
  });
  assert.deepEqual([behind[0]?.account, behind[0]?.region], ['111122223333', 'eu-west-1']);
  assert.equal(
    behindText(behind[0] ?? assert.fail()),
    '2 of 3 nodes of shop, a do not trust CN=cc (SHA-256 cccccccccccccccc…) until 2033-05-18, which 2 of the cluster do: they drop out when it takes over',
  );
});

test('what a hostile node makes up hides nobody who is behind a real one', () => {
  const uses = authoritiesOf();
  const add = (id: string, ...ends: [name: string, notAfter: number][]) =>
    uses.add(
      lineIn({ cluster: 'shop' }, id, {
        authorities: ends.map(([name, notAfter]) => ({ ...authority(name), notAfter })),
      }),
    );
  const old: [string, number] = ['aa', 1_900_000_000];
  const next: [string, number] = ['cc', 2_000_000_000];
  add('i-1', old, next);
  add('i-2', old, next);
  add('i-3', old);
  add('i-4', ['ee', 9_000_000_000], ['ff', 9_000_000_001]);
  assert.deepEqual(
    uses.result().behind.items.map(({ authority: by, nodes, examples }) => [by?.subject, by?.trusts, nodes, examples]),
    [
      ['CN=ee', 1, 3, ['i-1', 'i-2', 'i-3']],
      ['CN=ff', 1, 3, ['i-1', 'i-2', 'i-3']],
      ['CN=cc', 2, 1, ['i-3']],
    ],
  );
});

test('nobody is behind where all trust the last one, whatever else some trust', () => {
  assert.deepEqual(behindOf(['a', 'cc'], ['a', 'aa', 'cc'], ['b', 'bb', 'cc']), []);
  assert.deepEqual(behindOf(['a', 'aa'], ['b', 'aa']), []);
  assert.deepEqual(behindOf(['a']), []);
});

test('clusters have nothing to do with each other, and nodes of none with anything', () => {
  const uses = authoritiesOf();
  uses.add(lineIn({ cluster: 'one' }, 'i-1', { authorities: [authority('aa')] }));
  uses.add(lineIn({ cluster: 'two' }, 'i-2', { authorities: [{ ...authority('cc'), notAfter: 2_000_000_000 }] }));
  uses.add(lineIn({}, 'i-3', { authorities: [authority('aa')] }));
  uses.add(lineIn({}, 'i-4', { authorities: [{ ...authority('cc'), notAfter: 2_000_000_000 }] }));
  // Of callers a kubelet reads the file again: those that it believes say nothing of whether the node stays.
  uses.add(lineIn({ cluster: 'one' }, 'i-5', { authorities: [authority('bb', 'client-ca')] }));
  assert.deepEqual(uses.result().behind, { items: [], total: 0 });
});

test('a file that changed since the kubelet read it is told, also of nodes of no cluster', () => {
  const uses = authoritiesOf();
  uses.add(lineIn({}, 'i-1', { authorities: [authority('aa')], files: changed }));
  uses.add(lineIn({}, 'i-2', { authorities: [authority('aa')] }));
  uses.add(lineIn({}, 'i-3', { authorities: [authority('aa', 'client-ca')], files: changed }));
  const [behind = assert.fail()] = uses.result().behind.items;
  assert.deepEqual(behind, { why: 'unread', nodes: 1, of: 2, examples: ['i-1'] });
  assert.match(behindText(behind), /^1 of 2 nodes of no cluster has not read .*: restart its kubelet$/);
});

test('since when is known from the scan before, unless that lacked a part', () => {
  const [first = assert.fail()] = behindOf(['a', 'aa'], ['a', 'cc']);
  const since = (items: Behind[], isPartial: boolean) =>
    behindSince([first], { items, isPartial: () => isPartial }, '2026-11-24T02:00:00Z')[0]?.since;
  assert.equal(since([], false), '2026-11-24T02:00:00Z');
  assert.equal(since([], true), undefined);
  assert.equal(since([{ ...first, nodes: 9, since: '2026-11-20T02:00:00Z' }], true), '2026-11-20T02:00:00Z');
  assert.equal(since([first], false), undefined);
});
