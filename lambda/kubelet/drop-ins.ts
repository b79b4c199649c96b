/**
 * What the files of --config-dir do to the configuration, by the kubelet's version.
 * Tested by test/kubelet/agreement.test.ts.
 */

import type { Given, Json, JsonObject } from '../go/json.ts';
import { applyPatch, deletedBy, type Tree, toJson } from '../go/merge-patch.ts';
import { Exit, within } from '../go/outcome.ts';
import { directoryOf } from '../go/paths.ts';
import type { Source } from './configuration.ts';
import { type Decoded, decode, type Found, ignoredKeys } from './decode.ts';
import { type Reading, readDocument } from './document.ts';
import { type Field, isPointer, isZero, type Value } from './fields.ts';
import { type DropIn, resolvePaths } from './files.ts';
import { gatesOf, type Layers, plain, put, putFound, putGates } from './layers.ts';

type Merge = (layers: Layers, dropIns: readonly DropIn[], fields: readonly Field[], minor: number) => string[];

/**
 * Merges the drop-ins, in their order, over the layers; returns notes. Throws Exit where the kubelet refuses one.
 * Source: kubernetes cmd/kubelet/app/server.go, mergeKubeletConfigurations of 1.28, of 1.29 to 1.31 and of 1.32.
 */
export const mergeDropIns: Merge = (layers, dropIns, fields, minor) => {
  if (minor <= 28) return mergeNonZero(layers, dropIns, fields, minor);
  return mergeJson(layers, dropIns, fields, minor);
};

/** 1.28: each drop-in is read like a configuration file, defaults and all; what is not zero overrides (mergo). */
function mergeNonZero(layers: Layers, dropIns: readonly DropIn[], fields: readonly Field[], minor: number): string[] {
  const notes: string[] = [];
  for (const { path: where, text } of dropIns) {
    const source = { kind: 'drop-in', where } as const;
    const { found, unknown } = within(`drop-in ${where}`, () => decode(readDocument(text, 'file'), 'exact', minor));
    if (unknown.length > 0) notes.push(ignoredKeys(where, unknown));
    for (const field of fields) {
      const value = given(found, field.path);
      if (value instanceof Map) putGates(layers, value, source);
      else mergeField(layers, field, resolvePaths(field.path, value, directoryOf(where)), source, notes);
    }
  }
  return notes;
}

function mergeField(
  layers: Layers,
  field: Field,
  value: Value | undefined,
  source: { kind: 'drop-in'; where: string },
  notes: string[],
): void {
  const { path } = field;
  const own: Layers = new Map();
  putFound(own, field, value, source);
  const defaulted = own.get(path);
  if (defaulted === undefined) return;
  if (isZero(path, defaulted.value)) {
    if (value !== undefined && layers.get(path)?.value !== value && !(Array.isArray(value) && value.length === 0)) {
      notes.push(`kubelet 1.28 ignores ${path}: ${String(value)} of drop-in ${source.where}`);
    }
    return;
  }
  // The default of what a drop-in does not mention overrides too; where it changes nothing it is not the source.
  if (defaulted.source.kind === 'drop-in' || defaulted.value !== layers.get(path)?.value) {
    put(layers, path, defaulted.value, source);
  }
}

/** From 1.29 on: JSON merge patches over the configuration's own JSON. */
function mergeJson(layers: Layers, dropIns: readonly DropIn[], fields: readonly Field[], minor: number): string[] {
  const internal = minor <= 31;
  const reading: Reading = internal ? 'any-kind' : 'drop-in';
  const notes: string[] = [];
  const tree = treeOf(layers, fields, internal);
  for (const { path: where, text } of dropIns) {
    const document = within(`drop-in ${where}`, () => readDocument(text, reading));
    const unknown = unknownIn(document, minor, internal);
    if (unknown.length > 0) notes.push(ignoredKeys(where, unknown));
    within(`drop-in ${where}`, () => applyPatch(tree, document, where));
  }
  const { found } = decode(toJson(tree), internal ? 'folded-internal' : 'folded', minor);
  const order = dropIns.map(({ path }) => path);
  for (const field of fields) {
    if (field.path === 'featureGates') putMergedGates(layers, found.get(field.path), order, internal);
    else putMerged(layers, field, found.get(field.path), internal, deletedBy(tree, field.path.split('.')));
  }
  return notes;
}

/** Types are checked after the merge only; here only the keys count. */
function unknownIn(document: JsonObject, minor: number, internal: boolean): string[] {
  try {
    return decode(document, internal ? 'folded-internal' : 'folded', minor).unknown;
  } catch (error) {
    if (error instanceof Exit) return [];
    throw error;
  }
}

function putMerged(
  layers: Layers,
  field: Field,
  found: Found | undefined,
  internal: boolean,
  deleting: string | undefined,
): void {
  const { path } = field;
  const below = layers.get(path);
  if (found?.given !== undefined) {
    for (const { where, value } of chain(found.given)) put(layers, path, value, { kind: 'drop-in', where });
    const top = layers.get(path);
    const value = plain(found);
    if (top === undefined || value === undefined) return;
    layers.set(path, { ...top, value });
    // Before 1.32 nothing is defaulted after the merge: a zero stays a zero.
    if (!internal) redefault(layers, field);
  } else if (
    !internal &&
    below !== undefined &&
    found === undefined &&
    (isPointer(path) || !isZero(path, below.value))
  ) {
    // A null deleted what was there: its drop-in decides, though the value is the default.
    const source: Source = deleting === undefined ? { kind: 'default' } : { kind: 'drop-in', where: deleting };
    put(layers, path, field.fallback, source);
  }
}

function redefault(layers: Layers, { path, fallback }: Field): void {
  const { value, source } = layers.get(path) ?? {};
  if (value === undefined || source === undefined) return;
  if (path === 'podPidsLimit' && Number(value) < 0) layers.set(path, { ...layers.get(path), value: -1, source });
  else if (!isPointer(path) && isZero(path, value) && !isZero(path, fallback))
    put(layers, path, fallback, { kind: 'default' });
}

/** The source of merged gates is the last drop-in that named one. */
function putMergedGates(layers: Layers, found: Found | undefined, order: readonly string[], internal: boolean): void {
  const before = layers.get('featureGates')?.value;
  const gates = found?.value instanceof Map ? found.value : new Map<string, Found>();
  // Before 1.32 the merged document is read into the map that was there: what a null deleted stays in it.
  const kept = internal && before instanceof Map ? [...before] : [];
  const merged = new Map([...kept, ...gatesOf(gates)]);
  const places = [...gates.values()].map(({ given }) => (given === undefined ? -1 : order.lastIndexOf(given.where)));
  const where = order[places.reduce((last, place) => Math.max(last, place), -1)];
  if (where !== undefined) put(layers, 'featureGates', merged, { kind: 'drop-in', where });
  else if (before instanceof Map && before.size !== merged.size) {
    // Only nulls of drop-ins take gates away.
    put(layers, 'featureGates', merged, merged.size === 0 ? { kind: 'default' } : { kind: 'drop-in' });
  }
}

/** The values that drop-ins gave one after the other, the first one first. */
function chain(given: Given): { where: string; value: Value }[] {
  const values: { where: string; value: Value }[] = [];
  for (let at: Given | undefined = given; at !== undefined; at = at.before) {
    values.unshift({ where: at.where, value: shown(at.value) });
  }
  return values;
}

/** What an overridden drop-in gave, for the reader; it may be of a wrong type. */
function shown(value: Json): Value {
  if (Array.isArray(value)) return value.map((item) => String(shown(item)));
  if (typeof value === 'object') return value !== null && 'number' in value ? Number(value.number) : '';
  return value;
}

/** The JSON over which drop-ins are merged: of the internal type with its Go names, or v1beta1 without its zeros. */
function treeOf(layers: Layers, fields: readonly Field[], internal: boolean): Tree {
  const tree: Tree = new Map();
  for (const path of [
    'authentication.x509',
    'authentication.webhook',
    'authentication.anonymous',
    'authorization.webhook',
  ]) {
    branchAt(tree, path.split('.'), internal);
  }
  for (const { path } of fields) {
    const value = layers.get(path)?.value;
    if (value === undefined || (!internal && !isPointer(path) && isZero(path, value))) continue;
    const names = path.split('.');
    const name = names.pop() ?? '';
    const branch = branchAt(tree, names, internal);
    if (value instanceof Map) {
      branch.set(internal ? goName(name) : name, new Map([...value].map(([gate, on]) => [gate, { value: on }])));
    } else branch.set(internal ? goName(name) : name, { value: jsonOf(value) });
  }
  return tree;
}

function branchAt(tree: Tree, names: readonly string[], internal: boolean): Tree {
  let branch = tree;
  for (const name of names) {
    const key = internal ? goName(name) : name;
    const next = branch.get(key);
    if (next instanceof Map) branch = next;
    else {
      const created: Tree = new Map();
      branch.set(key, created);
      branch = created;
    }
  }
  return branch;
}

function jsonOf(value: Value): Json {
  // The largest int64 is no double: its neighbour is one too much.
  if (typeof value === 'number')
    return { number: value >= 2 ** 63 ? String(2n ** 63n - 1n) : BigInt(value).toString() };
  return typeof value === 'boolean' || typeof value === 'string' ? value : Array.isArray(value) ? [...value] : null;
}

/** `tlsCertFile` is TLSCertFile in the internal type (pkg/kubelet/apis/config/types.go). */
function goName(name: string): string {
  const upper = /^(?:tls|oom|ip)(?=[A-Z]|tables)/.exec(name)?.[0];
  if (upper === 'ip') return name.replace('iptables', 'IPTables');
  if (upper !== undefined) return upper.toUpperCase() + name.slice(upper.length);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function given(found: Decoded['found'], path: string): Value | undefined {
  const entry = found.get(path);
  return entry && plain(entry);
}
