/**
 * `ocsf.ndjson.gz`: an OCSF Compliance Finding a line, for security lakes and SIEMs.
 *
 * Source: ocsf/ocsf-schema 1.3.0, events/findings/compliance_finding.json (uid 3 in category 2, so class 2003),
 * finding.json (activity 1 Create, 2 Update, 3 Close; status 1 New, 3 Suppressed, 4 Resolved), objects/compliance.json
 * (status 1 Pass, 2 Warning "did not yield a result due to missing information", 3 Fail). Times are milliseconds.
 */

import type { Finding, Severity } from '../criteria/rule.ts';
import { aboutRule, type Catalog, titleOf } from '../results/catalog.ts';
import { findingId, type NodeChanges, openSince } from '../results/compare.ts';
import type { Entry } from '../results/entry.ts';
import type { NodeIdentity, NodeLine } from '../results/node-line.ts';
import type { Format, Head } from './format.ts';

const CATEGORY_UID = 2;
const CLASS_UID = 2003;

const ACTIVITIES = { create: [1, 'Create'], update: [2, 'Update'], close: [3, 'Close'] } as const;
const STATES = { new: [1, 'New'], suppressed: [3, 'Suppressed'], resolved: [4, 'Resolved'] } as const;
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

/** A line per finding; a node that did not answer is a finding without a result, never a pass. */
export const ocsf: Format = {
  file: 'ocsf.ndjson.gz',
  contentType: 'application/gzip',
  gzip: true,
  open: (head) => ({
    begin: () => '',
    entry: (entry) =>
      eventsOf(entry, head)
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
    end: () => [],
  }),
};

function eventsOf({ line, changes }: Entry, head: Head): object[] {
  if (!line) return [];
  if (line.coverage === 'unreachable') return [unreachableEvent(line, head)];
  return line.findings.map((finding) => eventOf(line, finding, changes, head));
}

function eventOf(line: NodeLine, finding: Finding, changes: NodeChanges | undefined, head: Head): object {
  const { catalog } = head;
  const about = aboutRule(catalog, finding.rule);
  const change = changes?.changes.find(({ rule }) => rule === finding.rule)?.change;
  const since = openSince(changes?.open, finding.rule);
  const closed = finding.status === 'pass' || finding.status === 'not-applicable';
  const [statusId, status] = RESULTS[finding.status];
  return {
    ...base(change === 'new' ? 'create' : closed ? 'close' : 'update', head),
    ...severityOf(about, finding),
    ...stateOf(finding.waiver ? 'suppressed' : closed ? 'resolved' : 'new'),
    message: finding.reason,
    finding_info: {
      uid: findingId(line.node, finding.rule),
      title: titleOf(catalog, finding.rule, finding.status),
      desc: finding.reason,
      analytic: { uid: finding.rule, name: finding.rule, type: 'Rule', type_id: 1 },
      ...(since !== undefined && { first_seen_time: Date.parse(since) }),
      last_seen_time: Date.parse(head.summary.startedAt),
    },
    compliance: {
      standards: standardsOf(finding.controls.map(({ benchmark }) => benchmark)),
      control: finding.controls[0]?.control ?? finding.rule,
      requirements: [
        ...finding.controls.map(({ benchmark, control }) => `${benchmark}/${control}`),
        ...(about?.requirements ?? []),
      ],
      status_id: statusId,
      status,
      status_code: finding.status,
      status_detail: finding.reason,
    },
    ...resourceOf(line.node, line.kubelet?.version),
    ...(finding.remediation !== undefined && {
      remediation: {
        desc: finding.remediation,
        ...(about && { references: about.references }),
      },
    }),
    ...(finding.waiver && {
      comment: `${finding.waiver.reason} (${finding.waiver.owner}, until ${finding.waiver.until})`,
    }),
    unmapped: {
      ...(finding.audit !== undefined && { audit: finding.audit }),
      advisories: finding.advisories,
    },
  };
}

function unreachableEvent(line: NodeLine, head: Head): object {
  const detail = line.detail ?? `The node did not answer: ${line.reason}.`;
  return {
    ...base('update', head),
    severity_id: 0,
    severity: 'Unknown',
    ...stateOf('new'),
    message: detail,
    finding_info: {
      uid: findingId(line.node, 'coverage'),
      title: 'The node could not be evaluated',
      desc: detail,
      last_seen_time: Date.parse(head.summary.startedAt),
    },
    compliance: {
      standards: standardsOf(head.summary.benchmarks),
      control: 'coverage',
      requirements: [],
      status_id: 2,
      status: 'Warning',
      status_code: line.reason ?? 'unreachable',
      status_detail: detail,
    },
    ...resourceOf(line.node),
  };
}

function base(activity: keyof typeof ACTIVITIES, { summary }: Head): object {
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
    cloud: {
      provider: 'AWS',
      ...(node.region !== undefined && { region: node.region }),
      ...(node.account !== undefined && { account: { uid: node.account, type: 'AWS Account', type_id: 10 } }),
    },
    resources: [
      {
        uid: node.id,
        type: 'AWS::EC2::Instance',
        ...(node.name !== undefined && { name: node.name }),
        ...(node.region !== undefined && { region: node.region }),
        ...(node.cluster !== undefined && { group: { name: node.cluster } }),
        ...(version !== undefined && { version }),
      },
    ],
  };
}
