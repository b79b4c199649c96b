/** Texts in the width of a terminal. Tested by test/cli/table.test.ts. */

/**
 * Breaks a text at its spaces into lines of at most `width` characters; a word that is longer, such as a path, behind one of
 * its separators.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((each) => pieces(each, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A word in pieces that fit, each as long as may be: paths and lists break where people would break them. */
function pieces(word: string, width: number): string[] {
  if (word.length <= width) return [word];
  const most = word.slice(0, width);
  const first = /^.+\//.exec(most)?.[0] ?? /^.+[,:=.-]/.exec(most)?.[0] ?? most;
  return [first, ...pieces(word.slice(first.length), width)];
}

/**
 * A text that is to be read as it is, such as a message or a table of options: a line that is too long goes on below where its
 * text begins, behind the mark of a list or in the second column.
 */
export function fitted(text: string, columns: number | undefined, indent = ''): string {
  const lines = text.split('\n').flatMap((line) => {
    const room = (columns ?? Number.POSITIVE_INFINITY) - indent.length;
    const own = beginning(line, room);
    const parts = wrap(line.slice(own), Math.max(20, room - own));
    return parts.map((part, index) => indent + (index === 0 ? line.slice(0, own) : ' '.repeat(own)) + part);
  });
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** Where a line's text begins: in its second column, where that leaves half of the room. */
function beginning(line: string, room: number): number {
  const column = /^ +\S(?:\S| (?! ))* {2,}(?=\S)/.exec(line)?.[0].length;
  if (column !== undefined && column <= room / 2) return column;
  return /^ *(?:- )?/.exec(line)?.[0].length ?? 0;
}

/** Help, readable also where nothing says how wide the terminal is. */
export function helpText(text: string, columns = process.stdout.columns ?? HELP_WIDTH): string {
  return fitted(joined(text.split('\n')).join('\n'), columns);
}

const HELP_WIDTH = 100;

/** Where the second column of a table of options begins at the least; less indented lines stand for themselves. */
const SECOND_COLUMN = 10;

/** Paragraphs and second columns as one line each, so that they break where the terminal ends and not where the source does. */
function joined(lines: readonly string[]): string[] {
  const whole: string[] = [];
  let column = -1;
  for (const line of lines) {
    const indent = line.search(/\S/);
    const goesOn = indent === column && (indent === 0 || indent >= SECOND_COLUMN) && !/^\S[^.]*: /.test(line);
    if (goesOn) whole.push(`${whole.pop()} ${line.trim()}`);
    else {
      whole.push(line);
      column = indent === -1 ? -2 : beginning(line, Number.POSITIVE_INFINITY);
    }
  }
  return whole;
}
