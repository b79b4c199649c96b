import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand, ListTagsForResourceCommand, SSMClient } from '@aws-sdk/client-ssm';
import { client, nodes, start, world } from './fixture.ts';

test('nodes outside of EC2 are managed instances, and only they have tags of Systems Manager', async (t) => {
  const hybrid = 'mi-0123456789abcdef0';
  const fleet = [
    ...nodes(1),
    { instanceId: hybrid, tags: { Fleet: 'yes' } },
    { instanceId: 'mi-0123456789abcdef1', tags: {}, agent: 'absent' as const },
  ];
  const options = client(await start(t, { accounts: world({ nodes: fleet }) }));
  const [ssm, ec2] = [new SSMClient(options), new EC2Client(options)];
  const listed = async (type: string) => {
    const Filters = [{ Key: 'ResourceType', Values: [type] }];
    const { InstanceInformationList = [] } = await ssm.send(new DescribeInstanceInformationCommand({ Filters }));
    return InstanceInformationList.map(({ InstanceId, ResourceType }) => [InstanceId, ResourceType]);
  };
  assert.deepEqual(await listed('ManagedInstance'), [[hybrid, 'ManagedInstance']]);
  assert.deepEqual(await listed('EC2Instance'), [[fleet[0]?.instanceId, 'EC2Instance']]);
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  assert.equal(Reservations.length, 1);
  const tags = (ResourceId: string) =>
    ssm.send(new ListTagsForResourceCommand({ ResourceType: 'ManagedInstance', ResourceId }));
  assert.deepEqual((await tags(hybrid)).TagList, [{ Key: 'Fleet', Value: 'yes' }]);
  for (const id of [fleet[0]?.instanceId ?? '', 'mi-0123456789abcdef1', 'mi-x'])
    await assert.rejects(tags(id), { name: 'InvalidResourceId' }, id);
});
