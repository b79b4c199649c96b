/** Nodes that differ from the others of their group, as the summary keeps them. Tested by test/formats/html/outliers.test.ts. */
import { differenceText } from '../../results/outlier-words.ts';
import type { Outlier } from '../../results/outliers.ts';
import type { Summary } from '../../results/summary.ts';
import { type Html, html } from './markup.ts';
import { table } from './table.ts';
import { clusterName, count, day, groupName, number } from './words.ts';

/** What a reader makes of each kind. */
const KINDS: Record<Outlier['kind'], string> = {
  outlier: '',
  split: 'no value has two thirds',
  pair: 'a group of two',
  rollout: 'a rolling update half done',
};

/** Longest list; the command has all. */
const SHOWN = 50;

export function outlierSection({ outliers }: Summary): Html {
  if (!outliers || outliers.total === 0) return html``;
  const rows = outliers.items.slice(0, SHOWN).map(row);
  const left = outliers.total - rows.length;
  return html`
    <section aria-labelledby="h-outliers"><h2 id="h-outliers">${count(outliers.total, 'outlier')} among nodes of one group</h2>
      <p class="sub">Nodes of one node group, node pool or Auto Scaling group should be alike. These differ from most of the others.</p>
      ${table('Nodes that differ from their group', ['Group', '#Nodes', 'Differ in', 'Since', 'First nodes'], rows)}
      ${left > 0 && html`<p class="sub">And ${count(left, 'more')}: the command <code>outliers</code> has them all.</p>`}
    </section>`;
}

function row({ cluster, by, group, kind, nodes, of, differences, more = 0, since, accepted, examples }: Outlier): Html {
  const remark = accepted ? `accepted until ${accepted.until} by ${accepted.owner}: ${accepted.reason}` : KINDS[kind];
  return html`
    <tr>
      <th scope="row" class="wrap"><bdi>${groupName(cluster ?? '', group)}</bdi><div class="sub">${by}</div></th>
      <td class="n">${number(nodes)} of ${number(of)}</td>
      <td class="wrap">
        ${differences.map((each) => html`<div>${differenceText(each)}</div>`)}
        ${more > 0 && html`<div class="sub">and ${count(more, 'more')}</div>`}
        ${remark !== '' && html`<div class="sub">${remark}</div>`}
      </td>
      <td class="nowrap">${since !== undefined && day(since)}</td>
      <td class="mono wrap">${examples.map((id) => html`<div>${clusterName(id)}</div>`)}</td>
    </tr>`;
}
