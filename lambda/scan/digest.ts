/**
 * What of a target's findings is worth telling, read back from the archive line by line so that memory stays small.
 * Tested by test/scan/notify.test.ts.
 */

import { createHash } from 'node:crypto';
import type {
  AlertNode,
  Changes,
  ExpiringCertificate,
  Failure,
  Failures,
  Listed,
  RuleCount,
  Undecided,
  Unreachable,
} from '../alerts/alert.ts';
import { targetKeys } from '../archive/keys.ts';
import { readNodes } from '../archive/nodes.ts';
import type { Archive } from '../archive/store.ts';
import { SEVERITIES } from '../criteria/rule.ts';
import { catalog, clientCertificate, type Finding, type Severity } from '../judging/index.ts';
import { derive } from '../kubelet/derive.ts';
import { aboutRule } from '../results/catalog.ts';
import { findingId, type NodeChanges, openSince } from '../results/compare.ts';
import { ArchiveError } from '../results/errors.ts';
import type { EvidenceLine } from '../results/evidence-line.ts';
import type { NodeLine } from '../results/node-line.ts';
import { isOpen } from '../results/open.ts';
import type { Summary } from '../results/summary.ts';
import type { Target } from '../settings.ts';

/** Items kept of each list, and of one rule in it: more than any message shows. Totals count the others. */
export const KEPT = 200;
const KEPT_OF_RULE = 20;
/** The rule whose failures are told with their date, among certificates. */
const EXPIRY = 'client-certificate-expiry';

const titled = (rule: string): { title: string; severity: Severity } => {
  const { title = rule, severity = 'medium' } = aboutRule(catalog, rule) ?? {};
  return { title, severity };
};

/** Adds one target's nodes to what is collected. */
export async function collectTarget(
  archive: Archive,
  summary: Summary,
  target: Target,
  collected: Collector,
): Promise<void> {
  const keys = targetKeys(summary, target);
  const expires = (summary.rules[EXPIRY]?.fail ?? 0) > 0;
  for await (const node of readNodes(archive, keys, expires ? ['changes', 'evidence'] : ['changes'])) {
    const { line, changes, evidence } = node;
    // Lost nodes have no findings; the summary counts them.
    if (!line) continue;
    if (!changes) throw new ArchiveError(`${archive.location}/${keys.changes} does not tell of ${line.node.id}.`);
    if (line.coverage === 'unreachable') collected.addUnreachable(line, changes);
    collected.addUndecided(line);
    for (const finding of line.findings) {
      if (isOpen(finding)) collected.addFailure(line.node, finding, changes, evidence);
    }
    for (const { rule, change } of changes.changes) {
      if (change === 'fixed') collected.addFixed(line.node, rule);
    }
  }
}

type Collector = ReturnType<typeof collector>;

/** Lists that grow as the lines of a scan are read. */
export function collector({ scheduledAt, startedAt }: Summary) {
  const failures = { new: failureList(), still: failureList() };
  const fixed: Listed<{ node: AlertNode; rule: string; title: string; severity: Severity }> = { items: [], total: 0 };
  const unreachable: Changes<Unreachable> = { new: { items: [], total: 0 }, still: { items: [], total: 0 } };
  const undecided: Listed<Undecided> = { items: [], total: 0 };
  const certificates: Changes<ExpiringCertificate> = { new: { items: [], total: 0 }, still: { items: [], total: 0 } };
  const print = Buffer.alloc(16);

  return {
    failures,
    fixed,
    unreachable,
    undecided,
    certificates,
    /** The same for the same set of open findings, whatever their order. */
    fingerprint: () => print.toString('hex'),

    addUnreachable({ node, reason = 'bad-answer', detail }: NodeLine, changes: NodeChanges): void {
      add(unreachable[changes.before === 'unreachable' ? 'still' : 'new'], {
        node,
        reason,
        ...(detail !== undefined && { detail }),
      });
    },

    addUndecided({ node, findings }: NodeLine): void {
      const errors = findings.filter(({ status }) => status === 'error');
      const [first] = errors;
      if (first) add(undecided, { node, findings: errors.length, reason: first.reason });
    },

    addFailure(
      node: NodeLine['node'],
      finding: Finding,
      changes: NodeChanges,
      evidence: EvidenceLine | undefined,
    ): void {
      const since = openSince(changes.open, finding.rule) ?? scheduledAt;
      const change = changes.changes.find((one) => one.rule === finding.rule);
      const cause = change?.cause;
      const digest = createHash('sha256').update(findingId(node, finding.rule)).digest();
      for (const [index, byte] of print.entries()) print[index] = byte ^ (digest[index] ?? 0);
      // What a waiver accepted is new again, although it fails since long.
      const when = change?.change === 'new' || since === scheduledAt ? 'new' : 'still';
      const { reason, remediation, rule, controls } = finding;
      const more = { reason, ...(remediation !== undefined && { remediation }) };
      const notAfter = rule === EXPIRY ? earliest(evidence, Date.parse(startedAt) / 1000) : undefined;
      if (notAfter !== undefined) {
        const list = certificates[when];
        list.total += 1;
        list.items.push({ node, notAfter, ...more });
        if (list.items.length >= 2 * KEPT) list.items = earliestOf(list).items;
      } else failures[when].add({ node, rule, ...titled(rule), ...more, controls, since, ...(cause && { cause }) });
    },

    addFixed(node: NodeLine['node'], rule: string): void {
      add(fixed, { node, rule, ...titled(rule) });
    },
  };
}

/** Failures by severity; of one rule only some are kept, so that one rule does not hide the others. */
function failureList() {
  const kept = new Map<Severity, Failure[]>(SEVERITIES.map((severity) => [severity, []]));
  const byRule = new Map<string, RuleCount>();
  let total = 0;
  return {
    add(failure: Failure): void {
      const { rule, title, severity } = failure;
      const count: RuleCount = byRule.get(rule) ?? { rule, title, severity, nodes: 0 };
      byRule.set(rule, count);
      count.nodes += 1;
      if (failure.since !== undefined && (count.oldest === undefined || failure.since < count.oldest)) {
        count.oldest = failure.since;
      }
      total += 1;
      const list = kept.get(severity);
      if (list && list.length < KEPT && count.nodes <= KEPT_OF_RULE) list.push(failure);
    },
    list: (): Failures => ({
      items: SEVERITIES.flatMap((severity) => kept.get(severity) ?? []).slice(0, KEPT),
      total,
      byRule: [...byRule.values()].sort(
        (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.nodes - a.nodes,
      ),
    }),
  };
}

/** Counts an item, and keeps it while there is room. */
export function add<T>(list: Listed<T>, item: T): void {
  list.total += 1;
  if (list.items.length < KEPT) list.items.push(item);
}

/** Those that run out first, whichever came first. */
export function earliestOf({ items, total }: Listed<ExpiringCertificate>): Listed<ExpiringCertificate> {
  return { items: items.toSorted((a, b) => (a.notAfter < b.notAfter ? -1 : 1)).slice(0, KEPT), total };
}

/** The date on which the first of the client certificates that a node's kubelets present at `now`, in seconds, runs out. */
function earliest(line: EvidenceLine | undefined, now: number): string | undefined {
  if (!line || !('evidence' in line)) return undefined;
  const dates = line.evidence.kubelets.flatMap((process) => {
    const configuration = derive(process);
    const certificate = configuration.starts === true ? clientCertificate(process, configuration, now) : undefined;
    return certificate && Number.isFinite(new Date(certificate.notAfter * 1000).getTime())
      ? [certificate.notAfter]
      : [];
  });
  return dates.length > 0 ? new Date(Math.min(...dates) * 1000).toISOString() : undefined;
}
