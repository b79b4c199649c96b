/** The page's tables: by rule, by account and region, by cluster. */
import type { Severity } from '../../criteria/rule.ts';
import type { Summary } from '../../results/summary.ts';
import type { RuleCounts } from '../../results/tally.ts';
import { aboutRule, type Catalog, type Head, titleOf } from '../format.ts';
import { escapeHtml } from '../text.ts';
import { bar } from './chart.ts';
import type { Sums } from './sections.ts';
import { count, number } from './words.ts';

/** A hostile tag can give every node a cluster of its own. */
const mostClusters = 100;

/** Most urgent first. */
const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

export function ruleSection({ summary, catalog }: Head): string {
  const rules = Object.entries(summary.rules)
    .map(([name, counts]) => ({ name, counts, open: counts.fail - counts.waived }))
    .sort(
      (a, b) =>
        urgency(a, catalog) - urgency(b, catalog) ||
        b.open - a.open ||
        troubles(b.counts) - troubles(a.counts) ||
        (a.name < b.name ? -1 : 1),
    );
  const table = (chosen: typeof rules, label: string) =>
    chosen.length === 0
      ? ''
      : `<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table><thead>${ruleHeads}</thead><tbody>${chosen.map(({ name, counts, open }) => ruleRow(name, counts, open, summary, catalog)).join('')}</tbody></table></div>`;
  const quiet = rules.filter(({ counts }) => troubles(counts) === 0);
  const loud = rules.filter(({ counts }) => troubles(counts) > 0);
  const rest =
    quiet.length === 0
      ? rules.length === 0
        ? '<p class="sub">No rule was applied, because no node was evaluated.</p>'
        : ''
      : `<details${loud.length === 0 ? ' open' : ''}><summary>${count(quiet.length, 'rule')} without trouble</summary>${table(quiet, 'Rules without trouble')}</details>`;
  return `<section aria-labelledby="h-rules"><h2 id="h-rules">By rule</h2>${table(loud, 'Findings by rule')}${rest}</section>\n`;
}

/** Rules with open findings come first, by how severe they are. */
function urgency({ name, open }: { name: string; open: number }, catalog: Catalog): number {
  if (open === 0) return severities.length + 1;
  const about = aboutRule(catalog, name);
  return about ? severities.indexOf(about.severity) : severities.length;
}

/** Findings that are neither passed nor without application. */
function troubles({ fail, manual, error }: RuleCounts): number {
  return fail + manual + error;
}

const ruleHeads = `<tr><th scope="col">Rule</th><th scope="col">Severity</th>${['Open', 'New', 'Error', 'Manual', 'Accepted', 'Pass', 'N/a'].map((name) => `<th scope="col" class="n">${name}</th>`).join('')}<th scope="col">Oldest open</th><th scope="col">Share</th></tr>`;

function ruleRow(name: string, counts: RuleCounts, open: number, { comparison }: Summary, catalog: Catalog): string {
  const about = aboutRule(catalog, name);
  const change = Object.hasOwn(comparison.rules, name) ? comparison.rules[name] : undefined;
  const parts = [
    ['fail', open],
    ['error', counts.error],
    ['manual', counts.manual],
    ['waived', counts.fail - open],
    ['pass', counts.pass],
    ['none', counts['not-applicable']],
  ] as const;
  const title = escapeHtml(titleOf(catalog, name));
  const filter = `<button type="button" class="link" data-rule="${escapeHtml(name)}" hidden>${title}</button>`;
  return `<tr><th scope="row">${open > 0 ? filter : ''}<span>${title}</span>${about ? `<div class="sub mono">${escapeHtml(name)}</div>` : ''}</th><td>${about ? `<span class="chip ${about.severity}">${about.severity}</span>` : ''}</td>${[open, comparison.previous ? (change?.new ?? 0) : 0, counts.error, counts.manual, counts.fail - open, counts.pass, counts['not-applicable']].map((value) => `<td class="n${value === 0 ? ' zero' : ''}">${number(value)}</td>`).join('')}<td class="nowrap">${escapeHtml(change?.oldest?.slice(0, 10) ?? '')}</td><td>${bar('mini', parts, parts.map(([kind, value]) => `${value} ${kind}`).join(', '))}</td></tr>`;
}

export function targetSection({ targets }: Summary): string {
  const rows = targets
    .map(({ account, region, counts, error }) => {
      const { nodes, evaluated, findings, waived } = counts;
      // Of a target that was not scanned nothing is known: a 0 would look like good news.
      const cells = [nodes, evaluated, nodes - evaluated, Math.max(0, findings.fail - waived)].map(
        (value) => `<td class="n">${error === undefined ? number(value) : '–'}</td>`,
      );
      return `<tr><th scope="row">${escapeHtml(account)} ${escapeHtml(region)}</th>${cells.join('')}<td>${error === undefined ? '' : `<span class="chip error">not scanned</span>`}</td></tr>`;
    })
    .join('');
  return `<section aria-labelledby="h-targets"><h2 id="h-targets">By account and region</h2><div class="scroll" tabindex="0" role="region" aria-label="Findings by account and region"><table><thead><tr><th scope="col">Account and region</th><th scope="col" class="n">Nodes</th><th scope="col" class="n">Evaluated</th><th scope="col" class="n">Unreachable</th><th scope="col" class="n">Open findings</th><th scope="col">Remarks</th></tr></thead><tbody>${rows}</tbody></table></div></section>\n`;
}

export function clusterSection({ clusters }: Sums): string {
  const sorted = [...clusters].sort(([a, x], [b, y]) => y.open - x.open || y.nodes - x.nodes || (a < b ? -1 : 1));
  const rows = sorted
    .slice(0, mostClusters)
    .map(([name, sums]) => {
      const silent = sums.nodes - sums.evaluated;
      const parts = [
        ['fail', sums.openNodes],
        ['silent', silent],
        ['pass', sums.nodes - sums.openNodes - silent],
      ] as const;
      const label = `${sums.openNodes} nodes with open findings, ${silent} unreachable, ${sums.nodes} in all`;
      return `<tr><th scope="row" class="wrap"><bdi>${name === '' ? '(no cluster)' : escapeHtml(name)}</bdi></th><td class="n">${number(sums.nodes)}</td><td class="n${silent === 0 ? ' zero' : ''}">${number(silent)}</td><td class="n${sums.openNodes === 0 ? ' zero' : ''}">${number(sums.openNodes)}</td><td class="n${sums.open === 0 ? ' zero' : ''}">${number(sums.open)}</td><td>${bar('mini', parts, label)}</td></tr>`;
    })
    .join('');
  const more =
    sorted.length > mostClusters
      ? `<p class="sub">And ${count(sorted.length - mostClusters, 'more cluster')}.</p>`
      : '';
  return `<section aria-labelledby="h-clusters"><h2 id="h-clusters">By cluster</h2><div class="scroll" tabindex="0" role="region" aria-label="Nodes by cluster"><table><thead><tr><th scope="col">Cluster</th><th scope="col" class="n">Nodes</th><th scope="col" class="n">Unreachable</th><th scope="col" class="n">With open findings</th><th scope="col" class="n">Open findings</th><th scope="col">Share</th></tr></thead><tbody>${rows}</tbody></table></div>${more}</section>\n`;
}
