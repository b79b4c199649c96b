/**
 * How what a node sent becomes part of a sentence: on one line, printable, bounded.
 */
import type { Source } from '../kubelet/configuration.ts';

/** Texts of a node are hostile and may be long: a sentence stays one readable line. */
const LONGEST_TEXT = 160;

/** How many names a sentence takes. */
const MOST_NAMES = 5;

/** One line of printable text of at most 160 characters, or as many as asked for, whatever a node sent. */
export function oneLine(text: string, longest = LONGEST_TEXT): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ');
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}

/** With a capital letter, as a sentence begins. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Names of a node in one line: the first five, and how many more there are. */
export function listed(names: readonly string[], separator = ', '): string {
  return joined(
    names.map((name) => oneLine(name)),
    separator,
  );
}

/** Names of a node as code, joined by "and": `` `--a` and `--b` ``. */
export function listedCode(names: readonly string[]): string {
  return joined(
    names.map((name) => `\`${oneLine(name)}\``),
    ' and ',
  );
}

function joined(names: readonly string[], separator: string): string {
  const shown = names.slice(0, MOST_NAMES).join(separator);
  return names.length > MOST_NAMES ? `${shown}${separator}${names.length - MOST_NAMES} more` : shown;
}

/** A value as people read it: `true`, `5m0s`, `[A, B]`, `""`. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return oneLine(`[${value.join(', ')}]`);
  if (typeof value === 'string') return value === '' ? '""' : oneLine(value);
  return oneLine(typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value));
}

/** A text of a node as a pattern that finds just it: RegExp.escape, which Node.js 20 does not have. */
export function verbatim(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Where a value comes from, to follow "from" or "by". */
export function origin(source: Source): string {
  switch (source.kind) {
    case 'flag':
      return `flag ${oneLine(source.where ?? '')}`;
    case 'drop-in':
      return `drop-in ${oneLine(source.where ?? '')}`;
    case 'setting':
      return `setting ${oneLine(source.where ?? '')}`;
    case 'file':
      return oneLine(source.where ?? '');
    case 'default':
      return "the kubelet's default";
    case 'legacy-default':
      return "the kubelet's default without a config file";
  }
}
