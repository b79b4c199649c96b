/**
 * One durable execution as the service would keep it: its operations, its tokens, and its journal.
 * Tested by test/simulator/durable-service.test.ts.
 */
import {
  type DurableExecutionClient,
  DurableExecutionClientError,
  type DurableExecutionInvocationInput,
  InvocationStatus,
  type OperationUpdate,
} from '@aws/durable-execution-sdk-js';
import type { Journal, Line } from './journal.ts';
import { applyUpdates, due, type Recorded, refuse, timestamp, type Usage, visible, wakesAt } from './operations.ts';

/** One operation that has changed, as it is recorded now. */
export type Progress = {
  /** Name of the execution: its own, or that of one it invoked. */
  execution: string;
  name: string | undefined;
  type: Recorded['Type'];
  status: Recorded['Status'];
  /** Of a step its result, of a waitForCondition what it saw last; as it is recorded. */
  state: string | undefined;
};

export type Outcome = NonNullable<Line['outcome']>;

export type Execution = {
  /** What the SDK talks to instead of the Lambda service. */
  client: DurableExecutionClient;
  /** Set once the execution has ended. */
  outcome(): Outcome | undefined;
  /** The service's last refusal of a checkpoint: why an execution failed that the handler did not fail. */
  refusal(): unknown;
  /** Writes that a new invocation begins, which makes every older token stale, and returns its event. */
  begin(): Promise<DurableExecutionInvocationInput>;
  end(outcome: Outcome): Promise<void>;
  /** When the earliest operation changes by itself, in milliseconds since the epoch. */
  wakesAt(): number | undefined;
  /** Calls of other functions that have no answer yet. */
  calls(): Call[];
  answer(call: Call, outcome: Outcome): Promise<void>;
  /** Operations have changed since the invocation began. */
  progressed(): boolean;
  /** Invocations of the handler so far, those of killed processes included. */
  invocations(): number;
};

type Call = { id: string; functionName: string; payload: string | undefined };

/** Operations in the invocation's event; the SDK reads the rest page by page, as it does in the service. */
const PAGE = 100;

/**
 * Opens the execution that a journal holds, or starts it there.
 * @throws Error if the journal's execution was started with another input
 */
export async function openExecution(
  journal: Journal,
  start: { name: string; arn: string; input: string },
  options: { now: () => number; onProgress?: ((progress: Progress) => void) | undefined },
): Promise<Execution> {
  const operations = new Map<string, Recorded>();
  let usage: Usage = { operations: 0, bytes: 0 };
  let invocation = 0;
  let checkpoint = 0;
  let progressed = false;
  /** Operations that others have ended since the last invocation. */
  let answered: string[] = [];
  let outcome: Outcome | undefined;
  let refusal: unknown;

  function take(line: Line): void {
    for (const operation of line.operations) operations.set(operation.Id, operation);
    ({ usage, invocation } = line);
    outcome = line.outcome ?? outcome;
  }

  async function commit(line: Line): Promise<void> {
    await journal.append(line);
    take(line);
    for (const { Name, Type, Status, StepDetails } of line.operations) {
      options.onProgress?.({
        execution: start.name,
        name: Name,
        type: Type,
        status: Status,
        state: StepDetails?.Result,
      });
    }
  }

  for (const line of journal.lines) take(line);
  const [root] = operations.values();
  if (root === undefined) {
    const first: Recorded = {
      // The service's own id; the handler's operations have hashes for ids, so they never meet.
      Id: 'execution',
      Type: 'EXECUTION',
      Status: 'STARTED',
      StartTimestamp: timestamp(options.now()),
      ExecutionDetails: { InputPayload: start.input },
    };
    await commit({ invocation: 0, operations: [first], usage: { operations: 1, bytes: 0 } });
  } else if (root.ExecutionDetails?.InputPayload !== start.input) {
    throw new Error(
      `${journal.path} holds an execution that was started with another input; ` +
        'choose another execution name, or delete the file',
    );
  }

  const token = () => `${invocation}.${checkpoint}`;

  function checkToken(given: string | undefined): void {
    if (given !== token() || outcome !== undefined) {
      throw new DurableExecutionClientError('Invalid checkpoint token', { scope: 'INVOCATION' });
    }
  }

  /** The SDK sends one checkpoint after the other; a second one meanwhile has a token that is no longer good. */
  async function accept(updates: readonly OperationUpdate[]): Promise<Recorded[]> {
    checkpoint += 1;
    const now = options.now();
    const over = new Map(due(operations.values(), now).map((operation) => [operation.Id, operation]));
    const applied = applyUpdates(new Map([...operations, ...over]), usage, updates.filter(isOperation), now);
    const changed = [...new Map([...over, ...applied.changed]).values()];
    const ending = endOf(updates);
    if (changed.length > 0 || ending !== undefined) {
      progressed = true;
      const line: Line = { invocation, operations: changed, usage: applied.usage };
      await commit(ending === undefined ? line : { ...line, outcome: ending });
    }
    return changed;
  }

  return {
    client: {
      async checkpoint({ CheckpointToken, Updates }) {
        checkToken(CheckpointToken);
        try {
          const changed = await accept(Updates ?? []);
          return { CheckpointToken: token(), NewExecutionState: { Operations: changed } };
        } catch (error) {
          refusal = error;
          throw error;
        }
      },
      async getExecutionState({ CheckpointToken, Marker, MaxItems }) {
        checkToken(CheckpointToken);
        return page(visible(operations), Number(Marker ?? 0), MaxItems ?? PAGE);
      },
    },
    outcome: () => outcome,
    refusal: () => refusal,
    async begin() {
      const over = due(operations.values(), options.now());
      const told = answered;
      answered = [];
      checkpoint = 0;
      progressed = false;
      refusal = undefined;
      await commit({ invocation: invocation + 1, operations: over, usage });
      const { Operations, NextMarker } = page(visible(operations), 0, PAGE);
      return {
        DurableExecutionArn: start.arn,
        CheckpointToken: token(),
        UpdatedOperationIds: [...over.map(({ Id }) => Id), ...told],
        InitialExecutionState: { Operations, NextMarker },
      };
    },
    end: (ended) => commit({ invocation, operations: [], usage, outcome: ended }),
    wakesAt() {
      const times = visible(operations).flatMap((operation) => wakesAt(operation) ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    calls() {
      return visible(operations).flatMap(({ Id, Status, Invoke }) => {
        return Invoke && Status === 'STARTED' ? { id: Id, ...Invoke } : [];
      });
    },
    async answer({ id }, ended) {
      const operation = operations.get(id);
      if (operation === undefined) throw new Error(`no operation ${id} waits for an answer`);
      const ChainedInvokeDetails = ended.Status === 'SUCCEEDED' ? { Result: ended.Result } : { Error: ended.Error };
      const EndTimestamp = timestamp(options.now());
      const changed = { ...operation, Status: ended.Status, EndTimestamp, ChainedInvokeDetails };
      await commit({ invocation, operations: [changed], usage });
      answered.push(id);
    },
    progressed: () => progressed,
    invocations: () => invocation,
  };
}

function page(operations: Recorded[], from: number, size: number) {
  const next = from + size;
  return {
    Operations: operations.slice(from, next),
    NextMarker: next < operations.length ? String(next) : undefined,
  };
}

/** An EXECUTION update ends the execution, whatever its id; the SDK sends one for results too large to return. */
function isOperation(update: OperationUpdate): boolean {
  return update.Type !== 'EXECUTION';
}

function endOf(updates: readonly OperationUpdate[]): Outcome | undefined {
  const index = updates.findIndex((update) => !isOperation(update));
  const update = updates[index];
  if (update === undefined) return undefined;
  if (index !== updates.length - 1) refuse('An EXECUTION update must be the only one and the last of a checkpoint.');
  return { Status: InvocationStatus.SUCCEEDED, Result: update.Payload ?? '' };
}
