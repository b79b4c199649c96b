/**
 * The user data from which nodes are made, and what brings a change of it to a running node. Karpenter tags an instance
 * with its node pool and its EC2NodeClass, and replaces nodes whose EC2NodeClass has changed since (karpenter.sh, Concepts:
 * NodeClasses, spec.userData; Disruption, Drift; aws/karpenter-provider-aws, pkg/apis/v1/labels.go).
 * Tested by test/criteria/remedy.test.ts.
 */
import type { NodeSigns } from './platform.ts';
import { tag } from './signs.ts';
import { type Step, step } from './step.ts';
import { oneLine } from './wording.ts';

const NODE_POOL_TAG = 'karpenter.sh/nodepool';
const NODE_CLASS_TAG = 'karpenter.k8s.aws/ec2nodeclass';

const texts = {
  group: "the node group's user data (launch template)",
  replace: 'Replace the node.',
  nodeClass: (nodeClass: string) => `spec.userData of ${nodeClass}`,
  drift:
    'Wait until Karpenter, which finds the nodes drifted, has replaced them; it leaves those alone that say karpenter.sh/do-not-disrupt.',
};

/** Where the user data of this node is written, and what must be done afterwards. */
export function userDataOf(node: Pick<NodeSigns, 'tags'>): {
  where: string;
  after: readonly [Step];
  nodeClass?: string;
} {
  const nodeClass = nodeClassOf(node);
  if (nodeClass === undefined) return { where: texts.group, after: [step(texts.replace)] };
  return { where: texts.nodeClass(nodeClass), after: [step(texts.drift, 'kubectl get nodeclaims')], nodeClass };
}

function nodeClassOf({ tags }: Pick<NodeSigns, 'tags'>): string | undefined {
  const nodeClass = tag(tags, NODE_CLASS_TAG);
  if (nodeClass) return `the EC2NodeClass ${oneLine(nodeClass)}`;
  const pool = tag(tags, NODE_POOL_TAG);
  return pool && `the EC2NodeClass of the NodePool ${oneLine(pool)}`;
}

/** Karpenter makes the whole user data of its Amazon Linux 2 nodes, and runs that of the EC2NodeClass before. */
export function isKarpenters({ tags }: Pick<NodeSigns, 'tags'>): boolean {
  return nodeClassOf({ tags }) !== undefined;
}
