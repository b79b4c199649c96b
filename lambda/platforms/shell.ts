/**
 * Commands that people paste into a POSIX shell, as root: what a node calls its files is hostile.
 * Tested by test/platforms/shell.test.ts.
 */
import { oneLine } from './wording.ts';

/** Characters; a longer path is none that anybody types. */
const LONGEST_WORD = 1024;

/**
 * A command whose insertions are words, each quoted where it must be; a list gives several. Undefined where one of them
 * cannot be written whole in a line: it has control characters, is too long or empty, or would be read as an option.
 */
export function sh(parts: TemplateStringsArray, ...inserted: (string | readonly string[])[]): string | undefined {
  const words = inserted.map((each) => (typeof each === 'string' ? [each] : each).map(shellWord));
  if (words.some((each) => each.includes(undefined))) return undefined;
  return parts.map((part, index) => part + (words[index]?.join(' ') ?? '')).join('');
}

/** One word of a shell's command; undefined where it cannot be one. */
export function shellWord(word: string): string | undefined {
  if (word === '' || word.startsWith('-') || oneLine(word, LONGEST_WORD) !== word) return undefined;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
