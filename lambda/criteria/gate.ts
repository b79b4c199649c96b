/** How a feature gate is turned on, where this kind of node keeps its gates. */
import type { GateName, Setting } from '../kubelet/configuration.ts';
import { platformOf } from '../platforms/index.ts';
import type { Step } from '../platforms/step.ts';
import type { NodeView } from './rule.ts';

/** How a gate is turned on, without how that takes effect. */
export function openGate(node: NodeView, name: GateName, { source }: Setting<boolean>): Step {
  return platformOf(node).openGate(node, name, source);
}

/** The same where nothing else is to change: with how it takes effect. */
export function openGateAlone(node: NodeView, name: GateName, gate: Setting<boolean>): Step[] {
  return [openGate(node, name, gate), ...platformOf(node).afterChange(node)];
}
