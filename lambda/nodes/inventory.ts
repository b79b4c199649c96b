/** EC2 tags → every node that must be accounted for, running or not. */
import type { EC2Client, Filter, Instance } from '@aws-sdk/client-ec2';
import { GROUP_TAGS } from '../results/traits.ts';
import type { Tags } from '../settings.ts';
import { inBatches } from './batches.ts';
import type { Outcome } from './outcome.ts';
import { describeInstances } from './reservations.ts';
import { alternativesOf, filtersOf } from './selection.ts';

/**
 * Instances a page of DescribeInstances, of 5 to 1000 (EC2 API reference). A page's whole XML, 11 KB or more an instance, is in
 * memory at once, so half of the most keeps the scan small at little more calls.
 */
const PAGE = 500;
/** Instance ids asked for at once: a filter takes at most 200 values (EC2 User Guide, List and filter your resources). */
const FILTER_VALUES = 200;

/** States of instances that are nodes or may be again; those that are shutting down or terminated are no nodes any more. */
const LIVING = ['pending', 'running', 'stopping', 'stopped'];

/** One node as EC2 knows it. Plain JSON: the plan of a scan keeps it. */
export type InventoryNode = {
  id: string;
  cluster?: string;
  name?: string;
  group?: string;
  owner?: string;
  privateDnsName?: string;
  /** The image that it was started from: `ami-0abc…`. */
  image?: string;
  /** EC2 says `windows` or nothing (EC2 API reference: Instance.Platform). */
  windows?: true;
  /** Absent where it runs. */
  state?: string;
  /** Code of EC2's reason for that state, such as `Client.UserInitiatedHibernate` (EC2 API reference, StateReason). */
  why?: string;
  /** The AWS service that manages the instance, such as EKS Auto Mode (EC2 API reference, OperatorResponse). */
  operator?: string;
  tags: Record<string, string>;
};

const NONE: ReadonlySet<string> = new Set();

/**
 * Yields every living instance that the tags select and whose id is not known, once, page by page. Errors of EC2 are thrown as
 * they are.
 */
export async function* inventory(client: EC2Client, tags: Tags, known = NONE): AsyncGenerator<InventoryNode> {
  const alternatives = alternativesOf(tags);
  const seen = new Set<string>();
  for (const conditions of alternatives) {
    const filters = [{ Name: 'instance-state-name', Values: LIVING }, ...filtersOf(conditions)];
    for await (const node of instances(client, filters, known)) {
      if (seen.has(node.id)) continue;
      if (alternatives.length > 1) seen.add(node.id);
      yield node;
    }
  }
}

/** These instances as EC2 knows them now, whatever their state; those that EC2 has forgotten are absent. */
export async function instancesNow(client: EC2Client, ids: readonly string[]): Promise<Map<string, InventoryNode>> {
  const found = new Map<string, InventoryNode>();
  await inBatches(ids, FILTER_VALUES, async (Values) => {
    // A filter, not InstanceIds: an instance that is gone would make the whole call fail.
    for await (const node of instances(client, [{ Name: 'instance-id', Values }], NONE)) found.set(node.id, node);
  });
  return found;
}

/**
 * Pages may be shorter than asked for, even empty, and yet be followed by others (EC2 API reference, Query requests).
 * Instances that an AWS service manages, as the nodes of EKS Auto Mode, are left out where the account hides them, unless
 * they are asked for (EC2 API reference, DescribeInstances and ModifyManagedResourceVisibility).
 */
async function* instances(
  client: EC2Client,
  Filters: Filter[],
  known: ReadonlySet<string>,
): AsyncGenerator<InventoryNode> {
  let NextToken: string | undefined;
  do {
    const input = { Filters, IncludeManagedResources: true, MaxResults: PAGE, ...(NextToken ? { NextToken } : {}) };
    const page = await describeInstances(client, input, known);
    for (const instance of page.instances) if (instance.InstanceId) yield toNode(instance.InstanceId, instance);
    NextToken = page.NextToken;
  } while (NextToken);
}

function toNode(id: string, instance: Instance): InventoryNode {
  const tags: Record<string, string> = Object.create(null);
  for (const { Key, Value } of instance.Tags ?? []) if (Key !== undefined) tags[Key] = Value ?? '';
  const cluster = namedCluster(tags);
  const state = instance.State?.Name ?? 'running';
  const why = instance.StateReason?.Code;
  return {
    id,
    ...(cluster !== undefined ? { cluster } : {}),
    ...(tags.Name ? { name: tags.Name } : {}),
    ...groupAndOwner(tags),
    ...(instance.PrivateDnsName ? { privateDnsName: instance.PrivateDnsName } : {}),
    ...(instance.ImageId ? { image: instance.ImageId } : {}),
    ...(instance.Platform?.toLowerCase() === 'windows' ? { windows: true as const } : {}),
    ...(state !== 'running' && { state, ...(why && { why }) }),
    ...(instance.Operator?.Managed && { operator: instance.Operator.Principal ?? 'An AWS service' }),
    tags,
  };
}

/**
 * The cluster's name: `eks:cluster-name`, which EKS puts on managed nodes (EKS User Guide, Tag your resources), or
 * `eks:eks-cluster-name`, which Karpenter and Auto Mode put on theirs (karpenter.sh, NodeClasses, spec.tags), else the rest of `kubernetes.io/cluster/<name>`, which cloud-provider-aws asks for (its TagNameKubernetesClusterPrefix).
 */
export function namedCluster(tags: Readonly<Record<string, string>>): string | undefined {
  const named = tags['eks:cluster-name'] || tags['eks:eks-cluster-name'];
  if (named) return named;
  const prefix = 'kubernetes.io/cluster/';
  const names = Object.keys(tags)
    .filter((key) => key.startsWith(prefix) && key.length > prefix.length)
    .sort();
  return names[0]?.slice(prefix.length);
}

/** Tags that name an owner, however they are written (AWS Tagging Best Practices, tags for resource ownership). */
const OWNER_TAGS = ['owner', 'team'];

/** The group and the owner that a node's tags name. */
export function groupAndOwner(tags: Readonly<Record<string, string>>): Pick<InventoryNode, 'group' | 'owner'> {
  const [key] = GROUP_TAGS.find(([each]) => tags[each]) ?? [];
  const lower = new Map(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]));
  const owner = OWNER_TAGS.map((name) => lower.get(name)).find(Boolean);
  return { ...(key && { group: tags[key] as string }), ...(owner && { owner }) };
}

/** EC2 took the instance back: Spot capacity (EC2 API reference, StateReason). */
const SPOT = /^Server\.SpotInstance(Shutdown|Termination)$/;

/**
 * Why a node could not answer, by what EC2 said of it when the scan was planned and says of it now (undefined: nothing any
 * more); undefined where it runs.
 */
export function stateOutcome(
  planned: Pick<InventoryNode, 'state'>,
  now: Pick<InventoryNode, 'state' | 'why'> | undefined,
): Outcome | undefined {
  const { state, why = '' } = now ?? { state: 'terminated' };
  if (state === undefined) return undefined;
  if (state === 'pending') {
    return { reason: 'not-running', detail: 'The instance was still starting; the next scan asks it.' };
  }
  const ended = state === 'terminated' || state === 'shutting-down';
  const happened = SPOT.test(why)
    ? `EC2 took this Spot instance back (${ended ? 'terminated' : 'stopped until there is capacity'})`
    : why === 'Client.UserInitiatedHibernate'
      ? 'The instance is hibernated; its kubelet goes on as it was when the instance is started'
      : ended
        ? 'The instance was terminated'
        : `The instance is ${state}`;
  const ran = planned.state === undefined || ended;
  return ran
    ? { reason: 'gone', detail: `${happened}, after the scan had listed it.` }
    : { reason: 'not-running', detail: `${happened}; it is asked when it runs.` };
}
