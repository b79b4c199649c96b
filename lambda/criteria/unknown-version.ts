/** What to do where the evidence lacks the kubelet's version. Tested by test/rules/supported-version.test.ts. */
import { step } from '../platforms/step.ts';

/** Why the collector does not know it stands in the node's notes. */
export const lookUpVersion = step(
  "Look up the version of this node's kubelet; the node's notes say why the collector does not know it.",
  'kubectl get nodes',
);
