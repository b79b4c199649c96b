import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorityFacts, Evidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { authoritiesOf } from '../../lambda/results/authorities.ts';
import type { EvidenceLine } from '../../lambda/results/evidence-line.ts';
import { kubeletProcess, STARTED_AT } from '../../simulator/fleet/node-types.ts';

const PATH = '/etc/kubernetes/pki/ca.crt';
const authority = (byte: string, of: AuthorityFacts['of'] = 'kubeconfig'): AuthorityFacts => ({
  ...{ of, path: PATH, subject: `CN=${byte}`, fingerprint: byte.repeat(32), notAfter: 1_900_000_000 },
});

function line(id: string, ...given: Partial<KubeletProcess>[]): EvidenceLine {
  const kubelets = given.map((kubelet) => kubeletProcess(kubelet));
  const evidence: Evidence = { format: 2, collectedAt: 0, os: {}, kubelets, proxies: [], notes: [] };
  return { node: { id, cluster: 'shop', group: 'workers' }, tags: {}, evidence };
}

const changed = [{ path: PATH, role: 'client-ca' as const, state: 'file' as const, modifiedAt: STARTED_AT + 60 }];

test('each authority once for each place: who believes whom by it, and whose bundle changed after the start', () => {
  const uses = authoritiesOf();
  uses.add(line('i-1', { authorities: [authority('aa'), authority('aa', 'client-ca'), authority('aa')] }));
  uses.add(line('i-2', { authorities: [authority('aa'), authority('bb')], files: changed }));
  uses.add(line('i-3', { authorities: [authority('bb', 'client-ca')], files: changed }));
  uses.add({ node: { id: 'i-gone' }, tags: {}, reason: 'gone', detail: '' });
  const place = { cluster: 'shop', group: 'workers', notAfter: '2030-03-17T17:46:40.000Z' };
  assert.deepEqual(uses.result(), {
    authorities: [
      {
        ...{ sha256: 'aa'.repeat(32), subject: 'CN=aa', ...place },
        ...{ server: 2, callers: 1, changed: 1, examples: ['i-1', 'i-2'] },
      },
      {
        ...{ sha256: 'bb'.repeat(32), subject: 'CN=bb', ...place },
        // The kubelet reads that of its callers again when it changes.
        ...{ server: 1, callers: 1, changed: 1, examples: ['i-2', 'i-3'] },
      },
    ],
    left: 0,
  });
});

test('hostile nodes end in bounded memory, and what has no room is counted', () => {
  const uses = authoritiesOf();
  const hex = (at: number) => at.toString(16).padStart(64, '0');
  for (let at = 0; at < 2_003; at += 1)
    uses.add(line(`i-${at}`, { authorities: [{ ...authority('aa'), fingerprint: hex(at), notAfter: 1e300 }] }));
  const { authorities, left } = uses.result();
  assert.deepEqual([authorities.length, left, authorities[0]?.notAfter], [2_000, 3, undefined]);
});

test('an end that no calendar has is left out', () => {
  for (const notAfter of [-999_999_999_999_999, -1, 253_402_300_800, Number.NaN]) {
    const uses = authoritiesOf();
    uses.add(line('i-1', { authorities: [{ ...authority('aa'), notAfter }] }));
    assert.equal(uses.result().authorities[0]?.notAfter, undefined, String(notAfter));
  }
});

test('of several kubelets each one counts, and the node once', () => {
  const uses = authoritiesOf();
  const own = { authorities: [authority('aa')] };
  uses.add(line('i-1', own, { authorities: [authority('aa'), authority('bb')], files: changed }));
  const { authorities } = uses.result();
  assert.deepEqual(
    authorities.map(({ subject, server, changed: many }) => [subject, server, many]),
    [
      ['CN=aa', 1, 1],
      ['CN=bb', 1, 1],
    ],
  );
});
