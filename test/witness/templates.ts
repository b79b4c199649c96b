/** Settings of which stacks are made for independent witnesses: three partitions, alone and with members. */

const HUB = { account: '111122223333', region: 'eu-west-1' };
const elsewhere = (region: string) => ({
  hub: { ...HUB, region },
  targets: [
    { account: HUB.account, regions: [region] },
    { account: '444455556666', regions: [region] },
  ],
});

export const SETTINGS: readonly { region: string; settings: object }[] = [
  { region: 'eu-west-1', settings: {} },
  {
    region: 'eu-west-1',
    settings: {
      ...elsewhere('eu-west-1'),
      emails: ['ops@example.com'],
      slack: { workspaceId: 'T01234567', channelId: 'C01234567' },
      retention: { mode: 'compliance', breakGlassRole: 'arn:aws:iam::111122223333:role/Last', glacierAfterDays: 90 },
    },
  },
  {
    region: 'eu-west-1',
    settings: {
      name: 'audit',
      permissionsBoundary: 'company-boundary',
      vpc: { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-0123456789abcdef0'] },
      tags: [[{ keys: ['eks:cluster-name', 'karpenter.sh/nodepool'] }], [{ key: 'team', values: ['a', 'b'] }]],
    },
  },
  { region: 'us-gov-west-1', settings: elsewhere('us-gov-west-1') },
  { region: 'cn-north-1', settings: elsewhere('cn-north-1') },
  { region: 'eu-west-1', settings: { schedule: 'rate(12 hours)', flexibleWindowMinutes: 15, concurrency: '10%' } },
];
