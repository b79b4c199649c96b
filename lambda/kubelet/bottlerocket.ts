/**
 * The kubelet of Bottlerocket as its settings make it. From the control container, where Run Command works, the host is not
 * seen; but all of the kubelet's files and arguments are made from settings by templates of the image, so what the API says
 * of the settings says what they are, as far as rules speak of it.
 *
 * Source: bottlerocket-os/bottlerocket-core-kit, packages/kubernetes-1.24 to 1.37: kubelet-config, kubelet-exec-start-conf
 * and kubelet-kubeconfig; what changed in them between the kit's versions 2.0 (Bottlerocket 1.21) and 16.3 (1.65) says its
 * CHANGELOG: 3.2.0 (1.27) the cipher suites (#230, #245), 7.0.0 (1.37) swap (#473). failCgroupV1 is that of pull request 792.
 * Settings that came later: 9.1.0 memory-swap-behavior (#541; bottlerocket, issue 4547: 1.42), 10.3.0 static-pods-enabled
 * (#641; bottlerocket, pull request 4628: 1.46).
 * Tested by test/kubelet/bottlerocket.test.ts.
 */
import type { Source } from './configuration.ts';
import type { BottlerocketSettings, Evidence, FileEvidence, KubeconfigShape, KubeletProcess } from './evidence.ts';

/** Minor versions of Bottlerocket 1 and of Kubernetes whose templates were read. */
const RELEASES = { first: 21, last: 65 };
const KUBERNETES = { first: 24, last: 37 };
/** From here on the suites are those of the EKS images, before there is one. */
const FIRST_WITH_SUITES = 27;
/** From here on swap lets the kubelet start (core kit 7.0, #473). */
const FIRST_WITH_SWAP = 37;
/** From here on a kubelet refuses cgroup v1 by itself, and the template lets it run all the same. */
const FIRST_WITH_CGROUP_V1 = 35;
/** From this release of Bottlerocket and these kubelets on it has --config-dir (core kit 10.0, #576 and #613). */
const FIRST_WITH_DROP_INS = { release: 43, kubernetes: 28 };
/** Up to here the template sets the gate. */
const LAST_WITH_GATE = 27;
/** Up to here the template leaves the name to it. */
const LAST_NAMED_BY_AWS = 26;
/** Minor versions of Bottlerocket 1 and of Kubernetes whose templates are the first to have a setting; the others all have. */
const FIRST_WITH: Readonly<Record<string, { release?: number; kubernetes: number }>> = {
  'memory-swap-behavior': { release: 42, kubernetes: 30 },
  'seccomp-default': { kubernetes: 25 },
  'static-pods-enabled': { release: 46, kubernetes: 28 },
};

const SUITES = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
];

const CONFIG = '/etc/kubernetes/kubelet/config';
const KUBECONFIG = '/etc/kubernetes/kubelet/kubeconfig';
const BOOTSTRAP = '/etc/kubernetes/kubelet/bootstrap-kubeconfig';
const AUTHORITY = '/etc/kubernetes/pki/ca.crt';
const OWN_CERTIFICATE = '/var/lib/kubelet/pki/kubelet-client-current.pem';

/** Names below it; the arguments and sources name settings in full. */
const PREFIX = 'settings.kubernetes.';

/** Fields of the file that a setting decides where it is given; the template says the rest. */
const FIELDS: Readonly<Record<string, string>> = {
  allowedUnsafeSysctls: 'allowed-unsafe-sysctls',
  eventRecordQPS: 'event-qps',
  'memorySwap.swapBehavior': 'memory-swap-behavior',
  podPidsLimit: 'pod-pids-limit',
  seccompDefault: 'seccomp-default',
  serverTLSBootstrap: 'server-tls-bootstrap',
  tlsCertFile: 'server-certificate',
  tlsPrivateKeyFile: 'server-certificate',
};
/** Those that one switch decides. */
const OF_STANDALONE: ReadonlySet<string> = new Set([
  'authentication.anonymous.enabled',
  'authentication.webhook.enabled',
  'authorization.mode',
]);

/** Where a field of the file of --config, which is at `where`, comes from: of Bottlerocket's it may be a setting. */
export function sourceIn({ settings }: KubeletProcess, where: string, field: string): Source {
  const named = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  const isStandalone = OF_STANDALONE.has(field) && settings?.['standalone-mode'] === true;
  const setting = isStandalone ? 'standalone-mode' : named;
  return setting === undefined || settings?.[setting] === undefined
    ? { kind: 'file', where }
    : { kind: 'setting', where: `${PREFIX}${setting}` };
}

/** Minor versions of Bottlerocket 1 and of Kubernetes; undefined where it does not say. */
const releaseOf = (settings: BottlerocketSettings) => releaseIn(settings['os.version_id']);
const kubernetesOf = (settings: BottlerocketSettings) => kubernetesIn(settings['os.variant_id']);
const releaseIn = (version: unknown) => minorOf(/^1\.(\d{1,3})(?:\.|$)/, version);
const kubernetesIn = (variant: unknown) => minorOf(/-k8s-1\.(\d{1,3})(?:-|$)/, variant);

/**
 * What is to be had before the templates of this Bottlerocket take up a setting (`seccomp-default`): the first minor version of
 * Bottlerocket 1, or of Kubernetes, whose templates do. Undefined where they do, and where its versions are not known.
 */
export function lacks(
  setting: string,
  { version, variant }: Pick<Evidence['os'], 'version' | 'variant'>,
): { release: number } | { kubernetes: number } | undefined {
  const first = Object.hasOwn(FIRST_WITH, setting) ? FIRST_WITH[setting] : undefined;
  if (first === undefined) return undefined;
  const { release = 0, kubernetes } = first;
  if ((kubernetesIn(variant) ?? kubernetes) < kubernetes) return { kubernetes };
  return (releaseIn(version) ?? release) < release ? { release } : undefined;
}

/** Arguments and files follow from the settings by the templates of another release, for those of this one are not known. */
export function isGuessed({ settings }: KubeletProcess): boolean {
  if (settings === undefined) return false;
  return !(isWithin(releaseOf(settings), RELEASES) && isWithin(kubernetesOf(settings), KUBERNETES));
}

/** Process 0 stands for what Bottlerocket's API said, or did not: nothing of the host was seen. */
export function hidesHost({ pid }: Pick<KubeletProcess, 'pid'>): boolean {
  return pid === 0;
}

/**
 * It is given a serving certificate. Only with the key beside it, which is a secret and not asked for, does its file name both;
 * without, it names none, and server-tls-bootstrap decides. The file is derived as if the key were there.
 */
export function mayServeOwn({ settings }: Pick<KubeletProcess, 'settings'>): boolean {
  return (settings?.['server-certificate'] ?? '') !== '';
}

/** It reads a directory of drop-ins as well, in which nothing that settings.kubernetes says puts a file. */
export function readsUnseen({ settings }: KubeletProcess): boolean {
  if (settings === undefined) return false;
  const [release = 0, kubernetes = 0] = [releaseOf(settings), kubernetesOf(settings)];
  return release >= FIRST_WITH_DROP_INS.release && kubernetes >= FIRST_WITH_DROP_INS.kubernetes;
}

export const UNSEEN_NOTE =
  "drop-ins of /etc/kubernetes/kubelet/config.d were not seen, and override settings: the image's own for the snapshotter soci, or a bootstrap container's";

/** The process with the arguments and files that its settings make; as it is where it was seen itself. */
export function rendered(process: KubeletProcess): KubeletProcess {
  const { settings } = process;
  if (settings === undefined) return process;
  const kubernetes = kubernetesOf(settings);
  const standalone = settings['standalone-mode'] === true;
  return {
    ...process,
    argv: argumentsOf(settings, kubernetes),
    exe: '/usr/bin/kubelet',
    unit: 'kubelet.service',
    ...(kubernetes !== undefined && { version: `v1.${kubernetes}` }),
    files: [
      configOf(settings, releaseOf(settings) ?? RELEASES.last, kubernetes ?? KUBERNETES.last),
      { path: '/usr/lib/systemd/system/kubelet.service', role: 'service', state: 'file' },
      ...(standalone
        ? []
        : ([
            { path: KUBECONFIG, role: 'kubeconfig', state: 'file' },
            { path: AUTHORITY, role: 'client-ca', state: 'file' },
            { path: AUTHORITY, role: 'authority', state: 'file' },
          ] satisfies FileEvidence[])),
    ],
    kubeconfigs: standalone ? [] : [kubeconfigOf(settings)],
  };
}

function minorOf(pattern: RegExp, text: unknown): number | undefined {
  const [, minor] = pattern.exec(String(text ?? '')) ?? [];
  return minor === undefined ? undefined : Number(minor);
}

function isWithin(minor: number | undefined, { first, last }: typeof RELEASES): boolean {
  return minor !== undefined && minor >= first && minor <= last;
}

/** As kubelet-exec-start-conf has them, without those that no rule speaks of. */
function argumentsOf(settings: BottlerocketSettings, kubernetes: number | undefined): string[] {
  const joins = settings['standalone-mode'] !== true;
  // Up to 1.26 the cloud provider of AWS, in the kubelet itself, names the node.
  const isNamed = (kubernetes ?? KUBERNETES.last) <= LAST_NAMED_BY_AWS && settings['cloud-provider'] === 'aws';
  const name = isNamed ? '' : (settings['hostname-override'] ?? '');
  return [
    ...(joins
      ? ['--cloud-provider', String(settings['cloud-provider'] ?? 'external'), '--kubeconfig', KUBECONFIG]
      : ['--cloud-provider', '']),
    ...(joins && settings['authentication-mode'] === 'tls' ? ['--bootstrap-kubeconfig', BOOTSTRAP] : []),
    '--config',
    CONFIG,
    '--container-runtime-endpoint=unix:///run/containerd/containerd.sock',
    '--root-dir',
    '/var/lib/kubelet',
    '--cert-dir',
    '/var/lib/kubelet/pki',
    ...(settings['credential-providers.ecr-credential-provider.enabled'] === true
      ? [
          '--image-credential-provider-bin-dir',
          '/usr/libexec/kubernetes/kubelet/plugins',
          '--image-credential-provider-config',
          '/etc/kubernetes/kubelet/credential-provider-config.yaml',
        ]
      : []),
    ...(name === '' ? [] : ['--hostname-override', String(name)]),
  ];
}

function kubeconfigOf(settings: BottlerocketSettings): KubeconfigShape {
  const mode = settings['authentication-mode'];
  const base: KubeconfigShape = { path: KUBECONFIG, state: 'read', user: 'kubelet', certificateAuthority: AUTHORITY };
  if (mode === 'tls') return { ...base, clientCertificate: OWN_CERTIFICATE, clientKey: OWN_CERTIFICATE };
  if (mode === 'aws' && settings['cluster-name'] !== undefined) {
    return { ...base, exec: { command: '/usr/bin/aws-iam-authenticator' } };
  }
  return base;
}

/** As kubelet-config has it, without fields that no rule speaks of. */
function configOf(settings: BottlerocketSettings, release: number, kubernetes: number): FileEvidence {
  const os = { version: `1.${release}`, variant: `-k8s-1.${kubernetes}` };
  const taken = (setting: string) => (lacks(setting, os) ? undefined : settings[setting]);
  const given = (field: string, fallback?: number | boolean) => {
    const value = taken(FIELDS[field] ?? '') ?? fallback;
    // What JSON writes YAML reads alike.
    return value === undefined ? [] : [`${field}: ${JSON.stringify(value)}`];
  };
  const swap = taken('memory-swap-behavior') ?? '';
  const lines = [
    'kind: KubeletConfiguration',
    'apiVersion: kubelet.config.k8s.io/v1beta1',
    ...(settings['standalone-mode'] === true ? STANDALONE : JOINED),
    ...given('allowedUnsafeSysctls'),
    ...given('eventRecordQPS'),
    ...given('podPidsLimit', 1_048_576),
    'readOnlyPort: 0',
    'cgroupDriver: systemd',
    'cgroupRoot: "/"',
    'protectKernelDefaults: true',
    ...(kubernetes <= LAST_WITH_GATE ? ['featureGates:', '  RotateKubeletServerCertificate: true'] : []),
    ...given('seccompDefault', lacks('seccomp-default', os) ? undefined : false),
    ...(mayServeOwn({ settings }) ? SERVING : given('serverTLSBootstrap')),
    'tlsCipherSuites:',
    ...SUITES.slice(0, release < FIRST_WITH_SUITES ? 1 : undefined).map((suite) => `- ${suite}`),
    ...(release < FIRST_WITH_SWAP ? [] : ['failSwapOn: false']),
    ...(kubernetes < FIRST_WITH_CGROUP_V1 ? [] : ['failCgroupV1: false']),
    ...(swap === '' ? [] : ['memorySwap:', `  swapBehavior: ${JSON.stringify(swap)}`]),
    ...(taken('static-pods-enabled') === false ? [] : ['staticPodPath: "/etc/kubernetes/static-pods/"']),
  ];
  return { path: CONFIG, role: 'config', state: 'file', content: `${lines.join('\n')}\n` };
}

const STANDALONE = [
  'authentication:',
  '  anonymous:',
  '    enabled: true',
  '  webhook:',
  '    enabled: false',
  'authorization:',
  '  mode: AlwaysAllow',
];

const JOINED = [
  'authentication:',
  '  anonymous:',
  '    enabled: false',
  '  webhook:',
  '    cacheTTL: 2m0s',
  '    enabled: true',
  '  x509:',
  `    clientCAFile: "${AUTHORITY}"`,
  'authorization:',
  '  mode: Webhook',
  '  webhook:',
  '    cacheAuthorizedTTL: 5m0s',
  '    cacheUnauthorizedTTL: 30s',
];

const SERVING = [
  'tlsCertFile: "/etc/kubernetes/pki/kubelet-server.crt"',
  'tlsPrivateKeyFile: "/etc/kubernetes/pki/private/kubelet-server.key"',
];
