/**
 * What the real kubelets of 1.20 to 1.37 register, by minor version: flags, feature gates, fields of KubeletConfiguration
 * and their defaults. tables.json is generated (tools/oracle, docs/kubelet-versions.md) and never written by hand.
 * Tested by test/kubelet/tables.test.ts.
 */
import tables from './tables.json' with { type: 'json' };

/** `[first minor, last minor, value]`, both inclusive; where no run covers a minor, the name does not exist there. */
export type Run<T> = readonly [first: number, last: number, value: T];
type Runs<T> = Readonly<Record<string, readonly Run<T>[]>>;

export type Flag = {
  /** As pflag says; `langleMap`, `pairMap` and `labels` are maps that read their text in ways of their own. */
  type: string;
  default?: string;
  /** What the kubelet says of it; `$config` and `$cadvisor` stand for the two texts of the file. */
  deprecated?: string;
  hidden?: true;
  shorthand?: string;
  /** The value of a flag that stands alone; booleans: true. */
  bare?: string;
  /** The setting whose value it is. */
  setting?: string;
  /** Registered by a library: it is read with the others the first time, and skipped when flags are read again. */
  global?: true;
};

export type Gate = {
  stage: 'ALPHA' | 'BETA' | 'GA' | 'DEPRECATED';
  default: boolean;
  /** Another value than the default makes the kubelet exit. */
  locked?: true;
  /** Gates that must be on where this one is. */
  needs?: readonly string[];
};

/** A default as JSON has it. */
export type Default = null | boolean | number | string | readonly string[] | Readonly<Record<string, string>>;

export type Tables = {
  /** The oldest and the newest. */
  minors: readonly [number, number];
  texts: Readonly<Record<string, string>>;
  flags: Runs<Flag>;
  gates: Runs<Gate>;
  /** Types by JSON path; `[]` is an element, `{}` a map's value, `*` may be unset apart from its zero. */
  fields: Runs<string>;
  /** The configuration of a file that has nothing but its kind; zero values are left out, as JSON leaves them out. */
  withFile: Runs<Default>;
  /** What differs where there is no file. */
  withoutFile: Runs<Default>;
};

const TABLES = tables as unknown as Tables;

export const [OLDEST_MINOR, NEWEST_MINOR] = TABLES.minors;

/** All gates are known since; of older kubelets only those that this project names. */
export const FIRST_WITH_ALL_GATES = 24;

/** What of a table exists in a minor. */
function lookup<T>(runs: Runs<T>): (minor: number) => ReadonlyMap<string, T> {
  const known = new Map<number, ReadonlyMap<string, T>>();
  return (minor) => {
    const found = known.get(minor);
    if (found) return found;
    const entries = Object.entries(runs).flatMap(([name, all]) => {
      const run = all.find(([first, last]) => first <= minor && minor <= last);
      return run ? [[name, run[2]] as const] : [];
    });
    const made = new Map(entries);
    known.set(minor, made);
    return made;
  };
}

export const flagsOf = lookup(TABLES.flags);
export const gatesOf = lookup(TABLES.gates);
export const typesOf = lookup(TABLES.fields);
export const defaultsWithFile = lookup(TABLES.withFile);
export const defaultsWithoutFile = lookup(TABLES.withoutFile);

/** The minors that have a name: where it was removed, and since when it exists. */
export function life(kind: 'flags' | 'gates', name: string): { first: number; last: number } | undefined {
  const runs: readonly Run<unknown>[] | undefined = Object.hasOwn(TABLES[kind], name) ? TABLES[kind][name] : undefined;
  const [first] = runs ?? [];
  const last = runs?.at(-1);
  return first && last && { first: first[0], last: last[1] };
}
