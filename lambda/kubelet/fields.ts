/**
 * The fields whose values are followed from the defaults through all layers to the result.
 * Tested by test/kubelet/sources.test.ts.
 */
import type { SettingPath } from './configuration.ts';
import { type Fields, type FieldType, KUBELET_CONFIGURATION } from './schema.ts';

/** A value inside the derivation; feature gates are a Map, so that no name can touch a prototype. */
export type Value = boolean | number | string | readonly string[] | ReadonlyMap<string, boolean>;

export type Field = {
  path: string;
  flag: string;
  /** What SetDefaults_KubeletConfiguration gives (pkg/kubelet/apis/config/v1beta1/defaults.go). */
  fallback: Value;
  /** Without a config file: applyLegacyDefaults (cmd/kubelet/app/options/options.go). */
  legacy?: Value;
};

const SETTINGS = {
  rotateCertificates: { flag: 'rotate-certificates', fallback: false },
  serverTLSBootstrap: { flag: 'rotate-server-certificates', fallback: false },
  readOnlyPort: { flag: 'read-only-port', fallback: 0, legacy: 10255 },
  'authentication.anonymous.enabled': { flag: 'anonymous-auth', fallback: false, legacy: true },
  'authentication.webhook.enabled': { flag: 'authentication-token-webhook', fallback: true, legacy: false },
  'authentication.x509.clientCAFile': { flag: 'client-ca-file', fallback: '' },
  'authorization.mode': { flag: 'authorization-mode', fallback: 'Webhook', legacy: 'AlwaysAllow' },
  tlsCertFile: { flag: 'tls-cert-file', fallback: '' },
  tlsPrivateKeyFile: { flag: 'tls-private-key-file', fallback: '' },
  tlsCipherSuites: { flag: 'tls-cipher-suites', fallback: [] },
  tlsMinVersion: { flag: 'tls-min-version', fallback: '' },
  streamingConnectionIdleTimeout: { flag: 'streaming-connection-idle-timeout', fallback: '4h0m0s' },
  makeIPTablesUtilChains: { flag: 'make-iptables-util-chains', fallback: true },
  eventRecordQPS: { flag: 'event-qps', fallback: 50 },
  podPidsLimit: { flag: 'pod-max-pids', fallback: -1 },
  protectKernelDefaults: { flag: 'protect-kernel-defaults', fallback: false },
  featureGates: { flag: 'feature-gates', fallback: new Map() },
  seccompDefault: { flag: 'seccomp-default', fallback: false },
} satisfies Record<SettingPath, Omit<Field, 'path'>>;

/** Fields that no control speaks of, but whose value can make the kubelet exit (validate.ts). */
const VALIDATED = {
  port: { flag: 'port', fallback: 10250 },
  healthzPort: { flag: 'healthz-port', fallback: 10248 },
  nodeLeaseDurationSeconds: { flag: '', fallback: 40 },
  registryPullQPS: { flag: 'registry-qps', fallback: 5 },
  registryBurst: { flag: 'registry-burst', fallback: 10 },
  eventBurst: { flag: 'event-burst', fallback: 100 },
  oomScoreAdj: { flag: 'oom-score-adj', fallback: -999 },
  imageGCHighThresholdPercent: { flag: 'image-gc-high-threshold', fallback: 85 },
  imageGCLowThresholdPercent: { flag: 'image-gc-low-threshold', fallback: 80 },
  maxPods: { flag: 'max-pods', fallback: 110 },
  maxOpenFiles: { flag: 'max-open-files', fallback: 1_000_000 },
  nodeStatusMaxImages: { flag: 'node-status-max-images', fallback: 50 },
  kubeAPIQPS: { flag: 'kube-api-qps', fallback: 50 },
  kubeAPIBurst: { flag: 'kube-api-burst', fallback: 100 },
  podsPerCore: { flag: 'pods-per-core', fallback: 0 },
  iptablesMasqueradeBit: { flag: 'iptables-masquerade-bit', fallback: 14 },
  iptablesDropBit: { flag: 'iptables-drop-bit', fallback: 15 },
  hairpinMode: { flag: 'hairpin-mode', fallback: 'promiscuous-bridge' },
  topologyManagerPolicy: { flag: 'topology-manager-policy', fallback: 'none' },
  containerRuntimeEndpoint: {
    flag: 'container-runtime-endpoint',
    fallback: 'unix:///run/containerd/containerd.sock',
  },
} satisfies Record<string, Omit<Field, 'path'>>;

const WITH_PATHS = (fields: Record<string, Omit<Field, 'path'>>): Field[] =>
  Object.entries(fields).map(([path, field]) => ({ ...field, path }));

export const SETTING_PATHS = Object.keys(SETTINGS) as SettingPath[];

const FIELDS: readonly Field[] = [...WITH_PATHS(SETTINGS), ...WITH_PATHS(VALIDATED)];

/**
 * Up to 1.26 the kubelet sent at most 5 events a second (1.27 release notes; kubernetes PR 116121), and its runtime's
 * endpoint was a flag only.
 */
const FIELDS_UNTIL_26 = FIELDS.filter(({ path }) => path !== 'containerRuntimeEndpoint').map((field) =>
  field.path === 'eventRecordQPS' ? { ...field, fallback: 5 } : field,
);

export function fieldsOf(minor: number): readonly Field[] {
  return minor <= 26 ? FIELDS_UNTIL_26 : FIELDS;
}

const TYPES = new Map(FIELDS.map(({ path }): [string, FieldType] => [path, typeAt(path)]));

function typeAt(path: string): FieldType {
  let type: Fields[string] | undefined = KUBELET_CONFIGURATION;
  for (const name of path.split('.')) type = (type as Fields)[name];
  return type as FieldType;
}

/** Zero is a value of its own for pointers; elsewhere the kubelet cannot tell it from absence. */
export function isPointer(path: string): boolean {
  return TYPES.get(path)?.startsWith('*') ?? false;
}

/** Go's zero value of a field; durations stand as text here. */
export function isZero(path: string, value: Value): boolean {
  if (value instanceof Map) return value.size === 0;
  if (Array.isArray(value)) return value.length === 0;
  if (value === '0s') return TYPES.get(path) === 'Duration';
  return value === false || value === 0 || value === '';
}
