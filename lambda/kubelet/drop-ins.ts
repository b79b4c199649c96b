/**
 * What the files of --config-dir do to the configuration, by the kubelet's version.
 * Tested by test/kubelet/facts.test.ts and test/kubelet/sources.test.ts.
 */

import type { Given, Json, JsonObject } from '../go/json.ts';
import { applyPatch, deletedBy, toJson } from '../go/merge-patch.ts';
import { Exit, within } from '../go/outcome.ts';
import { directoryOf } from '../go/paths.ts';
import type { IgnoredKeys, Source } from './configuration.ts';
import { decode, type Found, type Matching } from './decode.ts';
import { type Reading, readDocument } from './document.ts';
import { treeOf } from './drop-in-tree.ts';
import { type DropIn, resolvePaths } from './files.ts';
import type { GateValues } from './gates.ts';
import {
  defaultAbsent,
  defaults,
  dependentFallback,
  fallbackOf,
  gatesIn,
  type Layers,
  normalized,
  put,
  putFound,
} from './layers.ts';
import { fold, type ObjectType, type Schema, schemaOf } from './schema.ts';
import { isAbsent, isOmitted, toPlain, type Value } from './values.ts';
import type { Rules } from './version.ts';

/** What the merging needs to know. */
export type Merging = {
  directory: string;
  rules: Rules;
  /** The gates of the command line. */
  flagGates: GateValues;
};

/** What the reader should know of drop-ins that were merged. */
export type Told = { notes: string[]; ignoredKeys: IgnoredKeys[] };

/**
 * Merges the drop-ins, in their order, over the layers; returns what is to be told of them. Throws Exit where the kubelet refuses one.
 * Source: kubernetes cmd/kubelet/app/server.go, mergeKubeletConfigurations of 1.28, of 1.29 to 1.31 and of 1.32.
 */
export function mergeDropIns(layers: Layers, dropIns: readonly DropIn[], merging: Merging): Told {
  const how = readingOf(merging.rules.minor);
  return how === 'file' ? mergeNonZero(layers, dropIns, merging) : mergeJson(layers, dropIns, merging, how);
}

/** How a kubelet of this minor reads a drop-in: as a config file of its own, or as a patch, of its type since 1.32. */
export function readingOf(minor: number): Reading {
  return minor <= 28 ? 'file' : minor <= 31 ? 'any-kind' : 'drop-in';
}

/** How the keys of what is read so are told: a patch is over the kubelet's internal type before 1.32. */
export function matchingOf(how: Reading): Matching {
  return how === 'file' ? 'exact' : how === 'any-kind' ? 'folded-internal' : 'folded';
}

const MERGE = 'failed to merge kubelet configs: ';

/** Reads one drop-in; its errors come in the kubelet's words around them. */
function reading<T>({ directory }: Merging, where: string, read: () => T): T {
  const around = (message: string) =>
    `${MERGE}failed to walk through kubelet dropin directory "${directory}": failed to load kubelet dropin file, path: ${where}, error: ${message}`;
  return within(around, { where: { kind: 'drop-in', where } }, read);
}

/** 1.28: each drop-in is read like a configuration file, defaults and all; what is not zero overrides (mergo). */
function mergeNonZero(layers: Layers, dropIns: readonly DropIn[], merging: Merging): Told {
  const told: Told = { notes: [], ignoredKeys: [] };
  const { minor } = merging.rules;
  const schema = schemaOf(minor);
  for (const { path: where, text } of dropIns) {
    const source = { kind: 'drop-in', where } as const;
    const { found, unknown } = reading(merging, where, () =>
      within(
        (message) => `failed to load Kubelet config file ${where}, error ${message}`,
        { where: source },
        () => decode(readDocument(text, 'file'), 'exact', schema),
      ),
    );
    if (unknown.length > 0) told.ignoredKeys.push({ where, keys: unknown });
    const own = defaults(minor, true);
    for (const [path, { value }] of found) {
      putFound(own, minor, path, resolvePaths(path, value, directoryOf(where)), source);
    }
    for (const path of schema.settings.keys())
      mergeSetting(layers, path, own, found.get(path)?.value, source, schema, told.notes);
  }
  return told;
}

/** pkg/kubelet/apis/config/types.go, 1.28. */
const INTERNAL_POINTERS: ReadonlySet<string> = new Set(['memoryThrottlingFactor', 'maxParallelImagePulls']);

function mergeSetting(
  layers: Layers,
  path: string,
  own: Layers,
  given: Value | undefined,
  source: { kind: 'drop-in'; where: string },
  { settings }: Schema,
  notes: string[],
): void {
  const [type, defaulted, below] = [settings.get(path), own[path], layers[path]];
  if (type === undefined || defaulted === undefined || below === undefined) return;
  const { value } = defaulted;
  if (type.kind === 'object') {
    if (value !== null && below.value === null) put(layers, path, value, source);
    return;
  }
  // Pointers of the internal type too: their zero is a value.
  if (INTERNAL_POINTERS.has(path)) {
    if (value !== null) put(layers, path, value, source);
    return;
  }
  // The parts of a quantity are not exported: mergo leaves them as they are.
  if (type.kind === 'scalar' && type.scalar === 'quantity') return;
  if (isOmitted(type, value) || value === '0s' || value === false || value === 0 || value === '') {
    if (given !== undefined && given !== null && !isEmpty(given) && below.value !== given) {
      notes.push(`kubelet 1.28 ignores ${path}: ${String(given)} of drop-in ${source.where}`);
    }
    return;
  }
  const merged = value instanceof Map ? new Map([...(below.value instanceof Map ? below.value : []), ...value]) : value;
  // The default of what a drop-in does not mention overrides too; where it changes nothing it is not the source.
  if (defaulted.source.kind === 'drop-in' || !sameValue(merged, below.value)) put(layers, path, merged, source);
}

function sameValue(left: Value, right: Value): boolean {
  return left === right || JSON.stringify(toPlain(left)) === JSON.stringify(toPlain(right));
}

/** From 1.29 on: JSON merge patches over the configuration's own JSON. */
function mergeJson(layers: Layers, dropIns: readonly DropIn[], merging: Merging, how: Reading): Told {
  const { minor } = merging.rules;
  const schema = schemaOf(minor);
  const internal = how === 'any-kind';
  const told: Told = { notes: [], ignoredKeys: [] };
  const documents = dropIns.map(({ path: where, text }) => {
    const document = reading(merging, where, () => readDocument(text, how));
    const unknown = unknownIn(document, schema, matchingOf(how));
    if (unknown.length > 0) told.ignoredKeys.push({ where, keys: unknown });
    return { where, document };
  });
  const touched = touchedBy(documents, schema.root, internal);
  const tree = treeOf(layers, schema, touched, internal);
  for (const { where, document } of documents) {
    within(
      (message) => `${MERGE}failed to merge drop-in and current config: ${message}`,
      { where: { kind: 'drop-in', where } },
      () => applyPatch(tree, document, where),
    );
  }
  const { found } = within(
    (message) => `${MERGE}failed to unmarshal merged JSON into kubelet configuration: ${message}`,
    {},
    () => decode(toJson(tree), matchingOf(how), schema),
  );
  const order = dropIns.map(({ path }) => path);
  for (const top of touched) {
    for (const { path, names } of schema.below.get(top) ?? []) {
      if (path === 'featureGates') putMergedGates(layers, found.get(path), order, internal);
      else putMerged(layers, path, found.get(path), merging, deletedBy(tree, names));
    }
  }
  if (!internal) redefaultAll(layers, merging, touched);
  return told;
}

/** Types are checked after the merge only; here only the keys count. */
function unknownIn(document: JsonObject, schema: Schema, matching: Matching): string[] {
  try {
    return decode(document, matching, schema).unknown;
  } catch (error) {
    if (error instanceof Exit) return [];
    throw error;
  }
}

/** The fields that a drop-in names: all others come out as they went in. */
function touchedBy(
  documents: readonly { document: JsonObject }[],
  { folded, foldedInternal }: ObjectType,
  internal: boolean,
): ReadonlySet<string> {
  const names = internal ? foldedInternal : folded;
  const keys = documents.flatMap(({ document }) => document.members.map(({ key }) => key));
  return new Set(keys.flatMap((key) => names.get(fold(key)) ?? []));
}

function putMerged(
  layers: Layers,
  path: string,
  found: Found | undefined,
  { rules, flagGates }: Merging,
  deleting: string | undefined,
): void {
  const { minor } = rules;
  const internal = minor <= 31;
  const type = schemaOf(minor).settings.get(path);
  const below = layers[path];
  if (type === undefined || below === undefined) return;
  if (found?.given !== undefined) {
    if (found.value === null) {
      // A null of a list or map: only the decoding of the internal type sees one.
      put(layers, path, null, { kind: 'drop-in', where: found.given.where });
      return;
    }
    const above = found.value instanceof Map ? [found.given] : chain(found.given);
    for (const { where, value } of above) put(layers, path, shown(value), { kind: 'drop-in', where });
    const top = layers[path];
    if (top === undefined) return;
    // Before 1.32 nothing is defaulted after the merge: a zero stays a zero.
    layers[path] = { ...top, value: internal ? found.value : normalized(path, found.value) };
    if (!internal && isAbsent(type, found.value)) {
      const fallback = dependentFallback(path, { layers, gates: flagGates, rules });
      if (!isAbsent(type, fallback)) put(layers, path, fallback, { kind: 'default' });
    }
  } else if (!internal && found === undefined && !isOmitted(type, below.value)) {
    // A null deleted what was there: its drop-in decides, though the value is the default.
    const source: Source = deleting === undefined ? { kind: 'default' } : { kind: 'drop-in', where: deleting };
    put(layers, path, fallbackAfterNull(layers, path, { rules, flagGates }), source);
  } else if (found !== undefined && found.given === undefined && type.kind === 'object') {
    layers[path] = { ...below, value: found.value };
  }
}

function fallbackAfterNull(
  layers: Layers,
  path: string,
  { rules, flagGates }: Pick<Merging, 'rules' | 'flagGates'>,
): Value {
  // SetDefaults does not know the default thresholds: only the loading of a file does.
  if (path === 'evictionHard' && rules.minor >= 26) return null;
  if (path === 'nodeStatusReportFrequency') return layers.nodeStatusUpdateFrequency?.value ?? null;
  return dependentFallback(path, { layers, gates: flagGates, rules });
}

/** From 1.32 on everything is defaulted again: an empty list that JSON left out, and what gates bring. */
function redefaultAll(layers: Layers, { rules, flagGates }: Merging, touched: ReadonlySet<string>): void {
  const { minor } = rules;
  const allocatable = layers.enforceNodeAllocatable;
  if (Array.isArray(allocatable?.value) && allocatable.value.length === 0 && !touched.has('enforceNodeAllocatable')) {
    put(layers, 'enforceNodeAllocatable', fallbackOf(minor, 'enforceNodeAllocatable'), { kind: 'default' });
  }
  defaultAbsent({ layers, gates: new Map([...flagGates, ...gatesIn(layers)]), rules });
}

/** The source of merged gates is the last drop-in that named one. */
function putMergedGates(layers: Layers, found: Found | undefined, order: readonly string[], internal: boolean): void {
  const before = gatesIn(layers);
  const gates = found?.value instanceof Map ? found.value : new Map<string, Value>();
  // Before 1.32 the merged document is read into the map that was there: what a null deleted stays in it.
  const merged = new Map([...(internal ? before : []), ...gates]);
  const places = [...(found?.keys?.values() ?? [])].map(({ where }) => order.lastIndexOf(where));
  const where = order[places.reduce((last, place) => Math.max(last, place), -1)];
  if (where !== undefined) put(layers, 'featureGates', merged, { kind: 'drop-in', where });
  else if (before.size !== merged.size) {
    // Only nulls of drop-ins take gates away.
    put(layers, 'featureGates', merged, merged.size === 0 ? { kind: 'default' } : { kind: 'drop-in' });
  }
}

/** The values that drop-ins gave one after the other, the first one first. */
function chain(given: Given): { where: string; value: Json }[] {
  const values: { where: string; value: Json }[] = [];
  for (let at: Given | undefined = given; at !== undefined; at = at.before) values.unshift(at);
  return values;
}

/** What an overridden drop-in gave, for the reader; it may be of a wrong type. */
function shown(value: Json): Value {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value === 'object') return value !== null && 'number' in value ? Number(value.number) : '';
  return value;
}

function isEmpty(value: unknown): boolean {
  return (Array.isArray(value) && value.length === 0) || (value instanceof Map && value.size === 0);
}
