/**
 * Page tokens: opaque to callers, bound to the request that they continue, useless for any other.
 * Tested by test/simulator/aws/ssm-answers.test.ts.
 */
import { createHash } from 'node:crypto';

/** Digest of what a token must not be moved to: the operation and its input without the paging fields. */
export function fingerprint(...parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12);
}

/** Writes the position at which the next page starts. */
export function writeToken(position: string | number, print: string): string {
  return Buffer.from(`${print}:${position}`).toString('base64url');
}

/** Reads the position back; undefined where the token is of another request or is none of ours. */
export function readToken(token: string, print: string): string | undefined {
  const text = Buffer.from(token, 'base64url').toString();
  return text.startsWith(`${print}:`) ? text.slice(print.length + 1) : undefined;
}

/** Like readToken, for positions that are indices. */
export function readIndex(token: string, print: string): number | undefined {
  const position = readToken(token, print);
  return position !== undefined && /^\d{1,9}$/.test(position) ? Number(position) : undefined;
}

/** Items of a page: as many as are asked for, or as is usual, but not more than the endpoints are told to give. */
export function sizeOf(asked: number | undefined, most: number | undefined, usual: number): number {
  return Math.min(asked ?? most ?? usual, most ?? Number.POSITIVE_INFINITY);
}

/** Where a list begins, and how much of it this page holds: nothing, if the first one is to be empty. */
export function pageOf(token: string | undefined, print: string, size: number, emptyFirst = false) {
  const start = token === undefined ? 0 : readIndex(token, print);
  return start === undefined ? undefined : { start, size: token === undefined && emptyFirst ? 0 : size };
}
