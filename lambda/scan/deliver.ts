/**
 * What a kept scan tells services of AWS: findings to Security Hub, events to an EventBridge bus. Each is sent in durable steps of
 * bounded length, from what is archived, so that whatever is killed or throttled goes on where it was; what is sent twice has the
 * same id. Who fails is told in the message of the scan and stops nothing.
 */
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { Delivered, Delivery } from '../alerts/delivery.ts';
import { nodeEvents, scanEvent, type Telling } from '../alerts/event.ts';
import { sha256 } from '../archive/content.ts';
import { scanKeys, targetKeys } from '../archive/keys.ts';
import type { Manifest } from '../archive/manifest.ts';
import { readNodes } from '../archive/nodes.ts';
import { brokenArchive, endedBelated, readBaseline, readManifest, readSummary } from '../archive/previous.ts';
import { keepReceipt, owedTo } from '../archive/receipt.ts';
import { type Archive, readBytes, type WritableArchive } from '../archive/store.ts';
import { catalog } from '../judging/index.ts';
import type { Entry } from '../results/entry.ts';
import { ArchiveError } from '../results/errors.ts';
import { returnedTargets, type Summary } from '../results/summary.ts';
import { retryStep } from '../retries.ts';
import type { ScanSettings, Target } from '../settings.ts';
import { breathe } from './breath.ts';
import { failureText, type Told } from './notify.ts';
import { hubWords } from './owed.ts';

/** What a step sends and reads at most: minutes of its fifteen, at the 10 requests of 100 findings a second that Security Hub takes. */
const MOST_ITEMS = 20_000;
const MOST_ENTRIES = 200_000;

/** How far the scans of a delivery are sent: the scan, its target, and the entries of it. */
type Cursor = { scan: number; target: number; entry: number };

const START: Cursor = { scan: 0, target: 0, entry: 0 };

/** What is said of a scan: of itself, of each of its nodes, and, after all of them, of what none of them said. */
type Words<Item> = { ofScan: readonly Item[]; ofNode(entry: Entry): readonly Item[]; ofRest?(): readonly Item[] };

/** A part of a delivery, and where the next one begins; without one it is complete. */
type Part = Delivered & { next?: Cursor };

/** What became of the parts before: ids of what was refused, and which of those that were owed have been told of. */
type Before = { refused: string[]; told: number[] };

/**
 * Sends what is to be said of scans, the oldest first, from a cursor on, as much as a step may; `words` is asked once a scan. Throws
 * an ArchiveError for a scan that cannot be read, and what `delivery` throws, where not one node is through before.
 */
export async function sendPart<Item>(
  archive: Archive,
  manifests: readonly string[],
  from: Cursor,
  words: (summary: Summary, manifestKey: string) => Words<Item> | Promise<Words<Item>>,
  delivery: Delivery<Item>,
  { items: mostItems, entries: mostEntries } = { items: MOST_ITEMS, entries: MOST_ENTRIES },
): Promise<Part> {
  let [items, entries] = [0, 0];
  const ends: { items: number; next: Cursor }[] = [];
  const add = async (all: readonly Item[]) => {
    for (const item of all) await delivery.add(item);
    items += all.length;
  };
  try {
    for (let scan = from.scan; scan < manifests.length; scan += 1) {
      const begun: Cursor = scan === from.scan ? from : { ...START, scan };
      const key = manifests[scan] as string;
      const manifest = await readManifest(archive, key);
      if (!manifest) throw new ArchiveError(`${archive.location}/${key} is not there.`);
      const summary = await readSummary(archive, manifest);
      const { ofScan, ofNode, ofRest } = await words(summary, key);
      if (begun.target === 0 && begun.entry === 0) await add(ofScan);
      const assessed = summary.targets.filter(({ error }) => error === undefined);
      const targets = [
        ...assessed.map((target) => () => entriesOf(archive, summary, target)),
        ...(summary.left ?? []).map((target) => () => entriesLeft(archive, manifest, target)),
      ];
      for (const [position, read] of targets.entries()) {
        if (position < begun.target) continue;
        const skipped = position === begun.target ? begun.entry : 0;
        let entry = 0;
        for await (const each of read()) {
          entry += 1;
          if (entry <= skipped) continue;
          await add(ofNode(each));
          entries += 1;
          const next = { scan, target: position, entry };
          ends.push({ items, next });
          if (items >= mostItems || entries >= mostEntries) return { ...(await delivery.end()), next };
        }
      }
      await add(ofRest?.() ?? []);
    }
    return await delivery.end();
  } catch (error) {
    // What is through stays so: the next part begins behind it, and throws what lasts.
    const done = delivery.done();
    const through = Object.values(done.refused).reduce((sum, times) => sum + times, done.sent);
    const last = ends.findLast((end) => end.items <= through);
    if (!last) throw error;
    return { ...done, next: last.next };
  }
}

/** The nodes of a target, and those that are gone from it. */
async function* entriesOf(archive: Archive, summary: Summary, { account, region }: Target): AsyncGenerator<Entry> {
  const target = { account, region };
  for await (const { line, changes } of readNodes(archive, targetKeys(summary, target), ['changes'])) {
    if (line) yield { line, ...(changes && { changes }) };
    else if (changes?.coverage === 'lost') yield { changes, target };
  }
}

/**
 * The nodes of a target that left, as gone, by what the last scan that has it left open. What cannot be read of that scan costs
 * these nodes and not the delivery: it would stay so.
 */
async function* entriesLeft(
  archive: Archive,
  { previous }: Manifest,
  { account, region }: Target,
): AsyncGenerator<Entry> {
  const target = { account, region };
  const baseline = await readBaseline(archive, previous, target).catch(brokenArchive);
  if (typeof baseline !== 'object') return;
  for (const [node, { coverage, open, silentSince: since }] of baseline.nodes) {
    if (coverage === 'absent') continue;
    const changes = Object.entries(open).map(([rule, since]) => ({ rule, change: 'lost' as const, since }));
    const silence = since === undefined ? {} : { silence: { since, over: true as const } };
    yield { target, changes: { node, coverage: 'lost', before: coverage, ...silence, open: {}, changes } };
  }
}

/** What became of the deliveries: sentences for the message, and outcomes beside that of the message itself. */
export type Deliveries = { problems: string[]; told: Told[] };

/** Sends what the settings ask for about the scan whose manifest is at this key; `isLong`: reading it takes minutes. */
export async function deliverElsewhere(
  context: DurableContext,
  archive: WritableArchive,
  settings: Pick<ScanSettings, 'name' | 'productArn' | 'eventBusArn'>,
  manifest: string,
  isLong = false,
): Promise<Deliveries> {
  const { productArn, eventBusArn, name } = settings;
  const [problems, told]: [string[], Told[]] = [[], []];
  const attempt = async (service: string, to: string, refusedAre: string, send: () => Promise<Delivered>) => {
    try {
      const { sent, refused } = await send();
      const kinds = Object.entries(refused);
      if (kinds.length === 0) return void told.push({ topicArn: to, outcome: `sent: ${sent}` });
      const text = kinds.map(([kind, times]) => `${times} × ${kind}`).join('; ');
      throw new Error(`refused, and ${refusedAre}: ${text}`);
    } catch (error) {
      const outcome = failureText(error);
      problems.push(`${service} (${to}): ${outcome}`);
      told.push({ topicArn: to, outcome, failed: true });
    }
  };
  if (productArn !== undefined) {
    await attempt('Security Hub', productArn, 'sent again by the next scan', async () => {
      const owed = await context.step('security-hub-owed', () => owedTo(productArn, archive, manifest), {
        retryStrategy: retryStep,
      });
      const hub = { name, productArn, newest: manifest };
      return sendAll(context, 'security-hub', isLong, async (from, before) => {
        const { words, told, after } = hubWords(owed, hub, before.told);
        const { securityHub } = await import('../alerts/security-hub.ts');
        const part = await sendWith(securityHub(productArn), (delivery) =>
          sendPart(archive, owed.manifests, from, words, delivery),
        );
        if (part.next === undefined && owed.manifests.length > 0)
          await keepReceipt(archive, manifest, productArn, after([...before.refused, ...(part.again ?? [])]));
        return { ...part, told: told() };
      });
    });
  }
  if (eventBusArn !== undefined) {
    const partition = eventBusArn.split(':')[1] ?? 'aws';
    await attempt('EventBridge', eventBusArn, 'not sent again', () =>
      sendAll(context, 'events', isLong, async (from) => {
        const words = async (summary: Summary, key: string) => {
          const manifestSha256 = sha256((await readBytes(archive, key)) ?? Buffer.alloc(0));
          const location = `${archive.location}/${scanKeys(summary).summary}`;
          const belated = await endedBelated(archive, key);
          const returned = returnedTargets(summary);
          const telling: Telling = { summary, manifestSha256, catalog, location, partition, belated, returned };
          // What it found is older than what a later scan has told.
          const ofNode = (entry: Entry) => (belated ? [] : nodeEvents(entry, telling));
          return { ofScan: [scanEvent(telling)], ofNode };
        };
        const { eventBus } = await import('../alerts/event-bus.ts');
        return sendWith(eventBus(eventBusArn), (delivery) => sendPart(archive, [manifest], from, words, delivery));
      }),
    );
  }
  return { problems, told };
}

async function sendWith<Item>(
  delivery: Delivery<Item>,
  send: (delivery: Delivery<Item>) => Promise<Part>,
): Promise<Part> {
  try {
    return await send(delivery);
  } finally {
    delivery.close();
  }
}

/** Sends part after part, each a step of an invocation of its own. */
async function sendAll(
  context: DurableContext,
  name: string,
  isLong: boolean,
  send: (from: Cursor, before: Before) => Promise<Part & { told?: number[] }>,
): Promise<Delivered> {
  const all = { sent: 0, refused: {} as Delivered['refused'] };
  const before: Before = { refused: [], told: [] };
  let next: Cursor | undefined = START;
  for (let number = 1; next !== undefined; number += 1) {
    const from: Cursor = next;
    if (number > 1 || isLong) await breathe(context);
    const part = await context.step(`${name}-${number}`, () => send(from, before), { retryStrategy: retryStep });
    all.sent += part.sent;
    before.refused.push(...(part.again ?? []));
    before.told = part.told ?? [];
    for (const [kind, times] of Object.entries(part.refused)) all.refused[kind] = (all.refused[kind] ?? 0) + times;
    next = part.next;
  }
  return all;
}
