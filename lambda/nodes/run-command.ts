/**
 * SSM Run Command: send our document to every tagged node, wait until all have answered or cannot any more, read the
 * answers in pages of 50. Limits and status words: AWS Systems Manager API reference (SendCommand, ListCommands,
 * ListCommandInvocations, GetCommandInvocation) and User Guide, "Understanding command statuses".
 */
import { readFileSync } from 'node:fs';
import {
  type CommandInvocation,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  type ListCommandInvocationsCommandOutput,
  ListCommandsCommand,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { UnreachableReason } from '../results/node-line.ts';
import type { Tag } from '../settings.ts';

/** Largest page of ListCommandInvocations, and most values of an InstanceIds filter. */
const PAGE = 50;
/** Cut outputs of a page that are fetched side by side: each takes a request of its own. */
const FETCHED_AT_ONCE = 10;
/**
 * The line that ends a standard output that was cut at 2,500 characters. Standard error may follow it, such as the agent's
 * own word on a script that failed (amazon-ssm-agent, TruncateOutput in iohandler.go).
 */
const CUT = /-{3}Output truncated-{3}\s*$/m;
/** What a document allows one node, in seconds; ours (lambda/nodes/document.ts) and AWS-RunShellScript are given the same. */
export const EXECUTION_SECONDS = 60;

/** AWS's own document, for accounts in which ours is not deployed: it takes the script as a parameter. */
export const SHELL_DOCUMENT = 'AWS-RunShellScript';

/** The text of the script that runs on a node. */
export function collector(): string {
  return readFileSync(new URL('./collector/collect.sh', import.meta.url), 'utf8');
}

export type CommandToSend = {
  documentName: string;
  documentVersion?: string | undefined;
  documentHash?: string | undefined;
  tags: readonly Tag[];
  /** Names the scan, at most 100 characters; by it a command that was sent already is found again. */
  comment: string;
  deliveryTimeoutSeconds: number;
  concurrency: string;
};

/**
 * Sends the command once: SendCommand has no client token, so a command of this comment that was already sent (a
 * repeated step after a crash, or after an answer that was lost) is looked for first. `sender` is a client that tries once:
 * one that repeats a request whose answer it never saw would ask the nodes twice. `since` bounds the search. Returns the
 * command's id.
 */
export async function sendOnce(
  { ssm, sender }: { ssm: SSMClient; sender: SSMClient },
  command: CommandToSend,
  since: Date,
): Promise<string> {
  let NextToken: string | undefined;
  do {
    const page = await ssm.send(
      new ListCommandsCommand({
        Filters: [{ key: 'InvokedAfter', value: since.toISOString().replace(/\.\d+Z$/, 'Z') }],
        MaxResults: PAGE,
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    const sent = page.Commands?.find(({ Comment }) => Comment === command.comment);
    if (sent?.CommandId) return sent.CommandId;
    NextToken = page.NextToken;
  } while (NextToken);

  const { Command } = await sender.send(
    new SendCommandCommand({
      DocumentName: command.documentName,
      ...(command.documentVersion ? { DocumentVersion: command.documentVersion } : {}),
      ...(command.documentHash ? { DocumentHash: command.documentHash, DocumentHashType: 'Sha256' } : {}),
      ...(command.documentName === SHELL_DOCUMENT
        ? { Parameters: { commands: collector().trimEnd().split('\n'), executionTimeout: [String(EXECUTION_SECONDS)] } }
        : {}),
      Targets: command.tags.map(({ key, values }) =>
        values ? { Key: `tag:${key}`, Values: values } : { Key: 'tag-key', Values: [key] },
      ),
      Comment: command.comment,
      TimeoutSeconds: command.deliveryTimeoutSeconds,
      MaxConcurrency: command.concurrency,
      // With the default of 0 the first node that fails would stop the command for all others.
      MaxErrors: '100%',
    }),
  );
  if (!Command?.CommandId) throw new Error('SSM accepted the command but returned no command id.');
  return Command.CommandId;
}

export type Progress = { done: boolean; status: string; targets: number; completed: number };

/** How far a command is. Counts are 0 right after sending, so only its status tells that it is done. */
export async function progress(client: SSMClient, commandId: string): Promise<Progress> {
  const { Commands } = await client.send(new ListCommandsCommand({ CommandId: commandId }));
  const command = Commands?.[0];
  const status = command?.Status ?? 'Pending';
  return {
    done: !['Pending', 'InProgress', 'Cancelling'].includes(status),
    status: command?.StatusDetails ?? status,
    targets: command?.TargetCount ?? 0,
    completed: command?.CompletedCount ?? 0,
  };
}

/** What one node answered, or the reason why it did not. */
export type Invocation = { id: string; output: string } | { id: string; reason: UnreachableReason; detail: string };

/**
 * Yields the invocations of a command page by page; an output that a page cut is fetched whole. The next page is on its
 * way while one is worked on.
 */
export async function* invocations(client: SSMClient, commandId: string): AsyncGenerator<Invocation> {
  const ask = (NextToken?: string) => {
    const page = client.send(
      new ListCommandInvocationsCommand({
        CommandId: commandId,
        Details: true,
        MaxResults: PAGE,
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    // Told when the page is wanted; until then nobody waits for it.
    page.catch(() => {});
    return page;
  };
  for (let coming: ReturnType<typeof ask> | undefined = ask(); coming; ) {
    const { CommandInvocations = [], NextToken }: ListCommandInvocationsCommandOutput = await coming;
    coming = NextToken ? ask(NextToken) : undefined;
    for (let start = 0; start < CommandInvocations.length; start += FETCHED_AT_ONCE) {
      const group = CommandInvocations.slice(start, start + FETCHED_AT_ONCE);
      yield* await Promise.all(
        group.flatMap((invocation) =>
          invocation.InstanceId ? [toInvocation(client, commandId, invocation.InstanceId, invocation)] : [],
        ),
      );
    }
  }
}

async function toInvocation(
  client: SSMClient,
  commandId: string,
  id: string,
  invocation: CommandInvocation,
): Promise<Invocation> {
  const plugin = invocation.CommandPlugins?.at(-1);
  const output = plugin?.Output ?? '';
  const status = invocation.StatusDetails ?? invocation.Status ?? '';
  const outcome = outcomeOf(status);
  if (outcome) return { id, ...outcome };
  // A precondition that does not hold skips the step, and a skipped step is a Success.
  if (/skipped/i.test(output) && /platform|precondition/i.test(output)) {
    return {
      id,
      reason: 'unsupported-platform',
      detail: 'The document runs on Linux only, and SSM skipped this node.',
    };
  }
  if (!CUT.test(output)) return failed(id, status, output);
  try {
    const whole = await client.send(
      new GetCommandInvocationCommand({
        CommandId: commandId,
        InstanceId: id,
        ...(plugin?.Name ? { PluginName: plugin.Name } : {}),
      }),
    );
    return failed(id, status, whole.StandardOutputContent ?? '');
  } catch (error) {
    const { name } = error as Error;
    if (!WITHHELD.has(name)) throw error;
    return { id, reason: 'bad-answer', detail: `SSM shows only the beginning of its answer (${name}).` };
  }
}

/** Errors of GetCommandInvocation that speak of one node only: its invocation, or the node itself, is gone. */
const WITHHELD: ReadonlySet<string> = new Set(['InvalidInstanceId', 'InvalidPluginName', 'InvocationDoesNotExist']);

/** A command that exits with an error may still have printed its answer; without one the exit is what to tell. */
function failed(id: string, status: string, output: string): Invocation {
  if (word(status) === 'success' || output.includes('kubevigil/1 ')) return { id, output };
  return {
    id,
    reason: 'bad-answer',
    detail: `The collector ended with the status ${JSON.stringify(status)} and no answer.`,
  };
}

/** Statuses are spelled with and without spaces. */
const word = (status: string) => status.toLowerCase().replaceAll(/[^a-z]/g, '');

type Outcome = { reason: UnreachableReason; detail: string };

const OUTCOMES: Record<string, Outcome> = {
  deliverytimedout: {
    reason: 'delivery-timed-out',
    detail:
      'The command was not delivered in time; check that the SSM agent of this node runs and reaches its endpoints.',
  },
  executiontimedout: {
    reason: 'execution-timed-out',
    detail: `The collector did not end within ${EXECUTION_SECONDS} seconds; check this node's load and disks.`,
  },
  undeliverable: {
    reason: 'undeliverable',
    detail: 'SSM could not deliver the command; check that the SSM agent of this node is running and up to date.',
  },
  terminated: { reason: 'terminated', detail: 'SSM stopped the command before it was sent to this node.' },
  cancelled: { reason: 'terminated', detail: 'The command was cancelled before this node answered.' },
  cancelling: { reason: 'terminated', detail: 'The command was cancelled before this node answered.' },
  invalidplatform: { reason: 'unsupported-platform', detail: 'The document runs on Linux only.' },
  accessdenied: {
    reason: 'access-denied',
    detail: 'The scanner may not send the command to this node; check its tags and the scanner’s policy.',
  },
  pending: {
    reason: 'delivery-timed-out',
    detail: 'The command was still waiting for delivery when the scan ended.',
  },
  delayed: {
    reason: 'delivery-timed-out',
    detail: 'The command was still delayed when the scan ended.',
  },
  inprogress: {
    reason: 'execution-timed-out',
    detail: 'The collector was still running when the scan ended.',
  },
};

/** The outcome of a status that carries no answer; undefined for Success and Failed, whose output is looked at. */
function outcomeOf(status: string): Outcome | undefined {
  const key = word(status);
  if (key === 'success' || key === 'failed') return undefined;
  return (
    OUTCOMES[key] ?? {
      reason: 'undeliverable',
      detail: `SSM reports the status ${JSON.stringify(status)}, which this version does not know.`,
    }
  );
}

/** Why nodes that run but got no invocation did not: whether an SSM agent registered them, and whether it is online. */
export async function withoutInvocation(client: SSMClient, ids: readonly string[]): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (let start = 0; start < ids.length; start += PAGE) {
    const batch = ids.slice(start, start + PAGE);
    const pings = new Map<string, string>();
    let NextToken: string | undefined;
    do {
      const page = await client.send(
        new DescribeInstanceInformationCommand({
          Filters: [{ Key: 'InstanceIds', Values: batch }],
          MaxResults: PAGE,
          ...(NextToken ? { NextToken } : {}),
        }),
      );
      for (const { InstanceId, PingStatus } of page.InstanceInformationList ?? []) {
        if (InstanceId) pings.set(InstanceId, PingStatus ?? 'Inactive');
      }
      NextToken = page.NextToken;
    } while (NextToken);
    for (const id of batch) outcomes.set(id, unsent(pings.get(id)));
  }
  return outcomes;
}

function unsent(ping: string | undefined): Outcome {
  if (ping === undefined) {
    return {
      reason: 'not-managed',
      detail:
        'No SSM agent has registered this node; install the agent and give the instance profile AmazonSSMManagedInstanceCore.',
    };
  }
  if (ping === 'Online') {
    return {
      reason: 'undeliverable',
      detail: 'SSM did not send the command to this node although its agent is online.',
    };
  }
  return { reason: 'connection-lost', detail: `The SSM agent of this node does not answer (ping status ${ping}).` };
}
