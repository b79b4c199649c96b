/**
 * The configuration with which a kubelet runs, as it tells it itself (kubernetes.io, Set Kubelet Parameters Via A
 * Configuration File, Viewing the kubelet configuration).
 * Tested by test/judging/evaluate.test.ts.
 */
import { type Step, step } from './step.ts';

const LOOK =
  'Look at the configuration with which the kubelet runs (configz); NODE is the name of the node in the cluster.';

/** Shows it by this kubectl. */
export function lookAtConfigz(kubectl: 'kubectl' | 'microk8s kubectl'): Step {
  return step(LOOK, `${kubectl} get --raw "/api/v1/nodes/\${NODE:?}/proxy/configz"`);
}
