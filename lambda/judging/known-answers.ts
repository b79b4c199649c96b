/**
 * Known answers: recorded ones of real kubelets, which each scan derives again before it judges a node, as a laboratory runs
 * control samples beside its patients'. tools/known-answers.ts picks them over versions, settings and refusals.
 * Tested by test/judging/known-answers.test.ts.
 */

import { resolve } from '../go/paths.ts';
import { derive } from '../kubelet/derive.ts';
import type { FileEvidence, KubeletProcess } from '../kubelet/evidence.ts';
import recorded from './known-answers.json' with { type: 'json' };

/** What a recorded kubelet was given: its arguments, its files by path, and the environment that it reads. */
export type RecordedInput = {
  argv: readonly string[];
  files: Record<string, string>;
  env?: Record<string, string> | undefined;
};

/**
 * One known answer: id, minor, arguments, files by path, and the settings in which it differs from `KnownAnswers.usual`, or the
 * single messages with which the kubelet refuses.
 */
export type KnownAnswer = [
  id: string,
  minor: string,
  argv: string[],
  files: Record<string, string>,
  expected: Record<string, unknown> | string[],
];

export type KnownAnswers = { usual: Record<string, unknown>; answers: KnownAnswer[] };

/** The set that is deployed. */
export const KNOWN_ANSWERS = recorded as unknown as KnownAnswers;

/** Ids of the known answers from which today's derivation differs; none where the method is what it was. */
export function differing({ usual, answers }: KnownAnswers): string[] {
  return answers.flatMap(([id, minor, argv, files, expected]) => {
    const derived = derive(processOf({ argv, files }, minor));
    if (Array.isArray(expected)) {
      const messages = derived.starts === false ? derived.refusal.messages : undefined;
      return messages && same([...messages].sort(), [...expected].sort()) ? [] : [id];
    }
    if (derived.starts !== true) return [id];
    const wanted = Object.entries({ ...usual, ...expected });
    return wanted.every(([path, value]) => same(derived.settings[path]?.value, value)) ? [] : [id];
  });
}

/** Values of settings are plain JSON; Go's maps have no order. */
function same(a: unknown, b: unknown): boolean {
  return sorted(a) === sorted(b);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    const isMap = typeof part === 'object' && part !== null && !Array.isArray(part);
    return isMap ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part;
  });
}

/** Where the recorded kubelets ran. */
const WORKING_DIRECTORY = '/case';

/** The evidence that a collector would bring from the machine of a recorded kubelet. */
export function processOf({ argv, env, files }: RecordedInput, minor: string): KubeletProcess {
  const evidence = Object.entries(files).flatMap(([path, content]): FileEvidence[] => [
    { path, role: 'config', state: 'file', content },
    { path, role: 'drop-in', state: 'file', content },
  ]);
  const named = [...candidates(argv)];
  const missing = named.filter((path) => !Object.hasOwn(files, path));
  const process: KubeletProcess = {
    pid: 1,
    host: 'kubelet',
    argv: [...argv],
    cwd: WORKING_DIRECTORY,
    version: `v${minor}.0`,
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
  return new Set(values.map((value) => resolve(WORKING_DIRECTORY, value)));
}
