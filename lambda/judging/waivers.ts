/** Reads the waivers file: YAML that says who accepts which finding on which nodes, why, and until when. */
import { EVENT_ID, type Event, FAILSAFE_SCHEMA, getScalarValue, load, parseEvents, YAMLException } from 'js-yaml';
import * as v from 'valibot';
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
  const places = locate(source, name);
  const parsed = v.safeParse(file, loaded(source, name), { abortPipeEarly: true });
  if (!parsed.success) {
    const mistakes = parsed.issues.map((issue) => mistake(issue, places, name));
    throw new Error([...new Set(mistakes)].join('\n'));
  }
  return parsed.output.waivers.map((waiver, index) => ({
    ...waiver,
    nodes: {
      ...(waiver.nodes.id && { id: waiver.nodes.id }),
      ...(waiver.nodes.cluster && { cluster: waiver.nodes.cluster }),
      ...(waiver.nodes.tag && { tag: waiver.nodes.tag }),
    },
    line: places.get(`waivers.${index}`) ?? 1,
  }));
}

function isDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

/** Scalars stay text, so that a date or a number-like name is what was written. */
function loaded(source: string, name: string): unknown {
  try {
    return load(source, { schema: FAILSAFE_SCHEMA, maxAliases: 0, maxDepth: 8 });
  } catch (error) {
    throw invalid(error, name);
  }
}

function invalid(error: unknown, name: string): Error {
  const known = error instanceof YAMLException;
  const line = known && error.mark ? error.mark.line + 1 : 1;
  const reason = known ? error.reason : String(error);
  return new Error(`${name}:${line}: must be YAML without aliases: ${reason}`, { cause: error });
}

function mistake(issue: v.BaseIssue<unknown>, places: Map<string, number>, name: string): string {
  const path = (issue.path ?? []).map(({ key }) => String(key));
  const unknown = issue.type === 'strict_object' && issue.expected === 'never';
  const missing = issue.input === undefined && !unknown;
  const where = path
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
  const at = `${name}:${lineFor(path, places)}: ${where || 'the file'}`;
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

/** The line of a path, or of the nearest thing above it that the file has. */
function lineFor(path: string[], places: Map<string, number>): number {
  for (let length = path.length; length >= 0; length--) {
    const line = places.get(path.slice(0, length).join('.'));
    if (line !== undefined) return line;
  }
  return 1;
}

/** 1-based lines of every key and list item, by path: `waivers.0.until`. */
function locate(source: string, name: string): Map<string, number> {
  const places = new Map<string, number>();
  let events: Event[];
  try {
    events = parseEvents(source, { maxDepth: 8 });
  } catch (error) {
    throw invalid(error, name);
  }
  const starts = lineStarts(source);
  let at = events.findIndex((event) => event.type !== EVENT_ID.DOCUMENT);
  const mark = (path: string, position: number) => {
    if (!places.has(path)) places.set(path, lineAt(starts, position));
  };
  const walk = (path: string): void => {
    const event = events[at++];
    if (event === undefined) return;
    if (event.type === EVENT_ID.SCALAR) mark(path, event.valueStart);
    if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) {
      mark(path, event.start);
      for (let index = 0; at < events.length && events[at]?.type !== EVENT_ID.POP; index++) {
        const key = event.type === EVENT_ID.MAPPING ? keyOf(source, events[at]) : String(index);
        const child = path === '' ? key : `${path}.${key}`;
        if (event.type === EVENT_ID.MAPPING) walk(child);
        walk(child);
      }
      at++;
    }
  };
  if (at >= 0) walk('');
  return places;
}

function keyOf(source: string, event: Event | undefined): string {
  return event?.type === EVENT_ID.SCALAR ? getScalarValue(source, event) : '?';
}

function lineStarts(source: string): number[] {
  return [0, ...[...source.matchAll(/\n/g)].map((match) => match.index + 1)];
}

/** By halving: a file of many waivers asks often. */
function lineAt(starts: number[], position: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
