/**
 * What the page says without its script: how it stands, what changed, by rule, by cluster, and who needs attention.
 * Tested by test/formats/html.test.ts.
 */

import type { Status } from '../../criteria/rule.ts';
import { type Catalog, titleOf } from '../../results/catalog.ts';
import type { NodeLine } from '../../results/node-line.ts';
import { pointOf, type Summary, type TrendPoint } from '../../results/summary.ts';
import { isOpen } from '../../results/tally.ts';
import type { Head } from '../format.ts';
import { bar, trend } from './chart.ts';
import { type Html, html } from './markup.ts';
import type { Sums } from './sums.ts';
import { clusterSection, ruleSection, table, targetSection } from './tables.ts';
import { count, number, rich, time } from './words.ts';

const KINDS: readonly (readonly [Status, string, string])[] = [
  ['fail', 'fail', 'open'],
  ['error', 'error', 'error'],
  ['manual', 'manual', 'manual'],
  ['pass', 'pass', 'pass'],
  ['not-applicable', 'none', 'not applicable'],
];

const EMBLEM = html`
  <svg viewBox="0 0 48 48" aria-hidden="true">
    <path class="f-pass" d="M24 2 44 10v13c0 12-8.4 19.7-20 23C12.4 42.7 4 35 4 23V10z"/>
    <path fill="#fff" d="m20.6 32.4-8-8 3.2-3.2 4.8 4.8 11.6-11.6 3.2 3.2z"/>
  </svg>`;

/** The page down to the tiles. */
export function openingOf({ summary }: Head, sums: Sums): Html {
  const { targets } = summary;
  const where = targets.length === 1 ? `${targets[0]?.account} ${targets[0]?.region}` : `${targets.length} targets`;
  return html`
    <a class="skip" href="#main">Skip to the report</a>
    <header class="top">
      ${EMBLEM}
      <div><h1>Kubelet report</h1><p class="when">${time(summary.scheduledAt)} · ${where}</p></div>
      <button type="button" id="theme" hidden>Light or dark</button>
    </header>
    <main id="main">
    <p class="lead">${leadOf(summary, sums)}</p>
    <p>${changesSentence(summary)}</p>
    ${notes(summary, sums)}
    <dl class="tiles">${tiles(summary, sums)}</dl>`;
}

function tiles(summary: Summary, { openNodes }: Sums): Html[] {
  const { totals, comparison } = summary;
  const { open } = pointOf(summary);
  const silent = totals.nodes - totals.evaluated;
  const isFirst = comparison.previous === null;
  const since = isFirst ? 'first scan' : 'since the last scan';
  const changed = (value: number) => (isFirst ? '–' : number(value));
  const answered = totals.nodes > 0 ? 'every node answered' : 'no node was scanned';
  return [
    tile('accent', 'Nodes evaluated', number(totals.evaluated), `of ${number(totals.nodes)}`),
    totals.evaluated === 0
      ? tile('none', 'Open findings', '–', 'no node was evaluated')
      : tile(open > 0 ? 'fail' : 'pass', 'Open findings', number(open), `on ${count(openNodes, 'node')}`),
    tile(comparison.findings.new > 0 && !isFirst ? 'fail' : 'none', 'New', changed(comparison.findings.new), since),
    tile(comparison.findings.fixed > 0 ? 'pass' : 'none', 'Fixed', changed(comparison.findings.fixed), since),
    tile(silent > 0 ? 'silent' : 'none', 'Unreachable', number(silent), silent > 0 ? reasons(summary) : answered),
    tile(totals.waived > 0 ? 'waived' : 'none', 'Accepted', number(totals.waived), 'by waivers'),
  ];
}

/** The rest of the page, down to the end of its visible part. */
export function* sectionsOf(head: Head, sums: Sums): Generator<Html> {
  const { summary } = head;
  const scans = [...summary.trend, pointOf(summary)];
  yield html`<div class="pair">${statusSection(summary)}${trendSection(scans)}</div>`;
  yield ruleSection(head);
  if (summary.targets.length > 1) yield targetSection(summary);
  if (sums.clusters.size > 0) yield clusterSection(sums);
  yield nodeSection(head, sums);
  yield lostSection(summary, sums);
  yield html`
    </main>
    <footer class="foot"><p>
      Scan ${summary.scanId}, ${time(summary.startedAt)} to ${time(summary.finishedAt)},
      kubevigil ${summary.tool.version}.${' '}
      ${benchmarksOf(summary)} This file loads nothing and sends nothing. The command <code>verify</code> of kubevigil
      checks against the signed manifest beside it that this is the file which the scan wrote.
    </p></footer>`;
}

/** How the fleet stands. Silence is never good news: where no node was evaluated, nothing is known. */
function leadOf(summary: Summary, { openNodes }: Sums): string {
  const { totals, comparison } = summary;
  const { open } = pointOf(summary);
  if (totals.nodes === 0) return 'Nothing is known: no node was scanned.';
  if (totals.evaluated === 0) return `Nothing is known: none of ${count(totals.nodes, 'node')} was evaluated.`;
  if (open > 0) return `${count(open, 'open finding')} on ${number(openNodes)} of ${count(totals.nodes, 'node')}.`;
  const { unconfirmed } = comparison.findings;
  const earlier = unconfirmed > 0 ? `, but ${number(unconfirmed)} of earlier scans without a clear answer` : '';
  return totals.evaluated === totals.nodes
    ? `No open findings on ${count(totals.nodes, 'node')}${earlier}.`
    : `No open findings on the ${number(totals.evaluated)} of ${count(totals.nodes, 'node')} that were evaluated${earlier}.`;
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
  const fleet = `${count(nodes.new, 'new node')}, ${number(nodes.lost)} gone, ${number(nodes.silenced)} no longer answering`;
  return `Since ${time(previous.scheduledAt)}: ${parts.join(', ')}. Fleet: ${fleet}.`;
}

function notes({ comparison, targets, waivers = [] }: Summary, sums: Sums): Html | undefined {
  const { gapSeconds, problem, ruleSet, benchmarks } = comparison;
  const list: Html[] = [];
  for (const { account, region, error } of targets) {
    if (error !== undefined) list.push(bad(`${account} ${region} could not be scanned: ${error}`));
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
  for (const waiver of waivers) list.push(bad(waiver));
  if (sums.omitted > 0) {
    const clean = count(sums.omitted, 'clean node');
    list.push(item(`To keep this file small, the list below leaves out ${clean}; findings.csv has them all.`));
  }
  return list.length === 0 ? undefined : html`<ul class="notes">${list}</ul>`;
}

function statusSection({ totals }: Summary): Html {
  const parts = KINDS.map(([status, kind, name]) => ({
    kind,
    name,
    number: totals.findings[status] - (status === 'fail' ? totals.waived : 0),
  }));
  if (totals.waived > 0) parts.splice(3, 0, { kind: 'waived', name: 'accepted', number: totals.waived });
  const all = parts.reduce((sum, part) => sum + part.number, 0);
  const label = parts.map((part) => `${part.number} ${part.name}`).join(', ');
  const legend = parts.map(
    (part) => html`<li><span class="dot d-${part.kind}"></span><b>${number(part.number)}</b> ${part.name}</li>`,
  );
  const silent = Object.entries(totals.unreachable).map(
    ([reason, nodes]) => html`<tr><th scope="row">${reason}</th><td class="n">${number(nodes ?? 0)}</td></tr>`,
  );
  return html`
    <section aria-labelledby="h-status"><h2 id="h-status">${count(all, 'finding')}</h2>
      ${bar(
        'bar',
        parts.map((part) => [part.kind, part.number]),
        label,
      )}
      <ul class="legend">${legend}</ul><br>
      ${
        silent.length > 0
          ? table('Unreachable nodes by reason', ['Unreachable because', '#Nodes'], silent)
          : html`<p class="sub">${totals.nodes > 0 ? 'Every node answered.' : 'No node was scanned.'}</p>`
      }
    </section>`;
}

function trendSection(scans: readonly TrendPoint[]): Html {
  const rows = scans.toReversed().map(
    ({ scheduledAt, open, nodes, evaluated }) => html`
      <tr>
        <th scope="row">${time(scheduledAt)}</th>
        ${[open, nodes - evaluated, nodes].map((value) => html`<td class="n">${number(value)}</td>`)}
      </tr>`,
  );
  return html`
    <section aria-labelledby="h-trend">
      <h2 id="h-trend">Last ${scans.length === 1 ? 'scan' : `${scans.length} scans`}</h2>
      ${trend(scans)}
      <ul class="legend">
        <li><span class="dot d-fail"></span>open findings</li>
        <li><span class="dot d-silent"></span>unreachable nodes</li>
      </ul>
      <details><summary>The numbers</summary>
        ${table('Numbers of the last scans', ['Scan', '#Open', '#Unreachable', '#Nodes'], rows)}
      </details>
    </section>`;
}

function nodeSection({ summary, catalog }: Head, { urgent, urgentCount }: Sums): Html {
  const left = urgentCount - urgent.length;
  const fallback =
    urgent.length === 0
      ? html`<p>${summary.totals.nodes > 0 ? 'No node needs attention.' : 'No node was scanned.'}</p>`
      : html`
        <p class="sub">
          Nodes that need attention. With scripts allowed, this part can be searched and shows every node.
        </p>
        ${urgent.map((line) => staticNode(line, catalog))}
        ${left > 0 && html`<p>And ${count(left, 'more node')}: findings.csv has them all.</p>`}`;
  return html`
    <section id="nodes" aria-labelledby="h-nodes"><h2 id="h-nodes">Nodes</h2>
      <div id="tools" hidden>
        <div class="tools">
          <label class="wide">Search
            <input id="search" type="search" placeholder="Name, id, cluster, reason…" autocomplete="off">
          </label>
          <label>Cluster<select id="cluster"><option value="">All clusters</option></select></label>
          <label>Rule<select id="rule"><option value="">All rules</option></select></label>
        </div>
        <fieldset class="picks" id="picks"><legend>Which nodes</legend></fieldset>
        <p class="sub" id="count" role="status"></p>
      </div>
      <div id="table" hidden>
        <div class="scroll" tabindex="0" role="region" aria-label="Nodes and their results">
          <table>
            <thead><tr>
              ${['Node', 'Result', 'Cluster', 'Where', 'Kubelet'].map((name) => html`<th scope="col">${name}</th>`)}
            </tr></thead>
            <tbody id="rows"></tbody>
          </table>
        </div>
        <p class="more"><button type="button" id="more" hidden>Show more</button></p>
      </div>
      <div id="static">${fallback}</div>
    </section>`;
}

function staticNode({ node, reason, detail, findings }: NodeLine, catalog: Catalog): Html {
  const about = [node.cluster, node.account, node.region].filter((part) => part !== undefined);
  const boxes = findings.filter(
    (finding) => isOpen(finding) || finding.status === 'error' || finding.status === 'manual',
  );
  return html`
    <details>
      <summary>
        <bdi>${node.name !== undefined && `${node.name} `}</bdi>
        <span class="mono">${node.id}</span>${' '}
        <span class="sub">${about.join(' · ')}</span>
      </summary>
      ${reason && html`<div class="finding silent"><h3>Not evaluated: ${reason}</h3><p>${detail}</p></div>`}
      ${boxes.map(
        ({ rule, status, reason: why, remediation }) => html`
          <div class="finding ${status}">
            <h3><span class="chip ${status}">${status}</span>${titleOf(catalog, rule)}</h3>
            <p>${rich(why)}</p>
            ${remediation !== undefined && html`<p class="do"><strong>What to do:</strong> ${rich(remediation)}</p>`}
          </div>`,
      )}
    </details>`;
}

function lostSection({ comparison }: Summary, { lost }: Sums): Html {
  const total = comparison.nodes.lost;
  if (total === 0) return html``;
  const more = total > lost.length ? ` and ${count(total - lost.length, 'more')}` : '';
  return html`
    <section aria-labelledby="h-lost"><h2 id="h-lost">${count(total, 'node')} gone since the previous scan</h2>
      <p class="sub">The inventory no longer has them. Nothing on them was fixed.</p>
      <p class="mono">${lost.join(', ')}${more}</p>
    </section>`;
}

function tile(kind: string, name: string, value: string, remark: string): Html {
  return html`<div class="tile ${kind}"><dt>${name}</dt><dd>${value}<small>${remark}</small></dd></div>`;
}

function reasons({ totals }: Summary): string {
  const sorted = Object.entries(totals.unreachable).sort(([, a], [, b]) => (b ?? 0) - (a ?? 0));
  const [first, ...others] = sorted;
  return first
    ? `${number(first[1] ?? 0)} ${first[0]}${others.length > 0 ? ` and ${count(others.length, 'other reason')}` : ''}`
    : '';
}

function benchmarksOf({ benchmarks }: Summary): string {
  return benchmarks.length === 0 ? '' : `Benchmarks: ${benchmarks.join(', ')}.`;
}

function item(text: string): Html {
  return html`<li>${text}</li>`;
}

function bad(text: string): Html {
  return html`<li class="bad">${text}</li>`;
}
