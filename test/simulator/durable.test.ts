/**
 * The durable runner, against the SDK that the function uses.
 * Long because every transition of an operation is one case over the same runner.
 */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createRetryStrategy, type DurableContext, type DurableLogger } from '@aws/durable-execution-sdk-js';
import { runDurable } from '../../simulator/durable.ts';
import { effects, everyOperation, jumpingClock, result } from './durable/handler.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubevigil-durable-'));
});
afterEach(() => rm(directory, { recursive: true }));

const journal = () => join(directory, 'scan.ndjson');
const options = () => ({ directory, executionName: 'scan', ...jumpingClock() });
const never = { retryStrategy: () => ({ shouldRetry: false }) };

describe('an execution', () => {
  test('runs every kind of operation to its result, sleeping only between invocations', async () => {
    const seen: string[] = [];
    const clock = jumpingClock();
    const output = await runDurable(
      (_event, context) => everyOperation(context, (name) => seen.push(name)),
      {},
      {
        directory,
        executionName: 'scan',
        ...clock,
      },
    );
    assert.deepEqual(output, result);
    assert.deepEqual(seen, effects);
    assert.deepEqual(clock.sleeps, [90_000, 300_000, 300_000, 30_000, 30_000]);
  });

  test('that has ended answers again without running', async () => {
    const seen: string[] = [];
    const handler = (_event: object, context: DurableContext) => everyOperation(context, (name) => seen.push(name));
    await runDurable(handler, {}, options());
    assert.deepEqual(await runDurable(handler, {}, options()), result);
    assert.deepEqual(seen, effects);
  });

  test('gets the event, and gives the result, as JSON carries them', async () => {
    const output = await runDurable(async (event) => ({ event, nothing: undefined }), { at: new Date(0) }, options());
    assert.deepEqual(output, { event: { at: '1970-01-01T00:00:00.000Z' } });
  });

  test('may return nothing', async () => {
    assert.equal(await runDurable(async () => {}, {}, options()), undefined);
  });

  test('may return more than an invocation can answer, up to what a checkpoint may carry', async () => {
    const large = 'x'.repeat(6 * 1024 * 1024 - 40);
    assert.equal(await runDurable(async () => large, {}, options()), large);
  });

  test('continues with more operations than one page holds', async () => {
    let ran = 0;
    const output = await runDurable(
      async (_event, context) => {
        for (let step = 0; step < 230; step += 1) {
          await context.step(`step-${step}`, async () => {
            ran += 1;
          });
        }
        await context.wait('rest', { hours: 1 });
        return ran;
      },
      {},
      options(),
    );
    assert.equal(output, 230);
  });

  test('waits for the earliest of several branches first', async () => {
    const clock = jumpingClock();
    const order: string[] = [];
    await runDurable(
      async (_event, context) => {
        await context.parallel('branches', [
          async (branch) => {
            await branch.wait('long', { minutes: 10 });
            await branch.step('after-long', async () => order.push('long'));
          },
          async (branch) => {
            await branch.wait('short', { minutes: 1 });
            await branch.step('after-short', async () => order.push('short'));
          },
        ]);
      },
      {},
      { directory, executionName: 'scan', ...clock },
    );
    assert.deepEqual(order, ['short', 'long']);
    assert.deepEqual(clock.sleeps, [60_000, 540_000]);
  });

  test('sees a Lambda context', async () => {
    const seen = await runDurable(
      async (_event, { lambdaContext, executionContext }) => ({
        id: lambdaContext.awsRequestId,
        arn: lambdaContext.invokedFunctionArn,
        left: lambdaContext.getRemainingTimeInMillis(),
        execution: executionContext.durableExecutionArn,
      }),
      {},
      options(),
    );
    assert.match(seen.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.match(seen.arn, /^arn:aws:lambda:us-east-1:\d{12}:function:/);
    assert.equal(seen.left, 900_000);
    assert.equal(seen.execution, `${seen.arn}/durable-execution/scan/1`);
  });

  test('tells its progress when it is on the disk', async () => {
    const told: string[] = [];
    await runDurable(
      async (_event, context) => {
        // Long enough for the start to be written before the end is known.
        await context.step('ask', async () => {
          await setImmediate();
          await setImmediate();
        });
        await context.wait('answers', { seconds: 5 });
      },
      {},
      { ...options(), onProgress: ({ name, type, status }) => told.push(`${name ?? type} ${status}`) },
    );
    assert.deepEqual(told, [
      'EXECUTION STARTED',
      'ask STARTED',
      'ask SUCCEEDED',
      'answers STARTED',
      'answers SUCCEEDED',
    ]);
  });

  test('logs where it is told to, and to nowhere by default', async () => {
    const logged: unknown[] = [];
    const logger: DurableLogger = { error() {}, warn() {}, debug() {}, info: (...words) => logged.push(words) };
    const handler = async (_event: object, context: DurableContext) => {
      await context.step('speak', async ({ logger }) => logger.info('from the step'));
      context.logger.info('from the handler');
    };
    await runDurable(handler, {}, { ...options(), logger });
    assert.deepEqual(logged, [['from the step'], ['from the handler']]);
  });
});

describe('a failing execution', () => {
  test('throws its error by name and message, with what the handler threw as cause', async () => {
    const handler = async () => {
      throw new RangeError('no node has the tag', { cause: 'an empty fleet' });
    };
    for (const run of ['first', 'again, from the journal']) {
      await assert.rejects(runDurable(handler, {}, options()), (error: Error) => {
        assert.equal(error.name, 'RangeError', run);
        assert.equal(error.message, 'no node has the tag', run);
        if (run === 'first') assert.equal((error.cause as Error).cause, 'an empty fleet');
        return true;
      });
    }
  });

  test('fails when a step has used up its retries', async () => {
    let attempts = 0;
    const retryStrategy = createRetryStrategy({ maxAttempts: 3, initialDelay: { seconds: 1 } });
    const handler = (_event: object, context: DurableContext) =>
      context.step(
        'throttled',
        async () => {
          attempts += 1;
          throw new Error('Rate exceeded');
        },
        { retryStrategy },
      );
    await assert.rejects(runDurable(handler, {}, options()), { name: 'StepError', message: 'Rate exceeded' });
    assert.equal(attempts, 3);
  });

  test('may be handled by the handler, and is so again after a replay', async () => {
    const output = await runDurable(
      async (_event, context) => {
        const problem = await context
          .step('publish', () => Promise.reject(new Error('no such topic')), never)
          .catch((error: unknown) => (error as Error).message);
        await context.wait('rest', { seconds: 1 });
        return problem;
      },
      {},
      options(),
    );
    assert.equal(output, 'no such topic');
  });

  const refused: { name: string; handler: (context: DurableContext) => Promise<unknown>; message: RegExp }[] = [
    {
      name: 'a step result over 256 KB',
      handler: (context) => context.step('collect', async () => 'x'.repeat(262_144)),
      message: /STEP output payload size must be .* 262144 bytes: step "collect" has 262146\. .* keep the data .* S3/,
    },
    {
      name: 'more than 3,000 operations',
      handler: (context) =>
        context.map('nodes', Array.from({ length: 3_000 }), async (child) => child.step('judge', async () => 0)),
      message: /An execution may have 3000 operations; this checkpoint would make \d+/,
    },
    {
      name: 'an operation name with a line break',
      handler: (context) => context.step('two\nlines', async () => 0),
      message: /name "two\\nlines" must be 1 to 256 printable ASCII characters/,
    },
    {
      name: 'a wait of more than a year',
      handler: (context) => context.wait('long', { days: 400 }),
      message: /wait "long" must wait 1 to 31622400 whole seconds, not 34560000/,
    },
    {
      name: 'an operation that only the service has',
      handler: (context) => context.createCallback('person').then(([promise]) => promise),
      message: /CALLBACK operations are not available in a local execution: callback "person"/,
    },
  ];
  for (const { name, handler, message } of refused) {
    test(`is refused ${name}`, async () => {
      await assert.rejects(
        runDurable((_event, context) => handler(context), {}, options()),
        { message },
      );
    });
  }

  test('is invoked again after an invocation that did not end, and gives up after three', async () => {
    let failing = 2;
    const handler = (_event: object, context: DurableContext) =>
      // JSON has no bigint, so the SDK cannot write the step's result and breaks the invocation off.
      context.step('count', async () => (failing-- > 0 ? 1n : 1));
    assert.equal(await runDurable(handler, {}, options()), 1);
    failing = 3;
    await assert.rejects(runDurable(handler, {}, { ...options(), executionName: 'other' }), {
      message: /3 invocations failed in a row: .*BigInt/,
    });
  });

  test('is told when a handler does not do the same again', async () => {
    let invocation = 0;
    await assert.rejects(
      runDurable(
        async (_event, context) => {
          invocation += 1;
          await context.step(`step-${invocation}`, async () => 0);
          await context.wait('rest', { seconds: 1 });
        },
        {},
        options(),
      ),
      { message: /Non-deterministic execution detected: .*"step-1".*"step-2"/ },
    );
  });
});

describe('an execution that invokes others', () => {
  const scanTarget = async ({ region }: { region: string }, context: DurableContext) => {
    if (region === 'closed') throw new Error('AccessDenied');
    await context.wait('answers', { minutes: 5 });
    return context.step('count', async () => `${region} has 3 nodes`);
  };
  const coordinate = async ({ regions }: { regions: string[] }, context: DurableContext) => {
    // By default the first failure ends a map, and the other targets would stay without a result.
    const targets = await context.map(
      'targets',
      regions,
      (child, region) => child.invoke(`scan-${region}`, 'scan:live', { region }),
      { completionConfig: { toleratedFailurePercentage: 100 } },
    );
    return targets.all.map(({ result, error }) => result ?? `${error?.message}`);
  };

  test('has their results, and their failures by name', async () => {
    const functions = { 'scan:live': scanTarget };
    const output = await runDurable(coordinate, { regions: ['east', 'closed', 'west'] }, { ...options(), functions });
    assert.deepEqual(output, ['east has 3 nodes', 'AccessDenied', 'west has 3 nodes']);
    assert.equal((await readdir(directory)).length, 4);
  });

  test('is told of a function that is not there', async () => {
    const output = await runDurable(coordinate, { regions: ['east'] }, options());
    assert.deepEqual(output, ['Function not found: scan:live']);
  });

  test('does not do again what they have done', async () => {
    let scans = 0;
    const functions = {
      'scan:live': async (event: { region: string }, context: DurableContext) => {
        scans += 1;
        return scanTarget(event, context);
      },
    };
    const event = { regions: ['east', 'west'] };
    await runDurable(coordinate, event, { ...options(), functions });
    assert.equal(scans, 4, 'two invocations each: before and after the wait');
    // Only the coordinator's last lines are lost.
    await writeFile(journal(), `${(await readFile(journal(), 'utf8')).split('\n').slice(0, 3).join('\n')}\n`);
    assert.deepEqual(await runDurable(coordinate, event, { ...options(), functions }), [
      'east has 3 nodes',
      'west has 3 nodes',
    ]);
    assert.equal(scans, 4);
  });
});

describe('a journal', () => {
  const handler = async (_event: object, context: DurableContext) => context.step('count', async () => 1);

  test('whose last line was cut is continued from the line before', async () => {
    await runDurable(handler, {}, options());
    const whole = await readFile(journal(), 'utf8');
    const lines = whole.split('\n');
    await writeFile(journal(), `${lines.slice(0, 3).join('\n')}\n${lines[3]?.slice(0, 40)}`);
    assert.equal(await runDurable(handler, {}, options()), 1);
    for (const line of (await readFile(journal(), 'utf8')).trim().split('\n')) JSON.parse(line);
  });

  test('with a damaged line is refused by its path and line', async () => {
    await runDurable(handler, {}, options());
    await writeFile(journal(), (await readFile(journal(), 'utf8')).replace('"invocation":1', '"invocation":'));
    await assert.rejects(runDurable(handler, {}, options()), { message: /scan\.ndjson line 2 is not JSON/ });
    await writeFile(journal(), '{"some":"other file"}\n');
    await assert.rejects(runDurable(handler, {}, options()), { message: /scan\.ndjson line 1 is not a journal line/ });
  });

  test('of another event is refused', async () => {
    await runDurable(handler, { night: 1 }, options());
    await assert.rejects(runDurable(handler, { night: 2 }, options()), { message: /started with another input/ });
  });

  test('that another process continued refuses the older one, whose token is stale', async () => {
    const taken = (_event: object, context: DurableContext) =>
      context.step('slow', async () => {
        await appendFile(journal(), `${JSON.stringify({ invocation: 2, operations: [], usage: {} })}\n`);
      });
    await assert.rejects(runDurable(taken, {}, options()), {
      message: /Invalid checkpoint token: another process continued .*scan\.ndjson/,
    });
  });

  test('needs a name that Lambda would accept', async () => {
    for (const executionName of ['', '../escape', 'a'.repeat(65)]) {
      await assert.rejects(runDurable(handler, {}, { ...options(), executionName }), { message: /Execution name/ });
    }
  });

  test('needs a clock that moves', async () => {
    const waits = (_event: object, context: DurableContext) => context.wait({ seconds: 5 });
    await assert.rejects(
      runDurable(waits, {}, { directory, executionName: 'scan', now: () => 0, sleep: async () => {} }),
      {
        message: /The clock stands still/,
      },
    );
  });
});
