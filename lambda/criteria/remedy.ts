/** What to do on this very node about one setting: the change, where it is written, and how it takes effect. */
import { platformOf } from '../platforms/index.ts';
import type { Advice, Change } from '../platforms/platform.ts';
import type { NodeView } from './rule.ts';

/** The advice of the node's kind. */
export function remedy(node: NodeView, change: Change): Advice {
  return platformOf(node).change(node, change);
}
