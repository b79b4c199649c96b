/**
 * What each layer of a kubelet's configuration says, one by one, before any overrides another: its config file, each drop-in
 * in the kubelet's order, each argument; and what is written there and not read. Tested by test/criteria/explanation.test.ts.
 */
import { Exit, Unknown } from '../go/outcome.ts';
import { clean, directoryOf, isBelow } from '../go/paths.ts';
import { readArguments } from './arguments.ts';
import { sourceIn } from './bottlerocket.ts';
import type { Source } from './configuration.ts';
import { decode } from './decode.ts';
import { type Reading, readDocument } from './document.ts';
import { matchingOf, readingOf } from './drop-ins.ts';
import type { KubeletProcess } from './evidence.ts';
import { absolute, configFile, type DropIn, dropInFiles, isDropIn, resolvePaths } from './files.ts';
import { defaults } from './layers.ts';
import { fold, type ObjectType, schemaOf } from './schema.ts';
import { toPlain, type Value } from './values.ts';
import { rulesFor } from './version.ts';

/** One layer's word on one setting. */
export type Statement = { setting: string; value: unknown; source: Source };

/** What is written and has no effect: a key of a file, or a whole file; `meant` is the setting whose name it nearly has. */
export type Unread = {
  where: string;
  key?: string;
  meant?: string;
  why: 'case' | 'unknown' | 'name' | 'unreadable';
  problem?: string;
};

export type Statements = { statements: Statement[]; unread: Unread[] };

/** All that is written, in the order in which the kubelet lays it over each other. Never throws. */
export function statementsOf(process: KubeletProcess): Statements {
  const found: Statements = { statements: [], unread: [] };
  const rules = rulesFor(process.version);
  const arguments_ = attempt('the command line', found, () => readArguments(process, rules));
  const uses = arguments_?.uses ?? [];
  const named = (name: string) => uses.findLast((use) => use.name === name)?.text ?? '';
  const config = named('config');
  if (config !== '') {
    const where = absolute(process, config);
    attempt(where, found, () => {
      const { text } = configFile(process, where);
      fileSays(found, { path: where, text }, (setting) => sourceIn(process, where, setting), 'file', rules.minor);
    });
  }
  const directory = named('config-dir');
  if (directory !== '') {
    const root = absolute(process, directory);
    const dropIns = attempt(root, found, () => dropInFiles(process, directory).dropIns) ?? [];
    const how = readingOf(rules.minor);
    for (const { path, text } of dropIns) {
      attempt(path, found, () =>
        fileSays(found, { path, text }, () => ({ kind: 'drop-in', where: path }), how, rules.minor),
      );
    }
    const inside = process.files.filter(({ role, path }) => role === 'drop-in' && isBelow(clean(path), root));
    for (const { path } of inside) if (!isDropIn(path)) found.unread.push({ where: path, why: 'name' });
  }
  for (const { name, flag, value, written } of uses) {
    // A variable of its own, which is added to the setting where pods are started.
    const setting = name === 'seccomp-default' ? 'seccompDefault' : flag.setting;
    if (setting === undefined) continue;
    found.statements.push({ setting, value: toPlain(value as Value), source: { kind: 'flag', where: written } });
  }
  return found;
}

/** What the kubelet has where nobody says anything, by the path of the setting. */
export function defaultsOf(process: KubeletProcess, hasFile: boolean): (setting: string) => unknown {
  const layers = defaults(rulesFor(process.version).minor, hasFile);
  return (setting) => toPlain(layers[setting]?.value ?? null);
}

function attempt<T>(where: string, { unread }: Statements, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Exit || error instanceof Unknown)) throw error;
    unread.push({ where, why: 'unreadable', problem: error.message });
    return undefined;
  }
}

function fileSays(
  found: Statements,
  { path: where, text }: DropIn,
  sourceOf: (setting: string) => Source,
  how: Reading,
  minor: number,
): void {
  const schema = schemaOf(minor);
  const decoded = decode(readDocument(text, how), matchingOf(how), schema);
  // Paths of a patch stay as they are written, and are the working directory's.
  const plain = (setting: string, value: Value) =>
    toPlain(how === 'file' ? resolvePaths(setting, value, directoryOf(where)) : value);
  for (const [setting, { value }] of decoded.found) {
    const type = schema.settings.get(setting);
    // An object that may be absent is told by its fields.
    if (type?.kind === 'object') continue;
    found.statements.push({ setting, value: plain(setting, value), source: sourceOf(setting) });
  }
  for (const key of decoded.unknown) {
    const meant = meantBy(key, schema.root);
    found.unread.push({
      where,
      key,
      ...(meant !== undefined && { meant }),
      why: meant === undefined ? 'unknown' : 'case',
    });
  }
}

/** The setting whose name is this one in another case. */
function meantBy(key: string, root: ObjectType): string | undefined {
  let type: ObjectType | undefined = root;
  const names: string[] = [];
  for (const part of key.split('.')) {
    const name: string | undefined = type?.folded.get(fold(part));
    if (type === undefined || name === undefined) return undefined;
    names.push(name);
    const next = type.fields.get(name);
    type = next?.kind === 'object' ? next : undefined;
  }
  return names.join('.');
}
