import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BusEvent } from '../../lambda/alerts/event.ts';
import { eventBus } from '../../lambda/alerts/event-bus.ts';
import { AT_ONCE, BUS, SHORT, start } from './delivery.ts';

/** An event that says so much; its shape is that of test/alerts/event.test.ts. */
const event = (number: number, text = ''): BusEvent => ({
  type: 'Kubevigil Finding New',
  time: '2026-11-23T02:00:05.000Z',
  resources: [`arn:aws:ec2:eu-central-1:123456789012:instance/i-${number}`],
  detail: { number, text } as never,
});

async function put(events: BusEvent[]) {
  const bus = eventBus(BUS, SHORT, AT_ONCE);
  try {
    for (const each of events) await bus.add(each);
    return await bus.end();
  } finally {
    bus.close();
  }
}

const numbers = (input: unknown) =>
  (input as { Entries: { Detail: string }[] }).Entries.map(({ Detail }) => JSON.parse(Detail).number as number);

test('events go by ten to the bus in its region, as rules see them', async (t) => {
  const sizes: number[] = [];
  const endpoints = await start(t, ({ input }) => {
    sizes.push(numbers(input).length);
    return undefined;
  });
  assert.deepEqual(await put(Array.from({ length: 25 }, (_, index) => event(index))), { sent: 25, refused: {} });
  assert.deepEqual(sizes, [10, 10, 5]);
  const [first] = endpoints.events;
  assert.deepEqual(
    [first?.bus, first?.source, first?.['detail-type'], first?.resources, first?.time.toISOString()],
    [BUS, 'kubevigil', 'Kubevigil Finding New', event(0).resources, event(0).time],
  );
  assert.deepEqual(first?.detail, event(0).detail);
});

test('all entries of a request stay below 256 KB, counted in bytes', async (t) => {
  const sizes: number[] = [];
  const endpoints = await start(t, ({ input }) => {
    sizes.push(numbers(input).length);
    return undefined;
  });
  // A letter of two bytes: 61 KB each, so that four fit and five do not.
  assert.equal((await put(Array.from({ length: 9 }, (_, index) => event(index, 'é'.repeat(30_500))))).sent, 9);
  assert.deepEqual(sizes, [4, 4, 1]);
  assert.equal(endpoints.events.length, 9);
});

test('entries that failed for a reason that may pass are put again, and only they', async (t) => {
  const rounds: number[][] = [];
  await start(t, ({ input }) => {
    const given = numbers(input);
    rounds.push(given);
    if (rounds.length > 2) return undefined;
    const Entries = given.map((number) =>
      number % 2 === 1 ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' } : { EventId: `${number}` },
    );
    const FailedEntryCount = given.filter((number) => number % 2 === 1).length;
    return {
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'id' },
      body: JSON.stringify({ FailedEntryCount, Entries }),
    };
  });
  assert.deepEqual(await put([0, 1, 2, 3].map((each) => event(each))), { sent: 4, refused: {} });
  assert.deepEqual(rounds, [
    [0, 1, 2, 3],
    [1, 3],
    [1, 3],
  ]);
});

test('what is refused for good is told, what does not pass is thrown', async (t) => {
  let code = 'NotAuthorizedForSourceException';
  await start(t, ({ input }) => ({
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'id' },
    body: JSON.stringify({
      FailedEntryCount: numbers(input).length,
      Entries: numbers(input).map(() => ({ ErrorCode: code, ErrorMessage: 'no' })),
    }),
  }));
  assert.deepEqual(await put([event(1), event(2)]), { sent: 0, refused: { 'NotAuthorizedForSourceException: no': 2 } });
  code = 'InternalFailure';
  await assert.rejects(put([event(1), event(2)]), /2 of 2 were refused: InternalFailure: no/);
});
