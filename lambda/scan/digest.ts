/**
 * What of a scan is worth telling, read back from the archive line by line and grouped by cause as it passes: memory grows
 * with the kinds of trouble, and with the ids of nodes that were not judged or are gone. Tested by test/scan/notify.test.ts.
 * Long because every kind of thing that is worth telling is found and grouped in this one walk.
 */

import { hash } from 'node:crypto';
import type {
  AlertInput,
  Failure,
  Failures,
  Fixed,
  Gone,
  Hazards,
  Listed,
  RuleCount,
  Undecided,
  Unreachable,
} from '../alerts/alert.ts';
import { targetKeys } from '../archive/keys.ts';
import { readEvidenceOf, readLost, readNodes } from '../archive/nodes.ts';
import type { Archive } from '../archive/store.ts';
import { isAtLeast, SEVERITIES, type Status } from '../criteria/rule.ts';
import { catalog, type Finding, type Severity } from '../judging/index.ts';
import { onceOf } from '../kubelet/shared.ts';
import { isHazard, type Risk, risksOf } from '../results/at-risk.ts';
import { aboutRule, titleOf } from '../results/catalog.ts';
import { findingId, type NodeChanges, openSince } from '../results/compare.ts';
import { isIdle } from '../results/coverage.ts';
import { isUrgent } from '../results/dates.ts';
import { ArchiveError } from '../results/errors.ts';
import type { NodeIdentity, NodeLine } from '../results/node-line.ts';
import { isOpen } from '../results/open.ts';
import { ascending } from '../results/order.ts';
import { stepsId } from '../results/steps-id.ts';
import type { Summary } from '../results/summary.ts';
import type { Target } from '../settings.ts';

/** Groups kept of each list, and of one rule: more than any message shows. Totals count the others. */
export const KEPT = 200;
const GROUPS_OF_RULE = 50;
/** Nodes of a group, and clusters, that are named. */
const EXAMPLES = 3;
const CLUSTERS = 10;

const titled = (rule: string, status: Status): { title: string; severity: Severity } => {
  const { severity = 'medium' } = aboutRule(catalog, rule) ?? {};
  return { title: titleOf(catalog, rule, status), severity };
};

export type Digest = ReturnType<typeof digest>;

/** Whether something so severe is to be told, or, without a severity, that nothing is known. */
type Takes = (severity?: Severity) => boolean;
const all: Takes = () => true;

/** Digests by topic, with the topic of what is so severe on a node, or of what is not known of it. */
export type Ways = {
  digests: ReadonlyMap<string, Digest>;
  topic(node: NodeIdentity, tags: Readonly<Record<string, string>>, severity?: Severity): string;
  /** Whether the topic depends on the node's tags. */
  needsTags: boolean;
};

/** Adds the nodes of one target; of those that it has `lost` the scan before said who they are. */
export async function readTarget(
  archive: Archive,
  summary: Summary,
  target: Target,
  ways: Ways,
  lost: ReadonlyMap<string, Lost>,
) {
  const keys = targetKeys(summary, target);
  const beside = ways.needsTags ? (['changes', 'evidence'] as const) : (['changes'] as const);
  for await (const { line, changes, evidence } of readNodes(archive, keys, beside)) {
    if (line && !changes)
      throw new ArchiveError(`${archive.location}/${keys.changes} does not tell of ${line.node.id}.`);
    if (line && changes) {
      const node = { ...target, ...line.node };
      const topics = topicsBySeverity(ways, node, evidence?.tags ?? {});
      for (const topic of new Set(topics.values())) {
        const takes: Takes = (severity) => topics.get(severity) === topic;
        ways.digests.get(topic)?.add({ ...line, node }, changes, takes);
      }
    } else if (changes?.coverage === 'lost') {
      const { account, region } = target;
      const { node, tags } = lost.get(changes.node) ?? { node: { id: changes.node, account, region }, tags: {} };
      ways.digests.get(ways.topic(node, tags))?.addGone(node, changes);
    }
  }
}

/** The topics of a node by severity, and under `undefined` that of what is not known of it. */
function topicsBySeverity(ways: Ways, node: NodeIdentity, tags: Readonly<Record<string, string>>) {
  return new Map([undefined, ...SEVERITIES].map((severity) => [severity, ways.topic(node, tags, severity)] as const));
}

/** A node of the scan before that this one does not have. */
type Lost = { node: NodeIdentity; tags: Readonly<Record<string, string>> };

/** Who the nodes are that a target has lost since the scan before: the lines of this one say no more than their ids. */
export async function readLostNodes(
  archive: Archive,
  summary: Summary,
  before: Summary | undefined,
  target: Target,
): Promise<Map<string, Lost>> {
  const lost = new Map<string, Lost>();
  const same = ({ account, region }: Target) => account === target.account && region === target.region;
  const then = before?.targets.find(same);
  if (!before || !then || then.error !== undefined || summary.comparison.nodes.lost === 0) return lost;
  const gone = new Set<string>();
  for await (const { node } of readLost(archive, targetKeys(summary, target))) gone.add(node);
  for await (const { node, tags } of readEvidenceOf(archive, targetKeys(before, target), gone))
    lost.set(node.id, { node, tags });
  return lost;
}

/** Lists that grow as the lines of a scan are read. Failures less severe than `minimum` are counted only. */
export function digest({ startedAt, scheduledAt }: Summary, minimum: Severity) {
  const failures = { new: failureList(), still: failureList() };
  const hazards = { new: failureList(), still: failureList() };
  const ends = { new: { stopped: 0, urgent: 0 }, still: { stopped: 0, urgent: 0 } };
  const fixed = groupList<Fixed>();
  const unreachable = { new: groupList<Unreachable>(), still: groupList<Unreachable>() };
  const undecided = { new: groupList<Undecided>(), still: groupList<Undecided>() };
  const gone = groupList<Gone>();
  const terminated = { nodes: 0, failures: 0 };
  const clusters = new Set<string>();
  const seen = new Map<string, { nodes: number; evaluated: number; idle: number }>();
  const print = Buffer.alloc(16);
  let below = 0;

  /** Adds an open finding, to what is told as well unless it is only counted, and answers with whether it is new. */
  function addOpen(
    node: NodeIdentity,
    finding: Finding,
    changes: NodeChanges,
    risk: Risk | undefined,
    takes: Takes,
    told: string[],
  ): 'new' | 'still' | undefined {
    const { rule, reason, remediation, controls } = finding;
    const change = changes.changes.find((one) => one.rule === rule && one.change === 'new');
    const when = change ? 'new' : 'still';
    const { title, severity } = titled(rule, 'fail');
    if (!takes(severity)) return undefined;
    if (!risk && !isAtLeast(severity, minimum)) {
      if (when === 'new') below += 1;
      return when;
    }
    told.push(rule);
    const since = openSince(changes.open, rule);
    (risk ? hazards : failures)[when].add(node, {
      ...{ rule, title, severity, reason },
      ...(remediation !== undefined && { remediation }),
      controls: namesOf(controls),
      ...(since !== undefined && { since }),
      ...(risk?.on !== undefined && { on: risk.on }),
      ...(change?.cause && { cause: change.cause }),
    });
    return when;
  }

  /** Adds a node's open findings to what is the same for the same set of them, whatever their order. */
  function addPrint(node: NodeIdentity, rules: string[]): void {
    const id = hash('sha256', findingId(node, rules.sort().join(' ')), 'buffer');
    for (let index = 0; index < print.length; index += 1) print[index] = (print[index] ?? 0) ^ (id[index] ?? 0);
  }

  return {
    /** How many of the nodes of a place were added. */
    seenIn: ({ account, region }: Target) =>
      seen.get(JSON.stringify([account, region])) ?? { nodes: 0, evaluated: 0, idle: 0 },

    /** How many were added. */
    seen: () => [...seen.values()].reduce((sum, { nodes }) => sum + nodes, 0),

    /** Adds a node with what changed on it. Only what is taken is told. */
    add(line: NodeLine, changes: NodeChanges, takes: Takes = all): void {
      const { node, coverage, findings, reason = 'bad-answer', detail } = line;
      if (node.cluster !== undefined && clusters.size < CLUSTERS) clusters.add(node.cluster);
      const place = JSON.stringify([node.account, node.region]);
      const counts = seen.get(place) ?? { nodes: 0, evaluated: 0, idle: 0 };
      seen.set(place, counts);
      counts.nodes += 1;
      if (coverage === 'evaluated') counts.evaluated += 1;
      else if (isIdle(reason)) counts.idle += 1;
      if (coverage === 'unreachable' && takes()) {
        const list = unreachable[changes.before === 'unreachable' ? 'still' : 'new'];
        const group = list.add(reason, node, { reason, ...(detail !== undefined && { detail }) });
        // Silence mends nothing: what would have stopped it still will.
        if (Object.keys(changes.open).some(isHazard)) group.atRisk = (group.atRisk ?? 0) + 1;
      }
      const risks = new Map(risksOf(line).map((risk) => [risk.finding, risk]));
      let end: { left: 'stopped' | 'urgent'; when: 'new' | 'still' } | undefined;
      const told: string[] = [];
      for (const finding of findings) {
        if (!isOpen(finding)) continue;
        const risk = risks.get(finding);
        const when = addOpen(node, finding, changes, risk, takes, told);
        if (when === undefined || risk?.on === undefined || !isUrgent(startedAt, risk.on)) continue;
        const left = Date.parse(risk.on) < Date.parse(startedAt) ? 'stopped' : 'urgent';
        if (end?.left !== 'stopped') end = { left, when };
      }
      if (told.length > 0) addPrint(node, told);
      if (end) ends[end.when][end.left] += 1;
      const errors = findings.filter(({ status }) => status === 'error');
      const [first] = errors;
      // Of a kubelet that would not start, the hazard tells why nothing else is judged.
      const isTold = [...risks.values()].some(({ hazard }) => hazard === 'next-start');
      if (first && !isTold && takes()) {
        const list = undecided[changes.undecided?.since === scheduledAt ? 'new' : 'still'];
        list.add(first.reason, node, { verdicts: errors.length, reason: first.reason });
      }
      for (const { rule, change } of changes.changes) {
        const about = titled(rule, 'pass');
        if (change === 'fixed' && takes(about.severity)) fixed.add(rule, node, { rule, ...about });
      }
    },

    /** Adds a node that the inventory no longer has. */
    addGone(node: NodeIdentity, { changes, now }: NodeChanges): void {
      const failures = changes.filter(({ change }) => change === 'lost').length;
      if (now === 'terminated') {
        terminated.nodes += 1;
        terminated.failures += failures;
      } else gone.add(now ?? '', node, { ...(now !== undefined && { state: now }), failures: 0 }).failures += failures;
    },

    /** What was added, as the alert has it. */
    told: (): Pick<
      AlertInput,
      'clusters' | 'hazards' | 'failures' | 'unreachable' | 'undecided' | 'gone' | 'terminated'
    > => {
      const hazardsOf = (when: 'new' | 'still'): Hazards => ({ ...hazards[when].list(byEnd), ...ends[when] });
      return {
        clusters: [...clusters],
        hazards: { new: hazardsOf('new'), still: hazardsOf('still') },
        failures: {
          new: failures.new.list(bySeverity),
          still: failures.still.list(bySeverity),
          fixed: fixed.list(),
          ...(below > 0 && { below }),
          fingerprint: print.toString('hex'),
        },
        unreachable: { new: unreachable.new.list(), still: unreachable.still.list() },
        undecided: { new: undecided.new.list(), still: undecided.still.list() },
        gone: gone.list(),
        ...(terminated.nodes > 0 && { terminated }),
      };
    },
  };
}

type Alike = { cluster?: string; nodes: number; examples: NodeIdentity[] };

/** Groups by a cause and the cluster; counts all, keeps so many groups. */
function groupList<Group extends Alike>() {
  const groups = new Map<string, Group>();
  let total = 0;
  return {
    /** Adds a node; answers with its group, or with one that is told nowhere where there is no room for more. */
    add(cause: string, node: NodeIdentity, what: Omit<Group, keyof Alike>): Group {
      total += 1;
      const key = `${node.cluster ?? ''}\n${cause}`;
      const group = groups.get(key) ?? begin<Group>(node, what);
      if (groups.size < KEPT) groups.set(key, group);
      count(group, node);
      return group;
    },
    list: (): Listed<Group> => ({ items: [...groups.values()].sort((a, b) => b.nodes - a.nodes), total }),
  };
}

function begin<Group extends Alike>({ cluster }: NodeIdentity, what: Omit<Group, keyof Alike>): Group {
  return { ...(cluster !== undefined && { cluster }), nodes: 0, examples: [], ...what } as Alike as Group;
}

function count(group: Alike, node: NodeIdentity): void {
  group.nodes += 1;
  if (group.examples.length < EXAMPLES) group.examples.push(node);
}

const namesOf = onceOf((controls: Finding['controls']) =>
  controls.map(({ benchmark, control }) => ({ benchmark, control })),
);

/** Failures by rule, cluster and remedy; of one rule only so many groups, so that one rule does not hide the others. */
function failureList() {
  const byRule = new Map<string, RuleCount & { groups: Map<string, Failure> }>();
  let [total, nodes] = [0, 0];
  let last: NodeIdentity | undefined;
  return {
    add(node: NodeIdentity, failure: Omit<Failure, keyof Alike>): void {
      const { rule, title, severity, remediation = [], since, on, cause } = failure;
      const counted = byRule.get(rule) ?? { rule, title, severity, nodes: 0, groups: new Map<string, Failure>() };
      byRule.set(rule, counted);
      counted.nodes += 1;
      total += 1;
      // The findings of a node come one after the other.
      if (node !== last) nodes += 1;
      last = node;
      if (since !== undefined && (counted.oldest === undefined || since < counted.oldest)) counted.oldest = since;
      // What a new account or region brings is not mixed with what is new on known nodes.
      const key = `${node.cluster ?? ''}\n${cause === 'new-target'}\n${stepsId(remediation)}`;
      const group = counted.groups.get(key) ?? begin<Failure>(node, failure);
      if (counted.groups.size < GROUPS_OF_RULE) counted.groups.set(key, group);
      count(group, node);
      if (since !== undefined && (group.since === undefined || since < group.since)) group.since = since;
      if (on !== undefined && (group.on === undefined || on < group.on)) group.on = on;
      if (group.cause !== cause) delete group.cause;
    },
    list: (order: (a: Failure, b: Failure) => number): Failures => ({
      groups: [...byRule.values()]
        .flatMap(({ groups }) => [...groups.values()])
        .sort(order)
        .slice(0, KEPT),
      total,
      nodes,
      byRule: [...byRule.values()].map(({ groups: _, ...counted }) => counted).sort(bySeverity),
    }),
  };
}

type Ranked = { severity: Severity; nodes: number; on?: string };

function bySeverity(a: Ranked, b: Ranked): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.nodes - a.nodes;
}

/** The first to stop first; the next start of a kubelet may come at any time. */
function byEnd(a: Ranked, b: Ranked): number {
  return ascending(a.on ?? '', b.on ?? '') || bySeverity(a, b);
}
