/** What commands on archives share: opening one by its name, saying what is wrong, and writing to a terminal. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { type Archive, ArchiveError, s3Archive } from '../lambda/reports/archive.ts';
import { directoryArchive } from '../lambda/reports/directory.ts';

/** Where a command writes: results to `out`, progress and errors to `err`. */
export type Terminal = {
  out(text: string): void;
  err(text: string): void;
  /** Progress may be overwritten in place. */
  isInteractive: boolean;
};

export const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isInteractive: process.stderr.isTTY === true,
};

/** Something the person at the terminal can mend; its message is one line. */
export class InputError extends Error {}

/**
 * Runs a command; an InputError, a wrong option, or what S3 and the file system refuse become one line and exit code 2.
 * Everything else is a defect of ours and keeps its stack.
 */
export async function run(name: string, { err }: Terminal, command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (!(error instanceof Error) || !isExpected(error)) throw error;
    err(`kubevigil ${name}: ${printable(error.message)}\n`);
    return 2;
  }
}

function isExpected(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  const isOurs = error instanceof InputError || error instanceof ArchiveError;
  return isOurs || typeof code === 'string' || '$metadata' in error || error.name === 'CredentialsProviderError';
}

/** Opens `s3://bucket[/prefix]`, or a directory that holds an archive or one bucket's directory with one. */
export async function openArchive(place: string): Promise<Archive> {
  const s3 = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*?))?\/*$/.exec(place);
  if (s3) return s3Archive(new S3Client({ followRegionRedirects: true }), s3[1] as string, s3[2] ?? '');
  if (/^[a-z0-9]+:\/\//i.test(place)) {
    throw new InputError(`expected a directory or s3://bucket[/prefix], got ${place}`);
  }
  const entries = await readdir(place, { withFileTypes: true }).catch(() => undefined);
  if (!entries) throw new InputError(`${place} is not a directory that can be read`);
  if (entries.some(({ name }) => name === 'scans' || name === 'latest.json')) return directoryArchive(place);
  const inside: string[] = [];
  for (const entry of entries) {
    const names = entry.isDirectory() ? await readdir(join(place, entry.name)).catch(() => []) : [];
    if (names.includes('scans')) inside.push(entry.name);
  }
  const [only, another] = inside;
  if (only !== undefined && another === undefined) return directoryArchive(join(place, only));
  throw new InputError(
    only === undefined
      ? `${place} holds no archive: expected scans/ and latest.json in it`
      : `${place} holds several archives: name one of ${inside.map((name) => join(place, name)).join(', ')}`,
  );
}

/** Makes control characters visible: what comes from an archive must not steer a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}
