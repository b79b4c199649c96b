/**
 * DescribeInstanceInformation: the nodes that have a registered agent, and whether it is heard of. ListTagsForResource: the
 * tags of those outside of EC2, which are Systems Manager's own.
 * Tested by test/simulator/aws/ssm-send.test.ts and test/simulator/aws/ssm-hybrid.test.ts.
 */
import * as v from 'valibot';
import { failure, notImplemented } from '../failure.ts';
import { integer, list, readInput, text } from '../input.ts';
import type { Node } from '../options.ts';
import type { Operation } from '../service.ts';
import { fingerprint, pageOf, sizeOf, writeToken } from '../token.ts';

/** Items in a page that names no MaxResults (API reference). */
const DEFAULT_PAGE = 10;

const INPUT = v.strictObject({
  Filters: v.optional(list(v.strictObject({ Key: text(1, 256), Values: list(text(1, 256), 1, 100) }), 0, 100), []),
  MaxResults: v.optional(integer(5, 50)),
  NextToken: v.optional(v.string()),
});

type Filter = v.InferOutput<typeof INPUT>['Filters'][number];

export const describeInstanceInformation: Operation = ({ input, target, state }) => {
  const { Filters, MaxResults, NextToken } = readInput(INPUT, input, 'DescribeInstanceInformation');
  const byTag = Filters.filter(({ Key }) => Key.startsWith('tag')).length;
  if (byTag > 0 && byTag < Filters.length) {
    throw failure(400, 'InvalidFilterKey', 'Tag filters cannot be combined with other filter types.');
  }
  const print = fingerprint('DescribeInstanceInformation', Filters);
  const { pageSize, emptyFirstPages } = state.options;
  const limits = pageOf(NextToken, print, sizeOf(MaxResults, pageSize?.ssm, DEFAULT_PAGE), emptyFirstPages);
  if (!limits) throw failure(400, 'InvalidNextToken', '');
  const matches = Filters.map(matcher);
  const page: object[] = [];
  // Thousands of nodes are asked for by their ids, a page of them at a time.
  const named = Filters.find(({ Key }) => Key === 'InstanceIds')?.Values;
  const nodes = named === undefined ? target.nodes : [...new Set(named)].flatMap((id) => target.byId.get(id) ?? []);
  let next = limits.start;
  for (; next < nodes.length && page.length < limits.size; next++) {
    const node = nodes[next] as Node;
    if (isManaged(node) && matches.every((match) => match(node))) page.push(describe(node, state.now()));
  }
  return { InstanceInformationList: page, ...(next < nodes.length && { NextToken: writeToken(next, print) }) };
};

const isHybrid = ({ instanceId }: Node) => instanceId.startsWith('mi-');
const resourceType = (node: Node) => (isHybrid(node) ? 'ManagedInstance' : 'EC2Instance');

const RESOURCE = v.strictObject({
  ResourceType: v.picklist(['ManagedInstance'], 'Member must satisfy enum value set'),
  ResourceId: v.string(),
});

/** Errors: InvalidResourceId for what is no registered node outside of EC2 (API reference). */
export const listTagsForResource: Operation = ({ input, target }) => {
  const { ResourceId } = readInput(RESOURCE, input, 'ListTagsForResource');
  const node = target.byId.get(ResourceId);
  if (!node || !isHybrid(node) || !isManaged(node)) {
    throw failure(400, 'InvalidResourceId', `The resource ID ${ResourceId} is not valid.`);
  }
  return { TagList: Object.entries(node.tags).map(([Key, Value]) => ({ Key, Value })) };
};

function isManaged({ agent, state }: Node): boolean {
  return agent !== 'absent' && state !== 'terminated';
}

function pingStatus({ agent, state = 'running' }: Node): string {
  return agent !== 'lost' && state === 'running' ? 'Online' : 'ConnectionLost';
}

function matcher({ Key, Values }: Filter): (node: Node) => boolean {
  if (Key === 'InstanceIds') return ({ instanceId }) => Values.includes(instanceId);
  if (Key === 'PingStatus') return (node) => Values.includes(pingStatus(node));
  if (Key === 'PlatformTypes') return ({ platform = 'Linux' }) => Values.includes(platform);
  if (Key === 'ResourceType') return (node) => Values.includes(resourceType(node));
  if (Key === 'tag-key') return ({ tags }) => Values.some((name) => Object.hasOwn(tags, name));
  if (Key.startsWith('tag:')) {
    const name = Key.slice('tag:'.length);
    return ({ tags }) => Object.hasOwn(tags, name) && Values.includes(tags[name] as string);
  }
  if (['AgentVersion', 'ActivationIds', 'IamRole', 'AssociationStatus', 'SourceIds', 'SourceTypes'].includes(Key)) {
    throw notImplemented(`the filter ${Key} of DescribeInstanceInformation`);
  }
  throw failure(400, 'InvalidFilterKey', `The filter key ${Key} is not valid.`);
}

function describe(node: Node, now: Date): object {
  const { instanceId, platform = 'Linux', privateDnsName, privateIpAddress } = node;
  return {
    InstanceId: instanceId,
    PingStatus: pingStatus(node),
    LastPingDateTime: now.getTime() / 1000,
    AgentVersion: '3.3.1957.0',
    IsLatestVersion: true,
    PlatformType: platform,
    PlatformName: platform === 'Linux' ? 'Amazon Linux' : 'Microsoft Windows Server 2022 Datacenter',
    PlatformVersion: platform === 'Linux' ? '2023' : '10.0.20348',
    ResourceType: resourceType(node),
    ...(isHybrid(node) && { ActivationId: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', IamRole: 'hybrid-nodes' }),
    ...(privateIpAddress !== undefined && { IPAddress: privateIpAddress }),
    ...(privateDnsName !== undefined && { ComputerName: privateDnsName }),
  };
}
