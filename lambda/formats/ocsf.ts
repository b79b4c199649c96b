/**
 * `ocsf.ndjson.gz`: an OCSF Compliance Finding a line, for security lakes and SIEMs.
 *
 * An event a node and rule, also for what ended: whoever keeps the last event of each `finding_info.uid` has what is open, but for
 * targets that left (`left` of the summary), of which this scan, from which alone the file is made again, knows no findings.
 * Created is what was not open (or accepted) the scan before and is now, closed what was and is not, by lambda/results/compare.ts.
 *
 * Source: ocsf/ocsf-schema 1.3.0, events/findings/compliance_finding.json (uid 3 in category 2, so class 2003),
 * finding.json (activity 1 Create, 2 Update, 3 Close, 99 Other; status 1 New, 3 Suppressed, 4 Resolved, 99 Other), objects/compliance.json
 * (status 1 Pass, 2 Warning "did not yield a result due to missing information", 3 Fail). Times are milliseconds.
 * Long because each kind of event is written out.
 */

import type { Finding, Severity } from '../criteria/rule.ts';
import { onceOf } from '../kubelet/shared.ts';
import { isHybrid } from '../platforms/signs.ts';
import { inOneLine } from '../platforms/step.ts';
import { aboutRule, type Catalog, titleOf } from '../results/catalog.ts';
import { findingId, type NodeChanges } from '../results/compare.ts';
import type { Entry } from '../results/entry.ts';
import { lifeOf } from '../results/life.ts';
import type { NodeIdentity, NodeLine } from '../results/node-line.ts';
import { worstByRule } from '../results/worst.ts';
import type { Target } from '../settings.ts';
import { texts } from './asff.ts';
import type { Format, Head } from './format.ts';
import { bytesOf } from './text.ts';

const CATEGORY_UID = 2;
const CLASS_UID = 2003;

/** `report` tells of what neither is open nor was. */
const ACTIVITIES = {
  create: [1, 'Create'],
  update: [2, 'Update'],
  close: [3, 'Close'],
  report: [99, 'Report'],
} as const;
type Activity = keyof typeof ACTIVITIES;
const LIVES = { begins: 'create', lasts: 'update', ends: 'close', none: 'report' } as const;
const STATES = {
  new: [1, 'New'],
  suppressed: [3, 'Suppressed'],
  resolved: [4, 'Resolved'],
  inOrder: [99, 'In order'],
} as const;
const SEVERITY_IDS: Record<Severity, readonly [number, string]> = {
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
};
const RESULTS: Record<Finding['status'], readonly [number, string]> = {
  pass: [1, 'Pass'],
  fail: [3, 'Fail'],
  manual: [2, 'Warning'],
  error: [2, 'Warning'],
  'not-applicable': [99, 'Not applicable'],
};

/** The rule's place where nothing is known of a node, or of a whole account and region. */
const COVERAGE = 'coverage';

/** A line per node and rule; a node that did not answer is a finding without a result, never a pass. */
export const ocsf: Format = {
  file: 'ocsf.ndjson.gz',
  contentType: 'application/gzip',
  gzip: true,
  open: (head) => {
    const eventText = eventTexts(head);
    return {
      begin: () => '',
      entry: (entry) => {
        const { line, changes } = entry;
        if (line?.coverage !== 'evaluated') return written(eventsOf(entry, head));
        const node = inner(resourceOf(line.node, line.kubelet?.version));
        const judged = [...worstByRule(line.findings).values()].map((each) => eventText(line, each, changes, node));
        return Buffer.from(judged.join('') + bytesOf(written(eventsOf(entry, head))), 'latin1');
      },
      end: () => [written(targetEvents(head))],
    };
  },
};

function written(events: readonly object[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

/** The events of a node but those of its findings. */
function eventsOf(entry: Entry, head: Head): object[] {
  const { line, changes } = entry;
  if (!line) return lostEvents(entry.target, changes, head);
  if (line.coverage === 'unreachable')
    return [unreachableEvent(line, changes, head), ...returnedEvents(line, changes, head)];
  const events: object[] = [];
  for (const { rule, change, since } of changes?.changes ?? []) {
    if ((change !== 'dropped' && change !== 'resolved') || line.findings.some((each) => each.rule === rule)) continue;
    events.push(
      endedEvent({ node: line.node, rule, since, text: 'The rule is no longer applied to this node.' }, head),
    );
  }
  if (line.findings.length === 0) events.push(...returnedEvents(line, changes, head));
  if (changes?.before === 'unreachable')
    events.push(
      endedEvent({ node: line.node, rule: COVERAGE, ...silentSince(changes), text: 'The node answers again.' }, head),
    );
  return events;
}

/** The members of an object as bytes of JSON, without its braces. */
function inner(members: object): string {
  return bytesOf(JSON.stringify(members).slice(1, -1));
}

/** Writes the event of a finding, as bytes; of a finding that many nodes share, what follows from it alone is written once. */
function eventTexts(head: Head) {
  const { catalog, summary } = head;
  const partsOf = onceOf((finding: Finding) => eventParts(finding, catalog));
  const [bases, states] = [new Map<Activity, string>(), new Map<keyof typeof STATES, string>()];
  for (const activity of Object.values(LIVES)) bases.set(activity, inner(base(activity, head)));
  for (const state of Object.keys(STATES) as (keyof typeof STATES)[]) states.set(state, inner(stateOf(state)));
  const lastSeen = JSON.stringify(Date.parse(summary.startedAt));
  return (line: NodeLine, finding: Finding, changes: NodeChanges | undefined, node: string): string => {
    const { severity, message, title, compliance, rest, closed } = partsOf(finding);
    const { life, since } = lifeOf(changes, finding.rule, summary.scheduledAt);
    const activity: Activity = LIVES[life];
    const state = finding.waiver ? 'suppressed' : activity === 'close' ? 'resolved' : closed ? 'inOrder' : 'new';
    const uid = bytesOf(JSON.stringify(findingId(line.node, finding.rule)));
    const first = since === undefined ? '' : `,"first_seen_time":${JSON.stringify(Date.parse(since))}`;
    const info = `"finding_info":{"uid":${uid},${title}${first},"last_seen_time":${lastSeen}}`;
    return `{${bases.get(activity)},${severity},${states.get(state)},${message},${info},${compliance},${node},${rest}}\n`;
  };
}

/** What an event says that follows from the finding alone: members in the order of the event, as bytes. */
function eventParts(finding: Finding, catalog: Catalog) {
  const { rule, status, reason, controls, remediation, waiver, audit, advisories } = finding;
  const about = aboutRule(catalog, rule);
  const [statusId, result] = RESULTS[status];
  return {
    closed: status === 'pass' || status === 'not-applicable',
    severity: inner(severityOf(about, finding)),
    message: inner({ message: reason }),
    title: inner({
      title: titleOf(catalog, rule, status),
      desc: reason,
      analytic: { uid: rule, name: rule, type: 'Rule', type_id: 1 },
    }),
    compliance: inner({
      compliance: {
        standards: standardsOf(controls.map(({ benchmark }) => benchmark)),
        control: controls[0]?.control ?? rule,
        requirements: [
          ...controls.map(({ benchmark, control }) => `${benchmark}/${control}`),
          ...(about?.requirements ?? []),
        ],
        status_id: statusId,
        status: result,
        status_code: status,
        status_detail: reason,
      },
    }),
    rest: inner({
      ...(remediation !== undefined && {
        remediation: { desc: inOneLine(remediation), ...(about && { references: about.references }) },
      }),
      ...(waiver && { comment: `${waiver.reason} (${waiver.owner}, until ${waiver.until})` }),
      unmapped: { ...(audit !== undefined && { audit }), advisories },
    }),
  };
}

function unreachableEvent(line: NodeLine, changes: NodeChanges | undefined, head: Head): object {
  const detail = line.detail ?? `The node did not answer: ${line.reason}.`;
  return {
    ...coverageEvent(
      changes?.before === 'unreachable' ? 'update' : 'create',
      detail,
      line.reason ?? 'unreachable',
      head,
    ),
    finding_info: {
      uid: findingId(line.node, COVERAGE),
      title: 'The node could not be evaluated',
      desc: detail,
      ...(changes?.silence && { first_seen_time: Date.parse(changes.silence.since) }),
      last_seen_time: Date.parse(head.summary.startedAt),
    },
    ...resourceOf(line.node),
  };
}

/** What was open on a node that the inventory had lost, and that is back without a word. */
function returnedEvents({ node }: NodeLine, changes: NodeChanges | undefined, head: Head): object[] {
  if (!changes || changes.before !== undefined) return [];
  const text = 'The node is back in the inventory, and nothing is known of it since this was open.';
  return Object.keys({ ...changes.open, ...changes.accepted }).map((rule) => {
    const { since } = lifeOf(changes, rule, head.summary.scheduledAt);
    return {
      ...coverageEvent('create', text, 'unconfirmed', head),
      finding_info: {
        uid: findingId(node, rule),
        title: titleOf(head.catalog, rule, 'fail'),
        desc: text,
        ...(since !== undefined && { first_seen_time: Date.parse(since) }),
        last_seen_time: Date.parse(head.summary.startedAt),
      },
      ...resourceOf(node),
    };
  });
}

/** What events have in common that say that nothing is known. */
function coverageEvent(activity: Activity, detail: string, code: string, head: Head): object {
  return {
    ...base(activity, head),
    severity_id: 0,
    severity: 'Unknown',
    ...stateOf('new'),
    message: detail,
    compliance: {
      standards: standardsOf(head.summary.benchmarks),
      control: COVERAGE,
      requirements: [],
      status_id: 2,
      status: 'Warning',
      status_code: code,
      status_detail: detail,
    },
  };
}

/** The end of a finding that no line tells of any more. */
function endedEvent(
  { node, rule, since, text }: { node: NodeIdentity; rule: string; since?: string; text: string },
  head: Head,
): object {
  const title = rule === COVERAGE ? 'The node could not be evaluated' : titleOf(head.catalog, rule);
  return {
    ...base('close', head),
    severity_id: 1,
    severity: 'Informational',
    ...stateOf('resolved'),
    message: text,
    finding_info: {
      uid: findingId(node, rule),
      title,
      desc: text,
      ...(since !== undefined && { first_seen_time: Date.parse(since) }),
      last_seen_time: Date.parse(head.summary.startedAt),
    },
    compliance: {
      standards: standardsOf(head.summary.benchmarks),
      control: rule,
      requirements: [],
      status_id: 99,
      status: 'Not applicable',
      status_code: 'ended',
      status_detail: text,
    },
    ...resourceOf(node),
  };
}

function silentSince({ silence }: NodeChanges): { since?: string } {
  return silence ? { since: silence.since } : {};
}

/** A node that the inventory no longer has: that repairs nothing, but nothing of it is open any more. */
function lostEvents(target: Target, lost: NodeChanges, head: Head): object[] {
  const { node: id, before, changes, last } = lost;
  const node = { id, ...target };
  const text = 'The inventory no longer has this node; what was open on it was not repaired.';
  const ended = [
    ...changes.map(({ rule, since }) => ({ rule, since })),
    ...Object.entries(last?.accepted ?? {}).map(([rule, { since }]) => ({ rule, since })),
    ...(before === 'unreachable' ? [{ rule: COVERAGE, ...silentSince(lost) }] : []),
  ];
  return ended.map((each) => endedEvent({ node, text, ...each }, head));
}

/** Accounts and regions that could not be scanned at all, and those that could not the scan before, also where they left. */
function targetEvents(head: Head): object[] {
  const { scheduledAt, startedAt, targets, left = [], regrouped = [] } = head.summary;
  const told: (Target & { error?: string; notAssessedSince?: string; text: string })[] = [
    ...targets.map((target) => ({ ...target, text: texts.assessed })),
    ...left.map((target) => ({ ...target, text: texts.left })),
    ...regrouped.map((target) => ({ ...target, text: texts.regrouped })),
  ];
  return told.flatMap(({ account, region, error, notAssessedSince: since, text }) => {
    if (since === undefined && error === undefined) return [];
    const detail = error ?? text;
    const activity = error === undefined ? 'close' : since === scheduledAt ? 'create' : 'update';
    return [
      {
        ...coverageEvent(activity, detail, error === undefined ? 'assessed' : 'not-assessed', head),
        ...(error === undefined && stateOf('resolved')),
        finding_info: {
          uid: `${account}/${region}/${COVERAGE}`,
          title: 'Nothing is known of the nodes of an account and region',
          desc: detail,
          ...(since !== undefined && { first_seen_time: Date.parse(since) }),
          last_seen_time: Date.parse(startedAt),
        },
        cloud: cloudOf({ account, region }),
        resources: [{ uid: account, type: 'AWS::::Account', region }],
      },
    ];
  });
}

function base(activity: Activity, { summary }: Head): object {
  const [id, name] = ACTIVITIES[activity];
  return {
    activity_id: id,
    activity_name: name,
    category_uid: CATEGORY_UID,
    category_name: 'Findings',
    class_uid: CLASS_UID,
    class_name: 'Compliance Finding',
    type_uid: CLASS_UID * 100 + id,
    type_name: `Compliance Finding: ${name}`,
    time: Date.parse(summary.startedAt),
    metadata: {
      version: '1.3.0',
      profiles: ['cloud'],
      product: { name: 'kubevigil', vendor_name: 'kubevigil', version: summary.tool.version },
      correlation_uid: summary.scanId,
    },
  };
}

function stateOf(state: keyof typeof STATES): object {
  const [id, name] = STATES[state];
  return { status_id: id, status: name };
}

/** Only what needs somebody's attention has the rule's severity. */
function severityOf(about: Catalog[string] | undefined, finding: Finding): object {
  if (finding.status === 'pass' || finding.status === 'not-applicable') {
    return { severity_id: 1, severity: 'Informational' };
  }
  const [id, name] = about ? SEVERITY_IDS[about.severity] : [0, 'Unknown'];
  return { severity_id: id, severity: name };
}

/** The schema requires a standard; a rule of our own answers none but our own. */
function standardsOf(benchmarks: readonly string[]): string[] {
  return benchmarks.length === 0 ? ['kubevigil'] : [...new Set(benchmarks)];
}

function resourceOf(node: NodeIdentity, version?: string): object {
  return {
    cloud: cloudOf(node),
    resources: [
      {
        uid: node.id,
        type: isHybrid(node.id) ? 'AWS::SSM::ManagedInstanceInventory' : 'AWS::EC2::Instance',
        ...(node.name !== undefined && { name: node.name }),
        ...(node.region !== undefined && { region: node.region }),
        ...(node.cluster !== undefined && { group: { name: node.cluster } }),
        ...(version !== undefined && { version }),
      },
    ],
  };
}

function cloudOf({ account, region }: { account?: string; region?: string }): object {
  return {
    provider: 'AWS',
    ...(region !== undefined && { region }),
    ...(account !== undefined && { account: { uid: account, type: 'AWS Account', type_id: 10 } }),
  };
}
