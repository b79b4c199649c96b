/**
 * The kubelet's command line as spf13/pflag reads it (flag.go: parseArgs, parseLongArg, parseSingleShortArg), in its words.
 * Tested by test/kubelet/facts.test.ts and, with recorded kubelets, test/kubelet/agreement.test.ts.
 */
import { BadValue, type FlagValue, readFlag } from '../go/flag-values.ts';
import { Exit, quote, Unknown } from '../go/outcome.ts';
import { goQuote } from '../go/quoting.ts';
import { isOnWindows } from './files.ts';
import { type Flag, flagsOf, life } from './tables.ts';
import { isCovered, type Rules } from './version.ts';

/** One use of a flag. */
export type FlagUse = {
  /** With dashes, as registered. */
  name: string;
  /** Its text. */
  text: string;
  value: FlagValue;
  flag: Flag;
  /** As it stands on the command line: `--rotate_certificates=0`, `--read-only-port 0`. */
  written: string;
};

/** The flags that were given, in order, and the names of those that are left out because they are not known here. */
export type Arguments = {
  uses: FlagUse[];
  strange: string[];
  /**
   * The uses whose values override files. They are fewer where a flag of a library stands without its value: when the
   * kubelet reads its arguments again over the files, such a flag takes the argument after it, and where there is none
   * the process ends (newFakeFlagSet in cmd/kubelet/app/server.go).
   */
  again: FlagUse[] | Exit;
};

/** What grows while the arguments are read. */
type Reading = {
  uses: FlagUse[];
  strange: string[];
  rules: Rules;
  flags: ReadonlyMap<string, Flag>;
  /** The second reading, in which flags of libraries have no value of their own. */
  isSecond: boolean;
  /** A flag of a library stood without its value. */
  hasBare: boolean;
};

const SHORTHANDS = new Map([
  ['v', 'v'],
  ['h', 'help'],
]);

/** Flags that only kubelets of Windows have (cmd/kubelet/app/options/osflags_windows.go). */
const WINDOWS_FLAGS: ReadonlyMap<string, Flag> = new Map([
  ['windows-service', { type: 'bool' }],
  ['windows-priorityclass', { type: 'string' }],
]);

/** What encloses the errors of the first reading. */
const FAILED = 'failed to parse kubelet flag: ';

/** The minor since which the words of an empty --reserved-memory close their bracket (ReservedMemoryVar.Set). */
const CLOSED_SINCE = 35;

/**
 * Reads the arguments of a kubelet of that version.
 * Throws Exit where the kubelet refuses them: unknown flags, values of a wrong type, positional arguments, `--help`
 * and `--version` (kubernetes cmd/kubelet/app/server.go, NewKubeletCommand). A version whose flags are not all known
 * here may have others: they are left out, or, where they may take the next argument, Unknown is thrown.
 */
export function readArguments(process: { argv: readonly string[]; cwd: string }, rules: Rules): Arguments {
  const { argv } = process;
  const own = flagsOf(rules.minor);
  const reading: Reading = {
    uses: [],
    strange: [],
    rules,
    flags: isOnWindows(process) ? new Map([...own, ...WINDOWS_FLAGS]) : own,
    isSecond: false,
    hasBare: false,
  };
  const [first] = readAll(argv, reading);
  if (first !== undefined) {
    throw new Exit(`unknown command ${first}`, { stage: 'flags', about: [{ where: { kind: 'flag', where: first } }] });
  }
  const { uses, strange } = reading;
  refuseToExplain(uses);
  return { uses, strange, again: reading.hasBare ? readSecond(argv, reading) : uses };
}

function readSecond(argv: readonly string[], first: Reading): FlagUse[] | Exit {
  const reading: Reading = { ...first, uses: [], strange: [], isSecond: true };
  try {
    readAll(argv, reading);
    return reading.uses;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    return new Exit(error.message.slice(FAILED.length), { ...error.details, stage: 'exit' });
  }
}

/** Returns the positional arguments. */
function readAll(argv: readonly string[], reading: Reading): string[] {
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
  return positional;
}

function refused(message: string, written: string): Exit {
  return new Exit(`${FAILED}${message}`, { stage: 'flags', about: [{ where: { kind: 'flag', where: written } }] });
}

/** Returns how many of the next arguments it took. */
function readLong(argument: string, next: string | undefined, reading: Reading): 0 | 1 {
  const body = argument.slice(2);
  if (/^[-=]/.test(body)) throw refused(`bad flag syntax: ${argument}`, argument);
  const equals = body.indexOf('=');
  const given = equals === -1 ? body : body.slice(0, equals);
  const name = given.replaceAll('_', '-');
  const flag = find(name, reading, () => refused(`unknown flag: --${given}`, argument));
  if (flag === undefined) {
    if (equals === -1) {
      throw new Unknown(`flag ${quote(argument)} is not known here, nor whether the argument after it is its value`);
    }
    reading.strange.push(name);
    return 0;
  }
  if (equals !== -1) return use(reading, name, flag, body.slice(equals + 1), argument);
  const implied = impliedValue(flag, reading);
  if (implied !== undefined) return use(reading, name, flag, implied, argument);
  if (next === undefined) throw refused(`flag needs an argument: ${argument}`, argument);
  use(reading, name, flag, next, `${argument} ${next}`);
  return 1;
}

function readShort(argument: string, next: string | undefined, reading: Reading): 0 | 1 {
  let rest = argument.slice(1);
  while (rest !== '') {
    // Flags of `go test` are skipped.
    if (rest.startsWith('test.')) return 0;
    const letter = rest.charAt(0);
    const unknown = () => refused(`unknown shorthand flag: ${rune(letter)} in -${rest}`, argument);
    const name = SHORTHANDS.get(letter);
    const flag = name === undefined ? undefined : find(name, reading, unknown);
    if (name === undefined || flag === undefined) throw unknown();
    if (rest.length > 2 && rest[1] === '=') return use(reading, name, flag, rest.slice(2), argument);
    const implied = impliedValue(flag, reading);
    if (implied === undefined) {
      if (rest.length > 1) return use(reading, name, flag, rest.slice(1), argument);
      if (next === undefined) throw refused(`flag needs an argument: ${rune(letter)} in -${rest}`, argument);
      use(reading, name, flag, next, `${argument} ${next}`);
      return 1;
    }
    use(reading, name, flag, implied, argument);
    rest = rest.slice(1);
  }
  return 0;
}

/** `%q` of a byte. */
function rune(letter: string): string {
  return letter === '"' ? `'"'` : `'${goQuote(letter).slice(1, -1).replace("'", "\\'")}'`;
}

/** `undefined` for a flag that only versions beyond the table may have. */
function find(name: string, { flags, rules: { version } }: Reading, unknown: () => Exit): Flag | undefined {
  const flag = flags.get(name);
  if (flag !== undefined) return flag;
  if (isCovered(version)) throw unknown();
  const known = life('flags', name);
  if (known === undefined) return undefined;
  // A kubelet of unknown version runs with the flag, so it has it.
  if (!version.known) return flagsOf(known.last).get(name);
  throw unknown();
}

/** pflag's NoOptDefVal: the value of a flag that stands alone. */
function impliedValue({ type, bare, global }: Flag, reading: Reading): string | undefined {
  const implied = type === 'bool' ? 'true' : bare;
  if (implied === undefined || global !== true) return implied;
  reading.hasBare = true;
  return reading.isSecond ? undefined : implied;
}

function use(reading: Reading, name: string, flag: Flag, text: string, written: string): 0 {
  // Read again, flags of libraries take any text.
  if (reading.isSecond && flag.global) return 0;
  try {
    if (flag.type === 'reserved-memory') refuseAfterEmpty(name, reading);
    reading.uses.push({ name, text, value: readFlag(flag.type, text), flag, written });
    return 0;
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    const names = flag.shorthand === undefined ? `--${name}` : `-${flag.shorthand}, --${name}`;
    throw refused(`invalid argument ${goQuote(text)} for "${names}" flag: ${error.message}`, written);
  }
}

/** An empty --reserved-memory takes its target away: what was said before stays, and any use after it is refused (ReservedMemoryVar.Set). */
function refuseAfterEmpty(given: string, { uses, rules: { minor } }: Reading): void {
  if (!uses.some(({ name, text }) => name === given && text === '')) return;
  throw new BadValue(`no target (nil pointer to *[]MemoryReservation${minor >= CLOSED_SINCE ? ')' : ''}`);
}

/** `--help` and `--version` print and end the process; `--version=v1.2.3` only sets what is printed. */
function refuseToExplain(uses: readonly FlagUse[]): void {
  for (const name of ['help', 'version']) {
    const last = uses.findLast((found) => found.name === name);
    if (last === undefined || last.value === false) continue;
    if (name === 'version' && typeof last.value === 'string' && last.value !== 'raw') continue;
    throw new Exit(`${quote(last.written)} makes the kubelet print and exit`, {
      stage: 'exit',
      about: [{ where: { kind: 'flag', where: last.written } }],
    });
  }
}
