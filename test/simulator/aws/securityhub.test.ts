import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AwsSecurityFinding,
  BatchImportFindingsCommand,
  DescribeHubCommand,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { client, HUB, MEMBER, REGION, start, world } from './fixture.ts';

const product = (account: string, region = REGION) =>
  `arn:aws:securityhub:${region}:${account}:product/${account}/default`;

const finding = (more: Partial<AwsSecurityFinding> = {}): AwsSecurityFinding => ({
  SchemaVersion: '2018-10-08',
  Id: 'one',
  ProductArn: product(HUB),
  GeneratorId: 'rule',
  AwsAccountId: HUB,
  CreatedAt: '2026-11-23T02:00:00.000Z',
  UpdatedAt: '2026-11-23T02:00:00.000Z',
  Title: 'title',
  Description: 'description',
  FindingProviderFields: { Severity: { Label: 'HIGH' }, Types: ['Software and Configuration Checks'] },
  Resources: [{ Type: 'AwsEc2Instance', Id: 'arn:aws:ec2:eu-west-1:111111111111:instance/i-1' }],
  ...more,
});

test('a finding of the same id is updated, and what customers made of it stays until it is back', async (t) => {
  const endpoints = await start(t, { accounts: world({ securityHub: true }) });
  const hub = new SecurityHubClient(client(endpoints));
  const send = (...Findings: AwsSecurityFinding[]) => hub.send(new BatchImportFindingsCommand({ Findings }));
  const { FailedCount, SuccessCount } = await send(finding(), finding({ Id: 'two' }));
  assert.deepEqual([FailedCount, SuccessCount], [0, 2]);
  const [first] = endpoints.findings(HUB, REGION);
  assert.ok(first);
  const statusAfter = async (status: string, more: Partial<AwsSecurityFinding>) => {
    const now = endpoints.findings(HUB, REGION).find(({ Id }) => Id === 'one');
    if (now) now.Workflow.Status = status;
    await send(finding(more));
    return endpoints.findings(HUB, REGION).find(({ Id }) => Id === 'one')?.Workflow.Status;
  };
  assert.equal(await statusAfter('NOTIFIED', { Title: 'another' }), 'NOTIFIED');
  assert.equal(await statusAfter('RESOLVED', { RecordState: 'ARCHIVED' }), 'RESOLVED');
  assert.equal(await statusAfter('RESOLVED', { RecordState: 'ACTIVE' }), 'NEW');
  await send(finding({ RecordState: 'ARCHIVED' }));
  assert.equal(await statusAfter('SUPPRESSED', { RecordState: 'ACTIVE' }), 'SUPPRESSED');
  assert.deepEqual(
    endpoints.findings(HUB, REGION).map(({ Id, Title }) => [Id, Title]),
    [
      ['one', 'title'],
      ['two', 'title'],
    ],
  );
});

test('each finding that is none is refused by itself, with what is wrong', async (t) => {
  const endpoints = await start(t, { accounts: world({ securityHub: true }) });
  const hub = new SecurityHubClient(client(endpoints));
  const wrong: [Partial<AwsSecurityFinding>, RegExp][] = [
    [{ Title: ' ' }, /data\.Title should match pattern/],
    [{ Description: 'x'.repeat(1025) }, /data\.Description should NOT be longer than 1024 characters/],
    [{ UpdatedAt: 'yesterday' }, /data\.UpdatedAt should match format date-time/],
    [{ Resources: [] }, /data\.Resources should NOT have fewer than 1 items/],
    [{ FindingProviderFields: { Types: ['CIS'], Severity: { Label: 'LOW' } } }, /namespace\/category\/classifier/],
    [{ ProductFields: { 'aws/x': 'y' } }, /reserved/],
    [
      { ProductFields: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v'])) },
      /NOT have more than 50 properties/,
    ],
    [{ Compliance: { RelatedRequirements: Array.from({ length: 33 }, String) } }, /data\.Compliance/],
  ];
  const Findings = [finding({ Id: 'good' }), ...wrong.map(([more], index) => finding({ Id: `bad-${index}`, ...more }))];
  const {
    FailedCount,
    SuccessCount,
    FailedFindings = [],
  } = await hub.send(new BatchImportFindingsCommand({ Findings }));
  assert.deepEqual([FailedCount, SuccessCount], [wrong.length, 1]);
  for (const [index, [, text]] of wrong.entries()) {
    assert.equal(FailedFindings[index]?.Id, `bad-${index}`);
    assert.equal(FailedFindings[index]?.ErrorCode, 'InvalidInput');
    assert.match(FailedFindings[index]?.ErrorMessage ?? '', text);
  }
});

test('requests are refused that Security Hub refuses', async (t) => {
  const accounts = { ...world({ securityHub: true }), [MEMBER]: { regions: { [REGION]: { securityHub: true } } } };
  const endpoints = await start(t, { accounts });
  const refusals: [string, AwsSecurityFinding[], string][] = [
    [REGION, [], 'InvalidInputException'],
    [REGION, Array.from({ length: 101 }, (_, index) => finding({ Id: `${index}` })), 'InvalidInputException'],
    [REGION, [finding({ AwsAccountId: MEMBER })], 'AccessDeniedException'],
    [REGION, [finding({ ProductArn: product(MEMBER) })], 'AccessDeniedException'],
    ['us-east-1', [finding({ ProductArn: product(HUB, 'us-east-1') })], 'InvalidAccessException'],
  ];
  for (const [region, Findings, name] of refusals) {
    const hub = new SecurityHubClient(client(endpoints, region));
    await assert.rejects(hub.send(new BatchImportFindingsCommand({ Findings })), { name }, name);
  }
  const hub = new SecurityHubClient(client(endpoints));
  await assert.rejects(hub.send(new DescribeHubCommand({})), { name: 'NotImplemented' });
  const Findings = [finding({ Network: { Protocol: 'TCP' } })];
  await assert.rejects(hub.send(new BatchImportFindingsCommand({ Findings })), { name: 'NotImplemented' });
  assert.deepEqual(endpoints.findings(HUB, REGION), []);
});
