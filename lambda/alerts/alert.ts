/**
 * What an alert is made of, and when one is worth sending. Plain data: the scan fills it, nothing here looks it up.
 * Tested by test/alerts/message.test.ts.
 */

import type { Severity } from '../criteria/rule.ts';
import type { Change } from '../results/compare.ts';
import { daysBetween } from './text.ts';

/** The first items, most important first, and how many there are in all. */
export type Listed<T> = { items: T[]; total: number };

/** What this scan saw for the first time, and what the previous one saw too. */
export type Changes<T> = { new: Listed<T>; still: Listed<T> };

/** The node as EC2 knows it; the fields of a report line's `node`. */
export type AlertNode = {
  id: string;
  account?: string;
  region?: string;
  cluster?: string;
  name?: string;
  privateDnsName?: string;
};

export type Failure = {
  node: AlertNode;
  rule: string;
  title: string;
  severity: Severity;
  /** One sentence with the value and where it came from. */
  reason: string;
  remediation?: string;
  controls: { benchmark: string; control: string }[];
  /** ISO 8601: the scan that saw it first. */
  since?: string;
  /** Why it is new although nothing on the node need have changed. */
  cause?: Change['cause'];
};

/** How many nodes fail one rule: complete, also where the items beside it are cut. */
export type RuleCount = {
  rule: string;
  title: string;
  severity: Severity;
  nodes: number;
  /** ISO 8601: when the oldest of these failures was first seen. */
  oldest?: string;
};

/** Failing findings; where items are cut, some of each rule are worth more than many of one. */
export type Failures = Listed<Failure> & {
  /** The most severe first, then that of the most nodes. */
  byRule: RuleCount[];
};

export type Unreachable = {
  node: AlertNode;
  /** One of the coverage reasons: `not-managed`, `connection-lost`, … */
  reason: string;
  detail?: string;
};

/** A node with verdicts that are `error`: something about it could not be understood. */
export type Undecided = {
  node: AlertNode;
  /** How many verdicts. */
  findings: number;
  /** The first one's sentence. */
  reason: string;
};

export type ExpiringCertificate = {
  node: AlertNode;
  /** ISO 8601. */
  notAfter: string;
  reason?: string;
  remediation?: string;
};

export type ExpiredWaiver = {
  /** Rule or control, as the waivers file names it. */
  rule: string;
  /** Which nodes, as the waivers file names them. */
  nodes: string;
  reason: string;
  owner: string;
  /** The last day it held: `2026-11-22`. */
  until: string;
};

/** Something that the scan itself could not do. */
export type ScanError = { text: string };

/** One account × region. */
export type TargetCoverage = {
  account: string;
  region: string;
  nodes: number;
  evaluated: number;
  /** Nodes that the previous scan evaluated here. */
  previouslyEvaluated?: number;
  /** Why nothing at all is known of this target. */
  failed?: string;
};

export type AlertInput = {
  /** Times are ISO 8601. `previous` is absent for the first scan. */
  scan: { id: string; startedAt: string; finishedAt: string; previous?: { id: string; finishedAt: string } };
  /** `url`: where a browser opens the report (https); `location`: the same as `s3://bucket/key`. */
  report: { url?: string; location: string };
  targets: TargetCoverage[];
  failures: {
    new: Failures;
    still: Failures;
    fixed: Listed<Pick<Failure, 'node' | 'rule' | 'title' | 'severity'>>;
    /** The same for equal sets of failing findings: messages about one set share a chat thread. */
    fingerprint?: string;
  };
  unreachable: Changes<Unreachable>;
  undecided: Listed<Undecided>;
  /** Nodes of the previous scan that the inventory no longer has, and how many open failures they had. */
  lost: { nodes: number; failures: number };
  /** Benchmarks that were judged this time and not the previous time, and the other way round. */
  benchmarks: { added: string[]; removed: string[] };
  /** Those that run out first. */
  certificates: Changes<ExpiringCertificate>;
  waivers: Changes<ExpiredWaiver>;
  errors: Listed<ScanError>;
};

/**
 * `changes` (default): something is new, fixed or could not be scanned, a certificate runs out within a week, or it is
 * the first scan. `failures`: anything fails, expires, or could not be scanned or judged, new or not. `always`: every
 * scan. A node that was stopped or terminated while it was scanned is told with the rest, but is nothing to wake anybody
 * for: where clusters scale by themselves it happens every night.
 */
export type AlertPolicy = 'changes' | 'failures' | 'always';

/** In the last week a certificate is told of every night. */
export const URGENT_DAYS = 7;

/** Targets of which nothing is known: they failed, or none of their nodes answered. */
export function lostTargets({ targets }: AlertInput): TargetCoverage[] {
  return targets.filter(({ failed, nodes, evaluated, previouslyEvaluated = 0 }) => {
    return failed !== undefined || (evaluated === 0 && (nodes > 0 || previouslyEvaluated > 0));
  });
}

/** Certificates that have expired or will within a week. */
export function urgentCertificates({ certificates, scan }: AlertInput): ExpiringCertificate[] {
  return [...certificates.new.items, ...certificates.still.items].filter(({ notAfter }) => {
    return daysBetween(scan.startedAt, notAfter) < URGENT_DAYS;
  });
}

/** Certificates that fail since an earlier scan and have more than a week: how many, and those that are known by name. */
export function knownCertificates(input: AlertInput): Listed<ExpiringCertificate> {
  const { items, total } = input.certificates.still;
  const urgent = new Set(urgentCertificates(input));
  const later = items.filter((one) => !urgent.has(one));
  return { items: later, total: total - (items.length - later.length) };
}

/** Whether this scan is to be told under a policy. */
export function isWorthSending(input: AlertInput, policy: AlertPolicy): boolean {
  const { failures, unreachable, undecided, certificates, waivers, errors, scan } = input;
  if (policy === 'always' || lostTargets(input).length > 0 || errors.total > 0) return true;
  if (policy === 'failures') {
    const open = [failures.new, failures.still, certificates.new, certificates.still, undecided];
    return open.some(({ total }) => total > 0) || isMissed(unreachable.new) || isMissed(unreachable.still);
  }
  const changed = [failures.new, failures.fixed, certificates.new, waivers.new];
  if (scan.previous === undefined || isMissed(unreachable.new)) return true;
  return changed.some(({ total }) => total > 0) || urgentCertificates(input).length > 0;
}

/** Whether any of these nodes still runs, as far as is known. */
function isMissed({ items, total }: Listed<Unreachable>): boolean {
  return total > items.length || items.some(({ reason }) => !['gone', 'not-running', 'joined-later'].includes(reason));
}
