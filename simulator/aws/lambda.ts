/**
 * Lambda: durable functions that are invoked asynchronously, and what became of them; REST with JSON (API reference of
 * Invoke, GetDurableExecution and GetDurableExecutionHistory, versions 2015-03-31 and 2025-12-01).
 * Tested by test/simulator/aws/lambda.test.ts.
 */
import { isDeepStrictEqual } from 'node:util';
import { failure, notImplemented } from './failure.ts';
import type { DurableFunction } from './options.ts';
import type { Operation, RestAnswer, RestRequest, Service } from './service.ts';
import type { Execution, State, TargetState } from './state.ts';

/** Lambda's own, of DurableExecutionName. */
const EXECUTION_NAME = /^[a-zA-Z0-9-_]{1,64}$/;

/** Most events of a page (API reference of GetDurableExecutionHistory). */
const LARGEST_PAGE = 1000;
const USUAL_PAGE = 100;

const ROUTES: readonly [method: string, path: RegExp, name: string][] = [
  ['POST', /^\/2015-03-31\/functions\/([^/]+)\/invocations$/, 'Invoke'],
  ['GET', /^\/2025-12-01\/durable-executions\/([^/]+)$/, 'GetDurableExecution'],
  ['GET', /^\/2025-12-01\/durable-executions\/([^/]+)\/history$/, 'GetDurableExecutionHistory'],
];

/** What an operation gets: what the path names, the query, headers and body. */
type Input = { name: string; query: URLSearchParams; headers: RestRequest['headers']; body: string };

function route({ method, url, headers, body }: RestRequest): { name: string; input: Input } {
  const { pathname, searchParams } = new URL(url, 'http://endpoint');
  for (const [verb, path, operation] of ROUTES) {
    const found = verb === method ? path.exec(pathname) : undefined;
    if (found)
      return {
        name: operation,
        input: { name: decodeURIComponent(found[1] ?? ''), query: searchParams, headers, body },
      };
  }
  throw notImplemented(`lambda: ${method} ${pathname}`);
}

/** Starts an execution and answers before it has ended. One name is one execution of one payload. */
const invoke: Operation = ({ input, target, state }): RestAnswer => {
  const { name, query, headers, body } = input as Input;
  if (headers['x-amz-invocation-type'] !== 'Event') throw notImplemented('Invoke but for InvocationType Event');
  const { run, qualified } = functionOf(target, name, query.get('Qualifier'));
  const execution = String(headers['x-amz-durable-execution-name'] ?? state.uuid());
  if (!EXECUTION_NAME.test(execution)) {
    throw failure(400, 'InvalidParameterValueException', 'DurableExecutionName must match [a-zA-Z0-9-_]{1,64}');
  }
  let event: unknown;
  try {
    event = JSON.parse(body || '{}');
  } catch {
    throw failure(400, 'InvalidRequestContentException', 'Could not parse request body into json');
  }
  const functionArn = `arn:aws:lambda:${target.region}:${target.account}:function:${qualified}`;
  const known = [...target.executions.values()].find(
    (one) => one.name === execution && one.functionArn === functionArn,
  );
  if (known && !isDeepStrictEqual(known.input, event)) {
    throw failure(409, 'DurableExecutionAlreadyStartedException', `${execution} was started with another payload`);
  }
  const started = known ?? start(run, { functionArn, name: execution, input: event }, state);
  target.executions.set(started.arn, started);
  return { status: 202, headers: { 'x-amz-durable-execution-arn': started.arn } };
};

function functionOf({ functions, account, region }: TargetState, name: string, given: string | null) {
  const form = /^(?:arn:aws:lambda:([^:]+):(\d{12}):function:)?([\w-]+)(?::([\w$-]+))?$/;
  const [, ofRegion = region, ofAccount = account, own = name, alias] = form.exec(name) ?? [];
  // A function of another account asks its own policy, and these have none.
  if (ofAccount !== account) {
    const who = `User: arn:aws:iam::${account}:root is not authorized to perform: lambda:InvokeFunction`;
    const why = 'because no resource-based policy allows the lambda:InvokeFunction action';
    throw failure(403, 'AccessDeniedException', `${who} on resource: ${name} ${why}`);
  }
  if (ofRegion !== region) {
    const text = `Functions from '${ofRegion}' are not reachable in this region ('${region}')`;
    throw failure(404, 'ResourceNotFoundException', text);
  }
  const qualifier = given ?? alias;
  if (qualifier === undefined) {
    throw failure(400, 'InvalidParameterValueException', 'You must use a qualified ARN to invoke a durable function');
  }
  const qualified = `${own}:${qualifier}`;
  const run = new Map(Object.entries(functions)).get(qualified);
  if (run) return { run, qualified };
  const arn = `arn:aws:lambda:${region}:${account}:function:${qualified}`;
  throw failure(404, 'ResourceNotFoundException', `Function not found: ${arn}`);
}

function start(
  run: DurableFunction,
  begun: Pick<Execution, 'functionArn' | 'name' | 'input'>,
  state: State,
): Execution {
  const now = () => state.now().getTime() / 1000;
  const versioned = begun.functionArn.replace(/:[^:]*$/, ':1');
  const arn = `${versioned}/durable-execution/${begun.name}/${state.uuid()}`;
  const execution: Execution = { ...begun, arn, startedAt: now(), events: [] };
  const tell = (EventType: string, Name?: string) =>
    void execution.events.push({
      EventType,
      EventId: execution.events.length + 1,
      EventTimestamp: now(),
      ...(Name && { Name }),
    });
  tell('ExecutionStarted', begun.name);
  const end = (outcome: NonNullable<Execution['outcome']>, event: string) => {
    Object.assign(execution, { outcome, endedAt: now() });
    tell(event);
  };
  run(begun.input, { arn, name: begun.name, step: (name) => tell('StepSucceeded', name) }).then(
    (result) => end({ result }, 'ExecutionSucceeded'),
    (error: Error) => end({ error: { ErrorType: error.name, ErrorMessage: error.message } }, 'ExecutionFailed'),
  );
  return execution;
}

function executionOf({ executions }: TargetState, arn: string): Execution {
  const found = executions.get(arn);
  if (!found) throw failure(404, 'ResourceNotFoundException', `Durable execution not found: ${arn}`);
  return found;
}

const getDurableExecution: Operation = ({ input, target }): RestAnswer => {
  const { arn, name, functionArn, startedAt, endedAt, outcome } = executionOf(target, (input as Input).name);
  const ended =
    outcome &&
    ('error' in outcome
      ? { Status: 'FAILED', Error: outcome.error }
      : { Status: 'SUCCEEDED', Result: JSON.stringify(outcome.result) });
  const body = {
    DurableExecutionArn: arn,
    DurableExecutionName: name,
    FunctionArn: functionArn,
    StartTimestamp: startedAt,
    ...(endedAt !== undefined && { EndTimestamp: endedAt }),
    ...(ended ?? { Status: 'RUNNING' }),
  };
  return { status: 200, body };
};

const getDurableExecutionHistory: Operation = ({ input, target }): RestAnswer => {
  const { name, query } = input as Input;
  if (query.get('IncludeExecutionData') !== 'false') throw notImplemented('the data of an execution in its history');
  const { events } = executionOf(target, name);
  const from = Number(query.get('Marker') ?? 0);
  const size = Number(query.get('MaxItems') ?? USUAL_PAGE);
  if (!(size >= 0 && size <= LARGEST_PAGE)) {
    throw failure(400, 'InvalidParameterValueException', `MaxItems must be of 0 to ${LARGEST_PAGE}`);
  }
  const next = from + size < events.length ? { NextMarker: String(from + size) } : {};
  return { status: 200, body: { Events: events.slice(from, from + size), ...next } };
};

export const lambda: Service = {
  protocol: 'rest',
  route,
  operations: {
    Invoke: invoke,
    GetDurableExecution: getDurableExecution,
    GetDurableExecutionHistory: getDurableExecutionHistory,
  },
};
