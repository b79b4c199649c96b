/**
 * A benchmark's own audit procedure as data: what somebody sees who follows its text to the letter. Procedures look at
 * the arguments and at the file that --config names; they know neither drop-ins nor defaults.
 */
import * as v from 'valibot';
import { parseDuration } from '../go/literals.ts';
import { readArguments } from '../kubelet/arguments.ts';
import type { Setting } from '../kubelet/configuration.ts';
import { NEWEST_MINOR, typesOf } from '../kubelet/tables.ts';
import { rulesFor } from '../kubelet/version.ts';
import type { NodeView, Verdict } from './rule.ts';
import { audited, isOfFile, type Started } from './setting.ts';

/** A field of KubeletConfiguration: `authentication.anonymous.enabled`. */
const path = v.pipe(
  v.string(),
  v.check((name) => typesOf(NEWEST_MINOR).has(name), 'expected a field of KubeletConfiguration'),
);
const scalar = v.union([v.boolean(), v.number(), v.string()]);

/** One demand of a procedure; all of them must hold. */
export const DemandSchema = v.union([
  /** The argument must not be given at all. */
  v.strictObject({ argument: v.string(), absent: v.literal(true) }),
  /** The argument must be given, with this value. */
  v.strictObject({ argument: v.string(), equals: v.string() }),
  /** The file of --config must say this. */
  v.strictObject({ file: path, equals: scalar, orAbsent: v.exactOptional(v.literal(true)) }),
  /** The file of --config must not give it a value. */
  v.strictObject({ file: path, absent: v.literal(true) }),
  /** The file of --config must name it, as something else than this. */
  v.strictObject({ file: path, differs: scalar }),
  /** The file of --config must give at least this duration. */
  v.strictObject({ file: path, atLeast: v.string() }),
  /** The argument, or else the file of --config, must say this. */
  v.strictObject({ written: path, equals: scalar }),
  v.strictObject({ written: path, differs: scalar }),
  /** The gate must be named with this value, by argument or file. */
  v.strictObject({ gate: v.string(), equals: v.boolean() }),
  /** The rule's own audit must pass: the mode or the owner of a file. */
  v.strictObject({ rule: v.literal('passes') }),
]);

export type Demand = v.InferOutput<typeof DemandSchema>;

/** What the procedure says of a kubelet whose arguments are known and which starts; `own` is the audit of the rule. */
export function follow(
  demands: readonly Demand[],
  { kubelet, configuration }: NodeView,
  own: Verdict['audit'],
): Verdict['audit'] {
  if (configuration.starts !== true) return undefined;
  if (own === undefined && demands.some((demand) => 'rule' in demand)) return undefined;
  const { uses } = readArguments(kubelet, rulesFor(configuration.version.text));
  const holds = (demand: Demand) => {
    if ('rule' in demand) return own === 'pass';
    if ('argument' in demand) {
      const value = uses.findLast(({ name }) => name === demand.argument)?.text;
      return 'absent' in demand ? value === undefined : value === demand.equals;
    }
    if ('gate' in demand) return gateOf(configuration, demand.gate) === demand.equals;
    const seen = 'file' in demand ? inFile(configuration, demand.file) : writtenFor(configuration, demand.written);
    if ('absent' in demand) return seen === undefined || seen.value === '' || seen.value === null;
    if ('differs' in demand) return seen !== undefined && seen.value !== demand.differs;
    if ('atLeast' in demand)
      return (parseDuration(String(seen?.value)) ?? -1n) >= (parseDuration(demand.atLeast) ?? 0n);
    if (seen === undefined) return 'orAbsent' in demand;
    return seen.value === demand.equals;
  };
  return demands.every(holds) ? 'pass' : 'fail';
}

/** What the demands ask for, for people: `--anonymous-auth is not given; in the file authentication.anonymous.enabled is false`. */
export function demandText(demands: readonly Demand[]): string {
  return demands.map(textOf).filter(Boolean).join('; ');
}

function textOf(demand: Demand): string {
  if ('rule' in demand) return '';
  if ('gate' in demand) return `the gate ${demand.gate} is ${demand.equals} by name`;
  if ('argument' in demand) {
    return 'absent' in demand ? `--${demand.argument} is not given` : `--${demand.argument}=${demand.equals} is given`;
  }
  const [where, path] = 'file' in demand ? ['in the file ', demand.file] : ['', demand.written];
  if ('atLeast' in demand) return `${where}${path} is at least ${demand.atLeast}`;
  if ('absent' in demand) return `${where}${path} is not set`;
  if ('differs' in demand) return `${where}${path} is set${demand.differs === '' ? '' : `, not to ${demand.differs}`}`;
  return `${where}${path} is ${demand.equals}${'orAbsent' in demand ? ', or not set' : ''}`;
}

type Seen = { value: unknown } | undefined;

function writtenFor({ settings }: Started, name: string): Seen {
  const setting: Setting<unknown> | undefined = settings[name];
  return setting && audited(setting);
}

function inFile({ settings }: Started, name: string): Seen {
  const setting: Setting<unknown> | undefined = settings[name];
  if (!setting) return undefined;
  const { source, value, overrode = [] } = setting;
  return isOfFile(source) ? { value } : overrode.find((entry) => isOfFile(entry.source));
}

function gateOf({ settings }: Started, name: string): unknown {
  const gates = audited(settings.featureGates)?.value;
  return typeof gates === 'object' && gates !== null ? (gates as Record<string, unknown>)[name] : undefined;
}
