/** Accepted findings: which waiver covers which finding, and which waivers are expired, name no rule or cover nothing. */

import type { Finding } from '../criteria/rule.ts';
import { resolveRule } from './names.ts';

/** A pattern in which `*` stands for any text and `?` for one character. */
type Pattern = string;

/** One entry of the waivers file. */
export type Waiver = {
  /** A rule's name or a control: `rotate-client-certificates`, `cis-kubernetes-1.5.1/4.2.11`. */
  rule: string;
  /** All that are given must match; of several patterns one must. */
  nodes: { id?: Pattern[]; cluster?: Pattern[]; tag?: Record<string, Pattern[]> };
  reason: string;
  /** Who answers for it. */
  owner: string;
  /** `2026-12-31`: the last day, in UTC, on which it holds. */
  until: string;
  /** Line of the waivers file. */
  line: number;
};

/** What waivers can tell nodes apart by. */
export type WaiverTarget = { id: string; cluster?: string | undefined; tags: Readonly<Record<string, string>> };

/** What a waiver names in a rule's place, where the nodes of a group differ on purpose. */
export const OUTLIERS = 'outliers';

const DAY_SECONDS = 86_400;

/** Waivers accept what a person could fix or judge; a pass needs none, and an error must never look accepted. */
const WAIVABLE: ReadonlySet<Finding['status']> = new Set(['fail', 'manual']);

/** True from the first second (UTC) after the waiver's last day; `now` in seconds since the epoch. */
export function expired(waiver: Waiver, now: number): boolean {
  return now >= Date.parse(`${waiver.until}T00:00:00Z`) / 1000 + DAY_SECONDS;
}

/** The finding with the first waiver that covers it, or the finding itself. */
export function waive(finding: Finding, waivers: readonly Waiver[], node: WaiverTarget, now: number): Finding {
  const waiver = waivers.find((candidate) => covers(candidate, finding, node, now));
  if (!waiver) return finding;
  return { ...finding, waiver: { reason: waiver.reason, owner: waiver.owner, until: waiver.until } };
}

/** Positions in `waivers` of those that cover a finding of this node; to be joined over a scan's nodes. */
export function usedWaivers(
  waivers: readonly Waiver[],
  node: WaiverTarget,
  findings: readonly Finding[],
  now: number,
): number[] {
  return waivers.flatMap((waiver, position) =>
    findings.some((finding) => covers(waiver, finding, node, now)) || acceptsOutlier(waiver, node, now)
      ? [position]
      : [],
  );
}

/** The first waiver by which this node may differ from those of its group; `now` in seconds since the epoch. */
export function outlierWaiver(waivers: readonly Waiver[], node: WaiverTarget, now: number): Waiver | undefined {
  return waivers.find((waiver) => acceptsOutlier(waiver, node, now));
}

function acceptsOutlier(waiver: Waiver, node: WaiverTarget, now: number): boolean {
  return waiver.rule === OUTLIERS && !expired(waiver, now) && matches(waiver.nodes, node);
}

export type WaiverReview = {
  expired: Waiver[];
  unknown: { waiver: Waiver; problem: string }[];
  /** Those that may accept a finding, at their positions. */
  valid: Map<number, Waiver>;
};

/** Which waivers accept nothing, because their rule is unknown or they have expired at `now` (seconds since the epoch). */
export function reviewWaivers(waivers: readonly Waiver[], now: number): WaiverReview {
  const review: WaiverReview = { expired: [], unknown: [], valid: new Map() };
  for (const [position, waiver] of waivers.entries()) {
    const meaning = resolveRule(waiver.rule);
    if (waiver.rule !== OUTLIERS && 'problem' in meaning) review.unknown.push({ waiver, problem: meaning.problem });
    else if (expired(waiver, now)) review.expired.push(waiver);
    else review.valid.set(position, waiver);
  }
  return review;
}

function covers(waiver: Waiver, finding: Finding, node: WaiverTarget, now: number): boolean {
  return (
    WAIVABLE.has(finding.status) &&
    !expired(waiver, now) &&
    ruleOf(waiver) === finding.rule &&
    matches(waiver.nodes, node)
  );
}

/** The rule that a waiver names, looked up once: waivers are asked about every finding of every node. */
const resolved = new WeakMap<Waiver, string | undefined>();

function ruleOf(waiver: Waiver): string | undefined {
  if (!resolved.has(waiver)) {
    const meaning = resolveRule(waiver.rule);
    resolved.set(waiver, 'rule' in meaning ? meaning.rule.name : undefined);
  }
  return resolved.get(waiver);
}

function matches({ id, cluster, tag }: Waiver['nodes'], node: WaiverTarget): boolean {
  return (
    one(id, node.id) &&
    one(cluster, node.cluster) &&
    Object.entries(tag ?? {}).every(([key, patterns]) =>
      one(patterns, Object.hasOwn(node.tags, key) ? node.tags[key] : undefined),
    )
  );
}

function one(patterns: Pattern[] | undefined, value: string | undefined): boolean {
  return patterns === undefined || (value !== undefined && patterns.some((pattern) => like(pattern, value)));
}

/** Wildcard match in linear memory and without backtracking over more than the last `*`. */
export function like(pattern: string, value: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let resume = 0;
  while (at < value.length) {
    if (from < pattern.length && pattern[from] === '*') {
      star = from++;
      resume = at;
    } else if (from < pattern.length && (pattern[from] === '?' || pattern[from] === value[at])) {
      from++;
      at++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern[from] === '*') from++;
  return from === pattern.length;
}
