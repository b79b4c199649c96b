/** EC2 tags → every node that must be accounted for. */
import { DescribeInstancesCommand, type EC2Client, type Filter, type Instance } from '@aws-sdk/client-ec2';
import type { Tag } from '../settings.ts';

/**
 * Instances a page of DescribeInstances, of 5 to 1000 (EC2 API reference). The SDK builds a page's whole XML tree in
 * memory, so half of the most keeps the scan small at little more calls.
 */
const PAGE = 500;
/** Instance ids asked for at once: a filter takes at most 200 values (EC2 User Guide, List and filter your resources). */
const FILTER_VALUES = 200;

/** One node as EC2 knows it. Plain JSON: the plan of a scan keeps it. */
export type InventoryNode = {
  id: string;
  cluster?: string;
  name?: string;
  group?: string;
  owner?: string;
  privateDnsName?: string;
  /** EC2 says `windows` or nothing (EC2 API reference: Instance.Platform). */
  windows?: true;
  tags: Record<string, string>;
};

/** Yields every running instance that has all the tags, page by page. Errors of EC2 are thrown as they are. */
export async function* inventory(client: EC2Client, tags: readonly Tag[]): AsyncGenerator<InventoryNode> {
  const filters = tags.map(({ key, values }) =>
    values ? { Name: `tag:${key}`, Values: values.map(literal) } : { Name: 'tag-key', Values: [literal(key)] },
  );
  for await (const [id, instance] of running(client, filters)) yield toNode(id, instance);
}

/** Which of these instances are still running. */
export async function stillRunning(client: EC2Client, ids: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (let start = 0; start < ids.length; start += FILTER_VALUES) {
    // A filter, not InstanceIds: an instance that is gone would make the whole call fail.
    const filter = { Name: 'instance-id', Values: ids.slice(start, start + FILTER_VALUES) };
    for await (const [id] of running(client, [filter])) found.add(id);
  }
  return found;
}

/**
 * Pages may be shorter than asked for, even empty, and yet be followed by others (EC2 API reference, Query requests).
 * Instances that an AWS service manages, as the nodes of EKS Auto Mode, are left out where the account hides them, unless
 * they are asked for (EC2 API reference, DescribeInstances and ModifyManagedResourceVisibility).
 */
async function* running(client: EC2Client, filters: Filter[]): AsyncGenerator<[id: string, instance: Instance]> {
  const Filters = [{ Name: 'instance-state-name', Values: ['running'] }, ...filters];
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new DescribeInstancesCommand({
        Filters,
        IncludeManagedResources: true,
        MaxResults: PAGE,
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    for (const { Instances } of page.Reservations ?? []) {
      for (const instance of Instances ?? []) if (instance.InstanceId) yield [instance.InstanceId, instance];
    }
    NextToken = page.NextToken;
  } while (NextToken);
}

/**
 * A value as EC2's filters take it literally: `*` and `?` are wildcards to them, which a backslash ends (EC2 User Guide,
 * List and filter your resources), but plain characters to the targets of Run Command. Both must select the same nodes.
 */
const literal = (value: string) => value.replaceAll(/[*?\\]/g, '\\$&');

function toNode(id: string, instance: Instance): InventoryNode {
  const tags: Record<string, string> = Object.create(null);
  for (const { Key, Value } of instance.Tags ?? []) if (Key !== undefined) tags[Key] = Value ?? '';
  const cluster = clusterOf(tags);
  return {
    id,
    ...(cluster !== undefined ? { cluster } : {}),
    ...(tags.Name ? { name: tags.Name } : {}),
    ...groupAndOwner(tags),
    ...(instance.PrivateDnsName ? { privateDnsName: instance.PrivateDnsName } : {}),
    ...(instance.Platform?.toLowerCase() === 'windows' ? { windows: true as const } : {}),
    tags,
  };
}

/**
 * The cluster's name: `eks:cluster-name`, which EKS puts on managed nodes (EKS User Guide, Tag your resources), else
 * the rest of `kubernetes.io/cluster/<name>`, which cloud-provider-aws asks for (its TagNameKubernetesClusterPrefix).
 */
function clusterOf(tags: Readonly<Record<string, string>>): string | undefined {
  if (tags['eks:cluster-name']) return tags['eks:cluster-name'];
  const prefix = 'kubernetes.io/cluster/';
  const names = Object.keys(tags)
    .filter((key) => key.startsWith(prefix) && key.length > prefix.length)
    .sort();
  return names[0]?.slice(prefix.length);
}

/**
 * Tags that say which nodes are alike, the nearest first: EKS node groups (EKS User Guide, Tag your resources), Karpenter
 * node pools (karpenter.sh, NodeClasses, spec.tags), Auto Scaling groups (EC2 Auto Scaling User Guide, Tag lifecycle).
 */
const GROUP_TAGS = ['eks:nodegroup-name', 'karpenter.sh/nodepool', 'aws:autoscaling:groupName'];
/** Tags that name an owner, however they are written (AWS Tagging Best Practices, tags for resource ownership). */
const OWNER_TAGS = ['owner', 'team'];

function groupAndOwner(tags: Readonly<Record<string, string>>): Pick<InventoryNode, 'group' | 'owner'> {
  const key = GROUP_TAGS.find((each) => tags[each]);
  const lower = new Map(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]));
  const owner = OWNER_TAGS.map((name) => lower.get(name)).find(Boolean);
  return { ...(key && { group: tags[key] as string }), ...(owner && { owner }) };
}
