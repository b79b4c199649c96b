/** What of a kept scan is worth telling, read back from the archive line by line so that memory stays small. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import {
  type AlertInput,
  type AlertNode,
  type Changes,
  type ExpiredWaiver,
  type ExpiringCertificate,
  type Failure,
  type Failures,
  type Listed,
  type RuleCount,
  SEVERITIES,
  type Undecided,
  type Unreachable,
} from './alerts/alert.ts';
import { message } from './alerts/message.ts';
import type { publish } from './alerts/publish.ts';
import { visible } from './alerts/text.ts';
import { derive } from './kubelet/derive.ts';
import { type Archive, ArchiveError, readBytes } from './reports/archive.ts';
import { findingId, type NodeChanges, NodeChangesSchema } from './reports/compare.ts';
import { aboutRule } from './reports/format.ts';
import { scanKeys, type Target, targetKeys } from './reports/keys.ts';
import { parseDocument, readLines } from './reports/lines.ts';
import type { NodeLine } from './reports/node-line.ts';
import { brokenArchive } from './reports/previous.ts';
import { type Summary, SummarySchema, secondsOf } from './reports/summary.ts';
import { isOpen } from './reports/tally.ts';
import { type EvidenceLine, openLines } from './reports/target.ts';
import {
  catalog,
  clientCertificate,
  expired,
  type Finding,
  reviewWaivers,
  type Severity,
  type Waiver,
} from './rules/index.ts';
import type { ScanSettings } from './settings.ts';
import { unknownWaivers } from './waivers.ts';

/** Items kept of each list, and of one rule in it: more than any message shows. Totals count the others. */
const KEPT = 200;
const KEPT_OF_RULE = 20;
/** The rule whose failures are told with their date, among certificates. */
const EXPIRY = 'client-certificate-expiry';

export type Told = {
  settings: ScanSettings;
  waivers: Waiver[];
};

/**
 * Publishes the message of a scan, if its policy has something to tell. Returns what became of it in a few words. Throws
 * what stopped it; `untold` puts that into words, because a message that could not be published never costs the report.
 */
export async function tell(archive: Archive, summaryKey: string, told: Told, send: typeof publish): Promise<string> {
  const input = await gather(archive, summaryKey, told);
  const alert = message(input, told.settings.alertPolicy);
  if (!alert) return `not sent: nothing to tell under the policy ${told.settings.alertPolicy}`;
  return `sent: ${await send(alert, told.settings.topicArn)}`;
}

/** What became of a message whose last try has failed with `error`; a durable step wraps the error that it gave up with. */
export function untold(error: unknown): string {
  const { name, message: text } = (
    error instanceof Error && error.cause instanceof Error ? error.cause : error
  ) as Error;
  return `failed: ${visible(`${name}: ${text}`, 500)}`;
}

/** Collects what an alert may say about a scan. */
export async function gather(archive: Archive, summaryKey: string, told: Told): Promise<AlertInput> {
  const summary = await readSummary(archive, summaryKey);
  const before = summary.comparison.previous
    ? await readSummary(archive, scanKeys(summary.comparison.previous).summary).catch(ifBroken)
    : undefined;
  const collected = collector(summary);
  for (const target of summary.targets) {
    if (target.error === undefined) await collectTarget(archive, summary, target, collected);
  }
  const { fixed, unreachable, undecided, certificates } = collected;
  const { comparison } = summary;
  return {
    scan: {
      id: summary.scanId,
      startedAt: summary.startedAt,
      finishedAt: summary.finishedAt,
      ...(before && { previous: { id: before.scanId, finishedAt: before.finishedAt } }),
    },
    report: reportOf(summary, told.settings),
    targets: summary.targets.map(({ account, region, counts, error }) => {
      const earlier = before?.targets.find((one) => one.account === account && one.region === region);
      return {
        account,
        region,
        nodes: counts.nodes,
        evaluated: counts.evaluated,
        ...(earlier && earlier.error === undefined && { previouslyEvaluated: earlier.counts.evaluated }),
        ...(error !== undefined && { failed: error }),
      };
    }),
    failures: {
      new: collected.failures.new.list(),
      still: collected.failures.still.list(),
      fixed,
      fingerprint: collected.fingerprint(),
    },
    unreachable,
    undecided,
    lost: { nodes: comparison.nodes.lost, failures: comparison.findings.lost },
    benchmarks: comparison.benchmarks,
    certificates: { new: earliestOf(certificates.new), still: earliestOf(certificates.still) },
    waivers: expiredWaivers(summary, told, before),
    errors: errorsOf(summary, told),
  };
}

const Line = v.looseObject({ node: v.looseObject({ id: v.string() }), findings: v.array(v.unknown()) });
const titled = (rule: string): { title: string; severity: Severity } => {
  const { title = rule, severity = 'medium' } = aboutRule(catalog, rule) ?? {};
  return { title, severity };
};

/** Walks one target's findings beside its changes, which have a line per node in the same order. */
async function collectTarget(archive: Archive, summary: Summary, target: Target, collected: Collector): Promise<void> {
  const keys = targetKeys(summary, target);
  const changes = readLines(await openLines(archive, keys.changes), keys.changes, NodeChangesSchema);
  const expires = (summary.rules[EXPIRY]?.fail ?? 0) > 0;
  const proofs = expires
    ? readLines(await openLines(archive, keys.evidence), keys.evidence, v.looseObject({}))
    : undefined;
  for await (const parsed of readLines(await openLines(archive, keys.findings), keys.findings, Line)) {
    const line = parsed as unknown as NodeLine;
    const change = (await changes.next()).value ?? undefined;
    const proof = (await proofs?.next())?.value as EvidenceLine | undefined;
    if (line.coverage === 'unreachable') collected.silent(line, change);
    collected.undecide(line);
    for (const finding of line.findings) {
      if (isOpen(finding)) collected.open(line.node, finding, change, proof);
    }
    for (const { rule, change: kind } of change?.changes ?? []) {
      if (kind === 'fixed') collected.fix(line.node, rule);
    }
  }
  await changes.return(undefined);
  await proofs?.return(undefined);
}

type Collector = ReturnType<typeof collector>;

function collector({ scheduledAt, startedAt }: Summary) {
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

    silent({ node, reason = 'bad-answer', detail }: NodeLine, change: NodeChanges | undefined): void {
      add(unreachable[change?.before === 'unreachable' ? 'still' : 'new'], {
        node,
        reason,
        ...(detail !== undefined && { detail }),
      });
    },

    undecide({ node, findings }: NodeLine): void {
      const errors = findings.filter(({ status }) => status === 'error');
      const [first] = errors;
      if (first) add(undecided, { node, findings: errors.length, reason: first.reason });
    },

    open(
      node: NodeLine['node'],
      finding: Finding,
      change: NodeChanges | undefined,
      proof: EvidenceLine | undefined,
    ): void {
      const since = change?.open[finding.rule] ?? scheduledAt;
      const cause = change?.changes.find((one) => one.rule === finding.rule)?.cause;
      const digest = createHash('sha256').update(findingId(node, finding.rule)).digest();
      for (const [index, byte] of print.entries()) print[index] = byte ^ (digest[index] ?? 0);
      const when = since === scheduledAt ? 'new' : 'still';
      const { reason, remediation, rule, controls } = finding;
      const more = { reason, ...(remediation !== undefined && { remediation }) };
      const notAfter = rule === EXPIRY ? earliest(proof, Date.parse(startedAt) / 1000) : undefined;
      if (notAfter !== undefined) {
        const list = certificates[when];
        list.total += 1;
        list.items.push({ node, notAfter, ...more });
        if (list.items.length >= 2 * KEPT) list.items = earliestOf(list).items;
      } else failures[when].add({ node, rule, ...titled(rule), ...more, controls, since, ...(cause && { cause }) });
    },

    fix(node: NodeLine['node'], rule: string): void {
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

function add<T>(list: Listed<T>, item: T): void {
  list.total += 1;
  if (list.items.length < KEPT) list.items.push(item);
}

/** Those that run out first, whichever came first. */
function earliestOf({ items, total }: Listed<ExpiringCertificate>): Listed<ExpiringCertificate> {
  return { items: items.toSorted((a, b) => (a.notAfter < b.notAfter ? -1 : 1)).slice(0, KEPT), total };
}

/** The date on which the first of the client certificates that a node's kubelets present at `now`, in seconds, runs out. */
function earliest(proof: EvidenceLine | undefined, now: number): string | undefined {
  if (!proof || !('evidence' in proof)) return undefined;
  const dates = proof.evidence.kubelets.flatMap((process) => {
    const configuration = derive(process);
    const certificate = configuration.starts === true ? clientCertificate(process, configuration, now) : undefined;
    return certificate && Number.isFinite(new Date(certificate.notAfter * 1000).getTime())
      ? [certificate.notAfter]
      : [];
  });
  return dates.length > 0 ? new Date(Math.min(...dates) * 1000).toISOString() : undefined;
}

function expiredWaivers(summary: Summary, { waivers }: Told, before: Summary | undefined): Changes<ExpiredWaiver> {
  const changes: Changes<ExpiredWaiver> = { new: { items: [], total: 0 }, still: { items: [], total: 0 } };
  for (const waiver of reviewWaivers(waivers, secondsOf(summary.startedAt)).expired) {
    const { rule, nodes, reason, owner, until } = waiver;
    const known = before !== undefined && expired(waiver, secondsOf(before.startedAt));
    add(changes[known ? 'still' : 'new'], { rule, nodes: inWords(nodes), reason, owner, until });
  }
  return changes;
}

/** `cluster staging-*, tag Team data or ml-*`. */
function inWords({ id, cluster, tag = {} }: Waiver['nodes']): string {
  const tags = Object.entries(tag).map(([key, patterns]) => [`tag ${key}`, patterns] as const);
  return [['id', id] as const, ['cluster', cluster] as const, ...tags]
    .flatMap(([what, patterns]) => (patterns ? [`${what} ${patterns.join(' or ')}`] : []))
    .join(', ');
}

function errorsOf({ comparison, startedAt }: Summary, { settings, waivers }: Told): AlertInput['errors'] {
  const texts = unknownWaivers(reviewWaivers(waivers, secondsOf(startedAt)), settings.waivers);
  if (comparison.problem !== undefined) {
    texts.push(`The previous scan could not be read, so everything counts as new: ${comparison.problem}`);
  }
  if (comparison.gapSeconds !== undefined) {
    texts.push(
      `Scans are missing: the last one was ${Math.round(comparison.gapSeconds / 3600)} hours before this one.`,
    );
  }
  return { items: texts.slice(0, KEPT).map((text) => ({ text })), total: texts.length };
}

/** By partition. Source: AWS General Reference, "AWS Management Console endpoints and quotas"; the partitions' own guides. */
const CONSOLES: Readonly<Record<string, string>> = {
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** Where the report lies, for people (the S3 console) and for programs. */
function reportOf(summary: Summary, { bucket, prefix, formats, topicArn }: ScanSettings): AlertInput['report'] {
  const folder = scanKeys(summary).summary.replace(/summary\.json$/, '');
  const key = `${prefix}${folder}${formats.includes('html') ? 'report.html' : 'summary.json'}`;
  // The topic lives where the scanner does, and so does its bucket.
  const [, partition = '', , region = ''] = topicArn.split(':');
  const console = CONSOLES[partition] ?? 'console.aws.amazon.com';
  const query = new URLSearchParams({ region, prefix: key });
  return {
    url: `https://${region}.${console}/s3/object/${bucket}?${query}`,
    location: `s3://${bucket}/${key}`,
  };
}

async function readSummary(archive: Archive, key: string): Promise<Summary> {
  const bytes = await readBytes(archive, key);
  if (!bytes) throw new ArchiveError(`${archive.location}/${key} is not there.`);
  return parseDocument(bytes, key, SummarySchema);
}

/** An earlier scan that is broken is told without; what may pass is thrown, so that it is tried again. */
function ifBroken(error: unknown): undefined {
  brokenArchive(error);
}
