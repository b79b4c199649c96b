/**
 * What the first screen says besides the numbers: what nobody knows about, before the nodes at risk, and what else a reader
 * must know, behind them. Tested by test/formats/html.test.ts.
 */

import { causeIn } from '../../criteria/check-settings.ts';
import { isScannersClock } from '../../results/dates.ts';
import { whatWasThere, whyLeft } from '../../results/left-words.ts';
import type { Summary } from '../../results/summary.ts';
import { type Html, html } from './markup.ts';
import type { Sums } from './sums.ts';
import { clusterName, count, number, rich } from './words.ts';

/** Causes for which rules were not judged that have a line each. */
const MOST_CAUSES = 3;

/** Nodes that have left the inventory though their instances were not terminated. */
export function leftOf({ comparison: { nodes } }: Summary): number {
  return nodes.lost - (nodes.terminated ?? 0);
}

/** Instances that look like nodes and are not selected. */
export function lookalikesIn({ targets }: Summary): number {
  return targets.reduce((sum, { lookalikes }) => sum + (lookalikes?.nodes ?? 0), 0);
}

/** What a report without them would be silent about: it comes before the nodes at risk. */
export function unseen(summary: Summary, { silentAtRisk }: Sums): Html[] {
  const list = summary.targets.flatMap(({ account, region, error }) =>
    error === undefined ? [] : [bad(`${account} ${region} could not be scanned: ${error}`)],
  );
  for (const { account, region, counts, previousNodes = 0, error } of summary.targets) {
    if (error !== undefined || counts.nodes > 0 || previousNodes === 0) continue;
    list.push(bad(`${account} ${region} had ${count(previousNodes, 'node')} and has none any longer.`));
  }
  for (const { account, region, nodes, open, why, ...seen } of summary.left ?? []) {
    const had = `${count(nodes, 'node')}${open > 0 ? ` with ${count(open, 'open finding')}` : ''}`;
    list.push(bad(`${account} ${region}, which ${whatWasThere(seen, had)}, is no longer scanned: ${whyLeft(why)}.`));
  }
  const clocks = summary.rules['node-clock']?.fail ?? 0;
  if (isScannersClock(clocks, summary.totals.evaluated)) {
    list.push(
      bad("The clocks of all nodes disagree with the scan's: if the scanner's own is wrong, so is every date below."),
    );
  }
  const left = leftOf(summary);
  if (left > 0)
    list.push(
      bad(`${count(left, 'node')} left the inventory and still ${left === 1 ? 'exists' : 'exist'}: did a tag change?`),
    );
  if (silentAtRisk > 0) {
    list.push(
      html`<li class="bad">${count(silentAtRisk, 'node')} that ${silentAtRisk === 1 ? 'was' : 'were'} at risk when last seen ${silentAtRisk === 1 ? 'does' : 'do'} not answer: <a href="#pick=silent">silence mends nothing</a>.</li>`,
    );
  }
  return list;
}

export function listOf(items: readonly Html[]): Html | undefined {
  return items.length === 0 ? undefined : html`<ul class="notes">${items}</ul>`;
}

export function notes(summary: Summary, sums: Sums): Html[] {
  const { comparison, targets, skew = [], waivers = [], others = [] } = summary;
  const { gapSeconds, problem, ruleSet, benchmarks } = comparison;
  const list: Html[] = [];
  for (const { account, region, lookalikes } of targets) {
    for (const { cluster, evidence, nodes, examples } of lookalikes?.groups ?? []) {
      const of = cluster === undefined ? '' : ` of ${clusterName(cluster)}`;
      const who = `${count(nodes, 'instance')}${of} in ${account} ${region} (${examples[0]}${nodes > 1 ? ` and ${number(nodes - 1)} more` : ''})`;
      list.push(
        bad(`The tags do not select ${who}, though ${nodes === 1 ? 'it' : 'each'} looks like a node: ${evidence}.`),
      );
    }
  }
  list.push(...unjudgedNotes(sums));
  for (const { cluster, oldest, newest } of skew) {
    list.push(
      bad(
        `Cluster ${clusterName(cluster)} has kubelets of ${oldest} beside ${newest}: more than three versions, which no control plane allows.`,
      ),
    );
  }
  if (problem !== undefined) list.push(bad(`The previous scan could not be read: ${problem}`));
  if (gapSeconds !== undefined) {
    const hours = number(Math.round(gapSeconds / 3600));
    list.push(item(`The previous scan was ${hours} hours earlier: scans in between are missing.`));
  }
  for (const [what, { added, removed }] of [
    ['rule set', ruleSet],
    ['benchmarks', benchmarks],
  ] as const) {
    const parts = [
      added.length > 0 && `added ${added.join(', ')}`,
      removed.length > 0 && `removed ${removed.join(', ')}`,
    ];
    const text = parts.filter(Boolean).join('; ');
    if (text)
      list.push(item(`The ${what} changed since then (${text}): some findings come or go although no node changed.`));
  }
  const fresh = targets.filter((target) => target.new);
  if (fresh.length > 0) {
    const names = fresh.slice(0, 3).map(({ account, region }) => `${account} ${region}`);
    const more = fresh.length > names.length ? ` and ${number(fresh.length - names.length)} more` : '';
    list.push(item(`Scanned for the first time: ${names.join(', ')}${more}.`));
  }
  if (others.length > 0) {
    const reasons = [...Map.groupBy(others, ({ why }) => why)].map(([why, all]) => `${number(all.length)} ${why}`);
    list.push(item(`Accounts of the organization, or regions of them, that are not scanned: ${reasons.join(', ')}.`));
  }
  for (const waiver of waivers) list.push(bad(waiver));
  if (sums.omitted > 0) {
    const clean = count(sums.omitted, 'clean node');
    list.push(item(`To keep this file small, the list below leaves out ${clean}; findings.csv has them all.`));
  }
  return list;
}

/** What kept rules from being judged, a line each: `4 rules not judged on 3 nodes, because …`. */
function unjudgedNotes({ unjudged, otherUnjudged }: Sums): Html[] {
  const sorted = [...unjudged.values()].sort((a, b) => b.nodes - a.nodes || b.rules - a.rules);
  const told = sorted.slice(0, MOST_CAUSES).map(({ rules, reason, nodes, id }) => {
    const query = new URLSearchParams(nodes === 1 ? { node: id } : { pick: 'error' });
    const who = html`<a href="#${query.toString()}">${nodes === 1 ? id : count(nodes, 'node')}</a>`;
    return html`<li class="bad">${count(rules, 'rule')} not judged on ${who}${whyUnjudged(reason)}</li>`;
  });
  const left = sorted.slice(MOST_CAUSES).reduce((sum, { nodes }) => sum + nodes, otherUnjudged);
  if (left > 0)
    told.push(
      html`<li class="bad">And rules <a href="#pick=error">not judged</a> for other reasons, ${count(left, 'time')}.</li>`,
    );
  return told;
}

function whyUnjudged(reason: string): Html {
  const cause = causeIn(reason);
  return cause === undefined ? html`: ${rich(reason)}` : html`, because ${rich(cause)}`;
}

function item(text: string): Html {
  return html`<li>${text}</li>`;
}

function bad(text: string): Html {
  return html`<li class="bad">${text}</li>`;
}
