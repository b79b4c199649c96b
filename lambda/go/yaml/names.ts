/**
 * Names in a YAML text: tags, anchors, directives (goyaml.v2, scannerc.go: yaml_parser_scan_tag and others).
 * Tested by test/go/yaml/compose.test.ts.
 */
import { BANG, broken, type Cursor, isBlank, isBlankz, isWord, peek, skipBlanks, take } from './cursor.ts';
import type { Token } from './queue.ts';

/** Reads `!suffix`, `!handle!suffix` or `!<uri>`. */
export function readTag(cursor: Cursor): Token {
  let handle = '';
  let suffix = '';
  if (cursor.text[cursor.at + 1] === '<') {
    cursor.at += 2;
    suffix = readUri(cursor, '');
    if (cursor.text[cursor.at] !== '>') throw broken(cursor, "expected '>' at the end of a tag");
    cursor.at += 1;
  } else {
    handle = readHandle(cursor);
    if (handle.length > 1 && handle.endsWith('!')) suffix = readUri(cursor, '');
    else {
      suffix = readUri(cursor, handle);
      handle = '!';
      if (suffix === '') [handle, suffix] = ['', '!'];
    }
  }
  if (!isBlankz(peek(cursor))) throw broken(cursor, 'expected whitespace after a tag');
  return { type: 'tag', handle, suffix };
}

function readHandle(cursor: Cursor): string {
  if (peek(cursor) !== BANG) throw broken(cursor, "expected '!' in a tag");
  const handle = take(cursor) + readWord(cursor);
  return peek(cursor) === BANG ? handle + take(cursor) : handle;
}

/** The rest of a tag; `head` is a handle that turned out to be part of it. */
function readUri(cursor: Cursor, head: string): string {
  const start = cursor.at;
  while (/[\w\-;/?:@&=+$,.!~*'()[\]%]/.test(cursor.text.charAt(cursor.at))) cursor.at += 1;
  const uri = cursor.text.slice(start, cursor.at);
  if (uri === '' && head === '') throw broken(cursor, 'expected a tag');
  try {
    return head.slice(1) + decodeURIComponent(uri);
  } catch {
    throw broken(cursor, 'a tag with a wrong escape');
  }
}

/** Reads letters, digits, `_` and `-`; perhaps none. */
export function readWord(cursor: Cursor): string {
  const start = cursor.at;
  while (isWord(peek(cursor))) cursor.at += 1;
  return cursor.text.slice(start, cursor.at);
}

/** Reads what follows `%YAML `. */
export function readVersion(cursor: Cursor): Token {
  const [version] = /^[0-9]{1,2}\.[0-9]{1,2}(?![0-9])/.exec(cursor.text.slice(cursor.at, cursor.at + 6)) ?? [];
  if (version === undefined) throw broken(cursor, 'expected a version');
  cursor.at += version.length;
  return { type: 'version', version };
}

/** Reads what follows `%TAG `. */
export function readTagDirective(cursor: Cursor): Token {
  const handle = readHandle(cursor);
  if (!handle.endsWith('!')) throw broken(cursor, "expected '!' at the end of a tag handle");
  if (!isBlank(peek(cursor))) throw broken(cursor, 'expected whitespace after a tag handle');
  skipBlanks(cursor);
  const prefix = readUri(cursor, '');
  if (!isBlankz(peek(cursor))) throw broken(cursor, 'expected whitespace after a tag prefix');
  return { type: 'tag-directive', handle, prefix };
}
