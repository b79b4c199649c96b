import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isGuessed, lacks, mayServeOwn, rendered } from '../../lambda/kubelet/bottlerocket.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { BottlerocketSettings, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { statementsOf } from '../../lambda/kubelet/statements.ts';

const seen = (settings?: BottlerocketSettings): KubeletProcess => ({
  pid: 0,
  host: 'kubelet',
  argv: [],
  cwd: '/',
  files: [],
  dropInDirectories: [],
  kubeconfigs: [],
  clientCertificates: [],
  servingCertificates: [],
  authorities: [],
  ...(settings && { settings }),
});

const made = (settings: BottlerocketSettings, version = '1.50.0', variant = 'aws-k8s-1.33') =>
  rendered(seen({ 'os.version_id': version, 'os.variant_id': variant, ...settings }));

function started(settings: BottlerocketSettings, version?: string, variant?: string) {
  const derived = derive(made(settings, version, variant));
  assert.ok(derived.starts === true, JSON.stringify(derived));
  return derived;
}

test('a process that was seen itself stays as it is', () => {
  const process = seen();
  assert.equal(rendered(process), process);
});

test('a setting that is given is the source, what the template says alone is the file', () => {
  const { settings } = started({
    'authentication-mode': 'aws',
    'cluster-name': 'a',
    'event-qps': 0,
    'pod-pids-limit': 100,
  });
  const told = (path: string) => [settings[path]?.value, settings[path]?.source];
  assert.deepEqual(told('eventRecordQPS'), [0, { kind: 'setting', where: 'settings.kubernetes.event-qps' }]);
  assert.deepEqual(told('podPidsLimit'), [100, { kind: 'setting', where: 'settings.kubernetes.pod-pids-limit' }]);
  const file = { kind: 'file', where: '/etc/kubernetes/kubelet/config' };
  assert.deepEqual(told('readOnlyPort'), [0, file]);
  assert.deepEqual(told('seccompDefault'), [false, file]);
  assert.deepEqual(told('rotateCertificates'), [false, { kind: 'default' }]);
});

test('what each layer says names the same source as what is effective', () => {
  const { statements } = statementsOf(made({ 'event-qps': 5 }));
  assert.deepEqual(statements.find(({ setting }) => setting === 'eventRecordQPS')?.source, {
    kind: 'setting',
    where: 'settings.kubernetes.event-qps',
  });
});

for (const [name, settings, expected] of [
  ['aws', { 'authentication-mode': 'aws', 'cluster-name': 'a' }, 'exec'],
  ['tls', { 'authentication-mode': 'tls' }, 'client-certificate'],
  ['aws without a cluster', { 'authentication-mode': 'aws' }, 'unknown'],
  ['no mode', {}, 'unknown'],
  ['standalone', { 'authentication-mode': 'tls', 'standalone-mode': true }, 'none'],
] as const) {
  test(`authentication: ${name} is ${expected}`, () => assert.equal(started(settings).credentials.kind, expected));
}

for (const [version, variant, suites, swaps, guessed] of [
  ['1.21.0', 'aws-k8s-1.24', 1, true, false],
  ['1.26.2', 'aws-k8s-1.31', 1, true, false],
  ['1.27.0', 'aws-k8s-1.31-fips', 6, true, false],
  ['1.37.0', 'aws-k8s-1.32-nvidia', 6, false, false],
  ['1.65.0', 'vmware-k8s-1.36', 6, false, false],
  ['1.20.5', 'aws-k8s-1.30', 1, true, true],
  ['1.66.0', 'aws-k8s-1.36', 6, false, true],
  ['1.65.0', 'aws-k8s-1.38', 6, false, true],
  ['2.0.0', 'aws-k8s-1.36', 6, false, true],
  ['', '', 6, false, true],
] as const) {
  test(`release ${version || 'unsaid'} of ${variant || 'no variant'} has ${suites} cipher suites${guessed ? ', by guess' : ''}`, () => {
    const process = made({ 'authentication-mode': 'aws', 'cluster-name': 'a' }, version, variant);
    const derived = started({ 'authentication-mode': 'aws', 'cluster-name': 'a' }, version, variant);
    assert.equal(derived.settings.tlsCipherSuites.value.length, suites);
    assert.equal(derived.settings.failSwapOn?.value, swaps);
    assert.equal(isGuessed(process), guessed);
    assert.equal(
      derived.notes.some((note) => note.includes('Bottlerocket')),
      guessed === true,
    );
  });
}

test('the gate of its serving certificate is set up to 1.27, and a certificate of its own takes the place of rotation', () => {
  const own = started({ 'server-certificate': 'REDACTED', 'server-tls-bootstrap': true }, '1.30.0', 'aws-k8s-1.27');
  assert.deepEqual(own.settings.featureGates.value, { RotateKubeletServerCertificate: true });
  assert.deepEqual(own.settings.tlsCertFile, {
    value: '/etc/kubernetes/pki/kubelet-server.crt',
    source: { kind: 'setting', where: 'settings.kubernetes.server-certificate' },
  });
  assert.equal(own.settings.serverTLSBootstrap.value, false);
  assert.deepEqual(started({}, '1.30.0', 'aws-k8s-1.28').settings.featureGates.value, {});
});

for (const [version, variant, reads] of [
  ['1.42.0', 'aws-k8s-1.33', false],
  ['1.43.0', 'aws-k8s-1.27', false],
  ['1.43.0', 'aws-k8s-1.28', true],
  ['1.65.0', 'aws-k8s-1.37', true],
] as const) {
  test(`the kubelet of ${variant} ${version} ${reads ? 'reads' : 'has no'} drop-ins that nobody saw, and a note says so`, () => {
    const notes = started({}, version, variant).notes.filter((note) => note.includes('config.d were not seen'));
    assert.equal(notes.length, reads ? 1 : 0);
  });
}

for (const [minor, provider, name, expected] of [
  [26, 'aws', 'a', ''],
  [26, 'external', 'a', 'a'],
  [27, 'aws', 'a', 'a'],
  [34, 'external', '', ''],
] as const) {
  test(`the name ${name || '""'} of 1.${minor} with the cloud provider ${provider} is given as ${expected || 'none'}`, () => {
    const given = made({ 'cloud-provider': provider, 'hostname-override': name }, '1.30.0', `aws-k8s-1.${minor}`);
    assert.equal(
      given.argv[given.argv.indexOf('--hostname-override') + 1],
      expected === '' ? '--cloud-provider' : expected,
    );
  });
}

test('an empty certificate is none, as the template has it', () => {
  const { settings } = started({ 'server-certificate': '', 'server-tls-bootstrap': false });
  assert.equal(settings.tlsCertFile.value, '');
  assert.equal(mayServeOwn(seen({ 'server-certificate': '' })), false);
  assert.equal(mayServeOwn(seen({ 'server-certificate': 'REDACTED' })), true);
  assert.equal(mayServeOwn(seen()), false);
});

for (const [minor, behavior, refusesCgroup1] of [
  [28, '', undefined],
  [29, '', undefined],
  [30, 'LimitedSwap', undefined],
  [34, 'LimitedSwap', false],
  [35, 'LimitedSwap', false],
  [36, 'LimitedSwap', false],
] as const) {
  test(`the template of 1.${minor} has what its kubelet takes, and lets it run with cgroup v1`, () => {
    const kubelet = made({ 'memory-swap-behavior': 'LimitedSwap' }, '1.60.0', `aws-k8s-1.${minor}`);
    const derived = derive(kubelet, { cgroup: 1 });
    assert.ok(derived.starts === true, JSON.stringify(derived));
    assert.deepEqual(derived.later, []);
    assert.equal(derived.settings['memorySwap.swapBehavior']?.value, behavior);
    assert.equal(derived.settings.failCgroupV1?.value, refusesCgroup1);
  });
}

const recorded: { templates: { kubernetes: number; release: number; settings: string[] }[] } = JSON.parse(
  readFileSync(new URL('./bottlerocket-templates.json', import.meta.url), 'utf8'),
);
const optional = new Set(recorded.templates.flatMap(({ settings }) => settings));

for (const { kubernetes, release, settings } of recorded.templates) {
  test(`the template for 1.${kubernetes} in Bottlerocket 1.${release} takes up what the recorded one does`, () => {
    const os = { version: `1.${release}.1`, variant: `aws-k8s-1.${kubernetes}-nvidia` };
    const taken = [...optional].filter((setting) => lacks(setting, os) === undefined);
    assert.deepEqual(taken.sort(), settings.toSorted());
  });
}

test('what is lacking is told by the first version that has it, and not guessed where none is said', () => {
  assert.deepEqual(lacks('seccomp-default', { version: '1.26.1', variant: 'aws-k8s-1.24' }), { kubernetes: 25 });
  assert.deepEqual(lacks('memory-swap-behavior', { version: '1.41.0', variant: 'aws-k8s-1.33' }), { release: 42 });
  assert.equal(lacks('static-pods-enabled', {}), undefined);
  assert.equal(lacks('constructor', { version: '1.1.0', variant: 'aws-k8s-1.20' }), undefined);
});

test('a text of a node stays one value, whatever it is', () => {
  const hostile = 'x: y\nanonymous: {enabled: true}';
  const { settings, flags } = started({
    'hostname-override': hostile,
    'memory-swap-behavior': 'LimitedSwap',
    'allowed-unsafe-sysctls': ['net.*'],
  });
  assert.equal(flags['hostname-override'].value, hostile);
  assert.deepEqual(settings.allowedUnsafeSysctls?.value, ['net.*']);
  assert.equal(settings['memorySwap.swapBehavior']?.value, 'LimitedSwap');
  assert.equal(settings['authentication.anonymous.enabled'].value, false);
});
