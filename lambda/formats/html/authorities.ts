/** Whom the nodes of each group believe, and who drops out when an authority takes over. Tested by test/formats/html/authorities.test.ts. */
import { type AuthorityUse, authorityText, type Behind } from '../../results/authorities.ts';
import type { Summary } from '../../results/summary.ts';
import { type Html, html } from './markup.ts';
import { numeral, table } from './table.ts';
import { clusterName, count, day, groupName, number } from './words.ts';

/** Longest lists; the command has all. */
const SHOWN = 20;

export function authoritySection({ authorities }: Summary): Html {
  if (!authorities || authorities.total === 0) return html``;
  const { items, total, behind } = authorities;
  const nodes = behind.items.reduce((sum, each) => sum + each.nodes, 0);
  const late = behind.items.slice(0, SHOWN).map(behindRow);
  const uses = items.slice(0, SHOWN).map(useRow);
  const cut = (all: number, rows: readonly Html[]) =>
    all > rows.length &&
    html`<p class="sub">And ${count(all - rows.length, 'more')}: the command <code>horizon --authorities</code> has them all.</p>`;
  return html`
    <section aria-labelledby="h-authorities"><h2 id="h-authorities">Authorities that nodes trust</h2>
      <p class="sub">
        A node stays in its cluster as long as its kubelet trusts the authority that signed the API server's certificate. Before a
        successor takes over, every node must trust it, and have read it: kubelets read that file once. For a given successor the
        command <code>horizon --successor</code> tells who would drop out.
      </p>
      ${
        behind.total === 0
          ? html`<p>No node is behind: within each cluster all trust the authority that lasts longest.</p>`
          : html`<p><b class="stop">${count(nodes, 'node')} behind</b> what others of the cluster trust, or what stands in the file.</p>
            ${table('Nodes that are behind', ['Nodes of', '#Nodes', 'What is wrong', 'Since', 'First nodes'], late)}
            ${cut(behind.total, late)}`
      }
      <details><summary>Who trusts which</summary>
        ${table('Authorities by node group', ['Authority', 'Nodes of', '#API server', '#Callers'], uses)}
        ${cut(total, uses)}
      </details>
    </section>`;
}

function placeOf({ cluster = '', group }: Pick<AuthorityUse, 'cluster' | 'group'>): string {
  return group === undefined ? clusterName(cluster) : groupName(cluster, group);
}

function behindRow({ why, authority, nodes, of, since, examples, ...place }: Behind): Html {
  const isOne = nodes === 1;
  const wrong =
    why === 'untrusted' && authority
      ? html`${isOne ? 'Does' : 'Do'} not trust ${authorityText(authority)}, which ${number(authority.trusts)} of the cluster
          ${authority.trusts === 1 ? 'does' : 'do'}: ${isOne ? 'drops' : 'drop'} out when it takes over.`
      : html`The file of the kubeconfig's authorities was changed after ${isOne ? 'its kubelet' : 'their kubelets'} had read it: restart
          ${isOne ? 'that' : 'these'}.`;
  return html`
    <tr>
      <th scope="row" class="wrap"><bdi>${placeOf(place)}</bdi></th>
      <td class="n">${number(nodes)} of ${number(of)}</td>
      <td class="wrap">${wrong}</td>
      <td class="nowrap">${since !== undefined && day(since)}</td>
      <td class="mono nowrap">${examples.map((id) => html`<div>${id}</div>`)}</td>
    </tr>`;
}

function useRow(use: AuthorityUse): Html {
  return html`
    <tr>
      <th scope="row" class="wrap">${authorityText(use)}</th>
      <td class="wrap"><bdi>${placeOf(use)}</bdi></td>
      ${numeral(use.server)}${numeral(use.callers)}
    </tr>`;
}
