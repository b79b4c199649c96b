/**
 * The fields of KubeletConfiguration v1beta1 of one minor as a tree of types, and its leaves: the settings.
 * Source: tables.json, by reflection from k8s.io/kubelet/config/v1beta1. Tested by test/kubelet/tables.test.ts.
 */
import { typesOf } from './tables.ts';

export type ScalarName =
  | 'bool'
  | 'string'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'float64'
  | 'duration'
  | 'quantity'
  | 'time'
  /** `logging.flushFrequency`: a duration in quotes, or a number of nanoseconds. */
  | 'duration-or-number';

export type Type =
  /** `pointer`: null unsets it, and only absence gives the default. */
  | { kind: 'scalar'; scalar: ScalarName; pointer: boolean }
  | { kind: 'list'; item: Type }
  | { kind: 'map'; value: Type }
  | ObjectType;

export type ObjectType = {
  kind: 'object';
  pointer: boolean;
  /** The name of its Go type, by which errors of decoding call it. */
  name: string;
  fields: ReadonlyMap<string, Type>;
  /** Names without regard to case, as encoding/json finds them. */
  folded: ReadonlyMap<string, string>;
  /** The same over the names of the internal Go type. */
  foldedInternal: ReadonlyMap<string, string>;
};

/** A setting, its names from the top, and its type. */
export type Leaf = { path: string; names: readonly string[]; type: Type };

export type Schema = {
  root: ObjectType;
  /** Types of the settings by path; an object that may be absent is a setting too. */
  settings: ReadonlyMap<string, Type>;
  /** The same below each field of the top. */
  below: ReadonlyMap<string, readonly Leaf[]>;
};

/** The only field whose internal Go name is not its v1beta1 name in another case. */
const INTERNAL_NAMES: Readonly<Record<string, string>> = { resolvConf: 'ResolverConfig' };

/** encoding/json's foldName: the long s and the Kelvin sign fold to ASCII letters. */
export function fold(name: string): string {
  return name.toLowerCase().replaceAll('ſ', 's');
}

const GO_TYPES: Readonly<Record<string, string>> = {
  '': 'KubeletConfiguration',
  authentication: 'KubeletAuthentication',
  'authentication.x509': 'KubeletX509Authentication',
  'authentication.webhook': 'KubeletWebhookAuthentication',
  'authentication.anonymous': 'KubeletAnonymousAuthentication',
  authorization: 'KubeletAuthorization',
  'authorization.webhook': 'KubeletWebhookAuthorization',
  memorySwap: 'MemorySwapConfiguration',
  logging: 'LoggingConfiguration',
  'logging.options': 'FormatOptions',
  'logging.options.json': 'JSONOptions',
  'logging.options.text': 'TextOptions',
  'logging.vmodule[]': 'VModuleItem',
  crashLoopBackOff: 'CrashLoopBackOffConfig',
  tracing: 'TracingConfiguration',
  userNamespaces: 'UserNamespaces',
  'reservedMemory[]': 'MemoryReservation',
  'shutdownGracePeriodByPodPriority[]': 'ShutdownGracePeriodByPodPriority',
  'registerWithTaints[]': 'Taint',
};

const SCHEMAS = new Map<number, Schema>();

export function schemaOf(minor: number): Schema {
  const known = SCHEMAS.get(minor);
  if (known) return known;
  const types = typesOf(minor);
  const children = new Map<string, string[]>();
  for (const path of types.keys()) {
    const dot = path.lastIndexOf('.');
    const parent = dot === -1 ? '' : path.slice(0, dot);
    children.set(parent, [...(children.get(parent) ?? []), path]);
  }
  const settings = new Map<string, Type>();
  const root = objectAt('', false, types, children, settings);
  const below = new Map<string, Leaf[]>();
  for (const [path, type] of settings) {
    const names = path.split('.');
    const [top = ''] = names;
    const leaves = below.get(top) ?? [];
    leaves.push({ path, names, type });
    below.set(top, leaves);
  }
  const schema = { root, settings, below };
  SCHEMAS.set(minor, schema);
  return schema;
}

function objectAt(
  path: string,
  pointer: boolean,
  types: ReadonlyMap<string, string>,
  children: ReadonlyMap<string, string[]>,
  settings: Map<string, Type> | undefined,
): ObjectType {
  const fields = new Map<string, Type>();
  for (const child of children.get(path) ?? []) {
    const name = child.slice(path === '' ? 0 : path.length + 1);
    fields.set(name, typeAt(child, types.get(child) ?? '', types, children, settings));
  }
  const folded = new Map([...fields.keys()].map((name) => [fold(name), name]));
  const foldedInternal = new Map([...fields.keys()].map((name) => [fold(INTERNAL_NAMES[name] ?? name), name]));
  return { kind: 'object', pointer, name: GO_TYPES[path] ?? path, fields, folded, foldedInternal };
}

function typeAt(
  path: string,
  text: string,
  types: ReadonlyMap<string, string>,
  children: ReadonlyMap<string, string[]>,
  settings: Map<string, Type> | undefined,
): Type {
  const pointer = text.startsWith('*');
  const bare = pointer ? text.slice(1) : text;
  if (bare === 'object') {
    const object = objectAt(path, pointer, types, children, settings);
    if (pointer) settings?.set(path, object);
    return object;
  }
  const type = leafAt(path, bare, pointer, types, children);
  if (path !== 'kind' && path !== 'apiVersion') settings?.set(path, type);
  return type;
}

function leafAt(
  path: string,
  text: string,
  pointer: boolean,
  types: ReadonlyMap<string, string>,
  children: ReadonlyMap<string, string[]>,
): Type {
  if (path === 'logging.flushFrequency') return { kind: 'scalar', scalar: flushFrequency(text), pointer };
  if (text.startsWith('[]')) {
    return { kind: 'list', item: typeAt(`${path}[]`, text.slice(2), types, children, undefined) };
  }
  if (text.startsWith('map[string]')) {
    return { kind: 'map', value: typeAt(`${path}{}`, text.slice('map[string]'.length), types, children, undefined) };
  }
  return { kind: 'scalar', scalar: text as ScalarName, pointer };
}

/** Up to 1.27 it is a number alone. */
function flushFrequency(text: string): ScalarName {
  return text === 'duration' ? 'duration-or-number' : 'int64';
}
