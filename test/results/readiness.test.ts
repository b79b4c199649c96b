import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Evidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import type { EvidenceLine } from '../../lambda/results/evidence-line.ts';
import { type Question, type Readiness, readinessOf } from '../../lambda/results/readiness.ts';
import { kubeletProcess } from '../../simulator/fleet/node-types.ts';

type Given = Partial<KubeletProcess> & { evidence?: Partial<Evidence>; group?: string };

function line(id: string, { evidence, group = 'workers', ...kubelet }: Given): EvidenceLine {
  const whole: Evidence = {
    format: 2,
    collectedAt: 0,
    os: {},
    kubelets: [kubeletProcess({ version: 'v1.34.1', argv: ['--container-runtime-endpoint=unix:///x'], ...kubelet })],
    proxies: [],
    notes: [],
    ...evidence,
  };
  return { node: { id, cluster: 'payments', group }, tags: {}, evidence: whole };
}

function asked(lines: readonly EvidenceLine[], question: Question = { to: 37 }): Readiness {
  const readiness = readinessOf(question);
  for (const each of lines) readiness.add(each);
  return readiness.result();
}

const PAUSE = ['--pod-infra-container-image=x'];

test('nodes of one group with one answer are one line, those that stop first', () => {
  const lines = Array.from({ length: 10_000 }, (_, at) =>
    line(`i-${at}`, { argv: at % 100 === 0 ? PAUSE : [], group: at % 2 === 0 ? 'workers' : 'ingress' }),
  );
  const { nodes, groups } = asked(lines);
  assert.deepEqual(nodes, { stops: 100, unknown: 0, starts: 9900, newer: 0 });
  assert.deepEqual(
    groups.map(({ outcome, group, nodes: many, examples }) => [outcome, group, many, examples.length]),
    [
      ['stops', 'workers', 100, 5],
      ['starts', 'ingress', 5000, 5],
      ['starts', 'workers', 4900, 5],
    ],
  );
  assert.deepEqual(groups[0]?.stops, {
    version: '1.35',
    words: 'failed to parse kubelet flag: unknown flag: --pod-infra-container-image',
    where: ['argument --pod-infra-container-image=x'],
    do: [
      { text: 'Remove argument --pod-infra-container-image=x before the upgrade to 1.35.' },
      { text: 'Restart the kubelet in the way in which this node starts it.' },
    ],
  });
});

describe('who cannot be asked is told, and is never one that starts', () => {
  const hidden = { host: 'k3s' as const, exe: '/usr/local/bin/k3s', version: 'v1.34.1+k3s1' };
  const { node } = line('i-1', {});
  for (const [why, given, problem] of [
    ['no answer', { node, tags: {}, reason: 'connection-lost', detail: 'It sleeps.' }, /^It sleeps\.$/],
    ['no kubelet', line('i-1', { evidence: { kubelets: [] } }), /no kubelet was found/],
    ['an input that starts nothing today', line('i-1', { argv: ['--nope'] }), /kubelet-restart/],
    ['a file that could not be read', line('i-1', { argv: ['--config=/c'] }), /does not have the config file \/c/],
    ['hidden arguments', line('i-1', { ...hidden, argv: [] }), /^k3s hides arguments/],
  ] as [string, EvidenceLine, RegExp][]) {
    test(why, () => {
      const { nodes, groups } = asked([given]);
      assert.deepEqual(nodes, { stops: 0, unknown: 1, starts: 0, newer: 0 });
      assert.match(groups[0]?.problem ?? '', problem);
    });
  }
});

test('of several kubelets of a node the one counts that needs most to be done', () => {
  const kubelets = [
    kubeletProcess({ version: 'v1.34.1', argv: [] }),
    kubeletProcess({ version: 'v1.34.1', argv: PAUSE }),
  ];
  assert.equal(asked([line('i-1', { evidence: { kubelets } })]).groups[0]?.outcome, 'stops');
});

test('who runs the version already has nothing to rehearse', () => {
  assert.deepEqual(asked([line('i-1', {})], { to: 34 }).nodes, { stops: 0, unknown: 0, starts: 0, newer: 1 });
});

test('what is planned for the version after it is told with it alone', () => {
  const old = { evidence: { runtime: { name: 'containerd', version: '1.7.1' } } };
  assert.deepEqual(
    asked([line('i-1', old)]).groups[0]?.planned.map(({ version }) => version),
    ['1.38'],
  );
  assert.deepEqual(asked([line('i-1', old)], { to: 36 }).groups[0]?.planned, []);
});

test('a planned change is asked of the version that runs', () => {
  const found = asked([line('i-1', {})], { change: { arguments: ['--max-pods=9'] } });
  assert.equal(found.to, 'its own version');
  assert.deepEqual(found.groups[0]?.changes, [
    { version: '1.34', setting: 'maxPods', from: 110, to: 9, text: 'maxPods is 9 by flag --max-pods=9, and was 110' },
  ]);
});
