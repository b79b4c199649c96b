/** How alerts call nodes, alone and together. Tested by test/alerts/message.test.ts. */
import type { AlertNode } from './alert.ts';
import { clean, count, list, number } from './text.ts';

/** Longest part of a line; a node's name is for finding it, not for reading. */
const NAME = 64;
const NODES_NAMED = 3;

/** `i-0abc ip-10-0-1-7.ec2.internal, worker-7, cluster prod, 111122223333 eu-west-1`. */
export function nodeName(node: AlertNode, alone: boolean): string {
  const { account = '', region = '', cluster, name, privateDnsName } = node;
  const parts = [clean(`${node.id} ${privateDnsName || name || ''}`, NAME * 2)];
  if (privateDnsName && name) parts.push(clean(name, NAME));
  if (cluster) parts.push(`cluster ${clean(cluster, NAME)}`);
  if (!alone && account) parts.push(clean(`${account} ${region}`, NAME));
  return parts.join(', ');
}

/** The name that kubectl knows comes before the Name tag, which a whole scaling group may share. */
export function shortName({ id, name, privateDnsName }: AlertNode): string {
  return clean(`${id} ${privateDnsName?.split('.')[0] || name || ''}`, NAME * 2);
}

/** The first of some nodes by name, and how many more there are of `nodes` in all. */
export function someNames(found: readonly { node: AlertNode }[], nodes: number): string {
  return list(
    found.slice(0, NODES_NAMED).map(({ node }) => shortName(node)),
    nodes,
  );
}

/** The nodes of one group, with the clusters where those are all known. */
export function where(found: { node: AlertNode }[], nodes: number, alone: boolean): string {
  const [first] = found;
  if (nodes === 1 && first) return nodeName(first.node, alone);
  const clusters = [...Map.groupBy(found, ({ node }) => node.cluster ?? 'no cluster')];
  clusters.sort(([, a], [, b]) => b.length - a.length);
  // Where the items are cut, their clusters are only examples.
  const complete = found.length === nodes;
  const inClusters = clusters.slice(0, NODES_NAMED).map(([cluster, { length }]) => {
    return clean(cluster, NAME) + (complete && clusters.length > 1 ? ` ${number(length)}` : '');
  });
  return `${count(nodes, 'node')} (${complete ? '' : 'some in '}${list(inClusters, clusters.length)}): ${someNames(found, nodes)}`;
}
