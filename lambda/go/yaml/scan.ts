/**
 * The tokens of a YAML text as libyaml finds them, on demand (goyaml.v2, scannerc.go). Being lazy matters: what stands
 * behind the first document is never looked at. Tested by test/go/yaml/compose.test.ts.
 */
import {
  broken,
  column,
  DASH,
  DOT,
  isBlank,
  isBlankz,
  isBreak,
  isBreakz,
  isDocumentMark,
  PERCENT,
  peek,
  SPACE,
  skip,
  skipBlanks,
  skipComment,
  TAB,
  takeBreak,
} from './cursor.ts';
import { readTag, readTagDirective, readVersion, readWord } from './names.ts';
import {
  DEEPEST_COLLECTION,
  insert,
  isValid,
  lastKey,
  NO_KEY,
  removeKey,
  roll,
  type Scanner,
  saveKey,
  type Token,
  unroll,
} from './queue.ts';
import { readBlock, readPlain, readQuoted } from './scalars.ts';

/** The next token, without taking it. Throws Exit where the text is not YAML. */
export function peekToken(scan: Scanner): Token {
  for (;;) {
    const [head] = scan.tokens;
    if (head !== undefined) {
      const key = scan.keysByToken.get(scan.taken);
      if (key === undefined || !isValid(scan, key)) return head;
    }
    fetchToken(scan);
  }
}

export function skipToken(scan: Scanner): void {
  scan.tokens.shift();
  scan.taken += 1;
}

function fetchToken(scan: Scanner): void {
  skipToToken(scan);
  unroll(scan, column(scan));
  const unit = peek(scan);
  const character = String.fromCharCode(unit);
  if (unit === 0) fetchStreamEnd(scan);
  else if (column(scan) === 0 && unit === PERCENT) fetchDirective(scan);
  else if (isDocumentMark(scan, DASH)) fetchDocumentMark(scan, 'document-start');
  else if (isDocumentMark(scan, DOT)) fetchDocumentMark(scan, 'document-end');
  else if (!fetchIndicated(scan, character) && !fetchContextual(scan, character)) {
    if (isBlank(unit) || '#|>%@`'.includes(character)) throw broken(scan, 'a character that cannot start any token');
    fetchPlain(scan);
  }
}

/** Characters that mean the same wherever a token starts; false for all others. */
function fetchIndicated(scan: Scanner, character: string): boolean {
  switch (character) {
    case '[':
    case '{':
      fetchFlowStart(scan, character);
      return true;
    case ']':
    case '}':
      fetchFlowEnd(scan, character);
      return true;
    case ',':
      fetchFlowEntry(scan);
      return true;
    case '*':
      fetchAnchor(scan, 'alias');
      return true;
    case '&':
      fetchAnchor(scan, 'anchor');
      return true;
    case '!':
      fetchTag(scan);
      return true;
    case "'":
    case '"':
      fetchQuoted(scan);
      return true;
    default:
      return false;
  }
}

/** Characters that may also begin a plain scalar, or nothing at all; false where they do. */
function fetchContextual(scan: Scanner, character: string): boolean {
  const inFlow = scan.flowLevel > 0;
  const stands = isBlankz(peek(scan, 1));
  if (character === '-' && stands) fetchBlockEntry(scan);
  else if (character === '?' && (inFlow || stands)) fetchKey(scan);
  else if (character === ':' && (inFlow || stands)) fetchValue(scan);
  else if ((character === '|' || character === '>') && !inFlow) fetchBlockScalar(scan, character === '|');
  else return false;
  return true;
}

/** Passes whitespace and comments. Tabs are allowed where no key may start. */
function skipToToken(scan: Scanner): void {
  for (;;) {
    for (let unit = peek(scan); unit === SPACE || (unit === TAB && tabAllowed(scan)); unit = peek(scan)) scan.at += 1;
    skipComment(scan);
    if (!isBreak(peek(scan))) return;
    takeBreak(scan);
    if (scan.flowLevel === 0) scan.keyAllowed = true;
  }
}

function tabAllowed({ flowLevel, keyAllowed }: Scanner): boolean {
  return flowLevel > 0 || !keyAllowed;
}

function fetchStreamEnd(scan: Scanner): void {
  if (column(scan) !== 0) {
    scan.lineStart = scan.at;
    scan.line += 1;
  }
  unroll(scan, -1);
  removeKey(scan);
  scan.keyAllowed = false;
  insert(scan, { type: 'stream-end' });
}

function fetchDocumentMark(scan: Scanner, type: 'document-start' | 'document-end'): void {
  unroll(scan, -1);
  removeKey(scan);
  scan.keyAllowed = false;
  scan.at += 3;
  insert(scan, { type });
}

function fetchFlowStart(scan: Scanner, type: '[' | '{'): void {
  saveKey(scan);
  scan.keys.push({ ...NO_KEY, token: scan.taken + scan.tokens.length });
  scan.flowLevel += 1;
  if (scan.flowLevel > DEEPEST_COLLECTION) throw broken(scan, 'it is nested too deeply');
  scan.keyAllowed = true;
  scan.at += 1;
  insert(scan, { type });
}

function fetchFlowEnd(scan: Scanner, type: ']' | '}'): void {
  removeKey(scan);
  if (scan.flowLevel > 0) {
    scan.flowLevel -= 1;
    scan.keysByToken.delete(lastKey(scan).token);
    scan.keys.pop();
  }
  scan.keyAllowed = false;
  scan.at += 1;
  insert(scan, { type });
}

function fetchFlowEntry(scan: Scanner): void {
  removeKey(scan);
  scan.keyAllowed = true;
  scan.at += 1;
  insert(scan, { type: 'flow-entry' });
}

function fetchBlockEntry(scan: Scanner): void {
  if (scan.flowLevel === 0) {
    if (!scan.keyAllowed) throw broken(scan, 'a list item is not allowed here');
    roll(scan, column(scan), 'block-sequence');
  }
  removeKey(scan);
  scan.keyAllowed = true;
  scan.at += 1;
  insert(scan, { type: 'block-entry' });
}

function fetchKey(scan: Scanner): void {
  if (scan.flowLevel === 0) {
    if (!scan.keyAllowed) throw broken(scan, 'a mapping key is not allowed here');
    roll(scan, column(scan), 'block-mapping');
  }
  removeKey(scan);
  scan.keyAllowed = scan.flowLevel === 0;
  scan.at += 1;
  insert(scan, { type: 'key' });
}

function fetchValue(scan: Scanner): void {
  const key = lastKey(scan);
  if (isValid(scan, key)) {
    insert(scan, { type: 'key' }, key.token);
    roll(scan, key.column, 'block-mapping', key.token);
    key.possible = false;
    scan.keysByToken.delete(key.token);
    scan.keyAllowed = false;
  } else {
    if (scan.flowLevel === 0) {
      if (!scan.keyAllowed) throw broken(scan, 'a mapping value is not allowed here');
      roll(scan, column(scan), 'block-mapping');
    }
    scan.keyAllowed = scan.flowLevel === 0;
  }
  scan.at += 1;
  insert(scan, { type: 'value' });
}

function fetchBlockScalar(scan: Scanner, literal: boolean): void {
  removeKey(scan);
  scan.keyAllowed = true;
  insert(scan, { type: 'scalar', value: readBlock(scan, scan.indent, literal), plain: false });
}

function fetchQuoted(scan: Scanner): void {
  saveKey(scan);
  scan.keyAllowed = false;
  insert(scan, { type: 'scalar', value: readQuoted(scan), plain: false });
}

function fetchPlain(scan: Scanner): void {
  saveKey(scan);
  scan.keyAllowed = false;
  const { value, multiline } = readPlain(scan, scan.indent + 1, scan.flowLevel > 0);
  if (multiline) scan.keyAllowed = true;
  insert(scan, { type: 'scalar', value, plain: true });
}

function fetchAnchor(scan: Scanner, type: 'anchor' | 'alias'): void {
  saveKey(scan);
  scan.keyAllowed = false;
  skip(scan);
  const name = readWord(scan);
  const unit = peek(scan);
  if (name === '' || !(isBlankz(unit) || '?:,]}%@`'.includes(String.fromCharCode(unit)))) {
    throw broken(scan, `expected the name of an ${type}`);
  }
  insert(scan, { type, name });
}

function fetchTag(scan: Scanner): void {
  saveKey(scan);
  scan.keyAllowed = false;
  insert(scan, readTag(scan));
}

function fetchDirective(scan: Scanner): void {
  unroll(scan, -1);
  removeKey(scan);
  scan.keyAllowed = false;
  skip(scan);
  const name = readWord(scan);
  if (!isBlankz(peek(scan))) throw broken(scan, 'an unexpected character in a directive');
  if (name !== 'YAML' && name !== 'TAG') throw broken(scan, 'an unknown directive');
  skipBlanks(scan);
  insert(scan, name === 'YAML' ? readVersion(scan) : readTagDirective(scan));
  skipBlanks(scan);
  skipComment(scan);
  if (!isBreakz(peek(scan))) throw broken(scan, 'expected a comment or a line break after a directive');
  takeBreak(scan);
}
