/**
 * Words and numbers in alerts. Names of nodes and clusters are tags that anybody with ec2:CreateTags may write, and
 * reasons quote files of the node: all of it is hostile until it went through `clean`.
 */

/** Invisible characters: controls, terminal escapes, bidirectional overrides, zero-width, unassigned, line separators. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
const SPACES = /\s+/gu;
/** More marks on one letter than any language needs make a line as tall as a screen. */
const STACKED_MARKS = /(\p{M}{2})\p{M}+/gu;
/** An address that a mail or chat program would turn into a link that we did not write. */
const SCHEME = /:(?=\/\/)/g;

/** One line of visible text of at most `length` characters, for a program or a log. */
export function visible(text: string, length: number): string {
  // Bounded before the expressions run: a tag is short, but a path of a hostile node may be a megabyte.
  const bounded = text.slice(0, length * 4).toWellFormed();
  const line = bounded.replace(SPACES, ' ').replace(INVISIBLE, '\u{fffd}').replace(STACKED_MARKS, '$1').trim();
  return cut(text.length > bounded.length ? `${line}…` : line, length);
}

/** The same for people: addresses in it are no links. */
export function clean(text: string, length: number): string {
  return cut(visible(text, length).replace(SCHEME, '[:]'), length);
}

/** At most `length` UTF-16 units, whole characters, with `…` where something is missing. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  let end = length - 1;
  // Not between the two halves of a character.
  if (end > 0 && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end -= 1;
  return `${text.slice(0, end).trimEnd()}…`;
}

/** `1,204`. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 node`, `12 nodes`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** `2026-11-23 02:03 UTC`, from ISO 8601. */
export function time(iso: string): string {
  return `${written(iso).slice(0, 16).replace('T', ' ')} UTC`;
}

/** `2026-11-23`, from ISO 8601; in UTC. */
export function day(iso: string): string {
  return written(iso).slice(0, 10);
}

/** `a, b and 3 more`; `total` counts also what is not in `parts`. */
export function list(parts: string[], total: number): string {
  const remaining = total - parts.length;
  return remaining > 0 ? `${parts.join(', ')} and ${number(remaining)} more` : parts.join(', ');
}

function written(iso: string): string {
  const milliseconds = Date.parse(iso);
  return Number.isNaN(milliseconds) ? '(unknown time)' : new Date(milliseconds).toISOString();
}
