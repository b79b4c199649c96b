/**
 * The rules by which a kubelet reads its command line and files, one case a rule, in the order of the kubelet.
 * Long because it is one table of the kubelet's facts.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GateName, SettingPath } from '../../lambda/kubelet/configuration.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { FileEvidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { configFile, dropIn, kubeletProcess } from '../../simulator/fleet/node-types.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const CONFIG = '/etc/kubelet.yaml';
const DIRECTORY = '/etc/kubelet.d';

type Case = {
  minor?: number;
  argv?: string[];
  /** Of the config file, without the two lines of its head; `raw` replaces the whole text. */
  config?: string;
  raw?: string;
  /** Of drop-ins, in order, without head; names are a.conf, b.conf … */
  dropIns?: string[];
  files?: FileEvidence[];
  environment?: true;
};

/** What must come out: values of settings and gates, or a part of the reason for the exit. */
type Expected = { settings?: Record<string, unknown>; gates?: Record<string, unknown>; error?: RegExp };

function processOf({ minor = 32, argv = [], config, raw, dropIns, files = [], environment }: Case): KubeletProcess {
  const text = raw ?? (config === undefined ? undefined : HEAD + config);
  const endpoint = minor >= 24 && minor <= 26 ? ['--container-runtime-endpoint=unix:///run/cri.sock'] : [];
  const patches = (dropIns ?? []).map((patch, at) =>
    dropIn(`${DIRECTORY}/${String.fromCharCode(97 + at)}.conf`, HEAD + patch),
  );
  const kubelet = kubeletProcess({
    version: `v1.${minor}.1`,
    argv: [
      ...endpoint,
      ...(text === undefined ? [] : [`--config=${CONFIG}`]),
      ...(dropIns === undefined ? [] : [`--config-dir=${DIRECTORY}`]),
      ...argv,
    ],
    files: [...(text === undefined ? [] : [configFile(CONFIG, text)]), ...patches, ...files],
    dropInDirectories: dropIns === undefined ? [] : [{ path: DIRECTORY, state: 'directory' }],
  });
  return environment || (dropIns && minor <= 29) ? { ...kubelet, dropInEnvironment: true } : kubelet;
}

function check(given: Case, { settings = {}, gates = {}, error }: Expected): void {
  const derived = derive(processOf(given));
  if (error) {
    assert.equal(derived.starts, false, JSON.stringify(derived));
    assert.match(derived.starts === false ? derived.error : '', error);
    return;
  }
  // What is refused late was computed before.
  const reached = derived.starts === false ? derived.reached : derived.starts === true ? derived : undefined;
  assert.ok(reached, JSON.stringify(derived));
  for (const [path, value] of Object.entries(settings)) {
    assert.deepEqual(reached.settings[path]?.value, value, path);
  }
  for (const [name, value] of Object.entries(gates)) {
    assert.deepEqual(reached.gates[name as GateName]?.value, value, name);
  }
}

type Table = Record<string, [Case, Expected]>;

function cases(title: string, table: Table): void {
  describe(title, () => {
    for (const [name, [given, expected]] of Object.entries(table)) test(name, () => check(given, expected));
  });
}

const on = { settings: { rotateCertificates: true } };
const off = { settings: { rotateCertificates: false } };

cases('order', {
  'flags are parsed before positional arguments are refused': [{ argv: ['x', '--nope'] }, { error: /unknown flag/ }],
  'gates of flags are judged before the config file is read': [
    { argv: ['--feature-gates=RotateKubeletClientCertificate=true', '--config=/missing'] },
    { error: /RotateKubeletClientCertificate/ },
  ],
  'flags win over drop-ins, drop-ins over the file': [
    {
      config: 'readOnlyPort: 1\neventRecordQPS: 1\n',
      dropIns: ['readOnlyPort: 2\neventRecordQPS: 2\n'],
      argv: ['--event-qps=3'],
    },
    { settings: { readOnlyPort: 2, eventRecordQPS: 3 } },
  ],
  'gates are judged again after the merge': [
    { config: 'featureGates: {RotateKubeletClientCertificate: true}\n' },
    { error: /RotateKubeletClientCertificate/ },
  ],
});

cases('flags', {
  'underscores are dashes': [{ argv: ['--rotate_certificates'] }, on],
  'names are case-sensitive': [{ argv: ['--Rotate-Certificates'] }, { error: /unknown flag/ }],
  'one dash is not two': [{ argv: ['-rotate-certificates'] }, { error: /unknown shorthand flag/ }],
  'a bare boolean is true': [{ argv: ['--rotate-certificates'] }, on],
  ...Object.fromEntries(
    ['1', 't', 'T', 'TRUE', 'true', 'True'].map((word) => [
      `${word} is true`,
      [{ argv: [`--rotate-certificates=${word}`] }, on],
    ]),
  ),
  ...Object.fromEntries(
    ['0', 'f', 'F', 'FALSE', 'false', 'False'].map((word) => [
      `${word} is false`,
      [{ argv: ['--rotate-certificates', `--rotate-certificates=${word}`] }, off],
    ]),
  ),
  ...Object.fromEntries(
    ['yes', 'on', '', 'tRue', 'false '].map((word) => [
      `"${word}" is no boolean`,
      [
        { argv: [`--rotate-certificates=${word}`] },
        { error: /invalid argument ".*" for "--rotate-certificates" flag: strconv\.ParseBool: parsing/ },
      ],
    ]),
  ),
  'a boolean does not take the next argument': [
    { argv: ['--rotate-certificates', 'false'] },
    { error: /unknown command false/ },
  ],
  'other types take the next argument, even a flag': [{ argv: ['--hostname-override', '--rotate-certificates'] }, off],
  'an empty argument is a value': [{ argv: ['--node-labels', '', '--rotate-certificates'] }, on],
  'a flag at the end needs its value': [{ argv: ['--read-only-port'] }, { error: /needs an argument/ }],
  'the last scalar wins': [{ argv: ['--rotate-certificates', '--rotate-certificates=false'] }, off],
  'lists replace the file, then append': [
    { config: 'tlsCipherSuites: [X]\n', argv: ['--tls-cipher-suites=A,B', '--tls-cipher-suites=C'] },
    { settings: { tlsCipherSuites: ['A', 'B', 'C'] } },
  ],
  'lists are CSV': [{ argv: ['--tls-cipher-suites="A,B",C'] }, { settings: { tlsCipherSuites: ['A,B', 'C'] } }],
  'an empty list empties': [
    { config: 'tlsCipherSuites: [X]\n', argv: ['--tls-cipher-suites='] },
    { settings: { tlsCipherSuites: [] } },
  ],
  'integers accept 0x': [{ argv: ['--read-only-port=0x10'] }, { settings: { readOnlyPort: 16 } }],
  'integers accept octal': [{ argv: ['--read-only-port=010'] }, { settings: { readOnlyPort: 8 } }],
  'integers have 32 bits': [
    { argv: ['--read-only-port=4294967296'] },
    { error: /value out of range|cannot unmarshal number 1e1 into .*int32/ },
  ],
  'durations need a unit': [{ argv: ['--streaming-connection-idle-timeout=5'] }, { error: /duration/ }],
  'a duration of 0 needs none': [
    { argv: ['--streaming-connection-idle-timeout=0'] },
    { settings: { streamingConnectionIdleTimeout: '0s' } },
  ],
  'an empty --config is no config file': [{ argv: ['--config='] }, { settings: { readOnlyPort: 10255 } }],
  '--feature-gates merges with the file by key': [
    {
      minor: 26,
      config: 'featureGates: {SeccompDefault: false, AllBeta: true}\n',
      argv: ['--feature-gates=SeccompDefault=true'],
    },
    { settings: { featureGates: { SeccompDefault: true, AllBeta: true } } },
  ],
  'unknown flags exit': [{ argv: ['--nope=1'] }, { error: /unknown flag/ }],
  'what follows -- is positional': [{ argv: ['--', '--rotate-certificates'] }, { error: /unknown command -/ }],
  'nothing may follow --': [{ argv: ['--rotate-certificates', '--'] }, on],
  'a lone dash is positional': [{ argv: ['-'] }, { error: /unknown command -/ }],
  '-v takes its value attached or apart': [{ argv: ['-v2', '-v', '2', '-v=2', '--rotate-certificates'] }, on],
  'an equals sign with nothing after it is its value': [{ argv: ['-v='] }, { error: /invalid argument "="/ }],
  '-v takes decimal digits only': [
    { argv: ['--v=-1'] },
    { error: /"-v, --v" flag: strconv\.ParseUint: parsing "(-1|x)": invalid syntax/ },
  ],
  'also where they are an argument of their own': [
    { argv: ['-v', 'x'] },
    { error: /"-v, --v" flag: strconv\.ParseUint: parsing "(-1|x)": invalid syntax/ },
  ],
  'a carriage return is no list': [
    { argv: ['--tls-cipher-suites=\r'] },
    { error: /invalid argument "\\r" for "--tls-cipher-suites" flag: EOF/ },
  ],
  '-test.anything is skipped': [{ argv: ['-test.v', '--rotate-certificates'] }, on],
  'three dashes are bad syntax': [{ argv: ['---x'] }, { error: /bad flag syntax/ }],
  '--version prints and exits': [{ argv: ['--version'] }, { error: /print and exit/ }],
  'of --version given twice the last one counts': [{ argv: ['--version', '--version=false'] }, off],
  '--version=false does not': [{ argv: ['--version=false'] }, off],
  '-h prints and exits': [{ argv: ['-h'] }, { error: /print and exit/ }],
  'labels of Kubernetes are refused': [
    { argv: ['--node-labels=node-role.kubernetes.io/worker='] },
    { error: /node-role\.kubernetes\.io/ },
  ],
  'labels that kubelets may set are not': [{ argv: ['--node-labels=topology.kubernetes.io/zone=a,my.io/x=1'] }, off],
  'nor are labels of the kubelet and the node': [
    { argv: ['--node-labels=kubelet.kubernetes.io/a=b,my.node.kubernetes.io/c=d'] },
    off,
  ],
  'a domain that only begins like that is refused': [
    { argv: ['--node-labels=node.kubernetes.io.k8s.io/a=b'] },
    { error: /labels specified with --node-labels: \[node\.kubernetes\.io\.k8s\.io\/a\]/ },
  ],
  'labels have valid names and values': [
    { argv: ['--node-labels=a=b c'] },
    { error: /invalid node labels: 'b c' - a valid label must be/ },
  ],
  'names of labels may have a domain': [
    { argv: ['--node-labels=Example/a=b'] },
    { error: /'Example\/a' - prefix part a lowercase RFC 1123 subdomain/ },
  ],
  'labels add up, the last value wins': [{ argv: ['--node-labels=a=b c', '--node-labels= a = d ,x.io/e_f,'] }, off],
  'an empty container runtime endpoint exits': [
    { argv: ['--container-runtime-endpoint='] },
    { error: /the containerRuntimeEndpoint was not specified or empty \(--container-runtime-endpoint=\)/ },
  ],
  'a default replaces an empty one of the file': [{ config: 'containerRuntimeEndpoint: ""\n' }, off],
  'up to 1.23 the flag may be empty': [{ minor: 23, argv: ['--container-runtime-endpoint='] }, off],
  '1.25 does not insist on one': [{ minor: 25, argv: ['--container-runtime-endpoint='] }, off],
  '1.26 does': [
    { minor: 26, argv: ['--container-runtime-endpoint='] },
    { error: /endpoint address was not specified or empty, use --container-runtime-endpoint/ },
  ],
  '1.24 to 1.26 know no other container runtime': [
    { minor: 26, argv: ['--container-runtime=docker'] },
    { error: /unsupported CRI runtime: "docker", only "remote" is currently supported/ },
  ],
  'the least values pass the validation': [
    {
      config:
        'readOnlyPort: 0\nport: 1\nhealthzPort: 0\neventRecordQPS: 0\nnodeLeaseDurationSeconds: 1\noomScoreAdj: -1000\n' +
        'imageGCLowThresholdPercent: 0\nmaxPods: 0\nnodeStatusMaxImages: -1\npodsPerCore: 0\niptablesDropBit: 0\n',
      // A zero of a file would be replaced by the default.
      argv: ['--max-pods=0', '--registry-qps=0', '--event-qps=0', '--kube-api-qps=0', '--max-open-files=0'],
    },
    off,
  ],
  'the largest values do, too': [
    {
      config:
        'readOnlyPort: 65535\nport: 65535\nhealthzPort: 65535\noomScoreAdj: 1000\nimageGCHighThresholdPercent: 100\n' +
        'imageGCLowThresholdPercent: 99\niptablesMasqueradeBit: 31\niptablesDropBit: 30\n',
    },
    off,
  ],
});

const removed: [flag: string, last: number][] = [
  ['--network-plugin=cni', 23],
  ['--dynamic-config-dir=/x', 23],
  ['--logtostderr', 25],
  ['--container-runtime=remote', 26],
  ['--cloud-config=/x', 33],
  ['--register-schedulable', 33],
  ['--pod-infra-container-image=x', 34],
];
const added: [flag: string, first: number][] = [
  ['--seccomp-default=false', 22],
  ['--config-dir=', 28],
  ['--fail-cgroupv1', 31],
];
cases('flags by version', {
  ...Object.fromEntries(
    removed.flatMap(([flag, last]) => [
      [`${flag} exists in 1.${last}`, [{ minor: last, argv: [flag] }, {}]],
      [`${flag} is removed in 1.${last + 1}`, [{ minor: last + 1, argv: [flag] }, { error: /unknown flag: --/ }]],
    ]),
  ),
  ...Object.fromEntries(
    added.flatMap(([flag, first]) => [
      [`${flag} does not exist in 1.${first - 1}`, [{ minor: first - 1, argv: [flag] }, { error: /unknown flag: --/ }]],
      [`${flag} exists in 1.${first}`, [{ minor: first, argv: [flag] }, {}]],
    ]),
  ),
});

cases('config file', {
  'unknown keys are ignored': [{ config: 'nope: [1]\nrotateCertificates: true\n' }, on],
  'keys of a wrong case are ignored': [{ config: 'RotateCertificates: true\n' }, off],
  'a duplicate key: the last one wins': [{ config: 'rotateCertificates: false\nrotateCertificates: true\n' }, on],
  'duplicate nested YAML maps are replaced': [
    { config: 'authentication: {anonymous: {enabled: true}}\nauthentication: {webhook: {enabled: false}}\n' },
    { settings: { 'authentication.anonymous.enabled': false, 'authentication.webhook.enabled': false } },
  ],
  'duplicate nested JSON objects are merged': [
    {
      raw: '{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","authentication":{"anonymous":{"enabled":true}},"authentication":{"webhook":{"enabled":false}}}',
    },
    { settings: { 'authentication.anonymous.enabled': true, 'authentication.webhook.enabled': false } },
  ],
  '"true" is no boolean': [
    { config: 'rotateCertificates: "true"\n' },
    { error: /cannot unmarshal string into Go struct field KubeletConfiguration\.rotateCertificates of type bool/ },
  ],
  '1 is no boolean': [{ config: 'rotateCertificates: 1\n' }, { error: /cannot unmarshal number into/ }],
  'types of other fields count too': [
    { config: 'clusterDNS: 10.0.0.10\n' },
    { error: /cannot unmarshal string .*\.clusterDNS of type \[\]string/ },
  ],
  'items of lists have types, too': [
    { config: 'registerWithTaints: [{key: a, effect: NoSchedule}]\nmemoryThrottlingFactor: 0.5\n' },
    off,
  ],
  'an item of a wrong type exits': [
    { config: 'registerWithTaints: [{key: 1}]\n' },
    { error: /cannot unmarshal number into .*registerWithTaints\.key of type string/ },
  ],
  'a scalar for an object in a list exits': [
    { config: 'registerWithTaints: [a]\n' },
    { error: /cannot unmarshal string into/ },
  ],
  'a scalar for a list of objects exits': [
    { config: 'registerWithTaints: a\n' },
    { error: /cannot unmarshal string into/ },
  ],
  'a text for a number exits': [{ config: 'memoryThrottlingFactor: x\n' }, { error: /cannot unmarshal string into/ }],
  'a list for an object exits': [{ config: 'logging: []\n' }, { error: /cannot unmarshal array .*\.logging of type/ }],
  'null items of a list are empty': [
    { config: 'tlsCipherSuites: [~, A]\n' },
    { settings: { tlsCipherSuites: ['', 'A'] } },
  ],
  'null items keep what duplicate lists left behind': [
    {
      raw: '{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","tlsCipherSuites":["a","b","c"],"tlsCipherSuites":["d"],"tlsCipherSuites":[null,null,"e"]}',
    },
    { settings: { tlsCipherSuites: ['d', 'b', 'e'] } },
  ],
  'a text that looks like a zero duration is no zero': [
    { config: 'authorization: {mode: "0s"}\n' },
    { settings: { 'authorization.mode': '0s' } },
  ],
  'a key behind a byte order mark in the middle of the file is unknown': [
    { config: 'readOnlyPort: 7\n\ufeffrotateCertificates: true\n' },
    { settings: { rotateCertificates: false, readOnlyPort: 7 } },
  ],
  'null gates are off': [
    { config: 'featureGates: {AllAlpha: null}\n' },
    { settings: { featureGates: { AllAlpha: false } } },
  ],
  'fields of later versions are unknown keys': [{ minor: 28, config: 'podLogsDir: 1\n' }, off],
  'bad YAML exits': [{ config: 'a: [\n' }, { error: /not YAML/ }],
  'a tab as indentation exits': [{ config: 'authentication:\n\tanonymous: {}\n' }, { error: /not YAML/ }],
  'an empty file exits': [{ raw: '' }, { error: /empty/ }],
  'a blank file exits': [{ raw: ' \n' }, { error: /kind is missing/ }],
  'a missing file exits': [
    { argv: ['--config=/gone'], files: [{ path: '/gone', role: 'config', state: 'missing' }] },
    { error: /does not exist/ },
  ],
  'a missing apiVersion exits': [{ raw: 'kind: KubeletConfiguration\n' }, { error: /apiVersion is missing/ }],
  'another apiVersion exits': [
    { raw: 'apiVersion: kubelet.config.k8s.io/v1\nkind: KubeletConfiguration\n' },
    { error: /apiVersion must be/ },
  ],
  'a missing kind exits': [{ raw: 'apiVersion: kubelet.config.k8s.io/v1beta1\n' }, { error: /kind is missing/ }],
  'another kind exits': [{ raw: 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: Pod\n' }, { error: /kind must be/ }],
  'only the first document counts': [{ config: 'rotateCertificates: true\n---\n}{\n' }, on],
  'an empty first document is a document': [{ raw: `---\n---\n${HEAD}` }, { error: /kind is missing/ }],
  'a file starting with { must be JSON': [
    { raw: '{apiVersion: kubelet.config.k8s.io/v1beta1}' },
    { error: /not JSON/ },
  ],
  'nothing may follow JSON': [{ raw: '{"kind":"x"} y' }, { error: /not JSON/ }],
  'a BOM is fine': [{ raw: `\ufeff${HEAD}rotateCertificates: true\n` }, on],
  ...Object.fromEntries(
    ['yes', 'Yes', 'on', 'y', 'TRUE'].map((word) => [
      `${word} is true`,
      [{ config: `rotateCertificates: ${word}\n` }, on],
    ]),
  ),
  ...Object.fromEntries(
    ['no', 'NO', 'off', 'n', 'False'].map((word) => [
      `${word} is false`,
      [{ config: `rotateCertificates: ${word}\n` }, off],
    ]),
  ),
  '010 is 8': [{ config: 'readOnlyPort: 010\n' }, { settings: { readOnlyPort: 8 } }],
  '1e1 is 10': [{ config: 'readOnlyPort: 1e1\n' }, { settings: { readOnlyPort: 10 } }],
  '1e1 is no integer in JSON': [
    { raw: '{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","readOnlyPort":1e1}' },
    { error: /value out of range|cannot unmarshal number 1e1 into .*int32/ },
  ],
  'null is unset': [{ config: 'makeIPTablesUtilChains: null\n' }, { settings: { makeIPTablesUtilChains: true } }],
  'a null duration exits': [{ config: 'streamingConnectionIdleTimeout: null\n' }, { error: /duration/ }],
  'a zero duration is defaulted again': [
    { config: 'streamingConnectionIdleTimeout: 0s\n' },
    { settings: { streamingConnectionIdleTimeout: '4h0m0s' } },
  ],
  'a negative podPidsLimit is -1': [{ config: 'podPidsLimit: -7\n' }, { settings: { podPidsLimit: -1 } }],
  'a podPidsLimit of 0 stays': [{ config: 'podPidsLimit: 0\n' }, { settings: { podPidsLimit: 0 } }],
  'an empty authorization mode is Webhook': [
    { config: 'authorization: {mode: ""}\n' },
    { settings: { 'authorization.mode': 'Webhook' } },
  ],
  'paths lose a slash at their end where they are made absolute': [
    { config: 'tlsCertFile: pki/\n' },
    { settings: { tlsCertFile: '/etc/pki' } },
  ],
  'paths are relative to the file': [
    { config: 'tlsCertFile: pki/kubelet.crt\n' },
    { settings: { tlsCertFile: '/etc/pki/kubelet.crt' } },
  ],
  'ports have bounds': [
    { config: 'readOnlyPort: 70000\n' },
    { error: /between 0 and 65535, inclusive \(\/etc\/kubelet\.yaml\)/ },
  ],
  'negative event rates exit': [
    { config: 'eventRecordQPS: -1\n' },
    { error: /eventRecordQPS \(--event-qps\) -1 must not be a negative number/ },
  ],
  'other fields have bounds too': [{ config: 'maxPods: -1\n' }, { error: /maxPods/ }],
  'the low threshold is below the high one': [
    { config: 'imageGCLowThresholdPercent: 90\n' },
    { error: /must be less than/ },
  ],
  'choices are checked': [{ config: 'hairpinMode: x\n' }, { error: /option "x" specified for hairpinMode/ }],
});

const defaults: [path: SettingPath, withFile: unknown, without: unknown][] = [
  ['authentication.anonymous.enabled', false, true],
  ['authentication.webhook.enabled', true, false],
  ['authorization.mode', 'Webhook', 'AlwaysAllow'],
  ['readOnlyPort', 0, 10255],
  ['rotateCertificates', false, false],
  ['serverTLSBootstrap', false, false],
  ['protectKernelDefaults', false, false],
  ['seccompDefault', false, false],
  ['makeIPTablesUtilChains', true, true],
  ['streamingConnectionIdleTimeout', '4h0m0s', '4h0m0s'],
  ['eventRecordQPS', 50, 50],
  ['podPidsLimit', -1, -1],
];
cases('defaults', {
  ...Object.fromEntries(
    defaults.flatMap(([path, withFile, without]) => [
      [`${path} is ${withFile} with a config file`, [{ config: '' }, { settings: { [path]: withFile } }]],
      [`${path} is ${without} without`, [{}, { settings: { [path]: without } }]],
      [`${path} is ${without} with only --config-dir`, [{ dropIns: [''] }, { settings: { [path]: without } }]],
    ]),
  ),
  'eventRecordQPS is 5 up to 1.26': [{ minor: 26, config: '' }, { settings: { eventRecordQPS: 5 } }],
  'eventRecordQPS is 50 from 1.27 on': [{ minor: 27, config: '' }, { settings: { eventRecordQPS: 50 } }],
  '--seccomp-default turns it on': [
    { config: '', argv: ['--seccomp-default'] },
    { settings: { seccompDefault: true } },
  ],
  'of --seccomp-default given twice the last one counts': [
    { argv: ['--seccomp-default', '--seccomp-default=false'] },
    { settings: { seccompDefault: false } },
  ],
  '--seccomp-default=false does not turn it off': [
    { config: 'seccompDefault: true\n', argv: ['--seccomp-default=false'] },
    { settings: { seccompDefault: true } },
  ],
});

const rotate = { config: 'rotateCertificates: true\n', dropIns: ['rotateCertificates: false\n'] };
const nulled = { config: 'readOnlyPort: 7\n', dropIns: ['readOnlyPort: null\n'] };
const silent = { config: 'authorization: {mode: AlwaysAllow}\n', dropIns: ['readOnlyPort: 7\n'] };
const headless = (minor: number, text: string): Case => ({
  minor,
  config: '',
  dropIns: [''],
  files: [dropIn(`${DIRECTORY}/z.conf`, text)],
});
const noVersion = 'kind: KubeletConfiguration\nrotateCertificates: true\n';
const noKind = 'apiVersion: kubelet.config.k8s.io/v1beta1\nrotateCertificates: true\n';
const twice = { config: '', dropIns: ['rotateCertificates: false\nrotateCertificates: true\n'] };
const mode = (value: string) => ({ settings: { 'authorization.mode': value } });
const port = (value: number) => ({ settings: { readOnlyPort: value } });

cases('drop-ins by version', {
  '1.27 has no --config-dir': [
    { minor: 27, argv: [`--config-dir=${DIRECTORY}`] },
    { error: /unknown flag: --config-dir/ },
  ],
  '1.28 needs the environment variable': [
    { minor: 28, argv: [`--config-dir=${DIRECTORY}`] },
    { error: /KUBELET_CONFIG_DROPIN/ },
  ],
  '1.29 needs the environment variable': [
    { minor: 29, argv: [`--config-dir=${DIRECTORY}`] },
    { error: /KUBELET_CONFIG_DROPIN/ },
  ],
  '1.30 does not need it': [{ minor: 30, config: '', dropIns: ['rotateCertificates: true\n'] }, on],
  '1.32 does not need it': [{ minor: 32, config: '', dropIns: ['rotateCertificates: true\n'] }, on],
  '1.28 merges defaults of drop-ins, too': [
    { minor: 28, config: 'podPidsLimit: 9\neventRecordQPS: 9\n', dropIns: ['eventRecordQPS: 8\n'] },
    { settings: { podPidsLimit: -1, eventRecordQPS: 8 } },
  ],
  '1.29 patches the names of the Go type': [
    { minor: 29, config: 'rotateCertificates: true\n', dropIns: ['RotateCertificates: false\n'] },
    off,
  ],
  '1.31 patches the names of the Go type': [
    { minor: 31, config: 'rotateCertificates: true\n', dropIns: ['RotateCertificates: false\n'] },
    off,
  ],
  '1.32 patches the names of v1beta1, and defaults again': [
    { minor: 32, config: 'streamingConnectionIdleTimeout: 5m\n', dropIns: ['streamingConnectionIdleTimeout: 0s\n'] },
    { settings: { streamingConnectionIdleTimeout: '4h0m0s' } },
  ],
  '1.29 leaves a zero duration': [
    { minor: 29, config: '', dropIns: ['streamingConnectionIdleTimeout: 0s\n'] },
    { settings: { streamingConnectionIdleTimeout: '0s' } },
  ],
  'gates of drop-ins add to those of the file in 1.28': [
    {
      minor: 28,
      config: 'featureGates: {RotateKubeletServerCertificate: false}\n',
      dropIns: ['featureGates: {MemoryQoS: true}\n'],
    },
    { settings: { featureGates: { RotateKubeletServerCertificate: false, MemoryQoS: true } } },
  ],
  'false over true is ignored in 1.28': [{ minor: 28, ...rotate }, on],
  'false over true is applied in 1.29': [{ minor: 29, ...rotate }, off],
  'false over true is applied in 1.31': [{ minor: 31, ...rotate }, off],
  'false over true is applied in 1.32': [{ minor: 32, ...rotate }, off],
  'null is ignored in 1.28': [{ minor: 28, ...nulled }, port(7)],
  'null has no effect in 1.29': [{ minor: 29, ...nulled }, port(7)],
  'null deletes in 1.32, the default returns': [{ minor: 32, ...nulled }, port(0)],
  'a null object deletes all of it in 1.32': [
    { minor: 32, config: 'authentication: {webhook: {enabled: false}}\n', dropIns: ['authentication: null\n'] },
    { settings: { 'authentication.webhook.enabled': true } },
  ],
  'an unmentioned authorization mode is reset in 1.28': [{ minor: 28, ...silent }, mode('Webhook')],
  'an unmentioned authorization mode is kept in 1.29': [{ minor: 29, ...silent }, mode('AlwaysAllow')],
  'an unmentioned authorization mode is kept in 1.32': [{ minor: 32, ...silent }, mode('AlwaysAllow')],
  'a missing apiVersion is fatal in 1.28': [headless(28, noVersion), { error: /apiVersion is missing/ }],
  'a missing apiVersion is accepted in 1.29': [headless(29, noVersion), on],
  'a missing apiVersion is fatal in 1.32': [headless(32, noVersion), { error: /apiVersion is missing/ }],
  'a missing kind is fatal in 1.28': [headless(28, noKind), { error: /kind is missing/ }],
  'a missing kind is fatal in 1.29': [headless(29, noKind), { error: /kind is missing/ }],
  'a missing kind is fatal in 1.32': [headless(32, noKind), { error: /kind is missing/ }],
  'another kind is accepted in 1.31': [headless(31, 'apiVersion: v1\nkind: ConfigMap\nrotateCertificates: true\n'), on],
  'another kind is fatal in 1.32': [headless(32, 'apiVersion: v1\nkind: ConfigMap\n'), { error: /apiVersion must be/ }],
  'duplicate keys are lenient in 1.28': [{ minor: 28, ...twice }, on],
  'duplicate keys are fatal in 1.29': [{ minor: 29, ...twice }, { error: /stands twice/ }],
  'duplicate keys are fatal in 1.32': [{ minor: 32, ...twice }, { error: /stands twice/ }],
  'duplicate keys are fatal in JSON, too': [
    headless(32, '{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","a":{"b":1,"b":2}}'),
    { error: /stands twice/ },
  ],
  'an override of a merged key is a duplicate': [
    { config: '', dropIns: ['authorization:\n  <<: {mode: AlwaysAllow}\n  mode: Webhook\n'] },
    { error: /stands twice/ },
  ],
});

cases('drop-in details', {
  'from 1.32 on no drop-in takes away a gate of the file that does not exist': [
    {
      config: 'featureGates: {RotateKubeletClientCertificate: true}\n',
      dropIns: ['featureGates: {RotateKubeletClientCertificate: null}\n'],
    },
    { error: /panic: .*unrecognized feature gate: RotateKubeletClientCertificate/ },
  ],
  'a null of a gate that nobody set is nothing': [
    { config: '', dropIns: ['featureGates: {RotateKubeletServerCertificate: null}\n'] },
    { settings: { featureGates: {} }, gates: { RotateKubeletServerCertificate: true } },
  ],
  'a gate that one drop-in adds, another may take away': [
    {
      config: '',
      dropIns: [
        'featureGates: {RotateKubeletClientCertificate: true}\n',
        'featureGates: {RotateKubeletClientCertificate: null}\n',
      ],
    },
    { settings: { featureGates: {} } },
  ],
  'an empty endpoint of a drop-in stays empty before 1.32': [
    { minor: 31, config: '', dropIns: ['containerRuntimeEndpoint: ""\n'] },
    { error: /the containerRuntimeEndpoint was not specified or empty/ },
  ],
  'the largest podPidsLimit of the file survives the merge': [
    { minor: 31, config: 'podPidsLimit: 9223372036854775807\n', dropIns: ['readOnlyPort: 7\n'] },
    { settings: { podPidsLimit: Number(2n ** 63n - 1n), readOnlyPort: 7 } },
  ],
  'integers below the smallest int64 do not': [
    { config: '', dropIns: ['podPidsLimit: -9223372036854775809\n'] },
    { error: /podPidsLimit of type int64/ },
  ],
  'keys match in any case from 1.29 on': [{ minor: 29, config: '', dropIns: ['rotatecertificates: true\n'] }, on],
  'keys match exactly in 1.28': [{ minor: 28, config: '', dropIns: ['rotatecertificates: true\n'] }, off],
  'of several cases, before 1.32, that of the Go type is another': [
    { minor: 31, config: 'rotateCertificates: true\n', dropIns: ['ROTATECERTIFICATES: false\n'] },
    on,
  ],
  'before 1.32 initials have the case of the Go type': [
    { minor: 31, config: 'tlsCertFile: /a\n', dropIns: ['TLSCertFile: /b\n'] },
    { settings: { tlsCertFile: '/b' } },
  ],
  'of several cases the last in byte order wins': [
    { config: 'rotateCertificates: true\n', dropIns: ['ROTATECERTIFICATES: false\n'] },
    on,
  ],
  'an empty drop-in is fatal': [headless(32, ''), { error: /z\.conf, error: it is empty/ }],
  'a list is fatal': [headless(32, '[]\n'), { error: /expected an object, found array/ }],
  'wrong types are fatal after the merge': [
    { config: '', dropIns: ['rotateCertificates: "true"\n'] },
    { error: /rotateCertificates of type bool \(\/etc\/kubelet\.d\/a\.conf\)/ },
  ],
  'a wrong type that is overridden is not': [
    { config: '', dropIns: ['rotateCertificates: "true"\n', 'rotateCertificates: true\n'] },
    on,
  ],
  'numbers are normalised before the merge': [
    headless(32, '{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","readOnlyPort":1e1}'),
    port(10),
  ],
  'gates of drop-ins merge by key': [
    { config: 'featureGates: {AllBeta: true}\n', dropIns: ['featureGates: {RotateKubeletServerCertificate: false}\n'] },
    { settings: { featureGates: { AllBeta: true, RotateKubeletServerCertificate: false } } },
  ],
  'a negative podPidsLimit is -1 in a drop-in, too': [
    { config: '', dropIns: ['podPidsLimit: -7\n'] },
    { settings: { podPidsLimit: -1 } },
  ],
  'a negative podPidsLimit stays in 1.29': [
    { minor: 29, config: '', dropIns: ['podPidsLimit: -7\n'] },
    { settings: { podPidsLimit: -7 } },
  ],
  'nulls take gates away from 1.32 on': [
    { config: 'featureGates: {AllBeta: true, AllAlpha: true}\n', dropIns: ['featureGates: {AllBeta: null}\n'] },
    { settings: { featureGates: { AllAlpha: true } } },
  ],
  'nulls take no gates away before': [
    {
      minor: 31,
      config: 'featureGates: {AllBeta: true, AllAlpha: true}\n',
      dropIns: ['FeatureGates: {AllBeta: null}\n', 'FeatureGates: null\n'],
    },
    { settings: { featureGates: { AllBeta: true, AllAlpha: true } } },
  ],
  'a null item keeps what stood at its place in 1.29': [
    { minor: 29, config: 'tlsCipherSuites: [A, B]\n', dropIns: ['tlsCipherSuites: [~]\n'] },
    { settings: { tlsCipherSuites: ['A'] } },
  ],
  'resolvConf has no such name in the Go type of 1.29': [{ minor: 29, config: '', dropIns: ['resolvConf: 1\n'] }, off],
  'resolvConf is text in 1.32': [{ config: '', dropIns: ['resolvConf: 1\n'] }, { error: /resolvConf of type string/ }],
  'lists are replaced': [
    { config: 'tlsCipherSuites: [A]\n', dropIns: ['tlsCipherSuites: [B]\n'] },
    { settings: { tlsCipherSuites: ['B'] } },
  ],
  'an empty list is ignored in 1.28': [
    { minor: 28, config: 'tlsCipherSuites: [A]\n', dropIns: ['tlsCipherSuites: []\n'] },
    { settings: { tlsCipherSuites: ['A'] } },
  ],
  'relative paths are those of the drop-in in 1.28': [
    { minor: 28, config: '', dropIns: ['tlsCertFile: a.crt\n'] },
    { settings: { tlsCertFile: '/etc/kubelet.d/a.crt' } },
  ],
  'relative paths stay relative from 1.29 on': [
    { minor: 29, config: '', dropIns: ['tlsCertFile: a.crt\n'] },
    { settings: { tlsCertFile: 'a.crt' } },
  ],
});

const walked = (files: FileEvidence[]): Case => ({ config: 'readOnlyPort: 1\n', dropIns: [], files });
const sets = (path: string, value: number, rest: Partial<FileEvidence> = {}): FileEvidence => ({
  ...dropIn(path, `${HEAD}readOnlyPort: ${value}\n`),
  ...rest,
});
cases('drop-in discovery', {
  'only *.conf counts': [walked([sets(`${DIRECTORY}/a.yaml`, 2), sets(`${DIRECTORY}/conf`, 3)]), port(1)],
  'the suffix is case-sensitive': [walked([sets(`${DIRECTORY}/a.CONF`, 2)]), port(1)],
  'dotfiles count': [walked([sets(`${DIRECTORY}/.conf`, 2)]), port(2)],
  'the order is that of the names': [
    walked([sets(`${DIRECTORY}/10.conf`, 10), sets(`${DIRECTORY}/9.conf`, 9)]),
    port(9),
  ],
  'subdirectories are walked in their place': [
    walked([sets(`${DIRECTORY}/b.conf`, 3), sets(`${DIRECTORY}/a/z.conf`, 2), sets(`${DIRECTORY}/a.conf`, 4)]),
    port(3),
  ],
  'a directory sorts by its own name': [
    walked([sets(`${DIRECTORY}/a/z.conf`, 2), sets(`${DIRECTORY}/a.conf`, 4)]),
    port(4),
  ],
  'symlinked files are read': [walked([sets(`${DIRECTORY}/a.conf`, 2, { symlink: true })]), port(2)],
  'symlinked directories are not walked, but read': [
    walked([{ path: `${DIRECTORY}/a.conf`, role: 'drop-in', state: 'directory', symlink: true }]),
    { error: /is a directory/ },
  ],
  'directories named *.conf are walked': [
    walked([
      { path: `${DIRECTORY}/a.conf`, role: 'drop-in', state: 'directory' },
      sets(`${DIRECTORY}/a.conf/b.conf`, 2),
    ]),
    port(2),
  ],
  'a dangling symlink is fatal': [
    walked([{ path: `${DIRECTORY}/a.conf`, role: 'drop-in', state: 'missing', symlink: true }]),
    { error: /does not exist/ },
  ],
  'other directories do not count': [walked([sets('/etc/kubelet.d2/a.conf', 2)]), port(1)],
});

test('a missing drop-in directory is fatal', () => {
  const derived = derive(
    kubeletProcess({ argv: ['--config-dir=/gone'], dropInDirectories: [{ path: '/gone', state: 'missing' }] }),
  );
  assert.equal(
    derived.starts === false && derived.error,
    'failed to merge kubelet configs: the drop-in directory /gone does not exist',
  );
});

test('a file for a drop-in directory is read if it is named *.conf', () => {
  const path = '/etc/one.conf';
  const derived = derive(
    kubeletProcess({
      argv: [`--config-dir=${path}`],
      files: [sets(path, 2)],
      dropInDirectories: [{ path, state: 'other' }],
    }),
  );
  assert.equal(derived.starts === true && derived.settings.readOnlyPort.value, 2);
});

const client = 'RotateKubeletClientCertificate';
const server = 'RotateKubeletServerCertificate';
cases('gates', {
  [`${client} is on by default in 1.18`]: [{ minor: 18 }, { gates: { [client]: true } }],
  [`${client} can be turned off in 1.18`]: [
    { minor: 18, argv: [`--feature-gates=${client}=false`] },
    { gates: { [client]: false } },
  ],
  [`${client} is locked from 1.19 on`]: [
    { minor: 19, argv: [`--feature-gates=${client}=false`] },
    { error: /locked to true/ },
  ],
  [`${client} is locked in 1.20`]: [
    { minor: 20, argv: [`--feature-gates=${client}=false`] },
    { error: /locked to true/ },
  ],
  [`${client} may be set to its value in 1.20`]: [
    { minor: 20, argv: [`--feature-gates=${client}=true`] },
    { gates: { [client]: true } },
  ],
  [`${client} is gone in 1.21`]: [
    { minor: 21, argv: [`--feature-gates=${client}=true`] },
    { error: /unrecognized feature gate/ },
  ],
  [`${server} is off by default in 1.11`]: [{ minor: 11 }, { gates: { [server]: false } }],
  [`${server} is on by default in 1.12`]: [{ minor: 12 }, { gates: { [server]: true } }],
  'a label of the name of a gate is none': [
    { minor: 26, argv: ['--node-labels=SeccompDefault=false', '--seccomp-default'] },
    { gates: { SeccompDefault: true } },
  ],
  [`${server} is on by default`]: [{ minor: 36 }, { gates: { [server]: true } }],
  [`${server} can be turned off in 1.36`]: [
    { minor: 36, argv: [`--feature-gates=${server}=F`] },
    { gates: { [server]: false } },
  ],
  'AllBeta=false turns it off': [{ argv: ['--feature-gates=AllBeta=false'] }, { gates: { [server]: false } }],
  'AllBeta=false does not turn off what is set': [
    { argv: [`--feature-gates=AllBeta=false,${server}=true`] },
    { gates: { [server]: true } },
  ],
  'serverTLSBootstrap with the gate off exits': [
    { config: `serverTLSBootstrap: true\nfeatureGates: {${server}: false}\n` },
    { error: /serverTLSBootstrap true requires feature gate RotateKubeletServerCertificate/ },
  ],
  'SeccompDefault is off in 1.24, on in 1.25': [{ minor: 24 }, { gates: { SeccompDefault: false } }],
  'SeccompDefault is on in 1.25': [{ minor: 25 }, { gates: { SeccompDefault: true } }],
  '--seccomp-default needs its gate': [
    { minor: 24, argv: ['--seccomp-default'] },
    { error: /the SeccompDefault feature gate must be enabled/ },
  ],
  'SeccompDefault is locked in 1.27': [
    { minor: 27, argv: ['--feature-gates=SeccompDefault=false'] },
    { error: /locked/ },
  ],
  'SeccompDefault is gone in 1.29': [
    { minor: 29, argv: ['--feature-gates=SeccompDefault=true'] },
    { error: /unrecognized feature gate/ },
  ],
  'a gate in a wrong case exits': [
    { argv: ['--feature-gates=allbeta=true'] },
    { error: /unrecognized feature gate: allbeta/ },
  ],
  'a byte order mark is part of a name': [
    { argv: ['--feature-gates=\ufeffAllBeta=false'] },
    { error: /unrecognized feature gate: \ufeffAllBeta/ },
  ],
  'a gate without a value exits': [
    { argv: ['--feature-gates=AllBeta'] },
    { error: /malformed pair, expect string=bool/ },
  ],
  'spaces around gates are dropped': [
    { argv: [`--feature-gates= ${server} = false ,`] },
    { gates: { [server]: false } },
  ],
});

test('OpenShift’s kubelets only warn about gates that they do not know', async (t) => {
  for (const gate of [`${client}=true`, 'SeccompDefault=true', 'allbeta=true']) {
    const argv = [`--feature-gates=${gate}`];
    for (const version of ['v1.32.1', 'v1.32.1+k3s1', 'v1.32.1+rke2r1', 'v1.32.1-eks-473151a']) {
      await t.test(`${version} exits over ${gate}`, () =>
        assert.equal(derive(kubeletProcess({ version, argv })).starts, false),
      );
    }
    await t.test(`v1.32.1+f67aeb3 notes ${gate}`, () => {
      const derived = derive(kubeletProcess({ version: 'v1.32.1+f67aeb3', argv }));
      assert.equal(derived.starts, true);
      assert.match(derived.notes.join('\n'), new RegExp(`not judged here: .*${gate.split('=')[0]}`));
    });
  }
  await t.test('they exit over a locked one', () => {
    const argv = ['--feature-gates=SeccompDefault=false'];
    assert.equal(derive(kubeletProcess({ version: 'v1.27.6+f67aeb3', argv })).starts, false);
  });
});

test('Google’s kubelets have flags of their own', () => {
  const argv = ['--pod-sysctls=net.core.somaxconn=1024', '--read-only-port=0'];
  const derived = derive(kubeletProcess({ version: 'v1.32.3-gke.1440000', argv }));
  assert.equal(derived.starts, true);
  assert.deepEqual(derived.notes, ['flags that are not known here were left out: pod-sysctls']);
  assert.equal(derive(kubeletProcess({ version: 'v1.32.3', argv })).starts, false);
});

test('before 1.24 other gates are not judged, but noted', () => {
  const derived = derive(kubeletProcess({ version: 'v1.23.4', argv: ['--feature-gates=NoSuchGate=true'] }));
  assert.equal(derived.starts, true);
  assert.deepEqual(derived.notes, ['feature gates that are not judged here: NoSuchGate']);
});

test('a file may ask for the default thresholds beside its own, from 1.33 on; drop-ins come too late', () => {
  const config = 'mergeDefaultEvictionSettings: true\nevictionHard: {memory.available: 5%}\n';
  const merged = {
    'imagefs.available': '15%',
    'imagefs.inodesFree': '5%',
    'memory.available': '5%',
    'nodefs.available': '10%',
    'nodefs.inodesFree': '5%',
  };
  check({ minor: 33, config }, { settings: { evictionHard: merged } });
  check({ minor: 32, config }, { settings: { evictionHard: { 'memory.available': '5%' } } });
  const dropIns = ['evictionHard: {pid.available: 9%}\n'];
  check({ minor: 33, config, dropIns }, { settings: { evictionHard: { ...merged, 'pid.available': '9%' } } });
  check(
    { minor: 33, config: '', dropIns: ['mergeDefaultEvictionSettings: true\nevictionHard: null\n'] },
    {
      settings: { evictionHard: null },
    },
  );
});

test('flags of libraries take the argument after them when the kubelet reads its arguments again', () => {
  const argv = ['--enable-load-reader', '--max-pods=7'];
  check({ minor: 34, argv }, { settings: { maxPods: 7 } });
  check({ minor: 34, argv, config: '' }, { settings: { maxPods: 110 } });
  check({ minor: 34, argv: argv.toReversed(), config: '' }, { error: /^flag needs an argument: --enable-load-reader/ });
});

test('headers of a static pod address are lists of texts by name', () => {
  const given = (text: string) => ({ config: `staticPodURLHeader: ${text}\n` });
  check(given('{A: [b, null]}'), { settings: { staticPodURLHeader: { A: ['b', ''] } } });
  check(given('{A: b}'), {
    error: /cannot unmarshal string into Go struct field .*staticPodURLHeader of type \[\]string$/,
  });
  check(given('[]'), { error: /cannot unmarshal array into .*staticPodURLHeader of type map\[string\]\[\]string$/ });
  check(
    { argv: ['--manifest-url-header=A:b', '--manifest-url-header=A:c,D: e '] },
    { settings: { staticPodURLHeader: { A: ['b', 'c'], D: ['e'] } } },
  );
});

test('what depends on other settings is decided where the kubelet decides it', () => {
  check({ config: 'nodeStatusUpdateFrequency: 20s\n' }, { settings: { nodeStatusReportFrequency: '20s' } });
  check(
    { argv: ['--node-status-update-frequency=20s'], config: '' },
    { settings: { nodeStatusReportFrequency: '5m0s' } },
  );
  check({ config: 'maxParallelImagePulls: 3\n' }, { settings: { serializeImagePulls: false } });
  check(
    { config: '', dropIns: ['maxParallelImagePulls: 3\n'] },
    { error: /maxParallelImagePulls cannot be larger than 1/ },
  );
  check(
    { minor: 34, config: 'featureGates: {KubeletCrashLoopBackOffMax: true}\n' },
    {
      settings: { 'crashLoopBackOff.maxContainerRestartPeriod': '5m0s' },
    },
  );
  check({ minor: 35, argv: ['--feature-gates=KubeletCrashLoopBackOffMax=false'] }, { error: /must not be set/ });
  check(
    { minor: 30, config: 'logging: {options: {json: {splitStream: true}}}\n' },
    {
      settings: { 'logging.options.json.splitStream': false },
    },
  );
});

// Asked of the kubelets 1.25, 1.26, 1.28, 1.31 and 1.36.
test('an empty --reserved-memory leaves what was said before, and refuses any after it', () => {
  const [empty, one] = ['--reserved-memory=', '--reserved-memory=0:memory=1Gi'];
  const refusal =
    /invalid argument .* for "--reserved-memory" flag: no target \(nil pointer to \*\[\]MemoryReservation/;
  check({ argv: [one, empty] }, { settings: { reservedMemory: [{ numaNode: 0, limits: { memory: '1Gi' } }] } });
  check({ argv: [empty, one] }, { error: refusal });
  check({ argv: [empty, empty] }, { error: refusal });
});
