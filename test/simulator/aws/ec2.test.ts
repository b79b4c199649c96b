import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeInstancesCommand, type DescribeInstancesCommandInput, EC2Client } from '@aws-sdk/client-ec2';
import type { Node } from '../../../simulator/aws/options.ts';
import { client, HUB, instanceId, nodes, start, world } from './fixture.ts';

async function ask(ec2: EC2Client, input: DescribeInstancesCommandInput) {
  const { Reservations = [], NextToken } = await ec2.send(new DescribeInstancesCommand(input));
  return { instances: Reservations.flatMap(({ Instances = [] }) => Instances), NextToken };
}

const FLEET: Node[] = [
  { instanceId: instanceId(1), tags: { Name: 'a', 'kubernetes.io/cluster/x': 'owned' } },
  { instanceId: instanceId(2), tags: { Name: 'b' }, state: 'stopped' },
  { instanceId: instanceId(3), tags: { Name: 'ab', team: '' }, state: 'terminated' },
  { instanceId: instanceId(4), tags: {}, platform: 'Windows', agent: 'absent' },
  { instanceId: instanceId(5), tags: { Name: 'a*?' } },
];

test('DescribeInstances filters as EC2 does', async (t) => {
  const ec2 = new EC2Client(client(await start(t, { accounts: world({ nodes: FLEET }) })));
  const cases: [string, { Name: string; Values: string[] }[], number[]][] = [
    ['no filter: also stopped and terminated ones', [], [1, 2, 3, 4, 5]],
    ['a tag with its value', [{ Name: 'tag:Name', Values: ['a'] }], [1]],
    ['several values are ORed', [{ Name: 'tag:Name', Values: ['a', 'b'] }], [1, 2]],
    [
      'several filters are ANDed',
      [
        { Name: 'tag:Name', Values: ['a', 'b'] },
        { Name: 'instance-state-name', Values: ['stopped'] },
      ],
      [2],
    ],
    ['* is any text', [{ Name: 'tag:Name', Values: ['a*'] }], [1, 3, 5]],
    ['? is one character', [{ Name: 'tag:Name', Values: ['a?'] }], [3]],
    ['a backslash takes * literally', [{ Name: 'tag:Name', Values: ['a\\*\\?'] }], [5]],
    ['values are case-sensitive', [{ Name: 'tag:Name', Values: ['A'] }], []],
    ['an empty value is a value', [{ Name: 'tag:team', Values: [''] }], [3]],
    ['tag-key', [{ Name: 'tag-key', Values: ['kubernetes.io/cluster/x'] }], [1]],
    ['tag-key with a wildcard', [{ Name: 'tag-key', Values: ['kubernetes.io/cluster/*'] }], [1]],
    ['a tag called like a property of objects', [{ Name: 'tag:constructor', Values: ['*'] }], []],
    ['states', [{ Name: 'instance-state-name', Values: ['running', 'pending'] }], [1, 4, 5]],
    ['ids', [{ Name: 'instance-id', Values: [instanceId(4)] }], [4]],
  ];
  for (const [name, Filters, expected] of cases) {
    const { instances } = await ask(ec2, Filters.length > 0 ? { Filters } : {});
    assert.deepEqual(
      instances.map(({ InstanceId }) => InstanceId),
      expected.map(instanceId),
      name,
    );
  }
});

test('DescribeInstances leaves hidden instances out unless managed resources are asked for', async (t) => {
  const fleet = nodes(2, (number) => ({ hidden: number === 1 }));
  const ec2 = new EC2Client(client(await start(t, { accounts: world({ nodes: fleet }) })));
  assert.equal((await ask(ec2, {})).instances.length, 1);
  assert.equal((await ask(ec2, { IncludeManagedResources: false })).instances.length, 1);
  assert.equal((await ask(ec2, { IncludeManagedResources: true })).instances.length, 2);
});

test('DescribeInstances tells what a scanner reads', async (t) => {
  const launchTime = new Date('2026-01-02T03:04:05.000Z');
  const hostile = '<b>&amp;"\'\r\n\u{1F600}]]>';
  const node: Node = {
    instanceId: instanceId(1),
    tags: { Name: hostile },
    launchTime,
    privateDnsName: 'ip-10-0-0-1.ec2.internal',
  };
  const endpoints = await start(t, { accounts: world({ nodes: [node, ...FLEET.slice(3, 4)] }) });
  const ec2 = new EC2Client(client(endpoints));
  const { Reservations: [first, second] = [] } = await ec2.send(new DescribeInstancesCommand({}));
  assert.equal(first?.OwnerId, HUB);
  const [linux] = first?.Instances ?? [];
  assert.deepEqual(linux?.Tags, [{ Key: 'Name', Value: hostile }]);
  assert.deepEqual(linux?.State, { Code: 16, Name: 'running' });
  assert.deepEqual(linux?.LaunchTime, launchTime);
  assert.equal(linux?.PrivateDnsName, 'ip-10-0-0-1.ec2.internal');
  assert.equal(linux?.Platform, undefined);
  const [windows] = second?.Instances ?? [];
  assert.equal(windows?.Platform, 'windows');
  assert.equal(windows?.Tags, undefined, 'no tags: no list');
  assert.deepEqual(endpoints.calls, { 'ec2.DescribeInstances': 1 });
});

test('DescribeInstances pages', async (t) => {
  const fleet = nodes(12, (number) => ({ state: number === 3 ? 'stopped' : 'running' }));
  const ec2 = new EC2Client(client(await start(t, { accounts: world({ nodes: fleet }) })));
  const Filters = [{ Name: 'instance-state-name', Values: ['running'] }];
  const sizes: number[] = [];
  const seen: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ask(ec2, { Filters, MaxResults: 5, ...(NextToken && { NextToken }) });
    sizes.push(page.instances.length);
    seen.push(...page.instances.map(({ InstanceId }) => InstanceId));
    NextToken = page.NextToken;
  } while (NextToken);
  assert.deepEqual(sizes, [5, 5, 1]);
  assert.deepEqual(
    seen,
    fleet.filter(({ state }) => state === 'running').map(({ instanceId: id }) => id),
  );
  const { NextToken: token = '' } = await ask(ec2, { Filters, MaxResults: 5 });
  await assert.rejects(ask(ec2, { MaxResults: 5, NextToken: token }), { name: 'InvalidNextToken' });
});

test('DescribeInstances refuses what EC2 refuses', async (t) => {
  const ec2 = new EC2Client(client(await start(t, { accounts: world({ nodes: FLEET }) })));
  const manyValues = Array.from({ length: 201 }, String);
  const cases: [string, DescribeInstancesCommandInput, string, RegExp][] = [
    ['a page under 5', { MaxResults: 4 }, 'InvalidParameterValue', /4/],
    ['a page over 1000', { MaxResults: 1001 }, 'InvalidParameterValue', /1001/],
    ['a page of ids', { MaxResults: 5, InstanceIds: [instanceId(1)] }, 'InvalidParameterCombination', /instancesSet/],
    [
      'an unknown id',
      { InstanceIds: [instanceId(9)] },
      'InvalidInstanceID.NotFound',
      /'i-00000000000000009' does not exist/,
    ],
    ['no id at all', { InstanceIds: ['node-1'] }, 'InvalidInstanceID.Malformed', /node-1/],
    ['a made-up token', { NextToken: 'abc' }, 'InvalidNextToken', /not valid/],
    ['201 values', { Filters: [{ Name: 'tag:a', Values: manyValues }] }, 'FilterLimitExceeded', /200/],
    ['a filter without values', { Filters: [{ Name: 'tag:a', Values: [] }] }, 'InvalidParameterValue', /tag:a/],
    ['filters that are not built', { Filters: [{ Name: 'vpc-id', Values: ['v'] }] }, 'NotImplemented', /vpc-id/],
    ['parameters that are not built', { DryRun: true }, 'NotImplemented', /DryRun/],
  ];
  for (const [what, input, name, message] of cases) await assert.rejects(ask(ec2, input), { name, message }, what);
});
