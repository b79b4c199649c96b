/** `findings.csv`: a row per finding and per unreachable or lost node, as RFC 4180 has it. */

import type { Finding } from '../criteria/rule.ts';
import { inOneLine } from '../platforms/step.ts';
import { risksOf } from '../results/at-risk.ts';
import { aboutRule, type Catalog } from '../results/catalog.ts';
import { type NodeChanges, openSince } from '../results/compare.ts';
import type { Entry } from '../results/entry.ts';
import { notAssessedOf } from '../results/summary.ts';
import type { Format, Head } from './format.ts';
import { printable } from './text.ts';

/** Those that are the same in all rows of a node. */
const OF_NODE = [
  'scan',
  'scheduled_at',
  'account',
  'region',
  'cluster',
  'group',
  'owner',
  'node',
  'name',
  'kubelet',
  'coverage',
] as const;

const OF_FINDING = [
  'rule',
  'severity',
  'status',
  'at_risk',
  'audit',
  'open_since',
  'change',
  'waived_until',
  'waived_by',
  'reason',
  'advisories',
  'remediation',
  'controls',
  'requirements',
] as const;

const COLUMNS = [...OF_NODE, ...OF_FINDING];

type Row = Partial<Record<(typeof COLUMNS)[number], string>>;

/** Opens in spreadsheets and imports into databases. */
export const csv: Format = {
  file: 'findings.csv',
  contentType: 'text/csv; charset=utf-8',
  gzip: false,
  open: ({ catalog, summary }: Head) => ({
    begin: () => `${COLUMNS.join(',')}\r\n`,
    entry: (entry) => {
      const { about, findings } = rowsOf(entry, catalog);
      const node = cells({ scan: summary.scanId, scheduled_at: summary.scheduledAt, ...about }, OF_NODE);
      return findings.map((finding) => `${node},${cells(finding, OF_FINDING)}\r\n`).join('');
    },
    // Of a target that could not be scanned nothing is known.
    end: () =>
      notAssessedOf(summary).map(({ account, region, error }) =>
        write({
          scan: summary.scanId,
          scheduled_at: summary.scheduledAt,
          account,
          region,
          coverage: 'not-assessed',
          reason: error,
        }),
      ),
  }),
};

/** What tells a spreadsheet that the bytes are UTF-8 (Unicode standard, 23.8): Excel takes them for another encoding without it. */
const BYTE_ORDER_MARK = '\uFEFF';

/** The same for spreadsheets, which show names in every script only where the mark is there; a database would read it as part of the first column's name. */
export const csvBom: Format = {
  ...csv,
  file: 'findings-spreadsheet.csv',
  open: (head) => {
    const sheet = csv.open(head);
    return { ...sheet, begin: () => `${BYTE_ORDER_MARK}${sheet.begin()}` };
  },
};

/** What all rows of a node have, and what each has besides. */
function rowsOf(entry: Entry, catalog: Catalog): { about: Row; findings: Row[] } {
  const { line, changes } = entry;
  if (!line) {
    const { target } = entry;
    const { now } = changes;
    const reason =
      now === 'terminated'
        ? 'The instance was terminated.'
        : `The inventory no longer has this node${now === undefined ? '' : `, though its instance is ${now}`}.`;
    return { about: { ...target, node: changes.node, coverage: 'lost' }, findings: [{ reason }] };
  }
  const { node } = line;
  const about: Row = {
    node: node.id,
    account: node.account ?? '',
    region: node.region ?? '',
    cluster: node.cluster ?? '',
    group: node.group ?? '',
    owner: node.owner ?? '',
    name: node.name ?? '',
    kubelet: line.kubelet?.version ?? '',
    coverage: line.coverage === 'evaluated' ? 'evaluated' : (line.reason ?? 'unreachable'),
  };
  if (line.coverage === 'unreachable') return { about, findings: [{ reason: line.detail ?? '' }] };
  // The node's, in each of its rows: what passes on a node that will stop is no good news.
  const atRisk = risksOf(line).map(({ hazard, on }) => (on === undefined ? hazard : `${hazard} ${on.slice(0, 10)}`));
  const findings = line.findings.map((finding) => ({
    severity: finding.severity ?? aboutRule(catalog, finding.rule)?.severity ?? '',
    at_risk: atRisk.join(', '),
    ...columnsOf(finding, changes),
    requirements: aboutRule(catalog, finding.rule)?.requirements?.join(' ') ?? '',
  }));
  return { about, findings };
}

function columnsOf(finding: Finding, changes: NodeChanges | undefined): Row {
  const change = changes?.changes.find(({ rule }) => rule === finding.rule);
  return {
    rule: finding.rule,
    status: finding.status,
    audit: finding.audit ?? '',
    open_since: openSince(changes?.open, finding.rule) ?? '',
    change: change ? `${change.change}${change.cause ? ` (${change.cause})` : ''}` : '',
    waived_until: finding.waiver?.until ?? '',
    waived_by: finding.waiver ? `${finding.waiver.owner}: ${finding.waiver.reason}` : '',
    reason: finding.reason,
    advisories: finding.advisories.map(({ id, text }) => `${id}: ${text}`).join(' '),
    remediation: finding.remediation ? inOneLine(finding.remediation) : '',
    controls: finding.controls.map(({ benchmark, control }) => `${benchmark}/${control}`).join(' '),
  };
}

function write(row: Row): string {
  return `${cells(row, COLUMNS)}\r\n`;
}

function cells(row: Row, columns: readonly (keyof Row)[]): string {
  return columns.map((column) => cell(row[column] ?? '')).join(',');
}

/** One row of any CSV of ours, with its line end: quoted where it must be, and no cell is a formula. */
export function csvRow(values: readonly (string | number)[]): string {
  return `${values.map((text) => (typeof text === 'number' ? String(text) : cell(text))).join(',')}\r\n`;
}

/**
 * Spreadsheets run a cell that begins with one of these as a formula; an apostrophe makes it text (OWASP, "CSV
 * Injection", which names the full-width forms too). Line breaks become visible, for a cell must not begin a row.
 */
const FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20|%]/;

function cell(text: string): string {
  if (text === '') return text;
  const visible = printable(text);
  const safe = FORMULA.test(visible) ? `'${visible}` : visible;
  return /[",;\s']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
