/** What every command begins and ends with: its options, its help, and what is wrong in a line. Tested by test/cli/cli.test.ts. */
import type { ParseArgsConfig, parseArgs } from 'node:util';
import { printable } from '../lambda/formats/text.ts';
import { readArguments } from './arguments.ts';
import { problemOf } from './problems.ts';
import type { Terminal } from './terminal.ts';
import { helpText } from './wrap.ts';

const HELP = { help: { type: 'boolean', short: 'h' } } as const;

type Options = NonNullable<ParseArgsConfig['options']>;

/** What people gave, by the options of parseArgs; `positionals` are empty where a command takes none. */
export type Given<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>;

/**
 * Runs a command: reads its arguments, prints its help where that is asked for, else does `act`. What the person can mend, and what
 * AWS, the network or the file system refuse, becomes a line (several mistakes one line each) and exit code 2. Everything else is a
 * defect of ours and keeps its stack.
 */
export async function run<const O extends Options>(
  name: string,
  {
    args,
    help,
    options,
    allowPositionals = false,
  }: {
    args: string[];
    help: string;
    options: O;
    allowPositionals?: boolean;
  },
  to: Terminal,
  act: (given: Given<O>) => Promise<number>,
): Promise<number> {
  try {
    const given = readArguments({ args, options: { ...options, ...HELP }, allowPositionals });
    if ('help' in given.values) {
      to.out(helpText(help));
      return 0;
    }
    return await act(given as Given<O>);
  } catch (error) {
    const problem = error instanceof Error ? await problemOf(error) : undefined;
    if (problem === undefined) throw error;
    const lines = problem.split('\n').map((line) => printable(line.trimEnd()));
    to.err(`kubevigil ${name}: ${lines.filter((line) => line !== '').join('\n  ')}\n`);
    return 2;
  }
}
