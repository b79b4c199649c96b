/** Parts that the schemas of archived files share. Tested by test/results/schemas.test.ts. */
import * as v from 'valibot';

/** ISO 8601. */
export const time = v.pipe(v.string(), v.isoTimestamp());

/** SHA-256 as lower-case hexadecimal. */
export const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** A whole number of 0 or more. */
export const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The most seconds between two scheduled scans; absent for a scan that was started by hand. */
export const everySeconds = v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1)));

/** Of summaries and manifests: what is read, and the last one is written. Whatever changes in a scan's objects is a new one. */
export const FORMAT = v.picklist([1, 2]);
export const NEWEST_FORMAT = 2;

/** By which lines of many scans are told apart in one table; scans of format 1 do not have them. */
export const ScanColumns = { scanId: v.exactOptional(v.string()), scheduledAt: v.exactOptional(time) };

/** What names a scan: its id, and the time for which it was scheduled as ISO 8601 in UTC. */
export type ScanName = { scanId: string; scheduledAt: string };

/** What a manifest says of an object: size in bytes, SHA-256. */
export const StoredObjectSchema = v.strictObject({ key: v.string(), size: whole, sha256: digest });

export type StoredObject = v.InferOutput<typeof StoredObjectSchema>;
