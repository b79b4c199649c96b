/** Whether the nodes are ready for the next version of their kubelet, by group, and what changes silently on the way. */

import type { NodeLine } from '../../results/node-line.ts';
import { ascending } from '../../results/order.ts';
import { type Html, html } from './markup.ts';
import { numeral, table } from './table.ts';
import { clusterName, count, groupName, rich } from './words.ts';

const RULE = 'next-version';
const CHANGES = 'changes-silently';

/** Nodes of one group: whose next version would not start, whose would, and of which it is not known. */
type Group = { cluster: string; group: string; stops: number; starts: number; unknown: number };

export type Readiness = {
  groups: Map<string, Group>;
  /** What changes silently, and on how many nodes. */
  changes: Map<string, number>;
};

/** Hostile tags and texts can differ on every node. */
const MOST_GROUPS = 1_000;
const MOST_CHANGES = 200;
const SHOWN_GROUPS = 20;
const SHOWN_CHANGES = 10;

/** Readiness of no node. */
export function emptyReadiness(): Readiness {
  return { groups: new Map(), changes: new Map() };
}

/** Adds one node; one that runs the newest version, or was not asked, says nothing. */
export function addReadiness({ groups, changes }: Readiness, { node, findings }: NodeLine): void {
  const finding = findings.find(({ rule }) => rule === RULE);
  if (!finding || finding.status === 'not-applicable') return;
  const { cluster = '', group = '' } = node;
  const own = JSON.stringify([cluster, group]);
  const key = groups.has(own) || groups.size < MOST_GROUPS ? own : '';
  const row = groups.get(key) ?? { cluster, group, stops: 0, starts: 0, unknown: 0 };
  groups.set(key, row);
  row[finding.status === 'fail' ? 'stops' : finding.status === 'pass' ? 'starts' : 'unknown'] += 1;
  for (const { id, text } of finding.advisories) {
    if (id === CHANGES && (changes.has(text) || changes.size < MOST_CHANGES)) {
      changes.set(text, (changes.get(text) ?? 0) + 1);
    }
  }
}

/** The section; nothing where no node has a next version that was asked. */
export function readinessSection({ groups, changes }: Readiness): Html | undefined {
  if (groups.size === 0) return undefined;
  const sorted = [...groups.values()].sort(
    (a, b) => b.stops - a.stops || b.unknown - a.unknown || ascending(a.cluster + a.group, b.cluster + b.group),
  );
  const rows = sorted.slice(0, SHOWN_GROUPS).map(({ cluster, group, stops, starts, unknown }) => {
    const query = new URLSearchParams({ pick: 'open', rule: RULE, cluster, ...(group !== '' && { group }) });
    const name = group === '' ? clusterName(cluster) : groupName(cluster, group);
    return html`
      <tr>
        <th scope="row" class="wrap"><bdi>${name}</bdi></th>
        <td class="n">${stops > 0 ? html`<a class="stop" href="#${query.toString()}">${stops}</a>` : html`<span class="zero">0</span>`}</td>
        ${numeral(starts)}${numeral(unknown)}
      </tr>`;
  });
  const left = sorted.length - rows.length;
  const silent = [...changes].sort(([, a], [, b]) => b - a);
  const items = silent
    .slice(0, SHOWN_CHANGES)
    .map(([text, nodes]) => html`<li>${count(nodes, 'node')}: ${rich(text)}</li>`);
  const more = silent.length - items.length;
  return html`
    <section aria-labelledby="h-next"><h2 id="h-next">Ready for the next version</h2>
      <p class="sub">
        What the next minor version of each kubelet would make of what its node is given. The command <code>rehearse</code> asks
        later versions too, and changes that are planned.
      </p>
      ${table('Readiness for the next version by node group', ['Nodes of', '#Would not start', '#Would start', '#Not known'], rows)}
      ${left > 0 && html`<p class="sub">And ${count(left, 'more group')}.</p>`}
      ${
        items.length > 0 &&
        html`<details><summary>What changes although nobody touches it</summary><ul>${items}</ul>
          ${more > 0 && html`<p class="sub">And ${count(more, 'more')} of other kinds.</p>`}</details>`
      }
    </section>`;
}
