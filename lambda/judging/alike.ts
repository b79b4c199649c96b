/**
 * A fleet of thousands has few kinds of nodes: what does not depend on which node of its kind it is told of is found out once, and
 * kept. Nobody lists what that is: it is asked twice, of stand-ins that have names other than the node's own, and what
 * differs, or looks at what each node has for itself (its certificates, addresses, clock), is asked of every node.
 * Whoever gets what is kept gets it frozen.
 */

import { rendered } from '../kubelet/bottlerocket.ts';
import type { EffectiveConfiguration } from '../kubelet/configuration.ts';
import { ANY, deriveOnce, named, type Own, withoutNames } from '../kubelet/derive-once.ts';
import type { Evidence, KubeletProcess } from '../kubelet/evidence.ts';
import { platformOf, recognise, withOwn } from '../platforms/index.ts';
import { type Path, type Pattern, patternOf } from './pattern.ts';
import {
  differences,
  type Given,
  type Instance,
  OWN_OF_KUBELET,
  OWN_OF_NODE,
  ownOfSame,
  STAND_INS,
  signsOf,
  standIn,
} from './stand-in.ts';

/** A kubelet with what it is effectively configured to do. */
export type Kubelet = { process: KubeletProcess; configuration: EffectiveConfiguration };

/** What can be asked of a node; of one that stands in for others the tags are those that tell its kind. */
export type Seen = Given & { kubelets: readonly Kubelet[] };

/**
 * What `compute` says of the node in plain data, or of another of its kind where that is the same. `name` tells it from all
 * else that is asked of a node; what it depends on besides the node is a part of `scope`.
 */
export type Once = <T>(scope: string, name: string, compute: (node: Seen) => T) => T;

/** One node: as it is, and what is known of its kind. `isAlone` where nothing is: it is the first, or too large. */
export type Alike = { seen: Seen; once: Once; isAlone: boolean };

/** Kinds of nodes: images times versions times settings. What is kept of one are some 150 KiB. */
const MOST_KINDS = 128;
/** Larger ones are nobody's but the node's that sent them. Characters; nodes of EKS and kubeadm have some 5,000. */
const LONGEST_KEY = 16_384;
/** Settings by which nodes are judged are those of a scan; a replay meets some more. */
const MOST_SCOPES = 4;
/** Nodes of a kind that are compared with its sample before what they differ in is taken for known. */
const MOST_LESSONS = 8;

/** What was asked, by scope and name: the answer, or `own` where each node has to be asked. */
type Part = { answer: unknown } | 'own';

/**
 * `configurations` are those of the first stand-in, where names can be put into them. `sample` is a node of it, `first` and `signs`
 * what stands in for that, and `pattern` reads the texts of those that differ from it in `places` alone.
 */
type Kind = {
  configurations: (EffectiveConfiguration | undefined)[];
  parts: Map<string, Map<string, Part>>;
  sample: Evidence;
  first: Evidence;
  signs: string;
  places: Map<string, Path>;
  pattern: Pattern | undefined;
  lessons: number;
};

/** Of a kind that was met once nothing is kept but its key: there may be no other node of it. The one that was met last is the last. */
const kinds = new Map<string, Kind | 'once'>();

/** Whose nodes keep coming stays, however many others there are between them. */
function keep(key: string, kind: Kind | 'once'): void {
  kinds.delete(key);
  kinds.set(key, kind);
}

const known = new WeakMap<Evidence, { given: Given; alike: Alike }>();

/** Evidence whose kind was known when it was read. */
const read = new WeakMap<Evidence, { kind: Kind; own: readonly Own[]; instance: Instance }>();

/** One node among those that are alike. */
export function alikeOf(given: Given): Alike {
  const before = known.get(given.evidence);
  if (before?.given.tags === given.tags && (given.id ?? before.given.id) === before.given.id) return before.alike;
  const alike = find(given);
  known.set(given.evidence, { given, alike });
  return alike;
}

/**
 * The evidence of which the text stands between two places of one that has a sign for each byte, as JSON.parse gives it, in a
 * fraction of the time; undefined where no kind is known of which it is. What nodes of a kind have alike is one frozen object.
 */
export function readAlike(bytes: string, start: number, end: number, instance: Instance): Evidence | undefined {
  const signs = JSON.stringify(signsOf(instance, STAND_INS[0]));
  // The last first: who mimics a kind in many ways does not stand before it.
  for (const [key, kind] of [...kinds].reverse()) {
    if (kind === 'once' || kind.signs !== signs) continue;
    const evidence = kind.pattern?.(bytes, start, end) as Evidence | undefined;
    const own = evidence && ownOfSame(evidence, kind.first);
    if (!own) continue;
    keep(key, kind);
    read.set(evidence, { kind, own, instance });
    return evidence;
  }
  return undefined;
}

function find(given: Given): Alike {
  const before = read.get(given.evidence);
  if (before?.instance.tags === given.tags && before.instance.id === given.id)
    return among(before.kind, given, before.own);
  const first = standIn(given, STAND_INS[0]);
  const key = JSON.stringify(first.given);
  const met = key.length > LONGEST_KEY ? undefined : (kinds.get(key) ?? meet(key));
  if (met === undefined) return alone(given);
  const kind = met === 'once' ? begin(given, first.given) : met;
  keep(key, kind);
  if (kind === met) learn(kind, given.evidence);
  return among(kind, given, first.own);
}

/** A kind of which this is the second node. */
function begin(given: Given, { evidence: first, ...signs }: Given): Kind {
  const configurations = configurationsOf(...standInsFor(given));
  const pattern = { places: new Map(), pattern: undefined, lessons: 0 };
  return {
    ...{ configurations, parts: new Map(), sample: given.evidence, first, signs: JSON.stringify(signs) },
    ...pattern,
  };
}

/** In what its nodes differ the first of them show. */
function learn(kind: Kind, evidence: Evidence): void {
  if (kind.lessons >= MOST_LESSONS) return;
  kind.lessons += 1;
  const before = kind.places.size;
  for (const place of differences(kind.sample, evidence)) kind.places.set(JSON.stringify(place), place);
  if (kind.pattern === undefined || kind.places.size > before)
    kind.pattern = patternOf(kind.sample, [...kind.places.values()]);
}

function standInsFor(given: Given): [Seen, Seen] {
  return [seenOf(standIn(given, STAND_INS[0]).given), seenOf(standIn(given, STAND_INS[1]).given)];
}

/** A node of a kind, with its own names by kubelet. */
function among(kind: Kind, given: Given, own: readonly Own[]): Alike {
  const kubelets = given.evidence.kubelets.map((each, index): Kubelet => {
    const process = rendered(each);
    const configuration = kind.configurations[index];
    return configuration
      ? { process, configuration: named(configuration, own[index] ?? {}) }
      : kubeletOf(given, process);
  });
  const seen = { ...given, kubelets };
  let both: [Seen, Seen] | undefined;
  const once: Once = (scope, name, compute) => {
    const parts = partsOf(kind, scope);
    let part = parts.get(name);
    if (part === undefined) {
      both ??= standInsFor(given);
      part = ask(compute, both, given.evidence);
      parts.set(name, part);
    }
    return part === 'own' ? compute(seen) : (part.answer as ReturnType<typeof compute>);
  };
  // Many rules ask of it, and to look for its signs takes as long as to judge one of them.
  for (const [index, name] of once('', 'platforms', platformsOf).entries())
    recognise({ ...given, kubelet: (kubelets[index] as Kubelet).process }, name);
  return { seen, once, isAlone: false };
}

const platformsOf = ({ kubelets, ...rest }: Seen) =>
  kubelets.map(({ process }) => platformOf({ ...rest, kubelet: process }).name);

/** A node that is asked for itself, whatever others there are. */
export function alone(given: Given): Alike {
  const seen = seenOf(given);
  return { seen, once: (_scope, _name, compute) => compute(seen), isAlone: true };
}

/** A kind of which this is the first node; from now on there was one. */
function meet(key: string): undefined {
  const [oldest] = kinds.keys();
  if (kinds.size >= MOST_KINDS && oldest !== undefined) kinds.delete(oldest);
  keep(key, 'once');
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
