/**
 * What of a node cannot be seen from where it was asked: of Bottlerocket, whose API tells the settings that its kubelet is
 * made from, every file of the host.
 * Tested by test/simulator/fleet/bottlerocket.test.ts.
 */
import type { NodeView, Verdict } from '../criteria/rule.ts';
import { step } from '../platforms/step.ts';

const texts = {
  unseen: (reason: string) =>
    `${reason} Run Command works in Bottlerocket's control container, from which no file of the host is seen, so a person must look.`,
  look: step(
    'Look at it in the admin container (`enter-admin-container` in the control container starts it), where the host lies below /.bottlerocket/rootfs.',
  ),
};

/** The verdict as it is; where the host's own files would have to say it, what a person must look at. */
export function asSeen<V extends Verdict>({ kubelet, configuration }: NodeView, verdict: V): V {
  if (kubelet.settings === undefined || configuration.starts !== true || verdict.status !== 'error') return verdict;
  return { ...verdict, status: 'manual', reason: texts.unseen(verdict.reason), remediation: [texts.look] };
}
