/** Feature gates: which exist, which may be set, and what they are in effect. Tested by test/kubelet/facts.test.ts. */

import { Exit, quote, Unknown } from '../go/outcome.ts';
import type { GateName, Setting } from './configuration.ts';
import type { Layers } from './layers.ts';
import type { Rules } from './version.ts';

/** One stage of a gate's life, from that minor version on. */
type Stage = { first: number } & ({ stage: 'alpha' | 'beta' | 'locked'; value: boolean } | { stage: 'removed' });

/** Source: kubernetes pkg/features/kube_features.go, 1.8 to 1.36; "Feature Gates (removed)" of the Kubernetes docs. */
const GATES: Readonly<Record<GateName, readonly Stage[]>> = {
  RotateKubeletClientCertificate: [
    { first: 8, stage: 'beta', value: true },
    { first: 19, stage: 'locked', value: true },
    { first: 21, stage: 'removed' },
  ],
  RotateKubeletServerCertificate: [
    { first: 7, stage: 'alpha', value: false },
    { first: 12, stage: 'beta', value: true },
  ],
  SeccompDefault: [
    { first: 22, stage: 'alpha', value: false },
    { first: 25, stage: 'beta', value: true },
    { first: 27, stage: 'locked', value: true },
    { first: 29, stage: 'removed' },
  ],
};

const NAMES = Object.keys(GATES) as GateName[];

/** These set every gate of their stage that is not set by name. */
const GROUPS = { AllAlpha: 'alpha', AllBeta: 'beta' } as const;

const KNOWN_NAMES = [...NAMES, ...Object.keys(GROUPS)];

function stageOf(name: GateName, minor: number): Stage | undefined {
  return GATES[name].findLast(({ first }) => first <= minor);
}

/**
 * Throws Exit for gates that the kubelet refuses: unknown ones (where it refuses those) and locked ones that differ. Only
 * gates of this file are judged, also in a wrong case; the set of the others changes with every version, they come back
 * as unjudged. Throws Unknown where what a gate does depends on a version that is not known.
 */
export function refuseGates(
  gates: ReadonlyMap<string, boolean>,
  { version, openshift }: Pick<Rules, 'version' | 'openshift'>,
  where: string,
): string[] {
  const { minor } = version;
  const unjudged: string[] = [];
  for (const [name, value] of gates) {
    const known = KNOWN_NAMES.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (known === undefined) unjudged.push(name);
    else if (known !== name) {
      if (!openshift) throw new Exit(`unknown feature gate ${quote(name)} in ${where}; the name is ${known}`);
      unjudged.push(name);
    } else if (isGate(name)) {
      if (exists(name, minor)) refuseLocked(name, value, minor, where);
      else if (!version.known) unjudged.push(unsettled(name, value, where));
      else if (!openshift) throw new Exit(`feature gate ${name} in ${where} does not exist in kubelet 1.${minor}`);
      else unjudged.push(name);
    }
  }
  return unjudged;
}

function isGate(name: string): name is GateName {
  return Object.hasOwn(GATES, name);
}

function exists(name: GateName, minor: number): boolean {
  const stage = stageOf(name, minor);
  return stage !== undefined && stage.stage !== 'removed';
}

/** Old kubelets obey a gate that newer ones refuse; only a true for client certificates changes nothing in any of them. */
function unsettled(name: GateName, value: boolean, where: string): GateName {
  if (name !== 'RotateKubeletClientCertificate' || value) return name;
  throw new Unknown(`what feature gate ${name} in ${where} does depends on the kubelet's version, which is not known`);
}

function refuseLocked(name: GateName, value: boolean, minor: number, where: string): void {
  const stage = stageOf(name, minor);
  if (stage?.stage === 'locked' && value !== stage.value) {
    throw new Exit(`feature gate ${name} in ${where} is locked to ${stage.value} in kubelet 1.${minor}`);
  }
}

/** The gates that a kubelet of that version lets itself be told, with their sources. */
export function effectiveGates(layers: Layers, minor: number): Partial<Record<GateName, Setting<boolean>>> {
  const { value, source } = layers.get('featureGates') ?? {};
  const set = value instanceof Map ? (value as ReadonlyMap<string, boolean>) : new Map<string, boolean>();
  const gates: Partial<Record<GateName, Setting<boolean>>> = {};
  for (const name of NAMES) {
    const stage = stageOf(name, minor);
    if (stage === undefined || stage.stage === 'removed') continue;
    // A gate that is locked for good says nothing; the client certificate's is kept for the rules of old kubelets.
    if (stage.stage === 'locked' && name !== 'RotateKubeletClientCertificate') continue;
    const group = Object.entries(GROUPS).find(([, members]) => members === stage.stage)?.[0] ?? '';
    const on = set.get(name) ?? set.get(group);
    gates[name] =
      on === undefined || source === undefined
        ? { value: stage.value, source: { kind: 'default' } }
        : { value: on, source };
  }
  return gates;
}
