/** The page's nodes: what the script fills, and for readers without it those that need attention. Tested by test/formats/html.test.ts. */

import { type Catalog, titleOf } from '../../results/catalog.ts';
import type { NodeLine } from '../../results/node-line.ts';
import { notJudged } from '../../results/not-judged.ts';
import { isOpen } from '../../results/open.ts';
import type { Summary } from '../../results/summary.ts';
import type { Head } from '../format.ts';
import { type Html, html } from './markup.ts';
import { todo } from './steps.ts';
import type { Sums } from './sums.ts';
import { count, rich } from './words.ts';

/** Filters that the script fills with what there is: its name in the page's address, its label, and what all are called. */
const FILTERS = [
  ['severity', 'Severity', 'Every severity'],
  ['rule', 'Rule', 'Every rule'],
  ['cluster', 'Cluster', 'Every cluster'],
  ['group', 'Node group', 'Every group'],
  ['owner', 'Owner', 'Every owner'],
  ['account', 'Account', 'Every account'],
  ['region', 'Region', 'Every region'],
] as const;

/** Columns of the table, and by what the script sorts them. */
const COLUMNS = [
  ['name', 'Node'],
  ['urgency', 'Findings'],
  ['cluster', 'Cluster and group'],
  ['owner', 'Owner'],
  ['where', 'Account and region'],
  ['version', 'Kubelet'],
  ['ends', 'Certificate ends'],
] as const;

export function nodeSection({ summary, catalog }: Head, { urgent, urgentCount }: Sums): Html {
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
  const selects = FILTERS.map(
    ([name, label, all]) => html`<label>${label}<select id="${name}"><option value="">${all}</option></select></label>`,
  );
  const heads = COLUMNS.map(
    ([name, label]) => html`<th scope="col"><button type="button" class="sort" value="${name}">${label}</button></th>`,
  );
  return html`
    <section id="nodes" aria-labelledby="h-nodes"><h2 id="h-nodes">Nodes and their findings</h2>
      <div id="tools" hidden>
        <div class="tools">
          <label class="wide">Search, all words
            <input id="words" type="search" placeholder="Name, id, reason…" autocomplete="off">
          </label>
          ${selects}
        </div>
        <fieldset class="picks" id="picks"><legend>Which findings</legend></fieldset>
        <div class="acts">
          <span class="sub" id="count" role="status"></span>
          <button type="button" id="reset">Show everything</button>
          <button type="button" class="copy" id="copy">Copy instance ids</button>
          <button type="button" id="export">Export as CSV</button>
        </div>
        <textarea id="ids" rows="4" aria-label="Instance ids to copy" readonly hidden></textarea>
      </div>
      <div id="table" hidden>
        <div class="scroll" tabindex="0" role="region" aria-label="Table of nodes">
          <table><thead><tr id="heads">${heads}</tr></thead><tbody id="rows"></tbody></table>
        </div>
        <p class="more"><button type="button" id="more" hidden>Show more</button></p>
      </div>
      <div id="static">${fallback}</div>
    </section>`;
}

function staticNode({ node, reason, detail, findings }: NodeLine, catalog: Catalog): Html {
  const about = [node.cluster, node.group, node.account, node.region].filter((part) => part !== undefined);
  const boxes = findings.filter((finding) => isOpen(finding) || finding.status === 'manual');
  const unjudged = [...notJudged(findings)];
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
            <h3><span class="chip ${status}">${status}</span>${titleOf(catalog, rule, status)}</h3>
            <p>${rich(why)}</p>
            ${remediation !== undefined && todo(remediation)}
          </div>`,
      )}
      ${unjudged.map(([why, list]) => {
        const names = list.map(({ rule }) => rule).join(', ');
        const [{ remediation } = {}] = list;
        return html`
          <div class="finding error">
            <h3><span class="chip error">error</span>${count(list.length, 'rule')} not judged: ${names}</h3>
            <p>${rich(why)}</p>
            ${remediation !== undefined && todo(remediation)}
          </div>`;
      })}
    </details>`;
}

export function lostSection({ comparison }: Summary, { lost }: Sums): Html {
  const { lost: all, terminated = 0 } = comparison.nodes;
  const total = all - terminated;
  if (all === 0) return html``;
  const more = total > lost.length ? ` and ${count(total - lost.length, 'more')}` : '';
  return html`
    <section aria-labelledby="h-lost"><h2 id="h-lost">${count(all, 'node')} gone since the previous scan</h2>
      ${terminated > 0 && html`<p class="sub">${count(terminated, 'instance')} of them ${terminated === 1 ? 'was' : 'were'} terminated.</p>`}
      ${
        total > 0 &&
        html`
          <p class="sub">The tags no longer select these, though they exist. Nothing on them was fixed.</p>
          <p class="mono">${lost.join(', ')}${more}</p>`
      }
    </section>`;
}
