/** JSON as Go reads it: numbers keep their text, objects keep every member in its order, duplicates included. */
import { Exit, Unknown } from './outcome.ts';

export type Json = null | boolean | string | JsonNumber | Json[] | JsonObject;

/** The number as it would stand in JSON. */
export type JsonNumber = { number: string };

export type JsonObject = { members: Member[] };

export type Member = {
  key: string;
  value: Json;
  /** Set by the merging of drop-ins: which files gave this value, the last one first. */
  given?: Given;
};

export type Given = { where: string; value: Json; before?: Given };

/** Deeper documents are not evaluated; the kubelet's own configuration is four levels deep. */
export const DEEPEST = 200;

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && 'members' in value;
}

export function isNumber(value: Json): value is JsonNumber {
  return typeof value === 'object' && value !== null && 'number' in value;
}

/** The kind of a value in the words of encoding/json. */
export function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (isNumber(value)) return 'number';
  return Array.isArray(value) ? 'array' : 'object';
}

/** Order of Go's strings: by bytes of UTF-8, which is the order of code points. */
export function byBytes(left: string, right: string): number {
  if (left === right) return 0;
  let at = 0;
  while (left.charCodeAt(at) === right.charCodeAt(at)) at += 1;
  // A low surrogate that differs stands behind an equal high one.
  const start = isLowSurrogate(left.charCodeAt(at)) || isLowSurrogate(right.charCodeAt(at)) ? at - 1 : at;
  return (left.codePointAt(Math.max(start, 0)) ?? -1) - (right.codePointAt(Math.max(start, 0)) ?? -1);
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** Reads one JSON text. Throws Exit on bad syntax (encoding/json would refuse it), Unknown beyond our bounds. */
export function parseJson(text: string): Json {
  const reader = { text, at: 0 };
  const value = readValue(reader, 0);
  skipSpace(reader);
  if (reader.at !== text.length) throw syntax(reader);
  return value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

type Reader = { text: string; at: number };

function readValue(reader: Reader, depth: number): Json {
  if (depth > DEEPEST) throw new Unknown(`JSON nested deeper than ${DEEPEST} levels is not evaluated`);
  skipSpace(reader);
  switch (reader.text[reader.at]) {
    case '{':
      return readObject(reader, depth);
    case '[':
      return readArray(reader, depth);
    case '"':
      return readString(reader);
    case 't':
      return readWord(reader, 'true', true);
    case 'f':
      return readWord(reader, 'false', false);
    case 'n':
      return readWord(reader, 'null', null);
    default:
      return { number: match(reader, NUMBER) };
  }
}

function readObject(reader: Reader, depth: number): JsonObject {
  const members: Member[] = [];
  reader.at += 1;
  skipSpace(reader);
  if (reader.text[reader.at] === '}') {
    reader.at += 1;
    return { members };
  }
  for (;;) {
    skipSpace(reader);
    const key = readString(reader);
    skipSpace(reader);
    if (reader.text[reader.at] !== ':') throw syntax(reader);
    reader.at += 1;
    members.push({ key, value: readValue(reader, depth + 1) });
    if (ends(reader, '}')) return { members };
  }
}

function readArray(reader: Reader, depth: number): Json[] {
  const items: Json[] = [];
  reader.at += 1;
  skipSpace(reader);
  if (reader.text[reader.at] === ']') {
    reader.at += 1;
    return items;
  }
  for (;;) {
    items.push(readValue(reader, depth + 1));
    if (ends(reader, ']')) return items;
  }
}

/** Takes a comma (false) or the closing bracket (true). */
function ends(reader: Reader, bracket: string): boolean {
  skipSpace(reader);
  const found = reader.text[reader.at];
  if (found !== ',' && found !== bracket) throw syntax(reader);
  reader.at += 1;
  return found === bracket;
}

function readString(reader: Reader): string {
  const { text, at: start } = reader;
  if (text[start] !== '"') throw syntax(reader);
  let escaped = false;
  for (let at = start + 1; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      reader.at = at + 1;
      return escaped ? unescaped(text.slice(start, at + 1), reader) : text.slice(start + 1, at);
    }
    if (unit < FIRST_PRINTABLE) {
      reader.at = at;
      throw syntax(reader);
    }
    if (unit === BACKSLASH) {
      escaped = true;
      at += 1;
    }
  }
  reader.at = text.length;
  throw syntax(reader);
}

/** The escapes of JSON are the same everywhere; half a surrogate pair becomes the replacement character, as in Go. */
function unescaped(literal: string, reader: Reader): string {
  try {
    return String(JSON.parse(literal)).toWellFormed();
  } catch {
    throw syntax({ ...reader, at: reader.at - literal.length });
  }
}

function readWord<T>(reader: Reader, word: string, value: T): T {
  if (!reader.text.startsWith(word, reader.at)) throw syntax(reader);
  reader.at += word.length;
  return value;
}

function match(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found === undefined) throw syntax(reader);
  reader.at += found.length;
  return found;
}

function skipSpace(reader: Reader): void {
  SPACE.lastIndex = reader.at;
  SPACE.exec(reader.text);
  reader.at = SPACE.lastIndex;
}

function syntax({ text, at }: Reader): Exit {
  if (at >= text.length) return new Exit('not JSON: it ends too early');
  const line = text.slice(0, at).split('\n').length;
  return new Exit(`not JSON: unexpected ${JSON.stringify(text.charAt(at))} in line ${line}`);
}
