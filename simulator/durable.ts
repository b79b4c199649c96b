/**
 * Runs a durable handler in this process: the deployed code and the deployed SDK, with the checkpoints in a file
 * instead of in the Lambda service. The SDK's public seam for that is `durableExecutionClient`.
 *
 * Our own, because @aws/durable-execution-sdk-js-testing 1.1.4 keeps checkpoints in memory (nothing of it but its command
 * line touches files): a scan that is killed could not go on, here and in the crash tests.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  type DurableExecutionHandler,
  type DurableLogger,
  type ErrorObject,
  InvocationStatus,
  withDurableExecution,
} from '@aws/durable-execution-sdk-js';
import type { Context } from 'aws-lambda';
import { type Execution, type Outcome, openExecution, type Progress } from './durable/execution.ts';
import { openJournal } from './durable/journal.ts';

export type DurableOptions = {
  /** Where executions keep their journals, one file each. */
  directory: string;
  /** 1 to 64 letters, digits, `-`, `_`; the same name continues, or answers from, the same execution. */
  executionName: string;
  sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds since the epoch. It must have advanced when `sleep` is over. */
  now: () => number;
  /** Durable functions that `context.invoke` may call, by the name or ARN it uses. They keep journals of their own. */
  functions?: Readonly<Record<string, DurableExecutionHandler>>;
  /** Where `context.logger` writes; nowhere by default. A `configureLogger` in the handler comes later and wins. */
  logger?: DurableLogger;
  /** Called when a checkpoint is on the disk, once for each operation it changed. */
  onProgress?: (progress: Progress) => void;
};

/** Lambda's limits for DurableExecutionName. */
const EXECUTION_NAME = /^[a-zA-Z0-9-_]{1,64}$/;
/** Lambda invokes twice more after a failed asynchronous invocation; the delay is shortened from minutes. */
const INVOCATION_RETRIES = 2;
const RETRY_DELAY_MS = 1_000;
/** The longest that one Lambda invocation may run. */
const INVOCATION_MS = 15 * 60 * 1_000;
/** Longest that Node's timers can wait. */
const MAXIMUM_TIMER_MS = 2 ** 31 - 1;

const FUNCTION = 'kubevigil-scan';
const FUNCTION_ARN = `arn:aws:lambda:us-east-1:000000000000:function:${FUNCTION}:live`;

const silent: DurableLogger = { error() {}, warn() {}, info() {}, debug() {} };

/**
 * Runs, or continues, one execution to its end and returns the handler's result.
 *
 * An execution that a killed process left behind goes on from its last checkpoint; one that has ended answers again
 * without running. Event and result are what JSON carries of them, as in the service.
 * @throws Error with the name and message of the execution's error; its cause is what the handler threw
 * @throws Error if the name was used with another event, the journal is damaged, or another process took it over
 */
export async function runDurable<Event, Result>(
  handler: DurableExecutionHandler<Event, Result>,
  event: Event,
  options: DurableOptions,
): Promise<Result> {
  const { outcome, cause } = await run(handler, JSON.stringify(event), options);
  if (outcome.Status === 'FAILED') throw executionError(outcome.Error, cause);
  return (outcome.Result === undefined ? undefined : JSON.parse(outcome.Result)) as Result;
}

/** An execution's end, and the error in this process that was the cause of a failure. */
type Ended = { outcome: Outcome; cause: unknown };

async function run(handler: DurableExecutionHandler, input: string, options: DurableOptions): Promise<Ended> {
  const { executionName, now, onProgress } = options;
  if (!EXECUTION_NAME.test(executionName)) {
    throw new Error(`Execution name "${executionName}": expected 1 to 64 letters, digits, "-" or "_"`);
  }
  const journal = await openJournal(join(options.directory, `${executionName}.ndjson`));
  try {
    const start = { name: executionName, arn: `${FUNCTION_ARN}/durable-execution/${executionName}/1`, input };
    const execution = await openExecution(journal, start, { now, onProgress });
    return await drive(execution, handler, options);
  } finally {
    await journal.close();
  }
}

/** Invokes the handler until the execution has ended. */
async function drive(execution: Execution, handler: DurableExecutionHandler, options: DurableOptions): Promise<Ended> {
  let thrown: unknown;
  const invoke = withDurableExecution(
    async (event, context) => {
      context.configureLogger({ customLogger: options.logger ?? silent });
      try {
        return await handler(event, context);
      } catch (error) {
        thrown = error;
        throw error;
      }
    },
    { durableExecutionClient: execution.client },
  );

  for (let failures = 0; ; ) {
    const ended = execution.outcome();
    if (ended !== undefined) return { outcome: ended, cause: execution.refusal() ?? thrown };
    const input = await execution.begin();
    const output = await invoke(input, lambdaContext(execution.invocations(), options)).catch((error: unknown) => {
      failures += 1;
      if (failures > INVOCATION_RETRIES) {
        throw new Error(`${failures} invocations failed in a row: ${String(error)}`, { cause: error });
      }
    });
    if (output === undefined) {
      await options.sleep(RETRY_DELAY_MS);
      continue;
    }
    failures = 0;
    // A result too large to return has ended the execution by a checkpoint already.
    if (execution.outcome() !== undefined) continue;
    if (output.Status !== 'PENDING') await execution.end(output);
    else if (execution.calls().length > 0) await answerCalls(execution, options);
    else await pause(execution, options);
  }
}

/** Runs the functions that the handler waits for, all at the same time, each to its end. */
async function answerCalls(execution: Execution, options: DurableOptions): Promise<void> {
  const answers = await Promise.allSettled(
    execution.calls().map(async (call) => {
      const handler = new Map(Object.entries(options.functions ?? {})).get(call.functionName);
      const executionName = `${options.executionName.slice(0, 47)}-${call.id}`;
      const ErrorMessage = `Function not found: ${call.functionName}`;
      const { outcome } = handler
        ? await run(handler, call.payload ?? '{}', { ...options, executionName })
        : {
            outcome: {
              Status: InvocationStatus.FAILED as const,
              Error: { ErrorType: 'ResourceNotFound', ErrorMessage },
            },
          };
      await execution.answer(call, outcome);
    }),
  );
  // What went wrong here is no answer of a function: a damaged journal, a full disk.
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
}

/** Sleeps until the earliest operation is due. */
async function pause(execution: Execution, { now, sleep }: DurableOptions): Promise<void> {
  const until = execution.wakesAt();
  if (until === undefined) {
    // Something came due while the invocation was suspending: the next one sees it.
    if (execution.progressed()) return;
    const message = 'Cannot return PENDING status with no pending operations.';
    return execution.end({ Status: InvocationStatus.FAILED, Error: { ErrorType: 'Error', ErrorMessage: message } });
  }
  for (let time = now(); time < until; ) {
    await sleep(Math.min(until - time, MAXIMUM_TIMER_MS));
    const later = now();
    if (later <= time) throw new Error(`The clock stands still: ${time} ms before and after sleep`);
    time = later;
  }
}

function executionError(error: ErrorObject, cause: unknown): Error {
  const failure = new Error(error.ErrorMessage ?? 'The execution failed', { cause });
  failure.name = error.ErrorType ?? 'Error';
  return failure;
}

/** The context of one invocation, as the Node.js runtime of Lambda gives it. */
function lambdaContext(invocation: number, { executionName, now }: DurableOptions): Context {
  const deadline = now() + INVOCATION_MS;
  const digest = createHash('sha256').update(`${executionName} ${invocation}`).digest('hex');
  const unavailable = () => {
    throw new Error('done, fail and succeed are not available: return a promise');
  };
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: FUNCTION,
    functionVersion: '1',
    invokedFunctionArn: FUNCTION_ARN,
    memoryLimitInMB: '512',
    awsRequestId: digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5'),
    logGroupName: `/aws/lambda/${FUNCTION}`,
    logStreamName: `local/[1]${digest.slice(-32)}`,
    getRemainingTimeInMillis: () => Math.max(0, deadline - now()),
    done: unavailable,
    fail: unavailable,
    succeed: unavailable,
  };
}
