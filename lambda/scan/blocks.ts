/**
 * What the nodes of a target answered, in blocks, and what became of each node in the end.
 *
 * Every block is kept as it comes, so that an invocation that ends in the midst of 100,000 answers goes on with the next
 * one. Tested by test/scan/asking.test.ts.
 */
import { Readable } from 'node:stream';
import * as v from 'valibot';
import { answerKeys, targetKeys } from '../archive/keys.ts';
import type { WritableArchive } from '../archive/store.ts';
import { keepFirst, openLines, readInventory } from '../archive/target.ts';
import { readAnswerAsJson } from '../nodes/answer/alike.ts';
import { hybridOutcome } from '../nodes/hybrid.ts';
import { type InventoryNode, instancesNow, stateOutcome } from '../nodes/inventory.ts';
import { agentOutcome, notSent, type Outcome } from '../nodes/outcome.ts';
import { type Invocation, invocations, type Position, pings } from '../nodes/run-command.ts';
import { isHybrid } from '../platforms/signs.ts';
import type { EvidenceLine } from '../results/evidence-line.ts';
import { readLineBytes, readLines } from '../results/lines.ts';
import type { ScanName, StoredObject } from '../results/shapes.ts';
import type { ScanSettings, Target } from '../settings.ts';
import type { TargetClients } from './clients.ts';
import { isAsked, UNASKED } from './windows.ts';

/** A block is kept after so many seconds of reading, a third of what a Lambda invocation has, or so many nodes. */
const BLOCK = { seconds: 300, nodes: 20_000 };

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

/** A line of a block that is of no answer: what became of a node, and whether to ask it again. */
type Unanswered = Extract<EvidenceLine, { reason: unknown }> & { again?: true };

/** What one wave sent, how its commands ended, and the blocks of what was read. */
export type Wave = { commands: string[]; ends: string[]; blocks: StoredObject[] };

/** `settled` counts planned nodes of which nothing more is to be asked. */
export type Block = { object: StoredObject; next?: Position; settled?: number };

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
export async function keepBlock(job: Asking, number: number, wave: Wave, from: Position): Promise<Block> {
  const { archive, scan, target, clients } = job;
  const key = answerKeys(scan, target).block(number, wave.blocks.length + 1);
  let next: Position | undefined;
  const settled = new Set<string>();
  async function* lines(): AsyncGenerator<object | string> {
    // As texts, which take half of the memory that 100,000 objects with their tags would.
    const planned = new Map<string, string>();
    const { inventory } = targetKeys(scan, target);
    for await (const lines of readLineBytes(await openLines(archive, inventory), inventory)) {
      for (const line of lines) {
        const id = idOf(line, PLANNED);
        if (id !== undefined) planned.set(id, line.toString());
      }
    }
    const { seconds, nodes } = job.block ?? BLOCK;
    const until = Date.now() + seconds * 1000;
    let count = 0;
    for await (const page of invocations(clients.ssm, wave.commands, from)) {
      const unknown = page.found.flatMap(({ id }) => (planned.has(id) || isHybrid(id) ? [] : [id]));
      const joined = unknown.length > 0 ? await instancesNow(clients.ec2, unknown) : new Map<string, InventoryNode>();
      for (const invocation of page.found) {
        const text = planned.get(invocation.id);
        const node = text === undefined ? joined.get(invocation.id) : (JSON.parse(text) as InventoryNode);
        if (!node) continue;
        // The tags bring the document for Linux to those of Windows, too, which skip it and are asked by their own.
        if (node.windows && 'reason' in invocation && invocation.reason === 'unsupported-platform') continue;
        const line = toLine(job, node, text === undefined ? joinedLater(invocation) : invocation);
        if (text !== undefined && (typeof line === 'string' || !line.again)) settled.add(node.id);
        yield line;
      }
      count += page.found.length;
      next = page.next;
      if (count >= nodes || Date.now() >= until) break;
    }
    yield { next: next ?? null };
  }
  const { object, lines: written } = await keepFirst(archive, key, lines(), 'quick');
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

/** How lines of the inventory begin, and those of blocks. */
const [PLANNED, ANSWERED] = ['{"id":"', '{"node":{"id":"'];
const QUOTE = 0x22;

/** The id that a line is of, which has no quotes in it; undefined where the line begins in another way. */
function idOf(line: Buffer, beginning: typeof PLANNED | typeof ANSWERED): string | undefined {
  if (line.toString('latin1', 0, beginning.length) !== beginning) return undefined;
  return line.toString('latin1', beginning.length, line.indexOf(QUOTE, beginning.length));
}

/** The planned nodes that are not among these, which most are. */
async function* plannedBesides({ archive, scan, target }: Asking, ids: ReadonlySet<string>) {
  const isWanted = (line: Buffer) => !ids.has(idOf(line, PLANNED) ?? '');
  for await (const node of readInventory<InventoryNode>(archive, scan, target, isWanted)) {
    if (!ids.has(node.id)) yield node;
  }
}

/** The bytes of a line as it was written, with the node that it is of and the number of its wave. */
type Written = { line: Buffer; id: string; again: boolean; wave: number };

/** How a line ends of a node that is to be asked again: what a node says has no quotes of its own in it, because JSON escapes them. */
const AGAIN = Buffer.from('","again":true}');

/** The lines of the waves' blocks. They are not parsed: most are copied. */
async function* linesOf({ archive }: Asking, waves: readonly Wave[]): AsyncGenerator<Written> {
  for (const [wave, { blocks }] of waves.entries()) {
    for (const { key } of blocks) {
      for await (const lines of readLineBytes(await openLines(archive, key), key)) {
        for (const line of lines) {
          const id = idOf(line, ANSWERED);
          if (id !== undefined) yield { line, id, again: line.subarray(-AGAIN.length).equals(AGAIN), wave };
        }
      }
    }
  }
}

/** Whom a wave asks again, and what became of each other node that has not answered by then. */
const ChoiceSchema = v.object({
  id: v.string(),
  windows: v.exactOptional(v.literal(true)),
  outcome: v.exactOptional(v.object({ reason: v.string(), detail: v.string() })),
});

/** One that is asked by its id, with which document. */
export type AskedNode = { id: string; windows?: true };

/**
 * Writes of each node that has not answered whether it is asked again, which are those that run, whose agents are online, and
 * who are silent for a reason that may pass. Tells how many that are.
 */
export async function keepAgain(
  job: Asking,
  waves: readonly Wave[],
  number: number,
): Promise<{ object?: StoredObject; nodes: number }> {
  const { archive, scan, target } = job;
  const answered = new Set<string>();
  for await (const { id, again } of linesOf(job, waves)) if (!again) answered.add(id);
  const open: InventoryNode[] = [];
  for await (const node of plannedBesides(job, answered)) if (isAsked(node, job.settings)) open.push(node);
  if (open.length === 0) return { nodes: 0 };
  const choices = (await outcomesNow(job, open, [])).map(([{ id, windows }, { again, ...outcome }]) =>
    again ? { id, ...(windows && { windows }) } : { id, outcome },
  );
  const { object, lines } = await keepFirst(archive, answerKeys(scan, target).again(number), Readable.from(choices));
  const nodes = lines === undefined ? (await askedAgain(job, number)).length : choices.filter(isChosen).length;
  return { object, nodes };
}

const isChosen = (choice: object) => !('outcome' in choice);

async function* readChoices({ archive, scan, target }: Asking, number: number) {
  const key = answerKeys(scan, target).again(number);
  yield* readLines(await openLines(archive, key), key, ChoiceSchema);
}

/** Whom a wave asks again. */
export async function askedAgain(job: Asking, number: number): Promise<AskedNode[]> {
  const nodes: AskedNode[] = [];
  for await (const { id, windows, outcome } of readChoices(job, number)) {
    if (outcome === undefined) nodes.push({ id, ...(windows && { windows }) });
  }
  return nodes;
}

/** What EC2 and SSM say now of nodes that have not answered: their state, their agent, or that SSM sent them nothing. */
async function outcomesNow(
  { clients }: Asking,
  nodes: readonly InventoryNode[],
  ends: readonly string[],
): Promise<[InventoryNode, Outcome][]> {
  const now = await instancesNow(
    clients.ec2,
    nodes.flatMap(({ id }) => (isHybrid(id) ? [] : [id])),
  );
  // Of a hybrid node EC2 knows nothing, and Systems Manager no state but its agent's.
  const states = nodes.map(
    (node) => [node, isHybrid(node.id) ? undefined : stateOutcome(node, now.get(node.id))] as const,
  );
  const agents = await pings(
    clients.ssm,
    states.flatMap(([{ id }, outcome]) => (outcome ? [] : [id])),
  );
  return states.map(([node, outcome]) => [
    node,
    outcome ?? hybridOutcome(node.id, agents) ?? agentOutcome(agents.get(node.id), node.operator) ?? notSent(ends),
  ]);
}

/**
 * Every planned node once, and those that joined and answered: the first answer of each, then those without one. What became of
 * who was not to be asked again stands in the last choice, where there was one; of the others EC2 and SSM are asked now. Who did
 * not answer because EC2 ended or stopped the instance meanwhile is told so.
 */
export async function* settled(
  job: Asking,
  waves: readonly Wave[],
  lastChoice: number | undefined,
): AsyncGenerator<EvidenceLine | Uint8Array> {
  const seen = new Set<string>();
  const unanswered = new Map<string, { line: EvidenceLine; wave: number }>();
  for await (const { line: bytes, id, again, wave } of linesOf(job, waves)) {
    // Pages may repeat a node, waves do, and where alternatives overlap, a wave has two words on a node.
    if (seen.has(id)) continue;
    if (!again) {
      seen.add(id);
      unanswered.delete(id);
      yield bytes;
    } else if (unanswered.get(id)?.wave !== wave) {
      const { again: _, ...line } = JSON.parse(bytes.toString()) as Unanswered;
      const detail = wave > 0 ? `${line.detail} It was asked ${wave + 1} times.` : line.detail;
      unanswered.set(id, { line: { ...line, detail }, wave });
    }
  }
  const open: InventoryNode[] = [];
  for await (const node of plannedBesides(job, seen)) {
    if (!isAsked(node, job.settings)) yield lineOf(job, node, UNASKED);
    else open.push(node);
  }
  const known = new Map<string, Outcome>();
  if (lastChoice !== undefined)
    for await (const { id, outcome } of readChoices(job, lastChoice)) if (outcome) known.set(id, outcome as Outcome);
  const ends = waves.flatMap(({ commands, ends }) => commands.map((_, index) => ends[index] ?? 'In Progress'));
  const asked = await outcomesNow(
    job,
    open.filter(({ id }) => !known.has(id)),
    ends,
  );
  for (const [{ id }, outcome] of asked) known.set(id, outcome);
  for (const node of open) {
    const outcome = known.get(node.id) as Outcome;
    const said = unanswered.get(node.id)?.line;
    const { again: _, ...line } = lineOf(job, node, outcome);
    yield said && outcome.reason !== 'gone' && outcome.reason !== 'not-running' ? said : line;
  }
}

/** The line of a node that answered, as JSON.stringify would write it, or of what became of another. */
function toLine(asking: Asking, node: InventoryNode, invocation: Invocation): Unanswered | string {
  if ('reason' in invocation) return lineOf(asking, node, invocation);
  const answer = readAnswerAsJson(invocation.output);
  if ('problem' in answer) {
    const detail = `Its answer cannot be used: ${answer.problem}.`;
    return lineOf(asking, node, { reason: 'bad-answer', detail });
  }
  const head = JSON.stringify(headOf(asking, node));
  return `${head.slice(0, -1)},"evidence":${answer.evidence}}`;
}

function lineOf(asking: Asking, node: InventoryNode, { reason, detail, again }: Outcome): Unanswered {
  return { ...headOf(asking, node), reason, detail, ...(again && { again }) };
}

function headOf({ target: { account, region } }: Asking, known: InventoryNode): Pick<EvidenceLine, 'node' | 'tags'> {
  const { tags, windows: _windows, state: _state, why: _why, operator: _operator, ...identity } = known;
  return { node: { ...identity, account, region }, tags };
}
