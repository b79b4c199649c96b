/**
 * Nodes that differ from the others of their group: what differs, what put it there, and what kind of difference that is.
 * Nodes pass by once; of each group only counts, digests of sets of nodes and a few names are kept. Long because grouping
 * and telling need the same sets.
 */

import { hash } from 'node:crypto';
import * as v from 'valibot';
import { outlierWaiver, type Waiver } from '../judging/waive.ts';
import { oneLine } from '../platforms/wording.ts';
import type { Target } from '../settings.ts';
import type { EvidenceLine } from './evidence-line.ts';
import { ascending } from './order.ts';
import { fitting, type Room } from './room.ts';
import { time, whole } from './shapes.ts';
import {
  type Countable,
  GROUPED_BY,
  type NodeGroup,
  TRAIT_KINDS,
  type Trait,
  type TraitKind,
  type Traits,
  traitsOf,
} from './traits.ts';

/**
 * `outlier`: few nodes differ from two thirds or more. `rollout`: they are those of another launch template version, image or
 * kubelet, so a rolling update is half done. `split`: no value has two thirds. `pair`: the group has two nodes, and nobody
 * can say which of them is right.
 */
export const OUTLIER_KINDS = ['outlier', 'split', 'pair', 'rollout'] as const;

const DifferenceSchema = v.strictObject({
  kind: v.picklist(TRAIT_KINDS),
  name: v.string(),
  value: v.string(),
  by: v.exactOptional(v.pipe(v.string(), v.description('What put it there; absent for a default.'))),
  usual: v.pipe(v.string(), v.description('What most nodes of the group have.')),
  usualBy: v.exactOptional(v.string()),
});

export const OutlierSchema = v.strictObject({
  account: v.exactOptional(v.string()),
  region: v.exactOptional(v.string()),
  cluster: v.exactOptional(v.string()),
  by: v.picklist(GROUPED_BY),
  group: v.string(),
  kind: v.picklist(OUTLIER_KINDS),
  nodes: v.pipe(whole, v.description('How many differ.')),
  of: v.pipe(whole, v.description('How many of the group could be compared.')),
  generation: v.exactOptional(v.pipe(v.string(), v.description('Of a rollout: what the differing nodes are of.'))),
  differences: v.array(DifferenceSchema),
  more: v.exactOptional(v.pipe(whole, v.description('Further differences of the same nodes.'))),
  examples: v.pipe(v.array(v.string()), v.description('Ids of the first of them.')),
  since: v.exactOptional(
    v.pipe(
      time,
      v.description(
        'The scan that saw it first; absent where that is not known, as the scan before had no room for it or could not scan its target.',
      ),
    ),
  ),
  accepted: v.exactOptional(
    v.pipe(
      v.strictObject({ reason: v.string(), owner: v.string(), until: v.string() }),
      v.description('The waiver by which all of them may differ.'),
    ),
  ),
});

export type Outlier = v.InferOutput<typeof OutlierSchema>;
export type Difference = Outlier['differences'][number];

/** The first of them, and how many there are. */
export const OutliersSchema = v.strictObject({ items: v.array(OutlierSchema), total: whole });

export type Outliers = v.InferOutput<typeof OutliersSchema>;

/** Kept of one target: all of its result is one checkpoint of 256 KB (AWS Lambda Developer Guide, durable functions, quotas). */
const CHECKPOINT: Room = { items: 25, bytes: 64 * 1024 };
/** Characters of what a waiver says. */
const LONGEST_REASON = 300;
const MOST_DIFFERENCES = 4;
const MOST_EXAMPLES = 5;
/** A hostile tag can give every node a group of its own, and a hostile node things that nobody else has. */
const MOST_GROUPS = 2_000;
/** Of one kind in one group. */
const MOST_FEATURES = 1_000;
/** Beyond, each node has a value of its own, and there is nothing usual to differ from. */
const MOST_VALUES = 32;
/** Sets of so many generations are tried as what a difference comes with. */
const MOST_GENERATIONS = 6;

/** Nodes as a set: how many, a digest that does not ask for their order, and the first of them. */
type Nodes = { count: number; print: bigint; examples: string[]; accepted: number; waiver?: Waiver };

type Bucket = Nodes & { text: string; by?: string };

/** One thing that is compared, with the nodes that have each value. */
type Feature = Pick<Trait, 'kind' | 'name'> & { buckets: Map<string, Bucket>; last: number };

type Group = NodeGroup & {
  nodes: Nodes;
  known: Record<Countable, Nodes>;
  features: Map<string, Feature>;
  /** How many features there are of a kind: what a node fills of one kind hides nothing of another. */
  held: Map<TraitKind, number>;
  /** By list of traits, what nodes with that very list belong to; and those of them that are still to be added. */
  places: WeakMap<object, Place>;
  waiting: Map<Place, Pick<Nodes, 'count' | 'print'>>;
};

/** The sets that a node joins, as long as its group has so many features; `isFull` where each has all its examples. */
type Place = { sets: Nodes[]; known: ReadonlySet<Countable>; features: number; isFull?: boolean };

const ABSENT = 'absent';
const ABSENT_TEXT: Record<Countable, string> = {
  setting: 'not known to its version',
  argument: 'not given',
  file: 'not there',
};

/** A setting that a version has is there with its default; a feature gate is there where somebody sets it. */
const absentText = (kind: Countable, name: string) =>
  name.startsWith('featureGates.') ? 'not set' : ABSENT_TEXT[kind];

const isCountable = (kind: string): kind is Countable => Object.hasOwn(ABSENT_TEXT, kind);

/** What waivers are asked with: `now` in seconds since the epoch. */
export type Acceptance = { waivers: readonly Waiver[]; now: number };

/** Adds node after node to its group; `result` tells how they differ, the first of them as far as there is room. */
export function outliersOf({ waivers, now }: Acceptance, room = CHECKPOINT) {
  const groups = new Map<string, Group>();
  return {
    add(line: EvidenceLine): void {
      const told = traitsOf(line);
      if (!told) return;
      const key = JSON.stringify([told.group.cluster, told.group.by, told.group.name]);
      const group = groups.get(key) ?? begin(told.group);
      if (groups.size < MOST_GROUPS) groups.set(key, group);
      const { id, cluster } = line.node;
      const waiver = outlierWaiver(waivers, { id, cluster, tags: line.tags }, now);
      const node = { id, print: printOf(id), waiver };
      const place = group.places.get(told.traits);
      if (place && mayWait(group, place, node)) wait(group, place, node);
      else group.places.set(told.traits, addTo(group, told, node));
    },

    result({ account, region }: Partial<Target> = {}): Outliers {
      const where = { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
      for (const group of groups.values()) settle(group);
      const all = [...groups.values()].flatMap((group) => ofGroup(group).map((each) => ({ ...where, ...each })));
      all.sort(
        (a, b) =>
          Number(a.accepted !== undefined) - Number(b.accepted !== undefined) ||
          OUTLIER_KINDS.indexOf(a.kind) - OUTLIER_KINDS.indexOf(b.kind) ||
          b.of - a.of ||
          ascending(idOf(a), idOf(b)),
      );
      return { items: fitting(all, room), total: all.length };
    },
  };
}

type Joining = { id: string; print: bigint; waiver: Waiver | undefined };

function begin(group: NodeGroup): Group {
  const known = { setting: none(), argument: none(), file: none() };
  const sets = { nodes: none(), known, features: new Map(), held: new Map() };
  return { ...group, ...sets, places: new WeakMap(), waiting: new Map() };
}

/** Adds a node to all that it has, and to those that lack what it lacks. */
function addTo(group: Group, { known, traits }: Traits, node: Joining): Place {
  settle(group);
  const before = { ...group.known };
  const sets: Nodes[] = [join(group.nodes, node)];
  for (const kind of known) {
    // What stood before this node is what a feature begins with, so it is replaced, not changed.
    group.known[kind] = join(copy(group.known[kind]), node);
  }
  const turn = group.nodes.count;
  for (const trait of traits) {
    const feature = featureOf(group, trait, before);
    // A file may be listed under several roles.
    if (!feature || feature.last === turn) continue;
    feature.last = turn;
    sets.push(...joinValue(feature, hashed(trait.value), trait, node));
  }
  for (const feature of group.features.values()) {
    const { kind } = feature;
    if (feature.last === turn || !isCountable(kind) || !known.has(kind)) continue;
    sets.push(...joinValue(feature, ABSENT, { text: () => absentText(kind, feature.name) }, node));
  }
  return { sets, known, features: group.features.size };
}

/** Whether a further node of this place adds nothing but itself to how many there are, which need not be told at once. */
function mayWait(group: Group, place: Place, { waiver }: Joining): boolean {
  if (waiver || place.features !== group.features.size) return false;
  const sets = () => [...place.sets, ...[...place.known].map((kind) => group.known[kind])];
  place.isFull ||= sets().every(({ examples }) => examples.length === MOST_EXAMPLES);
  return place.isFull;
}

function wait({ waiting }: Group, place: Place, { print }: Joining): void {
  const known = waiting.get(place) ?? { count: 0, print: 0n };
  waiting.set(place, { count: known.count + 1, print: known.print ^ print });
}

/** Adds those that wait. */
function settle({ waiting, known: all }: Group): void {
  for (const [{ sets, known }, { count, print }] of waiting) {
    for (const set of [...sets, ...[...known].map((kind) => all[kind])]) {
      set.count += count;
      set.print ^= print;
    }
  }
  waiting.clear();
}

const none = (): Nodes => ({ count: 0, print: 0n, examples: [], accepted: 0 });

const copy = (nodes: Nodes): Nodes => ({ ...nodes, examples: [...nodes.examples] });

/** 128 bits: two sets with one digest do not come about, by chance or on purpose. */
function printOf(id: string): bigint {
  return BigInt(`0x${hash('sha256', id).slice(0, 32)}`);
}

function join<Some extends Nodes>(nodes: Some, { id, print, waiver }: Joining): Some {
  nodes.count += 1;
  nodes.print ^= print;
  if (nodes.examples.length < MOST_EXAMPLES) nodes.examples.push(id);
  if (waiver) {
    nodes.accepted += 1;
    nodes.waiver ??= waiver;
  }
  return nodes;
}

/** A feature that is new begins with the nodes that were there before and did not have it. */
function featureOf(group: Group, { kind, name }: Trait, before: Group['known']): Feature | undefined {
  const key = `${kind} ${name}`;
  const known = group.features.get(key);
  const held = group.held.get(kind) ?? 0;
  if (known || held >= MOST_FEATURES) return known;
  group.held.set(kind, held + 1);
  const feature: Feature = { kind, name, buckets: new Map(), last: 0 };
  if (isCountable(kind) && before[kind].count > 0)
    feature.buckets.set(ABSENT, { ...copy(before[kind]), text: absentText(kind, name) });
  group.features.set(key, feature);
  return feature;
}

/** Long values are told apart by their digest. */
function hashed(value: string): string {
  return value.length <= 48 ? `=${value}` : hash('sha256', value, 'base64');
}

/** The set of the nodes with this value, with this one; none where there are too many values. */
function joinValue(
  { buckets }: Feature,
  value: string,
  { text, by }: Pick<Trait, 'text' | 'by'>,
  node: Joining,
): Bucket[] {
  const known = buckets.get(value);
  if (known) return [join(known, node)];
  // One beyond the most says that there were more.
  if (buckets.size > MOST_VALUES) return [];
  const cause = by?.();
  const begun = join({ ...none(), text: text(), ...(cause !== undefined && { by: cause }) }, node);
  buckets.set(value, begun);
  return [begun];
}

type Found = { difference: Difference; bucket: Bucket; usual: Bucket; of: number };

/** Differences of the same nodes are one outlier; what it follows from comes first. */
function ofGroup(group: Group): Outlier[] {
  const bySet = Map.groupBy(
    [...group.features.values()].flatMap((feature) => differencesIn(group, feature)),
    ({ bucket }) => `${bucket.count} ${bucket.print}`,
  );
  return [...bySet.values()].map((found) => outlierOf(group, found));
}

function differencesIn({ nodes }: Group, { kind, name, buckets }: Feature): Found[] {
  if (buckets.size < 2 || buckets.size > MOST_VALUES) return [];
  const all = [...buckets.values()];
  const of = all.reduce((sum, { count }) => sum + count, 0);
  const first = (bucket: Bucket) => Number(bucket.examples[0] === nodes.examples[0]);
  const [usual, ...others] = all.toSorted((a, b) => b.count - a.count || first(b) - first(a));
  if (!usual) return [];
  return others.map((bucket) => {
    const by = { ...(bucket.by !== undefined && { by: bucket.by }) };
    const usualBy = { ...(usual.by !== undefined && { usualBy: usual.by }) };
    return { difference: { kind, name, value: bucket.text, ...by, usual: usual.text, ...usualBy }, bucket, usual, of };
  });
}

function outlierOf(group: Group, found: readonly Found[]): Outlier {
  const rank = ({ difference }: Found) => TRAIT_KINDS.indexOf(difference.kind);
  const sorted = found.toSorted((a, b) => rank(a) - rank(b));
  const [{ bucket, usual, of }] = sorted as [Found];
  const differences = minimal(sorted.map(({ difference }) => difference));
  const generation = generationOf(group, bucket);
  const isUsual = usual.count * 3 >= of * 2;
  const kind = generation !== undefined ? 'rollout' : of === 2 ? 'pair' : isUsual ? 'outlier' : 'split';
  const { waiver } = bucket;
  return {
    ...(group.cluster !== undefined && { cluster: group.cluster }),
    by: group.by,
    group: group.name,
    kind,
    nodes: bucket.count,
    of,
    ...(generation !== undefined && { generation }),
    differences: differences.slice(0, MOST_DIFFERENCES),
    ...(differences.length > MOST_DIFFERENCES && { more: differences.length - MOST_DIFFERENCES }),
    examples: bucket.examples,
    ...(waiver &&
      bucket.accepted === bucket.count && {
        accepted: {
          reason: oneLine(waiver.reason, LONGEST_REASON),
          owner: oneLine(waiver.owner, LONGEST_REASON),
          until: waiver.until,
        },
      }),
  };
}

/** An argument or a drop-in that is what put a setting there needs no word of its own. */
function minimal(differences: readonly Difference[]): Difference[] {
  const causes = differences.flatMap(({ kind, by, usualBy }) =>
    kind === 'setting' ? [by, usualBy].filter((each) => each !== undefined) : [],
  );
  return differences.filter(
    ({ kind, name }) =>
      !(kind === 'file' || kind === 'argument') ||
      !causes.some((cause) => cause.replaceAll('_', '-').includes(name.replaceAll('_', '-'))),
  );
}

/** What nodes are made by: only where neither launch template nor image is known does the kubelet's version say it. */
function generationOf({ features }: Group, { count, print }: Nodes): string | undefined {
  const all = [...features.values()];
  const made = all.filter(({ kind }) => kind === 'template' || kind === 'image');
  for (const { name, buckets } of made.length > 0 ? made : all.filter(({ kind }) => kind === 'version')) {
    if (buckets.size < 2 || buckets.size > MOST_GENERATIONS) continue;
    const generations = [...buckets.values()];
    for (let chosen = 1; chosen < 2 ** generations.length - 1; chosen += 1) {
      const some = generations.filter((_, index) => (chosen >> index) & 1);
      if (some.reduce((sum, each) => sum + each.count, 0) !== count) continue;
      if (some.reduce((sum, each) => sum ^ each.print, 0n) !== print) continue;
      return `${name} ${some.map(({ text }) => text).join(' and ')}`;
    }
  }
  return undefined;
}

/** By which an outlier is known again in the next scan, whoever of the nodes came or went. */
export function idOf({ account, region, cluster, by, group, differences }: Outlier): string {
  const [{ kind, name, value } = {} as Partial<Difference>] = differences;
  return JSON.stringify([account, region, cluster, by, group, kind, name, value]);
}

/** The outliers of the scan before, and the targets of which it did not know all. */
export type KnownOutliers = { items: readonly Outlier[]; isPartial(target: Partial<Target>): boolean };

/**
 * Says since when each is known, by those of the scan before. One that it does not have is new where it had all of the
 * target; else nothing is said.
 */
export function since(items: readonly Outlier[], { items: before, isPartial }: KnownOutliers, now: string): Outlier[] {
  const known = new Map(before.map((each) => [idOf(each), each.since]));
  return items.map((each) => {
    const first = known.get(idOf(each));
    if (first !== undefined) return { ...each, since: first };
    return known.has(idOf(each)) || isPartial(each) ? each : { ...each, since: now };
  });
}
