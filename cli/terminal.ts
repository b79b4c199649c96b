/** Where commands write. Tested by test/cli/verify.test.ts. */

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
