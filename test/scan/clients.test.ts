import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { ListCommandsCommand } from '@aws-sdk/client-ssm';
import { targetClients } from '../../lambda/scan/clients.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';

const environment = { ...process.env };
const [HUB, MEMBER, region] = ['111122223333', '444455556666', 'eu-central-1'];
const endpoints = await startEndpoints({
  accounts: {
    [HUB]: { regions: { [region]: {} } },
    [MEMBER]: { roles: [{ name: 'kubevigil-member' }], regions: { [region]: {} } },
  },
});
after(async () => {
  await endpoints.close();
  process.env = environment;
});
Object.assign(process.env, endpoints.environment);

test('the clients of a target share one session of its role, and count their requests together', async () => {
  const roleArn = `arn:aws:iam::${MEMBER}:role/kubevigil-member`;
  const { ec2, ssm, sender, calls } = targetClients({ account: MEMBER, region, roleArn }, 'test');
  await ec2.send(new DescribeInstancesCommand({}));
  for (const client of [ssm, sender]) await client.send(new ListCommandsCommand({}));
  assert.deepEqual([endpoints.calls['sts.AssumeRole'], calls()], [1, 3]);
});

test('the scanner’s own account needs no role', async () => {
  const before = endpoints.calls['sts.AssumeRole'];
  const { ec2 } = targetClients({ account: HUB, region }, 'test');
  await ec2.send(new DescribeInstancesCommand({}));
  assert.equal(endpoints.calls['sts.AssumeRole'], before);
});
