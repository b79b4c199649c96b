/**
 * SSM Run Command: sends our document, each command once. Limits: AWS Systems Manager API reference, SendCommand and
 * ListCommands.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ListCommandsCommand,
  type ListCommandsCommandOutput,
  SendCommandCommand,
  type SSMClient,
  type Target as SsmTarget,
} from '@aws-sdk/client-ssm';
import { EXECUTION_SECONDS } from './outcome.ts';
import { collector, windowsCollector } from './script.ts';

/** Largest page of ListCommands. */
const PAGE = 50;
/** Most instance ids of one command, as of one target (botocore ssm model, TargetValues). */
export const IDS_OF_COMMAND = 50;
/** Seconds before a throttled SendCommand is tried again. Throttled is refused: nothing was sent. */
const THROTTLED_PAUSES = [1, 2, 4, 8, 16];

/** AWS's own documents, for accounts in which ours are not deployed: they take the script as a parameter. */
export const SHELL_DOCUMENT = 'AWS-RunShellScript';
export const POWERSHELL_DOCUMENT = 'AWS-RunPowerShellScript';

const SCRIPTS: ReadonlyMap<string, () => string> = new Map([
  [SHELL_DOCUMENT, () => collector()],
  [POWERSHELL_DOCUMENT, () => windowsCollector()],
]);

export type CommandToSend = {
  documentName: string;
  documentVersion?: string | undefined;
  documentHash?: string | undefined;
  /** All of which a node must match, at most 5. */
  targets: SsmTarget[];
  /** Names the scan and the part of it that this command asks, at most 100 characters; by it a sent command is found again. */
  comment: string;
  deliveryTimeoutSeconds: number;
  concurrency: string;
};

/**
 * Sends each command once and returns their ids in order. SendCommand has no client token, so those that were already
 * sent (a repeated step after a crash, or after an answer that was lost) are looked for by their comments first.
 * `sender` is a client that tries once: one that repeats a request whose answer it never saw would ask the nodes twice.
 * `since` bounds the search. Throws what stopped it.
 */
export async function sendOnce(
  { ssm, sender }: { ssm: SSMClient; sender: SSMClient },
  commands: readonly CommandToSend[],
  since: Date,
): Promise<string[]> {
  const sent = await sentSince(ssm, since, new Set(commands.map(({ comment }) => comment)));
  const ids: string[] = [];
  for (const command of commands) ids.push(sent.get(command.comment) ?? (await send(sender, command)));
  return ids;
}

/** Ids by comment; looks no further once all are found. */
async function sentSince(
  client: SSMClient,
  since: Date,
  comments: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let NextToken: string | undefined;
  do {
    const page: ListCommandsCommandOutput = await client.send(
      new ListCommandsCommand({
        Filters: [{ key: 'InvokedAfter', value: since.toISOString().replace(/\.\d+Z$/, 'Z') }],
        MaxResults: PAGE,
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    for (const { Comment = '', CommandId } of page.Commands ?? []) {
      if (CommandId && comments.has(Comment)) found.set(Comment, CommandId);
    }
    NextToken = page.NextToken;
  } while (NextToken && found.size < comments.size);
  return found;
}

async function send(sender: SSMClient, command: CommandToSend): Promise<string> {
  const script = SCRIPTS.get(command.documentName)?.();
  const request = new SendCommandCommand({
    DocumentName: command.documentName,
    ...(command.documentVersion ? { DocumentVersion: command.documentVersion } : {}),
    ...(command.documentHash ? { DocumentHash: command.documentHash, DocumentHashType: 'Sha256' } : {}),
    ...(script === undefined
      ? {}
      : { Parameters: { commands: script.trimEnd().split('\n'), executionTimeout: [String(EXECUTION_SECONDS)] } }),
    Targets: command.targets,
    Comment: command.comment,
    TimeoutSeconds: command.deliveryTimeoutSeconds,
    MaxConcurrency: command.concurrency,
    // With the default of 0 the first node that fails would stop the command for all others.
    MaxErrors: '100%',
  });
  for (const pause of [...THROTTLED_PAUSES, undefined]) {
    try {
      const { Command } = await sender.send(request);
      if (!Command?.CommandId) throw new Error('SSM accepted the command but returned no command id.');
      return Command.CommandId;
    } catch (error) {
      if (pause === undefined || !/throttl|toomanyrequests/i.test((error as Error).name)) throw error;
      await sleep(pause * 1000);
    }
  }
  throw new Error('unreachable');
}
