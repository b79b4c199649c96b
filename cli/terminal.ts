/**
 * What commands share: writing to a terminal, and saying what is wrong in one line.
 * Tested by test/cli/verify.test.ts.
 */

import { printable } from '../lambda/formats/text.ts';
import { ArchiveError } from '../lambda/results/errors.ts';

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
    err(`kubevigil ${name}: ${printable(problemOf(error).replaceAll(/\s*\n\s*/g, ' '))}\n`);
    return 2;
  }
}

/** What is wrong, and where that is not in the text, what to do about it. */
function problemOf(error: Error): string {
  if (error.name === 'CredentialsProviderError') {
    return `${error.message.replace(/\.$/, '')}: log in to AWS first, or name a profile in AWS_PROFILE`;
  }
  if (!(error as NodeJS.ErrnoException).code?.toString().startsWith('ERR_PARSE_ARGS')) return error.message;
  return `${error.message.replace(/\. (?:To specify a positional|This command does not) .*$|\.$/s, '')}; see --help`;
}

function isExpected(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  const isOurs = error instanceof InputError || error instanceof ArchiveError;
  return isOurs || typeof code === 'string' || '$metadata' in error || error.name === 'CredentialsProviderError';
}
