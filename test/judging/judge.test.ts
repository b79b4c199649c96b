import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../lambda/judging/judge.ts';
import { processOf } from '../../lambda/judging/known-answers.ts';
import type { Evidence } from '../../lambda/kubelet/evidence.ts';
import { eksAl2023, kubeadm } from '../../simulator/fleet/node-types.ts';

const evidence: Evidence = { format: 2, collectedAt: 0, os: {}, kubelets: [], proxies: [], notes: [] };
const node = (changes: object) => ({ id: 'i-1', tags: {}, evidence: { ...evidence, ...changes } as Evidence });

test('a node without a kubelet has no findings, and a sentence says what to look at', () => {
  assert.deepEqual(judge(node({ notes: ['/proc could not be read'] }), { now: 0 }), {
    problem: 'The collector ran, but no kubelet process was found. It notes: /proc could not be read.',
  });
  assert.match(JSON.stringify(judge(node({}), { now: 0 })), /If this node belongs to a cluster, its kubelet is down/);
});

test('of several kubelets the first is shown, and all are judged', () => {
  const judged = judge(node({ kubelets: [kubeadm, { ...eksAl2023, pid: 4711 }] }), { now: 0 });
  assert.ok('findings' in judged);
  assert.equal(judged.kubelet.pid, kubeadm.pid);
  assert.equal(judged.kubelet.version, kubeadm.version);
  assert.ok(judged.findings.some(({ reason }) => reason.startsWith('Kubelet process 4711: ')));
});

test('notes are quoted, none twice, and not more than a reader takes in', () => {
  const notes = [...Array.from({ length: 30 }, (_, number) => `note ${number}`), 'note 1', 'a\nb'];
  const judged = judge(node({ kubelets: [kubeadm], notes }), { now: 0 });
  assert.ok('findings' in judged);
  assert.deepEqual(judged.notes?.slice(0, 3), ['note 0', 'note 1', 'note 2']);
  assert.equal(judged.notes?.length, 20);
  assert.equal(new Set(judged.notes).size, 20);
});

test('what is written and not read is a note with its line and why', () => {
  const config = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nReadOnlyPort: 10255\n';
  const files = { '/c.yaml': config };
  const argv = ['--container-runtime-endpoint=unix:///x', '--config=/c.yaml'];
  const judged = judge(node({ kubelets: [processOf({ argv, files }, '1.34')] }), { now: 0 });
  assert.ok('findings' in judged);
  const ofConfig = judged.notes?.filter((note) => note.includes('/c.yaml'));
  assert.deepEqual(ofConfig, [
    'ReadOnlyPort, line 3 of /c.yaml: the kubelet reads readOnlyPort, and names count with their case',
  ]);
});

test('evidence of another format is refused, not misread', () => {
  for (const format of [1, 3]) {
    assert.throws(
      () => judge(node({ format }), { now: 0 }),
      /^Error: its evidence has the format \d, and .* reads format 2/,
    );
  }
});
