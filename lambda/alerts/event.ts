/**
 * What EventBridge is told of a scan: one event when it has finished, and one for each finding that begins, ends, or says what will
 * stop a node. Its shape is published: `npm run schemas` writes event.schema.json. Long because that shape stands beside what fills it.
 */
import * as v from 'valibot';
import { type Finding, SEVERITIES, type Status } from '../criteria/rule.ts';
import { texts } from '../formats/asff.ts';
import { isHazard, risksOf } from '../results/at-risk.ts';
import { aboutRule, type Catalog, titleOf } from '../results/catalog.ts';
import { CAUSES, type Change, findingId, type NodeChanges, openSince } from '../results/compare.ts';
import { coverageOf } from '../results/coverage.ts';
import type { Entry } from '../results/entry.ts';
import { type NodeIdentity, NodeIdentitySchema } from '../results/node-line.ts';
import { isOpen } from '../results/open.ts';
import { resourceOf } from '../results/resource.ts';
import { digest, time, whole } from '../results/shapes.ts';
import { notAssessedOf, type Summary } from '../results/summary.ts';
import { CountsSchema } from '../results/tally.ts';
import { worstByRule } from '../results/worst.ts';
import { FIELD } from './alert.ts';
import { visible } from './text.ts';

/** Of whom the events are; rules match on it, and the scanner may send none of another source. */
export const SOURCE = 'kubevigil';

/** What rules of EventBridge match as `detail-type`. */
export const EVENT_TYPES = {
  scan: 'Kubevigil Scan Finished',
  new: 'Kubevigil Finding New',
  fixed: 'Kubevigil Finding Fixed',
  ended: 'Kubevigil Finding Ended',
  atRisk: 'Kubevigil Node At Risk',
} as const;

/** Ends of a finding that nobody repaired. */
const OTHER_ENDS = ['accepted', 'resolved', 'rejudged', 'dropped', 'lost'] as const;

const isEnd = (change: Change['change']) => change === 'fixed' || OTHER_ENDS.some((each) => each === change);

/** Targets that failed, and those that left, in the event of a scan; their number is never cut. */
const MOST_TARGETS = 100;

const line = v.pipe(v.string(), v.maxLength(FIELD));
const about = (description: string) => v.pipe(line, v.description(description));
const severity = v.picklist(SEVERITIES);

const shared = {
  format: v.literal(1),
  dedupeId: about('The same for every delivery of this event.'),
};

const ScanDetailSchema = v.strictObject({
  ...shared,
  kind: v.literal('scan'),
  scan: v.strictObject({
    id: line,
    scheduledAt: time,
    startedAt: time,
    finishedAt: time,
    manifestSha256: v.pipe(
      digest,
      v.description('Of its manifest.json: `verify --anchor ID=SHA256` holds the archive to it.'),
    ),
  }),
  belated: v.exactOptional(
    v.pipe(v.literal(true), v.description('It ended after a scan of a later time; no events of its findings follow.')),
  ),
  summary: about('`s3://bucket/key` of summary.json.'),
  totals: v.pipe(CountsSchema, v.description('Nodes by what became of them, and findings by status.')),
  missed: v.pipe(whole, v.description('Nodes that had to answer and did not.')),
  changes: v.strictObject({ new: whole, still: whole, fixed: whole }),
  targets: whole,
  failedTargets: v.strictObject({
    items: v.array(v.strictObject({ account: line, region: line, error: line })),
    total: v.pipe(whole, v.description('Never cut, where `items` is.')),
  }),
  left: v.exactOptional(
    v.pipe(
      v.strictObject({
        items: v.array(
          v.strictObject({
            account: line,
            region: line,
            nodes: whole,
            open: whole,
            notAssessedSince: v.exactOptional(time),
            lastAssessed: v.exactOptional(time),
            why: v.exactOptional(line),
          }),
        ),
        total: v.pipe(whole, v.description('Never cut, where `items` is.')),
      }),
      v.description(
        'Targets of the scan before that this one does not have, with what was there; of one that could not be scanned, at `lastAssessed`.',
      ),
    ),
  ),
});

const FindingDetailSchema = v.strictObject({
  ...shared,
  kind: v.literal('finding'),
  scan: v.strictObject({ id: line, startedAt: time }),
  change: v.pipe(
    v.picklist(['new', 'still', 'fixed', ...OTHER_ENDS]),
    v.description(
      '`still`: the scan before saw it too; such a finding is told while it says what will stop the node. `accepted`: by a waiver; `resolved`: it was accepted, and is over; `rejudged`: the rules changed, not the node; `dropped`: the rule is no longer applied; `lost`: the inventory no longer has the node.',
    ),
  ),
  atRisk: v.exactOptional(v.pipe(v.literal(true), v.description('It says what will stop the node.'))),
  on: v.exactOptional(v.pipe(time, v.description('When; absent where the next start of the kubelet is awaited.'))),
  cause: v.exactOptional(
    v.pipe(v.picklist(CAUSES), v.description('Why it is new although nothing on the node need have changed.')),
  ),
  since: v.exactOptional(v.pipe(time, v.description('The scan that saw it first.'))),
  findingId: about('The same in every scan.'),
  node: NodeIdentitySchema,
  rule: line,
  title: line,
  severity,
  reason: about('One sentence with the value and where it came from.'),
  remediation: v.exactOptional(
    v.pipe(
      v.array(v.strictObject({ text: line, command: v.exactOptional(line) })),
      v.description('What to do on the node, one action a step.'),
    ),
  ),
  controls: v.array(v.strictObject({ benchmark: line, control: line })),
});

/** The `detail` of each event. Fields may be added; none is removed or changes its meaning within a format. */
export const EventSchema = v.pipe(
  v.variant('kind', [ScanDetailSchema, FindingDetailSchema]),
  v.title('Event'),
  v.description('The detail of an event that kubevigil puts on an EventBridge bus.'),
);

type ScanDetail = v.InferOutput<typeof ScanDetailSchema>;
type FindingDetail = v.InferOutput<typeof FindingDetailSchema>;

/** An event before it is sent; `resources` are ARNs, `time` is ISO 8601. */
export type BusEvent = {
  type: (typeof EVENT_TYPES)[keyof typeof EVENT_TYPES];
  time: string;
  resources: string[];
  detail: ScanDetail | FindingDetail;
};

/** A scan that is told of: `location` is that of its archive, `partition` that of its accounts. */
export type Telling = {
  summary: Summary;
  manifestSha256: string;
  catalog: Catalog;
  /** `s3://bucket/key` of the summary. */
  location: string;
  /** `aws`, `aws-cn`, …, of the nodes' ARNs. */
  partition: string;
  /** It ended after a scan that was scheduled later. */
  belated: boolean;
  /** Targets that had left and are back, as `account/region`. */
  returned: ReadonlySet<string>;
};

/** The event of the scan itself. */
export function scanEvent({ summary, manifestSha256, location, belated }: Telling): BusEvent {
  const { scanId, scheduledAt, startedAt, finishedAt, totals, targets, comparison, left } = summary;
  const failed = notAssessedOf(summary);
  const { new: begun, still, fixed } = comparison.findings;
  return {
    type: EVENT_TYPES.scan,
    time: finishedAt,
    resources: [],
    detail: {
      format: 1,
      kind: 'scan',
      dedupeId: scanId,
      scan: { id: scanId, scheduledAt, startedAt, finishedAt, manifestSha256 },
      ...(belated && { belated: true as const }),
      summary: visible(location, FIELD),
      totals,
      missed: coverageOf(totals).missed,
      changes: { new: begun, still, fixed },
      targets: targets.length,
      failedTargets: {
        items: failed
          .slice(0, MOST_TARGETS)
          .map(({ account, region, error }) => ({ account, region, error: visible(error, FIELD) })),
        total: failed.length,
      },
      ...(left && { left: { items: left.slice(0, MOST_TARGETS), total: left.length } }),
    },
  };
}

/** The events of a node: of what begins and ends on it, and of what will stop it. */
export function nodeEvents(entry: Entry, telling: Telling): BusEvent[] {
  const { line, changes } = entry;
  if (!line) {
    const node = { id: changes.node, ...entry.target };
    return endsOf(changes).map(({ rule, change, since }) =>
      eventOf(node, rule, change, { since, reason: texts.gone }, telling),
    );
  }
  if (line.coverage === 'unreachable') return silentEvents(line.node, changes, telling);
  const told = new Map(changes?.changes.map((change) => [change.rule, change]));
  const dates = new Map(risksOf(line).map(({ finding, on }) => [finding.rule, on]));
  const byRule = worstByRule(line.findings);
  // Of a target that left it was told that what was open there is over.
  const isBack = telling.returned.has(`${line.node.account}/${line.node.region}`);
  const open = [...byRule].flatMap(([rule, finding]): BusEvent[] => {
    if (!isOpen(finding)) return [];
    const { change, cause, since } = told.get(rule) ?? {};
    const isNew = change === 'new' || change === 'rejudged' || isBack;
    if (!isNew && !isHazard(rule)) return [];
    const on = isHazard(rule) ? dates.get(rule) : undefined;
    const first = openSince(changes?.open, rule) ?? since;
    const why = cause ?? (isBack ? 'node-returned' : undefined);
    return [eventOf(line.node, rule, isNew ? 'new' : 'still', { ...finding, on, cause: why, since: first }, telling)];
  });
  const ended = endsOf(changes).map(({ rule, change, cause, since }) => {
    const finding = byRule.get(rule) ?? { reason: texts.unasked };
    return eventOf(line.node, rule, change, { ...finding, cause, since }, telling);
  });
  return [...open, ...ended];
}

/** A silent node may still be about to stop: silence closes nothing. */
function silentEvents(node: NodeIdentity, changes: NodeChanges | undefined, telling: Telling): BusEvent[] {
  return Object.entries(changes?.open ?? {})
    .filter(([rule]) => isHazard(rule))
    .map(([rule, since]) => eventOf(node, rule, 'still', { status: 'fail', reason: texts.silent, since }, telling));
}

type End = Change & { change: 'fixed' | (typeof OTHER_ENDS)[number] };

/** The changes by which a finding is no longer open. */
function endsOf(changes: NodeChanges | undefined): End[] {
  return (changes?.changes ?? []).filter(
    (each): each is End => isEnd(each.change) && openSince(changes?.open, each.rule) === undefined,
  );
}

/** What is said of a finding besides which it is and what became of it. */
type Said = Pick<Finding, 'reason'> &
  Partial<Pick<Finding, 'status' | 'remediation' | 'controls'>> & {
    on?: string | undefined;
    cause?: Change['cause'] | undefined;
    since?: string | undefined;
  };

function eventOf(
  node: NodeIdentity,
  rule: string,
  change: FindingDetail['change'],
  { status, reason, remediation, controls = [], on, cause, since }: Said,
  telling: Telling,
): BusEvent {
  const isHazardous = isHazard(rule) && (change === 'new' || change === 'still');
  const detail: FindingDetail = {
    ...identity(node, rule, telling),
    change,
    ...(isHazardous && { atRisk: true as const }),
    ...(isHazardous && on !== undefined && { on }),
    ...(cause !== undefined && { cause }),
    ...(since !== undefined && { since }),
    ...titled(telling.catalog, rule, status),
    reason: visible(reason, FIELD),
    ...(remediation && {
      remediation: remediation.map(({ text, command }) => ({
        text: visible(text, FIELD),
        ...(command !== undefined && { command: visible(command, FIELD) }),
      })),
    }),
    controls: controls.map(({ benchmark, control }) => ({ benchmark, control })),
  };
  const type = isHazardous ? 'atRisk' : change === 'new' || change === 'fixed' ? change : 'ended';
  return {
    type: EVENT_TYPES[type],
    time: telling.summary.startedAt,
    resources: [resourceOf(node, telling.partition).arn],
    detail,
  };
}

function identity(node: NodeIdentity, rule: string, { summary: { scanId, startedAt } }: Telling) {
  const shown = Object.fromEntries(Object.entries(node).map(([key, text]) => [key, visible(text, FIELD)]));
  const id = visible(findingId(node, rule), FIELD);
  return {
    format: 1 as const,
    kind: 'finding' as const,
    dedupeId: visible(`${scanId}/${id}`, FIELD),
    scan: { id: scanId, startedAt },
    findingId: id,
    node: shown as NodeIdentity,
    rule,
  };
}

function titled(catalog: Catalog, rule: string, status: Status | undefined) {
  const { severity: severe = 'medium' } = aboutRule(catalog, rule) ?? {};
  return { title: titleOf(catalog, rule, status), severity: severe };
}
