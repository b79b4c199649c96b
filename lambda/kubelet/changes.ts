/**
 * What differs between two derivations of the same input by neighbouring minors, or of a changed input by the same one:
 * the values that are others in effect although nobody touched them. A field that a version brings begins with what was so
 * before it, so it is told only where somebody had written it already and it was ignored until then.
 * Tested by test/kubelet/changes.test.ts.
 */
import type { Settings, Source } from './configuration.ts';
import { isOn } from './gates.ts';
import { flagsOf } from './tables.ts';
import { type Rules, rulesFor } from './version.ts';

/** One effective value that becomes another; `ignored`: what was written there had no effect before. */
export type Change = {
  /** v1beta1 path. */
  setting: string;
  from: unknown;
  to: unknown;
  /** What decides it afterwards. */
  source: Source;
  /** It was written before as well, and this kubelet did not know it yet. */
  ignored?: true;
  /** The value stays and means something else: what it meant, and what it means now. */
  meaning?: { from: string; to: string };
};

/** Derived settings, and the version text that they were derived for. */
export type Derived = { version: { text?: string }; settings: Settings };

/** Settings that say nothing while a gate is off; sources: the fields' comments in k8s.io/kubelet/config/v1beta1, 1.37. */
const GATES: Readonly<Record<string, string>> = {
  memoryThrottlingFactor: 'MemoryQoS',
  memoryReservationPolicy: 'MemoryQoS',
};

/**
 * Values of one meaning. `logging.flushFrequency` was a number of nanoseconds up to 1.27; without a
 * `maxContainerRestartPeriod` the longest pause was five minutes already (MaxContainerBackOff, pkg/kubelet/kubelet.go), and
 * without a `memoryReservationPolicy` nothing is reserved.
 */
const SAME: Readonly<Record<string, (value: unknown) => unknown>> = {
  'logging.flushFrequency': (value) => (typeof value === 'number' ? `${value / 1e9}s` : value),
  'crashLoopBackOff.maxContainerRestartPeriod': (value) => value ?? '5m0s',
  memoryReservationPolicy: (value) => value ?? 'None',
};

/**
 * Values that stay and mean something else, by the first minor in which they do. Source: kubernetes pull request 117119,
 * CHANGELOG-1.37; client-go rest/config.go, DefaultQPS.
 */
const MEANINGS: Readonly<Record<string, { first: number; value: unknown; from: string; to: string }>> = {
  eventRecordQPS: { first: 37, value: 0, from: '5 a second', to: 'no limit' },
};

/** Of all other settings a value that stays is no change; most of them stay. */
const PARTICULAR: ReadonlySet<string> = new Set([...Object.keys(GATES), ...Object.keys(MEANINGS)]);

/** The changes from one derivation to the other, by setting. */
export function changesBetween(before: Derived, after: Derived): Change[] {
  const rules = { before: rulesFor(before.version.text), after: rulesFor(after.version.text) };
  const changes: Change[] = [];
  for (const [setting, { value: to, source }] of Object.entries(after.settings)) {
    const known = before.settings[setting];
    if (known === undefined) {
      if (isNewlyRead(setting, source, rules.before.minor)) {
        changes.push({ setting, from: null, to, source, ignored: true });
      }
      continue;
    }
    const { value: from } = known;
    if (from === to && !PARTICULAR.has(setting)) continue;
    if (isSame(setting, counting(setting, before, rules.before), counting(setting, after, rules.after))) {
      const meaning = meaningOf(setting, to, rules.before.minor, rules.after.minor);
      if (meaning) changes.push({ setting, from, to, source, meaning });
    } else changes.push({ setting, from, to, source });
  }
  return changes.sort((a, b) => (a.setting < b.setting ? -1 : 1));
}

/** The value, or none while the gate that it needs is off. */
function counting(setting: string, { settings }: Derived, rules: Rules): unknown {
  const gate = Object.hasOwn(GATES, setting) ? GATES[setting] : undefined;
  const isOff = gate !== undefined && !isOn(gate, new Map(Object.entries(settings.featureGates.value)), rules);
  return isOff ? null : settings[setting]?.value;
}

/** A file named it, or a flag that was no setting yet and had no effect either. */
function isNewlyRead(setting: string, { kind }: Source, minor: number): boolean {
  if (kind === 'file' || kind === 'drop-in' || kind === 'setting') return true;
  return kind === 'flag' && ![...flagsOf(minor).keys()].some((flag) => camel(flag) === setting);
}

/** `container-runtime-endpoint` as the field is called that takes it over. */
function camel(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function meaningOf(setting: string, value: unknown, before: number, after: number): Change['meaning'] {
  const known = Object.hasOwn(MEANINGS, setting) ? MEANINGS[setting] : undefined;
  if (known === undefined || value !== known.value || before >= known.first || after < known.first) return undefined;
  return { from: known.from, to: known.to };
}

function isSame(setting: string, from: unknown, to: unknown): boolean {
  if (from === to) return true;
  const same = Object.hasOwn(SAME, setting) ? SAME[setting] : undefined;
  const text = (value: unknown) => JSON.stringify(sorted(same ? same(value) : value));
  return text(from) === text(to);
}

/** Go's maps have no order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
