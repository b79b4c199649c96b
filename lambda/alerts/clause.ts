/** How much of a remedy or a reason one line of a message has. Tested by test/alerts/message.test.ts. */
import { type Step, sentence } from '../platforms/step.ts';
import { count } from './text.ts';

/** Longest clause that is shown of a remedy, and longest one that is shown because it begins with a command. */
const CLAUSE = 140;
const MOST = 200;
/** Longest quotation that stays whole in a clause that is too long. */
const QUOTED = 60;

/** The first thing to do, behind which stands what must be made sure of before, and how much more there is of that. */
export function whatToDo(steps: readonly [Step, ...Step[]]): string {
  const [first] = steps;
  const before = steps.findIndex(({ text }) => !text.startsWith('First '));
  const thing = steps[before];
  if (before < 1 || !thing) return firstThing(first);
  // Why it must be made sure of stands in the report.
  const [condition = ''] = /^(?:`[^`]*`|[^`])*?(?=: |$)/.exec(firstThing(first)) ?? [];
  const more = before === 1 ? '' : ` and ${count(before - 1, 'more thing')}`;
  return `${firstThing(thing)}, but f${condition.slice(1)}${more}`;
}

/** The first step in few words; a command is there whole or not at all. */
function firstThing(step: Step): string {
  const clause = clauseOf(sentence(step));
  return clause.length <= CLAUSE ? clause : firstClause(step.text);
}

/** The first thing that a text says: up to where its clause ends outside of a quotation. The report has all of it. */
export function firstClause(whole: string): string {
  if (clauseOf(whole).length <= CLAUSE) return clauseOf(whole);
  const clause = clauseOf(
    whole.replaceAll(/`([^`]+)`/g, (quotation, typed: string) =>
      typed.length > QUOTED ? `\`${nameOf(typed)}…\`` : quotation,
    ),
  );
  return clause.length <= CLAUSE ? clause : `${clause.slice(0, endOfWords(clause)).replace(/[,:]? $/, '')}…`;
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

/** Of a flag or a setting with a long value its name is enough, of a command what runs: nobody can type half of one. */
function nameOf(typed: string): string {
  return /^(?:--?[\w.-]+=|[\w.]+: |\S{1,40} ?)/.exec(typed)?.[0] ?? '';
}

function clauseOf(text: string): string {
  const [clause = text] = /^(?:`[^`]*`|[^`])*?(?=(?:[;.](?:\s|$))|, and )/.exec(text) ?? [];
  return clause;
}
