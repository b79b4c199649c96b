/**
 * `manifest.json`: the last thing that a scan writes, and what an auditor begins with. It lists every object of the
 * scan and names the manifest before it, after the model of CloudTrail's digest files (AWS CloudTrail User Guide,
 * "CloudTrail digest file structure"): it holds its own bucket and key, so that a moved one is found; the previous
 * one's key, digest and signature, so that a missing or changed one is found; and it is signed over all that.
 * Tested by test/archive/seal.test.ts.
 */

import * as v from 'valibot';
import { ascending } from '../results/order.ts';
import {
  digest,
  everySeconds,
  FORMAT,
  NEWEST_FORMAT,
  type StoredObject,
  StoredObjectSchema,
  time,
} from '../results/shapes.ts';
import { MethodSchema, NotAssessedSchema, notAssessedOf, type Summary, ToolSchema } from '../results/summary.ts';
import { CountsSchema } from '../results/tally.ts';
import { sha256 } from './content.ts';
import { scanKeys } from './keys.ts';
import { fingerprint, SIGNING_ALGORITHM } from './sign.ts';

export const PreviousSchema = v.strictObject({
  scanId: v.string(),
  scheduledAt: time,
  /** Key of the manifest. */
  key: v.string(),
  sha256: digest,
  /** Base64 of its signature; null where it is not signed. */
  signature: v.nullable(v.string()),
});

/** The manifest before this one; small enough for a checkpoint. */
export type Previous = v.InferOutput<typeof PreviousSchema>;

const RetentionSchema = v.strictObject({
  mode: v.picklist(['governance', 'compliance']),
  days: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

export type Retention = v.InferOutput<typeof RetentionSchema>;

export const ManifestSchema = v.pipe(
  v.strictObject({
    format: FORMAT,
    bucket: v.string(),
    key: v.string(),
    scanId: v.string(),
    scheduledAt: time,
    startedAt: time,
    finishedAt: time,
    everySeconds,
    tool: ToolSchema,
    /** SHA-256 of the SSM document that ran on the nodes. */
    documentHash: v.exactOptional(v.string()),
    /** SHA-256 of the summary's `settings` in canonical JSON. */
    settingsDigest: digest,
    counts: CountsSchema,
    /** Targets that could not be scanned at all, which is no pass of anything; absent where there are none. */
    notAssessed: v.exactOptional(v.array(NotAssessedSchema)),
    /** How the known answers were met before nodes were judged. */
    method: v.exactOptional(MethodSchema),
    /** How long the bucket keeps the objects of this scan, at least, before they expire. */
    retention: v.exactOptional(RetentionSchema),
    /** Authorities that were asked to stamp this manifest; the n-th one's answer is `manifest.json.<n>.tsr`. */
    timestampAuthorities: v.exactOptional(v.array(v.string())),
    objects: v.array(StoredObjectSchema),
    /** Null at the first link of a chain. */
    previous: v.nullable(PreviousSchema),
    /** How `manifest.json.sig` was made; null where the scan was not signed. */
    signing: v.nullable(v.strictObject({ algorithm: v.literal(SIGNING_ALGORITHM), publicKeySha256: digest })),
  }),
  v.title('Manifest'),
  v.description(
    'manifest.json of a scan: every object with its digest, bound to its place and to the manifest before it. manifest.json.sig holds the signature over its bytes.',
  ),
);

export type Manifest = v.InferOutput<typeof ManifestSchema>;

export type ManifestFacts = {
  bucket: string;
  summary: Summary;
  objects: readonly StoredObject[];
  previous: Previous | null;
  documentHash?: string;
  retention?: Retention;
  timestampAuthorities?: readonly string[];
  /** PEM. */
  publicKey?: string;
};

/** Builds a scan's manifest. Its bytes depend on its arguments alone. */
export function manifestOf({
  bucket,
  summary,
  objects,
  previous,
  documentHash,
  retention,
  timestampAuthorities = [],
  publicKey,
}: ManifestFacts): Manifest {
  const notAssessed = notAssessedOf(summary);
  return {
    format: NEWEST_FORMAT,
    bucket,
    key: scanKeys(summary).manifest,
    scanId: summary.scanId,
    scheduledAt: summary.scheduledAt,
    startedAt: summary.startedAt,
    finishedAt: summary.finishedAt,
    ...(summary.everySeconds !== undefined && { everySeconds: summary.everySeconds }),
    tool: summary.tool,
    ...(documentHash !== undefined && { documentHash }),
    settingsDigest: sha256(canonical(summary.settings)),
    counts: summary.totals,
    ...(notAssessed.length > 0 && { notAssessed }),
    ...(summary.method && { method: summary.method }),
    ...(retention && { retention }),
    ...(timestampAuthorities.length > 0 && { timestampAuthorities: [...timestampAuthorities] }),
    objects: objects.toSorted((a, b) => ascending(a.key, b.key)),
    previous,
    signing: publicKey === undefined ? null : { algorithm: SIGNING_ALGORITHM, publicKeySha256: fingerprint(publicKey) },
  };
}

/** JSON with sorted keys, so that equal values have equal digests. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => ascending(a, b)));
  });
}
