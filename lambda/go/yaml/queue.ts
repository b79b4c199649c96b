/**
 * The scanner's state: its queue of tokens, the open block collections, and where mapping keys may have begun.
 * Tested by test/go/yaml/compose.test.ts.
 */
import { broken, type Cursor, column, index, isBom } from './cursor.ts';

export type Token =
  | { type: 'scalar'; value: string; plain: boolean }
  | { type: 'anchor' | 'alias'; name: string }
  | { type: 'tag'; handle: string; suffix: string }
  | { type: 'version'; version: string }
  | { type: 'tag-directive'; handle: string; prefix: string }
  | {
      type:
        | 'document-start'
        | 'document-end'
        | 'stream-end'
        | 'block-sequence'
        | 'block-mapping'
        | 'block-end'
        | 'block-entry'
        | 'flow-entry'
        | 'key'
        | 'value'
        | '['
        | ']'
        | '{'
        | '}';
    };

/** A place where a mapping key may turn out to have begun, once a `:` is found. */
type SimpleKey = { possible: boolean; required: boolean; token: number; index: number; line: number; column: number };

export type Scanner = Cursor & {
  tokens: Token[];
  /** How many tokens were taken. */
  taken: number;
  /** Column of the innermost block collection. */
  indent: number;
  indents: number[];
  flowLevel: number;
  keyAllowed: boolean;
  /** One a flow level. */
  keys: SimpleKey[];
  keysByToken: Map<number, SimpleKey>;
};

export const NO_KEY: SimpleKey = { possible: false, required: false, token: 0, index: 0, line: 0, column: 0 };

/** A simple key and its `:` stand on one line, at most this far apart. */
const LONGEST_KEY = 1024;

/** libyaml's max_flow_level and max_indents. */
export const DEEPEST_COLLECTION = 10_000;

export function scanner(text: string): Scanner {
  // goyaml.v2 takes byte order marks for such only where its buffer begins (yamlprivateh.go, is_bom): one tells the
  // encoding and is gone, another is skipped like a character. Further on they are parts of keys and scalars.
  const lineStart = isBom(text.charCodeAt(0)) ? 1 : 0;
  const at = lineStart === 1 && isBom(text.charCodeAt(1)) ? 2 : lineStart;
  const cursor: Cursor = { text, at, lineStart, line: 0, astral: 0 };
  return {
    ...cursor,
    tokens: [],
    taken: 0,
    indent: -1,
    indents: [],
    flowLevel: 0,
    keyAllowed: true,
    keys: [{ ...NO_KEY }],
    keysByToken: new Map(),
  };
}

/** Puts a token before the one with that number, or last. */
export function insert(scan: Scanner, token: Token, number = -1): void {
  const place = number - scan.taken;
  if (number < 0 || place < 0) scan.tokens.push(token);
  else scan.tokens.splice(place, 0, token);
}

export function isValid(scan: Scanner, key: SimpleKey): boolean {
  if (!key.possible) return false;
  if (key.line >= scan.line && key.index + LONGEST_KEY >= index(scan)) return true;
  if (key.required) throw broken(scan, "could not find the expected ':'");
  key.possible = false;
  return false;
}

export function saveKey(scan: Scanner): void {
  if (!scan.keyAllowed) return;
  const required = scan.flowLevel === 0 && scan.indent === column(scan);
  removeKey(scan);
  const token = scan.taken + scan.tokens.length;
  const key = { possible: true, required, token, index: index(scan), line: scan.line, column: column(scan) };
  scan.keys[scan.keys.length - 1] = key;
  scan.keysByToken.set(token, key);
}

export function lastKey(scan: Scanner): SimpleKey {
  return scan.keys.at(-1) ?? NO_KEY;
}

export function removeKey(scan: Scanner): void {
  const key = lastKey(scan);
  if (!key.possible) return;
  if (key.required) throw broken(scan, "could not find the expected ':'");
  key.possible = false;
  scan.keysByToken.delete(key.token);
}

/** Opens a block collection if this column is deeper than the last one. */
export function roll(scan: Scanner, at: number, type: 'block-sequence' | 'block-mapping', number?: number): void {
  if (scan.flowLevel > 0 || scan.indent >= at) return;
  scan.indents.push(scan.indent);
  scan.indent = at;
  if (scan.indents.length > DEEPEST_COLLECTION) throw broken(scan, 'it is nested too deeply');
  insert(scan, { type }, number);
}

/** Closes the block collections that are deeper than this column. */
export function unroll(scan: Scanner, at: number): void {
  if (scan.flowLevel > 0) return;
  while (scan.indent > at) {
    insert(scan, { type: 'block-end' });
    scan.indent = scan.indents.pop() ?? -1;
  }
}
