/**
 * What an alert is made of, and when one is worth sending. Plain data: the scan fills it, nothing here looks it up. Programs
 * get the same shape as JSON; `npm run schemas` writes its JSON Schema. Tested by test/alerts/message.test.ts.
 * Long because one file holds the whole shape.
 */
import * as v from 'valibot';
import { SEVERITIES } from '../criteria/rule.ts';
import { CAUSES } from '../results/compare.ts';
import { isIdle } from '../results/coverage.ts';
import { NodeIdentitySchema } from '../results/node-line.ts';
import { digest, time, whole } from '../results/shapes.ts';

/** Characters of one field; ARNs, paths and sentences fit. */
export const FIELD = 500;

/** One line without control, bidirectional or other invisible characters. */
const line = v.pipe(v.string(), v.maxLength(FIELD));
const about = (description: string) => v.pipe(line, v.description(description));

const severity = v.picklist(SEVERITIES);

/** The first items, most important first, and how many there are in all. */
export const listOf = <Item extends v.GenericSchema>(item: Item) =>
  v.strictObject({ items: v.array(item), total: v.pipe(whole, v.description('Never cut, where `items` is.')) });

/** What this scan saw for the first time, and what the previous one saw too. */
const changesOf = <Item extends v.GenericSchema>(item: Item) => v.strictObject({ new: item, still: item });

/** Nodes of one cluster about which the same is to be said: how many, and the first of them. */
const alike = {
  cluster: v.exactOptional(line),
  nodes: whole,
  examples: v.array(NodeIdentitySchema),
};

/** One thing to repair: what one rule finds on nodes of one cluster, with one remedy. */
const FailureSchema = v.strictObject({
  ...alike,
  rule: line,
  title: line,
  severity,
  reason: about('One sentence with the value and where it came from, of the first node.'),
  remediation: v.exactOptional(
    v.pipe(
      v.array(v.strictObject({ text: line, command: v.exactOptional(line) })),
      v.readonly(),
      v.description('What to do on them, one action a step.'),
    ),
  ),
  controls: v.array(v.strictObject({ benchmark: line, control: line })),
  since: v.exactOptional(v.pipe(time, v.description('The scan that saw the oldest of them first.'))),
  on: v.exactOptional(v.pipe(time, v.description('When the first of these nodes stops.'))),
  cause: v.exactOptional(
    v.pipe(
      v.picklist(CAUSES),
      v.description('Why all of them are new although nothing on the nodes need have changed.'),
    ),
  ),
});

/** How many nodes fail one rule: complete, also where the groups beside it are cut. */
const RuleCountSchema = v.strictObject({
  rule: line,
  title: line,
  severity,
  nodes: whole,
  oldest: v.exactOptional(v.pipe(time, v.description('When the oldest of these failures was first seen.'))),
});

const FailuresSchema = v.strictObject({
  groups: v.array(FailureSchema),
  total: v.pipe(whole, v.description('Findings, told or cut.')),
  nodes: v.pipe(whole, v.description('Nodes that have any of them.')),
  byRule: v.array(RuleCountSchema),
});

/** Findings that say what will stop nodes; the first to stop come first. */
const HazardsSchema = v.strictObject({
  ...FailuresSchema.entries,
  stopped: v.pipe(whole, v.description('Nodes whose certificate has expired.')),
  urgent: v.pipe(whole, v.description('Nodes whose certificate ends within a week.')),
});

const FixedSchema = v.strictObject({ ...alike, rule: line, title: line, severity });

const UnreachableSchema = v.strictObject({
  ...alike,
  reason: about('One of the coverage reasons: `not-managed`, `connection-lost`, …'),
  atRisk: v.exactOptional(
    v.pipe(
      whole,
      v.description('Of these nodes, those that would have stopped when they were last seen; absent where none.'),
    ),
  ),
  detail: v.exactOptional(line),
});

const UndecidedSchema = v.strictObject({
  ...alike,
  verdicts: v.pipe(whole, v.description('Rules that could not be judged on the first of them.')),
  reason: about('Of the first verdict.'),
});

const GoneSchema = v.strictObject({
  ...alike,
  state: v.exactOptional(
    about('What EC2 says of their instances now: `running`, `stopped`, …; absent where it was not asked.'),
  ),
  failures: v.pipe(whole, v.description('Findings that were open on them, which nobody repaired.')),
});

const LookalikesGroupSchema = v.strictObject({
  account: line,
  region: line,
  cluster: v.exactOptional(line),
  evidence: about('Why they look like nodes.'),
  nodes: whole,
  examples: v.array(line),
  new: v.exactOptional(v.pipe(v.literal(true), v.description('The scan before did not see any of this cluster.'))),
});

const ExpiredWaiverSchema = v.strictObject({
  rule: about('Rule or control, as the waivers file names it.'),
  nodes: about('Which nodes, as the waivers file names them.'),
  reason: line,
  owner: line,
  until: about('The last day it held: `2026-11-22`.'),
});

const TargetSchema = v.strictObject({
  account: line,
  region: line,
  nodes: whole,
  evaluated: whole,
  idle: v.exactOptional(
    v.pipe(
      whole,
      v.description('Nodes that had nothing to answer, because they do not run or joined during the scan.'),
    ),
  ),
  previousNodes: v.exactOptional(v.pipe(whole, v.description('Nodes that the scan before had here.'))),
  fell: v.exactOptional(
    v.pipe(v.literal(true), v.description('Its nodes became suspiciously few since the scan before, or none.')),
  ),
  failed: v.exactOptional(about('Why nothing at all is known of this account and region.')),
  new: v.exactOptional(v.pipe(v.literal(true), v.description('The scan before did not have this account and region.'))),
});

const LeftSchema = v.strictObject({
  account: line,
  region: line,
  nodes: whole,
  failures: whole,
  notAssessedSince: v.exactOptional(
    v.pipe(time, v.description('Since which scan it could not be scanned, where that was so in the previous one.')),
  ),
  lastAssessed: v.exactOptional(
    v.pipe(time, v.description('Then the scan that had those nodes and failures; absent where none is known.')),
  ),
  why: v.exactOptional(
    about('State of its account in the organization, `region-not-enabled`, or `excluded` by the settings.'),
  ),
});

/** What the scan fills. Times are ISO 8601. */
const InputSchema = v.strictObject({
  scan: v.strictObject({
    id: line,
    startedAt: time,
    finishedAt: time,
    manifestSha256: v.exactOptional(
      v.pipe(digest, v.description('Of its manifest.json: `verify --anchor ID=SHA256` holds the archive to it.')),
    ),
    previous: v.exactOptional(
      v.pipe(
        v.strictObject({ id: line, finishedAt: time }),
        v.description('The scan it is compared with; absent for the first, and where that one could not be read.'),
      ),
    ),
    unreadable: v.exactOptional(
      v.pipe(
        v.literal(true),
        v.description('There is a scan before this one that could not be read: everything counts as new.'),
      ),
    ),
  }),
  report: v.strictObject({
    url: v.exactOptional(about('Where a browser opens the report.')),
    location: about('`s3://bucket/key`, or the path of a scan on this machine.'),
    isPage: v.exactOptional(
      v.pipe(v.literal(true), v.description('`url` is that of the page itself: `#node=ID` behind it opens a node.')),
    ),
  }),
  runbook: v.exactOptional(about('Address of the runbook, whose sections are named after alarms.')),
  topicArn: v.exactOptional(about("The topic of this message, where it is not the scanner's own.")),
  share: v.exactOptional(about('Which nodes this message tells of, where teams have messages of their own.')),
  clusters: v.pipe(v.array(line), v.description('Clusters of the nodes that were scanned, at most ten.')),
  targets: v.array(TargetSchema),
  hazards: changesOf(HazardsSchema),
  failures: v.strictObject({
    ...changesOf(FailuresSchema).entries,
    fixed: listOf(FixedSchema),
    below: v.exactOptional(
      v.pipe(whole, v.description('New failures that are less severe than what is told of; counted nowhere else.')),
    ),
    fingerprint: v.exactOptional(about('Equal for equal sets of failing findings.')),
  }),
  unreachable: changesOf(listOf(UnreachableSchema)),
  undecided: changesOf(listOf(UndecidedSchema)),
  gone: v.pipe(
    listOf(GoneSchema),
    v.description('Nodes of the previous scan that the inventory no longer has, without those that were terminated.'),
  ),
  terminated: v.exactOptional(
    v.pipe(
      v.strictObject({ nodes: whole, failures: whole }),
      v.description('Nodes of the previous scan whose instances were terminated, and findings that were open on them.'),
    ),
  ),
  lookalikes: v.pipe(
    listOf(LookalikesGroupSchema),
    v.description('Instances that look like nodes and that the tags do not select.'),
  ),
  left: v.pipe(
    listOf(LeftSchema),
    v.description(
      'Accounts and regions of the previous scan that this one no longer has, with what that scan had there.',
    ),
  ),
  benchmarks: v.pipe(
    v.strictObject({ added: v.array(line), removed: v.array(line) }),
    v.description('Benchmarks that were judged this time and not the previous time, and the other way round.'),
  ),
  skew: v.pipe(
    listOf(v.strictObject({ cluster: line, oldest: line, newest: line, new: v.exactOptional(v.literal(true)) })),
    v.description('Clusters whose kubelets are more than three minor versions apart, which no control plane allows.'),
  ),
  outliers: v.pipe(
    listOf(v.strictObject({ cluster: v.exactOptional(line), account: line, text: line })),
    v.description('Nodes that differ from the others of their group and did not in the scan before, a sentence each.'),
  ),
  authorities: v.pipe(
    listOf(
      v.strictObject({
        cluster: v.exactOptional(line),
        account: line,
        nodes: whole,
        text: line,
        new: v.exactOptional(v.literal(true)),
      }),
    ),
    v.description(
      'Nodes that drop out of their cluster when a certificate authority takes over that others of it trust, or that have not read their file of authorities since it changed, a sentence for each cluster; `total` counts the sentences.',
    ),
  ),
  waivers: changesOf(listOf(ExpiredWaiverSchema)),
  errors: v.pipe(listOf(v.strictObject({ text: line })), v.description('What the scan itself could not do.')),
});

/** The JSON that programs get. Fields may be added; none is removed or changes its meaning within a format. */
export const AlertSchema = v.pipe(
  v.strictObject({
    format: v.literal(2),
    tool: v.literal('kubevigil'),
    dedupeId: about("The same for every delivery of one scan's alert; also a message attribute."),
    summary: about('The scan in a few words, most urgent first.'),
    ...InputSchema.entries,
    targets: listOf(TargetSchema),
  }),
  v.title('Alert'),
  v.description(
    'What SQS, Lambda and other programs receive about one scan. Lists are cut to what a message may carry; their totals never are.',
  ),
);

export type AlertInput = v.InferOutput<typeof InputSchema>;
export type Alert = v.InferOutput<typeof AlertSchema>;
export type Listed<T> = { items: T[]; total: number };
export type Failure = v.InferOutput<typeof FailureSchema>;
export type Failures = v.InferOutput<typeof FailuresSchema>;
export type Hazards = v.InferOutput<typeof HazardsSchema>;
export type RuleCount = v.InferOutput<typeof RuleCountSchema>;
export type Fixed = v.InferOutput<typeof FixedSchema>;
export type Unreachable = v.InferOutput<typeof UnreachableSchema>;
export type Undecided = v.InferOutput<typeof UndecidedSchema>;
export type Gone = v.InferOutput<typeof GoneSchema>;
export type ExpiredWaiver = v.InferOutput<typeof ExpiredWaiverSchema>;
export type TargetCoverage = v.InferOutput<typeof TargetSchema>;

/**
 * `changes` (default): something is new, fixed or could not be scanned, a certificate runs out within a week, or it is
 * the first scan. `failures`: anything fails, expires, or could not be scanned or judged, new or not. `always`: every
 * scan. What is dangerous and new is told under each of them. A node that was stopped or terminated while it was scanned,
 * or terminated since the scan before, is told with the rest, but is nothing to wake anybody for: where clusters scale by themselves it
 * happens every night.
 */
export type AlertPolicy = 'changes' | 'failures' | 'always';

/** Targets of which nothing is known: they failed, or none of their nodes answered. */
export function lostTargets({ targets }: AlertInput): TargetCoverage[] {
  return targets.filter(({ failed, nodes, evaluated, idle = 0, previousNodes = 0 }) => {
    return failed !== undefined || (evaluated === 0 && (nodes > idle || (nodes === 0 && previousNodes > 0)));
  });
}

/** Targets that have suspiciously few nodes left, but some. */
export function fallenTargets({ targets }: AlertInput): TargetCoverage[] {
  return targets.filter(({ fell, evaluated, failed }) => fell && evaluated > 0 && failed === undefined);
}

/** Targets that no scan had before. */
export function newTargets({ targets }: AlertInput): TargetCoverage[] {
  return targets.filter((target) => target.new);
}

/** Whether no node at all was there to be scanned, wherever one looked. A team that has no target has nothing to miss. */
export function isEmpty({ targets }: AlertInput): boolean {
  return targets.length > 0 && targets.every(({ nodes, failed }) => nodes === 0 && failed === undefined);
}

/** Whether this scan is to be told under a policy. */
export function isWorthSending(input: AlertInput, policy: AlertPolicy): boolean {
  const {
    hazards,
    failures,
    unreachable,
    undecided,
    gone,
    lookalikes,
    skew,
    authorities,
    outliers,
    waivers,
    errors,
    left,
    scan,
  } = input;
  const dangers = [hazards.new, undecided.new, gone, errors].some(({ total }) => total > 0);
  const isUnseen =
    left.total > 0 || [...lookalikes.items, ...skew.items, ...authorities.items].some((each) => each.new);
  if (policy === 'always' || dangers || isUnseen || lostTargets(input).length + fallenTargets(input).length > 0)
    return true;
  if (policy === 'failures') {
    const open = [failures.new, failures.still, hazards.still, undecided.still].some(({ total }) => total > 0);
    return open || isEmpty(input) || isMissed(unreachable.new) || isMissed(unreachable.still);
  }
  if (scan.previous === undefined || isMissed(unreachable.new)) return true;
  if (hazards.still.stopped + hazards.still.urgent > 0) return true;
  return (
    newTargets(input).length > 0 || [failures.new, failures.fixed, waivers.new, outliers].some(({ total }) => total > 0)
  );
}

/** Whether any of these nodes still runs, as far as is known. */
function isMissed({ items, total }: Listed<Unreachable>): boolean {
  const known = items.reduce((sum, { nodes }) => sum + nodes, 0);
  return total > known || items.some(({ reason }) => !isIdle(reason));
}
