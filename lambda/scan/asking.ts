/**
 * Asking the nodes of one target: send → wait → read, and once more those whose silence may be SSM's or ours. Ids and
 * answers lie in the archive, checkpoints carry counts, keys and page tokens only.
 */
import { type DurableContext, StepSemantics } from '@aws/durable-execution-sdk-js';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { sha256 } from '../archive/content.ts';
import { keepEvidence, readInventory } from '../archive/target.ts';
import type { InventoryNode } from '../nodes/inventory.ts';
import { commandSeconds, deliverySeconds, tooLong } from '../nodes/patience.ts';
import { BEGINNING, type Position, progress } from '../nodes/run-command.ts';
import { targetsOf } from '../nodes/selection.ts';
import { type CommandToSend, IDS_OF_COMMAND, sendOnce } from '../nodes/send.ts';
import type { StoredObject } from '../results/shapes.ts';
import { isFinal, retrySend } from '../retries.ts';
import {
  type AskedNode,
  type Asking,
  askedAgain,
  type Block,
  keepAgain,
  keepBlock,
  settled,
  type Wave,
} from './blocks.ts';
import { breathe, isLarge } from './breath.ts';
import { mayAnswer } from './windows.ts';

/** Seconds between looks at a command: quick at first, because most nodes answer within seconds. */
const FIRST_LOOK = 5;
const SLOWEST_LOOK = 30;
const CLOCK_SKEW_MS = 5 * 60 * 1000;

/** Commands of one step of a later wave, and the pause between two such steps: what is pending stays below a thousand. */
const COMMANDS_OF_STEP = 20;
const PACE_SECONDS = 10;

/** What one command asks, as one of several of its wave. */
type Part = { nodes: number; targets: CommandToSend['targets']; part: number; windows?: boolean };

type Steps = {
  /** Runs a durable step; the requests that it took are added to `calls`. */
  step<Result extends object>(name: string, run: () => Promise<Result>, options?: object): Promise<Result>;
  /** Counts requests that no step has made. */
  count(calls: number): void;
};

/**
 * Asks the planned nodes and keeps what became of each; `listed` are those for which there is a document, `toAsk` those of
 * them that may answer. Returns the evidence, and the objects that lead to it.
 */
export async function askNodes(
  context: DurableContext,
  steps: Steps,
  job: Asking,
  { listed, toAsk }: { listed: number; toAsk: number },
): Promise<{ evidence: StoredObject; objects: StoredObject[] }> {
  const objects: StoredObject[] = [];
  const waves: Wave[] = [];
  let complete = false;
  let lastChoice: number | undefined;
  const { settings } = job;
  const problem = tooLong(settings, toAsk);
  if (problem !== undefined)
    throw new Error(`The settings concurrency, deliveryTimeoutSeconds and askAgain must ${problem}.`);
  for (let number = 1; number <= 1 + settings.askAgain && toAsk > 0 && !complete; number += 1) {
    let nodes = toAsk;
    if (number > 1) {
      if (isLarge(toAsk)) await breathe(context);
      const again = await steps.step('choose', () => keepAgain(job, waves, number));
      if (again.object) {
        objects.push(again.object);
        lastChoice = number;
      }
      nodes = again.nodes;
    }
    if (nodes === 0) break;
    const commands = await send(context, steps, job, number, nodes);
    const { ends, looks } = await waitFor(context, job.clients.ssm, commands, commandSeconds(settings, nodes));
    steps.count(looks);
    const wave: Wave = { commands, ends, blocks: [] };
    waves.push(wave);
    for (let position: Position | undefined = BEGINNING; position; ) {
      if (wave.blocks.length > 0) await breathe(context);
      const from: Position = position;
      const block: Block = await steps.step('read', () => keepBlock(job, number, wave, from));
      // Counted exactly within one block only: pages may repeat a node.
      complete = number === 1 && wave.blocks.length === 0 && !block.next && block.settled === listed;
      wave.blocks.push(block.object);
      objects.push(block.object);
      position = block.next;
    }
  }
  if (isLarge(listed)) await breathe(context);
  const { object } = await steps.step('settle', async () => ({
    object: await keepEvidence(job.archive, job.scan, job.target, settled(job, waves, lastChoice)),
  }));
  return { evidence: object, objects };
}

/** Sends the commands of a wave: the first by tags, later ones by instance ids, in steps that are paced. */
async function send(
  context: DurableContext,
  steps: Steps,
  job: Asking,
  number: number,
  nodes: number,
): Promise<string[]> {
  const options = { retryStrategy: retrySend, semantics: StepSemantics.AtMostOncePerRetry };
  if (number === 1) {
    const { ids } = await steps.step(
      'ask',
      async () => {
        const keys = new Set<string>();
        const windows: AskedNode[] = [];
        for await (const node of readInventory<InventoryNode>(job.archive, job.scan, job.target)) {
          for (const key of Object.keys(node.tags)) keys.add(key);
          if (node.windows && mayAnswer(node)) windows.push({ id: node.id, windows: true });
        }
        const commands = targetsOf(job.settings.tags, keys).map((targets, part) =>
          commandOf(job, number, { nodes, targets, part }),
        );
        // By their ids: the tags would bring this document to every other node too, which would skip it.
        const byId = job.settings.windowsDocument ? commandsById(job, number, windows, commands.length) : [];
        return { ids: await sendOnce(job.clients, [...commands, ...byId], since(job)) };
      },
      options,
    );
    return ids;
  }
  const sent: string[] = [];
  const inStep = COMMANDS_OF_STEP * IDS_OF_COMMAND;
  for (let start = 0; start < nodes; start += inStep) {
    if (start > 0) await context.wait('pace', { seconds: PACE_SECONDS });
    const { ids } = await steps.step(
      'ask',
      async () => {
        const chosen = (await askedAgain(job, number)).slice(start, start + inStep);
        return { ids: await sendOnce(job.clients, commandsById(job, number, chosen, start), since(job)) };
      },
      options,
    );
    sent.push(...ids);
  }
  return sent;
}

/** The commands that ask these nodes; `from` is the number of the first. Those of Windows have commands of their own. */
function commandsById(job: Asking, wave: number, nodes: readonly AskedNode[], from: number): CommandToSend[] {
  const commands: CommandToSend[] = [];
  for (const windows of [false, true]) {
    const some = nodes.flatMap((node) => ((node.windows ?? false) === windows ? [node.id] : []));
    for (let at = 0; at < some.length; at += IDS_OF_COMMAND) {
      const Values = some.slice(at, at + IDS_OF_COMMAND);
      // As a target and not as InstanceIds: one id that is gone would make the whole command fail.
      const targets = [{ Key: 'InstanceIds', Values }];
      const part = from + commands.length;
      commands.push(commandOf(job, wave, { nodes: Values.length, targets, part, windows }));
    }
  }
  return commands;
}

/** The comment names scan and archive: another scanner may scan the same place at the same time, with other tags. */
function commandOf(
  { scan, settings, archive }: Asking,
  wave: number,
  { nodes, targets, part, windows = false }: Part,
): CommandToSend {
  const { documentName, documentVersion, documentHash, windowsDocument, concurrency } = settings;
  const linux = { name: documentName, version: documentVersion, hash: documentHash };
  const document = (windows && windowsDocument) || linux;
  return {
    documentName: document.name,
    documentVersion: document.version,
    documentHash: document.hash,
    targets,
    comment: `kubevigil ${scan.scanId} ${sha256(archive.location).slice(0, 12)} ${wave}.${part}`,
    deliveryTimeoutSeconds: deliverySeconds(settings, nodes),
    concurrency,
  };
}

/** Where to begin looking for a command of this scan: our clock may be ahead of the service's. */
function since({ scan: { startedAt } }: Asking): Date {
  return new Date(Date.parse(startedAt) - CLOCK_SKEW_MS);
}

/** `before` are the nodes of commands that have ended, `targets` all that are known of, `completed` those that have ended. */
type Waiting = { ends: string[]; before: number; targets: number; completed: number; looks: number };

/** Waits until all commands are done, or until the last node could have answered. Tells how each ended. */
async function waitFor(
  context: DurableContext,
  ssm: SSMClient,
  commands: readonly string[],
  limit: number,
): Promise<Waiting> {
  return context.waitForCondition<Waiting>(
    'wait',
    async (seen) => {
      const now = { ...seen, ends: [...seen.ends] };
      for (const command of commands.slice(seen.ends.length)) {
        now.looks += 1;
        // The command goes on without us; a look that failed is taken again at the next.
        const state = await progress(ssm, command).catch((error: unknown) => {
          if (isFinal(error)) throw error;
        });
        if (!state) break;
        now.targets = Math.max(now.targets, now.before + state.targets);
        now.completed = now.before + state.completed;
        if (!state.done) break;
        now.before += state.targets;
        now.ends.push(state.status);
      }
      return now;
    },
    {
      initialState: { ends: [], before: 0, targets: 0, completed: 0, looks: 0 },
      waitStrategy: ({ ends }, attempt) => {
        const delay = Math.min(FIRST_LOOK * attempt, SLOWEST_LOOK);
        // Pauses of 5, 10, … 30, 30 s: how long we have waited follows from the number of looks, on a replay too.
        const growing = Math.min(attempt, SLOWEST_LOOK / FIRST_LOOK + 1);
        const waited = (FIRST_LOOK * growing * (growing - 1)) / 2 + SLOWEST_LOOK * (attempt - growing);
        return ends.length === commands.length || waited >= limit
          ? { shouldContinue: false }
          : { shouldContinue: true, delay: { seconds: delay } };
      },
    },
  );
}
