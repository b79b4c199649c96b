/**
 * Hybrid nodes: machines outside of EC2 that a hybrid activation has registered with Systems Manager, as EKS Hybrid Nodes
 * are. EC2 does not list them, so their inventory is Systems Manager's. Sources: AWS Systems Manager API reference,
 * DescribeInstanceInformation (ResourceType ManagedInstance) and ListTagsForResource; User Guide, "Managing nodes in hybrid
 * environments".
 */
import type { EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeInstanceInformationCommand,
  type InstanceInformation,
  ListTagsForResourceCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { hybridCluster } from '../platforms/eks.ts';
import { isHybrid } from '../platforms/signs.ts';
import type { Tags } from '../settings.ts';
import { inBatches } from './batches.ts';
import { groupAndOwner, type InventoryNode, inventory, namedCluster } from './inventory.ts';
import type { Outcome } from './outcome.ts';
import { pings } from './run-command.ts';
import { isSelected } from './selection.ts';

/** Largest page of DescribeInstanceInformation. */
const PAGE = 50;
/** Errors of ListTagsForResource that speak of one node only: it is registered no longer. */
const GONE: ReadonlySet<string> = new Set(['InvalidResourceId']);

/** Every node that must be accounted for: EC2's, then, where the settings say so, those outside of EC2. */
export async function* nodesOf(
  { ec2, ssm }: { ec2: EC2Client; ssm: SSMClient },
  settings: { tags: Tags; hybridNodes: boolean },
): AsyncGenerator<InventoryNode> {
  yield* inventory(ec2, settings.tags);
  if (settings.hybridNodes) yield* hybridNodes(ssm, settings.tags);
}

/** Yields every hybrid node that the tags select. Errors of Systems Manager are thrown as they are. */
export async function* hybridNodes(client: SSMClient, tags: Tags): AsyncGenerator<InventoryNode> {
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new DescribeInstanceInformationCommand({
        Filters: [{ Key: 'ResourceType', Values: ['ManagedInstance'] }],
        MaxResults: PAGE,
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    const listed = new Map(
      (page.InstanceInformationList ?? []).flatMap((each): [string, InstanceInformation][] =>
        each.InstanceId !== undefined && isHybrid(each.InstanceId) ? [[each.InstanceId, each]] : [],
      ),
    );
    const found = new Map<string, InventoryNode>();
    await inBatches([...listed.keys()], 1, async ([id = '']) => {
      const own = await tagsOf(client, id);
      if (own && isSelected(tags, own)) found.set(id, toNode(id, listed.get(id) ?? {}, own));
    });
    // In the order of the page, whichever tags came first.
    for (const id of listed.keys()) {
      const node = found.get(id);
      if (node) yield node;
    }
    NextToken = page.NextToken;
  } while (NextToken);
}

/** The tags of a managed node; undefined where it is registered no longer. */
async function tagsOf(client: SSMClient, id: string): Promise<Record<string, string> | undefined> {
  const tags: Record<string, string> = Object.create(null);
  try {
    const { TagList } = await client.send(
      new ListTagsForResourceCommand({ ResourceType: 'ManagedInstance', ResourceId: id }),
    );
    for (const { Key, Value } of TagList ?? []) if (Key !== undefined) tags[Key] = Value ?? '';
    return tags;
  } catch (error) {
    if (GONE.has((error as Error).name)) return undefined;
    throw error;
  }
}

function toNode(id: string, listed: InstanceInformation, tags: Record<string, string>): InventoryNode {
  const cluster = hybridCluster(tags) ?? namedCluster(tags);
  const name = tags.Name || listed.ComputerName;
  return {
    id,
    ...(cluster !== undefined ? { cluster } : {}),
    ...(name ? { name } : {}),
    ...groupAndOwner(tags),
    ...(listed.PlatformType === 'Windows' ? { windows: true as const } : {}),
    tags,
  };
}

const DEREGISTERED: Outcome = {
  reason: 'gone',
  detail: 'The managed node was deregistered from Systems Manager after the scan had listed it.',
};

/** What became of hybrid nodes that EC2 cannot tell of: those that are registered no longer. */
export function hybridOutcome(id: string, agents: ReadonlyMap<string, string>): Outcome | undefined {
  return isHybrid(id) && !agents.has(id) ? DEREGISTERED : undefined;
}

/** Those of these ids that are registered now. */
export async function registered(client: SSMClient, ids: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set((await pings(client, ids.filter(isHybrid))).keys());
}
