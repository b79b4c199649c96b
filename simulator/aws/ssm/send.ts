/**
 * SendCommand: checks as strict as the service's, then the command runs in the background.
 * Tested by test/simulator/aws/ssm-send.test.ts.
 */
import * as v from 'valibot';
import { failure, notImplemented } from '../failure.ts';
import { integer, list, readInput, text } from '../input.ts';
import type { Node } from '../options.ts';
import type { Operation } from '../service.ts';
import { type TargetState, targetOf } from '../state.ts';
import { type Command, execute, type Invocation } from './command.ts';
import { findDocument, renderScript } from './document.ts';
import { describeCommand } from './list.ts';

/** Delivery timeout where a request names none (user guide, "Understanding command timeout values"). */
const DELIVERY_SECONDS = 3600;

const TARGET_KEY = /^[\p{L}\p{Z}\p{N}_.:/=\-@]*$|resource-groups:ResourceTypeFilters|resource-groups:Name/u;
const TARGET = v.strictObject({ Key: text(1, 163, TARGET_KEY), Values: list(v.string(), 0, 50) });

const INPUT = v.strictObject({
  DocumentName: text(1, 1024, /^[a-zA-Z0-9_\-.:/]{3,128}$/),
  DocumentVersion: v.optional(text(1, 20, /^([$]LATEST|[$]DEFAULT|[1-9][0-9]*)$/)),
  DocumentHash: v.optional(text(0, 256)),
  DocumentHashType: v.optional(v.picklist(['Sha256', 'Sha1'], 'Member must satisfy enum value set: [Sha256, Sha1]')),
  InstanceIds: v.optional(list(v.string(), 0, 50), []),
  Targets: v.optional(list(TARGET, 0, 5), []),
  TimeoutSeconds: v.optional(integer(30, 2_592_000), DELIVERY_SECONDS),
  Comment: v.optional(text(0, 100), ''),
  Parameters: v.optional(v.record(v.string(), v.array(v.string())), {}),
  MaxConcurrency: v.optional(text(1, 7, /^([1-9][0-9]*|[1-9][0-9]%|[1-9]%|100%)$/), '50'),
  MaxErrors: v.optional(text(1, 7, /^([1-9][0-9]*|[0]|[1-9][0-9]%|[0-9]%|100%)$/), '0'),
});

type Input = v.InferOutput<typeof INPUT>;

/**
 * Answers with the command before anything of it is visible: counts are 0. Errors: ValidationException,
 * InvalidDocument, InvalidDocumentVersion, InvalidParameters, InvalidInstanceId, DuplicateInstanceId.
 */
export const sendCommand: Operation = ({ input, target, state }) => {
  const request = readInput(INPUT, input, 'SendCommand');
  const document = findDocument(request.DocumentName, request.DocumentVersion, {
    account: target.account,
    region: target.region,
    documents: (account) => targetOf(state, account, target.region).documents,
  });
  if (request.DocumentHash !== undefined && request.DocumentHashType === 'Sha1') {
    throw notImplemented('DocumentHashType Sha1 of SendCommand, which AWS has deprecated');
  }
  if (request.DocumentHash !== undefined && request.DocumentHash !== document.hash) {
    throw failure(400, 'InvalidDocument', `The hash of document ${document.name} does not match the requested one.`);
  }
  const script = renderScript(document, request.Parameters);
  const nodes = request.InstanceIds.length > 0 ? listedNodes(request, target) : targetedNodes(request, target);

  const requestedAt = state.now().getTime();
  const deliverBy = requestedAt + request.TimeoutSeconds * 1000;
  // "The system has canceled the command before running it on any managed node" (API reference, Command).
  const isTooMany = nodes.length > (state.options.pendingLimit ?? Number.POSITIVE_INFINITY);
  const end = isTooMany ? { details: 'Rate Exceeded', sentTo: 0 } : state.options.endsAs?.(request.Comment);
  const invocations = nodes.slice(0, end?.sentTo).map((node): Invocation => ({ node, details: 'Pending' }));
  const command: Command = {
    id: state.uuid(),
    document,
    documentName: request.DocumentName,
    documentVersion: request.DocumentVersion ?? '$DEFAULT',
    comment: request.Comment,
    instanceIds: request.InstanceIds,
    targets: request.Targets,
    parameters: request.Parameters,
    maxConcurrency: request.MaxConcurrency,
    maxErrors: request.MaxErrors,
    timeoutSeconds: request.TimeoutSeconds,
    requestedAt,
    deliverBy,
    expiresAt: deliverBy + script.timeoutSeconds * 1000,
    unseenReads: state.options.unseenReads ?? 1,
    invocations,
    byId: new Map(invocations.map((invocation) => [invocation.node.instanceId, invocation])),
    completed: 0,
    errors: 0,
    deliveryTimedOut: 0,
    unsuccessful: 0,
    stopped: false,
    ...(end && { ended: end.details }),
  };
  target.commands.set(command.id, command);
  const described = describeCommand(command, state, { seen: false });
  const { account, region } = target;
  execute(command, { commandId: command.id, account, region, document: request.DocumentName, ...script }, state.now);
  return { Command: described };
};

/** By id: each must be a managed node of this account and region, or the whole request fails. */
function listedNodes({ InstanceIds, Targets }: Input, target: TargetState): Node[] {
  if (Targets.length > 0) {
    throw failure(400, 'ValidationException', 'InstanceIds and Targets cannot be used in the same request.');
  }
  if (new Set(InstanceIds).size < InstanceIds.length) throw failure(400, 'DuplicateInstanceId', '');
  const nodes = InstanceIds.map((id) => target.byId.get(id)).filter((node) => node !== undefined && isReachable(node));
  if (nodes.length === InstanceIds.length) return nodes as Node[];
  throw failure(400, 'InvalidInstanceId', `Instances not in a valid state for account ${target.account}`);
}

/** Managed nodes that are running and match every target (keys are ANDed, values of a key are ORed). */
function targetedNodes({ Targets }: Input, target: TargetState): Node[] {
  if (Targets.length === 0) {
    throw failure(400, 'ValidationException', 'Either InstanceIds or Targets must be specified.');
  }
  const matches = Targets.map(matcher);
  return target.nodes.filter((node) => isReachable(node) && matches.every((match) => match(node)));
}

function isReachable(node: Node): boolean {
  return node.agent !== 'absent' && (node.state ?? 'running') === 'running';
}

function matcher({ Key, Values }: { Key: string; Values: string[] }): (node: Node) => boolean {
  const values = new Set(Values);
  if (Key.startsWith('tag:')) {
    const name = Key.slice('tag:'.length);
    return ({ tags }) => Object.hasOwn(tags, name) && values.has(tags[name] as string);
  }
  if (Key === 'tag-key') return ({ tags }) => Values.some((name) => Object.hasOwn(tags, name));
  if (Key === 'InstanceIds') return ({ instanceId }) => values.has(instanceId);
  throw notImplemented(`targets by ${Key} of SendCommand`);
}
