import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../lambda/criteria/explanation.ts';
import { judge, kubeletsOf } from '../../lambda/judging/judge.ts';
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

test('each setting that is written somewhere has the place that explain tells, and so has what it overrides', () => {
  const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
  const files = {
    '/c.yaml': `${head}maxPods: 1\nauthentication:\n  anonymous:\n    enabled: true\nreadOnlyPort: 0\n`,
    '/d/1.conf': `${head}# theirs\nmaxPods: 2\n`,
  };
  const argv = [
    ...['--container-runtime-endpoint=unix:///x', '--config=/c.yaml', '--config-dir=/d', '--read-only-port=10255'],
    '--event-qps=5',
  ];
  const process = processOf({ argv, files }, '1.34');
  process.files.push({
    ...{ path: '/etc/default/kubelet', role: 'environment', state: 'file' },
    flags: [{ name: 'event-qps', line: 7 }],
  });
  const given = node({ kubelets: [process] });
  const judged = judge(given, { now: 0 });
  assert.ok('findings' in judged);
  const { settings = assert.fail() } = judged.kubelet;
  const of = (path: string) => [settings[path]?.place, ...(settings[path]?.overrode ?? []).map((each) => each)];
  assert.deepEqual(of('authentication.anonymous.enabled'), ['line 6 of /c.yaml']);
  assert.deepEqual(of('maxPods'), [
    'line 4 of /d/1.conf',
    { value: 1, source: { kind: 'file', where: '/c.yaml' }, place: 'line 3 of /c.yaml' },
  ]);
  assert.deepEqual(of('eventRecordQPS'), ['argument --event-qps=5, written in /etc/default/kubelet line 7']);
  assert.equal(settings.rotateCertificates.place, undefined);
  const { configuration } = kubeletsOf(given)[0] ?? assert.fail();
  for (const { setting, layers } of explain({ evidence: given.evidence, kubelet: process, configuration, tags: {} })
    .settings) {
    const winner = layers.find(({ effect }) => effect === 'wins');
    assert.equal(settings[setting]?.place, winner?.place, setting);
  }
});

test('evidence of another format is refused, not misread', () => {
  for (const format of [1, 3]) {
    assert.throws(
      () => judge(node({ format }), { now: 0 }),
      /^Error: its evidence has the format \d, and .* reads format 2/,
    );
  }
});
