/**
 * Receives an object's body: takes it out of its transfer form, writes it to a file and checks every digest given.
 * Tested by test/simulator/aws/s3.test.ts.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { failure, notImplemented } from '../failure.ts';

/** Base64 value of a checksum, by the end of its header's name: `x-amz-checksum-sha256`. */
export type Checksum = { algorithm: 'sha256' | 'sha1' | 'crc32'; value: string };

/** `etag` is the MD5 in hexadecimal, as S3 gives it to objects that were not uploaded in parts. */
export type Upload = { path: string; size: number; etag: string; checksum?: Checksum; hasDigest: boolean };

/** Largest line of an aws-chunked body: a chunk's size with its signature, or a trailer. */
const LONGEST_LINE = 1024;

/**
 * Streams a body into a new file. Errors: MissingContentLength, IncompleteBody, BadDigest,
 * XAmzContentSHA256Mismatch, InvalidRequest. The caller removes the file.
 */
export async function receive(request: IncomingMessage, path: string): Promise<Upload> {
  const { headers } = request;
  const chunked = /(^|,)\s*aws-chunked\s*(,|$)/.test(String(headers['content-encoding'] ?? ''));
  const length = chunked ? headers['x-amz-decoded-content-length'] : headers['content-length'];
  if (typeof length !== 'string' || !/^\d{1,15}$/.test(length)) {
    throw failure(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  const sha1 = createHash('sha1');
  const trailers: Record<string, string> = {};
  let crc = 0;
  let size = 0;
  await mkdir(dirname(path), { recursive: true });
  await pipeline(
    request,
    (source: AsyncIterable<Buffer>) => (chunked ? decodeChunks(source, trailers) : source),
    async function* (source: AsyncIterable<Buffer>) {
      for await (const part of source) {
        size += part.length;
        md5.update(part);
        sha256.update(part);
        sha1.update(part);
        crc = crc32(part, crc);
        yield part;
      }
    },
    createWriteStream(path),
  );
  if (size !== Number(length)) {
    const text = 'You did not provide the number of bytes specified by the Content-Length HTTP header';
    throw failure(400, 'IncompleteBody', text);
  }
  const crcBytes = Buffer.alloc(4);
  crcBytes.writeUInt32BE(crc);
  const digest = sha256.digest();
  const actual = { sha256: digest.toString('base64'), sha1: sha1.digest('base64'), crc32: crcBytes.toString('base64') };
  const etag = md5.digest();
  checkPayloadHash(headers['x-amz-content-sha256'], digest.toString('hex'));
  const given = headers['content-md5'];
  if (given !== undefined && given !== etag.toString('base64')) {
    throw failure(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const checksum = checkChecksum({ ...headers, ...trailers }, actual);
  const hasDigest = given !== undefined || checksum !== undefined;
  return { path, size, etag: etag.toString('hex'), hasDigest, ...(checksum && { checksum }) };
}

function checkPayloadHash(declared: unknown, actual: string): void {
  if (typeof declared !== 'string' || !/^[0-9a-f]{64}$/.test(declared) || declared === actual) return;
  const text = "The provided 'x-amz-content-sha256' header does not match what was computed.";
  throw failure(400, 'XAmzContentSHA256Mismatch', text);
}

function checkChecksum(
  headers: Record<string, unknown>,
  actual: Record<Checksum['algorithm'], string>,
): Checksum | undefined {
  const prefix = 'x-amz-checksum-';
  const names = Object.keys(headers).filter((name) => name.startsWith(prefix));
  if (names.length > 1) {
    throw failure(
      400,
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const [name] = names;
  if (name === undefined) return undefined;
  const algorithm = name.slice(prefix.length);
  if (algorithm !== 'sha256' && algorithm !== 'sha1' && algorithm !== 'crc32')
    throw notImplemented(`the header ${name}`);
  const value = String(headers[name]);
  if (Buffer.from(value, 'base64').length !== Buffer.from(actual[algorithm], 'base64').length) {
    throw failure(400, 'InvalidRequest', `Value for ${name} header is invalid.`);
  }
  if (value !== actual[algorithm]) {
    const text = `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`;
    throw failure(400, 'BadDigest', text);
  }
  return { algorithm, value };
}

/**
 * The aws-chunked form that the SDK uses for streams: `<size in hex>[;extension]\r\n<bytes>\r\n` until a size of 0,
 * then trailing headers (S3 API reference, "Signature calculations: trailing headers").
 */
async function* decodeChunks(source: AsyncIterable<Buffer>, trailers: Record<string, string>): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  let remaining = 0;
  let state = 'size' as 'size' | 'data' | 'end' | 'trailer';
  for await (const part of source) {
    pending = pending.length > 0 ? Buffer.concat([pending, part]) : part;
    for (;;) {
      if (state === 'data') {
        const bytes = pending.subarray(0, remaining);
        if (bytes.length > 0) yield bytes;
        pending = pending.subarray(bytes.length);
        remaining -= bytes.length;
        if (remaining > 0) break;
        state = 'end';
      }
      const end = pending.indexOf('\r\n');
      if (end < 0 && pending.length > LONGEST_LINE) throw incomplete();
      if (end < 0) break;
      const line = pending.subarray(0, end).toString('latin1');
      pending = pending.subarray(end + 2);
      if (state === 'end') {
        if (line !== '') throw incomplete();
        state = 'size';
      } else if (state === 'trailer') {
        const colon = line.indexOf(':');
        if (colon > 0) trailers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
      } else {
        const size = /^([0-9a-fA-F]{1,8})(;|$)/.exec(line);
        if (!size?.[1]) throw incomplete();
        remaining = Number.parseInt(size[1], 16);
        state = remaining > 0 ? 'data' : 'trailer';
      }
    }
  }
  if (state !== 'trailer') throw incomplete();
}

function incomplete() {
  return failure(400, 'IncompleteBody', 'The request body terminated unexpectedly');
}
