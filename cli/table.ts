/**
 * Tables and words for a terminal. Our own, because the last column takes what room is left: cli-table3 0.6.5 prints a
 * reason of 600 characters in a row of 608, unless its caller works every width out, which is most of this file.
 */
import { styleText } from 'node:util';
import { count } from '../lambda/alerts/text.ts';
import { causeIn } from '../lambda/criteria/check-settings.ts';
import { type Finding, SEVERITIES } from '../lambda/criteria/rule.ts';
import { printable } from '../lambda/formats/text.ts';
import { isAtRisk, risksOf } from '../lambda/results/at-risk.ts';
import type { NodeLine } from '../lambda/results/node-line.ts';
import { notJudged } from '../lambda/results/not-judged.ts';
import { isManualByBenchmark } from '../lambda/results/open.ts';
import { wrap } from './wrap.ts';

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
  'pass, at risk': 'red',
} as const;

/** The most urgent first. */
export const ORDER: readonly string[] = [
  'fail',
  'pass, at risk',
  'error',
  'unreachable',
  'manual',
  'pass',
  'not-applicable',
];

/** Widest line where the terminal does not say how wide it is. */
const WIDTH = 120;
/** The least that a text is given beside its label, where the terminal is narrow. */
const NARROW = 22;
/** Least room that reasons are given beside the other columns. */
const NARROWEST = 40;

/** Nodes that have a row each; of more, those of one cluster with one verdict share one. */
const MOST_ROWS = 40;
/** Longest list of groups and of nodes at risk. */
const MOST_LINES = 25;

/**
 * One rule's verdict on every node: node, cluster, status and why, the most urgent first. Of more than 40 nodes, those with
 * one verdict are one row, unless all are wanted.
 */
export function nodeTable(
  lines: readonly NodeLine[],
  rule: string,
  columns: number | undefined = process.stdout.columns,
  all = false,
): string {
  const each = lines.map((line) => rowOf(line, rule));
  const groups = all || each.length <= MOST_ROWS ? each : together(each);
  const sorted = groups.sort(
    (a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || a.node.localeCompare(b.node),
  );
  const rows = all || each.length <= MOST_ROWS ? sorted : sorted.slice(0, MOST_LINES);
  const rest =
    sorted.length > rows.length ? `and ${sorted.length - rows.length} more rows; the rest is in the report\n` : '';
  return tableOf(rows, columns) + rest;
}

/** Rows of one cluster, status and reason as one, which names the first node and counts the others. */
function together(rows: readonly Row[]): Row[] {
  return [...Map.groupBy(rows, ({ cluster, status, why }) => JSON.stringify([cluster, status, why])).values()].map(
    (group) => {
      const [first] = group as [Row];
      return group.length === 1 ? first : { ...first, node: `${first.node} and ${group.length - 1} more` };
    },
  );
}

/** The nodes that will stop, the first to stop first: when, which, and by which rule. */
export function atRiskList(lines: readonly NodeLine[]): string {
  const risks = lines.flatMap((line) =>
    risksOf(line)
      .slice(0, 1)
      .map((risk) => ({ ...risk, node: line.node })),
  );
  if (risks.length === 0) return '';
  risks.sort((a, b) => (a.on ?? '').localeCompare(b.on ?? ''));
  const told = risks.slice(0, MOST_LINES).map(({ node, finding, on }) => {
    const when = on === undefined ? 'at the next start' : on.slice(0, 10);
    return printable(`  ${when.padEnd(17)}  ${node.id} ${node.name ?? ''} in ${node.cluster ?? '-'}: ${finding.rule}`);
  });
  const rest = risks.length > told.length ? [`  and ${risks.length - told.length} more; the report has all`] : [];
  return `At risk, ${risks.length} of ${lines.length} nodes:\n${[...told, ...rest].join('\n')}\n`;
}

/** Rules that could not be judged: one line for all nodes of a cluster on which one cause keeps as many from being judged. */
export function notJudgedList(lines: readonly NodeLine[]): string {
  const groups = new Map<string, { rules: number; cluster: string; reason: string; nodes: string[] }>();
  for (const { node, findings } of lines) {
    const errors = findings.filter(({ status }) => status === 'error');
    const [first] = errors;
    if (!first) continue;
    const { cluster = '-' } = node;
    const key = JSON.stringify([errors.length, cluster, first.reason]);
    const group = groups.get(key) ?? { rules: errors.length, cluster, reason: first.reason, nodes: [] };
    groups.set(key, group);
    group.nodes.push(node.id);
  }
  const sorted = [...groups.values()].sort((a, b) => b.nodes.length - a.nodes.length || b.rules - a.rules);
  const told = sorted.slice(0, MOST_LINES).map(({ rules, cluster, reason, nodes }) => {
    const who = nodes.length === 1 ? nodes[0] : `${nodes[0]} and ${nodes.length - 1} more`;
    const cause = causeIn(reason);
    return printable(
      `  ${count(rules, 'rule')} not judged on ${who} in ${cluster}, because${cause === undefined ? `: ${reason}` : ` ${cause}`}`,
    );
  });
  const rest =
    sorted.length > told.length ? [`  and ${sorted.length - told.length} more kinds; the report has all`] : [];
  return told.length > 0 ? `Not judged:\n${[...told, ...rest].join('\n')}\n` : '';
}

function tableOf(rows: readonly Row[], columns: number | undefined): string {
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
    ...headed(row.status, `${row.node}, ${row.cluster}`, columns, row.status),
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
  // What passes on a node that will stop is no good news.
  const status = finding.status === 'pass' && isAtRisk(line) ? 'pass, at risk' : finding.status;
  return { ...row, status, why: printable([finding.reason + waived, ...notes].join(' ')) };
}

const severityOf = ({ severity = 'medium' }: Finding) => SEVERITIES.indexOf(severity);

/** ` (high: cis-kubernetes-1.5.1/4.2.11)`. */
function inBrackets(severity: string | undefined, controls: string): string {
  const words = [severity, controls].filter(Boolean).join(': ');
  return words === '' ? '' : ` (${words})`;
}

/** One node's findings in full, for `check`: the most urgent first, and at the end how many there are of each. */
export function findingList(findings: readonly Finding[]): string {
  const text: string[] = [];
  const columns = process.stdout.columns ?? WIDTH;
  const width = Math.max(NARROW, columns - 18);
  const indented = (label: string, body: string) => {
    const [first = '', ...others] = wrap(printable(body), width);
    text.push(`  ${label.padEnd(14)}  ${first}`, ...others.map((other) => ' '.repeat(18) + other));
  };
  const sorted = findings.toSorted(
    (a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || severityOf(a) - severityOf(b),
  );
  const together = causesOf(sorted);
  for (const finding of sorted) {
    const cause = together.get(finding.reason);
    if (finding.status === 'error' && cause) {
      if (cause[0] !== finding) continue;
      text.push(`${colour(STYLES.error, 'ERROR')} ${cause.length} rules not judged, because:`);
      indented('why', finding.reason);
      indented('rules', cause.map(({ rule }) => rule).join(', '));
      for (const { text: todo } of finding.remediation ?? []) indented('do', todo);
      continue;
    }
    const answered = finding.controls.map(({ benchmark, control }) => `${benchmark}/${control}`).join(', ');
    const controls = isManualByBenchmark(finding) ? `${answered}, manual by the benchmark` : answered;
    text.push(...headed(finding.status, finding.rule + inBrackets(finding.severity, controls), columns));
    indented('why', finding.reason);
    for (const { id, text: advice } of finding.advisories) indented(id.length > 14 ? 'advisory' : id, advice);
    for (const [label, line, isCommand] of stepLines(finding.remediation)) {
      if (isCommand) text.push(`${' '.repeat(20)}${line}`);
      else indented(label, line);
    }
  }
  const counts = Map.groupBy(findings, ({ status }) => status);
  const told = ORDER.flatMap((status) => {
    const found = counts.get(status as Finding['status']);
    return found ? [`${found.length} ${status}`] : [];
  });
  return `${[...text, '', told.join(', ') || 'No rule applies'].join('\n')}.\n`;
}

/** Verdicts that one cause keeps from being given, by its words, where there are several. */
export function causesOf(findings: readonly Finding[]): Map<string, Finding[]> {
  return new Map([...notJudged(findings)].filter(([, all]) => all.length > 1));
}

/** What to do, line by line; a command stands in a line of its own, so that it can be copied whole. */
export function stepLines(steps: Finding['remediation'] = []): [label: string, line: string, isCommand: boolean][] {
  return steps.flatMap(({ text, command }, index) => {
    const number = steps.length > 1 ? `${index + 1}. ` : '';
    const said = command === undefined ? text : text.replace(/\.$/, ':');
    const first: [string, string, boolean] = [index === 0 ? 'do' : '', number + said, false];
    return command === undefined ? [first] : [first, ['', printable(command), true]];
  });
}

/** A status in its colour, and what it is of; what is too long for one line goes on below it. */
function headed(
  status: keyof typeof STYLES,
  of: string,
  columns: number,
  word: string = status.toUpperCase(),
): string[] {
  const [first = '', ...others] = wrap(of, Math.max(NARROW, columns - word.length - 1));
  return [`${colour(STYLES[status], word)} ${first}`, ...others.map((other) => `  ${other}`)];
}
