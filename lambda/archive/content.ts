/**
 * Bytes on their way to the archive: their size and digest are known before the first one is sent, because S3 checks
 * them and the manifest repeats them. Large ones wait in a temporary file, so that memory does not grow with nodes.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

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

/** Takes text, or its bytes, piece by piece and becomes a Content. */
export type Writer = {
  /** Resolves when the next piece may come. */
  write(text: string | Uint8Array): Promise<void>;
  end(): Promise<Content>;
  /** Gives up and removes what was written. */
  discard(): Promise<void>;
};

/** Up to this many bytes are sent from memory, because the SDK repeats no request whose body is a stream. */
const IN_MEMORY_BYTES = 8 * 1024 * 1024;

/** Pieces are gathered to at least this many characters or bytes: many small writes cost more than the compression. */
const BATCH_CHARACTERS = 65_536;

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
  let waiting: (string | Uint8Array)[] = [];
  let length = 0;
  let failure: unknown;
  /** Until what was written last is through: meanwhile the next batch is made, on another processor. */
  let through: Promise<unknown> | undefined;

  const count = (bytes: Buffer) => {
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

  const flush = async () => {
    await through;
    through = undefined;
    if (failure) throw failure;
    const bytes = joined(waiting);
    waiting = [];
    length = 0;
    if (!head) count(bytes);
    // What goes wrong meanwhile is thrown at the next batch, or at the end.
    if (!entrance.write(bytes)) through = Promise.race([once(entrance, 'drain'), done]).catch(() => {});
  };

  return {
    async write(text) {
      waiting.push(text);
      length += text.length;
      if (length >= BATCH_CHARACTERS) await flush();
    },
    async end() {
      if (length > 0) await flush();
      entrance.end();
      await done;
      if (failure) throw failure;
      return {
        size,
        sha256: hash.digest('hex'),
        open: () => (size <= IN_MEMORY_BYTES ? readFileSync(path) : createReadStream(path)),
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

function joined(pieces: readonly (string | Uint8Array)[]): Buffer {
  const isText = pieces.every((piece) => typeof piece === 'string');
  return isText
    ? Buffer.from(pieces.join(''))
    : Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}
