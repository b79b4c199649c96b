/** How much of a remedy or a reason one line of a message has. Tested by test/alerts/message.test.ts. */
import { type Step, sentence } from '../platforms/step.ts';

/** Longest clause that is shown of a remedy, and longest one that is shown because it begins with a command. */
const CLAUSE = 140;
const MOST = 200;

/** The first step in few words; a command is there whole or not at all. */
export function firstThing(step: Step): string {
  const clause = clauseOf(sentence(step));
  return clause.length <= CLAUSE ? clause : firstClause(step.text);
}

/** The first thing that a text says: up to where its clause ends outside of a quotation. The report has all of it. */
export function firstClause(whole: string): string {
  // Of a setting with a long value its name is enough.
  const text = whole.replaceAll(/`([\w.]+): [^`]{60,}`/g, '`$1: …`');
  const clause = clauseOf(text);
  return clause.length <= CLAUSE ? clause : `${clause.slice(0, endOfWords(clause)).replace(/,? $/, '')}…`;
}

/** Where a long text may end: behind a comma, else a word, outside of quotations and brackets, for half a command is none. */
function endOfWords(text: string): number {
  let [depth, end, comma] = [0, 0, 0];
  let isQuoted = false;
  for (const [index, letter] of [...text.slice(0, MOST)].entries()) {
    if (letter === '`') isQuoted = !isQuoted;
    else if (letter === '(' && !isQuoted) depth += 1;
    else if (letter === ')' && !isQuoted) depth -= 1;
    else if (letter === ' ' && !isQuoted && depth <= 0) {
      if (index > CLAUSE && end > CLAUSE / 3) break;
      end = index + 1;
      if (text[index - 1] === ',') comma = end;
    }
  }
  return comma > CLAUSE / 3 ? comma : end > 0 ? end : CLAUSE;
}

function clauseOf(text: string): string {
  const [clause = text] = /^(?:`[^`]*`|[^`])*?(?=(?:[;.](?:\s|$))|, and )/.exec(text) ?? [];
  return clause;
}
