import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceOf } from '../../lambda/results/resource.ts';

const place = { account: '111122223333', region: 'eu-central-1' };

for (const [id, partition, type, arn] of [
  [
    'i-0123456789abcdef0',
    'aws',
    'AWS::EC2::Instance',
    'arn:aws:ec2:eu-central-1:111122223333:instance/i-0123456789abcdef0',
  ],
  [
    'mi-0123456789abcdef0',
    'aws-us-gov',
    'AWS::SSM::ManagedInstanceInventory',
    'arn:aws-us-gov:ssm:eu-central-1:111122223333:managed-instance/mi-0123456789abcdef0',
  ],
] as const) {
  test(`${id} is ${type}`, () => assert.deepEqual(resourceOf({ id, ...place }, partition), { type, arn }));
}
