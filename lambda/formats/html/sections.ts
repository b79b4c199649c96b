/** What the page says without its script, in its order. Tested by test/formats/html.test.ts. */
import type { Status } from '../../criteria/rule.ts';
import { pointOf, type Summary, type TrendPoint } from '../../results/summary.ts';
import type { Head } from '../format.ts';
import { authoritySection } from './authorities.ts';
import { bar, trend } from './chart.ts';
import { fixSection } from './fixes.ts';
import { horizonSection } from './horizon.ts';
import { type Html, html } from './markup.ts';
import { lostSection, nodeSection } from './nodes.ts';
import { opening } from './opening.ts';
import { outlierSection } from './outliers.ts';
import { readinessSection } from './readiness.ts';
import type { Sums } from './sums.ts';
import { table } from './table.ts';
import { clusterSection, ruleSection, targetSection } from './tables.ts';
import { count, number, time } from './words.ts';

const KINDS: readonly (readonly [Status, string, string])[] = [
  ['fail', 'fail', 'open'],
  ['error', 'error', 'error'],
  ['manual', 'manual', 'manual'],
  ['pass', 'pass', 'pass'],
  ['not-applicable', 'none', 'not applicable'],
];

/** The page's visible part. */
export function* sectionsOf(head: Head, sums: Sums): Generator<Html> {
  const { summary } = head;
  const scans = [...summary.trend, pointOf(summary)];
  yield opening(head, sums);
  yield horizonSection(sums.horizon);
  yield authoritySection(summary);
  yield fixSection(head, sums);
  const ready = readinessSection(sums.readiness);
  if (ready) yield ready;
  yield outlierSection(summary);
  yield nodeSection(head, sums);
  yield lostSection(summary, sums);
  yield ruleSection(head);
  if (sums.clusters.size > 0) yield clusterSection(sums);
  if (summary.targets.length > 1) yield targetSection(summary);
  yield html`<div class="pair">${statusSection(summary)}${trendSection(scans)}</div>`;
  yield html`
    </main>
    <footer class="foot"><p>
      Scan ${summary.scanId}, ${time(summary.startedAt)} to ${time(summary.finishedAt)},
      kubevigil ${summary.tool.version}. This file loads nothing and sends nothing. The command <code>verify</code> of kubevigil
      checks against the signed manifest beside it that this is the file which the scan wrote.
    </p></footer>`;
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
  return html`
    <section aria-labelledby="h-status"><h2 id="h-status">${count(all, 'finding')}</h2>
      ${bar(
        'bar',
        parts.map((part) => [part.kind, part.number]),
        label,
      )}
      <ul class="legend">${legend}</ul>
    </section>`;
}

function trendSection(scans: readonly TrendPoint[]): Html {
  const rows = scans.toReversed().map(
    ({ scheduledAt, open, nodes, evaluated, idle = 0 }) => html`
      <tr>
        <th scope="row">${time(scheduledAt)}</th>
        ${[open, nodes - evaluated - idle, nodes].map((value) => html`<td class="n">${number(value)}</td>`)}
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
