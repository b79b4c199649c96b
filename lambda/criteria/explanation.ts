/**
 * Why a setting has the value that it has: every layer that speaks of it, in the kubelet's order, with file and line, which
 * one wins and why the others do not. Tested by test/criteria/explanation.test.ts.
 */
import type { Setting, Source } from '../kubelet/configuration.ts';
import { readingOf } from '../kubelet/drop-ins.ts';
import { isDropIn } from '../kubelet/files.ts';
import { defaultsOf, type Statement, statementsOf, type Unread } from '../kubelet/statements.ts';
import { withOwn } from '../platforms/index.ts';
import { placeOf } from '../platforms/places.ts';
import type { NodeFacts } from '../platforms/platform.ts';
import { listed, oneLine, origin, shown } from '../platforms/wording.ts';

/** One layer's word, where it stands, and what becomes of it. */
export type Layer = {
  value: unknown;
  /** Where it is written, for people: `line 3 of /etc/k.yaml`. */
  place: string;
  source: Source;
  effect: 'wins' | 'adds' | 'overridden' | 'none';
  /** Why it does not win. */
  why?: string;
};

export type Explained = { setting: string; value: unknown; source: Source; default: unknown; layers: Layer[] };

/** What is written and not read, and why. */
export type Ignored = { place: string; why: string };

export type Explanation = {
  /** Settings that somebody speaks of or that are not the kubelet's default, by name; all of them where one is asked for. */
  settings: Explained[];
  ignored: Ignored[];
  /** Why there is no effective configuration. */
  problem?: string;
};

const texts = {
  flag: 'an argument overrides every file',
  later: 'an argument that stands later overrides it',
  dropIn: 'a drop-in overrides the config file',
  laterDropIn: 'a drop-in that is read later overrides it',
  deletes: 'its null takes away what is beneath it, so the default stands',
  brings: 'it does not mention it, but kubelet 1.28 reads a drop-in with all defaults, and these override',
  absent: 'it counts as absent, so what is beneath it stands',
  default: 'it counts as absent, so the default stands',
  made: (value: string) => `the kubelet makes ${value} of it`,
  seccomp: 'it can only turn this on',
  case: (meant: string) => `the kubelet reads ${meant}, and names count with their case`,
  unknown: (version: string) => `${version} does not know it`,
  name: 'only files whose names end with .conf are drop-ins',
  unreadable: (problem: string) => `it is not read: ${problem}`,
};

/** Explains one setting, or all that are worth it. */
export function explain(node: NodeFacts, only?: string): Explanation {
  const { configuration } = node;
  const kubelet = withOwn(node);
  const { statements, unread } = statementsOf(kubelet);
  const ignored = unread.map((each) => asIgnored(node, each));
  const reached = configuration.starts === true ? configuration : undefined;
  const problem =
    configuration.starts === false
      ? configuration.error
      : configuration.starts === true
        ? undefined
        : configuration.problem;
  const fallback = defaultsOf(kubelet, reached === undefined || reached.configFile !== '');
  const spoken = Map.groupBy(statements, ({ setting }) => setting);
  const settings = Object.entries(reached?.settings ?? {}).flatMap(([setting, effective]): Explained[] => {
    const own = spoken.get(setting) ?? [];
    const standard = fallback(setting);
    const isPlain = own.length === 0 && JSON.stringify(standard) === JSON.stringify(effective.value);
    if (only === undefined ? isPlain : setting !== only) return [];
    const { value, source } = effective;
    return [{ setting, value, source, default: standard, layers: layersOf(node, own, effective) }];
  });
  settings.sort((a, b) => (a.setting < b.setting ? -1 : 1));
  return { settings, ignored, ...(problem !== undefined && { problem }) };
}

/**
 * What of a kubelet's input it does not read, and why, a line each, `most` of them; nothing where its start says nothing of
 * it, for most nodes are not worth a second reading.
 */
export function ignoredLines(node: NodeFacts, most: number): string[] {
  const { configuration, kubelet } = node;
  const isWorth =
    configuration.ignoredKeys.length > 0 ||
    kubelet.files.some(({ role, path }) => role === 'drop-in' && !isDropIn(path));
  if (!isWorth || configuration.starts !== true) return [];
  // Each line is looked for in a whole file: what is not told is not looked for.
  return statementsOf(withOwn(node))
    .unread.slice(0, most)
    .map((each) => {
      const { place, why } = asIgnored(node, each);
      return `${place}: ${why}`;
    });
}

function layersOf(node: NodeFacts, statements: readonly Statement[], effective: Setting<unknown>): Layer[] {
  const winner = statements.findLastIndex(({ source }) => isSource(source, effective.source));
  if (winner === -1 && effective.source.kind === 'drop-in' && effective.source.where !== undefined)
    return [...below(node, statements, effective.source), unspoken(node, effective)];
  return statements.map((statement, at): Layer => {
    const { value, source } = statement;
    const base = { value, place: placeOf(node, source, statement.setting), source };
    if (at === winner) {
      const made = isScalar(effective.value) && value !== effective.value;
      return { ...base, effect: 'wins', ...(made && { why: texts.made(shown(effective.value)) }) };
    }
    if (addsTo(value, effective.value)) return { ...base, effect: 'adds' };
    const above = statements[winner];
    if (above === undefined || at > winner) {
      const why =
        statement.setting === 'seccompDefault' && source.kind === 'flag'
          ? texts.seccomp
          : above
            ? texts.absent
            : texts.default;
      return { ...base, effect: 'none', why };
    }
    return { ...base, effect: 'overridden', why: whyOf(source, above.source) };
  });
}

/**
 * A drop-in that gives a setting no value decides it all the same: up to 1.28 with its own default, later by a null, of the
 * setting or of what holds it (mergeKubeletConfigurations).
 */
function unspoken({ configuration }: NodeFacts, { value, source }: Setting<unknown>): Layer {
  const why = readingOf(configuration.version.minor) === 'file' ? texts.brings : texts.deletes;
  return { value, place: oneLine(source.where ?? ''), source, effect: 'wins', why };
}

function below(node: NodeFacts, statements: readonly Statement[], winner: Source): Layer[] {
  return statements.map((statement) => {
    const { value, source } = statement;
    return {
      value,
      place: placeOf(node, source, statement.setting),
      source,
      effect: 'overridden',
      why: whyOf(source, winner),
    };
  });
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** Several uses of one flag make one source. */
function isSource({ kind, where = '' }: Source, of: Source): boolean {
  if (kind !== of.kind) return false;
  return where === of.where || (kind === 'flag' && ` ${of.where ?? ''} `.includes(` ${where} `));
}

/** Maps, and lists of arguments, add up over the layers: all that it says is there. */
function addsTo(value: unknown, whole: unknown): boolean {
  if (typeof value !== 'object' || value === null || typeof whole !== 'object' || whole === null) return false;
  const own = Object.entries(value);
  const is = Array.isArray(value)
    ? value.every((item) => Array.isArray(whole) && whole.includes(item))
    : own.every(([key, item]) => JSON.stringify((whole as Record<string, unknown>)[key]) === JSON.stringify(item));
  return own.length > 0 && is;
}

function whyOf(lower: Source, upper: Source): string {
  if (upper.kind === 'flag') return lower.kind === 'flag' ? texts.later : texts.flag;
  return lower.kind === 'drop-in' ? texts.laterDropIn : texts.dropIn;
}

function asIgnored(node: NodeFacts, { where, key, meant, why, problem = '' }: Unread): Ignored {
  const source: Source = { kind: 'file', where };
  const place = key === undefined ? oneLine(where) : `${oneLine(key)}, ${placeOf(node, source, key)}`;
  const reasons = {
    case: texts.case(meant ?? ''),
    unknown: texts.unknown(`a kubelet of 1.${node.configuration.version.minor}`),
    name: texts.name,
    unreadable: texts.unreadable(oneLine(problem, 300)),
  };
  return { place, why: reasons[why] };
}

/** A setting in one line: its value, what decides it, and the default where that is another. */
export function inOneSentence({ setting, value, source, default: standard }: Explained): string {
  const other = JSON.stringify(value) === JSON.stringify(standard) ? '' : `; the default is ${shown(standard)}`;
  return `${listed([setting])} is ${shown(value)} by ${origin(source)}${other}`;
}
