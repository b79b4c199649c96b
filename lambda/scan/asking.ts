/**
 * Asking the nodes of one target: send → wait → read in blocks, and once more those whose silence may be SSM's or ours.
 * Every block is kept as it comes, so that an invocation that ends in the midst of 100,000 answers goes on with the next
 * one; ids and answers lie in the archive, checkpoints carry counts, keys and page tokens only.
 * Long because the life of a command is told in its order.
 */
import { Readable } from 'node:stream';
import { type DurableContext, StepSemantics } from '@aws/durable-execution-sdk-js';
import type { SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { sha256 } from '../archive/content.ts';
import { answerKeys } from '../archive/keys.ts';
import type { WritableArchive } from '../archive/store.ts';
import { keepEvidence, keepFirst, openLines, readInventory } from '../archive/target.ts';
import { readAnswer } from '../nodes/answer/evidence.ts';
import { type InventoryNode, instancesNow, stateOutcome } from '../nodes/inventory.ts';
import { agentOutcome, notSent, type Outcome } from '../nodes/outcome.ts';
import { commandSeconds, deliverySeconds, tooLong } from '../nodes/patience.ts';
import { BEGINNING, type Invocation, invocations, type Position, pings, progress } from '../nodes/run-command.ts';
import { targetsOf } from '../nodes/selection.ts';
import { type CommandToSend, IDS_OF_COMMAND, sendOnce } from '../nodes/send.ts';
import type { EvidenceLine } from '../results/evidence-line.ts';
import { readLines } from '../results/lines.ts';
import type { ScanName, StoredObject } from '../results/shapes.ts';
import { isFinal, retrySend } from '../retries.ts';
import type { ScanSettings, Target } from '../settings.ts';
import type { TargetClients } from './clients.ts';

/** Seconds between looks at a command: quick at first, because most nodes answer within seconds. */
const FIRST_LOOK = 5;
const SLOWEST_LOOK = 30;
const CLOCK_SKEW_MS = 5 * 60 * 1000;

/** A block is kept after so many seconds of reading, a third of what a Lambda invocation has, or so many nodes. */
const BLOCK = { seconds: 300, nodes: 20_000 };

/** Commands of one step of a later wave, and the pause between two such steps: what is pending stays below a thousand. */
const COMMANDS_OF_STEP = 20;
const PACE_SECONDS = 10;

/** Which target of which scan is asked, with what. */
export type Asking = {
  scan: ScanName & { startedAt: string };
  target: Target;
  settings: ScanSettings;
  archive: WritableArchive;
  clients: TargetClients;
  /** How many seconds, and how many nodes, are read at most before what was read is kept; default: 300 and 20,000. */
  block?: { seconds: number; nodes: number };
};

/** A line of a block: what became of a node, and whether to ask it again. */
type BlockLine = EvidenceLine & { again?: true };

/** What one wave sent, how its commands ended, and the blocks of what was read. */
type Wave = { commands: string[]; ends: string[]; blocks: StoredObject[] };

type Steps = {
  /** Runs a durable step; the requests that it took are added to `calls`. */
  step<Result extends object>(name: string, run: () => Promise<Result>, options?: object): Promise<Result>;
  /** Counts requests that no step has made. */
  count(calls: number): void;
};

/**
 * Asks the planned nodes and keeps what became of each; `listed` are those that do not run Windows, `asked` those of them
 * that may answer. Returns the evidence, and the objects that lead to it.
 */
export async function askNodes(
  context: DurableContext,
  steps: Steps,
  job: Asking,
  { listed, asked }: { listed: number; asked: number },
): Promise<{ evidence: StoredObject; objects: StoredObject[] }> {
  const objects: StoredObject[] = [];
  const waves: Wave[] = [];
  let complete = false;
  const { settings } = job;
  const problem = tooLong(settings, asked);
  if (problem !== undefined)
    throw new Error(`The settings concurrency, deliveryTimeoutSeconds and askAgain must ${problem}.`);
  for (let number = 1; number <= 1 + settings.askAgain && asked > 0 && !complete; number += 1) {
    let nodes = asked;
    if (number > 1) {
      const again = await steps.step('choose', () => keepAgain(job, waves, number));
      if (again.object) objects.push(again.object);
      nodes = again.nodes;
    }
    if (nodes === 0) break;
    const commands = await send(context, steps, job, number, nodes);
    const { ends, looks } = await waitFor(context, job.clients.ssm, commands, commandSeconds(settings, nodes));
    steps.count(looks);
    const wave: Wave = { commands, ends, blocks: [] };
    waves.push(wave);
    for (let position: Position | undefined = BEGINNING; position; ) {
      // A pause, however short, lets the next block begin with all the time of a new invocation.
      if (wave.blocks.length > 0) await context.wait('breath', { seconds: 1 });
      const from: Position = position;
      const block: Block = await steps.step('read', () => keepBlock(job, number, wave, from));
      // Counted exactly within one block only: pages may repeat a node.
      complete = number === 1 && wave.blocks.length === 0 && !block.next && block.settled === listed;
      wave.blocks.push(block.object);
      objects.push(block.object);
      position = block.next;
    }
  }
  const { object } = await steps.step('settle', async () => ({
    object: await keepEvidence(job.archive, job.scan, job.target, settled(job, waves)),
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
        for await (const { tags } of readInventory<InventoryNode>(job.archive, job.scan, job.target)) {
          for (const key of Object.keys(tags)) keys.add(key);
        }
        const commands = targetsOf(job.settings.tags, keys).map((targets, part) =>
          commandOf(job, number, { nodes, targets, part }),
        );
        return { ids: await sendOnce(job.clients, commands, since(job)) };
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
        const chosen = (await idsAgain(job, number)).slice(start, start + inStep);
        const commands: CommandToSend[] = [];
        for (let at = 0; at < chosen.length; at += IDS_OF_COMMAND) {
          const Values = chosen.slice(at, at + IDS_OF_COMMAND);
          // As a target and not as InstanceIds: one id that is gone would make the whole command fail.
          const targets = [{ Key: 'InstanceIds', Values }];
          commands.push(commandOf(job, number, { nodes: Values.length, targets, part: start + at }));
        }
        return { ids: await sendOnce(job.clients, commands, since(job)) };
      },
      options,
    );
    sent.push(...ids);
  }
  return sent;
}

/** The comment names scan and archive: another scanner may scan the same place at the same time, with other tags. */
function commandOf(
  { scan, settings, archive }: Asking,
  wave: number,
  { nodes, targets, part = 0 }: { nodes: number; targets: CommandToSend['targets']; part?: number },
): CommandToSend {
  const { documentName, documentVersion, documentHash, concurrency } = settings;
  return {
    documentName,
    documentVersion,
    documentHash,
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

/** `settled` counts planned nodes of which nothing more is to be asked. */
type Block = { object: StoredObject; next?: Position; settled?: number };

/** The last line of a block says where reading goes on, so that a scan that is resumed knows it too. */
const End = v.object({
  next: v.nullable(
    v.object({
      open: v.array(v.object({ command: v.number(), token: v.exactOptional(v.string()) })),
      next: v.number(),
    }),
  ),
});

/** Reads answers from a position on, until there are no more or the block is full; the first that was written counts. */
async function keepBlock(job: Asking, number: number, wave: Wave, from: Position): Promise<Block> {
  const { archive, scan, target, clients } = job;
  const key = answerKeys(scan, target).block(number, wave.blocks.length + 1);
  let next: Position | undefined;
  const settled = new Set<string>();
  async function* lines(): AsyncGenerator<object> {
    const planned = new Map<string, string>();
    for await (const node of readInventory<InventoryNode>(archive, scan, target)) {
      // As text, which takes half of the memory that 100,000 objects with their tags would.
      planned.set(node.id, JSON.stringify(node));
    }
    const { seconds, nodes } = job.block ?? BLOCK;
    const until = Date.now() + seconds * 1000;
    let count = 0;
    for await (const page of invocations(clients.ssm, wave.commands, from)) {
      const unknown = page.found.filter(({ id }) => !planned.has(id)).map(({ id }) => id);
      const joined = unknown.length > 0 ? await instancesNow(clients.ec2, unknown) : new Map<string, InventoryNode>();
      for (const invocation of page.found) {
        const text = planned.get(invocation.id);
        const node = text === undefined ? joined.get(invocation.id) : (JSON.parse(text) as InventoryNode);
        if (!node) continue;
        const line = toLine(job, node, text === undefined ? joinedLater(invocation) : invocation);
        if (text !== undefined && !line.again && !node.windows) settled.add(node.id);
        yield line;
      }
      count += page.found.length;
      next = page.next;
      if (count >= nodes || Date.now() >= until) break;
    }
    yield { next: next ?? null };
  }
  const { object, lines: written } = await keepFirst(archive, key, lines());
  if (written !== undefined) return { object, settled: settled.size, ...(next && { next }) };
  next = await endOf(job, key);
  return { object, ...(next && { next }) };
}

/** A node that SSM found and the plan did not: its answer counts, its silence is nobody's fault. */
function joinedLater(invocation: Invocation): Invocation {
  if ('output' in invocation) return invocation;
  const detail = 'The instance joined after the scan had listed its nodes, and did not answer; the next scan asks it.';
  return { id: invocation.id, reason: 'joined-later', detail };
}

async function endOf({ archive }: Asking, key: string): Promise<Position | undefined> {
  let last: unknown;
  for await (const line of readLines(await openLines(archive, key), key, v.looseObject({}))) last = line;
  return (v.parse(End, last).next ?? undefined) as Position | undefined;
}

/** The lines of a wave's blocks, each with the wave that it is of. */
async function* linesOf({ archive }: Asking, waves: readonly Wave[]): AsyncGenerator<[BlockLine, number]> {
  for (const [index, { blocks }] of waves.entries()) {
    for (const { key } of blocks) {
      for await (const line of readLines(await openLines(archive, key), key, v.looseObject({}))) {
        if ('node' in line) yield [line as unknown as BlockLine, index];
      }
    }
  }
}

/** The wave whose word on a node counts: the one in which it answered, else the last. */
async function lastWords(job: Asking, waves: readonly Wave[]): Promise<Map<string, { wave: number; again: boolean }>> {
  const words = new Map<string, { wave: number; again: boolean }>();
  for await (const [line, wave] of linesOf(job, waves)) {
    const before = words.get(line.node.id);
    const again = line.again === true;
    // Where alternatives overlap, a wave has two words on a node.
    if (!before || (before.again && (wave > before.wave || !again))) words.set(line.node.id, { wave, again });
  }
  return words;
}

/** Writes whom to ask again: those that run, whose agents are online, and who have not answered for a reason that may pass. */
async function keepAgain(
  job: Asking,
  waves: readonly Wave[],
  number: number,
): Promise<{ object?: StoredObject; nodes: number }> {
  const { archive, scan, target } = job;
  const key = answerKeys(scan, target).again(number);
  const words = await lastWords(job, waves);
  const open: InventoryNode[] = [];
  for await (const node of readInventory<InventoryNode>(archive, scan, target)) {
    if (!node.windows && words.get(node.id)?.again !== false) open.push(node);
  }
  const asked = (await outcomesNow(job, open, [])).flatMap(([{ id }, { again }]) => (again ? [{ id }] : []));
  if (asked.length === 0) return { nodes: 0 };
  const { object, lines } = await keepFirst(archive, key, Readable.from(asked));
  return { object, nodes: lines ?? (await idsAgain(job, number)).length };
}

async function idsAgain({ archive, scan, target }: Asking, number: number): Promise<string[]> {
  const key = answerKeys(scan, target).again(number);
  const ids: string[] = [];
  const Asked = v.object({ id: v.string() });
  for await (const { id } of readLines(await openLines(archive, key), key, Asked)) ids.push(id);
  return ids;
}

/** What EC2 and SSM say now of nodes that have not answered: their state, their agent, or that SSM sent them nothing. */
async function outcomesNow(
  { clients }: Asking,
  nodes: readonly InventoryNode[],
  ends: readonly string[],
): Promise<[InventoryNode, Outcome][]> {
  const now = await instancesNow(
    clients.ec2,
    nodes.map(({ id }) => id),
  );
  const states = nodes.map((node) => [node, stateOutcome(node, now.get(node.id))] as const);
  const agents = await pings(
    clients.ssm,
    states.flatMap(([{ id }, outcome]) => (outcome ? [] : [id])),
  );
  return states.map(([node, outcome]) => [
    node,
    outcome ?? agentOutcome(agents.get(node.id), node.operator) ?? notSent(ends),
  ]);
}

const WINDOWS = {
  reason: 'unsupported-platform',
  detail: 'This node runs Windows; kubevigil reads Linux nodes.',
} as const;

/**
 * Every planned node once, and those that joined and answered: what counts of the blocks, then those without a word. Who
 * did not answer because EC2 ended or stopped the instance meanwhile is told so.
 */
async function* settled(job: Asking, waves: readonly Wave[]): AsyncGenerator<EvidenceLine> {
  const words = await lastWords(job, waves);
  const seen = new Set<string>();
  const silent = new Map<string, EvidenceLine>();
  for await (const [{ again, ...line }, wave] of linesOf(job, waves)) {
    const { id } = line.node;
    // Pages may repeat a node, and waves do.
    const word = words.get(id);
    if (word?.wave !== wave || word.again !== (again === true) || seen.has(id)) continue;
    seen.add(id);
    if (!again || !('reason' in line)) yield line;
    else silent.set(id, wave > 0 ? { ...line, detail: `${line.detail} It was asked ${wave + 1} times.` } : line);
  }
  const open: InventoryNode[] = [];
  for await (const node of readInventory<InventoryNode>(job.archive, job.scan, job.target)) {
    if (node.windows && !seen.has(node.id)) yield toLine(job, node, { id: node.id, ...WINDOWS });
    else if (silent.has(node.id) || !seen.has(node.id)) open.push(node);
  }
  const ends = waves.flatMap(({ commands, ends }) => commands.map((_, index) => ends[index] ?? 'In Progress'));
  for (const [node, outcome] of await outcomesNow(job, open, ends)) {
    const said = silent.get(node.id);
    const { again: _, ...line } = toLine(job, node, { id: node.id, ...outcome });
    yield said && outcome.reason !== 'gone' && outcome.reason !== 'not-running' ? said : line;
  }
}

function toLine({ target: { account, region } }: Asking, known: InventoryNode, invocation: Invocation): BlockLine {
  const { tags, windows: _windows, state: _state, why: _why, operator: _operator, ...identity } = known;
  const node = { ...identity, account, region };
  if ('reason' in invocation) {
    const { reason, detail, again } = invocation;
    return { node, tags, reason, detail, ...(again && { again }) };
  }
  const answer = readAnswer(invocation.output);
  if ('problem' in answer) {
    return { node, tags, reason: 'bad-answer', detail: `Its answer cannot be used: ${answer.problem}.` };
  }
  return { node, tags, evidence: answer.evidence };
}
