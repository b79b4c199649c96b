import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type TestContext, test } from 'node:test';
import { fileBody } from '../../lambda/archive/file-body.ts';

const MIB = 1024 * 1024;

/** A file of random bytes. */
function fileOf(t: TestContext, size: number): { path: string; bytes: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-body-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [path, bytes] = [join(folder, 'file'), randomBytes(size)];
  writeFileSync(path, bytes);
  return { path, bytes };
}

/** A request to a server that answers so. */
async function requestTo(t: TestContext, answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  return request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', method: 'PUT' });
}

for (const size of [0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 3 * MIB + 5]) {
  test(`a file of ${size} bytes comes whole, however it is read`, async (t) => {
    const { path, bytes } = fileOf(t, size);
    assert.ok((await buffer(fileBody(path).pipe(new PassThrough()))).equals(bytes), 'pipe');
    assert.ok(Buffer.concat(await fileBody(path).toArray()).equals(bytes), 'toArray');
    const through = new PassThrough();
    const [read] = await Promise.all([buffer(through), pipeline(fileBody(path), through)]);
    assert.ok(read.equals(bytes), 'pipeline');
  });
}

test('a server that stops reading time and again gets each byte', async (t) => {
  const { path, bytes } = fileOf(t, 20 * MIB);
  const pieces: Buffer[] = [];
  const sent = await requestTo(t, (incoming, response) => {
    incoming.on('data', (piece: Buffer) => {
      pieces.push(Buffer.from(piece));
      if (pieces.length % 16 !== 0) return;
      incoming.pause();
      setImmediate(() => setImmediate(() => incoming.resume()));
    });
    incoming.on('end', () => response.end());
  });
  fileBody(path).pipe(sent);
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  assert.ok(Buffer.concat(pieces).equals(bytes));
});

test('however large it is, a request gets it from two places in turn', async (t) => {
  const { path, bytes } = fileOf(t, 5 * MIB);
  const arrived: Promise<Buffer>[] = [];
  const sent = await requestTo(t, (incoming, response) => {
    arrived.push(buffer(incoming));
    incoming.on('end', () => response.end());
  });
  const places = new Set<ArrayBufferLike>();
  const write = sent.write.bind(sent) as (piece: Buffer, done: () => void) => boolean;
  sent.write = ((piece: Buffer, done: () => void) => {
    places.add(piece.buffer);
    return write(piece, done);
  }) as typeof sent.write;
  fileBody(path).pipe(sent);
  const [response] = await once(sent, 'response');
  response.resume();
  assert.ok((await arrived[0])?.equals(bytes));
  assert.equal(places.size, 2);
});

test('a server that hangs up, or a file that is gone, is an error of the request', async (t) => {
  const { path } = fileOf(t, 20 * MIB);
  const cut = await requestTo(t, (incoming) => incoming.once('data', () => incoming.socket.destroy()));
  const body = fileBody(path);
  body.pipe(cut);
  const [[error]] = await Promise.all([once(cut, 'error'), once(body, 'close')]);
  assert.match(error.code, /^(?:ECONNRESET|EPIPE)$/);
  const unsent = await requestTo(t, (_incoming, response) => response.end());
  fileBody(`${path}-gone`).pipe(unsent);
  const [missing] = await once(unsent, 'error');
  assert.equal(missing.code, 'ENOENT');
});
