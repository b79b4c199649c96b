/** Builds answers as a node would send them. Tested by test/nodes/answer/envelope.test.ts. */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Answer } from '../aws/options.ts';

/** The envelope around a text, with what a test wants to be wrong in it. */
export function envelope(text: string, wrong: { bytes?: number; digest?: string; packed?: Buffer } = {}): string {
  const bytes = wrong.bytes ?? Buffer.byteLength(text);
  const digest = wrong.digest ?? createHash('sha256').update(text).digest('hex');
  return `kubevigil/1 ${bytes} ${digest} ${(wrong.packed ?? gzipSync(text)).toString('base64')}\n`;
}

/** A recorded answer as a node whose clock says `seconds` since the epoch gives it. */
export function answeredAt({ stdout, exitCode }: Answer, seconds: number): Answer {
  const text = gunzipSync(Buffer.from(stdout.split(' ')[3] ?? '', 'base64')).toString();
  return { stdout: envelope(text.replace(/^time \d+$/m, `time ${Math.round(seconds)}`)), exitCode };
}
