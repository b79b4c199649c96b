/**
 * Compares our derivation with recorded answers of real kubelets:
 * `npm run agreement -- FILE...`, each `.jsonl` or `.jsonl.gz`.
 * Tested by test/kubelet/agreement.test.ts.
 * Long because the recorded form of an answer and its comparison belong together.
 */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import { goQuote } from '../lambda/go/quoting.ts';
import { processOf } from '../lambda/judging/known-answers.ts';
import type { EffectiveConfiguration, Reached, Settings } from '../lambda/kubelet/configuration.ts';
import { derive } from '../lambda/kubelet/derive.ts';
import { typesOf } from '../lambda/kubelet/tables.ts';

const HELP = `Usage: npm run agreement -- FILE...

Derives the configuration of every recorded kubelet of the files (.jsonl, .jsonl.gz)
and compares it with the recorded answer: whether it starts, at which stage it
refuses and with which single messages; else every recorded setting, flag and gate,
or, for a node that is asked of a later minor, every setting that changes.
Prints the agreement by kind of question and by minor.

  --words  also counts the refusals whose whole text is the kubelet's own

Exit codes: 0 all agree, 1 some differ, 2 a file could not be read.
`;

/** Longer lists of differences help nobody. */
const MOST_SHOWN = 10;

const STRINGS = v.record(v.string(), v.string());
const VALUES = v.record(v.string(), v.unknown());
const MINOR = v.pipe(v.string(), v.regex(/^1\.\d{1,4}$/, 'expected a minor such as 1.32'));

const INPUT = { id: v.string(), argv: v.array(v.string()), env: v.optional(STRINGS), files: STRINGS };
const REFUSED = {
  starts: v.literal(false),
  error: v.optional(v.string()),
  stage: v.optional(v.picklist(['early', 'late', 'panic', 'exit'])),
  messages: v.optional(v.array(v.string())),
};

const CHANGES = v.array(v.object({ setting: v.string(), from: v.unknown(), to: v.unknown() }));

/** A kubelet of one minor. */
const ANSWER = v.intersect([
  v.object({ ...INPUT, kubelet: MINOR, label: v.optional(v.string()) }),
  v.variant('starts', [
    v.object({ starts: v.literal(true), effective: VALUES, flags: VALUES, gates: VALUES }),
    v.object(REFUSED),
  ]),
]);

/** The input of a real node, asked of a later minor. */
const STEP = v.intersect([
  v.object({ ...INPUT, node: v.string(), from: MINOR, to: MINOR, changed: CHANGES }),
  v.variant('starts', [v.object({ starts: v.literal(true) }), v.object(REFUSED)]),
]);

type Answer = v.InferOutput<typeof ANSWER>;
type Step = v.InferOutput<typeof STEP>;

/** A recorded answer of a real kubelet. */
export type Case = Answer | Step;

/** One value in which we differ from the kubelet. */
export type Difference = { id: string; at: string; expected: unknown; got: unknown };

const FAMILIES: Readonly<Record<string, string>> = { n: 'named', r: 'random', x: 'refused', q: 'next' };

/** Minors whose random questions are of the second recording. */
const SECOND = new Set(['1.24', '1.25', '1.27', '1.30', '1.33', '1.35', '1.37']);

/** Which kind of question it is, by the letter of its id. */
export function kindOf(recorded: Case): string {
  const kind = FAMILIES[recorded.id.charAt(0)] ?? 'other';
  return kind === 'random' && 'kubelet' in recorded && SECOND.has(recorded.kubelet) ? 'random-2' : kind;
}

/** Reads one file of cases. Throws an Error of one line: which file, which line, what was expected. */
export function readCases(path: string): Case[] {
  return readText(path)
    .split('\n')
    .flatMap((line, index) => {
      if (line.trim() === '') return [];
      try {
        const row: unknown = JSON.parse(line);
        const isStep = typeof row === 'object' && row !== null && 'to' in row;
        return [v.parse(isStep ? STEP : ANSWER, row)];
      } catch (error) {
        const why = v.isValiError(error)
          ? `${v.getDotPath(error.issues[0])}: ${error.issues[0].message}`
          : String(error);
        throw new Error(`${path} line ${index + 1} is not a recorded case: ${why}`);
      }
    });
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Flags that rules came to need after the recordings were made. */
const NOT_RECORDED = new Set(['image-credential-provider-config', 'image-credential-provider-bin-dir']);

/** All values in which the derivation differs from the recorded answer. */
export function compare(recorded: Case): Difference[] {
  const minor = 'to' in recorded ? recorded.to : recorded.kubelet;
  const derived = derive(processOf(recorded, minor));
  const { id } = recorded;
  const reached = reachedBy(derived, recorded);
  if (!recorded.starts) return refusals(recorded, derived);
  if (reached === undefined) return [{ id, at: 'starts', expected: true, got: said(derived) }];
  if ('to' in recorded) return changes(recorded, reached.settings);
  const paths = Object.keys(recorded.effective);
  const settings = Object.fromEntries(paths.map((path) => [path, reached.settings[path] ?? { value: undefined }]));
  const asked = Object.entries(reached.flags).filter(([name]) => !NOT_RECORDED.has(name) || name in recorded.flags);
  const flags = Object.fromEntries(asked);
  return [
    ...differences(id, 'effective', recorded.effective, settings),
    ...differences(id, 'flags', recorded.flags, flags),
    ...differences(id, 'gates', recorded.gates, reached.gates),
  ];
}

/** Recordings that stopped where the configuration is accepted: what comes later was not asked of them. */
const NOT_ASKED_LATE = new Set(['named', 'random']);

function reachedBy(derived: EffectiveConfiguration, recorded: Case): Reached | undefined {
  if (derived.starts === true) return derived;
  return derived.starts === false && NOT_ASKED_LATE.has(kindOf(recorded)) ? derived.reached : undefined;
}

function refusals(recorded: Extract<Case, { starts: false }>, derived: EffectiveConfiguration): Difference[] {
  const { id, stage, messages } = recorded;
  if (derived.starts !== false) return [{ id, at: 'starts', expected: said(recorded), got: said(derived) }];
  const found: Difference[] = [];
  const ours = stageOf(derived.refusal.stage);
  if (stage !== undefined && stage !== ours) {
    found.push({ id, at: 'stage', expected: said(recorded), got: { ...derived.refusal, stage: ours } });
  }
  // Maps of Go have no order: neither have the errors over their entries.
  if (messages !== undefined && !isDeepStrictEqual(messages.toSorted(), derived.refusal.messages.toSorted())) {
    found.push({ id, at: 'messages', expected: messages, got: derived.refusal.messages });
  }
  return found;
}

function stageOf(stage: string): string {
  return stage === 'late' || stage === 'panic' || stage === 'exit' ? stage : 'early';
}

/** What changes between the minor that the node has and the one that it is asked of, in v1beta1's JSON. */
function changes({ id, from, changed, ...input }: Step, after: Settings): Difference[] {
  const derived = derive(processOf(input, from));
  if (derived.starts !== true) return [{ id, at: `starts in ${from}`, expected: true, got: said(derived) }];
  const [before, then] = [asJson(derived.settings, from), asJson(after, input.to)];
  const names = new Set([...before.keys(), ...then.keys()]);
  const ours = [...names]
    .map((setting) => ({ setting, from: before.get(setting) ?? null, to: then.get(setting) ?? null }))
    .filter((change) => !isDeepStrictEqual(change.from, change.to));
  const order = (list: readonly { setting: string }[]) =>
    list.toSorted((left, right) => (left.setting < right.setting ? -1 : 1));
  return isDeepStrictEqual(order(ours), order(changed))
    ? []
    : [{ id, at: 'changed', expected: order(changed), got: order(ours) }];
}

/** Types whose zero JSON writes although it is one. */
const WRITES_ZERO = /^(?:\*|duration|quantity|uint32|time)/;

/** Settings as JSON has them: without zeros that it leaves out. */
function asJson(settings: Settings, minor: string): Map<string, unknown> {
  const types = typesOf(Number(minor.slice('1.'.length)));
  const entries = Object.entries(settings).filter(([path, { value }]) => !isLeftOut(types.get(path) ?? '', value));
  return new Map(entries.map(([path, { value }]) => [path, value]));
}

function isLeftOut(type: string, value: unknown): boolean {
  if (value === null) return true;
  if (typeof value === 'object') return Object.keys(value).length === 0;
  return (value === false || value === 0 || value === '') && !WRITES_ZERO.test(type);
}

function differences(
  id: string,
  group: string,
  expected: Record<string, unknown>,
  got: Record<string, { value: unknown }>,
): Difference[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(got)]);
  return [...names]
    .filter((name) => !isDeepStrictEqual(expected[name], got[name]?.value))
    .map((name) => ({ id, at: `${group}.${name}`, expected: expected[name], got: got[name] }));
}

function said(answer: Case | EffectiveConfiguration): unknown {
  if (answer.starts === true) return true;
  return { starts: answer.starts, error: 'problem' in answer ? answer.problem : answer.error };
}

/** The words of a recorded refusal are ours, as klog writes them behind `err=`; undefined where it starts. */
function hasSameWords(recorded: Case): boolean | undefined {
  if (recorded.starts || recorded.error === undefined) return undefined;
  const derived = derive(processOf(recorded, 'to' in recorded ? recorded.to : recorded.kubelet));
  if (derived.starts !== false) return false;
  const { error } = derived.refusal;
  const ours = error.includes('\n') ? `<\n${error}\n >` : error.startsWith('panic: ') ? error : goQuote(error);
  const flat = (text: string) => text.replace(/\s+/g, ' ').trim();
  // Recordings are cut, with or without the closing quote.
  const theirs = flat(recorded.error);
  return flat(ours).startsWith(theirs.slice(0, -1)) || flat(ours) === theirs;
}

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, words: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length === 0) throw new Error('expected at least one FILE; see --help');
  const cases = positionals.flatMap(readCases);
  const results = cases.map((recorded) => ({ recorded, found: compare(recorded) }));
  const differing = results.filter(({ found }) => found.length > 0);
  process.stdout.write(`${cases.length} cases: ${cases.length - differing.length} agree, ${differing.length} differ\n`);
  process.stdout.write(table(results));
  if (values.words) process.stdout.write(wordCount(cases));
  for (const { id, at, expected, got } of differing.slice(0, MOST_SHOWN).flatMap(({ found }) => found)) {
    process.stdout.write(`${id} ${at}\n  expected ${JSON.stringify(expected)}\n  got      ${JSON.stringify(got)}\n`);
  }
  return differing.length > 0 ? 1 : 0;
}

/** `words of refusals: 87 of 88 the same`. */
function wordCount(cases: readonly Case[]): string {
  const answers = cases.map(hasSameWords).filter((same) => same !== undefined);
  return `words of refusals: ${answers.filter(Boolean).length} of ${answers.length} the same\n`;
}

/** Agreement by kind and minor: `refused   1.24  10 of 10`. */
function table(results: readonly { recorded: Case; found: readonly Difference[] }[]): string {
  const rows = new Map<string, { agree: number; all: number }>();
  for (const { recorded, found } of results) {
    const minor = 'to' in recorded ? recorded.to : recorded.kubelet;
    for (const key of [`${kindOf(recorded)} all`, `${kindOf(recorded)} ${minor}`]) {
      const row = rows.get(key) ?? { agree: 0, all: 0 };
      rows.set(key, { agree: row.agree + (found.length === 0 ? 1 : 0), all: row.all + 1 });
    }
  }
  return [...rows]
    .toSorted(([left], [right]) => left.localeCompare(right, 'en', { numeric: true }))
    .map(([key, { agree, all }]) => {
      const [kind = '', minor = ''] = key.split(' ');
      return `${kind.padEnd(10)}${minor.padEnd(6)}${String(agree).padStart(6)} of ${all}\n`;
    })
    .join('');
}

if (import.meta.main) {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader, such as `head`, has seen enough.
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    process.exitCode = main();
  } catch (error) {
    const [message] = String(error instanceof Error ? error.message : error).split('\n');
    process.stderr.write(`agreement: ${message}\n`);
    process.exitCode = 2;
  }
}
