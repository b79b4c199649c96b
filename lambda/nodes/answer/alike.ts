/**
 * Answers that are letter by letter the same but in a few places, such as a clock, the times of files and a node's own name: what
 * such an answer becomes is known but for what stands in these places. What is written of it is what JSON.stringify gives of what
 * readAnswer reads, and whatever is not of a known pattern is read by it.
 */
import { canonical, momentOf, nameOf } from './certificate.ts';
import { unwrap } from './envelope.ts';
import { countOf, endOfLine, FILE, readRecords, timeOf } from './evidence.ts';
import { kubeconfigShape } from './kubeconfig.ts';
import { redact } from './redact.ts';

export type AnswerAsJson = { evidence: string } | { problem: string };

/** Kinds of nodes whose patterns are known. */
const MOST_KINDS = 64;
/** Places of one text, of which usual ones have a hundred: each takes a search when a pattern is made. */
const MOST_PLACES = 300;
/** Longer texts are nobody's but the node's that sent them, and bounds of their lines could matter. Characters. */
const LONGEST_TEXT = 9_999;

/** A place of a text in which nodes of a kind may differ; it ends with its word, with its line, or with the lines behind bars. */
type Place = { start: number; end: number; sort: Sort };
type Sort = {
  ends: 'word' | 'line' | 'bars';
  /** What stands there while it is looked for where it comes out; letters or digits of it do not stand elsewhere. */
  mark: (index: number) => string;
  /** What it becomes, as JSON; undefined where it is refused, or more follows from it. */
  json: (text: string, path: string) => string | undefined;
};

const word = (index: number) => `\0open${index}\0`;
const digits = (index: number) => `${900_000_000_000_000 + index}`;
const userOf = (index: number) => `open${index}`;
const number = (value: number | undefined) => (value === undefined ? undefined : JSON.stringify(value));
const behindBars = (text: string) => `${text.slice(1).replaceAll('\n|', '\n')}\n`;

const COUNT: Sort = { ends: 'word', mark: digits, json: (text) => number(countOf(text)) };
// Process 0 stands for settings.
const PROCESS: Sort = { ...COUNT, json: (text) => number(countOf(text) || undefined) };
const TIME: Sort = { ...COUNT, json: (text) => number(timeOf(text)) };
const CONTENT: Sort = {
  ends: 'bars',
  mark: (index) => `|${word(index)}`,
  json: (text) => JSON.stringify(behindBars(text)),
};
const KUBECONFIG: Sort = {
  ends: 'bars',
  mark: (index) =>
    `|{current-context: a, contexts: [{name: a, context: {cluster: b, user: ${userOf(index)}}}], clusters: [{name: b, cluster: {a: b}}]}`,
  json: (text, path) => JSON.stringify(kubeconfigShape(path, behindBars(text))),
};
const LINE: Sort = { ends: 'line', mark: word, json: (text) => JSON.stringify(text) };
const MOMENT: Sort = { ends: 'line', mark: digits, json: (text) => number(momentOf(text)) };

/** Of records that are one value. */
const SORTS: ReadonlyMap<string, Sort> = new Map<string, Sort>([
  ['time', { ...COUNT, ends: 'line' }],
  ['hostname', LINE],
  ['address', { ...LINE, json: (text) => JSON.stringify(canonical(text)) }],
  // collect.sh writes a line break inside an argument as \x01.
  ['arg', { ...LINE, json: (text) => JSON.stringify(text.replaceAll('\u0001', '\n')) }],
  ['subject', LINE],
  ['issuer', LINE],
  ['serial', LINE],
  ['from', MOMENT],
  ['to', MOMENT],
  ['name', { ends: 'line', mark: (index) => `DNS:${word(index)}`, json: (text) => JSON.stringify(nameOf(text)) }],
]);

/** The first node of a kind, and the places in which others were found to differ from it. */
type Kind = {
  text: string;
  evidence: string;
  places: Place[];
  open: Set<number>;
  pattern?: Pattern;
  /** What one more place becomes could not be said: no more is learned. */
  isClosed?: true;
};
type Pattern = (text: string) => string | undefined;

/** By what is left of a text without its places; of those of which texts came last the last. */
const kinds = new Map<string, Kind>();

/** Reads what one node answered as `readAnswer` does; the evidence as JSON. */
export function readAnswerAsJson(output: string): AnswerAsJson {
  const unwrapped = unwrap(output);
  return 'problem' in unwrapped ? unwrapped : readAlike(redact(unwrapped.text));
}

/** Reads the records of a text as `readRecords` does; the evidence as JSON. By `read` is read what is of no known pattern. */
export function readAlike(text: string, read: typeof readRecords = readRecords): AnswerAsJson {
  if (text.length <= LONGEST_TEXT) {
    // The last first: who mimics a kind in many ways neither stands before it nor pushes it out.
    for (const [key, kind] of [...kinds].reverse()) {
      const evidence = kind.pattern?.(text);
      if (evidence === undefined) continue;
      kinds.delete(key);
      kinds.set(key, kind);
      return { evidence };
    }
  }
  const answer = read(text);
  if ('problem' in answer) return answer;
  const evidence = JSON.stringify(answer.evidence);
  if (text.length <= LONGEST_TEXT && !text.includes('\0')) learn(text, evidence);
  return { evidence };
}

/** Opens the places in which a text differs from the first of its kind. */
function learn(text: string, evidence: string): void {
  const { key, places } = cut(text);
  if (places.length > MOST_PLACES) return;
  const kind = kinds.get(key);
  if (kind === undefined) {
    const [oldest] = kinds.keys();
    if (kinds.size >= MOST_KINDS && oldest !== undefined) kinds.delete(oldest);
    kinds.set(key, { text, evidence, places, open: new Set() });
    return;
  }
  if (kind.isClosed) return;
  const said = (of: string, { start, end }: Place) => of.slice(start, end);
  const before = kind.open.size;
  for (const [index, place] of kind.places.entries()) {
    if (said(kind.text, place) !== said(text, places[index] as Place)) kind.open.add(index);
  }
  if (kind.open.size === before) return;
  const pattern = patternOf(kind);
  // Whatever was overlooked here is seen, at the latest, where the two would not become what they are.
  if (pattern?.(text) === evidence && pattern(kind.text) === kind.evidence) kind.pattern = pattern;
  else kind.isClosed = true;
}

/** The places of a text, and the text without them. */
function cut(text: string): { key: string; places: Place[] } {
  const places: Place[] = [];
  let key = '';
  let at = 0;
  const add = (start: number, end: number, sort: Sort) => {
    key += `${text.slice(at, start)}\0`;
    at = end;
    places.push({ start, end, sort });
  };
  let content = CONTENT;
  for (let start = 0, end: number; start < text.length; start = end + 1) {
    end = endOfLine(text, start);
    if (text[start] === '|') {
      end = endOfBars(text, end);
      add(start, end, content);
      continue;
    }
    const line = text.slice(start, end);
    const space = line.indexOf(' ');
    const record = line.slice(0, Math.max(space, 0));
    const value = start + space + 1;
    const sort = SORTS.get(record);
    if (sort) add(value, end, sort);
    else if (record === 'process') add(start + line.lastIndexOf(' ') + 1, end, PROCESS);
    else if (record === 'started') {
      const [first = ''] = line.slice(space + 1).split(' ');
      add(value, value + first.length, TIME);
      if (value + first.length < end) add(value + first.length + 1, end, TIME);
    } else if (record === 'file') {
      const [, role, state = '', mode = '', uid = '', gid = '', size = '', time = ''] =
        FILE.exec(line.slice(space + 1)) ?? [];
      content = role === 'kubeconfig' ? KUBECONFIG : CONTENT;
      if (role === undefined) continue;
      const before = value + [role, state, mode, uid, gid].reduce((sum, { length }) => sum + length + 1, 0);
      if (countOf(size) !== undefined) add(before, before + size.length, COUNT);
      if (timeOf(time) !== undefined) add(before + size.length + 1, before + size.length + 1 + time.length, TIME);
    }
  }
  return { key: key + text.slice(at), places };
}

/** Where the lines behind bars end of which one ends at `end`. */
function endOfBars(text: string, end: number): number {
  let last = end;
  while (text[last + 1] === '|') last = endOfLine(text, last + 1);
  return last;
}

function endOfWord(text: string, start: number): number {
  let end = start;
  while (end < text.length && text[end] !== ' ' && text[end] !== '\n') end += 1;
  return end;
}

function endOf(text: string, start: number, { ends }: Sort): number | undefined {
  if (ends === 'word') return endOfWord(text, start);
  if (ends === 'line') return endOfLine(text, start);
  return text[start] === '|' ? endOfBars(text, endOfLine(text, start)) : undefined;
}

/** What an answer of a kind becomes; undefined where it cannot be said. */
function patternOf({ text, places, open }: Kind): Pattern | undefined {
  const opened = places.filter((_, index) => open.has(index));
  const literals = [...opened, { start: text.length }].map(({ start }, index) =>
    text.slice(opened[index - 1]?.end ?? 0, start),
  );
  const marks = opened.map(({ sort }, index) => sort.mark(index));
  const answer = readRecords(literals.map((literal, index) => literal + (marks[index] ?? '')).join(''));
  if ('problem' in answer) return undefined;
  const whole = JSON.stringify(answer.evidence);
  const shapes = answer.evidence.kubelets.flatMap(({ kubeconfigs }) => kubeconfigs);
  const found = opened.map(({ sort }, index) => {
    const shape = sort === KUBECONFIG ? shapes.find(({ user }) => user === userOf(index)) : undefined;
    const path = shape?.path ?? '';
    const json = sort.json(marks[index] ?? '', path) ?? '';
    const at = whole.indexOf(json);
    const isFound = json !== '' && at !== -1 && whole.indexOf(json, at + 1) === -1;
    return { index, path, at: isFound ? at : -1, end: at + json.length };
  });
  const paths = found.map(({ path }) => path);
  const written = found.toSorted((a, b) => a.at - b.at);
  if (written.some(({ at }, index) => at < (written[index - 1]?.end ?? 0))) return undefined;
  const [first = '', ...parts] = [...written, { at: whole.length }].map(({ at }, index) =>
    whole.slice(written[index - 1]?.end ?? 0, at),
  );
  return (given) => {
    const values: string[] = [];
    let at = 0;
    for (const [index, literal] of literals.entries()) {
      if (given.slice(at, at + literal.length) !== literal) return undefined;
      at += literal.length;
      const sort = opened[index]?.sort;
      if (sort === undefined) break;
      const end = endOf(given, at, sort);
      const json = end === undefined ? undefined : sort.json(given.slice(at, end), paths[index] ?? '');
      if (end === undefined || json === undefined) return undefined;
      values.push(json);
      at = end;
    }
    if (at !== given.length) return undefined;
    return written.reduce((json, { index }, position) => `${json}${values[index]}${parts[position]}`, first);
  };
}
