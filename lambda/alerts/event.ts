/**
 * What EventBridge is told of a scan: one event when it has finished, and one for each finding that is new, fixed, or says what will
 * stop a node. Its shape is published: `npm run schemas` writes event.schema.json.
 */
import * as v from 'valibot';
import { SEVERITIES, type Status } from '../criteria/rule.ts';
import { isHazard, risksOf } from '../results/at-risk.ts';
import { aboutRule, type Catalog, titleOf } from '../results/catalog.ts';
import { CAUSES, findingId, openSince } from '../results/compare.ts';
import { coverageOf } from '../results/coverage.ts';
import type { Entry } from '../results/entry.ts';
import { type NodeIdentity, NodeIdentitySchema } from '../results/node-line.ts';
import { isOpen } from '../results/open.ts';
import { resourceOf } from '../results/resource.ts';
import { digest, time, whole } from '../results/shapes.ts';
import { notAssessedOf, type Summary } from '../results/summary.ts';
import { CountsSchema } from '../results/tally.ts';
import { FIELD } from './alert.ts';
import { visible } from './text.ts';

/** Of whom the events are; rules match on it, and the scanner may send none of another source. */
export const SOURCE = 'kubevigil';

/** What rules of EventBridge match as `detail-type`. */
export const EVENT_TYPES = {
  scan: 'Kubevigil Scan Finished',
  new: 'Kubevigil Finding New',
  fixed: 'Kubevigil Finding Fixed',
  atRisk: 'Kubevigil Node At Risk',
} as const;

/** Targets that failed, in the event of a scan; their number is never cut. */
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
});

const FindingDetailSchema = v.strictObject({
  ...shared,
  kind: v.literal('finding'),
  scan: v.strictObject({ id: line, startedAt: time }),
  change: v.pipe(
    v.picklist(['new', 'still', 'fixed']),
    v.description('`still`: the scan before saw it too; such a finding is told while it says what will stop the node.'),
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
};

/** The event of the scan itself. */
export function scanEvent({ summary, manifestSha256, location, belated }: Telling): BusEvent {
  const { scanId, scheduledAt, startedAt, finishedAt, totals, targets, comparison } = summary;
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
    },
  };
}

/** The events of a node: of what is new or fixed on it, and of what will stop it. */
export function nodeEvents(entry: Entry, telling: Telling): BusEvent[] {
  const { line, changes } = entry;
  if (!line || line.coverage === 'unreachable') return [];
  const told = new Map(changes?.changes.map((change) => [change.rule, change]));
  const dates = new Map(risksOf(line).map(({ finding, on }) => [finding, on]));
  return line.findings.flatMap((finding): BusEvent[] => {
    const { rule, status, reason, remediation, controls } = finding;
    const { change, cause, since } = told.get(rule) ?? {};
    const [open, atRisk] = [isOpen(finding), isHazard(rule)];
    const kind = open && change === 'new' ? 'new' : open && atRisk ? 'still' : change === 'fixed' ? 'fixed' : undefined;
    if (kind === undefined) return [];
    const on = dates.get(finding);
    const first = openSince(changes?.open, rule) ?? since;
    const isHazardous = atRisk && kind !== 'fixed';
    const detail: FindingDetail = {
      ...identity(line.node, rule, telling),
      change: kind,
      ...(isHazardous && { atRisk: true as const }),
      ...(isHazardous && on !== undefined && { on }),
      ...(cause !== undefined && { cause }),
      ...(first !== undefined && { since: first }),
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
    const type = isHazardous ? EVENT_TYPES.atRisk : kind === 'fixed' ? EVENT_TYPES.fixed : EVENT_TYPES.new;
    return [{ type, time: telling.summary.startedAt, resources: [arnOf(line.node, telling)], detail }];
  });
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

function titled(catalog: Catalog, rule: string, status: Status) {
  const { severity: severe = 'medium' } = aboutRule(catalog, rule) ?? {};
  return { title: titleOf(catalog, rule, status), severity: severe };
}

function arnOf(node: NodeIdentity, { partition }: Telling): string {
  return resourceOf(node, partition).arn;
}
