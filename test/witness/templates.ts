/** Settings of which stacks are made for independent witnesses: three partitions, alone, with members, of an organization and with a copy. */

const HUB = { account: '111122223333', region: 'eu-west-1' };
const elsewhere = (region: string) => ({
  hub: { ...HUB, region },
  targets: [
    { account: HUB.account, regions: [region] },
    { account: '444455556666', regions: [region] },
  ],
});

export const SETTINGS = {
  alone: { region: 'eu-west-1', settings: {} },
  members: {
    region: 'eu-west-1',
    settings: {
      ...elsewhere('eu-west-1'),
      emails: ['ops@example.com'],
      slack: { workspaceId: 'T01234567', channelId: 'C01234567' },
      retention: { mode: 'compliance', breakGlassRole: 'arn:aws:iam::111122223333:role/Last', glacierAfterDays: 90 },
    },
  },
  organization: {
    region: 'eu-west-1',
    settings: { hub: HUB, organization: { id: 'o-a1b2c3d4e5', ous: ['ou-ab12-cdef3456'], exclude: ['999988887777'] } },
  },
  network: {
    region: 'eu-west-1',
    settings: {
      name: 'audit',
      permissionsBoundary: 'company-boundary',
      vpc: { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-0123456789abcdef0'] },
      tags: [[{ keys: ['eks:cluster-name', 'karpenter.sh/nodepool'] }], [{ key: 'team', values: ['a', 'b'] }]],
    },
  },
  brought: {
    region: 'eu-west-1',
    settings: {
      ...elsewhere('eu-west-1'),
      externalId: 'Rz1eX8vQ2mWk7TjC',
      existing: {
        bucket: 'acme-audit',
        prefix: 'kubevigil/',
        dataKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555',
        signingKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/66666666-7777-8888-9999-000000000000',
        alertTopicArn: 'arn:aws:sns:eu-west-1:111122223333:acme-findings',
        alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:acme-alarms',
      },
      emails: ['ops@example.com'],
    },
  },
  copied: {
    region: 'eu-west-1',
    settings: {
      hub: HUB,
      retention: { mode: 'compliance' },
      copy: {
        account: '222233334444',
        region: 'eu-west-1',
        keyArn: 'arn:aws:kms:eu-west-1:222233334444:key/12345678-9abc-def0-1234-56789abcdef0',
      },
    },
  },
  govcloud: { region: 'us-gov-west-1', settings: elsewhere('us-gov-west-1') },
  china: { region: 'cn-north-1', settings: elsewhere('cn-north-1') },
  often: {
    region: 'eu-west-1',
    settings: { schedule: 'rate(12 hours)', flexibleWindowMinutes: 15, concurrency: '10%' },
  },
} satisfies Record<string, { region: string; settings: object }>;
