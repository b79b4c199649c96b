/** What the page adds up while nodes pass by, in bounded memory. Tested by test/formats/html.test.ts. */
import type { Finding, Hazard } from '../../criteria/rule.ts';
import { isHazard, risksOf } from '../../results/at-risk.ts';
import type { NodeChanges } from '../../results/compare.ts';
import { isIdle } from '../../results/coverage.ts';
import type { Entry } from '../../results/entry.ts';
import type { NodeLine } from '../../results/node-line.ts';
import { notJudged } from '../../results/not-judged.ts';
import { isOpen } from '../../results/open.ts';
import { stepsId } from '../../results/steps-id.ts';
import { addLives, type Horizon } from './horizon.ts';
import { addReadiness, emptyReadiness, type Readiness } from './readiness.ts';

/** Nodes that need attention and lost ones that the page lists for readers without scripts. */
const STATIC_NODES = 100;
/** Groups of open findings that are told apart, and the nodes of each that are named: hostile texts may differ on each node. */
const MOST_FIXES = 2_000;
const NAMED_NODES = 100;
/** Causes for which rules were not judged that are told apart. */
const MOST_CAUSES = 200;

/** What one remedy mends on the nodes of one group: the same rule, and the same thing to do. */
export type Fix = {
  rule: string;
  remediation: Finding['remediation'] | undefined;
  cluster: string;
  group: string;
  /** Its open findings put these nodes at risk. */
  hazard?: Hazard;
  /** The first day on which that stops a node, ISO 8601. */
  on?: string;
  /** What the first node's finding says. */
  reason: string;
  nodes: number;
  /** The first of the nodes, and the name of the very first. */
  ids: string[];
  name?: string;
};

export type Sums = {
  /** Nodes that did not answer are silent, those that had nothing to answer idle. */
  clusters: Map<
    string,
    { nodes: number; silent: number; idle: number; openNodes: number; open: number; atRisk: number }
  >;
  openNodes: number;
  atRisk: number;
  fixes: Map<string, Fix>;
  /** Open findings that belong to none of `fixes`, because those were full. */
  otherFixes: number;
  /** What kept rules from being judged, and the causes on nodes that belong to none of them, because they were full. */
  unjudged: Map<string, { rules: number; reason: string; nodes: number; id: string }>;
  otherUnjudged: number;
  /** Nodes without an answer that were at risk when they were last seen. */
  silentAtRisk: number;
  horizon: Horizon;
  readiness: Readiness;
  /** The first nodes that need attention, and how many there are. */
  urgent: NodeLine[];
  urgentCount: number;
  lost: string[];
  /** Clean nodes that the page leaves out. */
  omitted: number;
};

/** Sums of nothing. */
export function emptySums(): Sums {
  return {
    clusters: new Map(),
    openNodes: 0,
    atRisk: 0,
    fixes: new Map(),
    otherFixes: 0,
    unjudged: new Map(),
    otherUnjudged: 0,
    silentAtRisk: 0,
    horizon: new Map(),
    readiness: emptyReadiness(),
    urgent: [],
    urgentCount: 0,
    lost: [],
    omitted: 0,
  };
}

/** Adds one node at `now`, ISO 8601; `keep` gets each that the scan has, and whether there is nothing to tell of it. */
export function addEntry(
  sums: Sums,
  { line, changes }: Entry,
  now: string,
  keep: (line: NodeLine, changes: NodeChanges | undefined, isClean: boolean) => void,
): void {
  if (!line) {
    if (changes.now !== 'terminated' && sums.lost.length < STATIC_NODES) sums.lost.push(changes.node);
    return;
  }
  const open = line.findings.filter(isOpen);
  const isAtRisk = addFixes(sums, line, open);
  addUnjudged(sums, line);
  if (line.coverage === 'unreachable' && Object.keys(changes?.open ?? {}).some(isHazard)) sums.silentAtRisk += 1;
  const name = line.node.cluster ?? '';
  const cluster = sums.clusters.get(name) ?? { nodes: 0, silent: 0, idle: 0, openNodes: 0, open: 0, atRisk: 0 };
  sums.clusters.set(name, cluster);
  cluster.nodes += 1;
  if (line.coverage === 'unreachable') cluster[isIdle(line.reason) ? 'idle' : 'silent'] += 1;
  cluster.open += open.length;
  if (open.length > 0) {
    cluster.openNodes += 1;
    sums.openNodes += 1;
  }
  if (isAtRisk) {
    cluster.atRisk += 1;
    sums.atRisk += 1;
  }
  addLives(sums.horizon, name, line.certificates ?? [], now);
  addReadiness(sums.readiness, line);
  const isUrgent = open.length > 0 || line.coverage === 'unreachable' || line.findings.some(isUnclear);
  if (isUrgent) {
    sums.urgentCount += 1;
    if (sums.urgent.length < STATIC_NODES) sums.urgent.push(line);
  }
  keep(line, changes, !isUrgent && line.findings.every(({ waiver }) => !waiver));
}

/** Adds a node's open findings to what mends them; returns whether one of them puts it at risk. */
function addFixes(sums: Sums, line: NodeLine, open: NodeLine['findings']): boolean {
  const risks = new Map(risksOf(line).map((risk) => [risk.finding, risk]));
  const { id, name, cluster = '', group = '' } = line.node;
  const place = JSON.stringify([cluster, group]);
  for (const finding of open) {
    const { rule, remediation, reason } = finding;
    const key = `${rule}\n${remediation ? stepsId(remediation) : ''}\n${place}`;
    let fix = sums.fixes.get(key);
    if (!fix) {
      if (sums.fixes.size >= MOST_FIXES) {
        sums.otherFixes += 1;
        continue;
      }
      fix = { rule, remediation, cluster, group, reason, nodes: 0, ids: [], ...(name !== undefined && { name }) };
      sums.fixes.set(key, fix);
    }
    fix.nodes += 1;
    if (fix.ids.length < NAMED_NODES) fix.ids.push(id);
    const risk = risks.get(finding);
    if (risk) fix.hazard = risk.hazard;
    if (risk?.on !== undefined && (fix.on === undefined || risk.on < fix.on)) {
      fix.on = risk.on;
      fix.reason = reason;
    }
  }
  return risks.size > 0;
}

/** Adds what kept rules of a node from being judged: one cause counts once, however many rules it concerns. */
function addUnjudged(sums: Sums, { node, findings }: NodeLine): void {
  for (const [reason, list] of notJudged(findings)) {
    const key = JSON.stringify([list.length, reason]);
    const known = sums.unjudged.get(key);
    if (known) known.nodes += 1;
    else if (sums.unjudged.size >= MOST_CAUSES) sums.otherUnjudged += 1;
    else sums.unjudged.set(key, { rules: list.length, reason, nodes: 1, id: node.id });
  }
}

function isUnclear({ status }: NodeLine['findings'][number]): boolean {
  return status === 'error' || status === 'manual';
}
