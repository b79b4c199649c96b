/**
 * lambda/kubelet/tables.json: what one minor's real kubelet registers, laid into the tables of all minors.
 * Tested by test/tools/oracle.test.ts.
 */
import type { Default, Flag, Gate, Run, Tables } from '../../lambda/kubelet/tables.ts';

/** What `oracle tables` says. */
export type Registered = {
  flags: Record<
    string,
    Record<'Type' | 'Default' | 'Deprecated' | 'Shorthand' | 'Bare' | 'Setting', string> &
      Record<'Hidden' | 'Global', boolean>
  >;
  gates: Record<string, { Stage: string; Default: boolean; Locked: boolean; Needs: string[] | null }>;
  fields: Record<string, string>;
  withFile: Record<string, unknown>;
  withoutFile: Record<string, unknown>;
};

/** The tables with that minor as it was registered; all other minors stay. */
export function withMinor(tables: Tables, minor: number, registered: Registered): Tables {
  const [oldest, newest] = tables.minors;
  const withFile = defaultsOf(registered.withFile, registered.fields);
  const own = defaultsOf(registered.withoutFile, registered.fields);
  const withoutFile: Record<string, Default> = {};
  for (const path of new Set([...Object.keys(withFile), ...Object.keys(own)])) {
    if (!isSame(withFile[path], own[path])) withoutFile[path] = own[path] ?? null;
  }
  return {
    minors: [Math.min(oldest, minor), Math.max(newest, minor)],
    texts: tables.texts,
    flags: laid(
      tables.flags,
      minor,
      mapped(registered.flags, (flag) => flagOf(flag, tables.texts)),
    ),
    gates: laid(tables.gates, minor, mapped(registered.gates, gateOf)),
    fields: laid(tables.fields, minor, registered.fields),
    withFile: laid(tables.withFile, minor, withFile),
    withoutFile: laid(tables.withoutFile, minor, withoutFile),
  };
}

function mapped<T, U>(rows: Readonly<Record<string, T>>, change: (row: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, change(row)]));
}

function flagOf(row: Registered['flags'][string], texts: Tables['texts']): Flag {
  const text = Object.entries(texts).find(([, said]) => said === row.Deprecated)?.[0] ?? row.Deprecated;
  return {
    type: row.Type,
    // The host of the image registry has moved; the table shall not name it.
    default: row.Default.replace(/^[a-z0-9.]+\.io\//, '$registry/'),
    ...(text !== '' && { deprecated: text }),
    ...(row.Hidden && { hidden: true }),
    ...(row.Shorthand !== '' && { shorthand: row.Shorthand }),
    ...(row.Bare !== '' && row.Type !== 'bool' && { bare: row.Bare }),
    ...(row.Setting !== '' && { setting: row.Setting }),
    ...(row.Global && { global: true }),
  };
}

function gateOf({ Stage, Default: value, Locked, Needs }: Registered['gates'][string]): Gate {
  return {
    stage: Stage as Gate['stage'],
    default: value,
    ...(Locked && { locked: true }),
    ...(Needs && { needs: Needs.toSorted() }),
  };
}

/** Defaults by the paths of settings; objects are there by their fields, and where they are written although empty. */
function defaultsOf(document: Readonly<Record<string, unknown>>, fields: Readonly<Record<string, string>>) {
  const found: Record<string, Default> = {};
  const visit = (object: Readonly<Record<string, unknown>>, prefix: string) => {
    for (const [name, value] of Object.entries(object)) {
      const path = prefix + name;
      const isObject = /^\*?object$/.test(fields[path] ?? '');
      if (isObject && Object.keys(value as object).length > 0) visit(value as Record<string, unknown>, `${path}.`);
      else found[path] = value as Default;
    }
  };
  visit(document, '');
  return found;
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

type Runs<T> = Readonly<Record<string, readonly Run<T>[]>>;

/** The runs with the rows of one minor in the place of what they had for it. */
function laid<T>(runs: Runs<T>, minor: number, rows: Readonly<Record<string, T>>): Runs<T> {
  const names = [...new Set([...Object.keys(runs), ...Object.keys(rows)])].toSorted();
  const all = names.map((name): [string, Run<T>[]] => {
    const others = (runs[name] ?? []).flatMap(([first, last, value]): Run<T>[] => {
      if (minor < first || last < minor) return [[first, last, value]];
      const before: Run<T>[] = first < minor ? [[first, minor - 1, value]] : [];
      return last > minor ? [...before, [minor + 1, last, value]] : before;
    });
    const row = rows[name];
    return [name, joined(row === undefined ? others : [...others, [minor, minor, row]])];
  });
  return Object.fromEntries(all.filter(([, each]) => each.length > 0));
}

/** Runs in their order; neighbours with one value are one. */
function joined<T>(runs: readonly Run<T>[]): Run<T>[] {
  const result: Run<T>[] = [];
  for (const [first, last, value] of runs.toSorted((left, right) => left[0] - right[0])) {
    const before = result.at(-1);
    if (before !== undefined && before[1] === first - 1 && isSame(before[2], value)) result.pop();
    const start = before !== undefined && before[1] === first - 1 && isSame(before[2], value) ? before[0] : first;
    result.push([start, last, value]);
  }
  return result;
}

/** The text of tables.json: a name a line, so that a change of one is a change of one line. */
export function printTables(tables: Tables): string {
  const { minors, texts, ...sections } = tables;
  const lines = [`"minors":${JSON.stringify(minors)}`, `"texts":${JSON.stringify(texts)}`];
  for (const [name, rows] of Object.entries(sections)) {
    const each = Object.entries(rows)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    lines.push(`"${name}":{\n${each.join(',\n')}\n}`);
  }
  return `{\n${lines.join(',\n')}\n}\n`;
}
