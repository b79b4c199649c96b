import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  DescribeDocumentCommand,
  GetDocumentCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { Endpoints } from '../../../simulator/aws/endpoints.ts';
import type { Node, Run } from '../../../simulator/aws/options.ts';
import { client, HUB, instanceId, MEMBER, nodes, REGION, start, world } from './fixture.ts';

const CONTENT = JSON.stringify({
  schemaVersion: '2.2',
  parameters: { greeting: { type: 'String', default: 'hello' } },
  mainSteps: [
    {
      action: 'aws:runShellScript',
      name: 'collect',
      precondition: { StringEquals: ['platformType', 'Linux'] },
      inputs: { timeoutSeconds: '60', runCommand: ['echo {{ greeting }}', 'exit 0'] },
    },
  ],
});

const DOCUMENTS = [{ name: 'Collect', content: CONTENT }];
const TARGETS = [{ Key: 'tag:Fleet', Values: ['yes'] }];

async function send(ssm: SSMClient, input: Partial<SendCommandCommandInput> = {}): Promise<string> {
  const { Command } = await ssm.send(new SendCommandCommand({ DocumentName: 'Collect', Targets: TARGETS, ...input }));
  return Command?.CommandId ?? '';
}

async function statuses(ssm: SSMClient, CommandId: string): Promise<Record<string, string>> {
  const { CommandInvocations = [] } = await ssm.send(new ListCommandInvocationsCommand({ CommandId }));
  return Object.fromEntries(CommandInvocations.map((each) => [each.InstanceId ?? '', each.StatusDetails ?? '']));
}

test('SendCommand refuses what Systems Manager refuses', async (t) => {
  const fleet = nodes(51, (number) => ({ agent: number === 50 ? 'absent' : 'online' }));
  const ssm = new SSMClient(client(await start(t, { accounts: world({ nodes: fleet, documents: DOCUMENTS }) })));
  const ids = fleet.map(({ instanceId: id }) => id);
  const target = (count: number) =>
    Array.from({ length: count }, (_, number) => ({ Key: `tag:${number}`, Values: ['x'] }));
  const shell = { DocumentName: 'AWS-RunShellScript' };
  const cases: [string, Partial<SendCommandCommandInput>, string, RegExp][] = [
    ['delivery in 29 s', { TimeoutSeconds: 29 }, 'ValidationException', /'29' at 'timeoutSeconds'.*equal to 30/],
    ['delivery in over 30 days', { TimeoutSeconds: 2_592_001 }, 'ValidationException', /equal to 2592000/],
    ['a comment of 101 characters', { Comment: 'x'.repeat(101) }, 'ValidationException', /'comment'.*equal to 100/],
    ['six targets', { Targets: target(6) }, 'ValidationException', /'targets'.*equal to 5/],
    [
      '51 values',
      { Targets: [{ Key: 'tag:a', Values: ids }] },
      'ValidationException',
      /'targets\.0\.Values'.*equal to 50/,
    ],
    [
      'a target key with a plus',
      { Targets: [{ Key: 'tag:a+b', Values: ['x'] }] },
      'ValidationException',
      /'targets\.0\.Key'.*pattern/,
    ],
    ['51 ids', { Targets: [], InstanceIds: ids }, 'ValidationException', /'instanceIds'.*equal to 50/],
    ['MaxErrors 101%', { MaxErrors: '101%' }, 'ValidationException', /'maxErrors'/],
    ['MaxConcurrency 0', { MaxConcurrency: '0' }, 'ValidationException', /'maxConcurrency'/],
    ['no target', { Targets: [] }, 'ValidationException', /InstanceIds or Targets/],
    ['a node without agent', { Targets: [], InstanceIds: ids.slice(50) }, 'InvalidInstanceId', /not in a valid state/],
    ['an unknown node', { Targets: [], InstanceIds: [instanceId(99)] }, 'InvalidInstanceId', /not in a valid state/],
    ['a node twice', { Targets: [], InstanceIds: [instanceId(1), instanceId(1)] }, 'DuplicateInstanceId', /./],
    ['an unknown document', { DocumentName: 'Collct' }, 'InvalidDocument', /Collct/],
    [
      'a document of another region',
      { DocumentName: `arn:aws:ssm:us-east-1:${HUB}:document/Collect` },
      'InvalidDocument',
      /us-east-1/,
    ],
    ['an unknown version', { DocumentVersion: '2' }, 'InvalidDocumentVersion', /2/],
    ['another hash', { DocumentHash: 'f'.repeat(64), DocumentHashType: 'Sha256' }, 'InvalidDocument', /hash/],
    ['an undefined parameter', { Parameters: { commands: ['x'] } }, 'InvalidParameters', /"commands" is not defined/],
    ['a missing parameter', { ...shell, Parameters: {} }, 'InvalidParameters', /"commands" requires a value/],
    [
      'a parameter called like a property of objects',
      { ...shell, Parameters: { commands: ['x'], toString: ['x'] } },
      'InvalidParameters',
      /"toString"/,
    ],
    ['what is not built', { OutputS3BucketName: 'bucket' }, 'NotImplemented', /OutputS3BucketName of SendCommand/],
    [
      'other targets',
      { Targets: [{ Key: 'resource-groups:Name', Values: ['x'] }] },
      'NotImplemented',
      /resource-groups/,
    ],
  ];
  for (const [what, input, name, message] of cases) await assert.rejects(send(ssm, input), { name, message }, what);
});

test('targets match managed, running nodes only', async (t) => {
  const fleet: Node[] = [
    { instanceId: instanceId(1), tags: { Fleet: 'yes', role: 'a' } },
    { instanceId: instanceId(2), tags: { Fleet: 'yes', role: 'b' }, agent: 'lost' },
    { instanceId: instanceId(3), tags: { Fleet: 'yes', role: 'a' }, agent: 'absent' },
    { instanceId: instanceId(4), tags: { Fleet: 'yes', role: 'a' }, state: 'stopped' },
    { instanceId: instanceId(5), tags: { Fleet: 'no', role: 'a' } },
    { instanceId: instanceId(6), tags: { Fleet: 'yes*', role: 'a' } },
  ];
  const ssm = new SSMClient(
    client(await start(t, { accounts: world({ nodes: fleet, documents: DOCUMENTS }), unseenReads: 0 })),
  );
  const cases: [string, SendCommandCommandInput['Targets'], number[]][] = [
    ['one tag', TARGETS, [1, 2]],
    ['values are ORed', [{ Key: 'tag:Fleet', Values: ['yes', 'no'] }], [1, 2, 5]],
    ['targets are ANDed', [...TARGETS, { Key: 'tag:role', Values: ['b'] }], [2]],
    ['tag-key', [{ Key: 'tag-key', Values: ['role'] }], [1, 2, 5, 6]],
    ['ids', [{ Key: 'InstanceIds', Values: [instanceId(5), instanceId(3)] }], [5]],
    ['* is no wildcard here', [{ Key: 'tag:Fleet', Values: ['*'] }], []],
  ];
  for (const [what, Targets, expected] of cases) {
    const CommandId = await send(ssm, { Targets });
    assert.deepEqual(Object.keys(await statuses(ssm, CommandId)), expected.map(instanceId), what);
  }
});

test('a command without nodes is a success with no instances', async (t) => {
  const ssm = new SSMClient(client(await start(t, { accounts: world({ documents: DOCUMENTS }), unseenReads: 0 })));
  const { Commands: [command] = [] } = await ssm.send(new ListCommandsCommand({ CommandId: await send(ssm) }));
  assert.deepEqual([command?.Status, command?.StatusDetails, command?.TargetCount], ['Success', 'NoInstancesInTag', 0]);
});

test('a command that is cut short ends by its word, and only those that it reached have answers', async (t) => {
  for (const [details, status] of [
    ['Rate Exceeded', 'Failed'],
    ['No Instances In Tag', 'Success'],
    ['Incomplete', 'Failed'],
    ['Cancelled', 'Cancelled'],
  ] as const) {
    const endsAs = () => ({ details, sentTo: 2 });
    const more = { accounts: world({ nodes: nodes(5), documents: DOCUMENTS }), unseenReads: 0, endsAs };
    const ssm = new SSMClient(client(await start(t, more)));
    const id = await send(ssm);
    assert.equal(Object.keys(await statuses(ssm, id)).length, 2);
    const { Commands: [command] = [] } = await ssm.send(new ListCommandsCommand({ CommandId: id }));
    assert.deepEqual([command?.Status, command?.StatusDetails], [status, details.replaceAll(' ', '')]);
  }
});

test('MaxErrors stops a command', async (t) => {
  const failing = (number: number): Partial<Node> => ({ answer: { stdout: '', exitCode: number % 2 } });
  const ssm = new SSMClient(
    client(await start(t, { accounts: world({ nodes: nodes(20, failing), documents: DOCUMENTS }), unseenReads: 0 })),
  );
  const cases: [string, Partial<SendCommandCommandInput>, Record<string, number>, string][] = [
    ['by default at the first error', { MaxConcurrency: '1' }, { Success: 1, Failed: 1, Terminated: 18 }, 'Failed'],
    ['what runs already goes on', { MaxConcurrency: '5' }, { Success: 3, Failed: 2, Terminated: 15 }, 'Failed'],
    ['the default concurrency is 50', {}, { Success: 10, Failed: 10 }, 'Failed'],
    ['3 allow three', { MaxConcurrency: '1', MaxErrors: '3' }, { Success: 4, Failed: 4, Terminated: 12 }, 'Failed'],
    [
      '10% of 20 allow two',
      { MaxConcurrency: '5%', MaxErrors: '10%' },
      { Success: 3, Failed: 3, Terminated: 14 },
      'Failed',
    ],
    ['100% allow all', { MaxConcurrency: '1', MaxErrors: '100%' }, { Success: 10, Failed: 10 }, 'Incomplete'],
  ];
  for (const [what, input, expected, details] of cases) {
    const CommandId = await send(ssm, input);
    const counts: Record<string, number> = {};
    for (const status of Object.values(await statuses(ssm, CommandId))) counts[status] = (counts[status] ?? 0) + 1;
    assert.deepEqual(counts, expected, what);
    const { Commands: [command] = [] } = await ssm.send(new ListCommandsCommand({ CommandId }));
    assert.equal(command?.StatusDetails, details, what);
    assert.equal(command?.CompletedCount, 20, what);
    assert.equal(command?.ErrorCount, expected.Failed, what);
  }
});

test('MaxConcurrency bounds how many run at once', async (t) => {
  let running = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const answer = async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => waiting.push(resolve));
    running--;
    return { stdout: 'done', exitCode: 0 };
  };
  const fleet = nodes(10, () => ({ answer }));
  const ssm = new SSMClient(
    client(await start(t, { accounts: world({ nodes: fleet, documents: DOCUMENTS }), unseenReads: 0 })),
  );
  const CommandId = await send(ssm, { MaxConcurrency: '3' });
  const count = async () => (await ssm.send(new ListCommandsCommand({ CommandId }))).Commands?.[0];
  assert.equal(running, 3);
  assert.equal((await count())?.StatusDetails, 'InProgress');
  while ((await count())?.CompletedCount !== 10) {
    for (const resolve of waiting.splice(0)) resolve();
  }
  assert.equal(most, 3);
  assert.equal((await count())?.StatusDetails, 'Success');
});

test('a node runs the script of the document, or of the parameters', async (t) => {
  const runs: Run[] = [];
  const answer = (run: Run) => {
    runs.push(run);
    return { stdout: '', exitCode: 0 };
  };
  const ssm = new SSMClient(
    client(await start(t, { accounts: world({ nodes: nodes(1, () => ({ answer })), documents: DOCUMENTS }) })),
  );
  const first = await send(ssm);
  const second = await send(ssm, {
    DocumentName: 'AWS-RunShellScript',
    Parameters: { commands: ['#!/bin/sh', 'id'], executionTimeout: ['30'] },
  });
  const where = { account: HUB, region: REGION, instanceId: instanceId(0) };
  assert.deepEqual(runs, [
    {
      ...where,
      commandId: first,
      document: 'Collect',
      commands: ['echo hello', 'exit 0'],
      timeoutSeconds: 60,
    },
    { ...where, commandId: second, document: 'AWS-RunShellScript', commands: ['#!/bin/sh', 'id'], timeoutSeconds: 30 },
  ]);
});

test('documents have versions and hashes, and can be shared with accounts', async (t) => {
  const [one, two] = [CONTENT, CONTENT.replace('exit 0', 'exit 2')];
  const documents = [
    { name: 'Collect', content: one, version: '1' },
    { name: 'Collect', content: two, version: '2', isDefault: true, sharedWith: [HUB] },
  ];
  const accounts = { ...world({ documents: DOCUMENTS }), [MEMBER]: { regions: { [REGION]: { documents } } } };
  const ssm = new SSMClient(client(await start(t, { accounts })));
  const arn = `arn:aws:ssm:${REGION}:${MEMBER}:document/Collect`;
  const hash = createHash('sha256').update(two).digest('hex');
  const { Document } = await ssm.send(new DescribeDocumentCommand({ Name: arn }));
  assert.equal(Document?.Hash, hash);
  assert.equal(Document?.HashType, 'Sha256');
  assert.equal(Document?.DocumentVersion, '2');
  const { Content } = await ssm.send(new GetDocumentCommand({ Name: arn, DocumentVersion: '2' }));
  assert.equal(Content, two);
  assert.match(
    await send(ssm, { DocumentName: arn, DocumentVersion: '2', DocumentHash: hash, DocumentHashType: 'Sha256' }),
    /^[0-9a-f-]{36}$/,
  );
  const unshared = ssm.send(new GetDocumentCommand({ Name: arn, DocumentVersion: '1' }));
  await assert.rejects(unshared, { name: 'InvalidDocumentVersion' });
  await assert.rejects(send(ssm, { DocumentName: arn.replace(MEMBER, '333333333333') }), { name: 'InvalidDocument' });
});

test('documents that Systems Manager would not take are refused at the start', async (t) => {
  const step = (JSON.parse(CONTENT) as { mainSteps: object[] }).mainSteps[0];
  const cases: [string, string, RegExp][] = [
    ['no JSON', 'schemaVersion: "2.2"', /SSM document Collect must be JSON/],
    ['another schema', '{"schemaVersion":"0.3"}', /Collect: schemaVersion: .*2\.2/],
    ['two steps', JSON.stringify({ schemaVersion: '2.2', mainSteps: [step, step] }), /exactly one step/],
    ['an undeclared parameter', CONTENT.replace('greeting }}', 'name }}'), /uses {{ name }} but does not declare it/],
    ['64 KB and more', `${CONTENT}${' '.repeat(65_536)}`, /64 KB/],
  ];
  for (const [what, content, message] of cases) {
    const started: Promise<Endpoints> = start(t, { accounts: world({ documents: [{ name: 'Collect', content }] }) });
    await assert.rejects(started, { message }, what);
  }
});

test('ListCommands finds a command again by what was sent', async (t) => {
  let seconds = 0;
  const now = () => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));
  const ssm = new SSMClient(client(await start(t, { accounts: world({ documents: DOCUMENTS }), now, unseenReads: 0 })));
  for (; seconds < 3; seconds++) await send(ssm, { Comment: `scan ${seconds}` });
  const shell = { DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['id'] } };
  await send(ssm, { ...shell, Comment: 'other' });
  const comments = async (input: object) =>
    (await ssm.send(new ListCommandsCommand(input))).Commands?.map(({ Comment }) => Comment);
  assert.deepEqual(await comments({}), ['other', 'scan 2', 'scan 1', 'scan 0'], 'newest first');
  assert.deepEqual(await comments({ Filters: [{ key: 'DocumentName', value: 'Collect' }] }), [
    'scan 2',
    'scan 1',
    'scan 0',
  ]);
  assert.deepEqual(await comments({ Filters: [{ key: 'InvokedAfter', value: '2026-01-01T00:00:02Z' }] }), [
    'other',
    'scan 2',
  ]);
  assert.deepEqual(await comments({ Filters: [{ key: 'InvokedBefore', value: '2026-01-01T00:00:01Z' }] }), ['scan 0']);
  assert.deepEqual(await comments({ Filters: [{ key: 'Status', value: 'Failed' }] }), []);
  assert.deepEqual(await comments({ CommandId: '00000000-0000-4000-8000-000000000000' }), []);
  const { NextToken } = await ssm.send(new ListCommandsCommand({ MaxResults: 3 }));
  assert.deepEqual(await comments({ MaxResults: 3, NextToken }), ['scan 0']);
  await assert.rejects(comments({ CommandId: 'x' }), { name: 'ValidationException' });
  await assert.rejects(comments({ MaxResults: 51 }), { name: 'ValidationException' });
  await assert.rejects(comments({ NextToken: 'x' }), { name: 'InvalidNextToken' });
});
