/**
 * Steps that are done on the node itself. Tested by test/judging/remedies.test.ts.
 */
import { platformOf } from '../platforms/index.ts';
import { type Step, step } from '../platforms/step.ts';
import type { NodeView } from './rule.ts';

/** A step with a command of the host, which kinds of nodes without a shell do not have. */
export function onNode(node: NodeView, text: string, command: string | undefined): Step {
  return step(text, platformOf(node).files.byHand ? command : undefined);
}
