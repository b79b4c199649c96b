/**
 * Values of settings inside the derivation. Maps are of type Map, so that no name of a node can touch a prototype; null is
 * unset. Tested by test/kubelet/tables.test.ts.
 */

import type { Json } from '../go/json.ts';
import { formatFloat } from '../go/literals.ts';
import type { Type } from './schema.ts';
import type { Default } from './tables.ts';

export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | ReadonlyMap<string, Value>
  /** An object of a list; the names are those of the schema. */
  | { readonly [name: string]: Value };

/** Go's zero value; null where a type can be absent. */
export function zeroOf(type: Type): Value {
  switch (type.kind) {
    case 'list':
      return [];
    case 'map':
      return new Map();
    case 'object':
      if (type.pointer) return null;
      return Object.fromEntries([...type.fields].map(([name, field]) => [name, zeroOf(field)]));
    case 'scalar':
      if (type.pointer) return null;
      return ZEROS[type.scalar];
  }
}

const ZEROS = {
  bool: false,
  string: '',
  int32: 0,
  int64: 0,
  uint32: 0,
  float64: 0,
  duration: '0s',
  quantity: '0',
  time: null,
  'duration-or-number': 0,
} as const;

/** A zero that the kubelet cannot tell from absence, so that it is defaulted again. */
export function isAbsent(type: Type, value: Value): boolean {
  if (type.kind !== 'scalar' || type.pointer) return value === null;
  return value === ZEROS[type.scalar] || (type.scalar === 'duration-or-number' && value === '0s');
}

/** What JSON leaves out (`omitempty`). */
export function isOmitted(type: Type, value: Value): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  if (type.kind !== 'scalar' || type.pointer) return false;
  return value === false || value === 0 || value === '';
}

/** A default of the tables. */
export function fromTable(value: Default): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value as Value;
  return new Map(Object.entries(value));
}

/** Plain JSON, as results keep it. */
export function toPlain(value: Value): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, inner]) => [name, toPlain(inner)]));
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toPlain(inner)]));
  }
  return value;
}

/** The value as the merging of drop-ins sees it. */
export function toTree(value: Value): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return { number: numberText(value) };
  if (Array.isArray(value)) return value.map(toTree);
  const entries: [string, Value][] = value instanceof Map ? [...value] : Object.entries(value);
  return {
    members: entries.filter(([, inner]) => inner !== null).map(([key, inner]) => ({ key, value: toTree(inner) })),
  };
}

function numberText(value: number): string {
  if (!Number.isInteger(value)) return formatFloat(value);
  // The largest int64 is no double: its neighbour is one too much.
  return value >= 2 ** 63 ? String(2n ** 63n - 1n) : BigInt(value).toString();
}
