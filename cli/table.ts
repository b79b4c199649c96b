/**
 * Tables and words for a terminal. Our own, because the last column takes what room is left: cli-table3 0.6.5 prints a
 * reason of 600 characters in a row of 608, unless its caller works every width out, which is most of this file.
 */
import { styleText } from 'node:util';
import type { Finding } from '../lambda/criteria/rule.ts';
import { printable } from '../lambda/formats/text.ts';
import type { NodeLine } from '../lambda/results/node-line.ts';
import { isManualByBenchmark } from '../lambda/results/open.ts';

/** Colours only for an eye: not in a pipe, and not where NO_COLOR asks for none (no-color.org). */
export const colour = (style: Parameters<typeof styleText>[0], text: string) =>
  process.stdout.isTTY === true && !process.env.NO_COLOR ? styleText(style, text) : text;

export const STYLES = {
  pass: 'green',
  fail: 'red',
  manual: 'yellow',
  'not-applicable': 'dim',
  error: 'magenta',
  unreachable: 'magenta',
} as const;

/** The most urgent first. */
export const ORDER: readonly string[] = ['fail', 'error', 'unreachable', 'manual', 'pass', 'not-applicable'];

/** Widest line where the terminal does not say how wide it is. */
const WIDTH = 120;
/** Least room that reasons are given beside the other columns. */
const NARROWEST = 40;

/** One rule's verdict on every node: node, cluster, status and why, the most urgent first. */
export function nodeTable(
  lines: readonly NodeLine[],
  rule: string,
  columns: number | undefined = process.stdout.columns,
): string {
  const rows = lines
    .map((line) => rowOf(line, rule))
    .sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || a.node.localeCompare(b.node));
  const wide = (pick: (row: Row) => string, title: string) =>
    Math.max(title.length, ...rows.map((row) => pick(row).length));
  const node = wide((row) => row.node, 'NODE');
  const cluster = wide((row) => row.cluster, 'CLUSTER');
  const status = wide((row) => row.status, 'STATUS');
  const before = node + cluster + status + 6;
  if (columns !== undefined && columns < before + NARROWEST) return nodeList(rows, columns);
  const room = Math.max(NARROWEST, (columns ?? WIDTH) - before);
  const text = [`${'NODE'.padEnd(node)}  ${'CLUSTER'.padEnd(cluster)}  ${'STATUS'.padEnd(status)}  WHY`];
  for (const row of rows) {
    const [first = '', ...others] = wrap(row.why, room);
    const cells = `${row.node.padEnd(node)}  ${row.cluster.padEnd(cluster)}`;
    text.push(`${cells}  ${colour(STYLES[row.status], row.status.padEnd(status))}  ${first}`);
    for (const other of others) text.push(' '.repeat(before) + other);
  }
  return `${text.join('\n')}\n`;
}

/** The same where four columns do not fit beside each other. */
function nodeList(rows: readonly Row[], columns: number): string {
  const text = rows.flatMap((row) => [
    `${colour(STYLES[row.status], row.status)} ${row.node}, ${row.cluster}`,
    ...wrap(row.why, Math.max(20, columns - 2)).map((line) => `  ${line}`),
  ]);
  return `${text.join('\n')}\n`;
}

type Row = { node: string; cluster: string; status: keyof typeof STYLES; why: string };

function rowOf(line: NodeLine, rule: string): Row {
  const { node } = line;
  const row = {
    node: printable(node.name ? `${node.name} (${node.id})` : node.id),
    cluster: printable(node.cluster ?? '-'),
  };
  if (line.coverage === 'unreachable') {
    return { ...row, status: 'unreachable', why: printable(`${line.reason}: ${line.detail ?? ''}`) };
  }
  const finding = line.findings.find((one) => one.rule === rule);
  if (!finding) return { ...row, status: 'not-applicable', why: `no benchmark of this node asks for ${rule}` };
  // Some reasons already say what an advisory of theirs repeats.
  const news = finding.advisories.filter(({ text }) => !finding.reason.includes(text.replace(/\.$/, '')));
  const notes = news.map(({ id, text }) => `[${id}] ${text}`);
  const waived = finding.waiver ? ` Accepted until ${finding.waiver.until} by ${finding.waiver.owner}.` : '';
  return { ...row, status: finding.status, why: printable([finding.reason + waived, ...notes].join(' ')) };
}

/** One node's findings in full, for `check`: the most urgent first, and at the end how many there are of each. */
export function findingList(findings: readonly Finding[]): string {
  const text: string[] = [];
  const width = Math.max(40, (process.stdout.columns ?? WIDTH) - 18);
  const indented = (label: string, body: string) => {
    const [first = '', ...others] = wrap(printable(body), width);
    text.push(`  ${label.padEnd(14)}  ${first}`, ...others.map((other) => ' '.repeat(18) + other));
  };
  for (const finding of findings.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status))) {
    const answered = finding.controls.map(({ benchmark, control }) => `${benchmark}/${control}`).join(', ');
    const controls = isManualByBenchmark(finding) ? `${answered}, manual by the benchmark` : answered;
    text.push(
      `${colour(STYLES[finding.status], finding.status.toUpperCase())} ${finding.rule}${controls ? ` (${controls})` : ''}`,
    );
    indented('why', finding.reason);
    for (const { id, text: advice } of finding.advisories) indented(id.length > 14 ? 'advisory' : id, advice);
    if (finding.remediation !== undefined) indented('do', finding.remediation);
  }
  const counts = Map.groupBy(findings, ({ status }) => status);
  const told = ORDER.flatMap((status) => {
    const found = counts.get(status as Finding['status']);
    return found ? [`${found.length} ${status}`] : [];
  });
  return `${[...text, '', told.join(', ') || 'No rule applies'].join('\n')}.\n`;
}

/** Breaks a text at its spaces into lines of at most `width` characters, where its words let it. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
