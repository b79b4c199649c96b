/** Builds answers as a node would send them. Tested by test/nodes/answer/envelope.test.ts. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** The envelope around a text, with what a test wants to be wrong in it. */
export function envelope(text: string, wrong: { bytes?: number; digest?: string; packed?: Buffer } = {}): string {
  const bytes = wrong.bytes ?? Buffer.byteLength(text);
  const digest = wrong.digest ?? createHash('sha256').update(text).digest('hex');
  return `kubevigil/1 ${bytes} ${digest} ${(wrong.packed ?? gzipSync(text)).toString('base64')}\n`;
}
