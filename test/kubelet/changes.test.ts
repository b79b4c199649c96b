import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processOf } from '../../lambda/judging/known-answers.ts';
import { changesBetween } from '../../lambda/kubelet/changes.ts';
import { derive } from '../../lambda/kubelet/derive.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

type Input = { config?: string; dropIn?: string; argv?: string[] };

/** `setting: from → to`, what is told of the same input between two minors. */
function told(from: number, to: number, { config = '', dropIn, argv = [] }: Input): string[] {
  const files: Record<string, string> = { '/c.yaml': HEAD + config };
  if (dropIn !== undefined) files['/d/1.conf'] = HEAD + dropIn;
  const base = [
    '--container-runtime-endpoint=unix:///x',
    '--config=/c.yaml',
    ...(dropIn === undefined ? [] : ['--config-dir=/d']),
  ];
  const env = { KUBELET_CONFIG_DROPIN_DIR_ALPHA: '1' };
  const process = processOf({ argv: [...base, ...argv], files, env }, `1.${from}`);
  const [before, after] = [derive(process), derive(process, { as: to })];
  if (before.starts !== true || after.starts !== true) assert.fail(JSON.stringify([before, after]));
  return changesBetween(before, after).map(
    ({ setting, from: was, to: is, ignored, meaning }) =>
      `${setting}: ${JSON.stringify(was)} → ${JSON.stringify(is)}${ignored ? ' ignored' : ''}${meaning ? ` ${meaning.from} → ${meaning.to}` : ''}`,
  );
}

const CLIENT = ['eventBurst: 10 → 100', 'eventRecordQPS: 5 → 50', 'kubeAPIBurst: 10 → 100', 'kubeAPIQPS: 5 → 50'];

const CASES: Record<string, [from: number, to: number, Input, string[]]> = {
  'the limits of its client grew with 1.27': [26, 27, {}, CLIENT],
  'not where they are set': [
    26,
    27,
    { config: 'eventRecordQPS: 7\neventBurst: 8\nkubeAPIQPS: 9\nkubeAPIBurst: 10\n' },
    [],
  ],
  'fields that a version brings say nothing new': [
    29,
    30,
    {},
    [
      'evictionHard: {"imagefs.available":"15%","memory.available":"100Mi","nodefs.available":"10%","nodefs.inodesFree":"5%"} → {"imagefs.available":"15%","imagefs.inodesFree":"5%","memory.available":"100Mi","nodefs.available":"10%","nodefs.inodesFree":"5%"}',
    ],
  ],
  'but what a file said of them begins to count': [
    35,
    36,
    { config: 'memoryReservationPolicy: TieredReservation\nfeatureGates: {MemoryQoS: true}\n' },
    ['memoryReservationPolicy: null → "TieredReservation" ignored'],
  ],
  'a flag that becomes a setting was no news': [26, 27, { argv: ['--image-service-endpoint=unix:///y'] }, CLIENT],
  'other units of the same duration are no change': [27, 28, { config: 'logging: {flushFrequency: 7000000000}\n' }, []],
  'a setting whose gate is off does nothing': [36, 37, {}, []],
  'control groups, images that are there already': [
    34,
    35,
    {},
    ['failCgroupV1: false → true', 'imagePullCredentialsVerificationPolicy: "" → "NeverVerifyPreloadedImages"'],
  ],
  '0 events a second becomes no limit': [
    36,
    37,
    { config: 'eventRecordQPS: 0\n' },
    ['eventRecordQPS: 0 → 0 5 a second → no limit'],
  ],
  'a false of a drop-in begins to count with 1.29': [
    28,
    29,
    { config: 'rotateCertificates: true\n', dropIn: 'rotateCertificates: false\n' },
    ['rotateCertificates: true → false'],
  ],
  'a zero duration of a drop-in is the default again from 1.32 on': [
    31,
    32,
    { dropIn: 'streamingConnectionIdleTimeout: 0s\n' },
    ['streamingConnectionIdleTimeout: "0s" → "4h0m0s"'],
  ],
  'a drop-in that does not mention the mode leaves it from 1.29 on': [
    28,
    29,
    { config: 'authorization: {mode: AlwaysAllow}\n', dropIn: 'maxPods: 5\n' },
    ['authorization.mode: "Webhook" → "AlwaysAllow"'],
  ],
};

for (const [name, [from, to, input, expected]] of Object.entries(CASES)) {
  test(`1.${from} to 1.${to}: ${name}`, () => assert.deepEqual(told(from, to, input), expected));
}

test('the order of a map is no change', () => {
  const files = (text: string) => ({ '/c.yaml': HEAD + text });
  const of = (text: string) => {
    const derived = derive(processOf({ argv: ['--config=/c.yaml'], files: files(text) }, '1.34'));
    return derived.starts === true ? derived : assert.fail(JSON.stringify(derived));
  };
  const [one, other] = [of('systemReserved: {cpu: 1m, memory: 1Gi}\n'), of('systemReserved: {memory: 1Gi, cpu: 1m}\n')];
  assert.deepEqual(changesBetween(one, other), []);
});
