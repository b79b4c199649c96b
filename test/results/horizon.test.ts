import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CertificateLife } from '../../lambda/judging/certificates.ts';
import { endingText, type HorizonEvent, horizonOf, placeOf } from '../../lambda/results/horizon.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';

const life = (on: string, more: Partial<CertificateLife> = {}): CertificateLife => ({
  role: 'client',
  path: '/k.pem',
  notAfter: `${on}T10:00:00.000Z`,
  renews: false,
  why: 'rotateCertificates is false',
  ...more,
});

function line(
  id: string,
  certificates: CertificateLife[],
  more: { cluster?: string; version?: string } = {},
): NodeLine {
  const { cluster = 'payments', version } = more;
  const kubelet = { pid: 1, ...(version !== undefined && { version }) };
  return { node: { id, cluster }, coverage: 'evaluated', kubelet, certificates, findings: [] };
}

function events(lines: readonly NodeLine[]): HorizonEvent[] {
  const horizon = horizonOf();
  for (const each of lines) horizon.add(each);
  return horizon.result().events;
}

const told = (lines: readonly NodeLine[]) =>
  events(lines).map((event) => `${event.on} ${event.nodes} of ${placeOf(event)}: ${endingText(event)}`);

test('nodes of one place with one day and one cause are one event, the first day first', () => {
  const lines = Array.from({ length: 94 }, (_, at) => line(`i-${at}`, [life('2026-12-09'), life('2026-12-09')]));
  const other = line('i-x', [life('2026-12-01', { role: 'serving' })], { cluster: 'shop' });
  assert.deepEqual(told([...lines, other]), [
    '2026-12-01 1 of shop: serving certificate ends, and nothing renews it',
    '2026-12-09 94 of payments: client certificate ends, and nothing renews it',
  ]);
  assert.equal(events(lines)[0]?.examples.length, 5);
  assert.equal(events(lines)[0]?.why, 'rotateCertificates is false');
});

test('another cause is another event; what is renewed is one, with its first day', () => {
  const renews = { renews: true, why: undefined as never };
  const lines = [
    line('i-1', [life('2026-12-09')]),
    line('i-2', [life('2026-12-09', { why: 'its renewal is overdue' })]),
    line('i-3', [{ ...life('2027-05-02'), ...renews }]),
    line('i-4', [{ ...life('2027-05-01'), ...renews }]),
  ];
  assert.deepEqual(told(lines), [
    '2026-12-09 1 of payments: client certificate ends, and nothing renews it',
    '2026-12-09 1 of payments: client certificate ends, and nothing renews it',
    '2027-05-01 2 of payments: client certificate ends',
  ]);
});

test('support of versions ends in the same calendar: EKS in two phases, others once', () => {
  assert.deepEqual(
    told([line('i-1', [], { version: 'v1.34.1-eks-113cf36' }), line('i-2', [], { version: 'v1.35.0' })]),
    [
      '2026-12-02 1 of payments: standard support by Amazon EKS of Kubernetes 1.34 ends',
      '2027-02-28 1 of payments: support by the Kubernetes project of Kubernetes 1.35 ends',
      '2027-12-02 1 of payments: extended support by Amazon EKS of Kubernetes 1.34 ends',
    ],
  );
});

test('each node counts once in each of its events, in any order', () => {
  const given = fc.array(
    fc.array(fc.constantFrom<string[]>('2026-12-01', '2026-12-02', '2026-12-03'), { maxLength: 4 }),
  );
  fc.assert(
    fc.property(given, (days) => {
      const lines = days.map((each, at) =>
        line(
          `i-${at}`,
          each.map((on) => life(on)),
        ),
      );
      const wanted = ['2026-12-01', '2026-12-02', '2026-12-03'].flatMap((day) => {
        const nodes = days.filter((each) => each.includes(day)).length;
        return nodes === 0 ? [] : [[day, nodes]];
      });
      const byDay = (all: HorizonEvent[]) => all.map(({ on, nodes }) => [on, nodes]);
      assert.deepEqual(byDay(events(lines)), wanted);
      assert.deepEqual(byDay(events(lines.toReversed())), wanted);
    }),
  );
});

test('hostile nodes end in bounded memory, and what has no room is counted', () => {
  const horizon = horizonOf();
  for (let at = 0; at < 5_010; at += 1) horizon.add(line(`i-${at}`, [life('2026-12-09', { why: `${at}` })]));
  const { events: all, left } = horizon.result();
  assert.deepEqual([all.length, left], [5_000, 10]);
});
