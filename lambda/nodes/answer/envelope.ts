/** The envelope of a node's answer: one line `kubevigil/1 <bytes> <sha256> <base64 of gzip>`, as send.sh packs it. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

/**
 * Largest text that is unpacked, in bytes; typical texts have 4 KiB, and 24,000 characters of base64 carry 18 KiB. From
 * this and the number of lines (evidence.ts) follows what the worst answer costs (npm run bench -- hostile).
 */
const LARGEST_TEXT = 160 * 1024;
/** Longest line that is looked at, in characters: GetCommandInvocation carries 24,000 (AWS Systems Manager API reference). */
const LONGEST_LINE = 24_000;

const HEAD = /^kubevigil\/1 (\d{1,9}) ([0-9a-f]{64}) /;

export type Unwrapped = { text: string } | { problem: string };

/**
 * Unpacks one answer. The declared length and digest must hold, so a cut or altered answer is found and never parsed.
 * Returns the text, or one sentence that says what is wrong; never throws.
 */
export function unwrap(output: string): Unwrapped {
  const start = output.lastIndexOf('kubevigil/1 ');
  if (start === -1 || (start > 0 && output[start - 1] !== '\n')) {
    return { problem: output.trim() === '' ? 'the answer is empty' : 'the answer has no line "kubevigil/1 …"' };
  }
  const end = output.indexOf('\n', start);
  const line = output.slice(start, end === -1 ? undefined : end);
  if (line.length > LONGEST_LINE) return { problem: `the answer is longer than ${LONGEST_LINE} characters` };
  const [head = '', size = '', digest] = HEAD.exec(line) ?? [];
  const base64 = line.slice(head.length, line.endsWith('\r') ? -1 : undefined);
  const packed = Buffer.from(base64, 'base64');
  if (head === '' || !isBase64(base64, packed)) {
    return { problem: 'the answer is cut or garbled: expected "kubevigil/1 <bytes> <sha256> <base64>"' };
  }
  const bytes = Number(size);
  if (bytes > LARGEST_TEXT) return { problem: `the answer declares ${bytes} bytes, more than ${LARGEST_TEXT}` };
  const damaged = { problem: `the answer is cut or garbled: it does not unpack to ${bytes} bytes` };
  // A node without gzip sends the text itself; gzip starts with 1f 8b and ends with the length of the text (RFC 1952).
  const zipped = packed[0] === 0x1f && packed[1] === 0x8b;
  if (zipped && (packed.length < 18 || packed.readUInt32LE(packed.length - 4) !== bytes)) return damaged;
  let text: Buffer;
  try {
    // In one piece, and no more: 64 bytes is zlib's smallest.
    text = zipped
      ? gunzipSync(packed, { maxOutputLength: Math.max(bytes, 1), chunkSize: Math.max(bytes, 64) })
      : packed;
  } catch {
    return damaged;
  }
  if (text.length !== bytes) {
    return { problem: `the answer is cut or garbled: it unpacks to ${text.length} of ${bytes} bytes` };
  }
  if (createHash('sha256').update(text).digest('hex') !== digest) {
    return { problem: 'the answer is altered: its SHA-256 digest does not match' };
  }
  return { text: text.toString('utf8') };
}

/** Of most the bytes give back the text, which is told in a sixth of the time that the expression takes. */
function isBase64(text: string, bytes: Buffer): boolean {
  return text !== '' && (bytes.toString('base64') === text || /^[A-Za-z0-9+/]+={0,2}$/.test(text));
}
