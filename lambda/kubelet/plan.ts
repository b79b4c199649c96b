/**
 * A change that is planned: the input of a kubelet as it would be after it. Tested by test/kubelet/plan.test.ts.
 */
import { directoryOf, resolve } from '../go/paths.ts';
import { readArguments } from './arguments.ts';
import type { FileEvidence, KubeletProcess } from './evidence.ts';
import { absolute, isDropIn } from './files.ts';
import { rulesFor } from './version.ts';

/** Texts of files, and arguments that come after those that are there. */
export type Change = {
  config?: string;
  /** By their names in the directory of drop-ins. */
  dropIns?: readonly { name: string; text: string }[];
  arguments?: readonly string[];
};

const texts = {
  noConfig: 'it has no --config, so no file would be read in its place',
  noDirectory: 'it has no --config-dir, so no drop-in would be read',
  notConf: (name: string) => `${name} would not be read: the names of drop-ins end with .conf`,
};

/** The kubelet with the change, and what of the change would have no effect on it. */
export function planned(kubelet: KubeletProcess, change: Change): { kubelet: KubeletProcess; notes: string[] } {
  const notes: string[] = [];
  const { config, dropIns = [], arguments: added = [] } = change;
  const argv = [...kubelet.argv, ...added];
  let files = kubelet.files;
  let { dropInDirectories } = kubelet;
  const file = lastOf(kubelet, argv, 'config');
  if (config !== undefined && file === undefined) notes.push(texts.noConfig);
  if (config !== undefined && file !== undefined) {
    files = written(files, { path: absolute(kubelet, file), role: 'config', state: 'file', content: config });
  }
  const named = lastOf(kubelet, argv, 'config-dir');
  if (dropIns.length > 0 && named === undefined) notes.push(texts.noDirectory);
  const directory = named === undefined ? undefined : absolute(kubelet, named);
  for (const { name, text } of directory === undefined ? [] : dropIns) {
    if (!isDropIn(name)) notes.push(texts.notConf(name));
    const path = resolve(directory ?? '/', name);
    files = written(files, { path, role: 'drop-in', state: 'file', content: text });
    const others = dropInDirectories.filter((each) => each.path !== directory);
    dropInDirectories = [...others, { path: directoryOf(path), state: 'directory' }];
  }
  return { kubelet: { ...kubelet, argv, files, dropInDirectories }, notes };
}

/** The last value of a flag; undefined where it is not given, or what is given cannot be read. */
function lastOf({ version, cwd }: KubeletProcess, argv: readonly string[], name: string): string | undefined {
  try {
    const { uses } = readArguments({ argv, cwd }, rulesFor(version));
    return uses.findLast((use) => use.name === name)?.text || undefined;
  } catch {
    // The derivation says what is wrong with the arguments.
    return undefined;
  }
}

function written(files: readonly FileEvidence[], file: FileEvidence): FileEvidence[] {
  return [...files.filter(({ path, role }) => path !== file.path || role !== file.role), file];
}
