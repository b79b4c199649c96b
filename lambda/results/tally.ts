/** Counting node lines as they pass: by coverage, by status, by rule. */

import * as v from 'valibot';
import { STATUSES, type Status } from '../criteria/rule.ts';
import { rulesFor } from '../kubelet/version.ts';
import { isAtRisk } from './at-risk.ts';
import { type NodeLine, UNREACHABLE_REASONS, type UnreachableReason } from './node-line.ts';
import { ascending } from './order.ts';
import { whole } from './shapes.ts';

const statuses = Object.fromEntries(STATUSES.map((status) => [status, whole])) as Record<Status, typeof whole>;

/** Counts of one scan or of one target. */
export const CountsSchema = v.strictObject({
  nodes: whole,
  evaluated: whole,
  unreachable: v.pipe(
    v.strictObject(
      Object.fromEntries(UNREACHABLE_REASONS.map((reason) => [reason, v.exactOptional(whole)])) as Record<
        UnreachableReason,
        v.ExactOptionalSchema<typeof whole, undefined>
      >,
    ),
    v.description('By reason; reasons that did not occur are absent.'),
  ),
  findings: v.pipe(v.strictObject(statuses), v.description('Findings by status.')),
  waived: v.pipe(whole, v.description('Failures that a waiver accepts; they are counted as failures too.')),
  atRisk: v.exactOptional(
    v.pipe(
      whole,
      v.description('Nodes with an open finding that says what will stop them; absent where there is none.'),
    ),
  ),
});

export type Counts = v.InferOutput<typeof CountsSchema>;

/** Findings of one rule by status; `waived` are those failures that a waiver accepts. */
export const RuleCountsSchema = v.strictObject({ ...statuses, waived: whole });

export type RuleCounts = v.InferOutput<typeof RuleCountsSchema>;

/** What one target or one scan adds up to. Plain JSON; small enough for a checkpoint. */
export type Tally = {
  counts: Counts;
  /** By rule name, in the order in which they were first seen. */
  rules: Record<string, RuleCounts>;
  /** Benchmarks that findings were answered for; sorted in a sum. */
  benchmarks: string[];
  /** The oldest and the newest minor version of the kubelets of each cluster. */
  minors: Record<string, [oldest: number, newest: number]>;
};

/** Clusters whose versions are remembered; a checkpoint must stay small. */
const MOST_CLUSTERS = 1000;

/** Minor versions by which a kubelet may be older than its API server (kubernetes.io, version skew policy). */
const MOST_SKEW = 3;

/** A tally of nothing. */
export function emptyTally(): Tally {
  return {
    counts: { nodes: 0, evaluated: 0, unreachable: {}, findings: emptyStatuses(), waived: 0 },
    // Without a prototype: a rule's name is ours, but an archive that is read again may have been tampered with.
    rules: Object.create(null),
    benchmarks: [],
    minors: Object.create(null),
  };
}

/** Adds one node's line to a tally. */
export function count(tally: Tally, line: NodeLine): void {
  const { counts, rules, benchmarks } = tally;
  counts.nodes += 1;
  if (line.coverage === 'evaluated') counts.evaluated += 1;
  else if (line.reason) counts.unreachable[line.reason] = (counts.unreachable[line.reason] ?? 0) + 1;
  const { cluster } = line.node;
  const { version } = rulesFor(line.kubelet?.version);
  if (cluster !== undefined && version.known) widen(tally.minors, cluster, version.minor, version.minor);
  if (isAtRisk(line)) counts.atRisk = (counts.atRisk ?? 0) + 1;
  for (const finding of line.findings) {
    counts.findings[finding.status] += 1;
    rules[finding.rule] ??= { ...emptyStatuses(), waived: 0 };
    const rule = rules[finding.rule] as RuleCounts;
    rule[finding.status] += 1;
    if (finding.waiver && finding.status === 'fail') {
      counts.waived += 1;
      rule.waived += 1;
    }
    for (const { benchmark } of finding.controls) {
      if (!benchmarks.includes(benchmark)) benchmarks.push(benchmark);
    }
  }
}

/** Adds tallies of targets up to that of the scan. */
export function sum(tallies: readonly Tally[]): Tally {
  const total = emptyTally();
  for (const { counts, rules, benchmarks, minors } of tallies) {
    for (const [cluster, [oldest, newest]] of Object.entries(minors)) widen(total.minors, cluster, oldest, newest);
    total.counts.nodes += counts.nodes;
    total.counts.evaluated += counts.evaluated;
    total.counts.waived += counts.waived;
    if (counts.atRisk !== undefined) total.counts.atRisk = (total.counts.atRisk ?? 0) + counts.atRisk;
    addEach(total.counts.unreachable, counts.unreachable);
    addEach(total.counts.findings, counts.findings);
    for (const [name, rule] of Object.entries(rules)) {
      total.rules[name] ??= { ...emptyStatuses(), waived: 0 };
      addEach(total.rules[name] as RuleCounts, rule);
    }
    total.benchmarks = [...new Set([...total.benchmarks, ...benchmarks])].sort();
  }
  return total;
}

/** Clusters whose nodes are further apart than any control plane allows, by name: `{cluster, oldest: '1.29', newest: '1.34'}`. */
export function skewed({ minors }: Tally): { cluster: string; oldest: string; newest: string }[] {
  return Object.entries(minors)
    .filter(([, [oldest, newest]]) => newest - oldest > MOST_SKEW)
    .map(([cluster, [oldest, newest]]) => ({ cluster, oldest: `1.${oldest}`, newest: `1.${newest}` }))
    .sort((a, b) => ascending(a.cluster, b.cluster));
}

function widen(minors: Tally['minors'], cluster: string, oldest: number, newest: number): void {
  const known = minors[cluster];
  if (known) minors[cluster] = [Math.min(known[0], oldest), Math.max(known[1], newest)];
  else if (Object.keys(minors).length < MOST_CLUSTERS) minors[cluster] = [oldest, newest];
}

function emptyStatuses(): Record<Status, number> {
  return { pass: 0, fail: 0, manual: 0, 'not-applicable': 0, error: 0 };
}

function addEach<K extends string>(total: Partial<Record<K, number>>, part: Partial<Record<K, number>>): void {
  for (const [key, value] of Object.entries(part) as [K, number][]) total[key] = (total[key] ?? 0) + value;
}
