/**
 * What the command line lays over the files: flags whose variable is a setting.
 * Source: kubernetes cmd/kubelet/app/options/options.go, AddKubeletConfigFlags; kubeletConfigFlagPrecedence in
 * cmd/kubelet/app/server.go. Tested by test/kubelet/facts.test.ts and test/kubelet/sources.test.ts.
 */
import { parseDuration } from '../go/literals.ts';
import type { FlagUse } from './arguments.ts';
import type { Source } from './configuration.ts';
import type { GateValues } from './gates.ts';
import { type Layers, put, putGates } from './layers.ts';
import type { Value } from './values.ts';

/** Uses of one flag add up to one value. */
const COLLECTING: ReadonlySet<string> = new Set([
  'stringSlice',
  'mapStringString',
  'colonSeparatedMultimapStringString',
  'pairMap',
  'langleMap',
  'mapStringBool',
  'reserved-memory',
  'pattern=N,...',
]);

/** The gates of the command line, and where they stand. */
export function flagGates(uses: readonly FlagUse[]): { gates: GateValues; source?: Source } {
  const own = uses.filter(({ name }) => name === 'feature-gates');
  if (own.length === 0) return { gates: NONE };
  const gates = new Map(own.flatMap(({ value }) => [...(value as GateValues)]));
  return { gates, source: { kind: 'flag', where: own.map(({ written }) => written).join(' ') } };
}

const NONE: GateValues = new Map();

/**
 * Registering these flags over what files gave sets their variables anew (k8s.io/component-base/logs/api/v1, addFlags, and
 * logs/config.go of 1.24): such a value of a file never has an effect.
 */
export function resetByFlags(layers: Layers, minor: number): void {
  for (const format of ['json', 'text']) reset(layers, `logging.options.${format}.splitStream`, false);
  if (minor <= 24) reset(layers, 'logging.flushFrequency', FLUSH_FREQUENCY);
}

/** Five seconds, in nanoseconds. */
const FLUSH_FREQUENCY = 5e9;

function reset(layers: Layers, path: string, value: Value): void {
  const current = layers[path];
  if (current !== undefined && current.value !== value) put(layers, path, value, { kind: 'default' });
}

/** Flags are applied over everything else. */
export function putFlags(layers: Layers, uses: readonly FlagUse[]): void {
  const collected = new Map<string, FlagUse[]>();
  for (const use of uses) {
    const { setting, type } = use.flag;
    if (setting === undefined || layers[setting] === undefined) continue;
    if (!COLLECTING.has(type)) putOne(layers, setting, use);
    else {
      const before = collected.get(setting);
      if (before) before.push(use);
      else collected.set(setting, [use]);
    }
  }
  for (const [setting, own] of collected) putCollected(layers, setting, own);
}

function putOne(layers: Layers, setting: string, { value, written, text, flag }: FlagUse): void {
  // An empty address leaves what is there; an empty list of taints takes all away.
  if (flag.type === 'ip' && text === '') return;
  const source: Source = { kind: 'flag', where: written };
  put(layers, setting, flushed(layers, setting, value as Value), source);
}

/** Up to 1.27, and where a file gave a number, this duration is a number of nanoseconds. */
function flushed(layers: Layers, setting: string, value: Value): Value {
  if (setting !== 'logging.flushFrequency' || typeof layers[setting]?.value !== 'number') return value;
  return Number(parseDuration(String(value)) ?? 0n);
}

function putCollected(layers: Layers, setting: string, own: readonly FlagUse[]): void {
  const source: Source = { kind: 'flag', where: own.map(({ written }) => written).join(' ') };
  const values = own.map(({ value }) => value as Value);
  if (setting === 'featureGates') {
    putGates(
      layers,
      values.flatMap((value) => (value instanceof Map ? [...(value as ReadonlyMap<string, Value>)] : [])),
      source,
    );
    return;
  }
  if (values[0] instanceof Map) {
    const map = new Map<string, Value>();
    for (const [name, value] of values.flatMap((each) => [...(each as ReadonlyMap<string, Value>)])) {
      const before = map.get(name);
      // The values of a header are added up, all others replaced.
      map.set(name, Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value);
    }
    put(layers, setting, map, source);
    return;
  }
  const items = values.flatMap((value) => value as readonly Value[]);
  // Patterns are added to those of the file; all other lists replace it.
  const before = setting === 'logging.vmodule' ? layers[setting]?.value : undefined;
  const isEmptied = setting === 'reservedMemory' && items.length === 0;
  if (!isEmptied) put(layers, setting, [...(Array.isArray(before) ? before : []), ...items], source);
}

/**
 * --seccomp-default is a variable of its own, OR-ed with the setting where pods are started (RunKubelet in
 * cmd/kubelet/app/server.go), in every minor: false changes nothing.
 */
export function putSeccomp(layers: Layers, uses: readonly FlagUse[]): void {
  const last = uses.findLast(({ name }) => name === 'seccomp-default');
  if (last?.value === true && layers.seccompDefault !== undefined) {
    put(layers, 'seccompDefault', true, { kind: 'flag', where: last.written });
  }
}
