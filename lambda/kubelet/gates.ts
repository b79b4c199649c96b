/** Feature gates: which exist, which may be set, and what they are in effect. Tested by test/kubelet/gates.test.ts. */

import { Exit, Unknown } from '../go/outcome.ts';
import type { GateName, Setting } from './configuration.ts';
import { FIRST_WITH_ALL_GATES, type Gate, gatesOf, life, NEWEST_MINOR, OLDEST_MINOR } from './tables.ts';
import type { Rules } from './version.ts';

/** Gates by name, as a command line or a file sets them. */
export type GateValues = ReadonlyMap<string, boolean>;

/** Gates that rules ask for; of these the whole history is known. */
const NAMES: readonly GateName[] = [
  'RotateKubeletClientCertificate',
  'RotateKubeletServerCertificate',
  'SeccompDefault',
];

/** Their stages before the tables begin. Source: kubernetes pkg/features/kube_features.go, 1.7 to 1.19. */
const EARLIER: Readonly<Record<string, readonly [first: number, last: number, gate: Gate][]>> = {
  RotateKubeletClientCertificate: [
    [8, 18, { stage: 'BETA', default: true }],
    [19, 19, { stage: 'GA', default: true, locked: true }],
  ],
  RotateKubeletServerCertificate: [
    [7, 11, { stage: 'ALPHA', default: false }],
    [12, 19, { stage: 'BETA', default: true }],
  ],
};

/** From 1.27 on the kubelet has seccompDefault whatever its gate says (KEP-2413). */
export const LAST_WITH_SECCOMP_GATE = 26;

/** These set every gate of their stage that is not set by name. */
const GROUPS = { ALPHA: 'AllAlpha', BETA: 'AllBeta' } as const;

const KNOWN_NAMES: ReadonlySet<string> = new Set([...NAMES, ...Object.values(GROUPS)]);

/** From here on all gates are looked at before the kubelet answers, and it names them all. */
const FIRST_WITH_LIST = 31;

/** From here on gates may need each other (KEP-5647; featuregate.AddDependencies). */
const FIRST_WITH_NEEDS = 35;

type Judged = Pick<Rules, 'version' | 'openshift' | 'minor'>;

function gateAt(name: string, { version, minor }: Pick<Rules, 'version' | 'minor'>): Gate | undefined {
  if (version.minor >= OLDEST_MINOR) return gatesOf(minor).get(name);
  const earlier = Object.hasOwn(EARLIER, name) ? EARLIER[name] : undefined;
  if (earlier === undefined) return gatesOf(minor).get(name);
  return earlier.find(([first, last]) => first <= version.minor && version.minor <= last)?.[2];
}

/** The gate is on where these are set. */
export function isOn(name: string, set: GateValues, rules: Pick<Rules, 'version' | 'minor'>): boolean {
  const gate = gateAt(name, rules);
  if (gate === undefined) return set.get(name) ?? false;
  return valueSet(name, gate, set) ?? gate.default;
}

function valueSet(name: string, { stage }: Gate, set: GateValues): boolean | undefined {
  const group = stage === 'ALPHA' || stage === 'BETA' ? GROUPS[stage] : undefined;
  return set.get(name) ?? (group === undefined ? undefined : set.get(group));
}

/**
 * What a kubelet says of gates that it refuses, in its words, and the gates that cannot be judged here: their set
 * changes with every version, so that those of a version that is not known may be good ones.
 * Source: k8s.io/component-base/featuregate/feature_gate.go, SetFromMap.
 */
export function gateProblems(set: GateValues, rules: Judged): { problems: GateProblem[]; unjudged: string[] } {
  const problems: GateProblem[] = [];
  const unjudged: string[] = [];
  for (const [name, value] of set) {
    const gate = gateAt(name, rules);
    if (!rules.version.known) {
      if (gate === undefined) unjudged.push(unsettled(name, value));
    } else if (gate !== undefined) {
      if (!gate.locked || gate.default === value) continue;
      problems.push({
        gate: name,
        message: `cannot set feature gate ${name} to ${value}, feature is locked to ${gate.default}`,
      });
      if (rules.minor < FIRST_WITH_LIST) break;
    } else if (rules.openshift || !isSettled(name, rules)) unjudged.push(name);
    else {
      problems.push({ gate: name, message: `unrecognized feature gate: ${name}` });
      break;
    }
  }
  if (problems.length === 0 && rules.minor >= FIRST_WITH_NEEDS) problems.push(...unmetNeeds(set, rules));
  return { problems, unjudged };
}

export type GateProblem = { gate: string; message: string };

/** All gates of this version are known here, or this one is. */
function isSettled(name: string, { version }: Judged): boolean {
  if (version.minor > NEWEST_MINOR) return life('gates', name) !== undefined;
  if (version.minor >= FIRST_WITH_ALL_GATES) return true;
  return [...KNOWN_NAMES].some((known) => known.toLowerCase() === name.toLowerCase());
}

/** Old kubelets obey a gate that newer ones refuse; only a true for client certificates changes nothing in any of them. */
function unsettled(name: string, value: boolean): string {
  if (name !== 'RotateKubeletClientCertificate' || value) return name;
  throw new Unknown(`what feature gate ${name} does depends on the kubelet's version, which is not known`);
}

/** Gates that are on although one that they need is off. */
function unmetNeeds(set: GateValues, rules: Judged): GateProblem[] {
  const gates = gatesOf(rules.minor);
  // Only what differs from the defaults can leave a gate without its needs.
  if ([...set].every(([name, value]) => !(name in GROUP_NAMES) && gates.get(name)?.default === value)) return [];
  const problems: GateProblem[] = [];
  for (const [name, { needs }] of gates) {
    if (needs === undefined || !isOn(name, set, rules)) continue;
    const off = needs.filter((need) => !isOn(need, set, rules));
    if (off.length === 0) continue;
    const gate = off.find((need) => set.has(need)) ?? (set.has(name) ? name : (off[0] ?? name));
    problems.push({
      gate,
      message: `${name} is enabled, but depends on features that are disabled: [${off.join(' ')}]`,
    });
  }
  return problems;
}

const GROUP_NAMES: Readonly<Record<string, true>> = { AllAlpha: true, AllBeta: true };

/** The words of an aggregate of errors (k8s.io/apimachinery/pkg/util/errors): one alone, or all in brackets. */
export function aggregate(messages: readonly string[]): string {
  const [first = '', ...others] = new Set(messages);
  return others.length === 0 ? first : `[${[first, ...others].join(', ')}]`;
}

/** Throws Exit where the kubelet refuses the gates of its command line and of its files together; returns the unjudged. */
export function refuseGates(set: GateValues, rules: Judged, source: Setting<unknown>['source'] | undefined): string[] {
  const { problems, unjudged } = gateProblems(set, rules);
  if (problems.length === 0) return unjudged;
  const messages = problems.map(({ message }) => message);
  throw new Exit(`failed to set feature gates from initial flags-based config: ${aggregate(messages)}`, {
    stage: 'gates',
    messages: rules.minor >= FIRST_WITH_LIST ? messages : [],
    about: aboutGates(problems, source),
  });
}

/** Throws Exit where defaulting panics over the gates of a file (pkg/kubelet/apis/config/v1beta1/defaults.go, 1.32). */
export function panicOverGates(set: GateValues, rules: Judged, source: Setting<unknown>['source'] | undefined): void {
  const { problems } = gateProblems(set, rules);
  if (problems.length === 0) return;
  const said = aggregate(problems.map(({ message }) => message));
  throw new Exit(
    `panic: failed to merge global and in-flight KubeletConfiguration while setting defaults, error: ${said}`,
    { stage: 'panic', about: aboutGates(problems, source) },
  );
}

function aboutGates(problems: readonly GateProblem[], source: Setting<unknown>['source'] | undefined) {
  return problems.map(({ gate }) => ({ setting: 'featureGates', gate, ...(source && { where: source }) }));
}

/** The gates that a kubelet of that version lets itself be told, with their sources. */
export function effectiveGates(
  { value: set, source }: { value: GateValues; source: Setting<unknown>['source'] },
  rules: Pick<Rules, 'version' | 'minor'>,
): Partial<Record<GateName, Setting<boolean>>> {
  const gates: Partial<Record<GateName, Setting<boolean>>> = {};
  for (const name of NAMES) {
    const gate = gateAt(name, rules);
    // A gate that is locked for good says nothing; the client certificate's is kept for the rules of old kubelets.
    if (gate === undefined || (gate.locked && name !== 'RotateKubeletClientCertificate')) continue;
    const value = valueSet(name, gate, set);
    gates[name] = value === undefined ? { value: gate.default, source: { kind: 'default' } } : { value, source };
  }
  return gates;
}
