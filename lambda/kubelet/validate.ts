/** Values with which the kubelet exits although it could read them. Tested by test/kubelet/agreement.test.ts. */

import { parseBool, trimSpace } from '../go/literals.ts';
import { Exit, quote } from '../go/outcome.ts';
import type { FlagUse } from './arguments.ts';
import type { GateName, Setting } from './configuration.ts';
import type { Layers } from './layers.ts';
import type { Rules } from './version.ts';

/** Inclusive ranges. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  readOnlyPort: [0, 65_535],
  port: [1, 65_535],
  healthzPort: [0, 65_535],
  eventRecordQPS: [0, Infinity],
  eventBurst: [0, Infinity],
  nodeLeaseDurationSeconds: [1, Infinity],
  registryPullQPS: [0, Infinity],
  registryBurst: [0, Infinity],
  oomScoreAdj: [-1000, 1000],
  imageGCHighThresholdPercent: [0, 100],
  imageGCLowThresholdPercent: [0, 100],
  maxPods: [0, Infinity],
  maxOpenFiles: [0, Infinity],
  nodeStatusMaxImages: [-1, Infinity],
  kubeAPIQPS: [0, Infinity],
  kubeAPIBurst: [0, Infinity],
  podsPerCore: [0, Infinity],
  iptablesMasqueradeBit: [0, 31],
  iptablesDropBit: [0, 31],
};

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  hairpinMode: ['none', 'hairpin-veth', 'promiscuous-bridge'],
  topologyManagerPolicy: ['none', 'best-effort', 'restricted', 'single-numa-node'],
};

/**
 * Throws Exit for the first value out of bounds.
 * Source: kubernetes pkg/kubelet/apis/config/validation/validation.go, the checks that all of 1.20 to 1.36 have.
 */
export function validate(layers: Layers, gates: Partial<Record<GateName, Setting<boolean>>>): void {
  for (const [path, [least, most]] of Object.entries(RANGES)) {
    const value = layers.get(path)?.value;
    if (typeof value === 'number' && (value < least || value > most)) {
      const bounds = most === Infinity ? `at least ${least}` : `between ${least} and ${most}`;
      throw new Exit(`${path} must be ${bounds}, found ${value}${origin(layers, path)}`);
    }
  }
  for (const [path, choices] of Object.entries(CHOICES)) {
    const value = layers.get(path)?.value;
    if (typeof value === 'string' && !choices.includes(value)) {
      throw new Exit(`${path} must be one of ${choices.join(', ')}, found ${quote(value)}${origin(layers, path)}`);
    }
  }
  if (layers.get('containerRuntimeEndpoint')?.value === '') {
    throw new Exit(`containerRuntimeEndpoint must not be empty${origin(layers, 'containerRuntimeEndpoint')}`);
  }
  const high = Number(layers.get('imageGCHighThresholdPercent')?.value);
  const low = Number(layers.get('imageGCLowThresholdPercent')?.value);
  if (low >= high)
    throw new Exit(`imageGCLowThresholdPercent ${low} must be less than imageGCHighThresholdPercent ${high}`);
  if (layers.get('serverTLSBootstrap')?.value === true && gates.RotateKubeletServerCertificate?.value === false) {
    throw new Exit(
      `serverTLSBootstrap is true${origin(layers, 'serverTLSBootstrap')} but feature gate RotateKubeletServerCertificate is off`,
    );
  }
}

/**
 * Values that pass the validation, but with which the kubelet exits while it sets up its server.
 * Source: kubernetes cmd/kubelet/app/auth.go, BuildAuthz; cmd/kubelet/app/server.go, InitializeTLS.
 */
export function lateProblems(layers: Layers, isStandalone: boolean): string[] {
  const problems: string[] = [];
  for (const [path, accepted] of Object.entries(ACCEPTED_LATER)) {
    const value = layers.get(path)?.value;
    if (typeof value !== 'string' || accepted.includes(value)) continue;
    problems.push(`${path} ${quote(value)}${origin(layers, path)} makes the kubelet exit when it sets up its server`);
  }
  for (const [path, asks] of isStandalone ? Object.entries(ASKS_API_SERVER) : []) {
    if (layers.get(path)?.value !== asks) continue;
    problems.push(
      `${path} ${asks}${origin(layers, path)} makes a kubelet without --kubeconfig exit when it sets up its server`,
    );
  }
  return problems;
}

const ACCEPTED_LATER: Readonly<Record<string, readonly string[]>> = {
  'authorization.mode': ['AlwaysAllow', 'Webhook'],
  tlsMinVersion: ['', 'VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'],
};

/** What a kubelet without an API server cannot do. Source: kubernetes cmd/kubelet/app/auth.go, BuildAuthn and BuildAuthz. */
const ASKS_API_SERVER: Readonly<Record<string, true | string>> = {
  'authentication.webhook.enabled': true,
  'authorization.mode': 'Webhook',
};

function origin(layers: Layers, path: string): string {
  const where = layers.get(path)?.source.where;
  return where === undefined ? '' : ` (${where})`;
}

/**
 * Throws Exit for flags that the kubelet refuses together.
 * Source: kubernetes cmd/kubelet/app/options/options.go, ValidateKubeletFlags.
 */
export function validateFlags(uses: readonly FlagUse[], rules: Rules, seccompGate: Setting<boolean> | undefined): void {
  const last = (name: string) => uses.findLast((use) => use.name === name)?.value;
  if (seccompGate?.value === false && parseBool(last('seccomp-default') ?? '') === true) {
    throw new Exit('--seccomp-default needs the feature gate SeccompDefault, which is off');
  }
  refuseLabels(
    uses.filter(({ name }) => name === 'node-labels').map(({ value }) => value),
    rules,
  );
  const { minor } = rules;
  if (minor < 24 || minor > 26) return;
  const runtime = last('container-runtime') ?? 'remote';
  if (runtime !== 'remote')
    throw new Exit(`--container-runtime must be remote in kubelet 1.${minor}, found ${quote(runtime)}`);
  if ((last('container-runtime-endpoint') ?? '') === '') {
    throw new Exit(`kubelet 1.${minor} needs --container-runtime-endpoint`);
  }
}

/** Labels of Kubernetes that a kubelet may set on its own node (k8s.io/kubelet/pkg/apis/well_known_labels.go). */
const KUBELET_LABELS = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]);

/** The key and value of a label (k8s.io/apimachinery/pkg/util/validation, IsQualifiedName and IsValidLabelValue). */
const LABEL = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** Older kubelets only warned (kubernetes/enhancements, KEP-279, bounding self-labeling kubelets). */
const LABELS_REFUSED_SINCE = 16;

/** OpenShift's kubelets may claim a role for their node (openshift/kubernetes, ValidateKubeletFlags). */
const OPENSHIFT_LABEL = /^node-role\.kubernetes\.io\//;

function refuseLabels(lists: readonly string[], { version, openshift }: Rules): void {
  // A kubelet of unknown version may be an old one, or OpenShift's.
  if (!version.known || version.minor < LABELS_REFUSED_SINCE) return;
  const items = lists.flatMap((list) => list.split(',')).filter((item) => item !== '');
  // A label given twice has its last value (ConfigurationMap.Set).
  const labels = new Map(
    items.map((item): [string, string] => {
      const equals = item.indexOf('=');
      return equals === -1
        ? [trimSpace(item), '']
        : [trimSpace(item.slice(0, equals)), trimSpace(item.slice(equals + 1))];
    }),
  );
  for (const name of labels.keys()) {
    const namespace = name.includes('/') ? name.slice(0, name.indexOf('/')) : '';
    const reserved = /(?:^|\.)(?:kubernetes|k8s)\.io$/.test(namespace);
    if (openshift && OPENSHIFT_LABEL.test(name)) continue;
    if (reserved && !KUBELET_LABELS.has(name) && !/(?:^|\.)(?:kubelet|node)\.kubernetes\.io$/.test(namespace)) {
      throw new Exit(`--node-labels may not set ${quote(name)}: kubelets may not claim this label of Kubernetes`);
    }
  }
  for (const [name, value] of labels) {
    const slash = name.indexOf('/');
    const qualified = LABEL.test(name.slice(slash + 1)) && (slash === -1 || SUBDOMAIN.test(name.slice(0, slash)));
    if (!qualified || (value !== '' && !LABEL.test(value))) {
      throw new Exit(`--node-labels has no valid label in ${quote(`${name}=${value}`)}`);
    }
  }
}
