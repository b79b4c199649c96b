/** Reads the waivers file: YAML that says who accepts which finding on which nodes, why, and until when. */
import * as v from 'valibot';
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Waiver } from './waive.ts';

const text = (expected: string) => v.pipe(v.string(expected), v.trim(), v.nonEmpty(expected));

const patterns = (expected: string) =>
  v.pipe(
    v.union([text(expected), v.pipe(v.array(text(expected)), v.minLength(1, expected))], expected),
    v.transform((given): string[] => (typeof given === 'string' ? [given] : given)),
  );

const NODES = 'an object with id, cluster or tag; for all nodes write {id: "*"}';
const TAG = 'an object of tag keys with patterns, such as {Team: "data-*"}';

const entry = v.strictObject({
  rule: text("a rule's name or a control, such as cis-kubernetes-1.5.1/4.2.11"),
  nodes: v.pipe(
    v.strictObject(
      {
        id: v.optional(patterns('a pattern of instance ids, such as i-0abc* or "*"')),
        cluster: v.optional(patterns('a pattern of cluster names, such as staging-*')),
        tag: v.optional(
          v.pipe(
            v.record(v.string(), patterns(TAG), TAG),
            // Without a key every node would match.
            v.check((tags) => Object.keys(tags).length > 0, TAG),
          ),
        ),
      },
      NODES,
    ),
    v.check((nodes) => Object.keys(nodes).length > 0, NODES),
  ),
  reason: text('a sentence that says why this is accepted'),
  owner: text('a person or team who answers for it'),
  until: v.pipe(
    text('a date such as 2026-12-31'),
    v.regex(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2026-12-31'),
    v.check((date) => isDay(date), 'a day that the calendar has'),
  ),
});

const file = v.strictObject({ waivers: v.array(entry, 'a list of waivers') }, 'an object with the list "waivers"');

/**
 * The waivers of `source`, the text of the file called `name`. Throws an Error with one line for each mistake:
 * `<name>:<line>: <where> must be <expected>, got <what came>`. That a rule exists is not checked here: a waiver that
 * outlives its rule is reported by reviewWaivers, it does not stop a scan.
 */
export function parseWaivers(source: string, name: string): Waiver[] {
  const { value, lineOf } = read(source, name);
  const parsed = v.safeParse(file, value, { abortPipeEarly: true });
  if (!parsed.success) {
    const mistakes = parsed.issues.map((issue) => mistake(issue, lineOf, name));
    throw new Error([...new Set(mistakes)].join('\n'));
  }
  return parsed.output.waivers.map((waiver, index) => ({
    ...waiver,
    nodes: {
      ...(waiver.nodes.id && { id: waiver.nodes.id }),
      ...(waiver.nodes.cluster && { cluster: waiver.nodes.cluster }),
      ...(waiver.nodes.tag && { tag: waiver.nodes.tag }),
    },
    line: lineOf(['waivers', String(index)]),
  }));
}

function isDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

/** The 1-based line of a path in the file, or of the nearest thing above it that is there. */
type LineOf = (path: readonly string[]) => number;

/** Scalars stay text, so that a date or a number-like name is what was written. */
function read(source: string, name: string): { value: unknown; lineOf: LineOf } {
  const lines = new LineCounter();
  const at = (offset: number) => Math.max(1, lines.linePos(offset).line);
  const refuse = (offset: number, reason: string, cause?: unknown) =>
    new Error(`${name}:${at(offset)}: must be YAML without aliases: ${reason}`, { cause });
  const document = parseDocument(source, {
    schema: 'failsafe',
    stringKeys: true,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [error] = document.errors;
  if (error) throw refuse(error.pos[0], error.message, error);
  visit(document, {
    Alias(_key, alias) {
      throw refuse(alias.range?.[0] ?? 0, `*${alias.source} is one`);
    },
  });
  return { value: document.toJS(), lineOf: (path) => at(offsetOf(document, path)) };
}

/** Where a path begins, by its key or list item; of one that is not there, the nearest thing above it. */
function offsetOf({ contents }: Document, path: readonly string[]): number {
  let node: unknown = contents;
  let offset = startOf(node) ?? 0;
  for (const key of path) {
    const pair = isMap(node) ? node.items.find((each) => isScalar(each.key) && each.key.value === key) : undefined;
    const found: unknown = pair ? pair.key : isSeq(node) ? node.items[Number(key)] : undefined;
    const start = startOf(found);
    if (start === undefined) break;
    offset = start;
    node = pair ? pair.value : found;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function mistake(issue: v.BaseIssue<unknown>, lineOf: LineOf, name: string): string {
  const path = (issue.path ?? []).map(({ key }) => String(key));
  const unknown = issue.type === 'strict_object' && issue.expected === 'never';
  const missing = issue.input === undefined && !unknown;
  const where = path
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
  const at = `${name}:${lineOf(path)}: ${where || 'the file'}`;
  if (unknown) return `${at} is not known here: check its spelling and its place`;
  const got = missing ? 'but is missing' : `got ${JSON.stringify(issue.input)?.slice(0, 80)}`;
  return `${at} must be ${expectation(issue, path)}, ${got}`;
}

/** A missing key is a mistake of the object to valibot; the reader wants to know what the key must be. */
function expectation(issue: v.BaseIssue<unknown>, path: string[]): string {
  const key = path.at(-1) ?? '';
  if (issue.type === 'strict_object' && issue.input === undefined && Object.hasOwn(entry.entries, key)) {
    const own = v.safeParse(entry.entries[key as keyof typeof entry.entries], undefined).issues?.[0]?.message;
    if (own) return own;
  }
  return issue.message;
}
