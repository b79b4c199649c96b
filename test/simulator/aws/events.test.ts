import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { client, HUB, REGION, start, world } from './fixture.ts';

const BUS = `arn:aws:events:${REGION}:${HUB}:event-bus/security`;
const entry = (more: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  Source: 'kubevigil',
  DetailType: 'Type',
  Detail: '{"a":1}',
  EventBusName: BUS,
  ...more,
});

test('events are kept as rules see them; one for a bus that is not there is dropped without a word', async (t) => {
  const now = () => new Date('2026-01-02T03:04:05Z');
  const endpoints = await start(t, { accounts: world({ buses: ['security'] }), now, uuid: () => 'the-id' });
  const bus = new EventBridgeClient(client(endpoints));
  const time = new Date('2026-01-01T00:00:00Z');
  const { FailedEntryCount, Entries } = await bus.send(
    new PutEventsCommand({
      Entries: [
        entry({ Time: time, Resources: ['arn'] }),
        entry({ EventBusName: 'default' }),
        entry({ EventBusName: 'nobody' }),
      ],
    }),
  );
  assert.equal(FailedEntryCount, 0);
  assert.deepEqual(
    Entries?.map(({ EventId }) => EventId),
    ['the-id', 'the-id', 'the-id'],
  );
  const common = { id: 'the-id', source: 'kubevigil', 'detail-type': 'Type', detail: { a: 1 } };
  assert.deepEqual(endpoints.events, [
    { ...common, bus: BUS, resources: ['arn'], time },
    { ...common, bus: BUS.replace('security', 'default'), resources: [], time: now() },
  ]);
});

test('an entry that is none fails by itself, in its place', async (t) => {
  const endpoints = await start(t, { accounts: world({ buses: ['security'] }) });
  const bus = new EventBridgeClient(client(endpoints));
  const wrong: [Partial<PutEventsRequestEntry>, string][] = [
    [{ Source: '' }, 'InvalidArgument'],
    [{ DetailType: '' }, 'InvalidArgument'],
    [{ Detail: '' }, 'InvalidArgument'],
    [{ Detail: '[1]' }, 'MalformedDetail'],
    [{ Detail: '{' }, 'MalformedDetail'],
    [{ Source: 'aws.ec2' }, 'NotAuthorizedForSourceException'],
    [{ EventBusName: BUS.replace(REGION, 'us-east-1') }, 'InvalidArgument'],
  ];
  const { FailedEntryCount, Entries = [] } = await bus.send(
    new PutEventsCommand({ Entries: [entry(), ...wrong.map(([more]) => entry(more)), entry()] }),
  );
  assert.equal(FailedEntryCount, wrong.length);
  assert.deepEqual(
    Entries.map(({ ErrorCode }) => ErrorCode),
    [undefined, ...wrong.map(([, code]) => code), undefined],
  );
  assert.equal(endpoints.events.length, 2);
});

test('requests are refused that EventBridge refuses', async (t) => {
  const endpoints = await start(t, { accounts: world({ buses: ['security'] }) });
  const bus = new EventBridgeClient(client(endpoints));
  const half = JSON.stringify({ text: 'x'.repeat(131_100) });
  const refusals: [PutEventsRequestEntry[], RegExp][] = [
    [[], /length greater than or equal to 1/],
    [Array.from({ length: 11 }, () => entry()), /length less than or equal to 10/],
    [[entry({ Detail: half }), entry({ Detail: half }), entry()], /Total size of the entries/],
    [[entry({ EventBusName: 'a bus' })], /regular expression/],
  ];
  for (const [Entries, message] of refusals) {
    await assert.rejects(bus.send(new PutEventsCommand({ Entries })), { name: 'ValidationException', message });
  }
  await assert.rejects(bus.send(new ListRulesCommand({})), { name: 'NotImplemented' });
  assert.deepEqual(endpoints.events, []);
});
