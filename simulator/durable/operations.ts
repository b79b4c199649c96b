/**
 * The operations of one durable execution, and the state transitions that the durable execution service allows.
 *
 * Sources: Lambda API reference, OperationUpdate and CheckpointDurableExecution (lengths and patterns); Lambda quotas
 * for durable functions (3,000 operations, 100 MB, 256 KB a checkpoint); the transitions as
 * @aws/durable-execution-sdk-js-testing's own checkpoint server validates them; the texts about sizes as the service
 * sends them (aws-durable-execution-sdk-python issue 342). Tested by test/simulator/durable-service.test.ts.
 */
import {
  DurableExecutionClientError,
  type ErrorObject,
  type OperationUpdate,
  type WireOperation,
} from '@aws/durable-execution-sdk-js';

/** A recorded operation: an id is always there, and timestamps are ISO 8601 strings as in an invocation's event. */
export type Recorded = WireOperation & {
  Id: string;
  /** Of a CHAINED_INVOKE: what to call with what; the service keeps this to itself. */
  Invoke?: { functionName: string; payload: string | undefined };
};

/** What the service counts against an execution's quotas. */
export type Usage = {
  /** Operations: each one that was created, and each further attempt of it. */
  operations: number;
  /** Bytes of payloads and errors written. */
  bytes: number;
};

/** Quotas of the service for one execution. */
const MAXIMUM_OPERATIONS = 3_000;
const MAXIMUM_BYTES = 100 * 1024 * 1024;
/** A STEP's result, a waitForCondition's state and a CONTEXT's result. */
const MAXIMUM_PAYLOAD = 262_144;
/** The input of a CHAINED_INVOKE. */
const MAXIMUM_INPUT = 1_048_576;
/** The whole execution's result. */
const MAXIMUM_RESULT = 6_291_456;
const MAXIMUM_ERROR = 262_144;
/** A year: the longest wait and the longest delay of a retry. */
const MAXIMUM_SECONDS = 31_622_400;

const IDENTIFIER = /^[a-zA-Z0-9-_]{1,64}$/;
const NAME = /^[\x20-\x7E]{1,256}$/;

/** Refuses a checkpoint for good: the execution fails, as it does when the service answers 4xx. */
export function refuse(message: string): never {
  throw new DurableExecutionClientError(message, { scope: 'EXECUTION' });
}

/**
 * Applies the updates of one checkpoint, all or none, and returns the operations they changed.
 * `operations` is not touched; `now` is milliseconds since the epoch.
 * @throws DurableExecutionClientError of scope EXECUTION, where the service would refuse the request
 */
export function applyUpdates(
  operations: ReadonlyMap<string, Recorded>,
  usage: Usage,
  updates: readonly OperationUpdate[],
  now: number,
): { changed: Map<string, Recorded>; usage: Usage } {
  const changed = new Map<string, Recorded>();
  const spent = { ...usage };
  const actions = new Map<string, string[]>();
  for (const update of updates) {
    const id = checkShape(update);
    const earlier = actions.get(id) ?? [];
    // A step or context may start and end in one request; anything else of one id in one request is a mistake.
    if (earlier.length > 0 && !(earlier.length === 1 && earlier[0] === 'START' && update.Action !== 'START')) {
      refuse(`Cannot update the same operation twice in a single request: ${describe(update)}.`);
    }
    actions.set(id, [...earlier, update.Action ?? '']);
    checkParent(update, (parent) => changed.get(parent) ?? operations.get(parent));

    const known = changed.get(id) ?? operations.get(id);
    changed.set(id, transition(known, update, id, now));
    if (known === undefined || update.Action === 'RETRY') spent.operations += 1;
    spent.bytes += size(update.Payload) + size(update.Error && JSON.stringify(update.Error));
  }
  if (spent.operations > MAXIMUM_OPERATIONS) {
    refuse(`An execution may have ${MAXIMUM_OPERATIONS} operations; this checkpoint would make ${spent.operations}.`);
  }
  if (spent.bytes > MAXIMUM_BYTES) {
    refuse(`An execution may write ${MAXIMUM_BYTES} bytes of checkpoints; this one would make ${spent.bytes}.`);
  }
  return { changed, usage: spent };
}

/** Operations whose time has come: waits that are over, and retries whose delay has passed. */
export function due(operations: Iterable<Recorded>, now: number): Recorded[] {
  const over: Recorded[] = [];
  for (const operation of operations) {
    const at = wakesAt(operation);
    if (at === undefined || at > now) continue;
    over.push(
      operation.Type === 'WAIT'
        ? { ...operation, Status: 'SUCCEEDED', EndTimestamp: timestamp(now) }
        : { ...operation, Status: 'READY' },
    );
  }
  return over;
}

/** When the service changes this operation by itself, in milliseconds since the epoch. */
export function wakesAt({ Type, Status, WaitDetails, StepDetails }: Recorded): number | undefined {
  if (Type === 'WAIT' && Status === 'STARTED') return milliseconds(WaitDetails?.ScheduledEndTimestamp);
  if (Type === 'STEP' && Status === 'PENDING') return milliseconds(StepDetails?.NextAttemptTimestamp);
  return undefined;
}

/** What an invocation is given: all but the children of finished contexts that do not replay them. */
export function visible(operations: ReadonlyMap<string, Recorded>): Recorded[] {
  const hidden = new Set<string>();
  const kept: Recorded[] = [];
  for (const operation of operations.values()) {
    const parent = operation.ParentId === undefined ? undefined : operations.get(operation.ParentId);
    const finished = parent?.Status === 'SUCCEEDED' || parent?.Status === 'FAILED';
    if (parent && finished && (parent.ContextDetails?.ReplayChildren !== true || hidden.has(parent.Id))) {
      hidden.add(operation.Id);
    } else kept.push(operation);
  }
  return kept;
}

export function timestamp(now: number): string {
  return new Date(now).toISOString();
}

/** Field lengths, patterns and payload sizes of one update; returns its id. */
function checkShape(update: OperationUpdate): string {
  const { Id, Name, ParentId, Type, Payload } = update;
  if (Id === undefined || !IDENTIFIER.test(Id)) refuse(`Operation id "${Id}" does not match ${IDENTIFIER}.`);
  if (ParentId !== undefined && !IDENTIFIER.test(ParentId)) refuse(`Parent id "${ParentId}" is not an operation id.`);
  if (Name !== undefined && !NAME.test(Name)) {
    refuse(`Operation name ${JSON.stringify(Name)} must be 1 to 256 printable ASCII characters.`);
  }
  const bytes = size(Payload);
  if (Type === 'CHAINED_INVOKE' && bytes > MAXIMUM_INPUT) {
    refuse(
      `CHAINED_INVOKE input payload size must be less than or equal to ${MAXIMUM_INPUT} bytes: ${describe(update)}.`,
    );
  }
  if (Type !== 'EXECUTION' && Type !== 'CHAINED_INVOKE' && bytes > MAXIMUM_PAYLOAD) {
    refuse(
      `${Type} output payload size must be less than or equal to ${MAXIMUM_PAYLOAD} bytes: ${describe(update)} has ` +
        `${bytes}. Let a checkpoint carry keys and counts, and keep the data itself in S3.`,
    );
  }
  if (bytes > MAXIMUM_RESULT) refuse(`The execution's result has ${bytes} bytes; ${MAXIMUM_RESULT} are allowed.`);
  if (update.Error !== undefined && size(JSON.stringify(update.Error)) > MAXIMUM_ERROR) {
    refuse(`Error object size must be less than or equal to ${MAXIMUM_ERROR} bytes: ${describe(update)}.`);
  }
  if (update.Action === 'FAIL' && Payload !== undefined) refuse('Cannot provide a Payload for FAIL action.');
  if (update.Action === 'SUCCEED' && update.Error !== undefined) refuse('Cannot provide an Error for SUCCEED action.');
  return Id;
}

function checkParent(update: OperationUpdate, find: (id: string) => Recorded | undefined): void {
  if (update.ParentId === undefined) return;
  if (find(update.ParentId)?.Type !== 'CONTEXT') {
    refuse(`Invalid parent operation id: ${describe(update)} names ${update.ParentId}, which is not a context.`);
  }
}

/** The operation after one update. */
function transition(known: Recorded | undefined, update: OperationUpdate, id: string, now: number): Recorded {
  const operation: Recorded = known ?? {
    Id: id,
    ParentId: update.ParentId,
    Name: update.Name,
    Type: update.Type,
    SubType: update.SubType,
    StartTimestamp: timestamp(now),
    Status: undefined,
  };
  if (operation.Type !== update.Type) refuse(`${describe(update)} is a ${operation.Type} already.`);
  const from = known?.Status ?? 'none';
  const move = `${update.Type} ${from} ${update.Action}`;
  switch (move) {
    case 'CONTEXT none START':
    case 'STEP none START':
    case 'STEP READY START':
      return { ...operation, Status: 'STARTED' };
    case 'WAIT none START': {
      const until = later(now, update.WaitOptions?.WaitSeconds, update);
      return { ...operation, Status: 'STARTED', WaitDetails: { ScheduledEndTimestamp: until } };
    }
    case 'CHAINED_INVOKE none START': {
      const functionName = update.ChainedInvokeOptions?.FunctionName ?? '';
      return { ...operation, Status: 'STARTED', Invoke: { functionName, payload: update.Payload } };
    }
    case 'WAIT STARTED CANCEL':
      return { ...operation, Status: 'CANCELLED', EndTimestamp: timestamp(now) };
    case 'STEP none RETRY':
    case 'STEP STARTED RETRY':
    case 'STEP READY RETRY': {
      const next = later(now, update.StepOptions?.NextAttemptDelaySeconds, update);
      return {
        ...operation,
        Status: 'PENDING',
        StepDetails: { ...attempt(operation, update), NextAttemptTimestamp: next },
      };
    }
    case 'STEP none SUCCEED':
    case 'STEP STARTED SUCCEED':
    case 'STEP READY SUCCEED':
    case 'STEP none FAIL':
    case 'STEP STARTED FAIL':
    case 'STEP READY FAIL':
      return { ...ended(operation, update, now), StepDetails: attempt(operation, update) };
    case 'CONTEXT none SUCCEED':
    case 'CONTEXT STARTED SUCCEED':
    case 'CONTEXT none FAIL':
    case 'CONTEXT STARTED FAIL':
      return {
        ...ended(operation, update, now),
        ContextDetails: {
          ReplayChildren: update.ContextOptions?.ReplayChildren,
          Result: update.Payload,
          Error: update.Error,
        },
      };
    default:
      if (update.Type === 'CALLBACK') {
        refuse(`${update.Type} operations are not available in a local execution: ${describe(update)}.`);
      }
      return refuse(`Invalid current state for ${update.Action}: ${describe(update)} is ${from}.`);
  }
}

function attempt(
  operation: Recorded,
  update: OperationUpdate,
): { Attempt: number; Result?: string | undefined; Error?: ErrorObject | undefined } {
  return { Attempt: (operation.StepDetails?.Attempt ?? 0) + 1, Result: update.Payload, Error: update.Error };
}

function ended(operation: Recorded, update: OperationUpdate, now: number): Recorded {
  return { ...operation, Status: update.Action === 'SUCCEED' ? 'SUCCEEDED' : 'FAILED', EndTimestamp: timestamp(now) };
}

function later(now: number, seconds: number | undefined, update: OperationUpdate): string {
  if (seconds === undefined || !Number.isInteger(seconds) || seconds < 1 || seconds > MAXIMUM_SECONDS) {
    return refuse(`${describe(update)} must wait 1 to ${MAXIMUM_SECONDS} whole seconds, not ${seconds}.`);
  }
  return timestamp(now + seconds * 1000);
}

function describe({ Type, Name, Id }: OperationUpdate): string {
  return `${Type?.toLowerCase() ?? 'operation'} ${Name === undefined ? Id : JSON.stringify(Name)}`;
}

function size(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(text);
}

function milliseconds(at: Date | string | undefined): number | undefined {
  return at === undefined ? undefined : new Date(at).getTime();
}
