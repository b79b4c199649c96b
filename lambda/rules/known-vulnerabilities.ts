import { checkSettings } from '../criteria/check-settings.ts';
import type { NodeView, Rule } from '../criteria/rule.ts';
import { fieldOf, isLocal, type Started, stated } from '../criteria/setting.ts';
import { lookUpVersion } from '../criteria/unknown-version.ts';
import { readArguments } from '../kubelet/arguments.ts';
import { isOpenShift, rulesFor } from '../kubelet/version.ts';
import { isEks } from '../platforms/eks.ts';
import { step } from '../platforms/step.ts';

/** Why a vulnerability does or does not apply to this kubelet, as it is configured. */
type Condition = { applies: boolean; because: string };

type Vulnerability = {
  id: string;
  /** What whoever uses it gains. */
  gain: string;
  /** The last affected patch of each minor; a minor that is not named is not affected, unless it is older than `before`. */
  last: Readonly<Record<number, number>>;
  /** Every patch of minors before this one is affected. */
  before?: number;
  /** Absent: the version alone decides. */
  condition?: (node: NodeView, configuration: Started) => Condition;
  /** The announcement of the Kubernetes project. */
  source: string;
};

const issue = (number: number) => `https://github.com/kubernetes/kubernetes/issues/${number}`;

/** Only those of the kubelet on Linux whose conditions the evidence can decide. */
const VULNERABILITIES: readonly Vulnerability[] = [
  {
    id: 'CVE-2025-0426',
    gain: 'anyone who reaches the read-only port can fill the disk by checkpoints, where the container runtime can make them',
    last: { 30: 9, 31: 5, 32: 1 },
    condition: (_, { settings }) => {
      if (settings.readOnlyPort.value === 0)
        return { applies: false, because: stated('readOnlyPort', settings.readOnlyPort) };
      const off = gateOf(settings.featureGates.value, 'ContainerCheckpoint', 'AllBeta') === false;
      return off
        ? { applies: false, because: 'the feature gate ContainerCheckpoint is off' }
        : { applies: true, because: stated('readOnlyPort', settings.readOnlyPort) };
    },
    source: issue(130016),
  },
  {
    id: 'CVE-2024-10220',
    gain: 'who may create a pod with a gitRepo volume runs commands as root on the node',
    last: { 28: 11, 29: 6, 30: 2 },
    before: 28,
    source: issue(128885),
  },
  {
    id: 'CVE-2021-25741',
    gain: 'who may create a pod with a subpath volume reaches files of the host',
    last: { 19: 14, 20: 10, 21: 4, 22: 1 },
    before: 19,
    condition: (_, { settings }) =>
      gateOf(settings.featureGates.value, 'VolumeSubpath') === false
        ? { applies: false, because: 'the feature gate VolumeSubpath is off' }
        : { applies: true, because: 'the feature gate VolumeSubpath is on' },
    source: issue(104980),
  },
  {
    id: 'CVE-2020-8564',
    gain: 'credentials of image registries get into the log',
    last: { 17: 12, 18: 9, 19: 2 },
    condition: ({ kubelet }, { version }) => {
      const { uses } = readArguments(kubelet, rulesFor(version.text));
      const level = Number(uses.findLast(({ name }) => name === 'v')?.value ?? 0);
      return { applies: level >= 4, because: `it logs at level ${level}` };
    },
    source: issue(95622),
  },
  {
    id: 'CVE-2020-8557',
    gain: "a container that writes as root to its /etc/hosts fills the node's disk, and no eviction stops it",
    last: { 16: 12, 17: 8, 18: 5 },
    before: 16,
    source: issue(93032),
  },
  {
    id: 'CVE-2020-8558',
    gain: 'neighbours on the network reach what listens on 127.0.0.1 only',
    last: { 16: 10, 17: 6, 18: 3 },
    before: 16,
    source: issue(92315),
  },
  {
    id: 'CVE-2020-8551',
    gain: "anyone who reaches the kubelet's port can exhaust its memory",
    last: { 15: 9, 16: 6, 17: 2 },
    source: issue(89377),
  },
  {
    id: 'CVE-2019-11248',
    gain: "anyone who reaches the kubelet's health port reads its memory and can slow it down (/debug/pprof)",
    last: { 12: 9, 13: 7, 14: 3 },
    before: 12,
    condition: (_, { settings }) => {
      const address = fieldOf(settings, 'healthzBindAddress', '127.0.0.1');
      return { applies: !isLocal(address.value), because: stated('healthzBindAddress', address) };
    },
    source: issue(81023),
  },
];

const texts = {
  affected: (found: string[]) => `This kubelet is affected by ${found.join('; and by ')}.`,
  one: ({ id, gain, source }: Vulnerability, because: string) => `${id}: ${gain} (${because}; ${source})`,
  spared: (found: string[]) => `Not affected by ${found.join('; nor by ')}.`,
  version: (version: string) => `kubelet ${version} is not a fixed version`,
  none: (version: string) =>
    `None of the ${VULNERABILITIES.length} vulnerabilities that are listed here is in kubelet ${version}.`,
  unknown: "The kubelet's version is not in the evidence, so its known vulnerabilities cannot be told.",
  vendor: (vendor: string, found: string[]) =>
    `By its number this kubelet is affected by ${found.join('; and by ')}. ${vendor} mends kubelets without changing that number, so a person must look whether this build is mended.`,
  upgrade: (patch: string) => `Upgrade the kubelet to ${patch} or later.`,
  replace: (patch: string) =>
    `Replace the node by one of a current image, whose kubelet is ${patch} or later, or find this build in the release notes of its vendor.`,
  close: step('Until then close the read-only port (`readOnlyPort: 0`).'),
};

/** Ours: what is known of a version and its configuration together, which scanners of versions alone cannot tell. */
export const knownVulnerabilities: Rule = {
  name: 'known-vulnerabilities',
  title: 'No known vulnerability of the kubelet applies to this node',
  failureTitle: 'A known vulnerability of the kubelet applies to this node',
  why: 'A list of vulnerable versions names nearly every node, and what matters drowns in it. Whether a vulnerability applies depends on how the kubelet is configured, which is known here: what is left is what somebody can use.',
  severity: 'high',
  references: [
    'https://kubernetes.io/docs/reference/issues-security/official-cve-feed/',
    ...VULNERABILITIES.map(({ source }) => source),
  ],
  check: checkSettings(['readOnlyPort'], (node, configuration) => {
    const { version } = configuration;
    const text = version.text ?? '';
    const [, minor, patch] = /^v?1\.(\d{1,3})\.(\d{1,4})/.exec(text.replace(/^Kubernetes /, '')) ?? [];
    if (minor === undefined || patch === undefined) {
      return { status: 'manual', reason: texts.unknown, advisories: [], remediation: [lookUpVersion] };
    }
    const number = { minor: Number(minor), patch: Number(patch) };
    const shown = `1.${number.minor}.${number.patch}`;
    const inVersion = VULNERABILITIES.filter((each) => isIn(each, number));
    const judged = inVersion.map((each) => ({
      each,
      ...(each.condition?.(node, configuration) ?? { applies: true, because: texts.version(shown) }),
    }));
    const affected = judged.filter(({ applies }) => applies);
    if (affected.length === 0) {
      const spared = judged.map(({ each, because }) => `${each.id}, because ${because} (${each.source})`);
      return { status: 'pass', reason: spared.length > 0 ? texts.spared(spared) : texts.none(shown), advisories: [] };
    }
    const found = affected.map(({ each, because }) => texts.one(each, because));
    const fixed = fixedFor(
      affected.map(({ each }) => each),
      number.minor,
    );
    const port = affected.some(({ each }) => each.id === 'CVE-2025-0426') ? [texts.close] : [];
    const vendor = isEks(node) ? 'AWS' : isOpenShift(text) ? 'Red Hat' : undefined;
    if (vendor) {
      return {
        status: 'manual',
        reason: texts.vendor(vendor, found),
        advisories: [],
        remediation: [step(texts.replace(fixed)), ...port],
      };
    }
    const remediation = [step(texts.upgrade(fixed)), ...port];
    return { status: 'fail', reason: texts.affected(found), advisories: [], remediation };
  }),
};

function isIn({ last, before = 0 }: Vulnerability, { minor, patch }: { minor: number; patch: number }): boolean {
  const newest = last[minor];
  return newest === undefined ? minor < before : patch <= newest;
}

/** The first version that has none of these: of this minor where there is one, else of the next that has. */
function fixedFor(found: readonly Vulnerability[], minor: number): string {
  const minors = [...new Set(found.flatMap(({ last }) => Object.keys(last).map(Number)))].sort((a, b) => a - b);
  const reachable = minors.filter((each) => each >= minor);
  const target = reachable.find((each) =>
    found.every(({ last, before = 0 }) => last[each] !== undefined || each >= before),
  );
  const patch = Math.max(-1, ...found.map(({ last }) => last[target ?? minor] ?? -1)) + 1;
  return `1.${target ?? minor}.${patch}`;
}

/** What a gate was set to, by its own name or by that of its group. */
function gateOf(gates: Readonly<Record<string, boolean>>, name: string, group?: string): boolean | undefined {
  if (Object.hasOwn(gates, name)) return gates[name];
  return group !== undefined && Object.hasOwn(gates, group) ? gates[group] : undefined;
}
