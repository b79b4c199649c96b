import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { OperationUpdate } from '@aws/durable-execution-sdk-js';
import { openExecution } from '../../simulator/durable/execution.ts';
import { openJournal } from '../../simulator/durable/journal.ts';

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:scan:live/durable-execution/scan/1';

async function begin(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'kubevigil-durable-'));
  const journal = await openJournal(join(directory, 'scan.ndjson'));
  t.after(async () => {
    await journal.close();
    await rm(directory, { recursive: true });
  });
  const execution = await openExecution(journal, { name: 'scan', arn, input: '{}' }, { now: () => 0 });
  const { CheckpointToken } = await execution.begin();
  const checkpoint = (token: string | undefined, ...Updates: OperationUpdate[]) =>
    execution.client.checkpoint({ DurableExecutionArn: arn, CheckpointToken: token, Updates });
  return { execution, token: CheckpointToken, checkpoint };
}

const start: OperationUpdate = { Id: 'a', Type: 'STEP', Action: 'START' };
const succeed: OperationUpdate = { Id: 'a', Type: 'STEP', Action: 'SUCCEED', Payload: '1' };
const context: OperationUpdate = { Id: 'c', Type: 'CONTEXT', Action: 'START' };

describe('a checkpoint token is good once', () => {
  test('each checkpoint gives the next one', async (t) => {
    const { token, checkpoint } = await begin(t);
    const { CheckpointToken: next } = await checkpoint(token, start);
    await checkpoint(next, succeed);
    for (const stale of [token, next, undefined, 'other']) {
      await assert.rejects(checkpoint(stale), { message: 'Invalid checkpoint token', scope: 'INVOCATION' });
    }
  });

  test('a new invocation makes those of the one before stale', async (t) => {
    const { execution, token, checkpoint } = await begin(t);
    const { CheckpointToken: next } = await execution.begin();
    await assert.rejects(checkpoint(token, start), { message: 'Invalid checkpoint token' });
    await checkpoint(next, start);
  });

  test('reading the state needs one too', async (t) => {
    const { execution, token } = await begin(t);
    const read = (CheckpointToken: string) =>
      execution.client.getExecutionState({ DurableExecutionArn: arn, CheckpointToken });
    assert.equal((await read(token)).Operations?.length, 1);
    await assert.rejects(read('other'), { message: 'Invalid checkpoint token' });
  });
});

describe('an update that the service would refuse is refused, and nothing of its checkpoint is kept', () => {
  const cases: { name: string; updates: OperationUpdate[]; message: RegExp }[] = [
    { name: 'the same start twice', updates: [start, start], message: /update the same operation twice.*step a/ },
    { name: 'a step that ended ends again', updates: [start, succeed, succeed], message: /same operation twice/ },
    {
      name: 'a parent that is not there',
      updates: [{ ...start, ParentId: 'c' }],
      message: /Invalid parent operation id/,
    },
    { name: 'a parent that comes later', updates: [{ ...start, ParentId: 'c' }, context], message: /Invalid parent/ },
    {
      name: 'a parent that is a step',
      updates: [start, { ...start, Id: 'b', ParentId: 'a' }],
      message: /Invalid parent/,
    },
    { name: 'another type', updates: [start, { ...succeed, Type: 'CONTEXT' }], message: /context a is a STEP already/ },
    { name: 'an id with a slash', updates: [{ ...start, Id: 'a/b' }], message: /Operation id "a\/b"/ },
    {
      name: 'a wait that succeeds by itself',
      updates: [{ Id: 'w', Type: 'WAIT', Action: 'SUCCEED' }],
      message: /wait w is none/,
    },
    { name: 'a wait without a time', updates: [{ Id: 'w', Type: 'WAIT', Action: 'START' }], message: /must wait 1 to/ },
    { name: 'a failure with a result', updates: [{ ...succeed, Action: 'FAIL' }], message: /Cannot provide a Payload/ },
    { name: 'a success with an error', updates: [{ ...succeed, Error: {} }], message: /Cannot provide an Error/ },
    {
      name: 'an error over 256 KB',
      updates: [{ ...start, Action: 'FAIL', Error: { ErrorMessage: 'x'.repeat(262_144) } }],
      message: /Error object size must be/,
    },
    {
      name: 'an input over 1 MB',
      updates: [{ Id: 'i', Type: 'CHAINED_INVOKE', Action: 'START', Payload: 'x'.repeat(1_048_577) }],
      message: /CHAINED_INVOKE input payload size must be/,
    },
    {
      name: 'an end of the execution before other updates',
      updates: [{ Id: 'e', Type: 'EXECUTION', Action: 'SUCCEED', Payload: '1' }, start],
      message: /EXECUTION update must be the only one and the last/,
    },
  ];
  for (const { name, updates, message } of cases) {
    test(name, async (t) => {
      const { execution, token, checkpoint } = await begin(t);
      const first: OperationUpdate = { Id: 'first', Type: 'STEP', Action: 'START' };
      await assert.rejects(checkpoint(token, first, ...updates), { message, scope: 'EXECUTION' });
      const { InitialExecutionState } = await execution.begin();
      assert.deepEqual(
        InitialExecutionState.Operations.map(({ Type }) => Type),
        ['EXECUTION'],
      );
    });
  }
});

test('children of a finished context are not replayed, unless it says so', async (t) => {
  for (const [ReplayChildren, ids] of [
    [false, ['execution', 'c']],
    [true, ['execution', 'c', 'a']],
  ] as const) {
    const { execution, token, checkpoint } = await begin(t);
    const end: OperationUpdate = { ...context, Action: 'SUCCEED', ContextOptions: { ReplayChildren } };
    const { CheckpointToken: next } = await checkpoint(token, context, { ...start, ParentId: 'c' });
    await checkpoint(next, end);
    const { InitialExecutionState } = await execution.begin();
    assert.deepEqual(
      InitialExecutionState.Operations.map(({ Id }) => Id),
      ids,
    );
  }
});

test('a wait may be cancelled', async (t) => {
  const { execution, token, checkpoint } = await begin(t);
  const wait: OperationUpdate = { Id: 'w', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 60 } };
  const { CheckpointToken: next } = await checkpoint(token, wait);
  assert.equal(execution.wakesAt(), 60_000);
  await checkpoint(next, { Id: 'w', Type: 'WAIT', Action: 'CANCEL' });
  assert.equal(execution.wakesAt(), undefined);
});
