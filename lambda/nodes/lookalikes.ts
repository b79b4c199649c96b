/**
 * Instances that look like Kubernetes nodes and that the tags do not select. The evidence is a tag that only Kubernetes'
 * installers set; the same VPC, name or security group would be no proof. Tested by test/cli/nodes.test.ts.
 */
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Tags } from '../settings.ts';
import { type InventoryNode, inventory } from './inventory.ts';
import { isSelected } from './selection.ts';

/** Sources: EKS User Guide, "Tag your resources"; karpenter.sh, NodeClasses; kops.k8s.io, labels; Cluster API for AWS, tags; eksctl. */
const INSTALLERS: readonly [key: string, who: string][] = [
  ['kubernetes.io/cluster/*', 'the cloud provider'],
  ['eks:*', 'EKS'],
  ['karpenter.sh/*', 'Karpenter'],
  ['karpenter.k8s.aws/*', 'Karpenter'],
  ['KubernetesCluster', 'kOps'],
  ['kops.k8s.io/*', 'kOps'],
  ['k8s.io/role/*', 'kOps'],
  ['sigs.k8s.io/cluster-api-provider-aws/*', 'Cluster API'],
  ['alpha.eksctl.io/*', 'eksctl'],
];

const LOOKALIKES: Tags = [{ keys: INSTALLERS.map(([key]) => key) }];

/** The ids of those that the tags select, and the clusters that these are of. */
export type Selected = { ids: ReadonlySet<string>; clusters: ReadonlySet<string> };

/** An instance that is not scanned, and why it looks like a node. */
export type Lookalike = { node: InventoryNode; evidence: string };

/** Yields them. Those that are selected, nearly all that EC2 lists here, are passed over. */
export async function* lookalikes(
  client: EC2Client,
  tags: Tags,
  { ids, clusters }: Selected,
): AsyncGenerator<Lookalike> {
  for await (const node of inventory(client, LOOKALIKES, ids)) {
    if (!isSelected(tags, node.tags)) yield { node, evidence: evidenceOf(node, clusters) };
  }
}

function evidenceOf({ tags, cluster }: InventoryNode, clusters: ReadonlySet<string>): string {
  const found = INSTALLERS.flatMap(([pattern, who]) => {
    const key = Object.keys(tags).find((each) =>
      pattern.endsWith('*') ? each.startsWith(pattern.slice(0, -1)) : each === pattern,
    );
    return key === undefined ? [] : [`the tag ${key}, which ${who} sets`];
  });
  const of = cluster !== undefined && clusters.has(cluster) ? `, and which names the scanned cluster ${cluster}` : '';
  return `it has ${found[0] ?? 'a tag of Kubernetes'}${of}`;
}
