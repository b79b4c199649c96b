/** What to do where the evidence lacks the kubelet's version. Tested by test/rules/supported-version.test.ts. */
import { step } from '../platforms/step.ts';

/** Why the collector does not know it stands in the node's notes; Bottlerocket's API never says the patch. */
export const lookUpVersion = step(
  "Look up the version of this node's kubelet with its patch, which the collector does not know; the node's notes may say why.",
  'kubectl get nodes',
);
