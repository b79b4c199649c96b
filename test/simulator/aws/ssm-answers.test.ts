/**
 * What commands and their invocations look like from outside, from the first read to the last.
 * Long because one simulated fleet and its clock serve all cases.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeInstanceInformationCommand,
  type DescribeInstanceInformationCommandInput,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { Answer, EndpointOptions, Node, StatusDetails } from '../../../simulator/aws/options.ts';
import { client, instanceId, nodes, start, world } from './fixture.ts';

const CONTENT = JSON.stringify({
  schemaVersion: '2.2',
  mainSteps: [
    {
      action: 'aws:runShellScript',
      name: 'collect',
      precondition: { StringEquals: ['platformType', 'Linux'] },
      inputs: { runCommand: ['true'], timeoutSeconds: 100 },
    },
  ],
});

/** Sends a command to a fleet and gives what asks for its answers. */
async function ask(t: Parameters<typeof start>[0], fleet: Node[], options: Partial<EndpointOptions> = {}) {
  const accounts = world({ nodes: fleet, documents: [{ name: 'Collect', content: CONTENT }] });
  const ssm = new SSMClient(client(await start(t, { accounts, unseenReads: 0, ...options })));
  const Targets = [{ Key: 'tag:Fleet', Values: ['yes'] }];
  const input = { DocumentName: 'Collect', Targets, MaxErrors: '100%', MaxConcurrency: '100%', TimeoutSeconds: 60 };
  const { Command } = await ssm.send(new SendCommandCommand(input));
  const CommandId = Command?.CommandId ?? '';
  return {
    ssm,
    CommandId,
    list: (more: object = {}) => ssm.send(new ListCommandInvocationsCommand({ CommandId, Details: true, ...more })),
    get: (InstanceId = instanceId(0), more: object = {}) =>
      ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId, ...more })),
    command: async () => (await ssm.send(new ListCommandsCommand({ CommandId }))).Commands?.[0],
  };
}

function answering(...answers: (Answer | StatusDetails)[]): Node[] {
  return answers.map((answer, number) => ({ instanceId: instanceId(number), tags: { Fleet: 'yes' }, answer }));
}

const OK: Answer = { stdout: 'ok', exitCode: 0 };

test('a command is seen late, and how late is counted in reads', async (t) => {
  const { command, list, get } = await ask(t, answering(OK), { unseenReads: 3 });
  const first = await command();
  assert.deepEqual([first?.TargetCount, first?.CompletedCount, first?.Status], [0, 0, 'Pending']);
  assert.deepEqual((await list()).CommandInvocations, []);
  await assert.rejects(get(), { name: 'InvocationDoesNotExist' });
  assert.equal((await get()).StandardOutputContent, 'ok');
  assert.equal((await command())?.CompletedCount, 1);
  await assert.rejects(get(instanceId(7)), { name: 'InvocationDoesNotExist' }, 'a node that was no target');
});

test('invocations come in pages of 50 at most', async (t) => {
  const { list, ssm } = await ask(
    t,
    nodes(120, (number) => ({ answer: { stdout: `${number}`, exitCode: 0 } })),
  );
  const outputs: (string | undefined)[] = [];
  const sizes: number[] = [];
  let NextToken: string | undefined;
  do {
    const page = await list({ NextToken });
    sizes.push(page.CommandInvocations?.length ?? 0);
    outputs.push(...(page.CommandInvocations ?? []).map(({ CommandPlugins }) => CommandPlugins?.[0]?.Output));
    NextToken = page.NextToken;
  } while (NextToken);
  assert.deepEqual(sizes, [50, 50, 20]);
  assert.deepEqual(
    outputs,
    Array.from({ length: 120 }, (_, number) => `${number}`),
  );
  const { NextToken: token } = await list({ MaxResults: 7 });
  assert.equal((await list({ MaxResults: 7, NextToken: token })).CommandInvocations?.[0]?.InstanceId, instanceId(7));
  await assert.rejects(
    list({ NextToken: token, Details: false }),
    { name: 'InvalidNextToken' },
    'a token of another request',
  );
  await assert.rejects(list({ MaxResults: 51 }), { name: 'ValidationException', message: /equal to 50/ });
  const only = await list({ InstanceId: instanceId(99) });
  assert.deepEqual(
    only.CommandInvocations?.map(({ InstanceId }) => InstanceId),
    [instanceId(99)],
  );
  assert.deepEqual((await list({ Details: false })).CommandInvocations?.[0]?.CommandPlugins ?? [], []);
  await assert.rejects(ssm.send(new ListCommandInvocationsCommand({})), { name: 'NotImplemented' });
});

test('outputs are cut as the agent cuts them', async (t) => {
  const [OUT, ERROR, TITLE] = ['\n---Output truncated---', '\n---Error truncated----', '\n----------ERROR-------\n'];
  const [x, e] = ['x', 'e'].map((letter) => (count: number) => letter.repeat(count));
  assert.ok(x && e);
  const cases: [string, { stdout: string; stderr?: string }, string][] = [
    ['2,499 bytes are left whole', { stdout: x(2499) }, x(2499)],
    ['2,500 bytes are cut', { stdout: x(2500) }, x(2477) + OUT],
    ['bytes count, not characters', { stdout: 'é'.repeat(1250) }, `${'é'.repeat(1238)}\uFFFD${OUT}`],
    ['both streams share the space', { stdout: x(10), stderr: e(10) }, x(10) + TITLE + e(10)],
    ['a short error cuts the output', { stdout: x(3000), stderr: e(10) }, x(2443) + OUT + TITLE + e(10)],
    ['a short output cuts the error', { stdout: x(10), stderr: e(3000) }, x(10) + TITLE + e(2443) + ERROR],
    ['two long ones share', { stdout: x(3000), stderr: e(3000) }, x(1215) + OUT + TITLE + e(1215) + ERROR],
  ];
  const { list, get } = await ask(t, answering(...cases.map(([, streams]) => ({ ...streams, exitCode: 0 }))));
  const { CommandInvocations = [] } = await list();
  for (const [number, [what, streams, expected]] of cases.entries()) {
    const output = CommandInvocations[number]?.CommandPlugins?.[0]?.Output ?? '';
    assert.equal(output, expected, what);
    assert.ok(Buffer.byteLength(output.replaceAll('\uFFFD', 'x')) <= 2500, what);
    const { StandardOutputContent, StandardErrorContent } = await get(instanceId(number));
    assert.equal(StandardOutputContent, streams.stdout, 'GetCommandInvocation has room for it');
    assert.equal(StandardErrorContent, streams.stderr ?? '');
  }
});

test('GetCommandInvocation has room for 24,000 and 8,000 characters', async (t) => {
  const { get } = await ask(
    t,
    answering(
      { stdout: 'x'.repeat(23_999), stderr: 'e'.repeat(7999), exitCode: 0 },
      { stdout: 'x'.repeat(24_000), stderr: 'e'.repeat(8000), exitCode: 0 },
    ),
  );
  const whole = await get(instanceId(0));
  assert.equal(whole.StandardOutputContent, 'x'.repeat(23_999));
  assert.equal(whole.StandardErrorContent, 'e'.repeat(7999));
  const cut = await get(instanceId(1));
  assert.equal(cut.StandardOutputContent, `${'x'.repeat(23_980)}--output truncated--`);
  assert.equal(cut.StandardErrorContent, `${'e'.repeat(7980)}--output truncated--`);
  assert.equal((await get(instanceId(0), { PluginName: 'collect' })).PluginName, 'collect');
  await assert.rejects(get(instanceId(0), { PluginName: 'aws:runShellScript' }), { name: 'InvalidPluginName' });
});

test('each end of an invocation has its status, code and count', async (t) => {
  const cases: [Answer | StatusDetails, string, string, number][] = [
    [OK, 'Success', 'Success', 0],
    [{ stdout: '', exitCode: 3 }, 'Failed', 'Failed', 3],
    [{ stdout: '', exitCode: 137, status: 'Execution Timed Out' }, 'TimedOut', 'ExecutionTimedOut', 137],
    ['Delivery Timed Out', 'TimedOut', 'DeliveryTimedOut', -1],
    ['Undeliverable', 'Failed', 'Undeliverable', -1],
    ['Access Denied', 'Failed', 'AccessDenied', -1],
    ['Invalid Platform', 'Failed', 'InvalidPlatform', -1],
    ['Cancelled', 'Cancelled', 'Cancelled', -1],
    ['Terminated', 'Cancelled', 'Terminated', -1],
  ];
  const { list, command } = await ask(t, answering(...cases.map(([answer]) => answer)));
  const { CommandInvocations = [] } = await list();
  for (const [number, [, status, details, code]] of cases.entries()) {
    const invocation = CommandInvocations[number];
    const plugin = invocation?.CommandPlugins?.[0];
    assert.deepEqual([invocation?.Status, invocation?.StatusDetails, plugin?.ResponseCode], [status, details, code]);
  }
  const { TargetCount, CompletedCount, ErrorCount, DeliveryTimedOutCount } = (await command()) ?? {};
  assert.deepEqual([TargetCount, CompletedCount, ErrorCount, DeliveryTimedOutCount], [9, 9, 2, 1]);
});

test('a detailed status can be spelled as the reference spells it', async (t) => {
  const { list, command } = await ask(t, answering('Delivery Timed Out', 'In Progress'), { statusSpelling: 'spaced' });
  const { CommandInvocations = [] } = await list();
  assert.deepEqual(
    CommandInvocations.map(({ StatusDetails }) => StatusDetails),
    ['Delivery Timed Out', 'In Progress'],
  );
  assert.equal((await command())?.StatusDetails, 'In Progress');
});

test('Undeliverable alone leaves a command a success', async (t) => {
  const cases: [(Answer | StatusDetails)[], string][] = [
    [[OK, 'Undeliverable'], 'Success'],
    [[OK, 'Access Denied'], 'Incomplete'],
    [[OK, 'Delivery Timed Out'], 'Incomplete'],
  ];
  for (const [answers, details] of cases) {
    const { command } = await ask(t, answering(...answers));
    assert.equal((await command())?.StatusDetails, details, String(answers[1]));
  }
});

test('what is stuck times out when the command expires', async (t) => {
  let at = 0;
  const now = () => new Date(Date.UTC(2026, 0, 1) + at * 1000);
  const never = () => new Promise<Answer>(() => undefined);
  const fleet = [
    ...answering('Pending', 'Delayed', 'In Progress'),
    { instanceId: instanceId(3), tags: { Fleet: 'yes' }, answer: never },
  ];
  const { list, command } = await ask(t, fleet, { now });
  const look = async () => (await list()).CommandInvocations?.map(({ StatusDetails }) => StatusDetails);
  at = 59;
  assert.deepEqual(await look(), ['Pending', 'Delayed', 'InProgress', 'InProgress']);
  at = 60;
  assert.deepEqual(await look(), ['DeliveryTimedOut', 'DeliveryTimedOut', 'InProgress', 'InProgress']);
  at = 60 + 100;
  assert.deepEqual(await look(), ['DeliveryTimedOut', 'DeliveryTimedOut', 'DeliveryTimedOut', 'DeliveryTimedOut']);
  assert.equal((await command())?.CompletedCount, 4);
});

test('an answer that comes after its time is ignored', async (t) => {
  let at = 0;
  const now = () => new Date(Date.UTC(2026, 0, 1) + at * 1000);
  let finish = (_: Answer) => {};
  const answer = () => new Promise<Answer>((resolve) => (finish = resolve));
  const { list, command } = await ask(
    t,
    nodes(1, () => ({ answer })),
    { now },
  );
  at = 1000;
  assert.equal((await command())?.DeliveryTimedOutCount, 1);
  finish(OK);
  assert.equal((await list()).CommandInvocations?.[0]?.StatusDetails, 'DeliveryTimedOut');
  assert.equal((await command())?.CompletedCount, 1);
});

test('Windows skips a step for Linux, and the invocation is a success', async (t) => {
  const { list, get, ssm } = await ask(
    t,
    nodes(1, () => ({ platform: 'Windows', answer: () => assert.fail('it ran') })),
  );
  const text = `Step execution skipped due to unsatisfied preconditions: '"StringEquals": [platformType, Linux]'. Step name: collect`;
  const [invocation] = (await list()).CommandInvocations ?? [];
  assert.deepEqual([invocation?.Status, invocation?.CommandPlugins?.[0]?.Output], ['Success', text]);
  assert.equal((await get()).StandardOutputContent, '');
  const shell = { DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['id'] } };
  const { Command } = await ssm.send(new SendCommandCommand({ ...shell, InstanceIds: [instanceId(0)] }));
  const other = await ssm.send(new ListCommandInvocationsCommand({ CommandId: Command?.CommandId }));
  assert.equal(other.CommandInvocations?.[0]?.StatusDetails, 'InvalidPlatform');
});

test('a lost agent gets nothing, and a function that throws is a failure', async (t) => {
  const answer = () => Promise.reject(new Error('no shell'));
  const fleet: Node[] = [
    { instanceId: instanceId(0), tags: { Fleet: 'yes' }, answer },
    { instanceId: instanceId(1), tags: { Fleet: 'yes' }, answer: () => assert.fail('it ran'), agent: 'lost' },
    { instanceId: instanceId(2), tags: { Fleet: 'yes' }, answer: 'Undeliverable', agent: 'lost' },
  ];
  const { list, get } = await ask(t, fleet);
  const details = (await list()).CommandInvocations?.map(({ StatusDetails }) => StatusDetails);
  assert.deepEqual(details, ['Failed', 'DeliveryTimedOut', 'Undeliverable']);
  assert.equal((await get(instanceId(0))).StandardErrorContent, 'no shell');
});

test('DescribeInstanceInformation lists registered agents', async (t) => {
  const fleet: Node[] = [
    { instanceId: instanceId(1), tags: { a: '1' } },
    { instanceId: instanceId(2), tags: { a: '2' }, agent: 'lost' },
    { instanceId: instanceId(3), tags: { a: '1' }, agent: 'absent' },
    { instanceId: instanceId(4), tags: {}, state: 'stopped', platform: 'Windows' },
    { instanceId: instanceId(5), tags: { a: '1' }, state: 'terminated' },
  ];
  const ssm = new SSMClient(client(await start(t, { accounts: world({ nodes: fleet }) })));
  const cases: [string, { Key: string; Values: string[] }[], string[]][] = [
    ['all', [], ['1 Online', '2 ConnectionLost', '4 ConnectionLost']],
    ['by ping', [{ Key: 'PingStatus', Values: ['Online'] }], ['1 Online']],
    ['by id', [{ Key: 'InstanceIds', Values: [instanceId(2), instanceId(3)] }], ['2 ConnectionLost']],
    ['by platform', [{ Key: 'PlatformTypes', Values: ['Windows'] }], ['4 ConnectionLost']],
    ['by tag', [{ Key: 'tag:a', Values: ['1', '2'] }], ['1 Online', '2 ConnectionLost']],
    ['by tag key', [{ Key: 'tag-key', Values: ['a'] }], ['1 Online', '2 ConnectionLost']],
  ];
  for (const [what, Filters, expected] of cases) {
    const { InstanceInformationList = [] } = await ssm.send(new DescribeInstanceInformationCommand({ Filters }));
    assert.deepEqual(
      InstanceInformationList.map((each) => `${Number(`0x${each.InstanceId?.slice(2)}`)} ${each.PingStatus}`),
      expected,
      what,
    );
  }
});

test('DescribeInstanceInformation pages by 10, or by 5 to 50', async (t) => {
  const ssm = new SSMClient(client(await start(t, { accounts: world({ nodes: nodes(23) }) })));
  const ask = (input: DescribeInstanceInformationCommandInput) =>
    ssm.send(new DescribeInstanceInformationCommand(input));
  const sizes: number[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ask({ NextToken });
    sizes.push(page.InstanceInformationList?.length ?? 0);
    NextToken = page.NextToken;
  } while (NextToken);
  assert.deepEqual(sizes, [10, 10, 3]);
  assert.equal((await ask({ MaxResults: 50 })).InstanceInformationList?.length, 23);
  const mixed = [
    { Key: 'tag:a', Values: ['1'] },
    { Key: 'PingStatus', Values: ['Online'] },
  ];
  const cases: [string, DescribeInstanceInformationCommandInput, string][] = [
    ['a page of 4', { MaxResults: 4 }, 'ValidationException'],
    ['a page of 51', { MaxResults: 51 }, 'ValidationException'],
    ['a made-up token', { NextToken: 'x' }, 'InvalidNextToken'],
    ['tags with other filters', { Filters: mixed }, 'InvalidFilterKey'],
    ['an unknown filter', { Filters: [{ Key: 'Ping', Values: ['Online'] }] }, 'InvalidFilterKey'],
    ['a filter that is not built', { Filters: [{ Key: 'IamRole', Values: ['x'] }] }, 'NotImplemented'],
  ];
  for (const [what, input, name] of cases) await assert.rejects(ask(input), { name }, what);
});
