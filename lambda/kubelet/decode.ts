/**
 * JSON into the fields of KubeletConfiguration, as encoding/json and sigs.k8s.io/json do it, and their words where they
 * refuse a value. Tested by test/kubelet/facts.test.ts and, with recorded kubelets, test/kubelet/agreement.test.ts.
 */
import { byBytes, type Given, isObject, type Json, type JsonObject, type Member } from '../go/json.ts';
import type { IgnoredKeys } from './configuration.ts';
import { goType, mismatch, readValue, refused } from './decode-value.ts';
import { fold, type ObjectType, type Schema, type Type } from './schema.ts';
import { type Value, zeroOf } from './values.ts';

/** A value that a document gives; null unsets. */
export type Found = {
  value: Value;
  /** The drop-ins that gave it; nothing for what was there before them. */
  given?: Given;
  /** By the keys of a map, where a drop-in gave them. */
  keys?: ReadonlyMap<string, Given>;
};

export type Decoded = {
  /** By the setting's path: `authentication.anonymous.enabled`. Durations are written as Go prints them. */
  found: Map<string, Found>;
  /** Keys that mean nothing to this kubelet. */
  unknown: string[];
};

/** How keys find their field. */
export type Matching =
  /** By the exact v1beta1 name: configuration files (sigs.k8s.io/json). */
  | 'exact'
  /** Without regard to case, after sorting: merged drop-ins of 1.32 and later (encoding/json). */
  | 'folded'
  /** The same over the names of the internal Go type: merged drop-ins of 1.29 to 1.31. */
  | 'folded-internal';

/** More names, or longer ones, would only lengthen the notes. */
const MOST_NAMES = 20;
const LONGEST_NAME = 60;

/** A note on keys that mean nothing to this kubelet. */
export function ignoredKeysNote({ where, keys }: IgnoredKeys): string {
  return `${where} has keys that this kubelet ignores: ${listed(keys)}`;
}

/** Names for a note, each cut: they come from the node. */
export function listed(names: readonly string[]): string {
  return names
    .slice(0, MOST_NAMES)
    .map((name) => name.slice(0, LONGEST_NAME))
    .join(', ');
}

type Context = Decoded & {
  matching: Matching;
  /** What the memory behind a list still holds, also beyond its end. */
  memory: Map<string, Value[]>;
};

/** Throws Exit at the first value of a wrong type. */
export function decode(document: JsonObject, matching: Matching, { root }: Schema): Decoded {
  const context: Context = { found: new Map(), unknown: [], matching, memory: new Map() };
  readFields(document, root, '', context);
  return { found: context.found, unknown: context.unknown };
}

function readFields(object: JsonObject, type: ObjectType, path: string, context: Context): void {
  for (const member of ordered(object, context.matching)) {
    const name = fieldNamed(member.key, type, context.matching);
    const field = name === undefined ? undefined : type.fields.get(name);
    if (name === undefined || field === undefined) {
      if (context.unknown.length < MOST_NAMES) context.unknown.push(path + member.key);
      continue;
    }
    readField(member, field, path + name, type, context);
  }
}

/** Merged documents come out of json.Marshal, which sorts the keys. */
function ordered(object: JsonObject, matching: Matching): Member[] {
  return matching === 'exact' ? object.members : object.members.toSorted((a, b) => byBytes(a.key, b.key));
}

function fieldNamed(key: string, type: ObjectType, matching: Matching): string | undefined {
  if (matching === 'exact' || (matching === 'folded' && type.fields.has(key))) return key;
  return (matching === 'folded' ? type.folded : type.foldedInternal).get(fold(key));
}

function readField(member: Member, type: Type, path: string, holder: ObjectType, context: Context): void {
  const { value } = member;
  if (type.kind === 'object') {
    if (value === null) {
      if (type.pointer) unset(type, path, context);
      return;
    }
    if (!isObject(value)) throw mismatch(value, holder, path, 'object', member.given);
    if (type.pointer) context.found.set(path, { value: new Map() });
    readFields(value, type, `${path}.`, context);
    return;
  }
  readSetting(member, type, path, holder, context);
}

/** A null for an object that may be absent takes its fields away too. */
function unset(type: ObjectType, path: string, { found }: Context): void {
  found.set(path, { value: null });
  for (const [name, field] of type.fields) found.set(`${path}.${name}`, { value: zeroOf(field) });
}

function readSetting(member: Member, type: Type, path: string, holder: ObjectType, context: Context): void {
  const { found, memory } = context;
  const { value, given } = member;
  const put = (result: Value) => found.set(path, given === undefined ? { value: result } : { value: result, given });
  if (type.kind === 'map') {
    readMap(member, type.value, path, holder, found);
    return;
  }
  if (value === null) {
    memory.delete(path);
    if (type.kind === 'list' || (type.kind === 'scalar' && type.pointer)) put(null);
    else readNull(type, path, given);
    return;
  }
  if (type.kind === 'list') put(readList(value, type.item, path, holder, memory, given));
  else put(readValue(value, type, path, holder, given));
}

/** A null leaves most fields as they are; durations are read by a function of their own, which refuses it. */
function readNull(type: Type, path: string, given: Given | undefined): void {
  if (type.kind === 'scalar' && type.scalar === 'duration') throw refused('time: invalid duration ""', path, given);
}

/** Maps are extended, not replaced, when their key comes twice; a null member is the zero value. */
function readMap(member: Member, type: Type, path: string, holder: ObjectType, found: Map<string, Found>): void {
  const { value, given } = member;
  if (value === null) {
    found.set(path, given === undefined ? { value: null } : { value: null, given });
    return;
  }
  if (!isObject(value)) throw mismatch(value, holder, path, goType(type, true), given);
  const known = found.get(path);
  const map = new Map(known?.value instanceof Map ? known.value : []);
  const keys = new Map(known?.keys);
  for (const inner of value.members) {
    const by = inner.given ?? given;
    map.set(inner.key, inner.value === null ? nothingOf(type) : readMapValue(inner.value, type, path, holder, by));
    if (by !== undefined) keys.set(inner.key, by);
  }
  const latest = [...keys.values()].at(-1);
  found.set(path, latest === undefined ? { value: map } : { value: map, given: latest, keys });
}

/** A list in a map that is null stays null, as Go's nil; everything else is its zero. */
function nothingOf(type: Type): Value {
  return type.kind === 'list' ? null : zeroOf(type);
}

/** A map's value is decoded anew, whatever stood under its key (encoding/json, object: mapElem.SetZero). */
function readMapValue(value: Json, type: Type, path: string, holder: ObjectType, given: Given | undefined): Value {
  if (type.kind === 'list') return readList(value, type.item, path, holder, new Map(), given);
  return readValue(value, type, path, holder, given);
}

/** encoding/json decodes into the list that is there: a null item leaves what stood at its place. */
function readList(
  value: Json,
  type: Type,
  path: string,
  holder: ObjectType,
  memory: Context['memory'],
  given: Given | undefined,
): Value[] {
  if (!Array.isArray(value)) throw mismatch(value, holder, path, `[]${goType(type)}`, given);
  const kept = memory.get(path) ?? [];
  const items = value.map((item, at) => {
    const before = kept[at] ?? zeroOf(type);
    if (item === null) return before;
    if (type.kind === 'object') return readItem(item, type, path, before, holder, given);
    return readValue(item, type, path, holder, given);
  });
  memory.set(path, items.length === 0 ? [] : [...items, ...kept.slice(items.length)]);
  return items;
}

/** An object of a list, decoded over what stood at its place. */
function readItem(
  value: Json,
  type: ObjectType,
  path: string,
  before: Value,
  holder: ObjectType,
  given: Given | undefined,
): Value {
  if (!isObject(value)) throw mismatch(value, holder, path, type.name, given);
  const item: Record<string, Value> = { ...(before as Record<string, Value>) };
  for (const { key, value: inner } of value.members) {
    const name = type.fields.has(key) ? key : type.folded.get(fold(key));
    const field = name === undefined ? undefined : type.fields.get(name);
    if (name === undefined || field === undefined) continue;
    if (inner === null) {
      if (field.kind !== 'scalar' || field.pointer) item[name] = zeroOf(field);
      continue;
    }
    const inside = `${path}.${name}`;
    if (field.kind === 'map') {
      if (!isObject(inner)) throw mismatch(inner, type, inside, goType(field), given);
      const map = new Map(item[name] instanceof Map ? item[name] : []);
      for (const entry of inner.members) {
        map.set(
          entry.key,
          entry.value === null ? zeroOf(field.value) : readValue(entry.value, field.value, inside, type, given),
        );
      }
      item[name] = map;
    } else item[name] = readValue(inner, field, inside, type, given);
  }
  return item;
}
