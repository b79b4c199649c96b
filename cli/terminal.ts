/**
 * What commands share: writing to a terminal, and saying what is wrong in one line.
 * Tested by test/cli/verify.test.ts.
 */

import { printable } from '../lambda/formats/text.ts';
import { problemOf } from './problems.ts';

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

/** How people call the program: from a checkout by npm, else by its own name. */
export const PROGRAM = process.env.npm_lifecycle_event === 'start' ? 'npm start --' : 'kubevigil';

/**
 * Runs a command; what the person can mend, and what AWS, the network or the file system refuse, becomes a line (several
 * mistakes one line each) and exit code 2. Everything else is a defect of ours and keeps its stack.
 */
export async function run(name: string, { err }: Terminal, command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    const problem = error instanceof Error ? await problemOf(error) : undefined;
    if (problem === undefined) throw error;
    const lines = problem.split('\n').map((line) => printable(line.trimEnd()));
    err(`kubevigil ${name}: ${lines.filter((line) => line !== '').join('\n  ')}\n`);
    return 2;
  }
}
