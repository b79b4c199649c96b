/**
 * Settings as they grow layer by layer, each with its source and with what it replaced, and what the kubelet defaults
 * after each layer. Tested by test/kubelet/sources.test.ts.
 */
import type { Setting, Settings, Source } from './configuration.ts';
import { type GateValues, isOn } from './gates.ts';
import { schemaOf } from './schema.ts';
import { defaultsWithFile, defaultsWithoutFile } from './tables.ts';
import { fromTable, isAbsent, toPlain, type Value, zeroOf } from './values.ts';
import type { Rules } from './version.ts';

/** Every setting of the version by its path. */
export type Layers = Record<string, Setting<Value>>;

const DEFAULT: Source = { kind: 'default' };
const LEGACY: Source = { kind: 'legacy-default' };

/** The kubelet's own values, once as they grow and once as results have them. */
type Base = { layers: Readonly<Layers>; settings: Readonly<Record<string, Setting<unknown>>> };

const BASES = new Map<string, Base>();
const SETTLED = new WeakMap<object, Base['settings']>();

/** The kubelet's own values, with a config file or without one, beneath an object that holds what is laid over them. */
export function defaults(minor: number, withFile: boolean): Layers {
  return Object.create(baseOf(minor, withFile).layers) as Layers;
}

function baseOf(minor: number, withFile: boolean): Base {
  const key = `${minor} ${withFile}`;
  const known = BASES.get(key);
  if (known) return known;
  const [common, legacy] = [defaultsWithFile(minor), defaultsWithoutFile(minor)];
  const layers: Layers = Object.create(null) as Layers;
  for (const [path, type] of schemaOf(minor).settings) {
    const own = common.get(path);
    const without = withFile ? undefined : legacy.get(path);
    if (without !== undefined) layers[path] = { value: fromTable(without), source: LEGACY };
    else layers[path] = { value: own === undefined ? zeroOf(type) : fromTable(own), source: DEFAULT };
  }
  // Rules ask for it in every version; before 1.22 no kubelet had it.
  layers.seccompDefault ??= { value: false, source: DEFAULT };
  const entries = Object.entries(layers).map(([path, setting]) => [path, plain(setting)] as const);
  const base = { layers, settings: Object.fromEntries(entries) };
  BASES.set(key, base);
  SETTLED.set(layers, base.settings);
  return base;
}

function plain(setting: Setting<Value>): Setting<unknown> {
  const { value } = setting;
  return typeof value === 'object' && value !== null ? { ...setting, value: toPlain(value) } : setting;
}

/** All settings as results have them: maps and lists are plain. */
export function settled(layers: Layers): Settings {
  const base: object = Object.getPrototypeOf(layers);
  const settings: Record<string, Setting<unknown>> = { ...SETTLED.get(base) };
  for (const path of Object.keys(layers)) {
    const setting = layers[path];
    if (setting !== undefined) settings[path] = plain(setting);
  }
  // Their types are those of SettingValues: tables.json says so of each.
  return settings as Settings;
}

/** What a setting of a file becomes where it is absent. */
export function fallbackOf(minor: number, path: string): Value {
  return baseOf(minor, true).layers[path]?.value ?? null;
}

/** A value's history is kept this deep; only hostile evidence has more. */
const MOST_OVERRODE = 16;

/** Lays a value over what is there. */
export function put(layers: Layers, path: string, value: Value, source: Source): void {
  const below = layers[path];
  const overrode = below === undefined ? [] : history(below);
  layers[path] = overrode.length > 0 ? { value, source, overrode } : { value, source };
}

function history({ value, source, overrode = [] }: Setting<Value>): { value: unknown; source: Source }[] {
  if (source.kind === 'default' || source.kind === 'legacy-default') return overrode;
  return [{ value: toPlain(value), source }, ...overrode.slice(0, MOST_OVERRODE - 1)];
}

/** Lays a decoded value over what is there; one that counts as absent becomes the default. */
export function putFound(layers: Layers, minor: number, path: string, value: Value, source: Source): void {
  if (value !== null) put(layers, path, normalized(path, value), source);
  redefault(layers, minor, path);
}

/** The defaulting also makes every negative podPidsLimit -1. */
export function normalized(path: string, value: Value): Value {
  return path === 'podPidsLimit' && typeof value === 'number' && value < 0 ? -1 : value;
}

/** Gives a setting that counts as absent its default. */
export function redefault(layers: Layers, minor: number, path: string): void {
  const type = schemaOf(minor).settings.get(path);
  const current = layers[path];
  if (type === undefined || current === undefined || !isAbsent(type, current.value)) return;
  const fallback = fallbackOf(minor, path);
  if (!isAbsent(type, fallback)) put(layers, path, fallback, DEFAULT);
}

/** What the defaulting looks at besides the setting itself. */
export type Defaulting = { layers: Layers; gates: GateValues; rules: Pick<Rules, 'minor' | 'version'> };

/** Defaults that depend on other settings or on gates (SetDefaults_KubeletConfiguration), and since when they do. */
const DEPENDENT: Readonly<Record<string, { first: number; value: (seen: Defaulting) => Value }>> = {
  nodeStatusReportFrequency: {
    first: 20,
    value: ({ layers, rules }) => {
      const updates = layers.nodeStatusUpdateFrequency;
      return updates === undefined || updates.source.kind === 'default'
        ? fallbackOf(rules.minor, 'nodeStatusReportFrequency')
        : updates.value;
    },
  },
  serializeImagePulls: {
    first: 27,
    value: ({ layers }) => {
      const pulls = layers.maxParallelImagePulls?.value;
      return typeof pulls !== 'number' || pulls < 2;
    },
  },
  'crashLoopBackOff.maxContainerRestartPeriod': {
    first: 32,
    value: ({ gates, rules }) => (isOn('KubeletCrashLoopBackOffMax', gates, rules) ? '5m0s' : null),
  },
  imagePullCredentialsVerificationPolicy: {
    first: 33,
    value: ({ gates, rules }) =>
      isOn('KubeletEnsureSecretPulledImages', gates, rules) ? 'NeverVerifyPreloadedImages' : '',
  },
};

/** The default of a setting that is absent where these others and gates are set. */
export function dependentFallback(path: string, seen: Defaulting): Value {
  const dependent = Object.hasOwn(DEPENDENT, path) ? DEPENDENT[path] : undefined;
  const { minor } = seen.rules;
  return dependent !== undefined && minor >= dependent.first ? dependent.value(seen) : fallbackOf(minor, path);
}

/** Gives settings that the file leaves out the defaults that depend on what it says. */
export function defaultDependents(seen: Defaulting): void {
  const { layers } = seen;
  for (const path in DEPENDENT) {
    const current = layers[path];
    if (current === undefined || current.source.kind !== 'default') continue;
    const value = dependentFallback(path, seen);
    if (current.value !== value) layers[path] = { ...current, value };
  }
}

/**
 * A file that asks for it gets the default thresholds beside its own (loadConfigFile in cmd/kubelet/app/server.go, 1.33);
 * drop-ins come too late for that.
 */
export function mergeThresholds(layers: Layers, minor: number): void {
  const [own, merges] = [layers.evictionHard, layers.mergeDefaultEvictionSettings];
  const fallback = fallbackOf(minor, 'evictionHard');
  if (merges?.value !== true || own === undefined || !(own.value instanceof Map) || !(fallback instanceof Map)) return;
  layers.evictionHard = { ...own, value: new Map([...fallback, ...own.value]) };
}

/** The same after drop-ins: what had a default keeps it, what is still absent may get one now. */
export function defaultAbsent(seen: Defaulting): void {
  const { layers, rules } = seen;
  const { settings } = schemaOf(rules.minor);
  for (const path in DEPENDENT) {
    const [current, type] = [layers[path], settings.get(path)];
    if (current === undefined || type === undefined || !isAbsent(type, current.value)) continue;
    layers[path] = { ...current, value: dependentFallback(path, seen) };
  }
}

/** Feature gates add up over the layers; the source is the last layer that named one. */
export function putGates(layers: Layers, gates: Iterable<readonly [string, Value]>, source: Source): void {
  const below = layers.featureGates?.value;
  const merged = new Map(below instanceof Map ? below : []);
  let named = 0;
  for (const [name, value] of gates) {
    merged.set(name, value);
    named += 1;
  }
  if (named > 0) put(layers, 'featureGates', merged, source);
}

/** The gates that are set. */
export function gatesIn(layers: Layers): GateValues {
  const value = layers.featureGates?.value;
  return value instanceof Map ? (value as GateValues) : NONE;
}

const NONE: GateValues = new Map();
