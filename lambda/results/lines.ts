/** Reading NDJSON back, compressed or not, line by line, with bounds: an archive may have been tampered with. */

import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import * as v from 'valibot';
import { ArchiveError, NewerFormatError } from './errors.ts';
import { quickCheck } from './quick-check.ts';
import { NEWEST_FORMAT } from './shapes.ts';

/** No line of ours comes near this; a longer one is none of ours. Bytes. */
const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * What is unpacked at once: each piece takes a turn of the event loop and of the threads that unpack, so that pieces of 64 KiB cost as
 * much time again as unpacking, and those of 16 KiB, the usual, twice that (measured). Bytes.
 */
const PIECE = 256 * 1024;

/**
 * Parses each line of a gzip stream and checks its shape; `name` is what errors call the file. Throws an ArchiveError that
 * names the file and the line. `quickly` may know of most lines what they are, by their bytes; it says nothing of others. Lines
 * that are not wanted are passed over, whatever they are.
 */
export async function* readLines<T>(
  stream: Readable,
  name: string,
  schema: v.GenericSchema<unknown, T>,
  { quickly, isWanted }: { quickly?: (line: Buffer) => T | undefined; isWanted?: (line: Buffer) => boolean } = {},
): AsyncGenerator<T> {
  const fits = quickCheck(schema);
  let number = 0;
  const read = (line: Buffer): T => {
    const known = quickly?.(line);
    if (known !== undefined) return known;
    let value: unknown;
    if (isDeep(line)) throw new ArchiveError(`${name}, line ${number}: nested more than ${DEEPEST_LINE} deep`);
    try {
      value = JSON.parse(line.toString());
    } catch (error) {
      throw new ArchiveError(`${name}, line ${number}: not JSON (${(error as Error).message})`, { cause: error });
    }
    if (fits(value)) return value as T;
    const parsed = v.safeParse(schema, value);
    if (!parsed.success) throw new ArchiveError(`${name}, line ${number}: ${describe(parsed.issues[0])}`);
    return parsed.output;
  };
  for await (const lines of readLineBytes(stream, name)) {
    for (const line of lines) {
      number += 1;
      if (!isWanted || isWanted(line)) yield read(line);
    }
  }
}

/** No document of ours nests so deep; one that does would take seconds and gigabytes to parse. */
const DEEPEST = 32;

/**
 * No line of ours nests so deep: what a node's files hold is read to 200 levels (lambda/go/json.ts and yaml). One of some
 * thousand overflows the stack of JSON.stringify.
 */
const DEEPEST_LINE = 512;

/**
 * Parses a small JSON document; `name` is what errors call it. Throws an ArchiveError for one that is not what it should be, a
 * NewerFormatError for one whose `format` is newer than what this version knows.
 */
export function parseDocument<T>(bytes: Uint8Array, name: string, schema: v.GenericSchema<unknown, T>): T {
  let value: unknown;
  if (isDeep(bytes, DEEPEST)) throw new ArchiveError(`${name}: nested more than ${DEEPEST} deep`);
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw new ArchiveError(`${name}: not JSON (${(error as Error).message})`, { cause: error });
  }
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const { format } = (value ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format > NEWEST_FORMAT)
    throw new NewerFormatError(
      `${name} was made by a newer version: its format is ${format}, and this one reads up to ${NEWEST_FORMAT}`,
    );
  throw new ArchiveError(`${name}: ${describe(parsed.issues[0])}`);
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP] = Buffer.from('"\\[]{}');

/** Tells whether brackets nest deeper than in any line of ours, or than that, in one pass over the bytes. */
export function isDeep(bytes: Uint8Array, deepest = DEEPEST_LINE): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (quoted) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if (byte === OPEN_LIST || byte === OPEN_MAP) {
      depth += 1;
      if (depth > deepest) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_MAP) depth -= 1;
  }
  return false;
}

function describe(issue: v.BaseIssue<unknown>): string {
  return `at ${v.getDotPath(issue) ?? 'the top'}, expected ${issue.expected ?? 'something else'}, got ${issue.received}`;
}

const NEWLINE = 0x0a;

/**
 * The bytes of the lines of a gzip stream without their ends, as many as are unpacked at once. They are there until the next are
 * asked for. Throws an ArchiveError for an empty line: nobody writes one, and a thousandth of them in bytes would keep a reader busy.
 */
export async function* readLineBytes(stream: Readable, name: string): AsyncGenerator<Buffer[]> {
  const gunzip = createGunzip({ chunkSize: PIECE });
  // An error of the source must reach whoever reads the end of the pipe.
  stream.on('error', (error) => gunzip.destroy(error));
  stream.pipe(gunzip);
  let unfinished: Buffer[] = [];
  let length = 0;
  let number = 0;
  try {
    for await (const piece of gunzip as AsyncIterable<Buffer>) {
      const lines: Buffer[] = [];
      let start = 0;
      for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
        const rest = piece.subarray(start, end);
        const line = unfinished.length === 0 ? rest : Buffer.concat([...unfinished, rest]);
        unfinished = [];
        number += 1;
        if (line.length === 0) throw new ArchiveError(`${name}, line ${number}: is empty`);
        lines.push(line);
        start = end + 1;
      }
      yield lines;
      length = (start > 0 ? 0 : length) + piece.length - start;
      if (length > LONGEST_LINE) throw new ArchiveError(`${name}: a line has more than ${LONGEST_LINE} bytes`);
      if (start < piece.length) unfinished.push(Buffer.from(piece.subarray(start)));
      free(piece);
    }
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && code.startsWith('Z_')) {
      throw new ArchiveError(`${name}: not a whole gzip file (${(error as Error).message})`, { cause: error });
    }
    throw error;
  } finally {
    stream.destroy();
    gunzip.destroy();
  }
  if (unfinished.length > 0) yield [Buffer.concat(unfinished)];
}

/** What Node.js 20 does not have yet. */
type Detachable = { transfer?(bytes: number): unknown };

/**
 * Gives back the memory of bytes that nobody reads any more. It lies outside of V8's heap, which it does not fill: what is unpacked
 * would make V8 look through all of its heap for every few megabytes (measured), because so little else is new.
 */
function free({ buffer, byteOffset, length }: Buffer): void {
  // Pieces are cut one after the other from buffers of this size, and with the last of one zlib has turned to the next (node:zlib).
  if (buffer.byteLength === PIECE && byteOffset + length === PIECE) (buffer as Detachable).transfer?.(0);
}
