/**
 * A file on its way to S3. Node.js reads each piece of a file into new memory outside of V8's heap, where V8 looks for what is through
 * only when 64 MiB have come together: a large report cost a scan as much (measured). Two pieces in turn do.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { ClientRequest } from 'node:http';
import { Readable } from 'node:stream';

/** What is read and written at once. Bytes. */
const PIECE = 256 * 1024;

/**
 * A file as a stream. Piped to a request, as the SDK pipes a body (@smithy/node-http-handler, writeBody), the next piece is read while
 * one is written, and into the place of one that the socket has taken; whoever else reads it gets pieces of its own.
 */
export function fileBody(path: string): Readable {
  const body = Readable.from(piecesOf(path), { objectMode: false });
  const usual = body.pipe.bind(body);
  body.pipe = (to, options) => {
    // Other targets keep what they have taken, and stream.pipeline, which ends them itself, waits for the end of what it reads.
    if (!(to instanceof ClientRequest) || options?.end === false) return usual(to, options);
    copy(path, to).then(
      () => body.destroy(),
      (error: Error) => to.destroy(error),
    );
    return to;
  };
  return body;
}

async function* piecesOf(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path) as AsyncIterable<Buffer>;
}

/** Writes the file and ends; stops where nobody takes it any more. */
async function copy(path: string, to: ClientRequest): Promise<void> {
  const file = await open(path);
  try {
    const closed = new Promise<void>((resolve) => to.once('close', resolve));
    let [piece, other] = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)];
    let through: Promise<unknown> | undefined;
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, PIECE);
      await through;
      if (to.destroyed) return;
      if (bytesRead === 0) break;
      const bytes = piece.subarray(0, bytesRead);
      // What goes wrong is the request's to tell.
      through = Promise.race([new Promise<void>((resolve) => to.write(bytes, () => resolve())), closed]);
      [piece, other] = [other, piece];
    }
    to.end();
  } finally {
    await file.close();
  }
}
