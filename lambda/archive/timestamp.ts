/**
 * Time stamps of manifests by authorities outside (RFC 3161): what `openssl ts -verify` holds a manifest to, years later and
 * without a network. Requests and answers are a few lines of DER each, so no library is needed for them.
 * Tested by test/archive/timestamp.test.ts.
 */

import { ArchiveError } from '../results/errors.ts';
import { inMemory, sha256 } from './content.ts';
import { timestampKey } from './keys.ts';
import { readBytes, type WritableArchive } from './store.ts';

/** By choice: authorities answer within seconds, with some kilobytes of signature and certificates, and a scan waits for none of them. */
const PATIENCE_MILLISECONDS = 10_000;
const LARGEST = 64 * 1024;

/** AlgorithmIdentifier of SHA-256 (RFC 5754, section 2.2), with NULL parameters as openssl writes it. */
const SHA_256 = Buffer.from('300d06096086480165030402010500', 'hex');

const TAGS = {
  integer: 0x02,
  octets: 0x04,
  identifier: 0x06,
  sequence: 0x30,
  generalizedTime: 0x18,
  context0: 0xa0,
} as const;

/** A TimeStampReq for a SHA-256: version 1, imprint, no nonce (the digest is new each night), and the certificate, please. */
export function timestampRequest(digest: Uint8Array): Buffer {
  const imprint = der(TAGS.sequence, SHA_256, der(TAGS.octets, digest));
  return der(TAGS.sequence, Buffer.from([TAGS.integer, 1, 1]), imprint, Buffer.from([0x01, 1, 0xff]));
}

/** Of fewer than 128 bytes. */
function der(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag, body.length]), body]);
}

type Element = { tag: number; content: Buffer };

/** The elements of a constructed one. Throws an ArchiveError for what is no DER of definite length. */
function elementsOf(bytes: Buffer): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] as number;
    let length = bytes[at + 1] ?? 0x80;
    let start = at + 2;
    if (length >= 0x80) {
      const size = length & 0x7f;
      if (size === 0 || size > 4 || start + size > bytes.length) throw malformed();
      length = bytes.readUIntBE(start, size);
      start += size;
    }
    if (start + length > bytes.length) throw malformed();
    elements.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

function malformed(): ArchiveError {
  return new ArchiveError('it is no time stamp (RFC 3161)');
}

/** The element of this tag at a place of a constructed one. */
function part(bytes: Buffer, position: number, tag: number): Buffer {
  const element = elementsOf(bytes)[position];
  if (element?.tag !== tag) throw malformed();
  return element.content;
}

/**
 * What a TimeStampResp says: the digest that was stamped (lower-case hexadecimal) and when, ISO 8601. Whether a trusted
 * authority signed it only openssl tells (cli/timestamps.ts). Throws an ArchiveError where it is a refusal or none at all.
 */
export function readTimestamp(response: Buffer): { sha256: string; time: string } {
  const reply = part(response, 0, TAGS.sequence);
  const status = part(part(reply, 0, TAGS.sequence), 0, TAGS.integer);
  // granted, grantedWithMods
  if (status.length !== 1 || (status[0] as number) > 1) throw new ArchiveError('the authority refused');
  // ContentInfo { type, [0] SignedData { version, digestAlgorithms, { type, [0] { TSTInfo } }, … } }
  const signed = part(part(part(reply, 1, TAGS.sequence), 1, TAGS.context0), 0, TAGS.sequence);
  const wrapped = part(part(part(signed, 2, TAGS.sequence), 1, TAGS.context0), 0, TAGS.octets);
  // TSTInfo { version, policy, { algorithm, imprint }, serial, time, … }
  const info = part(wrapped, 0, TAGS.sequence);
  const imprint = part(info, 2, TAGS.sequence);
  const algorithm = part(part(imprint, 0, TAGS.sequence), 0, TAGS.identifier);
  if (!algorithm.equals(SHA_256.subarray(4, 13))) throw malformed();
  const digest = part(imprint, 1, TAGS.octets).toString('hex');
  const [, year, month, day, hour, minute, second, fraction = ''] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/.exec(
      part(info, 4, TAGS.generalizedTime).toString('latin1'),
    ) ?? [];
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}Z`);
  if (Number.isNaN(time.getTime())) throw malformed();
  return { sha256: digest, time: time.toISOString() };
}

/**
 * Has each authority stamp a manifest and keeps the answers beside it; those that are there already stay. Returns a sentence for
 * each authority that gave none, which stops nothing. Throws what S3 throws.
 */
export async function stampManifest(
  archive: WritableArchive,
  manifest: string,
  authorities: readonly string[],
): Promise<string[]> {
  const problems: string[] = [];
  const bytes = await readBytes(archive, manifest);
  if (!bytes) throw new ArchiveError(`${archive.location}/${manifest} is not there.`);
  const digest = sha256(bytes);
  for (const [index, authority] of authorities.entries()) {
    const key = timestampKey(manifest, index + 1);
    if (await readBytes(archive, key)) continue;
    try {
      const response = await ask(authority, Buffer.from(digest, 'hex'));
      if (readTimestamp(response).sha256 !== digest) throw new ArchiveError('it stamped something else');
      await archive.putOnce(key, inMemory(response), 'application/timestamp-reply');
    } catch (error) {
      const { name, message, cause } = error as Error & { cause?: { message?: string } };
      if (!(error instanceof ArchiveError || ['TypeError', 'TimeoutError', 'AbortError'].includes(name))) throw error;
      problems.push(`${authority} gave no time stamp: ${cause?.message ?? message}.`);
    }
  }
  return problems;
}

/** The request over HTTP (RFC 3161, section 3.4). A redirection is not followed: where requests go stands in the settings. */
async function ask(authority: string, digest: Uint8Array): Promise<Buffer> {
  const answer = await fetch(authority, {
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query' },
    body: new Uint8Array(timestampRequest(digest)),
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
  });
  if (!answer.ok) throw new ArchiveError(`it answered ${answer.status}`);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body ?? []) {
    size += piece.byteLength;
    if (size > LARGEST) throw new ArchiveError(`its answer has more than ${LARGEST} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
