/**
 * What changed since the previous scan, found while the new lines pass by.
 *
 * A finding is *open* when it fails and no waiver accepts it. Silence never closes one: a node that did not answer, or
 * whose answer is manual or an error, keeps its open findings and their dates. Silence has a date itself.
 * Long because the life of a finding is one table of transitions.
 */
import * as v from 'valibot';
import type { Finding } from '../criteria/rule.ts';
import { isIdle } from './coverage.ts';
import type { NodeIdentity, NodeLine } from './node-line.ts';
import { isOpen } from './open.ts';
import { ScanColumns, time, whole } from './shapes.ts';
import { INSTANCE_STATES, type Unselected } from './unselected.ts';

type InstanceState = Unselected['state'];

/** What became of a finding that is open now or was before. `still` is not written, for it is the usual. */
const CHANGE_KINDS = [
  'new',
  'fixed',
  'accepted',
  /** It was accepted, and now passes or is no longer asked. */
  'resolved',
  /** Today's rules say of the evidence of the scan before what they say now: the rules changed, not the node. */
  'rejudged',
  'unconfirmed',
  'dropped',
  'lost',
] as const;

/** Why a finding is new, or another, although nothing on the node need have changed. */
export const CAUSES = [
  'first-scan',
  'new-target',
  'new-node',
  'new-rule',
  'was-silent',
  'waiver-ended',
  'waiver-changed',
  'node-returned',
  'rules',
] as const;

/** An accepted finding: since when it fails, and the waiver's last day. */
const AcceptedSchema = v.record(v.string(), v.strictObject({ since: time, until: v.string() }));

/** Open findings by rule, with the scheduled time of the scan that first saw each. */
const OpenSchema = v.record(v.string(), time);

/** One line of `changes/<account>-<region>.ndjson.gz`: what is open on a node since when, and what changed. */
export const NodeChangesSchema = v.pipe(
  v.strictObject({
    ...ScanColumns,
    account: v.exactOptional(v.string()),
    region: v.exactOptional(v.string()),
    /** Instance id. */
    node: v.string(),
    /** `lost`: the inventory no longer has it. `absent`: it was lost before, and may return. */
    coverage: v.picklist(['evaluated', 'unreachable', 'lost', 'absent']),
    /** Of a lost node: what EC2 says of its instance; absent where it was not asked. */
    now: v.exactOptional(v.picklist(INSTANCE_STATES)),
    /** What became of it in the previous scan; absent where it was not there. */
    before: v.exactOptional(v.picklist(['evaluated', 'unreachable'])),
    /** Since which scan it gives no answer although it has to; `over`: it gave none until the scan before. */
    silence: v.exactOptional(v.strictObject({ since: time, over: v.exactOptional(v.literal(true)) })),
    /** Since which scan each has had rules that could not be judged on it. */
    undecided: v.exactOptional(v.strictObject({ since: time })),
    open: OpenSchema,
    /** Failures that a waiver accepts, so that their dates outlive it. */
    accepted: v.exactOptional(AcceptedSchema),
    /** Of a lost or absent node: the last scan that had it, and what it left open. */
    last: v.exactOptional(v.strictObject({ seen: time, open: OpenSchema, accepted: v.exactOptional(AcceptedSchema) })),
    changes: v.array(
      v.strictObject({
        rule: v.string(),
        change: v.picklist(CHANGE_KINDS),
        since: time,
        cause: v.exactOptional(v.picklist(CAUSES)),
      }),
    ),
  }),
  v.title('Node changes'),
  v.description(
    'One line of changes/<account>-<region>.ndjson.gz: what is open on a node since when, and what changed.',
  ),
);

export type NodeChanges = v.InferOutput<typeof NodeChangesSchema>;

export type Change = NodeChanges['changes'][number];

type Accepted = v.InferOutput<typeof AcceptedSchema>;

/** What a previous scan says of one target: its rules, and what was open on each node. */
export type Baseline = {
  scanId: string;
  scheduledAt: string;
  rules: ReadonlySet<string>;
  nodes: ReadonlyMap<string, NodeState>;
};

/** A node of the previous scan; equal states share one object, so that memory stays small. */
export type NodeState = {
  /** `absent`: that scan did not have it, but one before, `seen`. */
  coverage: 'evaluated' | 'unreachable' | 'absent';
  open: Readonly<Record<string, string>>;
  accepted?: Accepted;
  seen?: string;
  /** The scan that first had no answer of it, where it owes one. */
  silentSince?: string;
  /** The first of the scans, up to that one, that could not judge all rules on it. */
  undecidedSince?: string;
  /** What today's rules say of its evidence of then; only where that scan was made by other rules. */
  again?: { open: readonly string[]; closed: readonly string[] };
};

/** Seconds for which a lost node's open findings are remembered: an inventory may be incomplete for some nights. */
const REMEMBERED_SECONDS = 7 * 86_400;

/** Findings of one rule, or of all, by what became of them. */
const ChangeCountsSchema = v.strictObject({
  new: whole,
  still: whole,
  fixed: whole,
  accepted: whole,
  resolved: v.optional(whole, 0),
  rejudged: v.optional(whole, 0),
  unconfirmed: whole,
  dropped: whole,
  lost: whole,
});

export type ChangeCounts = v.InferOutput<typeof ChangeCountsSchema>;

/** What changed, added up; plain JSON that fits a checkpoint. */
export const DifferenceSchema = v.strictObject({
  findings: ChangeCountsSchema,
  /** By rule, with the date of its oldest open finding. */
  rules: v.record(v.string(), v.strictObject({ ...ChangeCountsSchema.entries, oldest: v.exactOptional(time) })),
  nodes: v.strictObject({
    new: whole,
    lost: whole,
    /** Of those, terminated ones; absent where there is none. */
    terminated: v.exactOptional(whole),
    /** Answered the previous time, but not now. */
    silenced: whole,
  }),
});

export type Difference = v.InferOutput<typeof DifferenceSchema>;

/** The stable id of a finding: the same in every scan, until node or rule are gone. */
export function findingId(node: NodeIdentity, rule: string): string {
  return `${node.account ?? 'local'}/${node.region ?? 'local'}/${node.id}/${rule}`;
}

/**
 * Compares lines with a baseline as they pass: `compare` each, then `lost` gives the nodes that are gone, with what EC2 says of
 * them now by `left`. Without a baseline nothing was scanned before, or, where `isFirst` is false, not here.
 */
export function compareWith(
  scheduledAt: string,
  baseline: Baseline | undefined,
  left: ReadonlyMap<string, InstanceState> = new Map(),
  isFirst = true,
) {
  const difference = emptyDifference();
  const missing = new Set(baseline?.nodes.keys());

  const add = (rule: string, kind: keyof ChangeCounts, since: string, open: boolean) => {
    difference.findings[kind] += 1;
    difference.rules[rule] ??= noChanges();
    const counts = difference.rules[rule] as Difference['rules'][string];
    counts[kind] += 1;
    if (open && (counts.oldest === undefined || since < counts.oldest)) counts.oldest = since;
  };

  return {
    difference,

    /** `again` is what today's rules say of the node's evidence in the scan before, where the rules have changed. */
    compare(line: NodeLine, again = baseline?.nodes.get(line.node.id)?.again): NodeChanges {
      const known = baseline?.nodes.get(line.node.id);
      const isReturned = known?.coverage === 'absent';
      const before = known && known.coverage !== 'absent' ? known.coverage : undefined;
      const silentSince = before && known?.silentSince;
      const owes = line.coverage === 'unreachable' && !isIdle(line.reason);
      missing.delete(line.node.id);
      if ((baseline || !isFirst) && !before) difference.nodes.new += 1;
      if (before === 'evaluated' && line.coverage === 'unreachable') difference.nodes.silenced += 1;
      const open: Record<string, string> = Object.create(null);
      const accepted: Accepted = Object.create(null);
      const changes: Change[] = [];
      const tell = (change: Change) => {
        changes.push(change);
        const remains = Object.hasOwn(open, change.rule);
        add(change.rule, change.change, change.since, remains);
      };
      const answers = byRule(line.findings);

      for (const [rule, findings] of answers) {
        const since = openSince(known?.open, rule);
        const waived = acceptedOf(known, rule);
        const until = findings.find(({ waiver }) => waiver)?.waiver?.until;
        const isAnyOpen = findings.some(isOpen);
        // What is closed, and was neither open nor accepted, changes nothing: most findings.
        if (!isAnyOpen && since === undefined && waived === undefined && until === undefined) continue;
        if (isAnyOpen) {
          open[rule] = since ?? waived?.since ?? scheduledAt;
          if (since !== undefined && !isReturned) add(rule, 'still', since, true);
          else if (waived && !isReturned) {
            const cause = waived.until < scheduledAt.slice(0, 10) ? 'waiver-ended' : 'waiver-changed';
            tell({ rule, change: 'new', since: waived.since, cause });
          } else if (baseline && again?.open.includes(rule)) {
            open[rule] = baseline.scheduledAt;
            tell({ rule, change: 'rejudged', since: baseline.scheduledAt, cause: 'rules' });
          } else {
            const cause = causeOf(baseline, known, rule, isFirst);
            tell({ rule, change: 'new', since: open[rule], ...(cause && { cause }) });
          }
          continue;
        }
        const kind = closing(findings);
        const begun = since ?? waived?.since;
        if (kind === 'accepted' && until !== undefined) {
          if (begun !== undefined || findings.some(({ status }) => status === 'fail')) {
            accepted[rule] = { since: begun ?? scheduledAt, until };
          }
          if (since !== undefined && !isReturned) tell({ rule, change: kind, since });
        } else if (since !== undefined && kind === 'unconfirmed') {
          open[rule] = since;
          tell({ rule, change: kind, since });
        } else if (since !== undefined && !isReturned) {
          const isRules = again?.closed.includes(rule) === true;
          tell(isRules ? { rule, change: 'rejudged', since, cause: 'rules' } : { rule, change: 'fixed', since });
        } else if (waived && kind === 'unconfirmed') accepted[rule] = waived;
        else if (waived && !isReturned) tell({ rule, change: 'resolved', since: waived.since });
      }
      // An unreachable node says nothing; an evaluated one was no longer asked.
      const isSilent = line.coverage === 'unreachable' || line.findings.length === 0;
      for (const [rule, since] of Object.entries(known?.open ?? {})) {
        if (answers.has(rule)) continue;
        if (isSilent) open[rule] = since;
        if (isSilent || !isReturned) tell({ rule, change: isSilent ? 'unconfirmed' : 'dropped', since });
      }
      for (const [rule, waived] of Object.entries(known?.accepted ?? {})) {
        if (answers.has(rule)) continue;
        if (isSilent) accepted[rule] = waived;
        else if (!isReturned) tell({ rule, change: 'resolved', since: waived.since });
      }
      return {
        node: line.node.id,
        coverage: line.coverage,
        ...(before && { before }),
        ...(owes && { silence: { since: silentSince ?? scheduledAt } }),
        ...(!owes && silentSince !== undefined && { silence: { since: silentSince, over: true as const } }),
        ...(line.findings.some(isUndecided) && { undecided: { since: known?.undecidedSince ?? scheduledAt } }),
        open,
        ...(Object.keys(accepted).length > 0 && { accepted }),
        changes,
      };
    },

    /** Nodes that are gone now, and those that were gone before and are still remembered. */
    *lost(): Generator<NodeChanges> {
      for (const node of missing) {
        const known = baseline?.nodes.get(node);
        if (!baseline || !known) continue;
        const { coverage, open, accepted, silentSince, seen = baseline.scheduledAt } = known;
        const holds = Object.keys(open).length + Object.keys(accepted ?? {}).length > 0;
        const last = { seen, open, ...(accepted && { accepted }) };
        if (coverage === 'absent') {
          const age = (Date.parse(scheduledAt) - Date.parse(seen)) / 1000;
          if (age <= REMEMBERED_SECONDS) yield { node, coverage: 'absent', open: {}, last, changes: [] };
          continue;
        }
        difference.nodes.lost += 1;
        const now = left.get(node);
        if (now === 'terminated') difference.nodes.terminated = (difference.nodes.terminated ?? 0) + 1;
        const changes: Change[] = [];
        for (const [rule, since] of Object.entries(open)) {
          changes.push({ rule, change: 'lost', since });
          add(rule, 'lost', since, false);
        }
        yield {
          node,
          coverage: 'lost',
          ...(now !== undefined && { now }),
          before: coverage,
          ...(silentSince !== undefined && { silence: { since: silentSince, over: true as const } }),
          open: {},
          ...(holds && { last }),
          changes,
        };
      }
    },
  };
}

const isUndecided = ({ status }: Finding) => status === 'error';

/** A difference in which nothing changed. */
export function emptyDifference(): Difference {
  return {
    findings: noChanges(),
    rules: Object.create(null),
    nodes: { new: 0, lost: 0, silenced: 0 },
  };
}

/** Adds differences of targets up. */
export function sumDifferences(parts: readonly Difference[]): Difference {
  const total = emptyDifference();
  for (const part of parts) {
    addCounts(total.findings, part.findings);
    for (const [name, { oldest, ...counts }] of Object.entries(part.rules)) {
      total.rules[name] ??= noChanges();
      const rule = total.rules[name] as Difference['rules'][string];
      addCounts(rule, counts);
      if (oldest !== undefined && (rule.oldest === undefined || oldest < rule.oldest)) rule.oldest = oldest;
    }
    total.nodes.new += part.nodes.new;
    total.nodes.lost += part.nodes.lost;
    total.nodes.silenced += part.nodes.silenced;
    const terminated = (total.nodes.terminated ?? 0) + (part.nodes.terminated ?? 0);
    if (terminated > 0) total.nodes.terminated = terminated;
  }
  return total;
}

function addCounts(total: ChangeCounts, part: ChangeCounts): void {
  for (const kind of ['still', ...CHANGE_KINDS] as const) total[kind] += part[kind];
}

function noChanges(): ChangeCounts {
  return { new: 0, still: 0, fixed: 0, accepted: 0, resolved: 0, rejudged: 0, unconfirmed: 0, dropped: 0, lost: 0 };
}

/** A node with several kubelets has several findings of a rule; the node's is the worst of them. */
function byRule(findings: readonly Finding[]): Map<string, Finding[]> {
  return Map.groupBy(findings, ({ rule }) => rule);
}

/** What closed a finding that was open, or `unconfirmed` where nothing did. */
function closing(findings: readonly Finding[]): 'fixed' | 'accepted' | 'unconfirmed' {
  if (findings.some(({ status, waiver }) => !waiver && (status === 'manual' || status === 'error'))) {
    return 'unconfirmed';
  }
  return findings.some(({ waiver }) => waiver) ? 'accepted' : 'fixed';
}

function causeOf(
  baseline: Baseline | undefined,
  before: NodeState | undefined,
  rule: string,
  isFirst: boolean,
): Change['cause'] | undefined {
  if (!baseline) return isFirst ? 'first-scan' : 'new-target';
  if (!before) return 'new-node';
  if (before.coverage === 'absent') return 'node-returned';
  if (!baseline.rules.has(rule)) return 'new-rule';
  return before.coverage === 'unreachable' ? 'was-silent' : undefined;
}

function acceptedOf(known: NodeState | undefined, rule: string): Accepted[string] | undefined {
  return known?.accepted && Object.hasOwn(known.accepted, rule) ? known.accepted[rule] : undefined;
}

/** Since when a rule is open, by rule; the names are an archive's and may be those of every object. */
export function openSince(open: NodeChanges['open'] | undefined, rule: string): string | undefined {
  return open && Object.hasOwn(open, rule) ? open[rule] : undefined;
}
