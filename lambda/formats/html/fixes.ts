/** What to mend first: one remedy for the nodes of one group, the most dangerous first. Tested by test/formats/html.test.ts. */

import { SEVERITIES } from '../../criteria/rule.ts';
import { aboutRule, type Catalog, titleOf } from '../../results/catalog.ts';
import { ascending } from '../../results/order.ts';
import type { Head } from '../format.ts';
import { type Html, html } from './markup.ts';
import { todo } from './steps.ts';
import type { Fix, Sums } from './sums.ts';
import { count, day, groupName, number, rich } from './words.ts';

/** Remedies that are shown at once, and those that are there at all. */
const SHOWN = 8;
const MOST = 200;

export function fixSection({ catalog }: Head, { fixes, otherFixes }: Sums): Html {
  const sorted = [...fixes.values()].sort(
    (a, b) =>
      Number(b.hazard !== undefined) - Number(a.hazard !== undefined) ||
      severityOf(a, catalog) - severityOf(b, catalog) ||
      b.nodes - a.nodes ||
      ascending(a.rule, b.rule),
  );
  const boxes = sorted.slice(0, MOST).map((fix) => fixBox(fix, catalog));
  const left = sorted.slice(MOST).reduce((sum, { nodes }) => sum + nodes, otherFixes);
  return html`
    <section aria-labelledby="h-fixes"><h2 id="h-fixes">Fix these first</h2>
      ${
        boxes.length === 0
          ? html`<p class="sub">Nothing is open.</p>`
          : html`<p class="sub">
              ${count(sorted.length, 'remedy').replace('remedys', 'remedies')} for all open findings: one box is one thing to do
              on the nodes of one group, what stops nodes first.
            </p>`
      }
      ${boxes.slice(0, SHOWN)}
      ${
        boxes.length > SHOWN &&
        html`<details><summary>${number(boxes.length - SHOWN)} more</summary>${boxes.slice(SHOWN)}</details>`
      }
      ${left > 0 && html`<p class="sub">And ${count(left, 'more open finding')} of further kinds: findings.csv has them all.</p>`}
    </section>`;
}

function severityOf({ rule }: Fix, catalog: Catalog): number {
  const about = aboutRule(catalog, rule);
  return about ? SEVERITIES.indexOf(about.severity) : SEVERITIES.length;
}

function fixBox(fix: Fix, catalog: Catalog): Html {
  const { rule, remediation, cluster, group, hazard, on, nodes, ids } = fix;
  const about = aboutRule(catalog, rule);
  const query = new URLSearchParams({ pick: 'open', rule, cluster, group });
  const [reference] = about?.references ?? [];
  const source = reference !== undefined && html`, <a href="${reference}" rel="noreferrer">source</a>`;
  const serves = about?.requirements ?? [];
  const left = nodes - ids.length;
  return html`
    <div class="finding fail">
      <h3>
        ${hazard !== undefined && html`<span class="chip fail">at risk</span>`}
        ${about && html`<span class="chip ${about.severity}">${about.severity}</span>`}
        ${titleOf(catalog, rule, 'fail')}${' '}
        <span class="sub">${count(nodes, 'node')} of <bdi>${groupName(cluster, group)}</bdi>${on !== undefined && `, the first on ${day(on)}`}</span>
      </h3>
      <p>${rich(fix.reason)}</p>
      ${remediation !== undefined && todo(remediation)}
      <p class="acts">
        <a href="#${query.toString()}">Show the nodes</a>
        <button type="button" class="copy" data-copy="#${query.toString()}" hidden>Copy ${count(nodes, 'id')}</button>
        <span class="sub">
          <code>${rule}</code>: docs/rules/${rule}.md${source}${serves.length > 0 && `; serves ${serves.join(', ')}`}
        </span>
      </p>
      <details><summary>Instance ids</summary>
        <p class="mono">${ids.join(' ')}${left > 0 && ` and ${count(left, 'more')}`}</p>
      </details>
    </div>`;
}
