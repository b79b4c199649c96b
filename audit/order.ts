/** The order of rows, and which of them are about one node. Tested by test/audit/order.test.ts. */

import { ascending } from '../lambda/results/order.ts';

/** What a row is about. */
export type Placed = { archive: string; account: string; region: string; node: string };

/** The order of rows about nodes. */
export function byPlace(a: Placed, b: Placed): number {
  const of = ({ archive, account, region, node }: Placed) => [archive, account, region, node].join('\n');
  return ascending(of(a), of(b));
}

/** Ids of the nodes that rows are about, each once; a node of another account or region is another one, whatever its id. */
export function nodesOf(rows: readonly Omit<Placed, 'archive'>[]): string[] {
  return [...new Map(rows.map(({ account, region, node }) => [`${account}/${region}/${node}`, node])).values()];
}
