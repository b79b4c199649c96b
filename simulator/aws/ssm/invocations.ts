/**
 * ListCommandInvocations and GetCommandInvocation: what each node answered.
 * Tested by test/simulator/aws/ssm-answers.test.ts.
 */
import * as v from 'valibot';
import { failure, notImplemented } from '../failure.ts';
import { integer, readInput, text } from '../input.ts';
import type { StatusDetails } from '../options.ts';
import type { Operation } from '../service.ts';
import type { State } from '../state.ts';
import { fingerprint, pageOf, sizeOf, writeToken } from '../token.ts';
import { type Command, type Invocation, isTerminal } from './command.ts';
import { COMMAND_ID, LARGEST_PAGE, look, spell } from './list.ts';
import { combinedOutput, standardError, standardOutput } from './output.ts';

const INSTANCE_ID = text(1, 64, /^(i-(\w{8}|\w{17})|mi-\w{17})$/);

const LIST = v.strictObject({
  CommandId: v.optional(COMMAND_ID),
  InstanceId: v.optional(INSTANCE_ID),
  MaxResults: v.optional(integer(1, LARGEST_PAGE)),
  NextToken: v.optional(v.string()),
  Details: v.optional(v.boolean('Member must be a boolean'), false),
});

/** Up to 50 invocations of one command. Right after sending, and for an unknown id, the list is empty. */
export const listCommandInvocations: Operation = ({ input, target, state }) => {
  const request = readInput(LIST, input, 'ListCommandInvocations');
  const { CommandId, InstanceId, Details } = request;
  if (CommandId === undefined) throw notImplemented('ListCommandInvocations without CommandId');
  const print = fingerprint('ListCommandInvocations', CommandId, InstanceId, Details);
  const { pageSize, emptyFirstPages, repeatedInvocations = 0 } = state.options;
  const size = sizeOf(request.MaxResults, pageSize?.ssm, LARGEST_PAGE);
  const page = pageOf(request.NextToken, print, size, emptyFirstPages);
  if (!page) throw failure(400, 'InvalidNextToken', '');
  const command = target.commands.get(CommandId);
  if (!command || !look(command, state)) return { CommandInvocations: [] };
  const only = InstanceId === undefined ? undefined : command.byId.get(InstanceId);
  const all = InstanceId === undefined ? command.invocations : only ? [only] : [];
  const end = page.start + page.size;
  return {
    // A list that moves while its pages are read may show an item twice; the copies come on top of the page.
    CommandInvocations: all
      .slice(Math.max(0, page.start - repeatedInvocations), end)
      .map((invocation) => describe(invocation, command, state, Details)),
    ...(end < all.length && { NextToken: writeToken(end, print) }),
  };
};

function describe(invocation: Invocation, command: Command, state: State, withPlugins: boolean): object {
  const status = invocationStatus(invocation.details);
  const details = spell(invocation.details, state);
  return {
    CommandId: command.id,
    InstanceId: invocation.node.instanceId,
    InstanceName: invocation.node.tags.Name ?? '',
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: command.documentVersion,
    RequestedDateTime: command.requestedAt / 1000,
    Status: status,
    StatusDetails: details,
    StandardOutputUrl: '',
    StandardErrorUrl: '',
    CommandPlugins: withPlugins ? [plugin(invocation, command, status, details)] : [],
  };
}

function plugin(invocation: Invocation, command: Command, status: string, details: string): object {
  const { answer, startedAt, endedAt } = invocation;
  return {
    Name: command.document.step,
    Status: status === 'Delayed' ? 'Pending' : status,
    StatusDetails: details,
    ResponseCode: responseCode(invocation),
    ...(startedAt !== undefined && { ResponseStartDateTime: startedAt / 1000 }),
    ...(endedAt !== undefined && startedAt !== undefined && { ResponseFinishDateTime: endedAt / 1000 }),
    Output: answer ? combinedOutput(answer.stdout, answer.stderr ?? '') : '',
    StandardOutputUrl: '',
    StandardErrorUrl: '',
    OutputS3Region: '',
    OutputS3BucketName: '',
    OutputS3KeyPrefix: '',
  };
}

const GET = v.strictObject({
  CommandId: COMMAND_ID,
  InstanceId: INSTANCE_ID,
  PluginName: v.optional(text(4, 128)),
});

/** Throws InvocationDoesNotExist while the command is not visible yet, as the service does. */
export const getCommandInvocation: Operation = ({ input, target, state }) => {
  const { CommandId, InstanceId, PluginName } = readInput(GET, input, 'GetCommandInvocation');
  const command = target.commands.get(CommandId);
  const invocation = command && look(command, state) ? command.byId.get(InstanceId) : undefined;
  if (!command || !invocation) throw failure(400, 'InvocationDoesNotExist', '');
  if (PluginName !== undefined && PluginName !== command.document.step) throw failure(400, 'InvalidPluginName', '');
  const { answer, startedAt, endedAt, skipped } = invocation;
  return {
    CommandId,
    InstanceId,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: command.documentVersion,
    PluginName: command.document.step,
    ResponseCode: responseCode(invocation),
    ExecutionStartDateTime: startedAt === undefined ? '' : new Date(startedAt).toISOString(),
    ExecutionElapsedTime:
      startedAt === undefined ? '' : `PT${((endedAt ?? state.now().getTime()) - startedAt) / 1000}S`,
    ExecutionEndDateTime: startedAt === undefined || endedAt === undefined ? '' : new Date(endedAt).toISOString(),
    Status: invocationStatus(invocation.details),
    StatusDetails: spell(invocation.details, state),
    StandardOutputContent: skipped ? '' : standardOutput(answer?.stdout ?? ''),
    StandardOutputUrl: '',
    StandardErrorContent: standardError(answer?.stderr ?? ''),
    StandardErrorUrl: '',
    CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
  };
};

/** -1: it has not started, or was never received (reference of GetCommandInvocation). */
function responseCode({ answer, details }: Invocation): number {
  return answer && isTerminal(details) ? answer.exitCode : -1;
}

/**
 * CommandInvocationStatus of each detailed status. Undeliverable with Failed is seen from real accounts; Failed for
 * Invalid Platform and Access Denied, and Cancelled for Terminated, are our reading of the enumeration.
 */
const STATUS: Record<StatusDetails, string> = {
  Pending: 'Pending',
  'In Progress': 'InProgress',
  Delayed: 'Delayed',
  Success: 'Success',
  'Delivery Timed Out': 'TimedOut',
  'Execution Timed Out': 'TimedOut',
  Failed: 'Failed',
  Cancelled: 'Cancelled',
  Undeliverable: 'Failed',
  Terminated: 'Cancelled',
  'Invalid Platform': 'Failed',
  'Access Denied': 'Failed',
};

function invocationStatus(details: StatusDetails): string {
  return STATUS[details];
}
