/**
 * SSM Run Command: how far commands are, and what their nodes answered, in pages of 50. Limits and status words: AWS
 * Systems Manager API reference (ListCommands, ListCommandInvocations, GetCommandInvocation, DescribeInstanceInformation).
 */
import {
  type CommandInvocation,
  type CommandPlugin,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { inBatches } from './batches.ts';
import { BEFORE_SDK, readingBody } from './body.ts';
import { type Outcome, outcomeOf, withoutAnswer, word } from './outcome.ts';

/** Largest page of ListCommandInvocations, and most values of an InstanceIds filter. */
const PAGE = 50;
/** Commands whose pages are read side by side. Those of one command come one after the other, each by a token of the last. */
const READ_AT_ONCE = 4;
/** Cut outputs of a page that are fetched side by side: each takes a request of its own. */
const FETCHED_AT_ONCE = 10;
/**
 * The line that ends a standard output that was cut at 2,500 characters. Standard error may follow it, such as the agent's
 * own word on a script that failed (amazon-ssm-agent, TruncateOutput in iohandler.go).
 */
const CUT = /-{3}Output truncated-{3}\s*$/m;

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

/** What one node answered, or what became of it. */
export type Invocation = { id: string; output: string } | ({ id: string } & Outcome);

/** How far reading is: commands (by index) that are under way, with the token of their next page, and the next to begin. */
export type Position = { open: { command: number; token?: string }[]; next: number };

export const BEGINNING: Position = { open: [], next: 0 };

/**
 * Yields the invocations of several commands from `position` on, a page of each of a few commands at a time; an output that
 * a page cut is fetched whole. With each it yields where to go on, absent at the end. The next pages are on their way
 * while these are worked on.
 */
export async function* invocations(
  client: SSMClient,
  commandIds: readonly string[],
  position: Position = BEGINNING,
): AsyncGenerator<{ found: Invocation[]; next?: Position }> {
  const ask = ({ open, next }: Position) => {
    const chains = [...open];
    let after = next;
    while (chains.length < READ_AT_ONCE && after < commandIds.length) chains.push({ command: after++ });
    const pages = Promise.all(
      chains.map(async (chain) => ({
        chain,
        page: await pageOf(client, commandIds[chain.command] ?? '', chain.token),
      })),
    );
    // Told when the pages are wanted; until then nobody waits for them.
    pages.catch(() => {});
    return { pages, after };
  };
  for (let coming = ask(position); ; ) {
    const { pages, after } = coming;
    const round = await pages;
    const open = round.flatMap(({ chain: { command }, page: { NextToken } }) =>
      NextToken ? [{ command, token: NextToken }] : [],
    );
    const next = open.length > 0 || after < commandIds.length ? { open, next: after } : undefined;
    if (next) coming = ask(next);
    const found: Invocation[] = [];
    for (const { chain, page } of round) {
      found.push(...(await answersOf(client, commandIds[chain.command] ?? '', page.told)));
    }
    yield { found, ...(next && { next }) };
    if (!next) return;
  }
}

/** What is read of an invocation. */
type Told = Pick<CommandInvocation, 'InstanceId' | 'Status' | 'StatusDetails'> & {
  CommandPlugins?: Pick<CommandPlugin, 'Name' | 'ResponseCode' | 'Output'>[] | undefined;
};

/**
 * One page of ListCommandInvocations. The SDK holds each member of an answer against the shapes of the API and copies all of it once
 * more for a log, which takes several times as long as parsing the JSON of fifty answers (measured): it is left the token alone.
 */
async function pageOf(
  client: SSMClient,
  CommandId: string,
  token: string | undefined,
): Promise<{ told: Told[]; NextToken?: string | undefined }> {
  const command = new ListCommandInvocationsCommand({
    CommandId,
    Details: true,
    MaxResults: PAGE,
    ...(token ? { NextToken: token } : {}),
  });
  let told: Told[] | undefined;
  const middleware = readingBody((body) => {
    const { CommandInvocations, ...rest } = json(body) ?? {};
    told = Array.isArray(CommandInvocations) ? CommandInvocations : undefined;
    return told ? Buffer.from(JSON.stringify(rest)) : body;
  });
  command.middlewareStack.add(middleware, BEFORE_SDK);
  const { CommandInvocations = [], NextToken } = await client.send(command);
  return { told: told ?? CommandInvocations, NextToken };
}

/** What is no object of JSON the SDK shall complain of. */
function json(body: Buffer): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

async function answersOf(client: SSMClient, commandId: string, page: readonly Told[]): Promise<Invocation[]> {
  const found: Invocation[] = [];
  for (let start = 0; start < page.length; start += FETCHED_AT_ONCE) {
    const group = page.slice(start, start + FETCHED_AT_ONCE);
    found.push(
      ...(await Promise.all(
        group.flatMap((invocation) =>
          invocation.InstanceId ? [toInvocation(client, commandId, invocation.InstanceId, invocation)] : [],
        ),
      )),
    );
  }
  return found;
}

async function toInvocation(client: SSMClient, commandId: string, id: string, invocation: Told): Promise<Invocation> {
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
      detail: 'The document is for another platform than this node, and SSM skipped it.',
    };
  }
  const answer = (text: string): Invocation =>
    // A command that exits with an error may still have printed its answer.
    word(status) === 'success' || text.includes('kubevigil/1 ')
      ? { id, output: text }
      : { id, ...withoutAnswer(status, plugin?.ResponseCode, output) };
  if (!CUT.test(output)) return answer(output);
  try {
    const whole = await client.send(
      new GetCommandInvocationCommand({
        CommandId: commandId,
        InstanceId: id,
        ...(plugin?.Name ? { PluginName: plugin.Name } : {}),
      }),
    );
    return answer(whole.StandardOutputContent ?? '');
  } catch (error) {
    const { name } = error as Error;
    if (!WITHHELD.has(name)) throw error;
    return { id, reason: 'bad-answer', detail: `SSM shows only the beginning of its answer (${name}).` };
  }
}

/** Errors of GetCommandInvocation that speak of one node only: its invocation, or the node itself, is gone. */
const WITHHELD: ReadonlySet<string> = new Set(['InvalidInstanceId', 'InvalidPluginName', 'InvocationDoesNotExist']);

/** The ping status of the agents of these instances; those that no agent has registered are absent. */
export async function pings(client: SSMClient, ids: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  await inBatches(ids, PAGE, async (Values) => {
    let NextToken: string | undefined;
    do {
      const page = await client.send(
        new DescribeInstanceInformationCommand({
          Filters: [{ Key: 'InstanceIds', Values }],
          MaxResults: PAGE,
          ...(NextToken ? { NextToken } : {}),
        }),
      );
      for (const { InstanceId, PingStatus } of page.InstanceInformationList ?? []) {
        if (InstanceId) found.set(InstanceId, PingStatus ?? 'Inactive');
      }
      NextToken = page.NextToken;
      // A full page has a token, although there is nothing more to tell of these.
    } while (NextToken && Values.some((id) => !found.has(id)));
  });
  return found;
}
