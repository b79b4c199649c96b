/**
 * The e-mail: plain text that a person who was just woken reads from the top and may stop reading at any line.
 * Tested by test/alerts/message.test.ts.
 */
import type { AlertInput } from './alert.ts';
import { anchor, coverage, phrases, reportLocation, reportUrl, runbookUrl, scope } from './headline.ts';
import { type Section, sections } from './sections.ts';
import { clean, list, number } from './text.ts';

/** Lines in all: what is read in 20 seconds. */
const LINES = 25;
/** Characters of one line. */
const LINE = 360;
/** Rules that the line that counts the rest names. */
const RULES = 6;

/**
 * Renders the body of the e-mail, at most 25 lines with `\n` between them. Each section has at least its title, with
 * how many things it speaks of; the lines that are left go to the most urgent things, and what is cut is counted by rule.
 */
export function email(input: AlertInput): string {
  const topics = sections(input);
  const top = [`${clean(scope(input), 80)}: ${phrases(input).join(', ')}.`, ...coverage(input)];
  const bottom = ['', ...reportLines(input)];
  // A section costs a blank line, its title, and, as long as something is missing, the line that counts it.
  let free = LINES - top.length - bottom.length - topics.length * 3;
  const shown = topics.map(() => 0);
  // In turn, so that each section gets its first things before any gets its last; the rest is for the most urgent.
  for (const most of [1, 3, LINES]) {
    for (const [index, { entries }] of topics.entries()) {
      const more = Math.min(free, Math.max(0, Math.min(most, entries.length) - (shown[index] ?? 0)));
      shown[index] = (shown[index] ?? 0) + more;
      free -= more;
    }
  }
  const body = topics.flatMap((section, index) => ['', ...sectionLines(section, shown[index] ?? 0)]);
  return [...top.map((line) => clean(line, 600)), ...body, ...bottom].join('\n');
}

function sectionLines(section: Section, shown: number): string[] {
  const told = section.entries
    .slice(0, shown)
    .map(({ head, link }) => [clean(`- ${head}`, LINE), link].filter(Boolean).join(' '));
  const rest = remaining(section, shown);
  return [section.title, ...told, ...(rest === undefined ? [] : [clean(`- ${rest}`, LINE)])];
}

/** `and 1,204 more: read-only-port 800, event-record-qps 404`; nothing where all is told. */
export function remaining({ entries, totals }: Section, shown: number): string | undefined {
  const told = new Map<string, number>();
  for (const { of, covers } of entries.slice(0, shown)) told.set(of, (told.get(of) ?? 0) + covers);
  const sums = new Map<string, number>();
  for (const { of, total } of totals) sums.set(of, (sums.get(of) ?? 0) + total);
  const left = [...sums]
    .map(([of, total]) => [of, total - (told.get(of) ?? 0)] as const)
    .filter(([, rest]) => rest > 0);
  if (left.length === 0) return undefined;
  left.sort(([, a], [, b]) => b - a);
  const sum = left.reduce((total, [, rest]) => total + rest, 0);
  const words = left.slice(0, RULES).map(([of, rest]) => `${clean(of, 64)} ${number(rest)}`);
  return `and ${number(sum)} more: ${list(words, left.length)}`;
}

function reportLines(input: AlertInput): string[] {
  const url = reportUrl(input);
  const location = reportLocation(input) ?? clean(input.report.location, 600);
  const id = clean(input.scan.id, 128);
  const node = input.report.isPage ? ' (a node: add #node=ID)' : '';
  const help = runbookUrl(input);
  const witness = anchor(input);
  return [
    ...(help === undefined ? [] : [`Runbook: ${help}`]),
    ...(url === undefined
      ? [`Report: ${location}`, `Scan ${id}`]
      : [`Report: ${url}${node}`, `Scan ${id}, kept at ${location}`]),
    ...(witness === undefined ? [] : [`Keep this message, it is a witness: verify --anchor ${witness}`]),
  ];
}
