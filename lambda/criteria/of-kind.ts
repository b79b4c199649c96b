/** Parts of a verdict that all nodes of a kind have alike, whatever else of it is a node's own. Tested by test/judging/alike.test.ts. */
import type { NodeView } from './rule.ts';
import type { Started } from './setting.ts';

/**
 * What `compute` says of this node, or said of another of its kind. It says it of the node that it is given, whose configuration starts
 * as this one's does, and of nothing else; `name` tells it from all else that is asked so.
 */
export function ofKind<T>(node: NodeView, name: string, compute: (node: NodeView, configuration: Started) => T): T {
  const each = (one: NodeView) => compute(one, one.configuration as Started);
  return node.ofKind ? node.ofKind(name, each) : each(node);
}
