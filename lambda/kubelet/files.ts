/** The kubelet's files in the evidence of a process. Tested by test/kubelet/sources.test.ts. */

import { byBytes } from '../go/json.ts';
import { Exit, Unknown } from '../go/outcome.ts';
import { beside, clean, isAbsolute, isBelow, isOfWindows, resolve } from '../go/paths.ts';
import type { FileEvidence, KubeletProcess } from './evidence.ts';
import type { Value } from './values.ts';

/** A drop-in to be merged: its path and its text. */
export type DropIn = { path: string; text: string };

/** The process is one of Windows: so its folder says. */
export function isOnWindows({ cwd }: Pick<KubeletProcess, 'cwd'>): boolean {
  return isOfWindows(cwd);
}

/** The path as the process means it. */
export function absolute(process: KubeletProcess, path: string): string {
  return resolve(process.cwd === '' ? '/' : process.cwd, path);
}

/**
 * The file was certainly written after the kubelet's start: later than the latest moment at which it can have started. Boot
 * time and start time come in units (proc_stat(5): btime in seconds, starttime in ticks), so that start is a span.
 */
export function isNewerThan(
  { startedAt, startedWithin = 0 }: Pick<KubeletProcess, 'startedAt' | 'startedWithin'>,
  { modifiedAt }: FileEvidence,
): boolean {
  return startedAt !== undefined && modifiedAt !== undefined && modifiedAt > startedAt + startedWithin;
}

/** The file of --config. Throws Exit where the kubelet cannot read it, Unknown where we could not. */
export function configFile(process: KubeletProcess, path: string): { file: FileEvidence; text: string } {
  const file = find(process, 'config', path);
  if (file === undefined) throw new Unknown(`the evidence does not have the config file ${path}`);
  return { file, text: textOf(file, 'config file') };
}

/**
 * The drop-ins of --config-dir in the order of the kubelet's walk. Throws as configFile does.
 * Source: path/filepath.WalkDir; mergeKubeletConfigurations.
 */
export function dropInFiles(process: KubeletProcess, directory: string): { files: FileEvidence[]; dropIns: DropIn[] } {
  const root = absolute(process, directory);
  const known = process.dropInDirectories.find(({ path }) => clean(path) === root);
  // The walk of something that is not a directory visits only that; a symlink to a directory is not followed.
  const alone = known?.state === 'other';
  const inside = process.files.filter(
    ({ role, path }) => role === 'drop-in' && (alone ? clean(path) === root : isBelow(clean(path), root)),
  );
  if (known?.state === 'missing') throw new Exit(`the drop-in directory ${root} does not exist`);
  if (known?.state === 'unreadable') throw new Unknown(`the drop-in directory ${root} could not be read`);
  if (known === undefined && inside.length === 0) throw new Unknown(`the evidence does not have the directory ${root}`);
  // A symlinked directory inside is not followed, but read like a file; a real one is walked through.
  const files = inside
    .filter(({ path, state, symlink }) => isDropIn(path) && (state !== 'directory' || symlink === true))
    .toSorted((left, right) => byWalk(clean(left.path), clean(right.path)));
  return { files, dropIns: files.map((file) => ({ path: file.path, text: textOf(file, 'drop-in') })) };
}

/** The order of filepath.WalkDir: by bytes in each directory. */
function byWalk(left: string, right: string): number {
  const separator = isOfWindows(left) ? '\\' : '/';
  const rights = right.split(separator);
  for (const [at, part] of left.split(separator).entries()) {
    const order = byBytes(part, rights[at] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** The walk takes a file by its extension alone (filepath.Ext), dotfiles too. */
export function isDropIn(path: string): boolean {
  return path.endsWith('.conf');
}

function find(process: KubeletProcess, role: FileEvidence['role'], path: string): FileEvidence | undefined {
  return process.files.find((file) => file.role === role && clean(file.path) === path);
}

function textOf(file: FileEvidence, what: string): string {
  if (file.state === 'missing') throw new Exit(`the ${what} ${file.path} does not exist`);
  if (file.state === 'directory') throw new Exit(`the ${what} ${file.path} is a directory`);
  if (file.content !== undefined) return file.content;
  const why = file.withheld ?? (file.state === 'file' ? 'its text was not sent' : file.state);
  throw new Unknown(`the ${what} ${file.path} could not be read: ${why}`);
}

/** Settings that hold paths (KubeletConfigurationPathRefs in pkg/kubelet/apis/config/helpers.go). */
const PATHS: ReadonlySet<string> = new Set([
  'staticPodPath',
  'authentication.x509.clientCAFile',
  'tlsCertFile',
  'tlsPrivateKeyFile',
  'resolvConf',
  'volumePluginDir',
  'podLogsDir',
]);

/** Paths in a file are relative to the directory of that file (pkg/kubelet/kubeletconfig/configfiles). */
export function resolvePaths(setting: string, value: Value, directory: string): Value {
  if (!PATHS.has(setting) || typeof value !== 'string' || value === '') return value;
  return isAbsolute(value) && !isOfWindows(directory) ? value : beside(directory, value);
}
