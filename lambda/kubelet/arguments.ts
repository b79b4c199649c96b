/** The kubelet's command line as spf13/pflag reads it (flag.go: parseArgs, parseLongArg, parseSingleShortArg). */

import { checkValue, type ValueType } from './flag-values.ts';
import table from './flags.json' with { type: 'json' };
import { Exit, quote } from './outcome.ts';

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

/**
 * Reads the arguments of a kubelet of that minor version, in order.
 * Throws Exit where the kubelet refuses them: unknown flags, values of a wrong type, positional arguments, `--help`
 * and `--version` (kubernetes cmd/kubelet/app/server.go, NewKubeletCommand).
 */
export function readArguments(argv: readonly string[], minor: number): FlagUse[] {
  const uses: FlagUse[] = [];
  const positional: string[] = [];
  for (let at = 0; at < argv.length; ) {
    const argument = argv[at] ?? '';
    at += 1;
    if (argument === '--') {
      positional.push(...argv.slice(at, at + 1));
      break;
    }
    if (!argument.startsWith('-') || argument === '-') positional.push(argument);
    else if (argument.startsWith('--')) at += readLong(argument, argv[at], minor, uses);
    else at += readShort(argument, argv[at], minor, uses);
  }
  const [first] = positional;
  if (first !== undefined) throw new Exit(`the kubelet takes no positional arguments, found ${quote(first)}`);
  refuseToExplain(uses);
  return uses;
}

/** Returns how many of the next arguments it took. */
function readLong(argument: string, next: string | undefined, minor: number, uses: FlagUse[]): 0 | 1 {
  const body = argument.slice(2);
  if (/^[-=]/.test(body)) throw new Exit(`bad flag syntax: ${quote(argument)}`);
  const equals = body.indexOf('=');
  const name = (equals === -1 ? body : body.slice(0, equals)).replaceAll('_', '-');
  const flag = find(name, minor, argument);
  if (equals !== -1) return use(uses, { name, value: body.slice(equals + 1), written: argument }, flag);
  const implied = impliedValue(flag);
  if (implied !== undefined) return use(uses, { name, value: implied, written: argument }, flag);
  if (next === undefined) throw new Exit(`flag needs an argument: ${quote(argument)}`);
  use(uses, { name, value: next, written: `${argument} ${next}` }, flag);
  return 1;
}

function readShort(argument: string, next: string | undefined, minor: number, uses: FlagUse[]): 0 | 1 {
  let rest = argument.slice(1);
  while (rest !== '') {
    // Flags of `go test` are skipped.
    if (rest.startsWith('test.')) return 0;
    const name = SHORTHANDS.get(rest.charAt(0));
    if (name === undefined) throw new Exit(`unknown shorthand flag ${quote(rest.charAt(0))} in ${quote(argument)}`);
    const flag = find(name, minor, argument);
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

function find(name: string, minor: number, argument: string): Flag {
  const flag = FLAGS.get(name);
  if (flag === undefined) throw new Exit(`unknown flag ${quote(argument)}`);
  if (minor < (flag.first ?? 0)) throw new Exit(`flag ${quote(argument)} exists only since 1.${flag.first}`);
  if (minor > (flag.last ?? Infinity)) throw new Exit(`flag ${quote(argument)} was removed after 1.${flag.last}`);
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
    if (last !== undefined && !/^(0|f|F|false|FALSE|False)$/.test(last.value)) {
      throw new Exit(`${quote(last.written)} makes the kubelet print and exit`);
    }
  }
}
