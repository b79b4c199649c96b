/**
 * The kubelet's command line as spf13/pflag reads it (flag.go: parseArgs, parseLongArg, parseSingleShortArg).
 * Tested by test/kubelet/agreement.test.ts.
 */

import { checkValue, type ValueType } from '../go/flag-values.ts';
import { parseBool } from '../go/literals.ts';
import { Exit, quote, Unknown } from '../go/outcome.ts';
import type { KubeletVersion } from './configuration.ts';
import table from './flags.json' with { type: 'json' };
import { isCovered } from './version.ts';

/** One use of a flag. */
export type FlagUse = {
  /** With dashes, as registered. */
  name: string;
  value: string;
  /** As it stands on the command line: `--rotate_certificates=0`, `--read-only-port 0`. */
  written: string;
};

type Flag = { type: ValueType; first?: number; last?: number };

const FLAGS = new Map<string, Flag>(Object.entries(table as Record<string, Flag>));
const SHORTHANDS = new Map([
  ['v', 'v'],
  ['h', 'help'],
]);

/** The flags that were given, in order, and the names of those that are left out because they are not known here. */
export type Arguments = { uses: FlagUse[]; strange: string[] };

/** What grows while the arguments are read. */
type Reading = Arguments & { version: KubeletVersion };

/**
 * Reads the arguments of a kubelet of that version.
 * Throws Exit where the kubelet refuses them: unknown flags, values of a wrong type, positional arguments, `--help`
 * and `--version` (kubernetes cmd/kubelet/app/server.go, NewKubeletCommand). A version whose flags are not all known
 * here may have others: they are left out, or, where they may take the next argument, Unknown is thrown.
 */
export function readArguments(argv: readonly string[], version: KubeletVersion): Arguments {
  const reading: Reading = { uses: [], strange: [], version };
  const positional: string[] = [];
  for (let at = 0; at < argv.length; ) {
    const argument = argv[at] ?? '';
    at += 1;
    if (argument === '--') {
      positional.push(...argv.slice(at, at + 1));
      break;
    }
    if (!argument.startsWith('-') || argument === '-') positional.push(argument);
    else if (argument.startsWith('--')) at += readLong(argument, argv[at], reading);
    else at += readShort(argument, argv[at], reading);
  }
  const [first] = positional;
  if (first !== undefined) throw new Exit(`the kubelet takes no positional arguments, found ${quote(first)}`);
  const { uses, strange } = reading;
  refuseToExplain(uses);
  return { uses, strange };
}

/** Returns how many of the next arguments it took. */
function readLong(argument: string, next: string | undefined, { uses, strange, version }: Reading): 0 | 1 {
  const body = argument.slice(2);
  if (/^[-=]/.test(body)) throw new Exit(`bad flag syntax: ${quote(argument)}`);
  const equals = body.indexOf('=');
  const name = (equals === -1 ? body : body.slice(0, equals)).replaceAll('_', '-');
  const flag = find(name, version, argument);
  if (flag === undefined) {
    if (equals === -1) {
      throw new Unknown(`flag ${quote(argument)} is not known here, nor whether the argument after it is its value`);
    }
    strange.push(name);
    return 0;
  }
  if (equals !== -1) return use(uses, { name, value: body.slice(equals + 1), written: argument }, flag);
  const implied = impliedValue(flag);
  if (implied !== undefined) return use(uses, { name, value: implied, written: argument }, flag);
  if (next === undefined) throw new Exit(`flag needs an argument: ${quote(argument)}`);
  use(uses, { name, value: next, written: `${argument} ${next}` }, flag);
  return 1;
}

function readShort(argument: string, next: string | undefined, { uses, version }: Reading): 0 | 1 {
  let rest = argument.slice(1);
  while (rest !== '') {
    // Flags of `go test` are skipped.
    if (rest.startsWith('test.')) return 0;
    const name = SHORTHANDS.get(rest.charAt(0));
    const flag = name === undefined ? undefined : find(name, version, argument);
    if (name === undefined || flag === undefined)
      throw new Exit(`unknown shorthand flag ${quote(rest.charAt(0))} in ${quote(argument)}`);
    if (rest.length > 2 && rest[1] === '=') return use(uses, { name, value: rest.slice(2), written: argument }, flag);
    const implied = impliedValue(flag);
    if (implied === undefined) {
      if (rest.length > 1) return use(uses, { name, value: rest.slice(1), written: argument }, flag);
      if (next === undefined) throw new Exit(`flag needs an argument: ${quote(argument)}`);
      use(uses, { name, value: next, written: `${argument} ${next}` }, flag);
      return 1;
    }
    use(uses, { name, value: implied, written: argument }, flag);
    rest = rest.slice(1);
  }
  return 0;
}

/** `undefined` for a flag that only versions beyond the table may have. */
function find(name: string, version: KubeletVersion, argument: string): Flag | undefined {
  const flag = FLAGS.get(name);
  if (flag === undefined) {
    if (isCovered(version)) throw new Exit(`unknown flag ${quote(argument)}`);
    return undefined;
  }
  const { first = 0, last = Infinity } = flag;
  // A kubelet of unknown version runs with the flag, so it has it.
  if (!version.known) return flag;
  if (version.minor < first) throw new Exit(`flag ${quote(argument)} exists only since 1.${first}`);
  if (version.minor > last) throw new Exit(`flag ${quote(argument)} was removed after 1.${last}`);
  return flag;
}

/** pflag's NoOptDefVal: the value of a flag that stands alone. */
function impliedValue(flag: Flag): string | undefined {
  return flag.type === 'bool' || flag.type === 'version' ? 'true' : undefined;
}

function use(uses: FlagUse[], found: FlagUse, flag: Flag): 0 {
  const problem = checkValue(flag.type, found.value);
  if (problem !== undefined) {
    throw new Exit(`invalid argument ${quote(found.value)} for --${found.name}: expected ${problem}`);
  }
  uses.push(found);
  return 0;
}

/** `--help` and `--version` print and end the process. */
function refuseToExplain(uses: readonly FlagUse[]): void {
  for (const name of ['help', 'version']) {
    const last = uses.findLast((found) => found.name === name);
    if (last !== undefined && parseBool(last.value) !== false) {
      throw new Exit(`${quote(last.written)} makes the kubelet print and exit`);
    }
  }
}
