/**
 * What changed since the previous scan, found while the new lines pass by.
 *
 * A finding is *open* when it fails and no waiver accepts it. Silence never closes one: a node that did not answer, or
 * whose answer is manual or an error, keeps its open findings and their dates.
 */
import * as v from 'valibot';
import type { Finding } from '../criteria/rule.ts';
import type { NodeIdentity, NodeLine } from './node-line.ts';
import { isOpen } from './open.ts';
import { time, whole } from './shapes.ts';

/** What became of a finding that is open now or was open before. `still` is not written, for it is the usual. */
const CHANGE_KINDS = ['new', 'fixed', 'accepted', 'unconfirmed', 'dropped', 'lost'] as const;

/** Why a finding is new although nothing on the node need have changed. */
const CAUSES = ['first-scan', 'new-node', 'new-rule', 'was-silent'] as const;

/** One line of `changes/<account>-<region>.ndjson.gz`: what is open on a node since when, and what changed. */
export const NodeChangesSchema = v.pipe(
  v.strictObject({
    /** Instance id. */
    node: v.string(),
    /** `lost`: the inventory no longer has it. */
    coverage: v.picklist(['evaluated', 'unreachable', 'lost']),
    /** What became of it in the previous scan; absent where it was not there. */
    before: v.exactOptional(v.picklist(['evaluated', 'unreachable'])),
    /** Open findings by rule, with the scheduled time of the scan that first saw each. */
    open: v.record(v.string(), time),
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

/** What a previous scan says of one target: its rules, and what was open on each node. */
export type Baseline = {
  scanId: string;
  scheduledAt: string;
  rules: ReadonlySet<string>;
  nodes: ReadonlyMap<string, NodeState>;
};

/** A node of the previous scan; equal states share one object, so that memory stays small. */
export type NodeState = { coverage: 'evaluated' | 'unreachable'; open: Readonly<Record<string, string>> };

/** Findings of one rule, or of all, by what became of them. */
const ChangeCountsSchema = v.strictObject({
  new: whole,
  still: whole,
  fixed: whole,
  accepted: whole,
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
    /** Answered the previous time, but not now. */
    silenced: whole,
  }),
});

export type Difference = v.InferOutput<typeof DifferenceSchema>;

/** The stable id of a finding: the same in every scan, until node or rule are gone. */
export function findingId(node: NodeIdentity, rule: string): string {
  return `${node.account ?? 'local'}/${node.region ?? 'local'}/${node.id}/${rule}`;
}

/** Compares lines with a baseline as they pass: `compare` each, then `lost` gives the nodes that are gone. */
export function compareWith(scheduledAt: string, baseline: Baseline | undefined) {
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

    compare(line: NodeLine): NodeChanges {
      const before = baseline?.nodes.get(line.node.id);
      missing.delete(line.node.id);
      if (baseline && !before) difference.nodes.new += 1;
      if (before?.coverage === 'evaluated' && line.coverage === 'unreachable') difference.nodes.silenced += 1;
      const open: Record<string, string> = Object.create(null);
      const changes: Change[] = [];
      const answers = byRule(line.findings);

      for (const [rule, findings] of answers) {
        const since = openSince(before?.open, rule);
        const failing = findings.find(isOpen);
        if (failing && since !== undefined) {
          open[rule] = since;
          add(rule, 'still', since, true);
        } else if (failing) {
          const cause = causeOf(baseline, before, rule);
          const change: Change = { rule, change: 'new', since: scheduledAt, ...(cause && { cause }) };
          open[rule] = scheduledAt;
          changes.push(change);
          add(rule, 'new', scheduledAt, true);
        } else if (since !== undefined) {
          const kind = closing(findings);
          const change: Change = { rule, change: kind, since };
          if (kind === 'unconfirmed') open[rule] = since;
          changes.push(change);
          add(rule, kind, since, kind === 'unconfirmed');
        }
      }
      for (const [rule, since] of Object.entries(before?.open ?? {})) {
        if (answers.has(rule)) continue;
        // An unreachable node says nothing; an evaluated one was no longer asked.
        const kind = line.coverage === 'unreachable' || line.findings.length === 0 ? 'unconfirmed' : 'dropped';
        if (kind === 'unconfirmed') open[rule] = since;
        changes.push({ rule, change: kind, since });
        add(rule, kind, since, kind === 'unconfirmed');
      }
      return { node: line.node.id, coverage: line.coverage, ...(before && { before: before.coverage }), open, changes };
    },

    *lost(): Generator<NodeChanges> {
      for (const node of missing) {
        difference.nodes.lost += 1;
        const changes: Change[] = [];
        const before = baseline?.nodes.get(node);
        for (const [rule, since] of Object.entries(before?.open ?? {})) {
          changes.push({ rule, change: 'lost', since });
          add(rule, 'lost', since, false);
        }
        yield { node, coverage: 'lost', ...(before && { before: before.coverage }), open: {}, changes };
      }
    },
  };
}

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
  }
  return total;
}

function addCounts(total: ChangeCounts, part: ChangeCounts): void {
  for (const kind of ['still', ...CHANGE_KINDS] as const) total[kind] += part[kind];
}

function noChanges(): ChangeCounts {
  return { new: 0, still: 0, fixed: 0, accepted: 0, unconfirmed: 0, dropped: 0, lost: 0 };
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
): Change['cause'] | undefined {
  if (!baseline) return 'first-scan';
  if (!before) return 'new-node';
  if (!baseline.rules.has(rule)) return 'new-rule';
  return before.coverage === 'unreachable' ? 'was-silent' : undefined;
}

/** Since when a rule is open, by rule; the names are an archive's and may be those of every object. */
export function openSince(open: NodeChanges['open'] | undefined, rule: string): string | undefined {
  return open && Object.hasOwn(open, rule) ? open[rule] : undefined;
}
