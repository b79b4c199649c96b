/**
 * ListCommands: the cheapest way to ask whether a command is done, and the way to find one again by its comment.
 * Tested by test/simulator/aws/ssm-send.test.ts.
 */
import * as v from 'valibot';
import { failure } from '../failure.ts';
import { integer, list, readInput, text } from '../input.ts';
import type { StatusDetails } from '../options.ts';
import type { Operation } from '../service.ts';
import type { State } from '../state.ts';
import { fingerprint, pageOf, sizeOf, writeToken } from '../token.ts';
import { type Command, commandStatus, expire } from './command.ts';

/** MaxResults of ListCommands and ListCommandInvocations. */
export const LARGEST_PAGE = 50;

export const COMMAND_ID = text(36, 36, /^[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}$/);

const FILTER_KEYS = ['InvokedAfter', 'InvokedBefore', 'Status', 'DocumentName'] as const;

const INPUT = v.strictObject({
  CommandId: v.optional(COMMAND_ID),
  MaxResults: v.optional(integer(1, LARGEST_PAGE)),
  NextToken: v.optional(v.string()),
  Filters: v.optional(
    list(
      v.strictObject({
        key: v.picklist(FILTER_KEYS, `Member must satisfy enum value set: [${FILTER_KEYS.join(', ')}]`),
        value: text(1, 128),
      }),
      1,
      5,
    ),
  ),
});

type Filter = NonNullable<v.InferOutput<typeof INPUT>['Filters']>[number];

/** Newest first. An id that nobody sent gives an empty list. */
export const listCommands: Operation = ({ input, target, state }) => {
  const { CommandId, MaxResults, NextToken, Filters = [] } = readInput(INPUT, input, 'ListCommands');
  const print = fingerprint('ListCommands', CommandId, Filters);
  const { pageSize, emptyFirstPages } = state.options;
  // One command by its id is no list.
  const isEmptyFirst = emptyFirstPages && CommandId === undefined;
  const page = pageOf(NextToken, print, sizeOf(MaxResults, pageSize?.ssm, LARGEST_PAGE), isEmptyFirst);
  if (!page) throw failure(400, 'InvalidNextToken', '');
  const single = CommandId === undefined ? undefined : target.commands.get(CommandId);
  const since = state.now().getTime() - (state.options.listedAfterSeconds ?? 0) * 1000;
  const listed = [...target.commands.values()].filter(({ requestedAt }) => requestedAt <= since);
  const all = CommandId === undefined ? listed.reverse() : single ? [single] : [];
  const commands: object[] = [];
  let next = page.start;
  for (; next < all.length && commands.length < page.size; next++) {
    const command = all[next] as Command;
    const seen = look(command, state);
    if (Filters.every((filter) => passes(filter, command))) commands.push(describeCommand(command, state, { seen }));
  }
  return { Commands: commands, ...(next < all.length && { NextToken: writeToken(next, print) }) };
};

/** Counts a read of a command: the first ones see nothing yet. Also ends what has expired. */
export function look(command: Command, state: State): boolean {
  if (!state.options.neverExpires) expire(command, state.now().getTime());
  if (command.unseenReads === 0) return true;
  command.unseenReads--;
  return false;
}

function passes({ key, value }: Filter, command: Command): boolean {
  if (key === 'DocumentName') return command.documentName === value;
  if (key === 'InvokedAfter') return command.requestedAt >= Date.parse(value);
  if (key === 'InvokedBefore') return command.requestedAt < Date.parse(value);
  const { status, details } = commandStatus(command);
  return status === value || details.replaceAll(' ', '') === value;
}

/** The Command structure of the API; one that is not seen yet has counts of 0. */
export function describeCommand(command: Command, state: State, { seen }: { seen: boolean }): object {
  const { status, details } = seen ? commandStatus(command) : { status: 'Pending', details: 'Pending' };
  return {
    CommandId: command.id,
    DocumentName: command.documentName,
    DocumentVersion: command.documentVersion,
    Comment: command.comment,
    ExpiresAfter: command.expiresAt / 1000,
    Parameters: command.parameters,
    InstanceIds: command.instanceIds,
    Targets: command.targets,
    RequestedDateTime: command.requestedAt / 1000,
    Status: status,
    StatusDetails: spell(details, state),
    OutputS3BucketName: '',
    OutputS3KeyPrefix: '',
    MaxConcurrency: command.maxConcurrency,
    MaxErrors: command.maxErrors,
    TargetCount: seen ? command.invocations.length : command.instanceIds.length,
    CompletedCount: seen ? command.completed : 0,
    ErrorCount: seen ? command.errors : 0,
    DeliveryTimedOutCount: seen ? command.deliveryTimedOut : 0,
    TimeoutSeconds: command.timeoutSeconds,
  };
}

/** `Delivery Timed Out` as the reference has it, or `DeliveryTimedOut` as answers have it. */
export function spell(details: StatusDetails | string, { options }: State): string {
  return options.statusSpelling === 'spaced' ? details : details.replaceAll(' ', '');
}
