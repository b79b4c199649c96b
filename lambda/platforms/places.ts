/**
 * Where flags and settings are written on a node; flags are tested by test/criteria/remedy.test.ts too.
 */
import type { Source } from '../kubelet/configuration.ts';
import type { NodeFacts } from './platform.ts';
import { listed, oneLine, verbatim } from './wording.ts';

/** `/etc/systemd/system/kubelet.service.d/10-kubeadm.conf line 7`, where the collector saw the flag written. */
export function flagPlaces(node: NodeFacts, flag: string): string | undefined {
  const lines = node.kubelet.files.flatMap((file) =>
    (file.flags ?? [])
      .filter((entry) => entry.name.replaceAll('_', '-') === flag)
      .map((entry) => `${oneLine(file.path)} line ${entry.line}`),
  );
  return lines.length > 0 ? listed(lines, ' and ') : undefined;
}

/**
 * `line 3 of /etc/k.yaml`, `argument --x=1, written in /etc/default/kubelet line 2`: where a source stands, for people; `path`
 * is what it says, if that is known.
 */
export function placeOf(node: NodeFacts, { kind, where = '' }: Source, path?: string): string {
  if (kind === 'flag') {
    const [, flag = ''] = /^--?([^=\s]+)/.exec(where) ?? [];
    const written = flagPlaces(node, flag.replaceAll('_', '-'));
    return `argument ${oneLine(where)}${written === undefined ? '' : `, written in ${written}`}`;
  }
  const content = node.kubelet.files.find((file) => file.path === where)?.content;
  // What settings make is derived, with lines of its own.
  const line = path === undefined || node.kubelet.settings !== undefined ? undefined : lineOf(content, path);
  return `${line === undefined ? '' : `line ${line} of `}${oneLine(where)}`;
}

/** A file that holds nothing but the kubelet's arguments, one a line: MicroK8s has one. */
export function argumentsFile({ kubelet }: NodeFacts): string | undefined {
  return kubelet.files.find(({ role, path }) => role === 'environment' && path.endsWith('/args/kubelet'))?.path;
}

/** In characters and in parts: names of settings are a fifth of it, and what a node calls its keys is searched for no further. */
const LONGEST_PATH = 256;
const MOST_PARTS = 16;

/**
 * 1-based line of a setting in YAML or JSON, found by its keys in turn; good enough to point a person at it. Undefined where
 * it is not found, and for keys that no setting has: a long path, or a part that is blank or has blanks around it.
 */
export function lineOf(content: string | undefined, path: string): number | undefined {
  if (content === undefined || path.length > LONGEST_PATH) return undefined;
  const keys = path.split('.');
  if (keys.length > MOST_PARTS || keys.some((key) => key === '' || key !== key.trim())) return undefined;
  const { spoken, lines } = readingOf(content);
  const known = lines.get(path);
  if (known !== undefined || lines.has(path)) return known;
  const line = lineIn(spoken, keys);
  lines.set(path, line);
  return line;
}

type Reading = { spoken: string; lines: Map<string, number | undefined> };

/** The last texts: all settings of a node's files are looked for one after the other, and then those of the next, mostly the same. */
const readings = new Map<string, Reading>();
const MOST_READINGS = 8;

function readingOf(content: string): Reading {
  const reading = readings.get(content) ?? { spoken: withoutComments(content), lines: new Map() };
  if (!readings.has(content) && readings.size >= MOST_READINGS) readings.clear();
  readings.set(content, reading);
  return reading;
}

/** Comments say nothing; the lines stay where they are. */
function withoutComments(content: string): string {
  return content.replace(/^[ \t]*#.*$/gm, (comment) => ' '.repeat(comment.length));
}

function lineIn(spoken: string, keys: readonly string[]): number | undefined {
  let at = 0;
  for (const key of keys) {
    const found = spoken.slice(at).matchAll(new RegExp(`(^|[\\s{,"'])${verbatim(key)}["']?\\s*:`, 'gm'));
    // Of a key that is there twice the last one counts; below another key, names repeat for other reasons.
    const match = keys.length === 1 ? [...found].at(-1) : found.next().value;
    if (!match) return undefined;
    at += match.index + match[0].length;
  }
  let line = 1;
  for (let end = spoken.indexOf('\n'); end !== -1 && end < at; end = spoken.indexOf('\n', end + 1)) line += 1;
  return line;
}
