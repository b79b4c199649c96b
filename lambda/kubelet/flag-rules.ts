/**
 * What the kubelet refuses of flags that have no setting.
 * Source: kubernetes cmd/kubelet/app/options/options.go, ValidateKubeletFlags, 1.24 to 1.37.
 * Tested by test/kubelet/facts.test.ts.
 */
import { nameProblems, valueProblems } from '../go/names.ts';
import { Exit } from '../go/outcome.ts';
import { goQuote } from '../go/quoting.ts';
import type { FlagUse } from './arguments.ts';
import { type GateValues, isOn, LAST_WITH_SECCOMP_GATE } from './gates.ts';
import type { Rules } from './version.ts';

/** Labels of Kubernetes that a kubelet may set on its own node (k8s.io/kubelet/pkg/apis/well_known_labels.go). */
const KUBELET_LABELS = [
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'kubernetes.io/arch',
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
];

const ALLOWED =
  "--node-labels in the 'kubernetes.io' namespace must begin with an allowed prefix (kubelet.kubernetes.io, node.kubernetes.io)" +
  ` or be in the specifically allowed set (${KUBELET_LABELS.join(', ')})`;

/** Older kubelets only warned (kubernetes/enhancements, KEP-279, bounding self-labeling kubelets). */
const LABELS_REFUSED_SINCE = 16;

/** Since then names and values are looked at too. */
const LABELS_CHECKED_SINCE = 25;

/** OpenShift's kubelets may claim a role for their node (openshift/kubernetes, ValidateKubeletFlags). */
const OPENSHIFT_LABEL = /^node-role\.kubernetes\.io\//;

/** Throws Exit for flags that the kubelet refuses. */
export function validateFlags(uses: readonly FlagUse[], gates: GateValues, rules: Rules): void {
  refuseLabels(uses, rules);
  const { minor } = rules;
  const last = (name: string) => uses.findLast((use) => use.name === name);
  const seccomp = last('seccomp-default');
  if (minor <= LAST_WITH_SECCOMP_GATE && seccomp?.value === true && !isOn('SeccompDefault', gates, rules)) {
    throw refused(
      'the SeccompDefault feature gate must be enabled in order to use the --seccomp-default flag',
      seccomp,
    );
  }
  if (minor < 24 || minor > 26) return;
  const runtime = last('container-runtime');
  if (runtime !== undefined && runtime.value !== 'remote') {
    throw refused(`unsupported CRI runtime: ${goQuote(runtime.text)}, only "remote" is currently supported`, runtime);
  }
  const endpoint = last('container-runtime-endpoint');
  // Only 1.26 insists on it: before, the kubelet waits for a default one; after, it has a default.
  if (minor === 26 && (endpoint?.value ?? '') === '') {
    throw refused(
      'the container runtime endpoint address was not specified or empty, use --container-runtime-endpoint to set',
      endpoint,
    );
  }
}

function refused(message: string, use: FlagUse | undefined): Exit {
  const about = use === undefined ? [] : [{ where: { kind: 'flag', where: use.written } as const }];
  return new Exit(`failed to validate kubelet flags: ${message}`, { stage: 'flags', about });
}

function refuseLabels(uses: readonly FlagUse[], { version, openshift }: Rules): void {
  // A kubelet of unknown version may be an old one, or OpenShift's.
  if (!version.known || version.minor < LABELS_REFUSED_SINCE) return;
  const own = uses.filter(({ name }) => name === 'node-labels');
  // A label given twice has its last value (ConfigurationMap.Set).
  const labels = new Map(own.flatMap(({ value }) => [...(value as ReadonlyMap<string, string>)]));
  const unknown = [...labels.keys()].filter((name) => isReserved(name) && !(openshift && OPENSHIFT_LABEL.test(name)));
  const holder = (name: string) => own.find(({ value }) => (value as ReadonlyMap<string, string>).has(name));
  const [first] = unknown;
  if (first !== undefined) {
    const names = unknown.toSorted().join(' ');
    throw refused(
      `unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: [${names}]\n${ALLOWED}`,
      holder(first),
    );
  }
  if (version.minor < LABELS_CHECKED_SINCE) return;
  const problems = new Map<string, string[]>();
  const add = (about: string, found: readonly string[]) => {
    if (found.length > 0) problems.set(about, [...(problems.get(about) ?? []), ...found]);
  };
  let bad: string | undefined;
  for (const [name, value] of labels) {
    const before = problems.size;
    add(name, nameProblems(name));
    add(value, valueProblems(value));
    if (bad === undefined && problems.size > before) bad = name;
  }
  if (bad === undefined) return;
  const said = [...problems].map(([about, found]) => `'${about}' - ${found.join(', ')}`);
  throw refused(`invalid node labels: ${said.join('; ')}`, holder(bad));
}

function isReserved(name: string): boolean {
  const slash = name.indexOf('/');
  const namespace = slash === -1 ? '' : name.slice(0, slash);
  if (!/(?:^|\.)(?:kubernetes|k8s)\.io$/.test(namespace) || KUBELET_LABELS.includes(name)) return false;
  return !/(?:^|\.)(?:kubelet|node)\.kubernetes\.io$/.test(namespace);
}
