/**
 * The page's first screen: how it stands, who is at risk, how severe it is, what changed, and who answered.
 * Tested by test/formats/html.test.ts. Long because markup takes lines.
 */
import { SEVERITIES, type Severity } from '../../criteria/rule.ts';
import { aboutRule } from '../../results/catalog.ts';
import { coverageOf } from '../../results/coverage.ts';
import { isUrgent } from '../../results/dates.ts';
import { pointOf, type Summary } from '../../results/summary.ts';
import type { Head } from '../format.ts';
import { bar } from './chart.ts';
import { type Html, html } from './markup.ts';
import { leftOf, listOf, lookalikesIn, notes, unseen } from './notes.ts';
import { firstOf } from './steps.ts';
import type { Fix, Sums } from './sums.ts';
import { clusterName, count, distance, groupName, moment, number, rich, time } from './words.ts';

/** Clusters that the head names, and items of nodes at risk that the first screen has. */
const NAMED_CLUSTERS = 3;
const MOST_RISKS = 5;
/** Groups of nodes that one of them names. */
const NAMED_GROUPS = 4;

/** What the fleet deserves: trouble, doubt, or peace. A tick stands over nothing but peace. */
type Mood = 'fail' | 'doubt' | 'pass';

const EMBLEMS: Record<Mood, Html> = {
  fail: html`<path fill="#fff" d="M22 11h4v16h-4zM22 31h4v4h-4z"/>`,
  doubt: html`<path fill="#fff" d="M22 11h4v16h-4zM22 31h4v4h-4z"/>`,
  pass: html`<path fill="#fff" d="m20.6 32.4-8-8 3.2-3.2 4.8 4.8 11.6-11.6 3.2 3.2z"/>`,
};

/** The page's title, as a tab shows it. */
export function titleOfPage({ scheduledAt, ...summary }: Summary, { atRisk }: Sums): string {
  const { open } = pointOf({ scheduledAt, ...summary });
  const parts = [atRisk > 0 && `${number(atRisk)} at risk`, open > 0 && `${number(open)} open`].filter(Boolean);
  return `kubevigil ${scheduledAt.slice(0, 10)}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

export function opening(head: Head, sums: Sums): Html {
  const { summary } = head;
  const mood = moodOf(summary, sums);
  return html`
    <a class="skip" href="#main">Skip to the report</a>
    <header class="top">
      <svg viewBox="0 0 48 48" aria-hidden="true">
        <path class="f-${mood === 'doubt' ? 'silent' : mood}" d="M24 2 44 10v13c0 12-8.4 19.7-20 23C12.4 42.7 4 35 4 23V10z"/>
        ${EMBLEMS[mood]}
      </svg>
      <div>
        <h1>kubevigil <span class="sub">kubelet report</span></h1>
        <p class="when">${time(summary.scheduledAt)} · ${whereOf(summary)} · ${clustersOf(sums)}</p>
        <p class="when">${benchmarksOf(summary)}</p>
      </div>
      <button type="button" id="theme" hidden>Light or dark</button>
    </header>
    <main id="main">
    <p class="lead">${leadOf(summary, sums)}</p>
    <p>${changesSentence(summary)}</p>
    ${listOf(unseen(summary, sums))}
    ${riskSection(head, sums)}
    ${listOf(notes(summary, sums))}
    <div class="cards">
      ${severityCard(head, sums)}
      ${changesCard(summary)}
      ${coverageCard(summary)}
    </div>`;
}

function moodOf(summary: Summary, { atRisk }: Sums): Mood {
  const { totals, comparison } = summary;
  if (atRisk > 0 || pointOf(summary).open > 0) return 'fail';
  const { error, manual } = totals.findings;
  const isSeen = coverageOf(totals).missed === 0 && summary.targets.every((target) => target.error === undefined);
  const isClear =
    isSeen && error + manual + comparison.findings.unconfirmed + leftOf(summary) + lookalikesIn(summary) === 0;
  return totals.evaluated > 0 && isClear ? 'pass' : 'doubt';
}

function whereOf({ targets }: Summary): string {
  return targets.length === 1 ? `${targets[0]?.account} ${targets[0]?.region}` : count(targets.length, 'target');
}

function clustersOf({ clusters }: Sums): Html {
  const names = [...clusters.keys()].filter((name) => name !== '').sort();
  if (names.length === 0) return html`no cluster`;
  const shown = names
    .slice(0, NAMED_CLUSTERS)
    .map((name, index) => html`${index > 0 && ', '}<bdi>${clusterName(name)}</bdi>`);
  const left = names.length - shown.length;
  return html`${names.length === 1 ? 'cluster ' : 'clusters '}${shown}${left > 0 && ` and ${count(left, 'more')}`}`;
}

function benchmarksOf({ benchmarks }: Summary): string {
  return benchmarks.length === 0 ? 'No benchmark was applied.' : `Judged by ${benchmarks.join(', ')}.`;
}

/** How the fleet stands. Silence is never good news: where no node was evaluated, nothing is known. */
function leadOf(summary: Summary, { openNodes, atRisk, fixes }: Sums): string {
  const { totals, comparison } = summary;
  const { open } = pointOf(summary);
  const { due, missed } = coverageOf(totals);
  if (totals.nodes === 0) return 'Nothing is known: no node was scanned.';
  if (due === 0) return `Nothing is known: ${count(totals.nodes, 'node')}, none of which was running.`;
  if (totals.evaluated === 0) return `Nothing is known: none of ${count(due, 'node')} was evaluated.`;
  const risk = atRisk > 0 ? riskSentence(atRisk, [...fixes.values()], summary.startedAt) : '';
  const silence = missed > 0 ? `; ${number(missed)} unreachable` : '';
  if (open > 0)
    return `${risk}${count(open, 'open finding')} on ${number(openNodes)} of ${count(totals.nodes, 'node')}${silence}.`;
  const { unconfirmed } = comparison.findings;
  const earlier = unconfirmed > 0 ? `, but ${number(unconfirmed)} of earlier scans without a clear answer` : '';
  return missed === 0
    ? `No open findings on ${count(due, 'node')}${earlier}.`
    : `No open findings on the ${number(totals.evaluated)} of ${count(due, 'node')} that were evaluated${earlier}.`;
}

/** `3 nodes will stop working unless somebody acts: 2 at the next start of the kubelet, the first certificate ends on 9 December 2026. ` */
function riskSentence(atRisk: number, fixes: readonly Fix[], now: string): string {
  const risks = fixes.filter(({ hazard }) => hazard !== undefined);
  const starts = sumOf(risks.filter(({ hazard }) => hazard === 'next-start'));
  const [first] = risks.flatMap(({ on }) => on ?? []).sort();
  const parts = [
    starts > 0 && `${number(starts)} at the next start of the kubelet`,
    first !== undefined && `the first certificate ${first < now ? 'ended' : 'ends'} on ${moment(first, now)}`,
  ];
  const when = parts.filter(Boolean).join(', ') || 'their certificates end';
  const has = first !== undefined && first < now ? `${atRisk === 1 ? 'has' : 'have'} stopped working or ` : '';
  return `${count(atRisk, 'node')} ${has}will${has === '' ? ' stop working' : ''} unless somebody acts: ${when}. `;
}

function changesSentence({ comparison }: Summary): string {
  const { previous, findings, nodes } = comparison;
  if (!previous) {
    return comparison.problem === undefined
      ? 'This is the first scan: there is nothing to compare it with yet.'
      : 'This scan could not be compared with the one before it.';
  }
  const parts = [
    `${number(findings.new)} new`,
    `${number(findings.fixed)} fixed`,
    `${number(findings.still)} still open`,
  ];
  if (findings.unconfirmed > 0) parts.push(`${number(findings.unconfirmed)} without a clear answer this time`);
  if (findings.accepted > 0) parts.push(`${number(findings.accepted)} newly accepted`);
  if (findings.lost > 0) parts.push(`${number(findings.lost)} gone with their nodes`);
  if (findings.dropped > 0) parts.push(`${number(findings.dropped)} no longer checked`);
  const fleet = `${count(nodes.new, 'new node')}, ${goneOf(nodes)}, ${number(nodes.silenced)} no longer answering`;
  return `Since ${time(previous.scheduledAt)}: ${parts.join(', ')}. Fleet: ${fleet}.`;
}

/** `12 gone`, `12 gone (10 terminated)`. */
function goneOf({ lost, terminated = 0 }: Summary['comparison']['nodes']): string {
  return `${number(lost)} gone${terminated > 0 ? ` (${number(terminated)} terminated)` : ''}`;
}

/** Which nodes are at risk, when, and what to do: one item for all nodes that one remedy mends. */
function riskSection({ summary }: Head, { atRisk, fixes }: Sums): Html | undefined {
  if (atRisk === 0) return undefined;
  const sorted = [...fixes.values()]
    .filter(({ hazard }) => hazard !== undefined)
    .sort(
      (a, b) =>
        rankOf(a, summary.startedAt) - rankOf(b, summary.startedAt) ||
        (a.on ?? '').localeCompare(b.on ?? '') ||
        b.nodes - a.nodes,
    );
  const remedies = [...Map.groupBy(sorted, ({ rule, remediation }) => JSON.stringify([rule, remediation])).values()];
  const items = remedies.slice(0, MOST_RISKS).map((groups) => riskItem(groups, summary.startedAt));
  const left = remedies.slice(MOST_RISKS).flat();
  return html`
    <section class="risk" aria-labelledby="h-risk">
      <h2 id="h-risk">${count(atRisk, 'node')} at risk</h2>
      <ol class="risks">${items}</ol>
      <p class="sub">
        ${left.length > 0 && `And ${count(sumOf(left), 'more finding')} of other kinds, below. `}
        <a href="#pick=risk">Show every node at risk</a>
      </p>
    </section>`;
}

/** As messages have it: what ends within a week, then what the next start brings, which may come at any time, then the rest. */
function rankOf({ on }: Fix, now: string): number {
  if (on === undefined) return 1;
  return isUrgent(now, on) ? 0 : 2;
}

/** Groups of nodes that one remedy mends, the first to stop first. */
function riskItem(groups: readonly Fix[], now: string): Html | undefined {
  const [first] = groups;
  if (!first) return undefined;
  const { on, hazard, rule, reason, remediation, ids, name } = first;
  const nodes = sumOf(groups);
  const [id = ''] = ids;
  const query = new URLSearchParams(nodes === 1 ? { node: id } : { pick: 'risk', rule });
  const when =
    on === undefined
      ? html`${hazard === 'next-start' ? 'at the next start' : 'on a day that was not read'}`
      : html`${on < now ? 'since ' : nodes > 1 && 'from '}${moment(on, now)}<div class="sub">${distance(on, now)}</div>`;
  const others = groups.length - NAMED_GROUPS;
  return html`
    <li>
      <div><b>${when}</b></div>
      <div>
        <a href="#${query.toString()}">${nodes === 1 ? (name ?? id) : count(nodes, 'node')}</a>
        ${nodes === 1 && name !== undefined && html`<div class="sub mono">${id}</div>`}
        ${groups.slice(0, NAMED_GROUPS).map(
          (each) => html`
            <div class="sub wrap"><bdi>${groupName(each.cluster, each.group)}</bdi>${groups.length > 1 && `: ${number(each.nodes)}`}</div>`,
        )}
        ${others > 0 && html`<div class="sub">and ${count(others, 'more group')}</div>`}
      </div>
      <div class="wrap">${rich(reason)}</div>
      ${remediation === undefined ? html`<div class="wrap"><b>What to do:</b> Look at what the reason names.</div>` : firstOf(remediation)}
    </li>`;
}

function sumOf(fixes: readonly Fix[]): number {
  return fixes.reduce((sum, { nodes }) => sum + nodes, 0);
}

/** Open findings by severity. */
function severityCard({ summary, catalog }: Head, { openNodes }: Sums): Html {
  const { open } = pointOf(summary);
  const counts = new Map<Severity | 'unrated', number>();
  for (const [rule, { fail, waived }] of Object.entries(summary.rules)) {
    const severity = aboutRule(catalog, rule)?.severity ?? 'unrated';
    counts.set(severity, (counts.get(severity) ?? 0) + fail - waived);
  }
  const most = Math.max(1, ...counts.values());
  const rows = [...SEVERITIES, 'unrated' as const]
    .filter((severity) => severity !== 'unrated' || (counts.get(severity) ?? 0) > 0)
    .map((severity) => {
      const value = counts.get(severity) ?? 0;
      const parts = [
        [severity, value],
        ['void', most - value],
      ] as const;
      return html`
        <tr>
          <th scope="row">${value > 0 ? html`<a href="#pick=open&amp;severity=${severity}">${severity}</a>` : severity}</th>
          <td class="n${value === 0 && ' zero'}">${number(value)}</td>
          <td class="fill">${bar('bar', parts, `${number(value)} open findings of severity ${severity}`)}</td>
        </tr>`;
    });
  const known = summary.totals.evaluated > 0;
  return html`
    <section class="card ${known ? (open > 0 ? 'fail' : 'pass') : 'none'}" aria-labelledby="h-severity">
      <h2 id="h-severity">Open findings</h2>
      <p class="big">${known ? number(open) : '–'}<small>${known ? `on ${count(openNodes, 'node')}` : 'no node was evaluated'}</small></p>
      <table class="bars"><tbody>${rows}</tbody></table>
    </section>`;
}

function changesCard({ comparison, totals }: Summary): Html {
  const { findings, previous, nodes } = comparison;
  const rows: [kind: string, name: string, value: number, pick?: string][] = [
    ['fail', 'new', findings.new, 'new'],
    ['pass', 'fixed', findings.fixed],
    ['none', 'still open', findings.still],
    ['manual', 'without a clear answer', findings.unconfirmed],
    ['waived', 'accepted by waivers, in all', totals.waived, 'waived'],
    ['silent', 'nodes gone', nodes.lost],
  ];
  const list = rows.map(
    ([kind, name, value, pick]) => html`
      <tr>
        <th scope="row"><span class="dot d-${kind}"></span>${value > 0 && pick ? html`<a href="#pick=${pick}">${name}</a>` : name}</th>
        <td class="n${value === 0 && ' zero'}">${number(value)}</td>
      </tr>`,
  );
  return html`
    <section class="card ${previous && findings.new > 0 ? 'fail' : 'none'}" aria-labelledby="h-changes">
      <h2 id="h-changes">What changed</h2>
      <p class="big">${previous ? number(findings.new) : '–'}<small>${previous ? 'new since the last scan' : 'first scan'}</small></p>
      <table class="bars"><tbody>${previous ? list : list.slice(4, 5)}</tbody></table>
    </section>`;
}

function coverageCard({ totals }: Summary): Html {
  const { due, missed: silent, idle } = coverageOf(totals);
  const parts = [
    ['pass', totals.evaluated],
    ['silent', silent],
  ] as const;
  const reasons = Object.entries(totals.unreachable)
    .sort(([, a], [, b]) => (b ?? 0) - (a ?? 0))
    .map(([reason, nodes]) => html`<tr><th scope="row">${reason}</th><td class="n">${number(nodes ?? 0)}</td></tr>`);
  const answered =
    totals.nodes === 0 ? 'No node was scanned.' : due === 0 ? 'No node runs.' : 'Every node that runs answered.';
  return html`
    <section class="card ${silent > 0 ? 'silent' : due > 0 ? 'pass' : 'none'}" aria-labelledby="h-coverage">
      <h2 id="h-coverage">Coverage</h2>
      <p class="big">${number(totals.evaluated)}<small>of ${count(due, 'node')} evaluated</small></p>
      ${bar('bar', parts, `${number(totals.evaluated)} evaluated, ${number(silent)} unreachable`)}
      ${
        silent > 0
          ? html`<p class="sub"><a href="#pick=silent">${number(silent)} unreachable</a>: a node without an answer is never a pass.</p>
`
          : html`<p class="sub">${answered}</p>`
      }
      ${idle > 0 && html`<p class="sub">${count(idle, 'more node')} had nothing to answer.</p>`}
      ${reasons.length > 0 && html`<table class="bars"><tbody>${reasons}</tbody></table>`}
    </section>`;
}
