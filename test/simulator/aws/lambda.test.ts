import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  GetDurableExecutionCommand,
  GetDurableExecutionHistoryCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { type Endpoints, startEndpoints } from '../../../simulator/aws/endpoints.ts';

let endpoints: Endpoints;
let client: LambdaClient;
const environment = { ...process.env };
/** Lets the function end. */
let finish: (result: unknown) => void;
let fail: (error: Error) => void;
before(async () => {
  endpoints = await startEndpoints({
    accounts: {
      '111122223333': {
        regions: {
          'eu-west-1': {
            stacks: { ours: { Url: 'https://x/?a=1&b=<2>' } },
            functions: {
              'scan:live': (event, { step }) =>
                new Promise((resolve, reject) => {
                  finish = (result) => resolve({ event, result });
                  fail = reject;
                  step('plan');
                }),
            },
          },
        },
      },
    },
  });
  Object.assign(process.env, endpoints.environment);
  client = new LambdaClient({ maxAttempts: 1 });
});
after(async () => {
  await endpoints.close();
  process.env = environment;
});

const invoke = (input: Partial<InvokeCommandInput> = {}) =>
  client.send(new InvokeCommand({ FunctionName: 'scan:live', InvocationType: 'Event', ...input }));
const get = (DurableExecutionArn?: string) => client.send(new GetDurableExecutionCommand({ DurableExecutionArn }));
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('an execution runs, succeeds, and tells its history in pages', async () => {
  const { StatusCode, DurableExecutionArn: arn } = await invoke({
    DurableExecutionName: 'night-1',
    Payload: Buffer.from('{"a":1}'),
  });
  assert.equal(StatusCode, 202);
  assert.match(
    arn ?? '',
    /^arn:aws:lambda:eu-west-1:111122223333:function:scan:1\/durable-execution\/night-1\/[\w-]+$/,
  );
  const running = await get(arn);
  assert.deepEqual([running.Status, running.Result, running.EndTimestamp], ['RUNNING', undefined, undefined]);
  finish('done');
  await turn();
  const ended = await get(arn);
  assert.deepEqual([ended.Status, JSON.parse(ended.Result ?? '')], ['SUCCEEDED', { event: { a: 1 }, result: 'done' }]);
  assert.ok(ended.EndTimestamp instanceof Date && ended.StartTimestamp instanceof Date);
  const page = { DurableExecutionArn: arn, IncludeExecutionData: false, MaxItems: 2 };
  const first = await client.send(new GetDurableExecutionHistoryCommand(page));
  const second = await client.send(new GetDurableExecutionHistoryCommand({ ...page, Marker: first.NextMarker }));
  assert.equal(second.NextMarker, undefined);
  assert.deepEqual(
    [...(first.Events ?? []), ...(second.Events ?? [])].map(({ EventId, EventType, Name }) => [
      EventId,
      EventType,
      Name,
    ]),
    [
      [1, 'ExecutionStarted', 'night-1'],
      [2, 'StepSucceeded', 'plan'],
      [3, 'ExecutionSucceeded', undefined],
    ],
  );
});

test('one name is one execution of one payload; what fails says why', async () => {
  const named = { DurableExecutionName: 'night-2', Payload: Buffer.from('{}') };
  const [one, again] = [await invoke(named), await invoke(named)];
  assert.equal(one.DurableExecutionArn, again.DurableExecutionArn);
  await assert.rejects(invoke({ ...named, Payload: Buffer.from('{"b":2}') }), {
    name: 'DurableExecutionAlreadyStartedException',
  });
  fail(new TypeError('no bucket'));
  await turn();
  const { Status, Error: error } = await get(one.DurableExecutionArn);
  assert.deepEqual([Status, error?.ErrorType, error?.ErrorMessage], ['FAILED', 'TypeError', 'no bucket']);
});

const refused: [name: string, act: () => Promise<unknown>, error: string][] = [
  ['a function that there is not', () => invoke({ FunctionName: 'other:live' }), 'ResourceNotFoundException'],
  [
    'a function of another region',
    () => invoke({ FunctionName: 'arn:aws:lambda:eu-central-1:111122223333:function:scan:live' }),
    'ResourceNotFoundException',
  ],
  [
    'a function of another account',
    () => invoke({ FunctionName: 'arn:aws:lambda:eu-west-1:444455556666:function:scan:live' }),
    'AccessDeniedException',
  ],
  ['a durable function without a qualifier', () => invoke({ FunctionName: 'scan' }), 'InvalidParameterValueException'],
  ['a name of an unknown form', () => invoke({ DurableExecutionName: 'a b' }), 'InvalidParameterValueException'],
  ['a payload that is no JSON', () => invoke({ Payload: Buffer.from('{') }), 'InvalidRequestContentException'],
  ['to wait for the answer', () => invoke({ InvocationType: 'RequestResponse' }), 'NotImplemented'],
  [
    'an execution that there is not',
    () => get('arn:aws:lambda:eu-west-1:111122223333:function:scan:1/durable-execution/x/y'),
    'ResourceNotFoundException',
  ],
  ['other operations', () => client.send(new ListFunctionsCommand({})), 'NotImplemented'],
  [
    'a stack that there is not',
    () => new CloudFormationClient({ maxAttempts: 1 }).send(new DescribeStacksCommand({ StackName: 'x' })),
    'ValidationError',
  ],
];
for (const [name, act, error] of refused) {
  test(`it refuses ${name}`, () => assert.rejects(act(), { name: error }));
}

test('a function may be named by its own ARN, and a page of history has at most 1000 events', async () => {
  const own = 'arn:aws:lambda:eu-west-1:111122223333:function:scan';
  const { DurableExecutionArn: arn } = await invoke({ FunctionName: `${own}:live`, DurableExecutionName: 'night-3' });
  assert.ok(arn?.startsWith(`${own}:1/durable-execution/night-3/`), arn);
  const history = (MaxItems: number) =>
    client.send(
      new GetDurableExecutionHistoryCommand({ DurableExecutionArn: arn, IncludeExecutionData: false, MaxItems }),
    );
  assert.equal((await history(1000)).Events?.length, 2);
  await assert.rejects(history(1001), { name: 'InvalidParameterValueException' });
});

test('a stack has its outputs', async () => {
  const { Stacks } = await new CloudFormationClient({}).send(new DescribeStacksCommand({ StackName: 'ours' }));
  assert.equal(Stacks?.[0]?.StackStatus, 'CREATE_COMPLETE');
  assert.deepEqual(Stacks[0].Outputs, [{ OutputKey: 'Url', OutputValue: 'https://x/?a=1&b=<2>' }]);
});
