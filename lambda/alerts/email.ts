/**
 * The e-mail: plain text that a person who was just woken reads from the top and may stop reading at any line.
 * Tested by test/alerts/message.test.ts.
 */
import type { AlertInput } from './alert.ts';
import { coverage, phrases, reportLocation, reportUrl } from './headline.ts';
import { type Entry, type Section, sections } from './sections.ts';
import { clean, count, number } from './text.ts';

/** Lines in all: one screen. */
const LINES = 40;
/** Characters of one line; a remediation must stay whole. */
const HEAD = 240;
const DETAIL = 600;
const LABEL = 7;

/**
 * Renders the body of the e-mail, at most 40 lines with `\n` between them. Each section has at least its title, with
 * how many things it speaks of; the lines that are left go to the most urgent things, and what is cut is counted.
 */
export function email(input: AlertInput): string {
  const topics = sections(input);
  const top = [capital(`${phrases(input).join(', ')}.`), ...coverage(input)].map((line) => clean(line, DETAIL));
  const bottom = ['', ...reportLines(input)];
  // A section costs a blank line, its title, and, as long as something is missing, the line that counts it.
  let free = LINES - top.length - bottom.length - topics.length * 3;
  const shown = topics.map(() => 0);

  function fill(most: number): void {
    for (const [index, { entries }] of topics.entries()) {
      let next = shown[index] ?? 0;
      for (; next < Math.min(most, entries.length); next += 1) {
        const entry = entries[next];
        if (entry === undefined || height(entry) > free) break;
        free -= height(entry);
      }
      shown[index] = next;
    }
  }
  // Every section gets its first thing before any gets its second.
  fill(1);
  fill(Number.POSITIVE_INFINITY);

  const body = topics.flatMap((section, index) => ['', ...sectionLines(section, shown[index] ?? 0)]);
  return [...top, ...body, ...bottom].join('\n');
}

function height({ lines }: Entry): number {
  return 1 + lines.length;
}

function sectionLines({ title, entries, total, unit }: Section, shown: number): string[] {
  const listed = entries.slice(0, shown);
  const remaining = total - listed.reduce((sum, { covers }) => sum + covers, 0);
  const [, many] = unit;
  return [
    `${title} (${number(total)})`,
    ...listed.flatMap(({ head, lines }) => [
      clean(`- ${head}`, HEAD),
      ...lines.map(({ label, text }) => `  ${`${label}:`.padEnd(LABEL)}${clean(text, DETAIL)}`),
    ]),
    ...(remaining > 0
      ? [`${listed.length > 0 ? '- and ' : '- '}${count(remaining, `more ${unit[0]}`, `more ${many}`)}: see the report`]
      : []),
  ];
}

function reportLines(input: AlertInput): string[] {
  const url = reportUrl(input);
  const location = reportLocation(input) ?? clean(input.report.location, DETAIL);
  const id = clean(input.scan.id, 128);
  return url === undefined
    ? [`Report: ${location}`, `Scan ${id}`]
    : [`Report: ${url}`, `Scan ${id}, kept at ${location}`];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
