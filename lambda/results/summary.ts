/**
 * `summary.json` and `latest.json`: what a scan adds up to, and which scan is the newest.
 * Tested by test/archive/seal.test.ts and test/results/summary.test.ts. Long because it is the one shape of a scan's sums, and how they are made.
 */

import * as v from 'valibot';
import tool from '../../package.json' with { type: 'json' };
import { requirementsOf } from '../judging/frameworks.ts';
import type { Target } from '../settings.ts';
import { type Authorities, AuthoritiesSchema, behindSince } from './authorities.ts';
import { type Difference, DifferenceSchema, emptyDifference, sumDifferences } from './compare.ts';
import { coverageOf } from './coverage.ts';
import { type Outliers, OutliersSchema, since } from './outliers.ts';
import {
  digest,
  everySeconds,
  FORMAT,
  NEWEST_FORMAT,
  type ScanName,
  type StoredObject,
  time,
  whole,
} from './shapes.ts';
import { SOURCES } from './sources.ts';
import { CountsSchema, emptyTally, RuleCountsSchema, skewed, sum, type Tally } from './tally.ts';
import { type Lookalikes, LookalikesSchema } from './unselected.ts';

/**
 * The tool that made a scan. `rules` is the SHA-256 of what verdicts follow from (format 1: the tool's version), `code` that
 * of all that was deployed, `commit` what it was built from, where that is known.
 */
export const ToolSchema = v.strictObject({
  name: v.literal('kubevigil'),
  version: v.string(),
  rules: v.string(),
  code: v.exactOptional(digest),
  commit: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/))),
});

/** The tool that this is. */
export const TOOL: Summary['tool'] = { name: 'kubevigil', version: tool.version, ...SOURCES };

const names = v.array(v.string());

/** What changed since the previous scan; `previous` is null at the first one. */
const ComparisonSchema = v.strictObject({
  ...DifferenceSchema.entries,
  previous: v.nullable(v.strictObject({ scanId: v.string(), scheduledAt: time })),
  /** Why the previous scan could not be read, where there should be one. */
  problem: v.exactOptional(v.string()),
  /** Seconds since the previous scan, where scans in between are missing. */
  gapSeconds: v.exactOptional(whole),
  /** A changed rule set or benchmark makes findings come and go although no node changed. */
  ruleSet: v.strictObject({ added: names, removed: names }),
  benchmarks: v.strictObject({ added: names, removed: names }),
});

export type Comparison = v.InferOutput<typeof ComparisonSchema>;

/** What became of the known answers: how many there are, their digest, how many agreed, and the ids of those that did not. */
export const MethodSchema = v.strictObject({
  set: v.string(),
  digest,
  /** SHA-256 of the SSM document that reads the nodes: its text reads a known root in the tests. */
  collector: v.exactOptional(digest),
  /** The same of the one that reads nodes of Windows. */
  windowsCollector: v.exactOptional(digest),
  answers: whole,
  agreed: whole,
  differed: names,
});

export type Method = v.InferOutput<typeof MethodSchema>;

/** A target that could not be scanned at all, and why. */
export const NotAssessedSchema = v.strictObject({ account: v.string(), region: v.string(), error: v.string() });

const NOT_SCANNED = [
  ...['excluded', 'management', 'pending-activation', 'suspended', 'pending-closure', 'closed'],
  'region-not-enabled',
] as const;

/**
 * An account of the organization that is not scanned, and why: the settings exclude it, or its state as Organizations names it. With
 * `region` only that region of it is meant, which the settings name.
 */
export const OtherAccountSchema = v.strictObject({
  account: v.string(),
  region: v.exactOptional(v.string()),
  why: v.picklist(NOT_SCANNED),
});

export type OtherAccount = v.InferOutput<typeof OtherAccountSchema>;

/**
 * Targets that had left and are back, as `account/region`: who was told that what was open there is over has to hear of it again.
 */
export function returnedTargets({ targets }: Pick<Summary, 'targets'>): ReadonlySet<string> {
  return new Set(targets.flatMap(({ account, region, returned }) => (returned ? [`${account}/${region}`] : [])));
}

/** The targets of which nothing is known. */
export function notAssessedOf({ targets }: Pick<Summary, 'targets'>): v.InferOutput<typeof NotAssessedSchema>[] {
  return targets.flatMap(({ account, region, error }) => (error === undefined ? [] : [{ account, region, error }]));
}

/** Archives are read for years: a field that is added later is optional, and a changed one is a new `format`. */
export const SummarySchema = v.pipe(
  v.strictObject({
    format: FORMAT,
    scanId: v.string(),
    scheduledAt: time,
    /** Verdicts that depend on the time (expiry, waivers) are those of this instant. */
    startedAt: time,
    finishedAt: time,
    everySeconds,
    tool: ToolSchema,
    /** What the verdicts were asked with besides the evidence: benchmarks, waivers, expiry days. As given. */
    settings: v.record(v.string(), v.unknown()),
    /** How the known answers were met before nodes were judged. */
    method: v.exactOptional(MethodSchema),
    /** A sentence for each waiver that accepts nothing: it names no rule, has expired, or covers no finding. */
    waivers: v.exactOptional(v.array(v.string())),
    targets: v.array(
      v.strictObject({
        account: v.string(),
        region: v.string(),
        counts: CountsSchema,
        /** Why this target could not be scanned at all. */
        error: v.exactOptional(v.string()),
        /** It stands for all regions of its account, which nobody knows, or for which the scan has no room. */
        allRegions: v.exactOptional(v.literal(true)),
        /** Since which scan it could not be scanned, where it cannot now, or could not in the scan before. */
        notAssessedSince: v.exactOptional(time),
        /** What the last scan that could scan it found there, where this one could not; absent where none is known. */
        lastAssessed: v.exactOptional(v.strictObject({ scheduledAt: time, nodes: whole, open: whole })),
        /** The scan with which this target was compared: the last one that has it. */
        comparedWith: v.exactOptional(v.string()),
        /** How many nodes that scan had here. */
        previousNodes: v.exactOptional(whole),
        /** Neither the scan before nor another with which it could be compared had this target. */
        new: v.exactOptional(v.literal(true)),
        /** An earlier scan had this target, and then none: it had left, and is back. */
        returned: v.exactOptional(v.literal(true)),
        /** Nodes of that scan whose instances were terminated; absent where there is none. */
        terminated: v.exactOptional(whole),
        /** Instances that look like nodes and that the tags do not select; absent where there is none. */
        lookalikes: v.exactOptional(LookalikesSchema),
        /** Outliers for which the list of all had no room; absent where there is none. */
        moreOutliers: v.exactOptional(whole),
      }),
    ),
    /**
     * Targets of the scan before that this one does not have, told once, with what that scan had there: nodes, and failures that no
     * waiver accepted. One that it could not scan has `notAssessedSince`, and what the last one had that could, at `lastAssessed`. `why`
     * is the state of its account, where an organization tells it. Absent where there is none.
     */
    left: v.exactOptional(
      v.array(
        v.strictObject({
          account: v.string(),
          region: v.string(),
          nodes: whole,
          open: whole,
          notAssessedSince: v.exactOptional(time),
          lastAssessed: v.exactOptional(time),
          why: v.exactOptional(OtherAccountSchema.entries.why),
        }),
      ),
    ),
    /**
     * Targets of the scan before that it could not scan and that this one has otherwise: one that stood for all regions of an account,
     * where these are known now, or the other way round. Absent where there is none.
     */
    regrouped: v.exactOptional(
      v.array(v.strictObject({ account: v.string(), region: v.string(), notAssessedSince: time })),
    ),
    /** Accounts of the organization, or regions of them, that are not scanned, and why; absent where there is none. */
    others: v.exactOptional(v.array(OtherAccountSchema)),
    totals: CountsSchema,
    /** Findings by rule and status. */
    rules: v.record(v.string(), RuleCountsSchema),
    benchmarks: names,
    /** Requirements of other frameworks that each of the rules serves: `nist-800-53/AC-3`. */
    requirements: v.exactOptional(v.record(v.string(), names)),
    /** Clusters whose kubelets are more than three minor versions apart: one of them is beyond what its API server allows. */
    skew: v.exactOptional(v.array(v.strictObject({ cluster: v.string(), oldest: v.string(), newest: v.string() }))),
    /** How nodes differ from the others of their group: the first of each target, and how many there are. */
    outliers: v.exactOptional(OutliersSchema),
    /** Which nodes trust which certificate authority, and who would drop out when one takes over. */
    authorities: v.exactOptional(AuthoritiesSchema),
    comparison: ComparisonSchema,
    /** The scans before this one, oldest first, at most so many as TREND. */
    trend: v.array(
      v.strictObject({
        scanId: v.string(),
        scheduledAt: time,
        nodes: whole,
        evaluated: whole,
        /** Nodes that had nothing to answer; absent where there was none. */
        idle: v.exactOptional(whole),
        open: whole,
      }),
    ),
  }),
  v.title('Summary'),
  v.description('summary.json of a scan: when, with what, over which targets, and what it adds up to.'),
);

export type Summary = v.InferOutput<typeof SummarySchema>;

export const LatestSchema = v.pipe(
  v.strictObject({
    format: v.literal(1),
    scanId: v.string(),
    scheduledAt: time,
    summary: v.string(),
    /** Key of the scan's manifest, and the SHA-256 of its bytes. */
    manifest: v.string(),
    sha256: digest,
    /** The manifest itself and its signature in base64, until both are written. */
    closing: v.exactOptional(v.strictObject({ text: v.string(), signature: v.exactOptional(v.string()) })),
  }),
  v.title('Latest'),
  v.description('latest.json: which scan is the newest. The only key of the archive that is ever overwritten.'),
);

export type Latest = v.InferOutput<typeof LatestSchema>;

/** A scan in its own words: when, with what. Times are ISO 8601 in UTC. */
export type ScanFacts = ScanName & {
  startedAt: string;
  finishedAt: string;
  everySeconds?: number;
  settings: Record<string, unknown>;
  /** What made it; by default this version. */
  tool?: Summary['tool'];
  /** How the known answers were met. */
  method?: Method;
  /** What is wrong with its waivers, a sentence each. */
  waivers?: readonly string[];
  /** Accounts of the organization that are not scanned. */
  others?: readonly OtherAccount[];
};

/** What became of one target: its tally and its changes, or why it could not be scanned. Fits a checkpoint. */
export type TargetResult = {
  target: Target;
  tally: Tally;
  difference: Difference;
  objects: StoredObject[];
  comparedWith?: string;
  lookalikes?: Lookalikes;
  outliers?: Outliers;
  authorities?: Authorities;
  /** Why the previous scan could not be compared. */
  problem?: string;
  error?: string;
  /** It stands for all regions of its account. */
  allRegions?: true;
};

/** The scan before this one, as far as the comparison needs it. */
export type Before = {
  previous: Pick<
    Summary,
    'scanId' | 'scheduledAt' | 'rules' | 'benchmarks' | 'totals' | 'trend' | 'targets' | 'outliers' | 'authorities'
  > | null;
  problem?: string;
};

/** A target that could not be scanned at all, for the same place as the others' results. */
export function failedTarget(
  { account, region, allRegions }: Target & Pick<TargetResult, 'allRegions'>,
  error: string,
): TargetResult {
  const target = { account, region };
  const result = { target, tally: emptyTally(), difference: emptyDifference(), objects: [], error };
  return allRegions ? { ...result, allRegions } : result;
}

/** Adds targets up, in the order given. */
export function summarize(scan: ScanFacts, results: readonly TargetResult[], before: Before): Summary {
  const total = sum(results.map(({ tally }) => tally));
  return {
    format: NEWEST_FORMAT,
    scanId: scan.scanId,
    scheduledAt: scan.scheduledAt,
    startedAt: scan.startedAt,
    finishedAt: scan.finishedAt,
    ...(scan.everySeconds !== undefined && { everySeconds: scan.everySeconds }),
    tool: scan.tool ?? TOOL,
    settings: scan.settings,
    ...(scan.method && { method: scan.method }),
    ...(scan.waivers && scan.waivers.length > 0 && { waivers: [...scan.waivers] }),
    targets: results.map(({ target, tally, difference, error, allRegions, comparedWith, lookalikes, outliers }) => ({
      account: target.account,
      region: target.region,
      counts: tally.counts,
      ...(error !== undefined && { error }),
      ...(allRegions && { allRegions }),
      ...notAssessed(scan, target, error, before),
      ...lastAssessed({ target, ...(error !== undefined && { error }), ...(allRegions && { allRegions }) }, before),
      ...(comparedWith === undefined
        ? isNew({ target, ...(allRegions && { allRegions }) }, before) && { new: true as const }
        : isBack(target, before) && { returned: true as const }),
      ...(comparedWith !== undefined && {
        comparedWith,
        previousNodes: tally.counts.nodes - difference.nodes.new + difference.nodes.lost,
      }),
      ...(difference.nodes.terminated !== undefined && { terminated: difference.nodes.terminated }),
      ...(lookalikes && { lookalikes }),
      ...(outliers &&
        outliers.items.length < outliers.total && { moreOutliers: outliers.total - outliers.items.length }),
    })),
    ...leftBy(scan, results, before),
    ...(scan.others && scan.others.length > 0 && { others: [...scan.others] }),
    totals: total.counts,
    rules: total.rules,
    ...(skewed(total).length > 0 && { skew: skewed(total) }),
    benchmarks: total.benchmarks,
    requirements: Object.fromEntries(
      Object.keys(total.rules).flatMap((rule) => {
        const requirements = requirementsOf(rule);
        return requirements.length > 0 ? [[rule, requirements]] : [];
      }),
    ),
    ...outliersIn(scan, results, before),
    ...authoritiesIn(scan, results, before),
    comparison: comparisonOf(scan, results, total, before),
    trend: before.previous ? [...before.previous.trend, pointOf(before.previous)].slice(-TREND) : [],
  };
}

/** Those of all targets, with the scan that saw each first; absent where no target was asked. */
function outliersIn(
  { scheduledAt }: ScanFacts,
  results: readonly TargetResult[],
  { previous }: Before,
): Pick<Summary, 'outliers'> {
  const found = results.flatMap(({ outliers }) => outliers ?? []);
  if (found.length === 0) return {};
  const items = since(
    found.flatMap((each) => each.items),
    {
      items: previous?.outliers?.items ?? [],
      isPartial: ({ account, region }) => {
        const then = previous?.targets.find((each) => each.account === account && each.region === region);
        return then !== undefined && (then.error !== undefined || then.moreOutliers !== undefined);
      },
    },
    scheduledAt,
  );
  return { outliers: { items, total: found.reduce((sum, { total }) => sum + total, 0) } };
}

/** The same of certificate authorities; of a target for whose list there was no room it is not known who is new. */
function authoritiesIn(
  { scheduledAt }: ScanFacts,
  results: readonly TargetResult[],
  { previous }: Before,
): Pick<Summary, 'authorities'> {
  const found = results.flatMap(({ authorities }) => authorities ?? []);
  if (found.length === 0) return {};
  const before = previous?.authorities?.behind;
  const isCut = before === undefined ? previous !== null : before.items.length < before.total;
  const items = behindSince(
    found.flatMap(({ behind }) => behind.items),
    {
      items: before?.items ?? [],
      isPartial: ({ account, region }) =>
        isCut ||
        previous?.targets.find((each) => each.account === account && each.region === region)?.error !== undefined,
    },
    scheduledAt,
  );
  const sumOf = (of: (each: Authorities) => number) => found.reduce((sum, each) => sum + of(each), 0);
  return {
    authorities: {
      items: found.flatMap((each) => each.items),
      total: sumOf(({ total }) => total),
      behind: { items, total: sumOf(({ behind }) => behind.total) },
    },
  };
}

function notAssessed(
  { scheduledAt }: ScanFacts,
  { account, region }: Target,
  error: string | undefined,
  { previous }: Before,
): { notAssessedSince?: string } {
  const known = previous?.targets.find((each) => isSame(each, { account, region }));
  const since = known?.error === undefined ? undefined : (known.notAssessedSince ?? previous?.scheduledAt);
  if (error === undefined && since === undefined) return {};
  return { notAssessedSince: since ?? scheduledAt };
}

/** Of a target that cannot be scanned what is known of before; of one that stands for all regions of an account, of all of them. */
function lastAssessed(
  { target, error, allRegions }: Pick<TargetResult, 'target' | 'error' | 'allRegions'>,
  { previous }: Before,
): Pick<Summary['targets'][number], 'lastAssessed'> {
  if (error === undefined || !previous) return {};
  const { scheduledAt } = previous;
  const known = previous.targets
    .filter((each) => (allRegions ? each.account === target.account : isSame(each, target)))
    .flatMap((each) => {
      if (each.error !== undefined) return each.lastAssessed ?? [];
      return { scheduledAt, nodes: each.counts.nodes, open: openIn(each.counts) };
    });
  if (known.length === 0) return {};
  const [oldest] = known.map((each) => each.scheduledAt).sort() as [string];
  const total = (of: 'nodes' | 'open') => known.reduce((sum, each) => sum + each[of], 0);
  return { lastAssessed: { scheduledAt: oldest, nodes: total('nodes'), open: total('open') } };
}

/** Failures that no waiver accepts. */
function openIn({ findings, waived }: Pick<Summary['totals'], 'findings' | 'waived'>): number {
  return findings.fail - waived;
}

/** Whether the scan before, if there was one, did not have the target, or nothing of the account for all of which it stands. */
function isNew({ target, allRegions }: Pick<TargetResult, 'target' | 'allRegions'>, { previous }: Before): boolean {
  const isKnown = (each: Target) => (allRegions ? each.account === target.account : isSame(each, target));
  return previous !== null && !previous.targets.some(isKnown);
}

/** Whether a target that an earlier scan has was away since then: the scan before lacks it, or could not scan it and knows nothing of it. */
function isBack(target: Target, { previous }: Before): boolean {
  const known = previous?.targets.find((each) => isSame(each, target));
  return previous !== null && (!known || (known.error !== undefined && !known.lastAssessed));
}

/**
 * The targets that the scan before had and this one has not. Where one target stands for all regions of an account, then or now, none
 * of them has left, as long as the account is there: they are regrouped.
 */
function leftBy(
  { others = [] }: ScanFacts,
  results: readonly TargetResult[],
  { previous }: Before,
): Pick<Summary, 'left' | 'regrouped'> {
  if (!previous) return {};
  const now = new Set(results.map(({ target: { account, region } }) => `${account}/${region}`));
  const whyOf = new Map(
    others.map(({ account, region, why }) => [region === undefined ? account : `${account}/${region}`, why]),
  );
  const accounts = new Set(results.map(({ target }) => target.account));
  const unlisted = new Set(results.flatMap(({ target, allRegions }) => (allRegions ? [target.account] : [])));
  const since = ({ notAssessedSince = previous.scheduledAt }: Summary['targets'][number]) => notAssessedSince;
  const left: NonNullable<Summary['left']> = [];
  const regrouped: NonNullable<Summary['regrouped']> = [];
  for (const target of previous.targets) {
    const { account, region, counts, error, allRegions, lastAssessed: last } = target;
    if (now.has(`${account}/${region}`)) continue;
    if (unlisted.has(account) || (allRegions && accounts.has(account))) {
      if (error !== undefined) regrouped.push({ account, region, notAssessedSince: since(target) });
      continue;
    }
    const why = whyOf.get(`${account}/${region}`) ?? whyOf.get(account);
    left.push({
      account,
      region,
      ...(error === undefined
        ? { nodes: counts.nodes, open: openIn(counts) }
        : { nodes: last?.nodes ?? 0, open: last?.open ?? 0, notAssessedSince: since(target) }),
      ...(error !== undefined && last && { lastAssessed: last.scheduledAt }),
      ...(why && { why }),
    });
  }
  return { ...(left.length > 0 && { left }), ...(regrouped.length > 0 && { regrouped }) };
}

function isSame(one: Target, other: Target): boolean {
  return one.account === other.account && one.region === other.region;
}

/** Earlier scans that a summary remembers, so that a trend needs no other file: two weeks of nights. */
const TREND = 14;

/** One scan in a trend; `open` are failures that no waiver accepts. */
export type TrendPoint = Summary['trend'][number];

/** A summary as the point it is in a trend. */
export function pointOf({
  scanId,
  scheduledAt,
  totals,
}: Pick<Summary, 'scanId' | 'scheduledAt' | 'totals'>): TrendPoint {
  const { nodes, evaluated, findings, waived } = totals;
  const { idle } = coverageOf(totals);
  return { scanId, scheduledAt, nodes, evaluated, ...(idle > 0 && { idle }), open: openIn({ findings, waived }) };
}

/** Scans this much later than scheduled are late; beyond, one is missing in between. */
export const TOLERATED_INTERVALS = 1.5;

function comparisonOf(scan: ScanFacts, results: readonly TargetResult[], total: Tally, before: Before): Comparison {
  const { previous } = before;
  const problem = before.problem ?? results.find((result) => result.problem !== undefined)?.problem;
  const gap = previous ? secondsBetween(previous.scheduledAt, scan.scheduledAt) : 0;
  const missed = scan.everySeconds !== undefined && gap > scan.everySeconds * TOLERATED_INTERVALS;
  // A scan in which no node answered asked no rule; that is no change of the rule set.
  const comparable = previous && total.counts.evaluated > 0 && Object.keys(previous.rules).length > 0;
  return {
    ...sumDifferences(results.map(({ difference }) => difference)),
    previous: previous && { scanId: previous.scanId, scheduledAt: previous.scheduledAt },
    ...(problem !== undefined && { problem }),
    ...(missed && { gapSeconds: gap }),
    ruleSet: comparable ? changed(Object.keys(previous.rules), Object.keys(total.rules)) : changed([], []),
    benchmarks: comparable ? changed(previous.benchmarks, total.benchmarks) : changed([], []),
  };
}

/** Names that came and went, sorted. */
export function changed(before: readonly string[], now: readonly string[]): { added: string[]; removed: string[] } {
  return {
    added: now.filter((name) => !before.includes(name)).sort(),
    removed: before.filter((name) => !now.includes(name)).sort(),
  };
}

/** Whole seconds since the epoch of an ISO 8601 time. */
export function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}

/** Whole seconds from one ISO 8601 time to a later one. */
export function secondsBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
}
