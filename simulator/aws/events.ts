/**
 * EventBridge: PutEvents; AWS JSON 1.1 (API version 2015-10-07). Limits and codes by the API reference of PutEvents, sizes by
 * "Calculating PutEvents event entry size" of the user guide.
 */
import * as v from 'valibot';
import { failure } from './failure.ts';
import { list, readInput } from './input.ts';
import type { Operation, Service } from './service.ts';
import type { TargetState } from './state.ts';

/** Bytes of all entries of a request: less than this. */
const LARGEST = 262_144;
/** What a time counts for. */
const TIME_BYTES = 14;

const BUS = /^(?:arn:aws[\w-]*:events:([a-z]+-[a-z]+-[\w-]+):(\d{12}):event-bus\/)?([.\-_A-Za-z0-9]+)$/;

const EntrySchema = v.strictObject({
  Time: v.optional(v.number('Member must be a timestamp')),
  Source: v.optional(v.string(), ''),
  Resources: v.optional(v.array(v.string()), []),
  DetailType: v.optional(v.string(), ''),
  Detail: v.optional(v.string(), ''),
  EventBusName: v.optional(
    v.pipe(v.string(), v.regex(BUS, `Member must satisfy regular expression pattern: ${BUS.source}`)),
    'default',
  ),
});

const PutEventsSchema = v.strictObject({ Entries: list(EntrySchema, 1, 10) });

type Entry = v.InferOutput<typeof EntrySchema>;

/** Takes each entry for itself. Errors of the request: ValidationException. */
const putEvents: Operation = ({ input, target, state }) => {
  const { Entries } = readInput(PutEventsSchema, input, 'PutEvents');
  if (Entries.reduce((sum, entry) => sum + sizeOf(entry), 0) >= LARGEST)
    throw failure(400, 'ValidationException', 'Total size of the entries in the request is over the limit.');
  const results = Entries.map((entry) => {
    const problem = problemOf(entry, target);
    if (problem) return problem;
    const { Source, DetailType, Detail, Resources, Time, EventBusName } = entry;
    const [, , account = target.account, name = ''] = BUS.exec(EventBusName) ?? [];
    const EventId = state.uuid();
    // No code of PutEventsResultEntry says that a bus is not there (API reference): such an event is dropped without a word.
    if (account === target.account && (name === 'default' || target.buses.has(name))) {
      state.events.push({
        id: EventId,
        bus: `arn:aws:events:${target.region}:${account}:event-bus/${name}`,
        source: Source,
        'detail-type': DetailType,
        detail: JSON.parse(Detail),
        resources: Resources,
        time: Time === undefined ? state.now() : new Date(Time * 1000),
      });
    }
    return { EventId };
  });
  return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
};

function sizeOf({ Time, Source, DetailType, Detail, Resources }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : TIME_BYTES);
}

function problemOf(entry: Entry, { region }: TargetState): { ErrorCode: string; ErrorMessage: string } | undefined {
  const missing = (['Source', 'DetailType', 'Detail'] as const).find((name) => entry[name] === '');
  if (missing) return invalid(`Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`);
  const [, ofRegion = region] = BUS.exec(entry.EventBusName) ?? [];
  if (ofRegion !== region) return invalid('Parameter EventBusName is not valid. Reason: it is of another region.');
  if (entry.Source.startsWith('aws.'))
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  return isObject(entry.Detail) ? undefined : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

function invalid(ErrorMessage: string) {
  return { ErrorCode: 'InvalidArgument', ErrorMessage };
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

export const events: Service = { protocol: 'json', target: 'AWSEvents', operations: { PutEvents: putEvents } };
