/**
 * A fleet of thousands has few kinds of nodes: what does not depend on which node of its kind it is told of is found out once, and
 * kept. Nobody lists what that is: it is asked twice, of stand-ins that have names other than the node's own, and what
 * differs, or looks at what each node has for itself (its certificates, addresses, clock), is asked of every node.
 * Whoever gets what is kept gets it frozen.
 */

import { hidesHost, rendered } from '../kubelet/bottlerocket.ts';
import type { EffectiveConfiguration } from '../kubelet/configuration.ts';
import { ANY, deriveOnce, named, type Own, withoutNames } from '../kubelet/derive-once.ts';
import type { Evidence, FileEvidence, KubeletProcess } from '../kubelet/evidence.ts';
import { isNewerThan } from '../kubelet/files.ts';
import { withOwn } from '../platforms/index.ts';
import { isHybrid, signTags } from '../platforms/signs.ts';

/** A kubelet with what it is effectively configured to do. */
export type Kubelet = { process: KubeletProcess; configuration: EffectiveConfiguration };

/** A node's evidence, the tags of its instance, and the instance's id, where that is known. */
type Given = { evidence: Evidence; tags: Readonly<Record<string, string>>; id?: string };

/** What can be asked of a node; of one that stands in for others the tags are those that tell its kind. */
export type Seen = Given & { kubelets: readonly Kubelet[] };

/**
 * What `compute` says of the node in plain data, or of another of its kind where that is the same. `name` tells it from all
 * else that is asked of a node; what it depends on besides the node is a part of `scope`.
 */
export type Once = <T>(scope: string, name: string, compute: (node: Seen) => T) => T;

/** One node: as it is, and what is known of its kind. `isAlone` where nothing is: it is the first, or too large. */
export type Alike = { seen: Seen; once: Once; isAlone: boolean };

/** Kinds of nodes: images times versions times settings. What is kept of one are some 100 KiB. */
const MOST_KINDS = 128;
/** Larger ones are nobody's but the node's that sent them. Characters; nodes of EKS and kubeadm have some 5,000. */
const LONGEST_KEY = 16_384;
/** Settings by which nodes are judged are those of a scan; a replay meets some more. */
const MOST_SCOPES = 4;

/** What was asked, by scope and name: the answer, or `own` where each node has to be asked. */
type Part = { answer: unknown } | 'own';

/** `configurations` are those of the first stand-in, where names can be put into them. */
type Kind = { configurations: (EffectiveConfiguration | undefined)[]; parts: Map<string, Map<string, Part>> };

/** Of a kind that was met once nothing is kept but its key: there may be no other node of it. */
const kinds = new Map<string, Kind | 'once'>();

/** Names that neither begin alike nor are of one length nor of one sort, of a node on EC2 and of one elsewhere (RFC 2606, RFC 5737). */
const STAND_INS = [
  { ...ANY, pid: 1, user: 'any', id: '00000000000000001' },
  {
    host: 'mi-00000000000000002',
    address: '198.51.100.20',
    instance: 'aws:///b/i-000000002',
    pid: 22,
    user: 'b',
    id: '00000000000000002',
  },
] as const;

/** What each node has for itself, and what looks at it asks for this node alone. */
const OWN_OF_NODE = ['collectedAt', 'hostname', 'addresses'] as const;
const OWN_OF_KUBELET = ['clientCertificates', 'servingCertificates'] as const;
const WITHOUT = {
  ofNode: Object.fromEntries(OWN_OF_NODE.map((name) => [name, undefined])) as object,
  ofKubelet: Object.fromEntries(OWN_OF_KUBELET.map((name) => [name, undefined])) as object,
};

const known = new WeakMap<Evidence, { given: Given; alike: Alike }>();

/** One node among those that are alike. */
export function alikeOf(given: Given): Alike {
  const before = known.get(given.evidence);
  if (before?.given.tags === given.tags && (given.id ?? before.given.id) === before.given.id) return before.alike;
  const alike = find(given);
  known.set(given.evidence, { given, alike });
  return alike;
}

function find(given: Given): Alike {
  const first = standIn(given, STAND_INS[0]);
  const key = JSON.stringify(first.given);
  const met = key.length > LONGEST_KEY ? undefined : (kinds.get(key) ?? meet(key));
  if (met === undefined) return alone(given);
  let both: [Seen, Seen] | undefined;
  const standIns = () => {
    both ??= [seenOf(first.given), seenOf(standIn(given, STAND_INS[1]).given)];
    return both;
  };
  const kind = met === 'once' ? { configurations: configurationsOf(...standIns()), parts: new Map() } : met;
  if (kind !== met) kinds.set(key, kind);
  const kubelets = given.evidence.kubelets.map((each, index): Kubelet => {
    const process = rendered(each);
    const configuration = kind.configurations[index];
    return configuration
      ? { process, configuration: named(configuration, first.own[index] ?? {}) }
      : kubeletOf(given, process);
  });
  const seen = { ...given, kubelets };
  const once: Once = (scope, name, compute) => {
    const parts = partsOf(kind, scope);
    let part = parts.get(name);
    if (part === undefined) {
      part = ask(compute, standIns(), given.evidence);
      parts.set(name, part);
    }
    return part === 'own' ? compute(seen) : (part.answer as ReturnType<typeof compute>);
  };
  return { seen, once, isAlone: false };
}

/** A node that is asked for itself, whatever others there are. */
export function alone(given: Given): Alike {
  const seen = seenOf(given);
  return { seen, once: (_scope, _name, compute) => compute(seen), isAlone: true };
}

/** A kind of which this is the first node; from now on there was one. */
function meet(key: string): undefined {
  const [oldest] = kinds.keys();
  if (kinds.size >= MOST_KINDS && oldest !== undefined) kinds.delete(oldest);
  kinds.set(key, 'once');
}

/** What the first derives, where it is what the second does with the names of that one put in. */
function configurationsOf(first: Seen, second: Seen): Kind['configurations'] {
  return first.kubelets.map(({ configuration }, index) => {
    const other = second.kubelets[index];
    const renamed = other && named(configuration, withoutNames(other.process, ANY).own);
    return isEqual(renamed, other?.configuration) ? configuration : undefined;
  });
}

function partsOf({ parts }: Kind, scope: string): Map<string, Part> {
  const found = parts.get(scope);
  if (found) return found;
  if (parts.size >= MOST_SCOPES) parts.clear();
  const begun = new Map<string, Part>();
  parts.set(scope, begun);
  return begun;
}

const answers = new WeakSet<object>();

/** Whether this is, as it is, an answer of a whole kind, so that what follows from it need not be found again. */
export function isOfKind(value: object): boolean {
  return answers.has(value);
}

/** Asks both stand-ins; an error is the node's own too. */
function ask(compute: (node: Seen) => unknown, standIns: readonly Seen[], real: Evidence): Part {
  let isOwn = false;
  const note = () => {
    isOwn = true;
  };
  try {
    const [one, other] = standIns.map((seen) => compute(watched(seen, real, note)));
    if (isOwn || !isEqual(one, other)) return 'own';
    const answer = frozenCopy(one);
    if (typeof answer === 'object' && answer !== null) answers.add(answer);
    return { answer };
  } catch {
    return 'own';
  }
}

const isEqual = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** The node with other names, and its own, by kubelet, and no more of tags, times and sizes than what they are asked for. */
function standIn({ evidence, tags, id }: Given, names: (typeof STAND_INS)[number]): { given: Given; own: Own[] } {
  const kubelets = evidence.kubelets.map((kubelet) => {
    const { argv, files, own } = withoutNames(kubelet, names);
    const times = kubelet.startedAt !== undefined && { startedAt: 0, startedWithin: 1 };
    const kubeconfigs = kubelet.kubeconfigs.map(({ user, ...each }) =>
      user === undefined ? each : { ...each, user: names.user },
    );
    const alike = {
      ...kubelet,
      ...WITHOUT.ofKubelet,
      ...times,
      // Which process it is says nothing, but that none was seen does.
      pid: hidesHost(kubelet) ? kubelet.pid : names.pid,
      argv,
      kubeconfigs,
      files: files.map((file) => leveled(file, kubelet)),
    };
    return { own, kubelet: alike as KubeletProcess };
  });
  const proxies = evidence.proxies.map((proxy) => ({
    ...proxy,
    pid: names.pid,
    files: proxy.files.map((file) => leveled(file, {})),
  }));
  return {
    given: {
      evidence: { ...evidence, ...WITHOUT.ofNode, kubelets: kubelets.map(({ kubelet }) => kubelet), proxies },
      tags: signTags(tags),
      ...(id !== undefined && { id: `${isHybrid(id) ? 'mi' : 'i'}-${names.id}` }),
    },
    own: kubelets.map(({ own }) => own),
  };
}

/** Of a file's size is asked whether there is one, and of its time whether that is before, within or after the kubelet's start. */
function leveled(file: FileEvidence, kubelet: Partial<KubeletProcess>): FileEvidence {
  const { size, modifiedAt } = file;
  const { startedAt = modifiedAt } = kubelet;
  // A copy that leaves members out takes much longer than one that does not.
  const copy = { ...file };
  if (size !== undefined) copy.size = Math.min(size, 1);
  if (modifiedAt !== undefined)
    copy.modifiedAt = isNewerThan(kubelet, file) ? 2 : Number(modifiedAt > Number(startedAt));
  return copy;
}

function seenOf(given: Given): Seen {
  return { ...given, kubelets: given.evidence.kubelets.map((each) => kubeletOf(given, rendered(each))) };
}

function kubeletOf({ evidence, tags }: Given, process: KubeletProcess): Kubelet {
  const host = evidence.cgroup === undefined ? {} : { cgroup: evidence.cgroup };
  return { process, configuration: deriveOnce(withOwn({ evidence, kubelet: process, tags }), host) };
}

/** The stand-in, of which whoever looks at what is the node's own gets that, and is noted. */
function watched({ evidence, kubelets, ...rest }: Seen, real: Evidence, note: () => void): Seen {
  const watch = (process: KubeletProcess, index: number) =>
    noting(process, real.kubelets[index] ?? process, OWN_OF_KUBELET, note);
  return {
    ...rest,
    evidence: noting({ ...evidence, kubelets: evidence.kubelets.map(watch) }, real, OWN_OF_NODE, note),
    kubelets: kubelets.map(({ process, configuration }, index) => ({ process: watch(process, index), configuration })),
  };
}

function noting<T extends object>(standIn: T, real: T, names: readonly (keyof T)[], note: () => void): T {
  const copy = { ...standIn };
  for (const name of names) {
    const get = () => {
      note();
      return real[name];
    };
    Object.defineProperty(copy, name, { enumerable: true, get });
  }
  return copy;
}

/** A copy of plain data that nobody can change; its texts are the same ones, which many kinds share. */
function frozenCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const copy = Array.isArray(value)
    ? value.map(frozenCopy)
    : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, frozenCopy(each)]));
  return Object.freeze(copy) as T;
}
