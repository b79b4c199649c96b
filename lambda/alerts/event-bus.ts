/** Puts events on an Amazon EventBridge bus. Loaded when it is used. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { explained } from '../failures.ts';
import { REQUEST_RETRIES } from '../retries.ts';
import { type Delivery, deliver } from './delivery.ts';
import { type BusEvent, SOURCE } from './event.ts';

/**
 * Entries and bytes of a request: 10, and less than 256 KB for all of them, counted as EventBridge does (Amazon EventBridge user
 * guide, "Sending events with PutEvents" and "Calculating PutEvents event entry size": 14 bytes for the time).
 */
const LIMITS = {
  items: 10,
  bytes: 256 * 1024 - 1,
  sizeOf: ({ type, detail, resources }: BusEvent) =>
    14 + [SOURCE, type, JSON.stringify(detail), ...resources].reduce((sum, text) => sum + Buffer.byteLength(text), 0),
};

/**
 * Sends events to a bus, in its region. An event may arrive twice: `dedupeId` is the same then. Throws the SDK's error when the last
 * try of a request has failed. No error says that a bus is not there (Amazon EventBridge API reference, PutEventsResultEntry).
 */
export function eventBus(
  busArn: string,
  retries: object = REQUEST_RETRIES,
  pauses?: readonly number[],
): Delivery<BusEvent> {
  const [, , , region = ''] = busArn.split(':');
  const client = explained(new EventBridgeClient({ region, ...retries }));
  const delivery = deliver<BusEvent>(
    async (events) => {
      const { Entries = [] } = await client.send(
        new PutEventsCommand({
          Entries: events.map(({ type, detail, resources, time }) => ({
            Source: SOURCE,
            DetailType: type,
            Detail: JSON.stringify(detail),
            Resources: [...resources],
            Time: new Date(time),
            EventBusName: busArn,
          })),
        }),
      );
      // The answers stand in the order of the entries.
      return events.flatMap((item, index) => {
        const { EventId, ErrorCode = '', ErrorMessage = '' } = Entries[index] ?? {};
        return EventId === undefined ? [{ item, code: ErrorCode, text: ErrorMessage }] : [];
      });
    },
    LIMITS,
    pauses,
  );
  return { ...delivery, close: () => client.destroy() };
}
