/** The certificate horizon: which certificates end when, by cluster, and which of them are renewed. Tested by test/formats/html.test.ts. */

import type { NodeLine } from '../../results/node-line.ts';
import { ascending } from '../../results/order.ts';
import { type Html, html } from './markup.ts';
import { table } from './table.ts';
import { clusterName, count, number } from './words.ts';

type Lives = NonNullable<NodeLine['certificates']>;

/** Ends of certificates at one distance: nothing renews them, the kubelet renews them, or that is somebody else's matter. */
type Ends = { stop: number; renew: number; others: number };

/** By cluster, for each of DISTANCES and for what is later. */
export type Horizon = Map<string, Ends[]>;

/** Days from now; what has ended is at 0. */
const DISTANCES = [0, 7, 30, 90, 365] as const;
const HEADS = ['Ended', '7 days', '30 days', '90 days', '1 year', 'Later'] as const;

/** A hostile tag can give every node a cluster of its own. */
const MOST_CLUSTERS = 1_000;
const SHOWN_CLUSTERS = 20;

const DAY_MS = 86_400_000;

/** Adds a node's certificates; those of authorities are not the node's own. */
export function addLives(horizon: Horizon, cluster: string, lives: Lives, now: string): void {
  for (const { role, notAfter, renews } of lives) {
    if (role === 'authority') continue;
    const name = horizon.has(cluster) || horizon.size < MOST_CLUSTERS ? cluster : '';
    const row = horizon.get(name) ?? HEADS.map((): Ends => ({ stop: 0, renew: 0, others: 0 }));
    horizon.set(name, row);
    const days = (Date.parse(notAfter) - Date.parse(now)) / DAY_MS;
    const distance = DISTANCES.findIndex((most) => days <= most);
    const ends = row[distance < 0 ? DISTANCES.length : distance] as Ends;
    ends[renews === undefined ? 'others' : renews ? 'renew' : 'stop'] += 1;
  }
}

export function horizonSection(horizon: Horizon): Html {
  const rows = [...horizon].sort(([a, x], [b, y]) => sooner(x, y) || ascending(a, b));
  const all = HEADS.map((_, index) =>
    rows.map(([, row]) => row[index] as Ends).reduce(add, { stop: 0, renew: 0, others: 0 }),
  );
  const left = rows.length - SHOWN_CLUSTERS;
  const body = rows
    .slice(0, SHOWN_CLUSTERS)
    .map(([name, row]) => horizonRow(html`<bdi>${clusterName(name)}</bdi>`, row, name));
  if (rows.length > 1) body.unshift(horizonRow(html`<b>All</b>`, all));
  return html`
    <section aria-labelledby="h-horizon"><h2 id="h-horizon">When certificates end</h2>
      <p class="sub">
        Client and serving certificates of the nodes, by the time left. <b class="stop">Not renewed</b> ones take their node
        out of the cluster, or its logs and metrics, on that day unless somebody acts.
      </p>
      ${
        rows.length === 0
          ? html`<p>No certificate of this scan has dates: nodes may authenticate without any, or their dates were not read.</p>`
          : table('Ends of certificates by cluster', ['Cluster', ...HEADS.map((head) => `#${head}`)], body)
      }
      ${left > 0 && html`<p class="sub">And ${count(left, 'more cluster')}, whose certificates end later.</p>`}
    </section>`;
}

/** Rows whose certificates end sooner, and with more of them, come first. */
function sooner(a: readonly Ends[], b: readonly Ends[]): number {
  const at = a.findIndex(({ stop }, index) => stop !== b[index]?.stop);
  return at < 0 ? 0 : (b[at] as Ends).stop - (a[at] as Ends).stop;
}

function add(sum: Ends, { stop, renew, others }: Ends): Ends {
  return { stop: sum.stop + stop, renew: sum.renew + renew, others: sum.others + others };
}

function horizonRow(name: Html, row: readonly Ends[], cluster?: string): Html {
  return html`<tr><th scope="row" class="wrap">${name}</th>${row.map((ends, index) => cell(ends, index, cluster))}</tr>`;
}

function cell({ stop, renew, others }: Ends, index: number, cluster: string | undefined): Html {
  const range = `${index === 0 ? '' : DISTANCES[index - 1]}..${DISTANCES[index] ?? ''}`;
  const query = new URLSearchParams({ ends: range, ...(cluster !== undefined && { cluster }) });
  const isLate = index === DISTANCES.length;
  return html`
    <td class="n">
      ${stop > 0 && html`<div><a class="${isLate ? 'sub' : 'stop'}" href="#${query.toString()}">${number(stop)} not renewed</a></div>`}
      ${renew > 0 && html`<div class="sub">${number(renew)} renewed</div>`}
      ${others > 0 && html`<div class="sub">${number(others)} by others</div>`}
      ${stop + renew + others === 0 && html`<span class="zero">–</span>`}
    </td>`;
}
