/**
 * `findings.csv`: a row per finding and per unreachable or lost node, as RFC 4180 has it. What is the same in thousands of rows
 * stands once, beside it: what a rule is in `rules.csv`, and what is to be done in `remedies.csv`.
 */

import { hash } from 'node:crypto';
import type { Finding } from '../criteria/rule.ts';
import { onceOf } from '../kubelet/shared.ts';
import { inOneLine } from '../platforms/step.ts';
import { risksOf } from '../results/at-risk.ts';
import { aboutRule, type Catalog } from '../results/catalog.ts';
import { type NodeChanges, openSince } from '../results/compare.ts';
import type { Entry } from '../results/entry.ts';
import type { NodeLine } from '../results/node-line.ts';
import { ascending } from '../results/order.ts';
import { notAssessedOf } from '../results/summary.ts';
import type { Target } from '../settings.ts';
import type { Format, Head } from './format.ts';
import { printable } from './text.ts';

/** Those that are the same in all rows of a node. */
const OF_NODE = [
  'scan',
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

/** What changed of a finding. */
const OF_CHANGES = ['open_since', 'change'] as const;

const OF_FINDING = [
  'rule',
  'severity',
  'status',
  'at_risk',
  'audit',
  ...OF_CHANGES,
  'waived_until',
  'waived_by',
  'reason',
  'advisories',
  'remedy',
  'controls',
] as const;

const COLUMNS = [...OF_NODE, ...OF_FINDING];

type Row = Partial<Record<(typeof COLUMNS)[number], string>>;

const CSV = 'text/csv; charset=utf-8';

/** Nobody finds another text of a key so long, 64 bits, to have his own read in its place. */
const KEY_LENGTH = 16;

/** What is to be done, and the key by which rows name it: the same for the same text in every scan. */
const remedyOf = onceOf(({ remediation }: Finding): { key: string; text: string } | undefined => {
  if (!remediation) return undefined;
  const text = inOneLine(remediation);
  return { key: hash('sha256', text).slice(0, KEY_LENGTH), text };
});

/** `rules.csv`: the rules that findings are of, with what they serve. Of a rule that the catalog does not have nothing is known. */
const rulesTable: Format = {
  file: 'rules.csv',
  contentType: CSV,
  gzip: false,
  open: ({ catalog, summary }) => ({
    begin: () => csvRow(['rule', 'severity', 'title', 'why', 'requirements']),
    entry: () => '',
    end: () =>
      Object.keys(summary.rules)
        .sort(ascending)
        .flatMap((rule) => {
          const about = aboutRule(catalog, rule);
          if (!about) return [];
          const { severity, title, why, requirements = [] } = about;
          return [csvRow([rule, severity, title, why, requirements.join(' ')])];
        }),
  }),
};

/** Remedies that are known to have been written, for memory's sake: texts can differ on every node, and then one may stand twice. */
const MOST_REMEDIES = 50_000;

/** `remedies.csv`: each remedy once, when it is first named. */
const remediesTable: Format = {
  file: 'remedies.csv',
  contentType: CSV,
  gzip: false,
  open: () => {
    const written = new Set<string>();
    return {
      begin: () => csvRow(['remedy', 'remediation']),
      entry: ({ line }) => {
        let rows = '';
        for (const finding of line?.findings ?? []) {
          const remedy = finding.remediation && remedyOf(finding);
          if (!remedy || written.has(remedy.key)) continue;
          if (written.size < MOST_REMEDIES) written.add(remedy.key);
          rows += csvRow([remedy.key, remedy.text]);
        }
        return rows;
      },
      end: () => [],
    };
  },
};

/** Opens in spreadsheets and imports into databases. */
export const csv: Format = {
  file: 'findings.csv',
  contentType: CSV,
  gzip: false,
  beside: [rulesTable, remediesTable],
  open: ({ catalog, summary }: Head) => {
    const cellsOf = onceOf((finding: Finding) => cellsOfFinding(finding, catalog));
    return {
      begin: () => `${COLUMNS.join(',')}\r\n`,
      entry: (entry) => {
        const { line, changes } = entry;
        const { about, rest } = aboutNode(entry);
        const node = `${cells({ scan: summary.scanId, ...about }, OF_NODE)},`;
        if (rest || !line) return `${node}${cells(rest ?? {}, OF_FINDING)}\r\n`;
        const ofNode = Buffer.from(node);
        const risks = cell(riskOf(line));
        return line.findings.flatMap((finding) => {
          const { begin, audit, end, calm } = cellsOf(finding);
          const own = ownOf(finding, changes);
          return [ofNode, own === NO_CHANGES && risks === '' ? calm : `${begin},${risks},${audit},${own},${end}`];
        });
      },
      // Of a target that could not be scanned nothing is known.
      end: () =>
        notAssessedOf(summary).map(({ account, region, error }) => {
          const row = { scan: summary.scanId, account, region, coverage: 'not-assessed', reason: error };
          return `${cells(row, COLUMNS)}\r\n`;
        }),
    };
  },
};

/** What tells a spreadsheet that the bytes are UTF-8 (Unicode standard, 23.8): Excel takes them for another encoding without it. */
const BYTE_ORDER_MARK = '\uFEFF';

/** The same for spreadsheets, which show names in every script only where the mark is there; a database would read it as part of the first column's name. */
function marked(format: Format): Format {
  return {
    ...format,
    file: format.file.replace('.csv', '-spreadsheet.csv'),
    open: (head) => {
      const sheet = format.open(head);
      return { ...sheet, begin: () => `${BYTE_ORDER_MARK}${sheet.begin()}` };
    },
    ...(format.beside && { beside: format.beside.map(marked) }),
  };
}

export const csvBom: Format = marked(csv);

/** What all rows of a node have, and the rest of its only row where it has no findings. */
function aboutNode({ line, changes, target }: Entry & { target?: Target }): { about: Row; rest?: Row } {
  if (!line) {
    const { now, node } = changes;
    const reason =
      now === 'terminated'
        ? 'The instance was terminated.'
        : `The inventory no longer has this node${now === undefined ? '' : `, though its instance is ${now}`}.`;
    return { about: { ...target, node, coverage: 'lost' }, rest: { reason } };
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
  return { about, ...(line.coverage === 'unreachable' && { rest: { reason: line.detail ?? '' } }) };
}

/** In each row of a node: what passes on a node that will stop is no good news. */
function riskOf(line: NodeLine): string {
  const risks = risksOf(line).map(({ hazard, on }) => (on === undefined ? hazard : `${hazard} ${on.slice(0, 10)}`));
  return risks.join(', ');
}

/** What a row says that follows from the finding alone, before, between and behind what is its node's own; and the bytes of all where there is nothing of that. */
function cellsOfFinding(finding: Finding, catalog: Catalog) {
  const { rule, status, audit = '', reason, waiver } = finding;
  const row: Row = {
    rule,
    severity: finding.severity ?? aboutRule(catalog, rule)?.severity ?? '',
    status,
    waived_until: waiver?.until ?? '',
    waived_by: waiver ? `${waiver.owner}: ${waiver.reason}` : '',
    reason,
    advisories: finding.advisories.map(({ id, text }) => `${id}: ${text}`).join(' '),
    remedy: remedyOf(finding)?.key ?? '',
    controls: finding.controls.map(({ benchmark, control }) => `${benchmark}/${control}`).join(' '),
  };
  const [from, to] = [OF_FINDING.indexOf('at_risk'), OF_FINDING.indexOf('waived_until')];
  const begin = cells(row, OF_FINDING.slice(0, from));
  const end = `${cells(row, OF_FINDING.slice(to))}\r\n`;
  return { begin, audit, end, calm: Buffer.from(`${begin},,${audit},${NO_CHANGES},${end}`) };
}

const NO_CHANGES = ',';

/** What has changed of a finding on its node. */
function ownOf({ rule }: Finding, changes: NodeChanges | undefined): string {
  const change = changes?.changes.find((each) => each.rule === rule);
  const since = openSince(changes?.open, rule);
  if (!change && since === undefined) return NO_CHANGES;
  const cause = change?.cause ? ` (${change.cause})` : '';
  return cells({ open_since: since ?? '', change: change ? `${change.change}${cause}` : '' }, OF_CHANGES);
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
