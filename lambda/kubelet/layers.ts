/**
 * Settings as they grow layer by layer, each with its source and with what it replaced.
 * Tested by test/kubelet/sources.test.ts.
 */
import type { Setting, Source } from './configuration.ts';
import type { Found } from './decode.ts';
import { type Field, isPointer, isZero, type Value } from './fields.ts';

export type Layers = Map<string, Setting<Value>>;

/** The kubelet's own values: with a config file, or without one. */
export function defaults(fields: readonly Field[], withFile: boolean): Layers {
  return new Map(fields.map((field) => [field.path, defaultOf(field, withFile)]));
}

function defaultOf({ fallback, legacy }: Field, withFile: boolean): Setting<Value> {
  if (withFile || legacy === undefined) return { value: fallback, source: { kind: 'default' } };
  return { value: legacy, source: { kind: 'legacy-default' } };
}

/** A value's history is kept this deep; only hostile evidence has more. */
const MOST_OVERRODE = 16;

/** Lays a value over what is there. */
export function put(layers: Layers, path: string, value: Value, source: Source): void {
  const below = layers.get(path);
  const overrode = below === undefined ? [] : history(below);
  layers.set(path, overrode.length > 0 ? { value, source, overrode } : { value, source });
}

function history({ value, source, overrode = [] }: Setting<Value>): { value: unknown; source: Source }[] {
  if (source.kind === 'default' || source.kind === 'legacy-default') return overrode;
  const latest = { value: value instanceof Map ? Object.fromEntries(value) : value, source };
  return [latest, ...overrode.slice(0, MOST_OVERRODE - 1)];
}

/**
 * Lays a decoded value over what is there, then defaults it again as SetDefaults_KubeletConfiguration would:
 * what is unset, and zero where the type cannot tell zero from absence, becomes the default.
 */
export function putFound(layers: Layers, field: Field, value: Value | undefined, source: Source): void {
  const { path, fallback } = field;
  if (value !== undefined) put(layers, path, normalized(path, value), source);
  if (value === undefined || (!isPointer(path) && isZero(path, value) && !isZero(path, fallback))) {
    put(layers, path, fallback, { kind: 'default' });
  }
}

/** The defaulting also makes every negative podPidsLimit -1. */
function normalized(path: string, value: Value): Value {
  return path === 'podPidsLimit' && typeof value === 'number' && value < 0 ? -1 : value;
}

/** Feature gates add up over the layers; the source is the last layer that named one. */
export function putGates(layers: Layers, gates: Iterable<[string, boolean]>, source: Source): void {
  const below = layers.get('featureGates')?.value;
  const merged = new Map(below instanceof Map ? below : []);
  const before = merged.size;
  let named = 0;
  for (const [name, value] of gates) {
    merged.set(name, value);
    named += 1;
  }
  if (named > 0 || before !== merged.size) put(layers, 'featureGates', merged, source);
}

/** The plain value of what a document gave. */
export function plain({ value }: Found): Value | undefined {
  return value instanceof Map ? new Map(gatesOf(value)) : value;
}

export function gatesOf(found: ReadonlyMap<string, Found>): [string, boolean][] {
  return [...found].map(([name, { value }]) => [name, value === true]);
}
