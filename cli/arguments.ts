/** Reads the words behind a command; what is wrong with them is one line that says what may have been meant. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { didYouMean } from './nearest.ts';
import { InputError } from './problems.ts';

/** As parseArgs of node:util. Throws an InputError for an option that there is not, a missing value, or an argument too many. */
export function readArguments<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error;
    throw new InputError(problemOf(message, Object.keys(config.options ?? {})), { cause: error });
  }
}

/** Node's sentence without its advice on `--`, which helps nobody here. */
function problemOf(message: string, options: readonly string[]): string {
  const said = message
    .replace(/\. (?:To specify a positional|This command does not) .*$|\.$/s, '')
    .replaceAll(/\s*\n\s*/g, ' ');
  const unknown = /^Unknown option '--([^']*)'/.exec(said)?.[1];
  return `${said}${unknown === undefined ? '' : didYouMean(unknown, options, '--')}; see --help`;
}
