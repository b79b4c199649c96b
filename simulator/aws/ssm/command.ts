/**
 * A sent command: which nodes it goes to, how far each is, and when it stops sending.
 * Tested by test/simulator/aws/ssm-send.test.ts.
 */
import type { Answer, Node, Run, StatusDetails } from '../options.ts';
import type { Document } from './document.ts';

/** One node's part in a command. `answer` is shared with the node where it is recorded: never change it. */
export type Invocation = {
  node: Node;
  details: StatusDetails;
  answer?: Answer;
  /** The agent skipped the only step; the answer's text is its explanation. */
  skipped?: true;
  /** Milliseconds since the epoch; absent until it runs. */
  startedAt?: number;
  endedAt?: number;
};

export type Command = {
  id: string;
  document: Document;
  /** As requested. */
  documentName: string;
  documentVersion: string;
  comment: string;
  instanceIds: string[];
  targets: { Key: string; Values: string[] }[];
  parameters: Record<string, string[]>;
  maxConcurrency: string;
  maxErrors: string;
  timeoutSeconds: number;
  /** Milliseconds since the epoch. */
  requestedAt: number;
  /** Delivery must have happened by then; everything must have ended by `expiresAt`. */
  deliverBy: number;
  expiresAt: number;
  /** Reads that still see nothing. */
  unseenReads: number;
  invocations: Invocation[];
  byId: Map<string, Invocation>;
  completed: number;
  errors: number;
  deliveryTimedOut: number;
  /** Ended otherwise than by Success, Undeliverable apart: they decide between Success and Incomplete. */
  unsuccessful: number;
  /** More errors than MaxErrors allows: nothing more is sent. */
  stopped: boolean;
  /** How it ended before it was sent to all of its nodes; the others have no invocations. */
  ended?: string;
};

const OPEN: ReadonlySet<StatusDetails> = new Set(['Pending', 'In Progress', 'Delayed']);

/** Whether an invocation will not change any more. */
export function isTerminal(details: StatusDetails): boolean {
  return !OPEN.has(details);
}

/** Number of targets that `10` or `10%` means; a fraction of a target is rounded as the caller says. */
function share(amount: string, targets: number, round: (fraction: number) => number): number {
  return amount.endsWith('%') ? round((Number(amount.slice(0, -1)) / 100) * targets) : Number(amount);
}

/**
 * Sends a command to its nodes, as many at once as MaxConcurrency says. When more invocations have failed than
 * MaxErrors allows, those not yet sent end as `Terminated` and those under way go on ("Using error controls" in the
 * user guide: with 0, the system stops after the first error result). Never rejects.
 */
export function execute(command: Command, run: Omit<Run, 'instanceId'>, now: () => Date): void {
  const { invocations } = command;
  const limit = Math.max(1, share(command.maxConcurrency, invocations.length, Math.ceil));
  const allowed = share(command.maxErrors, invocations.length, Math.floor);
  let next = 0;
  let active = 0;

  const finish = (invocation: Invocation, result: Answer | StatusDetails) => {
    settle(command, invocation, result, now().getTime());
    if (command.errors > allowed) command.stopped = true;
  };
  const pump = () => {
    for (;;) {
      // Recorded answers of one wave end together, so that a failure stops later waves but not its own.
      const wave: [Invocation, Answer | StatusDetails][] = [];
      while (next < invocations.length && !command.stopped && active + wave.length < limit) {
        const invocation = invocations[next++] as Invocation;
        const result = begin(command, invocation, run, now);
        if (!(result instanceof Promise)) wave.push([invocation, result]);
        else {
          active++;
          result.then((answer) => {
            active--;
            finish(invocation, answer);
            pump();
          });
        }
      }
      for (const [invocation, result] of wave) finish(invocation, result);
      if (wave.length === 0) break;
    }
    if (!command.stopped) return;
    for (; next < invocations.length; next++) {
      settle(command, invocations[next] as Invocation, 'Terminated', now().getTime());
    }
  };
  pump();
}

type Result = Answer | StatusDetails;

function begin(
  command: Command,
  invocation: Invocation,
  run: Omit<Run, 'instanceId'>,
  now: () => Date,
): Result | Promise<Result> {
  const { node } = invocation;
  const { document } = command;
  const platform = node.platform ?? 'Linux';
  if (!document.platforms.includes(platform)) return 'Invalid Platform';
  if (node.agent === 'lost') return typeof node.answer === 'string' ? node.answer : 'Delivery Timed Out';
  invocation.startedAt = now().getTime();
  if (document.precondition && document.precondition !== platform) {
    invocation.skipped = true;
    return skipped(document);
  }
  const answer = node.answer ?? { stdout: '', exitCode: 0 };
  if (typeof answer !== 'function') return answer;
  invocation.details = 'In Progress';
  return ask(answer, { ...run, instanceId: node.instanceId });
}

/** A node whose function throws has failed; the reason is in its standard error. */
async function ask(answer: Exclude<Node['answer'], Answer | StatusDetails | undefined>, run: Run): Promise<Result> {
  try {
    return await answer(run);
  } catch (error) {
    return { stdout: '', stderr: error instanceof Error ? error.message : String(error), exitCode: 1 };
  }
}

/**
 * An agent skips a step whose precondition it does not meet, and the invocation is a Success; the text is the agent's
 * (agent/framework/runpluginutil/runpluginutil.go), and goes to the plugin's Output, not to its standard output.
 */
function skipped(document: Document): Answer {
  const precondition = `'"StringEquals": [platformType, ${document.precondition}]'`;
  return {
    stdout: `Step execution skipped due to unsatisfied preconditions: ${precondition}. Step name: ${document.step}`,
    exitCode: 0,
  };
}

/** Records what a node answered; an invocation that already ended stays as it is. */
function settle(command: Command, invocation: Invocation, result: Result, at: number): void {
  if (isTerminal(invocation.details)) return;
  const details =
    typeof result === 'string' ? result : (result.status ?? (result.exitCode === 0 ? 'Success' : 'Failed'));
  invocation.details = details;
  if (typeof result !== 'string') invocation.answer = result;
  if (!isTerminal(details)) return;
  invocation.endedAt = at;
  command.completed++;
  if (details === 'Failed' || details === 'Execution Timed Out') command.errors++;
  if (details === 'Delivery Timed Out') command.deliveryTimedOut++;
  if (details !== 'Success' && details !== 'Undeliverable') command.unsuccessful++;
}

/**
 * Ends what waited too long: delivery that did not happen in time and, when the whole command expires, everything
 * else, which the reference of ExpiresAfter says becomes `DeliveryTimedOut` too.
 */
export function expire(command: Command, at: number): void {
  if (at < command.deliverBy || command.completed === command.invocations.length) return;
  for (const invocation of command.invocations) {
    const due = invocation.details === 'In Progress' ? command.expiresAt : command.deliverBy;
    if (!isTerminal(invocation.details) && at >= due) settle(command, invocation, 'Delivery Timed Out', at);
  }
}

/** The command's own status and details (ListCommands). Which Status goes with Incomplete is not documented. */
export function commandStatus(command: Command): { status: string; details: string } {
  const { invocations, completed, errors, deliveryTimedOut, unsuccessful, stopped } = command;
  if (command.unseenReads > 0) return { status: 'Pending', details: 'Pending' };
  if (command.ended !== undefined) {
    if (completed < invocations.length) return { status: 'InProgress', details: 'In Progress' };
    const status = { 'No Instances In Tag': 'Success', Cancelled: 'Cancelled' }[command.ended] ?? 'Failed';
    return { status, details: command.ended };
  }
  // Seen from a real account: `Success (NoInstancesInTag) [0 total, 0 complete, 0 error]`.
  if (invocations.length === 0) return { status: 'Success', details: 'NoInstancesInTag' };
  if (completed < invocations.length) return { status: 'InProgress', details: 'In Progress' };
  const allowed = share(command.maxErrors, invocations.length, Math.floor);
  if (stopped) return { status: 'Failed', details: 'Failed' };
  if (deliveryTimedOut > allowed) return { status: 'TimedOut', details: 'Delivery Timed Out' };
  if (unsuccessful > 0 || errors > 0) return { status: 'Failed', details: 'Incomplete' };
  return { status: 'Success', details: 'Success' };
}
