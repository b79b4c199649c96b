/** Splits a text into arguments as a shell would, without anything that a shell would do beyond. */
import { InputError } from './problems.ts';

/** A run of plain characters, one that is escaped, or one in quotes. */
const PART = /[^\s\\'"]+|\\([\s\S])|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"/y;

/** The arguments of a text. Throws an InputError where a quote does not end. */
export function words(text: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at] ?? '')) {
      if (word !== undefined) found.push(word);
      word = undefined;
      at += 1;
      continue;
    }
    PART.lastIndex = at;
    const part = PART.exec(text);
    if (!part) throw new InputError(`a quote in ${JSON.stringify(text)} does not end`);
    const [whole, escaped, single, double] = part;
    word = (word ?? '') + (escaped ?? single ?? double?.replaceAll(/\\([\\"$`])/g, '$1') ?? whole);
    at = PART.lastIndex;
  }
  return word === undefined ? found : [...found, word];
}

/** What follows --args begins with dashes, and is its value all the same. */
export function withArguments(args: readonly string[]): string[] {
  const at = args.indexOf('--args');
  const value = args[at + 1];
  if (at === -1 || value === undefined) return [...args];
  return [...args.slice(0, at), `--args=${value}`, ...args.slice(at + 2)];
}
