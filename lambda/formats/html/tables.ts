/** The page's tables: by rule, by account and region, by cluster. Tested by test/formats/html.test.ts. */

import { SEVERITIES } from '../../criteria/rule.ts';
import { aboutRule, type Catalog, titleOf } from '../../results/catalog.ts';
import { coverageOf } from '../../results/coverage.ts';
import { ascending } from '../../results/order.ts';
import type { Summary } from '../../results/summary.ts';
import type { RuleCounts } from '../../results/tally.ts';
import type { Head } from '../format.ts';
import { bar } from './chart.ts';
import { type Html, html } from './markup.ts';
import type { Sums } from './sums.ts';
import { numeral, table } from './table.ts';
import { clusterName, count, number } from './words.ts';

/** A hostile tag can give every node a cluster of its own. */
const MOST_CLUSTERS = 100;

type RuleRow = { name: string; counts: RuleCounts; open: number };

export function ruleSection({ summary, catalog }: Head): Html {
  const rules = Object.entries(summary.rules)
    .map(([name, counts]): RuleRow => ({ name, counts, open: counts.fail - counts.waived }))
    .sort(
      (a, b) =>
        urgency(a, catalog) - urgency(b, catalog) ||
        b.open - a.open ||
        troubles(b.counts) - troubles(a.counts) ||
        ascending(a.name, b.name),
    );
  const heads = [
    'Rule',
    'Severity',
    '#Open',
    '#New',
    '#Error',
    '#Manual',
    '#Accepted',
    '#Pass',
    '#N/a',
    'Oldest open',
    'Share',
  ];
  const rows = (chosen: readonly RuleRow[]) => chosen.map((row) => ruleRow(row, summary, catalog));
  const loud = rules.filter(({ counts }) => troubles(counts) > 0);
  const quiet = rules.filter(({ counts }) => troubles(counts) === 0);
  return html`
    <section aria-labelledby="h-rules"><h2 id="h-rules">By rule</h2>
      ${loud.length > 0 && table('Findings by rule', heads, rows(loud))}
      ${rules.length === 0 && html`<p class="sub">No rule was applied, because no node was evaluated.</p>`}
      ${
        quiet.length > 0 &&
        html`
          <details${loud.length === 0 && html` open`}><summary>${count(quiet.length, 'rule')} without trouble</summary>
            ${table('Rules without trouble', heads, rows(quiet))}
          </details>`
      }
    </section>`;
}

/** Rules with open findings come first, by how severe they are. */
function urgency({ name, open }: RuleRow, catalog: Catalog): number {
  if (open === 0) return SEVERITIES.length + 1;
  const about = aboutRule(catalog, name);
  return about ? SEVERITIES.indexOf(about.severity) : SEVERITIES.length;
}

/** Findings that are neither passed nor without application. */
function troubles({ fail, manual, error }: RuleCounts): number {
  return fail + manual + error;
}

function ruleRow({ name, counts, open }: RuleRow, { comparison }: Summary, catalog: Catalog): Html {
  const about = aboutRule(catalog, name);
  const change = Object.hasOwn(comparison.rules, name) ? comparison.rules[name] : undefined;
  const fresh = comparison.previous ? (change?.new ?? 0) : 0;
  const { error, manual, fail, pass, 'not-applicable': none } = counts;
  const parts = [
    ['fail', open],
    ['error', error],
    ['manual', manual],
    ['waived', fail - open],
    ['pass', pass],
    ['none', none],
  ] as const;
  const title = titleOf(catalog, name);
  const share = bar('mini', parts, parts.map(([kind, value]) => `${value} ${kind}`).join(', '));
  return html`
    <tr>
      <th scope="row">
        ${open > 0 ? html`<a href="#pick=open&amp;rule=${encodeURIComponent(name)}">${title}</a>` : title}
        ${about && html`<div class="sub mono">${name}</div>`}
      </th>
      <td>${about && html`<span class="chip ${about.severity}">${about.severity}</span>`}</td>
      ${[open, fresh, error, manual, fail - open, pass, none].map(numeral)}
      <td class="nowrap">${change?.oldest?.slice(0, 10)}</td>
      <td>${share}</td>
    </tr>`;
}

export function targetSection({ targets }: Summary): Html {
  const rows = targets.map(({ account, region, counts, error }) => {
    const { nodes, evaluated, findings, waived } = counts;
    const { missed } = coverageOf(counts);
    // Of a target that was not scanned nothing is known: a 0 would look like good news.
    const cells = [nodes, evaluated, missed, Math.max(0, findings.fail - waived)].map(
      (value) => html`<td class="n">${error === undefined ? number(value) : '–'}</td>`,
    );
    const remark = error !== undefined && html`<span class="chip error">not scanned</span>`;
    return html`<tr><th scope="row">${account} ${region}</th>${cells}<td>${remark}</td></tr>`;
  });
  const heads = ['Account and region', '#Nodes', '#Evaluated', '#Unreachable', '#Open findings', 'Remarks'];
  return html`
    <section aria-labelledby="h-targets"><h2 id="h-targets">By account and region</h2>
      ${table('Findings by account and region', heads, rows)}
    </section>`;
}

export function clusterSection({ clusters }: Sums): Html {
  const sorted = [...clusters].sort(
    ([a, x], [b, y]) => y.atRisk - x.atRisk || y.open - x.open || y.nodes - x.nodes || ascending(a, b),
  );
  const rows = sorted.slice(0, MOST_CLUSTERS).map(([name, { nodes, silent, idle, openNodes, open, atRisk }]) => {
    const parts = [
      ['fail', openNodes],
      ['silent', silent],
      ['none', idle],
      ['pass', nodes - openNodes - silent - idle],
    ] as const;
    const label = `${openNodes} nodes with open findings, ${silent} unreachable, ${nodes} in all`;
    return html`
      <tr>
        <th scope="row" class="wrap"><bdi>${clusterName(name)}</bdi></th>
        <td class="n">${number(nodes)}</td>
        ${[silent, atRisk, openNodes, open].map(numeral)}
        <td>${bar('mini', parts, label)}</td>
      </tr>`;
  });
  const heads = ['Cluster', '#Nodes', '#Unreachable', '#At risk', '#With open findings', '#Open findings', 'Share'];
  const left = sorted.length - MOST_CLUSTERS;
  return html`
    <section aria-labelledby="h-clusters"><h2 id="h-clusters">By cluster</h2>
      ${table('Nodes by cluster', heads, rows)}
      ${left > 0 && html`<p class="sub">And ${count(left, 'more cluster')}.</p>`}
    </section>`;
}
