/**
 * Bytes on their way to the archive: their size and digest are known before the first one is sent, because S3 checks
 * them and the manifest repeats them. Large ones wait in a temporary file, so that memory does not grow with nodes.
 */
import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Piece } from '../results/line-pieces.ts';
import { fileBody } from './file-body.ts';

export type Content = {
  /** Bytes. */
  size: number;
  /** Lower-case hexadecimal. */
  sha256: string;
  /** The bytes from the beginning; may be called again for another try. */
  open(): Uint8Array | Readable;
  /** Frees what the content occupies; harmless when called twice. */
  discard(): Promise<void>;
};

/** Wraps text or bytes that fit into memory. */
export function inMemory(body: string | Uint8Array): Content {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return { size: bytes.byteLength, sha256: sha256(bytes), open: () => bytes, discard: async () => {} };
}

/** SHA-256 as lower-case hexadecimal. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Takes pieces and becomes a Content. */
export type Writer = {
  /** Resolves when the next piece, or the next of several, may come; bytes of the last need not stay as they are. */
  write(pieces: Piece | readonly Piece[]): Promise<void>;
  end(): Promise<Content>;
  /** Gives up and removes what was written. */
  discard(): Promise<void>;
};

/** Up to this many bytes are sent from memory, because the SDK repeats no request whose body is a stream. */
const IN_MEMORY_BYTES = 8 * 1024 * 1024;

/** Pieces are gathered to this many bytes: many small writes cost more than the compression. A quarter of it takes a tenth more time (measured). */
const DESK_BYTES = 256 * 1024;

/** zlib's usual level, and one that takes a third of the time for half as many bytes again (measured on lines of evidence). */
const LEVELS = { small: 6, quick: 3 };

/**
 * Opens a temporary file to write text into, compressed on demand: `quick` for what is soon written again in another order.
 * The bytes depend on the text alone: Node's gzip header carries no time and no name (node:zlib sets MTIME to 0).
 */
export async function spool({ gzip }: { gzip: boolean | 'quick' }): Promise<Writer> {
  const folder = await mkdtemp(join(tmpdir(), 'kubevigil-'));
  const path = join(folder, 'content');
  const file = createWriteStream(path);
  const head = gzip ? createGzip({ level: LEVELS[gzip === 'quick' ? 'quick' : 'small'] }) : undefined;
  const hash = createHash('sha256');
  const discard = () => rm(folder, { recursive: true, force: true });
  const entrance = head ?? file;
  let size = 0;
  let failure: unknown;
  // Two in turn: while one is written, on another processor, the next is filled. New ones for each batch would be as many
  // bytes as are written in all, and memory outside of its heap makes V8 look through all of the heap time and again.
  let [desk, other] = [Buffer.allocUnsafeSlow(DESK_BYTES), Buffer.allocUnsafeSlow(DESK_BYTES)];
  let length = 0;
  /** Until what was given last is through. */
  let through: Promise<unknown> | undefined;

  const count = (bytes: Uint8Array) => {
    size += bytes.byteLength;
    hash.update(bytes);
  };
  const done = finished(file).catch((error: unknown) => {
    failure = error;
    head?.destroy();
  });
  if (head) {
    head.on('data', count);
    head.on('error', () => {});
    head.pipe(file);
  }

  const give = async (bytes: Uint8Array) => {
    await through;
    if (failure) throw failure;
    if (!head) count(bytes);
    // What goes wrong meanwhile is thrown at the next batch, or at the end.
    through = Promise.race([new Promise<void>((resolve) => entrance.write(bytes, () => resolve())), done]);
  };
  const flush = async () => {
    const bytes = desk.subarray(0, length);
    [desk, other, length] = [other, desk, 0];
    if (bytes.length > 0) await give(bytes);
  };
  /** The same, though it takes no turn of the event loop where there is room. */
  const add = (piece: Piece): Promise<void> | undefined => {
    const needed = typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length;
    if (needed > DESK_BYTES - length) return addLater(piece, needed);
    if (typeof piece === 'string') desk.write(piece, length);
    else desk.set(piece, length);
    length += needed;
    return undefined;
  };
  const addLater = async (piece: Piece, needed: number): Promise<void> => {
    await flush();
    if (needed <= DESK_BYTES) return add(piece);
    // A copy: whose bytes they are may write others there before these are through, as who reads lines does.
    await give(Buffer.from(piece));
  };

  return {
    async write(pieces) {
      for (const piece of Array.isArray(pieces) ? (pieces as readonly Piece[]) : [pieces as Piece]) {
        const later = add(piece);
        if (later) await later;
      }
    },
    async end() {
      await flush();
      entrance.end();
      await done;
      if (failure) throw failure;
      return {
        size,
        sha256: hash.digest('hex'),
        open: () => (size <= IN_MEMORY_BYTES ? readFileSync(path) : fileBody(path)),
        discard,
      };
    },
    async discard() {
      entrance.destroy();
      file.destroy();
      await done;
      await discard();
    },
  };
}
