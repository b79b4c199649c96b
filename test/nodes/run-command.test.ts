import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { ListCommandInvocationsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { type Invocation, invocations, type Position, pings, progress } from '../../lambda/nodes/run-command.ts';
import { sendOnce } from '../../lambda/nodes/send.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { EndpointOptions, Node, StatusDetails } from '../../simulator/aws/options.ts';

const { name: documentName, version: documentVersion, hash: documentHash, content } = collectDocument();
const id = (number: number) => `i-${number.toString(16).padStart(17, '0')}`;
const SINCE = new Date(Date.now() - 60_000);
const open: Endpoints[] = [];
const environment = { ...process.env };
after(async () => {
  for (const endpoints of open) await endpoints.close();
  process.env = environment;
});

async function account(nodes: Node[], more: Partial<EndpointOptions> = {}) {
  const documents = [{ name: documentName, version: documentVersion, content }];
  const endpoints = await startEndpoints({
    accounts: { '111122223333': { regions: { 'eu-west-1': { nodes, documents } } } },
    ...more,
  });
  open.push(endpoints);
  Object.assign(process.env, endpoints.environment);
  return { client: new SSMClient(), endpoints };
}

const command = {
  documentName,
  documentVersion,
  documentHash,
  targets: [{ Key: 'tag-key', Values: ['scan'] }],
  comment: 'kubevigil 20261123T020000Z',
  deliveryTimeoutSeconds: 30,
  concurrency: '100%',
};

async function answersOf(client: SSMClient, commandId: string): Promise<Invocation[]> {
  const found: Invocation[] = [];
  for await (const page of invocations(client, [commandId])) found.push(...page.found);
  return found;
}

async function ask(nodes: Node[], more?: Partial<EndpointOptions>) {
  const { client, endpoints } = await account(nodes, more);
  const [commandId = ''] = await sendOnce({ ssm: client, sender: client }, [command], SINCE);
  while (!(await progress(client, commandId)).done);
  return { answers: await answersOf(client, commandId), endpoints, client, commandId };
}

const node = (number: number, answer?: Node['answer'], more: Partial<Node> = {}): Node => ({
  instanceId: id(number),
  tags: { scan: 'yes' },
  ...(answer && { answer }),
  ...more,
});
const said = (stdout: string, exitCode = 0) => ({ stdout, exitCode });

test('every terminal status has its reason, however it is spelled', async (t) => {
  const cases: [StatusDetails, string][] = [
    ['Delivery Timed Out', 'delivery-timed-out'],
    ['Execution Timed Out', 'execution-timed-out'],
    ['Undeliverable', 'undeliverable'],
    ['Terminated', 'terminated'],
    ['Cancelled', 'terminated'],
    ['Invalid Platform', 'unsupported-platform'],
    ['Access Denied', 'access-denied'],
  ];
  for (const statusSpelling of ['joined', 'spaced'] as const) {
    const nodes = cases.map(([status], number) => node(number, status));
    const { answers } = await ask(nodes, { statusSpelling });
    for (const [number, [status, reason]] of cases.entries()) {
      await t.test(`${status}, ${statusSpelling}`, () => {
        const answer = answers.find((one) => one.id === id(number));
        assert.ok(answer && 'reason' in answer);
        assert.equal(answer.reason, reason);
        assert.match(answer.detail, /^[A-Z].*\.$/);
      });
    }
  }
});

test('nodes that never end are told as what they wait for', async () => {
  const { client } = await account([
    node(1, 'Pending'),
    node(2, 'In Progress'),
    node(3, 'Delayed'),
    node(4, said('x')),
  ]);
  const [commandId = ''] = await sendOnce({ ssm: client, sender: client }, [command], SINCE);
  await progress(client, commandId);
  const { done, targets, completed } = await progress(client, commandId);
  assert.deepEqual({ done, targets, completed }, { done: false, targets: 4, completed: 1 });
  const reasons = (await answersOf(client, commandId)).map((one) => ('reason' in one ? one.reason : one.output));
  assert.deepEqual(reasons, ['delivery-timed-out', 'execution-timed-out', 'delivery-timed-out', 'x']);
});

test('a failed script counts by what it printed', async () => {
  const { answers } = await ask([node(1, said('kubevigil/1 …', 3)), node(2, said('sh: not found', 127))]);
  assert.deepEqual(answers[0], { id: id(1), output: 'kubevigil/1 …' });
  assert.ok(answers[1] && 'reason' in answers[1]);
  assert.equal(answers[1].reason, 'bad-answer');
});

test('an output that a page cuts is fetched whole, others are not asked for again', async () => {
  const long = `kubevigil/1 ${'x'.repeat(20_000)}`;
  const { answers, endpoints } = await ask([node(1, said(long)), node(2, said('short'))]);
  assert.deepEqual(answers, [
    { id: id(1), output: long },
    { id: id(2), output: 'short' },
  ]);
  assert.equal(endpoints.calls['ssm.GetCommandInvocation'], 1);
});

test('an output that a page cuts is fetched whole where an error follows it', async () => {
  const long = `kubevigil/1 ${'x'.repeat(3_000)}`;
  const stderr = 'failed to run commands: exit status 1';
  const { answers } = await ask([node(1, { stdout: long, stderr, exitCode: 1 })]);
  assert.deepEqual(answers, [{ id: id(1), output: long }]);
});

test('a cut answer that SSM no longer has spoils its own row only', async () => {
  const long = `kubevigil/1 ${'x'.repeat(3_000)}`;
  for (const code of ['InvocationDoesNotExist', 'InvalidInstanceId']) {
    const { answers } = await ask([node(1, said(long)), node(2, said(long))], {
      intercept: ({ operation, input }) =>
        operation === 'GetCommandInvocation' && (input as { InstanceId: string }).InstanceId === id(1)
          ? { status: 400, code, message: '' }
          : undefined,
    });
    assert.deepEqual(answers, [
      { id: id(1), reason: 'bad-answer', detail: `SSM shows only the beginning of its answer (${code}).` },
      { id: id(2), output: long },
    ]);
  }
});

test('all pages are read, 50 nodes a page', async () => {
  const { answers, endpoints } = await ask(
    Array.from({ length: 120 }, (_, number) => node(number, said(String(number)))),
  );
  assert.deepEqual(answers.map((one) => one.id).sort(), Array.from({ length: 120 }, (_, number) => id(number)).sort());
  assert.equal(endpoints.calls['ssm.ListCommandInvocations'], 3);
});

test('what is read of a page is what the SDK reads of it, and what is no page is left to the SDK', async (t) => {
  // Answers that Systems Manager does not give, so that no endpoint of ours can write them.
  let status = 200;
  let body = '';
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  after(() => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new SSMClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
  const outcome = async (read: Promise<Invocation[]>) => {
    try {
      return await read;
    } catch (error) {
      const { name, message } = error as Error;
      return { name, message };
    }
  };
  const bySdk = async (): Promise<Invocation[]> => {
    const { CommandInvocations = [] } = await client.send(new ListCommandInvocationsCommand({ CommandId: 'x' }));
    return CommandInvocations.flatMap(({ InstanceId, CommandPlugins }) =>
      InstanceId ? { id: InstanceId, output: CommandPlugins?.at(-1)?.Output ?? '' } : [],
    );
  };
  const told = (more: object) => ({ InstanceId: id(1), StatusDetails: 'Success', RequestedDateTime: 1.5e9, ...more });
  const cases: [string, string, number?][] = [
    ['an output', JSON.stringify({ CommandInvocations: [told({ CommandPlugins: [{ Output: 'ü🧀\u0000"' }] })] })],
    ['no output', JSON.stringify({ CommandInvocations: [told({}), told({ CommandPlugins: [] })] })],
    ['null', JSON.stringify({ CommandInvocations: [told({ CommandPlugins: null }), told({ InstanceId: null })] })],
    ['no invocations', '{"CommandInvocations":[],"NextToken":null}'],
    ['null for invocations', '{"CommandInvocations":null}'],
    ['nothing', ''],
    ['no members', '{}'],
    ['no JSON', '<html>'],
    ['half a page', '{"CommandInvocations":[{"InstanceId":"i-1"'],
    ['a refusal', '{"__type":"InvalidCommandId","CommandInvocations":[]}', 400],
  ];
  for (const [name, text, code = 200] of cases) {
    await t.test(name, async () => {
      [body, status] = [text, code];
      assert.deepEqual(await outcome(answersOf(client, 'x')), await outcome(bySdk()));
    });
  }
});

test('a Windows node is skipped by the document and is not taken for an answer', async () => {
  const { answers } = await ask([node(1, said('never'), { platform: 'Windows' })]);
  assert.ok(answers[0] && 'reason' in answers[0]);
  assert.equal(answers[0].reason, 'unsupported-platform');
});

test('reading goes on where it was, a page of several commands at a time', async () => {
  const { client, endpoints } = await account(
    Array.from({ length: 130 }, (_, number) =>
      node(number, said(String(number)), { tags: { part: String(number % 6) } }),
    ),
    { unseenReads: 0 },
  );
  const parts = Array.from({ length: 6 }, (_, part) => ({
    ...command,
    targets: [{ Key: 'tag:part', Values: [String(part)] }],
    comment: `kubevigil part ${part}`,
  }));
  const ids = await sendOnce({ ssm: client, sender: client }, parts, SINCE);
  const found: string[] = [];
  let position: Position | undefined;
  let pages = 0;
  do {
    for await (const page of invocations(client, ids, position)) {
      found.push(...page.found.map((one) => one.id));
      position = page.next;
      pages += 1;
      break;
    }
  } while (position);
  assert.deepEqual(found.toSorted(), Array.from({ length: 130 }, (_, number) => id(number)).toSorted());
  assert.equal(pages, 2, 'four commands, then two');
  assert.equal(endpoints.calls['ssm.SendCommand'], 6);
});

test('the agents of nodes are told apart', async () => {
  const nodes = [node(1, undefined, { agent: 'absent' }), node(2, undefined, { agent: 'lost' }), node(3)];
  const { client } = await account(nodes);
  assert.deepEqual(Object.fromEntries(await pings(client, [1, 2, 3, 4].map(id))), {
    [id(2)]: 'ConnectionLost',
    [id(3)]: 'Online',
  });
});

test('of nodes that a page tells all of, no further page is asked for', async () => {
  const ids = Array.from({ length: 120 }, (_, number) => number + 1);
  const { client, endpoints } = await account(ids.map((number) => node(number)));
  const asked = ids.slice(0, 100).map(id);
  assert.equal((await pings(client, asked)).size, 100);
  assert.equal(endpoints.calls['ssm.DescribeInstanceInformation'], 2);
});
