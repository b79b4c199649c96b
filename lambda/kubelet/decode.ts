/**
 * JSON into the fields of KubeletConfiguration, as encoding/json and sigs.k8s.io/json do it.
 * Tested by test/kubelet/agreement.test.ts.
 */
import {
  byBytes,
  type Given,
  isNumber,
  isObject,
  type Json,
  type JsonObject,
  kindOf,
  type Member,
} from '../go/json.ts';
import { fits, formatDuration, parseDuration, parseFloat64, parseInteger } from '../go/literals.ts';
import { Exit, quote } from '../go/outcome.ts';
import { exists, type Fields, type FieldType, KUBELET_CONFIGURATION } from './schema.ts';

/** A value that a document gives; `undefined` is a null that unsets a pointer. */
export type Found = {
  value: boolean | number | string | string[] | Map<string, Found> | undefined;
  /** The drop-ins that gave it; nothing for what was there before them. */
  given?: Given;
};

export type Decoded = {
  /** By the field's path: `authentication.anonymous.enabled`. Durations are written as Go prints them. */
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

/** The only field whose Go name is not its v1beta1 name in another case. */
const INTERNAL_NAMES: Readonly<Record<string, string>> = { resolvConf: 'ResolverConfig' };

/** More names, or longer ones, would only lengthen the notes. */
const MOST_NAMES = 20;
const LONGEST_NAME = 60;

/** A note on keys that mean nothing to this kubelet. */
export function ignoredKeys(where: string, unknown: readonly string[]): string {
  return `${where} has keys that this kubelet ignores: ${listed(unknown)}`;
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
  minor: number;
  /** What the memory behind a list still holds, also beyond its end. */
  memory: Map<string, string[]>;
};

/** Throws Exit at the first value of a wrong type. */
export function decode(document: JsonObject, matching: Matching, minor: number): Decoded {
  const context: Context = { found: new Map(), unknown: [], matching, minor, memory: new Map() };
  readFields(document, KUBELET_CONFIGURATION, '', context);
  return { found: context.found, unknown: context.unknown };
}

function readFields(object: JsonObject, fields: Fields, path: string, context: Context): void {
  for (const member of ordered(object, context.matching)) {
    const name = fieldNamed(member.key, fields, context, path === '');
    if (name === undefined) {
      if (context.unknown.length < MOST_NAMES) context.unknown.push(path + member.key);
      continue;
    }
    const type = fields[name];
    if (type !== undefined) readField(member, type, path + name, context);
  }
}

/** Merged documents come out of json.Marshal, which sorts the keys. */
function ordered(object: JsonObject, matching: Matching): Member[] {
  return matching === 'exact' ? object.members : object.members.toSorted((a, b) => byBytes(a.key, b.key));
}

function fieldNamed(key: string, fields: Fields, context: Context, top: boolean): string | undefined {
  const name = context.matching === 'exact' ? key : foldedNames(fields, context.matching).get(fold(key));
  if (name === undefined || !Object.hasOwn(fields, name)) return undefined;
  return top && !exists(name, context.minor) ? undefined : name;
}

const FOLDED = { folded: new WeakMap(), 'folded-internal': new WeakMap() } satisfies Record<
  string,
  WeakMap<Fields, Map<string, string>>
>;

function foldedNames(fields: Fields, matching: 'folded' | 'folded-internal'): Map<string, string> {
  const cache: WeakMap<Fields, Map<string, string>> = FOLDED[matching];
  const known = cache.get(fields);
  if (known) return known;
  const names = Object.keys(fields).map((name): [string, string] => {
    const internal = matching === 'folded-internal' ? INTERNAL_NAMES[name] : undefined;
    return [fold(internal ?? name), name];
  });
  const map = new Map(names);
  cache.set(fields, map);
  return map;
}

/** encoding/json's foldName: the long s and the Kelvin sign fold to ASCII letters. */
export function fold(name: string): string {
  return name.toLowerCase().replaceAll('ſ', 's');
}

function readField(member: Member, type: Fields[string], path: string, context: Context): void {
  const { value } = member;
  if (typeof type === 'string') readGivenLeaf(member, type, path, context);
  else if (Array.isArray(type)) readList(value, type[0], path, context);
  else if (isObject(value)) readFields(value, type as Fields, `${path}.`, context);
  else if (value !== null) throw mismatch(path, 'an object', value);
}

/** Items only have to be of the right types; no setting stands in a list of objects. */
function readList(value: Json, fields: Fields, path: string, context: Context): void {
  if (value === null) return;
  if (!Array.isArray(value)) throw mismatch(path, 'a list', value);
  for (const item of value) {
    if (isObject(item)) readFields(item, fields, `${path}[].`, { ...context, found: new Map() });
    else if (item !== null) throw mismatch(path, 'a list of objects', item);
  }
}

/** Says which drop-in a merged value of a wrong type comes from. */
function readGivenLeaf(member: Member, type: FieldType, path: string, context: Context): void {
  try {
    readLeaf(member, type, path, context);
  } catch (error) {
    if (error instanceof Exit && member.given) throw new Exit(`${error.message} (${member.given.where})`);
    throw error;
  }
}

function readLeaf({ value, given }: Member, type: FieldType, path: string, { found, memory }: Context): void {
  const put = (result: Found['value']) =>
    found.set(path, given === undefined ? { value: result } : { value: result, given });
  if (type === 'any') return;
  if (type === 'object') {
    if (value !== null && !isObject(value)) throw mismatch(path, 'an object', value);
    return;
  }
  if (type.startsWith('map[')) {
    readMap(value, type, path, found);
    return;
  }
  if (value === null) {
    // metav1.Duration is an Unmarshaler: it reads null as an empty duration and refuses it.
    if (type === 'Duration') throw mismatch(path, 'a duration such as "5m"', value);
    memory.delete(path);
    if (type.startsWith('*') || type.startsWith('[]')) put(undefined);
    return;
  }
  if (!type.startsWith('[]')) put(readScalar(value, type.replace('*', ''), path));
  else put(readItems(value, type.slice(2), path, memory));
}

/** Maps are extended, not replaced, when their key comes twice; a null member is the zero value. */
function readMap(value: Json, type: FieldType, path: string, found: Map<string, Found>): void {
  const bools = type === 'map[string]bool';
  if (value === null) {
    found.set(path, { value: undefined });
    return;
  }
  if (!isObject(value)) throw mismatch(path, 'an object', value);
  const known = found.get(path)?.value;
  const map = known instanceof Map ? known : new Map<string, Found>();
  for (const member of value.members) {
    const zero = bools ? false : '';
    const item =
      member.value === null ? zero : readScalar(member.value, bools ? 'bool' : 'string', `${path}.${member.key}`);
    map.set(member.key, member.given === undefined ? { value: item } : { value: item, given: member.given });
  }
  found.set(path, { value: map });
}

/** encoding/json decodes into the list that is there: a null item leaves what stood at its place. */
function readItems(value: Json, type: string, path: string, memory: Context['memory']): string[] {
  if (!Array.isArray(value)) throw mismatch(path, 'a list', value);
  const kept = memory.get(path) ?? [];
  const items = value.map((item, at) => (item === null ? (kept[at] ?? '') : String(readScalar(item, type, path))));
  memory.set(path, items.length === 0 ? [] : [...items, ...kept.slice(items.length)]);
  return items;
}

function readScalar(value: Json, type: string, path: string): boolean | number | string {
  switch (type) {
    case 'bool':
      if (typeof value === 'boolean') return value;
      throw mismatch(path, 'true or false', value);
    case 'string':
      if (typeof value === 'string') return value;
      throw mismatch(path, 'text', value);
    case 'int32':
      return readInteger(value, 32, path);
    case 'int64':
      return readInteger(value, 64, path);
    case 'Duration':
      return readDuration(value, path);
    default: {
      const number = isNumber(value) ? parseFloat64(value.number) : undefined;
      if (number === undefined) throw mismatch(path, 'a number', value);
      return number;
    }
  }
}

function readInteger(value: Json, bits: 32 | 64, path: string): number {
  const number = isNumber(value) ? parseInteger(value.number, 10) : undefined;
  if (number === undefined || !fits(number, bits)) throw mismatch(path, `an integer of ${bits} bits`, value);
  return Number(number);
}

function readDuration(value: Json, path: string): string {
  const duration = typeof value === 'string' ? parseDuration(value) : undefined;
  if (duration === undefined) throw mismatch(path, 'a duration such as "5m"', value);
  return formatDuration(duration);
}

function mismatch(path: string, expected: string, value: Json): Exit {
  const shown = typeof value === 'string' ? ` ${quote(value)}` : isNumber(value) ? ` ${value.number.slice(0, 30)}` : '';
  return new Exit(`${quote(path).slice(1, -1)} must be ${expected}, found ${kindOf(value)}${shown}`);
}
