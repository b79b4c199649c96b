/**
 * What of a node cannot be seen from where it was asked: of Bottlerocket, whose API tells the settings that its kubelet is
 * made from, every file of the host.
 * Tested by test/simulator/fleet/bottlerocket.test.ts.
 */
import { causeIn } from '../criteria/check-settings.ts';
import type { NodeView, Rule, Verdict } from '../criteria/rule.ts';
import { mayServeOwn } from '../kubelet/bottlerocket.ts';
import { type Step, step } from '../platforms/step.ts';

const texts = {
  unseen: (reason: string) =>
    `${reason} Run Command works in Bottlerocket's control container, from which no file of the host is seen, so a person must look.`,
  paired: (reason: string) =>
    `${reason} So it is if settings.kubernetes.server-key is given beside server-certificate: it is a secret and not asked for, so a person must look.`,
  pair: step(
    "Look in the admin container whether the kubelet's file names tlsCertFile.",
    "grep -i tls '/.bottlerocket/rootfs/etc/kubernetes/kubelet/config'",
  ),
  look: step(
    'Look at it in the admin container (`enter-admin-container` in the control container starts it), where the host lies below /.bottlerocket/rootfs.',
  ),
};

/** What a key that is not asked for decides. */
const OF_PAIR = ['tlsCertFile', 'serverTLSBootstrap'];

/** The verdict as it is; where the host's own files, or a secret, would have to say it, what a person must look at. */
export function asSeen<V extends Verdict>({ kubelet }: NodeView, { check }: Rule, verdict: V): V {
  if (kubelet.settings === undefined) return verdict;
  const forPerson = (reason: string, look: Step): V => ({ ...verdict, status: 'manual', reason, remediation: [look] });
  // What kubelet-restart tells is no matter of files that were not seen.
  if (causeIn(verdict.reason) !== undefined) return verdict;
  if (verdict.status === 'error') return forPerson(texts.unseen(verdict.reason), texts.look);
  const { restsOn } = check;
  const byPair = mayServeOwn(kubelet) && restsOn !== 'files' && OF_PAIR.some((path) => restsOn?.includes(path));
  return byPair ? forPerson(texts.paired(verdict.reason), texts.pair) : verdict;
}
