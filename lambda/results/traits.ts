/**
 * By what the nodes of one group are compared: each thing that may differ, as a name, a value and what put it there.
 * What differs from node to node by its nature is not among them. Long because each kind of thing is read otherwise.
 * Tested by test/results/outliers.test.ts.
 */

import { Exit, Unknown } from '../go/outcome.ts';
import { isOfKind, type Seen } from '../judging/alike.ts';
import { askable } from '../judging/judge.ts';
import { readArguments } from '../kubelet/arguments.ts';
import type { EffectiveConfiguration, Source } from '../kubelet/configuration.ts';
import type { AuthorityFacts, Evidence, FileEvidence, FileRole, KubeletProcess } from '../kubelet/evidence.ts';
import { rulesFor } from '../kubelet/version.ts';
import { platformOf } from '../platforms/index.ts';
import { flagPlaces, lineOf } from '../platforms/places.ts';
import type { NodeFacts } from '../platforms/platform.ts';
import { oneLine, origin, shown, verbatim } from '../platforms/wording.ts';
import type { EvidenceLine } from './evidence-line.ts';
import type { NodeIdentity } from './node-line.ts';
import { ascending } from './order.ts';

/** What may differ, that from which other differences follow first. */
export const TRAIT_KINDS = [
  'template',
  'image',
  'version',
  'os',
  'runtime',
  'setting',
  'authority',
  'file',
  'argument',
] as const;

export type TraitKind = (typeof TRAIT_KINDS)[number];

/** Kinds of which a node that lacks one differs too: by nobody having set it, or by the file not being there. */
export type Countable = Extract<TraitKind, 'setting' | 'argument' | 'file'>;

/**
 * `value` is compared, `text` says what is shown; `by` finds what put it there: `--read-only-port=10255 from /etc/default/kubelet line 2`.
 * Both are asked once for each value of a group, because writing a text, and looking for a line in a file, takes longer than all else.
 */
export type Trait = { kind: TraitKind; name: string; value: string; text(): string; by?(): string | undefined };

/** How a group came to be: the nearest tag that says which nodes are alike, else the image that they were started from. */
export const GROUPED_BY = [
  'EKS node group',
  'Karpenter node pool',
  'Auto Scaling group',
  'launch template',
  'image',
] as const;

export type NodeGroup = { by: (typeof GROUPED_BY)[number]; name: string; cluster?: string };

/**
 * One node as it is compared; of the kinds in `known` it told all that it has. Nodes that have all of `traits` alike have the very
 * same list, where that is known without comparing.
 */
export type Traits = { group: NodeGroup; known: ReadonlySet<Countable>; traits: readonly Trait[] };

/**
 * Tags that say which nodes are alike, the nearest first: EKS User Guide, Tag your resources; karpenter.sh, NodeClasses,
 * spec.tags; EC2 Auto Scaling User Guide, Tag lifecycle.
 */
export const GROUP_TAGS = [
  ['eks:nodegroup-name', 'EKS node group'],
  ['karpenter.sh/nodepool', 'Karpenter node pool'],
  ['aws:autoscaling:groupName', 'Auto Scaling group'],
] as const;

/** EC2 User Guide, Launch an instance from a launch template (the tags that instances get of it). */
const TAGS = [...GROUP_TAGS, ['aws:ec2launchtemplate:id', 'launch template']] as const;

/** The group of a node; undefined where nothing says which nodes it is alike with. */
export function groupOf({ cluster, image }: NodeIdentity, tags: EvidenceLine['tags']): NodeGroup | undefined {
  const inCluster = { ...(cluster !== undefined && { cluster }) };
  for (const [tag, by] of TAGS) {
    const name = Object.hasOwn(tags, tag) ? tags[tag] : undefined;
    if (name) return { by, name, ...inCluster };
  }
  return image === undefined ? undefined : { by: 'image', name: image, ...inCluster };
}

/**
 * Settings and flags that are each node's own: its names, addresses and labels, and what bootstrap scripts compute from the size of
 * the instance (awslabs/amazon-eks-ami, nodeadm internal/kubelet/config.go: maxPods, kubeReserved, providerID, node IP).
 */
const OWN: ReadonlySet<string> = new Set([
  ...['providerID', 'podCIDR', 'maxPods', 'kubeReserved', 'systemReserved', 'reservedMemory', 'reservedSystemCPUs'],
  'registerWithTaints',
  ...['hostname-override', 'node-ip', 'node-labels', 'provider-id', 'register-with-taints', 'max-pods', 'pod-cidr'],
  ...['kube-reserved', 'system-reserved', 'reserved-cpus', 'reserved-memory'],
]);

/** Files whose modes say nothing of how a node was made. */
const UNCOMPARED: ReadonlySet<FileRole> = new Set(['folder', 'named']);

/** More than any node has; a hostile one may name as many as it likes. */
const MOST_TRAITS = 500;
const LONGEST = 120;
/** Names of so few characters may be part of any word. */
const SHORTEST_NAME = 4;
/** What paths of all nodes are made of: one that is called `kubeadm` or `kubernetes` is not meant there. */
const PLACES = [
  ...['/etc/kubernetes/kubelet/kubelet-config.json', '/var/lib/kubelet/kubeadm-flags.env', 'bootstrap-kubelet.conf'],
  ...['/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf', '/etc/default/kubelet', '/etc/sysconfig/kubelet'],
  ...[
    '/var/lib/kubelet/pki/kubelet-client-current.pem',
    '/etc/kubernetes/manifests',
    '/run/containerd/containerd.sock',
  ],
  ...['/etc/kubernetes/pki/ca.crt', '/usr/local/bin/kubelet', '/var/lib/kubelet/config.yaml', 'nodeadm', 'cluster'],
  ...['/etc/rancher/k3s', '/var/lib/rancher/rke2/agent', '/var/snap/microk8s/current/args', 'kubespray', 'kubeconfig'],
].join(' ');
/** Digits of a fingerprint that people compare by eye. */
const DIGITS = 12;

/** What is compared of a node that answered; undefined where there is no kubelet, or no group. */
export function traitsOf(line: EvidenceLine): Traits | undefined {
  if (!('evidence' in line)) return undefined;
  const { node, evidence, tags } = line;
  const group = groupOf(node, tags);
  if (!group || evidence.kubelets.length === 0) return undefined;
  const { once, seen, isAlone } = askable({ evidence, tags, id: node.id });
  const made = generation(node, tags, group);
  const names = namesOf(node, evidence);
  // Where none of these is written, none is that has one of them in it.
  const shortest = names.filter((name, at) => !names.some((other, its) => its > at && name.includes(other)));
  const ofKind = isAlone ? undefined : once('', 'traits', settledTraits);
  if (
    ofKind &&
    isOfKind(ofKind) &&
    !shortest.some((name) => ofKind.all.includes(name) || made.some(({ value }) => value.includes(name)))
  )
    return { group, ...listOf(ofKind, made) };
  const { known, traits } = ofKind ? { ...ofKind, traits: ofKind.traits.map(unsettled) } : traitsOfKubelet(seen);
  return { group, known: new Set(known), traits: [...made, ...traits].slice(0, MOST_TRAITS).map(neutralizer(names)) };
}

/** All that nodes of a kind have alike, and every word of it. */
type Settled = { known: Countable[]; traits: SettledTrait[]; all: string };
type SettledTrait = Omit<Trait, 'text' | 'by'> & { text: string; by?: string };

function settledTraits(seen: Seen): Settled {
  const { known, traits } = traitsOfKubelet(seen);
  const settled = traits.map(({ text, by, ...trait }) => {
    const cause = by?.();
    return { ...trait, text: text(), ...(cause !== undefined && { by: cause }) };
  });
  const all = settled.flatMap(({ name, value, text, by = '' }) => [name, value, text, by]).join('\n');
  return { known, traits: settled, all };
}

const unsettled = ({ text, by, ...trait }: SettledTrait): Trait => ({
  ...trait,
  text: () => text,
  ...(by !== undefined && { by: () => by }),
});

/** By kind, and what its nodes were made by: a fleet has few of those at a time. */
const lists = new WeakMap<Settled, Map<string, Pick<Traits, 'known' | 'traits'>>>();
const MOST_LISTS = 16;

/** The one list of these traits, none of which says the name of a node. */
function listOf(ofKind: Settled, made: readonly Trait[]): Pick<Traits, 'known' | 'traits'> {
  const ofMade = lists.get(ofKind) ?? new Map();
  lists.set(ofKind, ofMade);
  const key = JSON.stringify(made.map(({ kind, name, value }) => [kind, name, value]));
  const found = ofMade.get(key);
  if (found) return found;
  if (ofMade.size >= MOST_LISTS) ofMade.clear();
  const traits = [...made, ...ofKind.traits.map(unsettled)].slice(0, MOST_TRAITS).map(neutralizer([]));
  const list = { known: new Set(ofKind.known), traits };
  ofMade.set(key, list);
  return list;
}

function traitsOfKubelet({ kubelets: [first], ...rest }: Seen): { known: Countable[]; traits: Trait[] } {
  if (!first) return { known: [], traits: [] };
  const { process, configuration } = first;
  const facts = { ...rest, kubelet: process, configuration };
  const isHidden = platformOf(facts).hiddenArguments(process) !== undefined;
  const isKnown = configuration.starts === true && !isHidden;
  const given = process.unread === undefined && !isHidden ? arguments_(process) : undefined;
  return {
    known: ['file', ...(isKnown ? (['setting'] as const) : []), ...(given ? (['argument'] as const) : [])],
    traits: [
      ...host(rest.evidence, process),
      ...(configuration.starts === true && !isHidden ? settings(facts, configuration) : []),
      ...authorities(process),
      ...process.files.flatMap(file),
      ...(given ?? []),
    ],
  };
}

const told = (kind: TraitKind, name: string, text: string | undefined): Trait[] =>
  text ? [{ kind, name, value: text, text: () => text }] : [];

function generation({ image }: NodeIdentity, tags: EvidenceLine['tags'], group: NodeGroup): Trait[] {
  const id = tags['aws:ec2launchtemplate:id'];
  const version = tags['aws:ec2launchtemplate:version'];
  const named = group.by === 'launch template' || !id ? version : `${version} of ${id}`;
  return [
    ...told('template', 'launch template version', version && named),
    ...(group.by === 'image' ? [] : told('image', 'image', image)),
  ];
}

function host({ os, runtime, cgroup }: Evidence, { version }: KubeletProcess): Trait[] {
  return [
    ...told('version', 'kubelet', version),
    ...told('os', 'operating system', [os.id, os.version, os.variant].filter(Boolean).join(' ')),
    ...told('os', 'control groups', cgroup && `v${cgroup}`),
    ...told('runtime', 'container runtime', runtime && [runtime.name, runtime.version].filter(Boolean).join(' ')),
  ];
}

function settings(node: NodeFacts, configuration: Extract<EffectiveConfiguration, { starts: true }>): Trait[] {
  return Object.entries(configuration.settings).flatMap(([path, { value, source }]): Trait[] => {
    if (OWN.has(path.split('.', 1)[0] ?? '')) return [];
    // Each gate is a setting of its own.
    if (path !== 'featureGates') return [setting(node, path, value, source)];
    return Object.entries(value as Record<string, boolean>).map(([gate, on]) =>
      setting(node, `featureGates.${gate}`, on, source),
    );
  });
}

function setting(node: NodeFacts, path: string, value: unknown, source: Source): Trait {
  const text = () => (value === null ? 'not set' : shown(value));
  const by = () => causeOf(node, path, source);
  return { kind: 'setting', name: path, value: JSON.stringify(value ?? null), text, by };
}

/** Where a value stands; nothing of a default. */
function causeOf({ kubelet, ...node }: NodeFacts, path: string, source: Source): string | undefined {
  const { kind, where } = source;
  if (where === undefined) return undefined;
  if (kind === 'flag') {
    const [, flag = ''] = /^--?([^=\s]+)/.exec(where) ?? [];
    const places = flagPlaces({ kubelet, ...node }, flag.replaceAll('_', '-'));
    return `${oneLine(where)}${places === undefined ? '' : ` from ${places}`}`;
  }
  const line = lineOf(kubelet.files.find((each) => each.path === where)?.content, path);
  return `${origin(source)}${line === undefined ? '' : ` line ${line}`}`;
}

/** The authorities of one kind as a set; of those that could not all be read nothing is known. */
function authorities({ authorities }: KubeletProcess): Trait[] {
  const names = { kubeconfig: 'authority of the API server', 'client-ca': 'authority of callers' } as const;
  return (Object.keys(names) as AuthorityFacts['of'][]).flatMap((of) => {
    const own = authorities.filter((each) => each.of === of);
    if (own.length === 0 || own.some(({ fingerprint }) => fingerprint === undefined)) return [];
    const distinct = new Map(own.map(({ fingerprint = '', subject = '' }) => [fingerprint, subject]));
    const sorted = [...distinct].sort(([a], [b]) => ascending(a, b));
    const text = () => sorted.map(([print, subject]) => `${subject} ${print.slice(0, DIGITS)}`).join(', ');
    return [{ kind: 'authority' as const, name: names[of], value: sorted.map(([print]) => print).join(), text }];
  });
}

function file({ role, path, state, mode, uid, gid, access }: FileEvidence): Trait[] {
  // What is named and is not there is as if nobody had named it.
  if (UNCOMPARED.has(role) || state === 'missing') return [];
  const isThere = state === 'file' || state === 'directory';
  const text = !isThere
    ? state
    : access
      ? `owner ${access.owner}, writers ${access.writers.join(' ') || 'none'}`
      : `mode ${mode ?? '?'}, owner ${uid ?? '?'}:${gid ?? '?'}`;
  return [{ kind: 'file', name: path, value: text, text: () => text }];
}

/** Every flag with its values, in the order in which they stand; undefined where nobody can say what is a flag and what a value. */
function arguments_(kubelet: KubeletProcess): Trait[] | undefined {
  const uses = usesIn(kubelet);
  if (!uses) return undefined;
  const byName = Map.groupBy(uses, ({ name }) => name);
  return [...byName].flatMap(([name, each]): Trait[] => {
    if (OWN.has(name)) return [];
    const value = each.map(({ text }) => text).join(' ');
    return [{ kind: 'argument', name: `--${name}`, value, text: () => value || 'empty' }];
  });
}

function usesIn(kubelet: KubeletProcess) {
  try {
    return readArguments(kubelet, rulesFor(kubelet.version)).uses;
  } catch (error) {
    if (error instanceof Exit || error instanceof Unknown) return undefined;
    throw error;
  }
}

/** A node's own names and addresses, the longest first. */
function namesOf({ id, name, privateDnsName }: NodeIdentity, { hostname, addresses = [] }: Evidence): string[] {
  const host = privateDnsName?.split('.', 1)[0];
  return [id, name, privateDnsName, host, hostname, ...addresses]
    .filter((each): each is string => each !== undefined && each.length > SHORTEST_NAME && each !== '127.0.0.1')
    .filter((each) => !PLACES.includes(each))
    .sort((a, b) => b.length - a.length);
}

/** Puts a word in the place of these names, so that what only names the node is the same on all. */
function neutralizer(own: readonly string[]) {
  const names = new RegExp(own.map(verbatim).join('|') || '$^', 'g');
  const shortest = own.at(-1)?.length ?? Number.POSITIVE_INFINITY;
  const replaced = (text: string) => (text.length < shortest ? text : text.replace(names, '<node>'));
  const caused = (cause: string | undefined) => cause && oneLine(replaced(cause), LONGEST * 2);
  return ({ kind, name: trait, value, text, by }: Trait): Trait => ({
    kind,
    name: oneLine(replaced(trait), LONGEST),
    value: replaced(value),
    text: () => oneLine(replaced(text()), LONGEST),
    ...(by && { by: () => caused(by()) }),
  });
}
