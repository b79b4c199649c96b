/**
 * Compares our derivation with recorded answers of real kubelets:
 * `npm run agreement -- FILE...`, each `.jsonl` or `.jsonl.gz`. Tested by test/kubelet/agreement.test.ts.
 */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import type { EffectiveConfiguration } from '../lambda/kubelet/configuration.ts';
import { derive } from '../lambda/kubelet/derive.ts';
import type { FileEvidence, KubeletProcess } from '../lambda/kubelet/evidence.ts';

const HELP = `Usage: npm run agreement -- FILE...

Derives the configuration of every recorded kubelet of the files (.jsonl, .jsonl.gz)
and compares it with the recorded answer.

Exit codes: 0 all agree, 1 some differ, 2 a file could not be read.
`;

/** Longer lists of differences help nobody. */
const MOST_SHOWN = 10;

const STRINGS = v.record(v.string(), v.string());
const CASE = v.intersect([
  v.object({
    id: v.string(),
    label: v.optional(v.string()),
    kubelet: v.string(),
    argv: v.array(v.string()),
    env: v.optional(STRINGS),
    files: STRINGS,
  }),
  v.variant('starts', [
    v.object({
      starts: v.literal(true),
      effective: v.record(v.string(), v.unknown()),
      flags: v.record(v.string(), v.unknown()),
      gates: v.record(v.string(), v.unknown()),
    }),
    v.object({ starts: v.literal(false), error: v.optional(v.string()) }),
  ]),
]);

/** A recorded answer of a real kubelet. */
export type Case = v.InferOutput<typeof CASE>;

/** One value in which we differ from the kubelet. */
export type Difference = { id: string; at: string; expected: unknown; got: unknown };

/** Where the recorded kubelets ran. */
const WORKING_DIRECTORY = '/case';

/** Reads one file of cases. Throws an Error of one line: which file, which line, what was expected. */
export function readCases(path: string): Case[] {
  return readText(path)
    .split('\n')
    .flatMap((line, index) => {
      if (line.trim() === '') return [];
      try {
        return [v.parse(CASE, JSON.parse(line))];
      } catch (error) {
        const why = v.isValiError(error)
          ? `${v.getDotPath(error.issues[0])}: ${error.issues[0].message}`
          : String(error);
        throw new Error(`${path} line ${index + 1} is not a recorded case: ${why}`);
      }
    });
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** The evidence that a collector would bring from the machine of a case. */
export function processOf({ kubelet, argv, env, files }: Case): KubeletProcess {
  const evidence = Object.entries(files).flatMap(([path, content]): FileEvidence[] => [
    { path, role: 'config', state: 'file', content },
    { path, role: 'drop-in', state: 'file', content },
  ]);
  const named = [...candidates(argv)];
  const missing = named.filter((path) => !Object.hasOwn(files, path));
  const process: KubeletProcess = {
    pid: 1,
    host: 'kubelet',
    argv,
    cwd: WORKING_DIRECTORY,
    version: `v${kubelet}.0`,
    files: [...evidence, ...missing.map((path): FileEvidence => ({ path, role: 'config', state: 'missing' }))],
    dropInDirectories: named.map((path) => ({ path, state: directoryState(path, files) })),
    kubeconfigs: [],
    clientCertificates: [],
    servingCertificates: [],
    authorities: [],
  };
  if (env && Object.hasOwn(env, 'KUBELET_CONFIG_DROPIN_DIR_ALPHA')) process.dropInEnvironment = true;
  return process;
}

function directoryState(path: string, files: Record<string, string>): 'directory' | 'other' | 'missing' {
  if (Object.hasOwn(files, path)) return 'other';
  return Object.keys(files).some((file) => file.startsWith(`${path}/`)) ? 'directory' : 'missing';
}

/** Every path that an argument may mean. */
function candidates(argv: readonly string[]): Set<string> {
  const values = argv.flatMap((argument) => [argument, argument.slice(argument.indexOf('=') + 1)]);
  return new Set(values.map((value) => posix.resolve(WORKING_DIRECTORY, value)));
}

/** All values in which the derivation differs from the recorded answer. */
export function compare(recorded: Case): Difference[] {
  const derived = derive(processOf(recorded));
  const { id } = recorded;
  if (derived.starts !== recorded.starts) {
    return [{ id, at: 'starts', expected: said(recorded), got: said(derived) }];
  }
  if (!recorded.starts || derived.starts !== true) return [];
  return [
    ...differences(id, 'effective', recorded.effective, derived.settings),
    ...differences(id, 'flags', recorded.flags, derived.flags),
    ...differences(id, 'gates', recorded.gates, derived.gates),
  ];
}

function differences(
  id: string,
  group: string,
  expected: Record<string, unknown>,
  got: Record<string, { value: unknown }>,
): Difference[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(got)]);
  return [...names]
    .filter((name) => !isDeepStrictEqual(expected[name], got[name]?.value))
    .map((name) => ({ id, at: `${group}.${name}`, expected: expected[name], got: got[name] }));
}

function said(answer: Case | EffectiveConfiguration): unknown {
  if (answer.starts === true) return true;
  return { starts: answer.starts, error: 'problem' in answer ? answer.problem : answer.error };
}

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length === 0) throw new Error('expected at least one FILE; see --help');
  const cases = positionals.flatMap(readCases);
  const differing = cases.map(compare).filter((found) => found.length > 0);
  process.stdout.write(`${cases.length} cases: ${cases.length - differing.length} agree, ${differing.length} differ\n`);
  for (const { id, at, expected, got } of differing.slice(0, MOST_SHOWN).flat()) {
    process.stdout.write(`${id} ${at}\n  expected ${JSON.stringify(expected)}\n  got      ${JSON.stringify(got)}\n`);
  }
  return differing.length > 0 ? 1 : 0;
}

if (import.meta.main) {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader, such as `head`, has seen enough.
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    process.exitCode = main();
  } catch (error) {
    const [message] = String(error instanceof Error ? error.message : error).split('\n');
    process.stderr.write(`agreement: ${message}\n`);
    process.exitCode = 2;
  }
}
