/** How alerts call nodes, alone and together. Tested by test/alerts/message.test.ts. */
import type { NodeIdentity } from '../results/node-line.ts';
import { clean, count, list, number } from './text.ts';

/** Longest part of a line; a node's name is for finding it, not for reading. */
const NAME = 64;
/** Groups that one line tells of. */
const PARTS = 4;

/** The nodes of one group: `91 nodes in payments`, and a node that is alone by its name. */
export function nodesIn({ cluster, nodes, examples }: Group): string {
  const where = cluster === undefined ? '' : ` in ${clean(cluster, NAME)}`;
  const [first] = examples;
  return (nodes === 1 && first ? shortName(first) : count(nodes, 'node')) + where;
}

/** One of a group's nodes by its id, and how many more there are; nothing where there is one, which is named. */
export function named({ nodes, examples }: Group): string {
  const [first] = examples;
  return nodes === 1 || first === undefined ? '' : ` (${list([clean(first.id, NAME)], nodes)})`;
}

/** What several groups have in common, by what each is called: `232 nodes: 152 delivery-timed-out in batch, …`. */
export function together<T extends Group>(groups: readonly T[], total: number, called: (group: T) => string): string {
  const parts = groups.slice(0, PARTS).map((group) => {
    const words = clean(called(group), NAME);
    const where = group.cluster === undefined ? '' : `in ${clean(group.cluster, NAME)}`;
    return [number(group.nodes), words, where].filter(Boolean).join(' ');
  });
  const told = groups.slice(0, PARTS).reduce((sum, { nodes }) => sum + nodes, 0);
  return `${count(total, 'node')}: ${parts.join(', ')}${total > told ? ` and ${number(total - told)} more` : ''}`;
}

type Group = { cluster?: string; nodes: number; examples: NodeIdentity[] };

/**
 * The name that kubectl knows comes before the Name tag, which a whole scaling group may share; but where it is the id again
 * (EC2 User Guide, "Amazon EC2 instance hostname types": resource names), the tag says more.
 */
function shortName({ id, name, privateDnsName }: NodeIdentity): string {
  const host = privateDnsName?.split('.')[0];
  return clean(`${id} ${(host !== id && host) || name || ''}`, NAME * 2);
}
