/**
 * The scalars of YAML as libyaml scans them (goyaml.v2, scannerc.go: yaml_parser_scan_*_scalar).
 * Tested by test/go/yaml/compose.test.ts.
 */
import {
  broken,
  COLON,
  type Cursor,
  column,
  DASH,
  DOT,
  HASH,
  isBlank,
  isBlankz,
  isBreak,
  isBreakz,
  isDocumentMark,
  peek,
  SPACE,
  skip,
  skipBlanks,
  skipComment,
  TAB,
  take,
  takeBreak,
} from './cursor.ts';

const PLUS = 0x2b;
const BACKSLASH = 0x5c;
const SINGLE = 0x27;

/** Where a scalar began, for errors. */
type Place = Pick<Cursor, 'line'>;

/** What ends a plain scalar inside brackets: `,?[]{}`. */
const FLOW_INDICATORS = new Set([0x2c, 0x3f, 0x5b, 0x5d, 0x7b, 0x7d]);

/** Lines that are folded together: what was seen since the last visible character. */
type Fold = { leading: string; trailing: string; blanks: string; broke: boolean };

function folded({ leading, trailing, blanks, broke }: Fold): string {
  if (!broke) return blanks;
  if (!leading.startsWith('\n')) return leading + trailing;
  return trailing === '' ? ' ' : trailing;
}

/** Passes blanks and line breaks. */
function readFold(cursor: Cursor, fold: Fold, onTab?: () => void): void {
  for (let unit = peek(cursor); isBlank(unit) || isBreak(unit); unit = peek(cursor)) {
    if (isBlank(unit)) {
      if (fold.broke && unit === TAB) onTab?.();
      if (!fold.broke) fold.blanks += String.fromCharCode(unit);
      cursor.at += 1;
    } else if (fold.broke) fold.trailing += takeBreak(cursor);
    else {
      fold.blanks = '';
      fold.leading = takeBreak(cursor);
      fold.broke = true;
    }
  }
}

/** Reads a plain scalar; `multiline` says that it ended behind a line break. */
export function readPlain(cursor: Cursor, indent: number, inFlow: boolean): { value: string; multiline: boolean } {
  let value = '';
  let multiline = false;
  let fold: Fold = { leading: '', trailing: '', blanks: '', broke: false };
  const start = { line: cursor.line };
  for (;;) {
    if (isDocumentMark(cursor, DASH) || isDocumentMark(cursor, DOT) || peek(cursor) === HASH) break;
    const from = cursor.at;
    for (let unit = peek(cursor); !isBlankz(unit); unit = peek(cursor)) {
      if (unit === COLON && isBlankz(peek(cursor, 1))) break;
      if (inFlow && FLOW_INDICATORS.has(unit)) break;
      skip(cursor);
    }
    if (cursor.at > from) {
      value += folded(fold) + cursor.text.slice(from, cursor.at);
      fold = { leading: '', trailing: '', blanks: '', broke: false };
      multiline = false;
    }
    if (!isBlank(peek(cursor)) && !isBreak(peek(cursor))) break;
    readFold(cursor, fold, () => {
      if (column(cursor) < indent) throw broken(start, 'a tab character violates the indentation');
    });
    multiline = fold.broke;
    if (!inFlow && column(cursor) < indent) break;
  }
  return { value, multiline };
}

/** Reads a quoted scalar from its opening quote on. */
export function readQuoted(cursor: Cursor): string {
  const start = { line: cursor.line };
  const quote = peek(cursor);
  let value = '';
  cursor.at += 1;
  for (;;) {
    if (isDocumentMark(cursor, DASH) || isDocumentMark(cursor, DOT)) {
      throw broken(start, 'a document indicator stands in a quoted scalar');
    }
    if (peek(cursor) === 0) throw broken(start, 'a quoted scalar does not end');
    const fold: Fold = { leading: '', trailing: '', blanks: '', broke: false };
    const chunk = readQuotedChunk(cursor, quote, start);
    value += chunk.value;
    fold.broke = chunk.escapedBreak;
    if (peek(cursor) === quote) break;
    readFold(cursor, fold);
    value += folded(fold);
  }
  cursor.at += 1;
  return value;
}

/** Reads up to a blank, a line break or the closing quote. */
function readQuotedChunk(cursor: Cursor, quote: number, start: Place): { value: string; escapedBreak: boolean } {
  let value = '';
  for (let unit = peek(cursor); !isBlankz(unit); unit = peek(cursor)) {
    if (unit === quote) {
      if (quote !== SINGLE || peek(cursor, 1) !== SINGLE) break;
      value += "'";
      cursor.at += 2;
    } else if (unit === BACKSLASH && quote !== SINGLE) {
      if (isBreak(peek(cursor, 1))) {
        cursor.at += 1;
        takeBreak(cursor);
        return { value, escapedBreak: true };
      }
      value += readEscape(cursor, start);
    } else value += take(cursor);
  }
  return { value, escapedBreak: false };
}

/** goyaml.v2 does not know `\/`. */
const ESCAPES = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);

const CODE_LENGTHS = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

function readEscape(cursor: Cursor, start: Place): string {
  const letter = cursor.text.charAt(cursor.at + 1);
  const simple = ESCAPES.get(letter);
  const length = CODE_LENGTHS.get(letter) ?? 0;
  if (simple === undefined && length === 0) throw broken(start, 'an unknown escape character in a quoted scalar');
  cursor.at += 2;
  if (simple !== undefined) return simple;
  const digits = cursor.text.slice(cursor.at, cursor.at + length);
  if (digits.length < length || !/^[0-9A-Fa-f]+$/.test(digits)) {
    throw broken(start, 'expected a hexadecimal number in a quoted scalar');
  }
  const code = Number.parseInt(digits, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw broken(start, 'an invalid Unicode character in a quoted scalar');
  }
  cursor.at += length;
  return String.fromCodePoint(code);
}

/** Reads a literal or folded block scalar from its indicator on. */
export function readBlock(cursor: Cursor, parent: number, literal: boolean): string {
  const start = { line: cursor.line };
  cursor.at += 1;
  const { chomping, increment } = readHeader(cursor, start);
  skipBlanks(cursor);
  skipComment(cursor);
  if (!isBreakz(peek(cursor))) throw broken(start, 'expected a comment or a line break after a block scalar indicator');
  takeBreak(cursor);
  const fixed = increment === 0 ? 0 : Math.max(parent, 0) + increment;
  let { indent, breaks } = readBreaks(cursor, fixed, parent, start);
  let value = '';
  let leading = '';
  let leadingBlank = false;
  while (column(cursor) === indent && peek(cursor) !== 0) {
    const blank = isBlank(peek(cursor));
    if (!literal && !leadingBlank && !blank && leading.startsWith('\n')) value += breaks === '' ? ' ' : '';
    else value += leading;
    value += breaks;
    leadingBlank = blank;
    const from = cursor.at;
    while (!isBreakz(peek(cursor))) skip(cursor);
    value += cursor.text.slice(from, cursor.at);
    leading = takeBreak(cursor);
    ({ indent, breaks } = readBreaks(cursor, indent, parent, start));
  }
  if (chomping !== DASH) value += leading;
  return chomping === PLUS ? value + breaks : value;
}

function readHeader(cursor: Cursor, start: Place): { chomping: number; increment: number } {
  let chomping = 0;
  let increment = 0;
  for (let unit = peek(cursor); ; unit = peek(cursor)) {
    if (chomping === 0 && (unit === PLUS || unit === DASH)) chomping = unit;
    else if (increment === 0 && unit >= 0x30 && unit <= 0x39) {
      if (unit === 0x30) throw broken(start, 'an indentation indicator of 0');
      increment = unit - 0x30;
    } else return { chomping, increment };
    cursor.at += 1;
  }
}

/** Passes indentation and empty lines; finds the indentation if it is not known (0). */
function readBreaks(cursor: Cursor, known: number, parent: number, start: Place): { indent: number; breaks: string } {
  let breaks = '';
  let widest = 0;
  for (;;) {
    while ((known === 0 || column(cursor) < known) && peek(cursor) === SPACE) cursor.at += 1;
    widest = Math.max(widest, column(cursor));
    if ((known === 0 || column(cursor) < known) && peek(cursor) === TAB) {
      throw broken(start, 'a tab character where an indentation space is expected');
    }
    if (!isBreak(peek(cursor))) break;
    breaks += takeBreak(cursor);
  }
  return { indent: known === 0 ? Math.max(widest, parent + 1, 1) : known, breaks };
}
