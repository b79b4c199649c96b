/**
 * A place in a YAML text, and the character classes of libyaml (goyaml.v2, yamlprivateh.go).
 * Tested by test/go/yaml/compose.test.ts.
 */
import { Exit } from '../outcome.ts';

export type Cursor = {
  readonly text: string;
  /** Index of the next character, in UTF-16 units. */
  at: number;
  /** Where column 0 is; astral characters before `at` move it, so that columns count code points. */
  lineStart: number;
  /** 0-based. */
  line: number;
  /** How many astral characters stand before `at`. */
  astral: number;
};

export const TAB = 0x09;
export const SPACE = 0x20;
export const HASH = 0x23;
export const PERCENT = 0x25;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const COLON = 0x3a;
export const BANG = 0x21;
const LF = 0x0a;
const CR = 0x0d;
const NEL = 0x85;
const LS = 0x2028;
const PS = 0x2029;
const BOM = 0xfeff;

/** A character ahead; 0 is the end of the text. */
export function peek({ text, at }: Cursor, ahead = 0): number {
  return text.charCodeAt(at + ahead) | 0;
}

export function column({ at, lineStart }: Cursor): number {
  return at - lineStart;
}

/** Code points before the cursor. */
export function index({ at, astral }: Cursor): number {
  return at - astral;
}

export function isBlank(unit: number): boolean {
  return unit === SPACE || unit === TAB;
}

export function isBreak(unit: number): boolean {
  return unit === LF || unit === CR || unit === NEL || unit === LS || unit === PS;
}

/** A line break or the end of the text. */
export function isBreakz(unit: number): boolean {
  return unit === 0 || isBreak(unit);
}

/** A blank, a line break or the end of the text. */
export function isBlankz(unit: number): boolean {
  return isBlank(unit) || isBreakz(unit);
}

/** What names of anchors, tag handles and directives are made of. */
export function isWord(unit: number): boolean {
  return /[0-9A-Za-z_-]/.test(String.fromCharCode(unit));
}

export function isBom(unit: number): boolean {
  return unit === BOM;
}

/** Passes one character. */
export function skip(cursor: Cursor): void {
  const unit = peek(cursor);
  cursor.at += 1;
  if (unit >= 0xd800 && unit <= 0xdbff) {
    cursor.at += 1;
    cursor.lineStart += 1;
    cursor.astral += 1;
  }
}

/** Passes one character and returns it. */
export function take(cursor: Cursor): string {
  const start = cursor.at;
  skip(cursor);
  return cursor.text.slice(start, cursor.at);
}

/** Passes one line break and returns it as it stands in a value: `\n`, but for the separators of Unicode. */
export function takeBreak(cursor: Cursor): string {
  const unit = peek(cursor);
  if (!isBreak(unit)) return '';
  cursor.at += unit === CR && peek(cursor, 1) === LF ? 2 : 1;
  cursor.line += 1;
  cursor.lineStart = cursor.at;
  return unit === LS || unit === PS ? String.fromCharCode(unit) : '\n';
}

export function skipBlanks(cursor: Cursor): void {
  while (isBlank(peek(cursor))) cursor.at += 1;
}

/** Passes a comment, if one stands here, up to the line's end. */
export function skipComment(cursor: Cursor): void {
  if (peek(cursor) !== HASH) return;
  while (!isBreakz(peek(cursor))) skip(cursor);
}

/** `---` or `...` alone at the start of a line. */
export function isDocumentMark(cursor: Cursor, unit: number): boolean {
  return (
    column(cursor) === 0 &&
    peek(cursor) === unit &&
    peek(cursor, 1) === unit &&
    peek(cursor, 2) === unit &&
    isBlankz(peek(cursor, 3))
  );
}

/** The kubelet refuses the text at this place. */
export function broken({ line }: Pick<Cursor, 'line'>, problem: string): Exit {
  return new Exit(`not YAML: line ${line + 1}: ${problem}`);
}
