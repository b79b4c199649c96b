/**
 * Where values come from, what they replaced, and what else a derivation tells.
 * Long because it is one table of layers and sources.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EffectiveConfiguration, Setting, SettingPath } from '../../lambda/kubelet/configuration.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import {
  bottlerocket,
  configFile,
  dropIn,
  eksAl2,
  eksAl2023,
  hyperkube,
  k3s,
  kops,
  kubeadm,
  kubeletProcess,
  microk8s,
  STARTED_AT,
} from '../../simulator/fleet/node-types.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

function started(kubelet: KubeletProcess): Extract<EffectiveConfiguration, { starts: true }> {
  const derived = derive(kubelet);
  assert.equal(derived.starts, true, JSON.stringify(derived));
  return derived as Extract<EffectiveConfiguration, { starts: true }>;
}

function setting(kubelet: KubeletProcess, path: SettingPath): Setting<unknown> {
  return started(kubelet).settings[path];
}

function layered(minor: number, base: string, patches: Record<string, string>, argv: string[] = []): KubeletProcess {
  return kubeletProcess({
    version: `v1.${minor}.0`,
    argv: ['--config=/k/base.yaml', '--config-dir=/k/d', '--kubeconfig=/k/kubeconfig', ...argv],
    dropInEnvironment: true,
    files: [
      configFile('/k/base.yaml', HEAD + base),
      ...Object.entries(patches).map(([name, text]) => dropIn(`/k/d/${name}`, HEAD + text)),
    ],
    dropInDirectories: [{ path: '/k/d', state: 'directory' }],
  });
}

describe('sources', () => {
  test('a default has no place', () => {
    assert.deepEqual(setting(kubeletProcess({}), 'rotateCertificates'), { value: false, source: { kind: 'default' } });
  });

  test('the four defaults of kubelets without a config file are called legacy', () => {
    assert.deepEqual(setting(kubeletProcess({}), 'readOnlyPort'), { value: 10255, source: { kind: 'legacy-default' } });
    assert.equal(setting(kubeletProcess({}), 'authorization.mode').source.kind, 'legacy-default');
  });

  test('a flag is shown as it was written, with the next argument if that is its value', () => {
    const kubelet = kubeletProcess({ argv: ['--rotate_certificates=1', '--read-only-port', '0'] });
    assert.deepEqual(setting(kubelet, 'rotateCertificates').source, { kind: 'flag', where: '--rotate_certificates=1' });
    assert.deepEqual(setting(kubelet, 'readOnlyPort').source, { kind: 'flag', where: '--read-only-port 0' });
  });

  test('the uses of a list flag stand together', () => {
    const kubelet = kubeletProcess({
      argv: ['--tls-cipher-suites=TLS_AES_128_GCM_SHA256', '--v=2', '--tls-cipher-suites', 'TLS_AES_256_GCM_SHA384'],
    });
    assert.equal(
      setting(kubelet, 'tlsCipherSuites').source.where,
      '--tls-cipher-suites=TLS_AES_128_GCM_SHA256 --tls-cipher-suites TLS_AES_256_GCM_SHA384',
    );
  });

  for (const minor of [28, 30, 32]) {
    test(`a value tells what it overrode, nearest first, in 1.${minor}`, () => {
      const kubelet = layered(
        minor,
        'eventRecordQPS: 1\n',
        { 'a.conf': 'eventRecordQPS: 2\n', 'b.conf': 'eventRecordQPS: 3\n' },
        ['--event-qps=4'],
      );
      assert.deepEqual(setting(kubelet, 'eventRecordQPS'), {
        value: 4,
        source: { kind: 'flag', where: '--event-qps=4' },
        overrode: [
          { value: 3, source: { kind: 'drop-in', where: '/k/d/b.conf' } },
          { value: 2, source: { kind: 'drop-in', where: '/k/d/a.conf' } },
          { value: 1, source: { kind: 'file', where: '/k/base.yaml' } },
        ],
      });
    });
  }

  test('an ignored zero duration is told as overridden by the default', () => {
    const kubelet = layered(32, 'streamingConnectionIdleTimeout: 0s\n', {});
    assert.deepEqual(setting(kubelet, 'streamingConnectionIdleTimeout'), {
      value: '4h0m0s',
      source: { kind: 'default' },
      overrode: [{ value: '0s', source: { kind: 'file', where: '/k/base.yaml' } }],
    });
  });

  test('a value that a null of a drop-in deleted is told, too', () => {
    const kubelet = layered(32, 'makeIPTablesUtilChains: false\n', { 'a.conf': 'makeIPTablesUtilChains: null\n' });
    assert.deepEqual(setting(kubelet, 'makeIPTablesUtilChains'), {
      value: true,
      source: { kind: 'drop-in', where: '/k/d/a.conf' },
      overrode: [{ value: false, source: { kind: 'file', where: '/k/base.yaml' } }],
    });
  });

  test('a null takes away all that stands below its key, and what comes later stands again', () => {
    const base = 'authentication: {anonymous: {enabled: true}}\nreadOnlyPort: 10255\n';
    const patches = { 'a.conf': 'authentication: null\nreadOnlyPort: null\n', 'b.conf': 'readOnlyPort: 1\n' };
    const kubelet = layered(32, base, patches);
    assert.deepEqual(setting(kubelet, 'authentication.anonymous.enabled').source, {
      kind: 'drop-in',
      where: '/k/d/a.conf',
    });
    assert.deepEqual(setting(kubelet, 'readOnlyPort').source, { kind: 'drop-in', where: '/k/d/b.conf' });
  });

  test('of --config given twice the last one is the file', () => {
    const argv = ['--config=/k/a.yaml', '--config', 'b.yaml'];
    const files = [configFile('/k/a.yaml', HEAD), configFile('/k/b.yaml', HEAD)];
    assert.equal(started(kubeletProcess({ argv, files, cwd: '/k' })).configFile, '/k/b.yaml');
    assert.equal(started(kubeletProcess({})).configFile, '');
  });

  test('in 1.28 a drop-in is the source of the defaults that it brings', () => {
    const kubelet = layered(28, 'makeIPTablesUtilChains: false\n', { 'a.conf': '' });
    assert.deepEqual(setting(kubelet, 'makeIPTablesUtilChains'), {
      value: true,
      source: { kind: 'drop-in', where: '/k/d/a.conf' },
      overrode: [{ value: false, source: { kind: 'file', where: '/k/base.yaml' } }],
    });
    assert.equal(setting(kubelet, 'seccompDefault').source.kind, 'default');
  });

  test('in 1.28 an ignored value of a drop-in is noted', () => {
    const { notes } = started(layered(28, 'rotateCertificates: true\n', { 'a.conf': 'rotateCertificates: false\n' }));
    assert.deepEqual(notes, ['kubelet 1.28 ignores rotateCertificates: false of drop-in /k/d/a.conf']);
    assert.deepEqual(started(layered(28, '', { 'a.conf': 'tlsCipherSuites: []\n' })).notes, []);
  });

  test('a list that a drop-in overrode is told as one', () => {
    const kubelet = layered(32, '', {
      'a.conf': 'tlsCipherSuites: [TLS_AES_128_GCM_SHA256]\n',
      'b.conf': 'tlsCipherSuites: [TLS_AES_256_GCM_SHA384]\n',
    });
    assert.deepEqual(setting(kubelet, 'tlsCipherSuites').overrode?.[0]?.value, ['TLS_AES_128_GCM_SHA256']);
  });

  test('gates that a drop-in takes away leave the others to it', () => {
    const kubelet = layered(32, 'featureGates: {AllBeta: true, AllAlpha: false}\n', {
      'a.conf': 'featureGates: {AllAlpha: null}\n',
    });
    const { value, source } = setting(kubelet, 'featureGates');
    assert.deepEqual([value, source.kind], [{ AllBeta: true }, 'drop-in']);
  });

  test('gates come from the last layer that names one', () => {
    const kubelet = layered(32, 'featureGates: {AllBeta: true}\n', {
      'a.conf': 'featureGates: {RotateKubeletServerCertificate: true}\n',
      'b.conf': 'featureGates: {AllAlpha: false}\n',
    });
    assert.deepEqual(setting(kubelet, 'featureGates'), {
      value: { AllAlpha: false, AllBeta: true, RotateKubeletServerCertificate: true },
      source: { kind: 'drop-in', where: '/k/d/b.conf' },
      overrode: [{ value: { AllBeta: true }, source: { kind: 'file', where: '/k/base.yaml' } }],
    });
  });

  test('a long history is cut', () => {
    const argv = Array.from({ length: 10_000 }, (_, at) => `--read-only-port=${at}`);
    assert.equal(setting(kubeletProcess({ argv }), 'readOnlyPort').overrode?.length, 16);
  });
});

describe('flags without a setting', () => {
  test('have the values of NewKubeletFlags', () => {
    assert.deepEqual(started(kubeletProcess({})).flags, {
      'hostname-override': { value: '', source: { kind: 'default' } },
      kubeconfig: { value: '', source: { kind: 'default' } },
      'bootstrap-kubeconfig': { value: '', source: { kind: 'default' } },
      'cert-dir': { value: '/var/lib/kubelet/pki', source: { kind: 'default' } },
      'image-credential-provider-config': { value: '', source: { kind: 'default' } },
      'image-credential-provider-bin-dir': { value: '', source: { kind: 'default' } },
    });
  });

  test('the experimental name of --bootstrap-kubeconfig is the same flag up to 1.22', () => {
    const kubelet = kubeletProcess({ version: 'v1.22.0', argv: ['--experimental-bootstrap-kubeconfig=/b'] });
    assert.equal(started(kubelet).flags['bootstrap-kubeconfig'].value, '/b');
  });
});

describe('version', () => {
  const cases: [text: string | undefined, minor: number, known: boolean, note: RegExp | undefined][] = [
    ['v1.32.3-eks-473151a', 32, true, undefined],
    ['Kubernetes v1.24.17', 24, true, undefined],
    ['1.36', 36, true, undefined],
    ['v1.38.0', 38, true, /those of 1\.37/],
    ['v1.19.16', 19, true, /those of 1\.20/],
    [undefined, 37, false, /not known/],
    ['unknown', 37, false, /not known/],
    ['v2.1.0', 37, false, /not known/],
  ];
  for (const [text, minor, known, note] of cases) {
    test(`${text}`, () => {
      const { version: _, ...rest } = kubeletProcess({});
      const derived = derive(text === undefined ? rest : { ...rest, version: text });
      assert.deepEqual(derived.version, text === undefined ? { minor, known } : { text, minor, known });
      assert.equal(derived.notes.length, note ? 1 : 0);
      if (note) assert.match(derived.notes[0] ?? '', note);
    });
  }
});

describe('changed after start', () => {
  const late = { modifiedAt: STARTED_AT + 1 };
  const base = layered(32, '', { 'a.conf': '' });

  test('names the files that went into the result and are newer', () => {
    const files = base.files.map((file) => ({ ...file, ...late }));
    assert.deepEqual(derive({ ...base, files }).changedAfterStart, ['/k/base.yaml', '/k/d/a.conf']);
  });

  test('leaves out files that did not go into it', () => {
    const files = [
      ...base.files,
      { ...dropIn('/k/d/a.txt', ''), ...late },
      { ...configFile('/k/x.yaml', ''), ...late },
    ];
    assert.deepEqual(derive({ ...base, files }).changedAfterStart, []);
  });

  test('is told of a kubelet that would exit, too', () => {
    const derived = derive(
      kubeletProcess({ argv: ['--config=/k/bad'], files: [{ ...configFile('/k/bad', 'x: ['), ...late }] }),
    );
    assert.equal(derived.starts, false);
    assert.deepEqual(derived.changedAfterStart, ['/k/bad']);
  });

  test('what is not known is told as it is', () => {
    const derived = derive({ ...base, unread: 'its arguments could not be read' });
    assert.equal(derived.starts === 'unknown' && derived.problem, 'its arguments could not be read');
  });

  test('never what may have been written before the start, which is known to within a span', () => {
    // btime is cut to the second: a file of 0.3 s before the start seems to be of 0.4 s after it.
    const within = (modifiedAt: number) =>
      derive({
        ...base,
        startedAt: STARTED_AT,
        startedWithin: 1.01,
        files: base.files.map((file) => ({ ...file, modifiedAt })),
      }).changedAfterStart;
    assert.deepEqual(within(STARTED_AT + 0.4), []);
    assert.deepEqual(within(STARTED_AT + 1.01), []);
    assert.deepEqual(within(STARTED_AT + 1.02), ['/k/base.yaml', '/k/d/a.conf']);
  });

  test('is empty where the start is not known', () => {
    const { startedAt: _, ...unknown } = { ...base, files: base.files.map((file) => ({ ...file, ...late })) };
    assert.deepEqual(derive(unknown).changedAfterStart, []);
  });
});

describe('what is not known about the kubelet is not predicted', () => {
  const cases: Record<string, [Partial<KubeletProcess>, RegExp]> = {
    'a config file that could not be read': [
      { argv: ['--config=/c'], files: [{ path: '/c', role: 'config', state: 'unreadable' }] },
      /config file \/c could not be read: unreadable/,
    ],
    'a config file whose text was withheld': [
      {
        argv: ['--config=/c'],
        files: [{ path: '/c', role: 'config', state: 'file', withheld: 'larger than 256 KiB' }],
      },
      /larger than 256 KiB/,
    ],
    'a config file that the evidence does not have': [{ argv: ['--config=/c'] }, /does not have the config file \/c/],
    'a drop-in directory that could not be listed': [
      { argv: ['--config-dir=/d'], dropInDirectories: [{ path: '/d', state: 'unreadable' }] },
      /directory \/d could not be read/,
    ],
    'a drop-in directory that the evidence does not have': [
      { argv: ['--config-dir=/d'] },
      /does not have the directory/,
    ],
    'a drop-in that could not be read': [
      {
        argv: ['--config-dir=/d'],
        dropInDirectories: [{ path: '/d', state: 'directory' }],
        files: [{ path: '/d/a.conf', role: 'drop-in', state: 'unreadable' }],
      },
      /drop-in \/d\/a\.conf could not be read/,
    ],
    'a document nested beyond our bounds': [
      { argv: ['--config=/c'], files: [configFile('/c', `${HEAD}x: ${'['.repeat(300)}${']'.repeat(300)}\n`)] },
      /config file \/c: YAML nested deeper than 200 levels/,
    ],
    'a drop-in nested beyond our bounds': [
      {
        argv: ['--config-dir=/d'],
        dropInDirectories: [{ path: '/d', state: 'directory' }],
        files: [dropIn('/d/a.conf', `{"x":${'['.repeat(300)}${']'.repeat(300)}}`)],
      },
      /drop-in \/d\/a\.conf: JSON nested deeper than 200 levels/,
    ],
  };
  for (const [name, [parts, problem]] of Object.entries(cases)) {
    test(name, () => {
      const derived = derive(kubeletProcess(parts));
      assert.equal(derived.starts, 'unknown', JSON.stringify(derived));
      assert.match(derived.starts === 'unknown' ? derived.problem : '', problem);
    });
  }
});

describe('a kubelet that runs is not said to refuse what only other versions or builds refuse', () => {
  const OPENSHIFT_LABELS = '--node-labels=node-role.kubernetes.io/worker,node.openshift.io/os_id=rhcos';
  const KOPS_LABELS = '--node-labels=kops.k8s.io/instancegroup=nodes,kubernetes.io/role=node';
  const PAUSE = '--pod-infra-container-image=pause:3.10';
  const unversioned = (argv: string[]): KubeletProcess => {
    const { version: _, ...rest } = kubeletProcess({ argv });
    return rest;
  };
  const gate = (value: boolean) => `--feature-gates=RotateKubeletClientCertificate=${value}`;

  const cases: [name: string, kubelet: KubeletProcess, starts: EffectiveConfiguration['starts'], says: RegExp][] = [
    ['a flag that was removed, version unknown', unversioned([PAUSE]), true, /version is not known/],
    ['the same, version known', kubeletProcess({ argv: [PAUSE], version: 'v1.35.0' }), false, /unknown flag/],
    ['a flag of a later kubelet', kubeletProcess({ argv: ['--new=1'], version: 'v1.38.0' }), true, /left out: new/],
    ['a removed flag there', kubeletProcess({ argv: [PAUSE], version: 'v1.38.0' }), false, /unknown flag/],
    [
      'a flag of an older kubelet',
      kubeletProcess({ argv: ['--allow-privileged=true'], version: 'v1.14.0' }),
      true,
      /left out: allow-privileged/,
    ],
    [
      'one that may take the next argument',
      kubeletProcess({ argv: ['--allow-privileged', '--v=2'], version: 'v1.14.0' }),
      'unknown',
      /"--allow-privileged" is not known here/,
    ],
    ['labels up to 1.15', kubeletProcess({ argv: [KOPS_LABELS], version: 'v1.15.12' }), true, /older/],
    ['labels from 1.16 on', kubeletProcess({ argv: [KOPS_LABELS], version: 'v1.16.0' }), false, /kops\.k8s\.io/],
    ['labels, version unknown', unversioned([OPENSHIFT_LABELS]), true, /version is not known/],
    ["OpenShift's roles", kubeletProcess({ argv: [OPENSHIFT_LABELS], version: 'v1.29.8+632b078' }), true, /^$/],
    ['these roles elsewhere', kubeletProcess({ argv: [OPENSHIFT_LABELS], version: 'v1.29.8' }), false, /worker/],
    [
      'an old gate that is on, version unknown',
      unversioned([gate(true)]),
      true,
      /not judged here: RotateKubeletClient/,
    ],
    ['the same gate off', unversioned([gate(false)]), 'unknown', /depends on the kubelet's version/],
  ];
  for (const [name, kubelet, starts, says] of cases) {
    test(name, () => {
      const derived = derive(kubelet);
      assert.equal(derived.starts, starts, JSON.stringify(derived));
      const why = derived.starts === false ? derived.error : derived.starts === true ? '' : derived.problem;
      assert.match(derived.starts === true ? derived.notes.join() : why, says);
    });
  }
});

describe('notes', () => {
  test('unknown keys are named with their file', () => {
    const { notes, ignoredKeys } = started(
      layered(32, 'nope: 1\nauthentication: {Anonymous: {}}\n', { 'a.conf': 'other: 1\n' }),
    );
    assert.deepEqual(notes, []);
    assert.deepEqual(ignoredKeys, [
      { where: '/k/base.yaml', keys: ['nope', 'authentication.Anonymous'] },
      { where: '/k/d/a.conf', keys: ['other'] },
    ]);
  });

  test('values that stop the kubelet after its validation are named', () => {
    const { notes } = started(kubeletProcess({ argv: ['--authorization-mode=RBAC'] }));
    assert.deepEqual(notes, ['failed to run Kubelet: unknown authorization mode RBAC']);
  });

  test('what a kubelet without an API server cannot do is named', () => {
    const { notes } = started(kubeletProcess({ argv: ['--config=/c'], files: [configFile('/c', HEAD)] }));
    assert.deepEqual(notes, [
      'failed to run Kubelet: no client provided, cannot use webhook authentication',
      'failed to run Kubelet: no client provided, cannot use webhook authorization',
    ]);
    const argv = ['--authorization-mode=AlwaysAllow', '--authentication-token-webhook=false'];
    assert.deepEqual(started(kubeletProcess({ argv })).notes, []);
  });

  test('a configuration that the API server may have replaced is named', () => {
    const { notes } = started(kubeletProcess({ version: 'v1.21.0', argv: ['--dynamic-config-dir=/var/lib/dynamic'] }));
    assert.match(notes.join(), /--dynamic-config-dir lets the API server replace the config file/);
  });

  for (const version of ['v1.26.0', 'v1.32.0']) {
    test(`--seccomp-default turns the setting on in ${version}, and never off`, () => {
      const runtime = '--container-runtime-endpoint=unix:///run/cri.sock';
      const on = started(kubeletProcess({ version, argv: ['--seccomp-default', runtime] })).settings.seccompDefault;
      assert.deepEqual(on, { value: true, source: { kind: 'flag', where: '--seccomp-default' } });
      const files = [configFile('/c', `${HEAD}seccompDefault: true\n`)];
      const argv = ['--config=/c', '--seccomp-default=false', runtime];
      const kept = started(kubeletProcess({ version, argv, files })).settings.seccompDefault;
      assert.deepEqual(kept, { value: true, source: { kind: 'file', where: '/c' } });
    });
  }
});

describe('kinds of nodes', () => {
  const file = (where: string) => ({ kind: 'file', where });

  test('EKS AL2023', () => {
    const { settings, credentials, gates, bootstraps, notes } = started(eksAl2023);
    const base = '/etc/kubernetes/kubelet/config.json';
    assert.deepEqual(settings.rotateCertificates, { value: false, source: { kind: 'default' } });
    assert.deepEqual(settings.serverTLSBootstrap, { value: true, source: file(base) });
    assert.deepEqual(settings['authentication.anonymous.enabled'], { value: false, source: file(base) });
    assert.deepEqual(settings.eventRecordQPS, {
      value: 0,
      source: { kind: 'drop-in', where: '/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf' },
    });
    assert.deepEqual(gates, { RotateKubeletServerCertificate: { value: true, source: file(base) } });
    assert.deepEqual(credentials, { kind: 'exec', command: 'aws', where: '/var/lib/kubelet/kubeconfig' });
    assert.equal(bootstraps, false);
    assert.deepEqual(notes, []);
  });

  test('EKS AL2', () => {
    const { settings, credentials, gates } = started(eksAl2);
    assert.equal(settings.readOnlyPort.value, 0);
    assert.equal(settings.eventRecordQPS.value, 5);
    assert.equal(gates.SeccompDefault?.value, true);
    assert.equal(credentials.kind, 'exec');
  });

  test('kubeadm', () => {
    const { settings, credentials, bootstraps } = started(kubeadm);
    assert.deepEqual(settings.rotateCertificates, { value: true, source: file('/var/lib/kubelet/config.yaml') });
    assert.equal(settings.streamingConnectionIdleTimeout.value, '4h0m0s');
    assert.deepEqual(credentials, {
      kind: 'client-certificate',
      path: '/var/lib/kubelet/pki/kubelet-client-current.pem',
      inCertDir: true,
      where: '/etc/kubernetes/kubelet.conf',
    });
    assert.equal(bootstraps, true);
  });

  test('kOps', () => {
    const { settings, credentials } = started(kops);
    assert.equal(settings.tlsCertFile.value, '/srv/kubernetes/kubelet-server.crt');
    assert.equal(settings['authorization.mode'].value, 'Webhook');
    assert.deepEqual(credentials, { kind: 'embedded-certificate', where: '/var/lib/kubelet/kubeconfig' });
  });

  test('Bottlerocket', () => {
    const { settings, credentials } = started(bottlerocket);
    assert.equal(settings.podPidsLimit.value, 1048576);
    assert.equal(settings['authentication.x509.clientCAFile'].value, '/etc/kubernetes/pki/ca.crt');
    assert.equal(credentials.kind, 'exec');
  });

  test('MicroK8s', () => {
    const { settings, credentials, notes } = started(microk8s);
    assert.match(notes.join(), /MicroK8s runs the kubelet in its own process/);
    assert.equal(settings['authentication.anonymous.enabled'].value, false);
    assert.deepEqual(settings.readOnlyPort, { value: 10255, source: { kind: 'legacy-default' } });
    assert.equal(credentials.kind, 'token');
  });

  test('k3s: its own arguments are not all of them', () => {
    const { settings, notes } = started(k3s);
    assert.equal(settings.protectKernelDefaults.value, true);
    assert.match(
      notes.join(),
      /^k3s runs the kubelet in its own process and adds arguments of its own to these: .* a person must look up$/,
    );
  });

  test('hyperkube, with paths relative to its working directory', () => {
    const { settings, credentials } = started(hyperkube);
    assert.deepEqual(settings.rotateCertificates, {
      value: true,
      source: { kind: 'flag', where: '--rotate_certificates=T' },
      overrode: [{ value: false, source: file('/opt/kubernetes/conf/kubelet.yaml') }],
    });
    assert.deepEqual(credentials, {
      kind: 'client-certificate',
      path: '/opt/kubernetes/conf/pki/node.crt',
      inCertDir: false,
      where: '/opt/kubernetes/conf/kubeconfig',
    });
  });
});
