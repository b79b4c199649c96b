/**
 * The e-mail: plain text that a person who was just woken reads from the top and may stop reading at any line.
 * Tested by test/alerts/message.test.ts.
 */
import type { AlertInput } from './alert.ts';
import { anchor, coverage, phrases, reportLocation, reportUrl, runbookUrl, scope } from './headline.ts';
import { type Section, sections } from './sections.ts';
import { clean, list, number } from './text.ts';

/** Lines to read: what takes 20 seconds. The addresses below them are for clicking. */
const LINES = 25;
/** Characters of one line. */
const LINE = 360;
/** Rules that the line that counts the rest names. */
const RULES = 6;

/**
 * Renders the body of the e-mail, at most 25 lines to read with `\n` between them, and below them the addresses to which
 * `[1]` in them refers. Each section has at least its title, with how many things it speaks of; the lines that are left go to
 * the most urgent things, and what is cut is counted by rule.
 */
export function email(input: AlertInput): string {
  const topics = sections(input);
  const top = [`${clean(scope(input), 80)}: ${phrases(input).join(', ')}.`, ...coverage(input)];
  const bottom = ['', ...reportLines(input)];
  const shown = topics.map(() => 0);
  // A section costs a blank line, its title, and, as long as something is missing, the line that counts it.
  const costOf = (section: Section, most: number) => 2 + most + (remaining(section, most) === undefined ? 0 : 1);
  let free = LINES - top.length - bottom.length - topics.reduce((sum, section) => sum + costOf(section, 0), 0);
  // In turn, so that each section gets its first things before any gets its last; the rest is for the most urgent.
  for (const most of [1, 3, LINES]) {
    for (const [index, section] of topics.entries()) {
      const wanted = Math.min(most, section.entries.length);
      for (let next = (shown[index] ?? 0) + 1; next <= wanted; next += 1) {
        const more = costOf(section, next) - costOf(section, next - 1);
        if (more > free) break;
        shown[index] = next;
        free -= more;
      }
    }
  }
  const links: string[] = [];
  const body = topics.flatMap((section, index) => ['', ...sectionLines(section, shown[index] ?? 0, links)]);
  const addresses = links.map((link, index) => `[${index + 1}] ${link}`);
  return [...top.map((line) => clean(line, 600)), ...body, ...bottom, ...addresses].join('\n');
}

/** The lines of a section; the addresses of those that are shown join `links`, each once. */
function sectionLines(section: Section, shown: number, links: string[]): string[] {
  const told = section.entries.slice(0, shown).map(({ head, link }) => {
    const line = clean(`- ${head}`, LINE);
    if (link === undefined) return line;
    if (!links.includes(link)) links.push(link);
    return `${line} [${links.indexOf(link) + 1}]`;
  });
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
  const help = runbookUrl(input);
  const witness = anchor(input);
  return [
    ...(help === undefined ? [] : [`Runbook: ${help}`]),
    ...(url === undefined
      ? [`Report: ${location}`, `Scan ${id}`]
      : [`Report: ${url}`, `Scan ${id}, kept at ${location}`]),
    ...(witness === undefined ? [] : [`Keep this message, it is a witness: verify --anchor ${witness}`]),
  ];
}
