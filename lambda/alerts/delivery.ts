/**
 * How many things are sent to a service that takes so many at a time and may refuse some of them: the others stand, what may pass
 * is tried again, and what was refused for good is told. Tested by test/alerts/security-hub.test.ts and test/alerts/event-bus.test.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** What became of one item. */
type Refusal<Item> = { item: Item; code: string; text: string };

/** Sends one batch and answers with what was refused of it. */
type SendBatch<Item> = (items: readonly Item[]) => Promise<Refusal<Item>[]>;

/** How items are sent, and what was refused for good so far, as `<code>: <text>` with how often. */
export type Delivery<Item> = {
  add(item: Item): Promise<void>;
  /** Sends what is left. */
  end(): Promise<Delivered>;
  /** What became of the batches that are through: as many items, in the order in which they were added. */
  done(): Delivered;
  /** Closes the client, whatever became of it. */
  close(): void;
};

/** `again`: ids of what was refused, the first of them, where items have any. */
export type Delivered = { sent: number; refused: Record<string, number>; again?: string[] };

type Limits<Item> = {
  /** Items in a batch, and bytes of all of them. */
  items: number;
  bytes: number;
  /** Bytes of one. */
  sizeOf(item: Item): number;
  /** What an item is known by the next time, where it is sent again then. */
  idOf?(item: Item): string;
};

/**
 * Codes that say that the same item may be taken later: InternalFailure and ThrottlingException (Amazon EventBridge API reference,
 * PutEventsResultEntry), and of Security Hub what its exceptions for whole requests are called.
 */
const PASSING = /throttl|internal|limit|unavailable|timeout|toomany/i;

/** Seconds before each further try of what was refused and may pass. */
const PAUSES = [1, 2, 4];

/** Kinds of refusals that are told apart; hostile texts may make each one another. */
const KINDS = 5;
const LONGEST = 200;

/** Ids of refused items that are kept: they go into a checkpoint, which takes 256 KB, and Security Hub's have up to 512 characters. */
const MOST_AGAIN = 250;

/** Makes batches within the limits and sends them one after the other. Throws where what may pass does not. */
export function deliver<Item>(
  send: SendBatch<Item>,
  { items: most, bytes: largest, sizeOf, idOf }: Limits<Item>,
  pauses: readonly number[] = PAUSES,
): Omit<Delivery<Item>, 'close'> {
  let [batch, size, sent]: [Item[], number, number] = [[], 0, 0];
  const refused = new Map<string, number>();
  const again: string[] = [];
  const note = ({ item, code, text }: Refusal<Item>) => {
    const kind = `${code}: ${text}`.replaceAll(/[\p{C}\s]+/gu, ' ').slice(0, LONGEST);
    const name = refused.has(kind) || refused.size < KINDS ? kind : 'others';
    refused.set(name, (refused.get(name) ?? 0) + 1);
    if (idOf && again.length < MOST_AGAIN) again.push(idOf(item));
  };
  const flush = async () => {
    let rest: readonly Item[] = batch;
    const count = rest.length;
    const refusedNow: Refusal<Item>[] = [];
    [batch, size] = [[], 0];
    for (let attempt = 0; rest.length > 0; attempt += 1) {
      const refusals = await send(rest);
      const passing = refusals.filter(({ code }) => PASSING.test(code));
      refusedNow.push(...refusals.filter(({ code }) => !PASSING.test(code)));
      const [first] = passing;
      if (!first) break;
      const seconds = pauses[attempt];
      if (seconds === undefined)
        throw new Error(`${passing.length} of ${rest.length} were refused: ${first.code}: ${first.text}`);
      await sleep(seconds * 1000);
      rest = passing.map(({ item }) => item);
    }
    // Only now: what is sent once more after a fault is not counted twice.
    sent += count - refusedNow.length;
    for (const each of refusedNow) note(each);
  };
  const done = () => ({ sent, refused: Object.fromEntries(refused), ...(again.length > 0 && { again: [...again] }) });
  return {
    async add(item) {
      const bytes = sizeOf(item);
      if (batch.length === most || (batch.length > 0 && size + bytes > largest)) await flush();
      batch.push(item);
      size += bytes;
    },
    async end() {
      await flush();
      return done();
    },
    done,
  };
}
