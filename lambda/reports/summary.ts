/** `summary.json` and `latest.json`: what a scan adds up to, and which scan is the newest. */
import * as v from 'valibot';
import tool from '../../package.json' with { type: 'json' };
import type { StoredObject } from './archive.ts';
import type { ScanName, Target } from './keys.ts';
import { scanKeys } from './keys.ts';
import type { UnreachableReason } from './node-line.ts';
import { sum, type Tally } from './tally.ts';

const number = v.pipe(v.number(), v.integer(), v.minValue(0));
const time = v.pipe(v.string(), v.isoTimestamp());
const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const statuses = { pass: number, fail: number, manual: number, 'not-applicable': number, error: number };

const reasons = [
  'not-managed',
  'connection-lost',
  'delivery-timed-out',
  'execution-timed-out',
  'undeliverable',
  'access-denied',
  'terminated',
  'unsupported-platform',
  'no-kubelet',
  'bad-answer',
  'gone',
] as const satisfies UnreachableReason[];

/** Counts by coverage, reason and status. */
export const CountsSchema = v.strictObject({
  nodes: number,
  evaluated: number,
  unreachable: v.strictObject(
    Object.fromEntries(reasons.map((reason) => [reason, v.exactOptional(number)])) as Record<
      UnreachableReason,
      v.ExactOptionalSchema<typeof number, undefined>
    >,
  ),
  findings: v.strictObject(statuses),
  waived: number,
});

/** The tool that made a scan; `rules` names the version of the rule core. */
export const ToolSchema = v.strictObject({ name: v.literal('kubevigil'), version: v.string(), rules: v.string() });

export const SummarySchema = v.strictObject({
  format: v.literal(1),
  scanId: v.string(),
  scheduledAt: time,
  /** Verdicts that depend on the time (expiry, waivers) are those of this instant. */
  startedAt: time,
  finishedAt: time,
  tool: ToolSchema,
  /** What the verdicts were asked with besides the evidence: benchmarks, waivers, expiry days. As given. */
  settings: v.record(v.string(), v.unknown()),
  targets: v.array(
    v.strictObject({
      account: v.string(),
      region: v.string(),
      counts: CountsSchema,
      /** Why this target could not be scanned at all. */
      error: v.exactOptional(v.string()),
    }),
  ),
  totals: CountsSchema,
  /** Findings by rule and status. */
  rules: v.record(v.string(), v.strictObject({ ...statuses, waived: number })),
  benchmarks: v.array(v.string()),
});

export type Summary = v.InferOutput<typeof SummarySchema>;

export const LatestSchema = v.strictObject({
  format: v.literal(1),
  scanId: v.string(),
  scheduledAt: time,
  /** Key of the scan's summary, and the SHA-256 of its bytes. */
  summary: v.string(),
  sha256: digest,
});

export type Latest = v.InferOutput<typeof LatestSchema>;

/** A scan in its own words: when, with what, over which targets. Times are ISO 8601 in UTC. */
export type ScanFacts = ScanName & {
  startedAt: string;
  finishedAt: string;
  settings: Record<string, unknown>;
  /** Version of the rule core; the tool's own by default. */
  rules?: string;
};

/** What became of one target: its tally, or why it could not be scanned. */
export type TargetResult = { target: Target; tally: Tally; objects: StoredObject[]; error?: string };

/** Adds targets up, in the order given. */
export function summarize(scan: ScanFacts, results: readonly TargetResult[]): Summary {
  const total = sum(results.map(({ tally }) => tally));
  return {
    format: 1,
    scanId: scan.scanId,
    scheduledAt: scan.scheduledAt,
    startedAt: scan.startedAt,
    finishedAt: scan.finishedAt,
    tool: { name: 'kubevigil', version: tool.version, rules: scan.rules ?? tool.version },
    settings: scan.settings,
    targets: results.map(({ target, tally, error }) => ({
      account: target.account,
      region: target.region,
      counts: tally.counts,
      ...(error !== undefined && { error }),
    })),
    totals: total.counts,
    rules: total.rules,
    benchmarks: total.benchmarks,
  };
}

/** What `latest.json` says after a scan whose summary was stored. */
export function latestOf(scan: ScanName, summary: StoredObject): Latest {
  return {
    format: 1,
    scanId: scan.scanId,
    scheduledAt: scan.scheduledAt,
    summary: scanKeys(scan).summary,
    sha256: summary.sha256,
  };
}
