/**
 * What the checks of validation share: the configuration that they look at, and how they say what is wrong.
 * Tested by test/kubelet/validation/validate.test.ts.
 */
import { parseDuration } from '../../go/literals.ts';
import type { GateValues } from '../gates.ts';
import { isOn } from '../gates.ts';
import type { Layers } from '../layers.ts';
import type { Value } from '../values.ts';
import type { Rules } from '../version.ts';

/** Durations that were read before: most are the kubelet's defaults. */
const KNOWN = new Map<string, bigint>();
const MOST_KNOWN = 200;

function nanoseconds(text: string): bigint {
  const known = KNOWN.get(text);
  if (known !== undefined) return known;
  const value = parseDuration(text) ?? 0n;
  if (KNOWN.size < MOST_KNOWN) KNOWN.set(text, value);
  return value;
}

/** A message, and the settings that it speaks of, the one to mend first. */
export type Complaint = { message: string; settings: readonly string[] };

export class Checked {
  readonly complaints: Complaint[] = [];
  readonly minor: number;
  readonly #layers: Layers;
  readonly #gates: GateValues;
  readonly #rules: Rules;

  constructor(layers: Layers, gates: GateValues, rules: Rules) {
    this.minor = rules.minor;
    this.#layers = layers;
    this.#gates = gates;
    this.#rules = rules;
  }

  isOn(gate: string): boolean {
    return isOn(gate, this.#gates, this.#rules);
  }

  /** null where the setting is unset or does not exist in this version. */
  value(path: string): Value {
    return this.#layers[path]?.value ?? null;
  }

  number(path: string): number {
    const value = this.value(path);
    return typeof value === 'number' ? value : 0;
  }

  text(path: string): string {
    const value = this.value(path);
    return typeof value === 'string' ? value : '';
  }

  /** Nanoseconds; a number is one already. */
  duration(path: string): bigint {
    const value = this.value(path);
    return typeof value === 'number' ? BigInt(value) : nanoseconds(String(value));
  }

  list(path: string): readonly Value[] {
    const value = this.value(path);
    return Array.isArray(value) ? value : [];
  }

  map(path: string): ReadonlyMap<string, Value> {
    const value = this.value(path);
    return value instanceof Map ? value : new Map();
  }

  say(message: string, ...settings: string[]): void {
    this.complaints.push({ message, settings });
  }

  /** A message of ValidateKubeletConfiguration's own. */
  invalid(message: string, ...settings: string[]): void {
    this.say(`invalid configuration: ${message}`, ...settings);
  }
}

export const SECOND = 1_000_000_000n;
