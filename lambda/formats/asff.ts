/**
 * Findings in the AWS Security Finding Format, for Security Hub. Not a file of the report: what changed in a scan, and what has
 * to be repeated so that Security Hub keeps it.
 *
 * A finding has the same Id in every scan, so that importing it again updates it. Open ones are ACTIVE and FAILED; what is fixed,
 * accepted by a waiver, no longer asked or gone is ARCHIVED. Nothing is said in Workflow: after a finding is created only
 * customers may change it (AWS Security Hub API reference, BatchImportFindings).
 *
 * Source: AWS Security Hub user guide, "AWS Security Finding Format (ASFF)" (lengths and required attributes), "BatchImportFindings
 * for finding providers" (AwsAccountId is the caller's, severity and types stand in FindingProviderFields), "Reviewing findings"
 * (an active finding that was not updated for 90 days is deleted).
 * Long because each kind of finding is written out.
 */
import type { Finding, Severity } from '../criteria/rule.ts';
import { inOneLine } from '../platforms/step.ts';
import { isHazard } from '../results/at-risk.ts';
import { aboutRule, titleOf } from '../results/catalog.ts';
import { findingId, type NodeChanges, openSince } from '../results/compare.ts';
import { isIdle } from '../results/coverage.ts';
import type { Entry } from '../results/entry.ts';
import { lifeOf } from '../results/life.ts';
import type { NodeIdentity, NodeLine } from '../results/node-line.ts';
import { isOpen } from '../results/open.ts';
import { resourceOf } from '../results/resource.ts';
import type { Summary } from '../results/summary.ts';
import { worstByRule } from '../results/worst.ts';
import type { Target } from '../settings.ts';
import type { Head } from './format.ts';
import { printable } from './text.ts';

/** Characters that Security Hub takes. */
const LONGEST = { title: 256, description: 1024, recommendation: 512, field: 2048, id: 512 } as const;

/** Requirements that a finding may name. */
const REQUIREMENTS = 32;

/** An open finding is sent again when it is so much older, well before Security Hub forgets it. */
const REPEATED_SECONDS = 30 * 86_400;

const LABELS: Record<Severity, Label> = { low: 'LOW', medium: 'MEDIUM', high: 'HIGH', critical: 'CRITICAL' };
const TYPES = {
  benchmark: 'Software and Configuration Checks/Industry and Regulatory Standards',
  own: 'Software and Configuration Checks',
} as const;

/** The rule's place where nothing is known of a node, or of a whole account and region. */
const COVERAGE = 'coverage';

/** What is said where no finding of a scan says it. */
export const texts = {
  unreachable: 'The node could not be evaluated',
  notAssessed: 'Nothing is known of the nodes of an account and region',
  unasked: 'The rule is no longer applied to this node.',
  answers: 'The node answers again, or has nothing to answer.',
  assessed: 'It was scanned again.',
  left: 'It is no longer scanned.',
  regrouped: 'Its account is told of by other regions now.',
  over: 'It is no longer open; Security Hub refused to hear of it before.',
  gone: 'The inventory no longer has this node; what was open on it was not repaired.',
  silent: 'Nothing is known of it now, and it was open when the node was judged last.',
} as const;

/** Those that Security Hub can name; of others the ARN says it. */
const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'] as const;
type Partition = (typeof PARTITIONS)[number];

type Label = 'INFORMATIONAL' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';

/** A finding as BatchImportFindings takes it, as far as kubevigil fills it. */
export type AsffFinding = {
  SchemaVersion: '2018-10-08';
  Id: string;
  ProductArn: string;
  ProductName: string;
  CompanyName: string;
  GeneratorId: string;
  AwsAccountId: string;
  CreatedAt: string;
  UpdatedAt: string;
  FirstObservedAt?: string;
  LastObservedAt: string;
  Title: string;
  Description: string;
  FindingProviderFields: { Severity: { Label: Label }; Types: string[] };
  Remediation?: { Recommendation: { Text: string; Url?: string } };
  ProductFields: Record<string, string>;
  Resources: { Type: string; Id: string; Partition?: Partition; Region: string }[];
  Compliance: { Status: State['compliance']; RelatedRequirements?: string[] };
  RecordState: 'ACTIVE' | 'ARCHIVED';
};

/** Where findings go and what has to be sent: `productArn` names partition, region and account of Security Hub. */
export type Importing = Head & {
  /** The scanner's name, which keeps two scanners of the same nodes apart. */
  scanner: string;
  productArn: string;
  /** Everything that is open, and not only what changed: Security Hub has nothing of this scanner. */
  all: boolean;
  /** Ids of findings that were refused the last time: what is known of them now is sent whatever changed. */
  again?: ReadonlySet<string>;
};

type State = { compliance: 'PASSED' | 'WARNING' | 'FAILED' | 'NOT_AVAILABLE'; record: 'ACTIVE' | 'ARCHIVED' };
const OPEN: State = { compliance: 'FAILED', record: 'ACTIVE' };
const ENDED: State = { compliance: 'NOT_AVAILABLE', record: 'ARCHIVED' };
const UNKNOWN: State = { compliance: 'NOT_AVAILABLE', record: 'ACTIVE' };
const COMPLIANCE: Record<Finding['status'], State['compliance']> = {
  pass: 'PASSED',
  fail: 'FAILED',
  manual: 'WARNING',
  error: 'WARNING',
  'not-applicable': 'NOT_AVAILABLE',
};

/** Changes after which a finding is no longer open. */
const ENDS: ReadonlySet<string> = new Set(['fixed', 'accepted', 'resolved', 'rejudged', 'dropped']);

/** What there is to import of a node. */
export function findingsOf(entry: Entry, to: Importing): AsffFinding[] {
  const { line, changes } = entry;
  if (!line) return lost(entry.target, changes, to);
  if (line.coverage === 'unreachable') return silent(line, changes, to);
  const told = new Map(changes?.changes.map((change) => [change.rule, change]));
  const byRule = worstByRule(line.findings);
  const findings = [...byRule].flatMap(([rule, finding]): AsffFinding[] => {
    const { life, since } = lifeOf(changes, rule, to.summary.scheduledAt);
    const change = told.get(rule)?.change;
    // What could not be judged this time is open as long as it was before.
    if (isOpen(finding) || openSince(changes?.open, rule) !== undefined) {
      const isSent =
        to.all || isOwed(line.node, rule, to) || life === 'begins' || change === 'new' || isRepeated(since, to.summary);
      const state: State = { compliance: COMPLIANCE[finding.status], record: 'ACTIVE' };
      return isSent ? [judged(line.node, finding, state, since, to)] : [];
    }
    if ((change === undefined || !ENDS.has(change)) && !isOwed(line.node, rule, to)) return [];
    return [judged(line.node, finding, { compliance: COMPLIANCE[finding.status], record: 'ARCHIVED' }, since, to)];
  });
  findings.push(...unjudged(line.node, changes, byRule, to));
  for (const { rule, change, since } of changes?.changes ?? []) {
    if (!byRule.has(rule) && ENDS.has(change)) findings.push(stated(line.node, rule, texts.unasked, ENDED, to, since));
  }
  return [...findings, ...answered(line.node, changes, to)];
}

/**
 * Of findings that Security Hub refused and of which the scan told nothing: the ends of those that are over, and the ids of those of
 * which it knows nothing, because it could not read their account and region.
 */
export function refusedFindings(ids: Iterable<string>, to: Importing): { ended: AsffFinding[]; unknown: string[] } {
  const failed = to.summary.targets.filter(({ error }) => error !== undefined);
  const unread = new Set(
    failed.map(({ account, region, allRegions }) => (allRegions ? account : `${account}/${region}`)),
  );
  const [ended, unknown]: [AsffFinding[], string[]] = [[], []];
  for (const id of ids) {
    const beginning = `${to.scanner}/`;
    const [account = '', region = '', node = '', rule] = id.slice(beginning.length).split('/');
    // Of another name of the scanner, or of nobody: who writes into the archive may have made it up.
    if (!id.startsWith(beginning) || account === '' || region === '' || node === '') continue;
    if (rule === undefined) ended.push(ofTarget({ account, region }, texts.over, ENDED, to));
    else if (unread.has(account) || unread.has(`${account}/${region}`)) unknown.push(id);
    else if (rule === COVERAGE) ended.push(covered({ id: node, account, region }, texts.over, ENDED, to));
    else ended.push(stated({ id: node, account, region }, rule, texts.over, ENDED, to, undefined));
  }
  return { ended, unknown };
}

/** Whether Security Hub refused the finding the last time. */
function isOwed(node: NodeIdentity, rule: string, to: Importing): boolean {
  return to.again?.has(idOf(findingId(node, rule), to)) === true;
}

/** What there is to import of accounts and regions that could not be scanned at all, that could not the scan before, and then left or not. */
export function targetFindings(to: Importing): AsffFinding[] {
  const { targets, left = [], regrouped = [] } = to.summary;
  return [
    ...targets.flatMap(({ account, region, error, notAssessedSince: since }) => {
      const isRefused = to.again?.has(idOf(`${account}/${region}/${COVERAGE}`, to)) === true;
      if (error === undefined && since === undefined && !isRefused) return [];
      return [ofTarget({ account, region }, error ?? texts.assessed, error === undefined ? ENDED : UNKNOWN, to, since)];
    }),
    ...left.flatMap(({ notAssessedSince: since, ...target }) =>
      since === undefined ? [] : [ofTarget(target, texts.left, ENDED, to, since)],
    ),
    ...regrouped.map((target) => ofTarget(target, texts.regrouped, ENDED, to, target.notAssessedSince)),
  ];
}

/** That nothing is known of an account and region, or no longer. */
function ofTarget({ account, region }: Target, text: string, state: State, to: Importing, since?: string): AsffFinding {
  return {
    ...base(`${account}/${region}/${COVERAGE}`, COVERAGE, state, since, to),
    Title: texts.notAssessed,
    Description: cut(text, LONGEST.description),
    FindingProviderFields: { Severity: { Label: state === ENDED ? 'INFORMATIONAL' : 'HIGH' }, Types: [TYPES.own] },
    Resources: [{ Type: 'AwsAccount', Id: `AWS::::Account:${account}`, ...named(to), Region: region }],
  };
}

/** What is open on a node although no finding of the scan says so, where Security Hub has to hear of it again. */
function unjudged(
  node: NodeIdentity,
  changes: NodeChanges | undefined,
  judged: ReadonlyMap<string, unknown>,
  to: Importing,
): AsffFinding[] {
  const isBack = changes?.before === undefined;
  return Object.entries(changes?.open ?? {})
    .filter(([rule]) => !judged.has(rule))
    .filter(([rule, since]) => to.all || isBack || isOwed(node, rule, to) || isRepeated(since, to.summary))
    .map(([rule, since]) => stated(node, rule, texts.silent, OPEN, to, since));
}

/** The end of a node's silence. */
function answered(node: NodeIdentity, changes: NodeChanges | undefined, to: Importing): AsffFinding[] {
  const isOver = changes?.silence?.over === true || isOwed(node, COVERAGE, to);
  return isOver ? [covered(node, texts.answers, ENDED, to, changes?.silence?.since)] : [];
}

/** A silent node: that nothing is known of it, each time, and what is open on it. */
function silent(line: NodeLine, changes: NodeChanges | undefined, to: Importing): AsffFinding[] {
  const { node, reason, detail } = line;
  const open = unjudged(node, changes, new Map(), to);
  if (isIdle(reason)) return [...open, ...answered(node, changes, to)];
  const why = detail ?? `It did not answer: ${reason}.`;
  return [...open, covered(node, why, UNKNOWN, to, changes?.silence?.since)];
}

/** A node that the inventory no longer has. */
function lost(target: Target, { node: id, silence, changes }: NodeChanges, to: Importing): AsffFinding[] {
  const node = { id, ...target };
  const ended = changes.map(({ rule, since }) => stated(node, rule, texts.gone, ENDED, to, since));
  return silence ? [...ended, covered(node, texts.gone, ENDED, to, silence.since)] : ended;
}

/** Whether an open finding passed another month since the scan before. */
function isRepeated(since: string | undefined, { scheduledAt, comparison }: Summary): boolean {
  if (since === undefined || !comparison.previous) return false;
  const months = (at: string) => Math.floor((Date.parse(at) - Date.parse(since)) / 1000 / REPEATED_SECONDS);
  return months(scheduledAt) > Math.max(0, months(comparison.previous.scheduledAt));
}

/** A finding that this scan judged. */
function judged(
  node: NodeIdentity,
  finding: Finding,
  state: State,
  since: string | undefined,
  to: Importing,
): AsffFinding {
  const { rule, reason, controls, remediation, waiver, status } = finding;
  const about = aboutRule(to.catalog, rule);
  const requirements = [
    ...controls.map(({ benchmark, control }) => `${benchmark}/${control}`),
    ...(about?.requirements ?? []),
  ].slice(0, REQUIREMENTS);
  const found = stated(node, rule, reason, state, to, since);
  const [Url] = about?.references ?? [];
  return {
    ...found,
    Title: cut(titleOf(to.catalog, rule, status), LONGEST.title),
    FindingProviderFields: {
      ...found.FindingProviderFields,
      Types: [controls.length > 0 ? TYPES.benchmark : TYPES.own],
    },
    Compliance: { ...found.Compliance, ...(requirements.length > 0 && { RelatedRequirements: requirements }) },
    ...(remediation && {
      Remediation: {
        Recommendation: {
          Text: cut(inOneLine(remediation), LONGEST.recommendation),
          ...(Url !== undefined && { Url }),
        },
      },
    }),
    ProductFields: {
      ...found.ProductFields,
      'kubevigil/status': status,
      ...(waiver && {
        'kubevigil/waiver': cut(`${waiver.reason} (${waiver.owner}, until ${waiver.until})`, LONGEST.field),
      }),
    },
  };
}

/** A finding of which nothing but a sentence is known now. */
function stated(
  node: NodeIdentity,
  rule: string,
  text: string,
  state: State,
  to: Importing,
  since: string | undefined,
): AsffFinding {
  // What is not known of a node is as severe as messages take it.
  const severity = aboutRule(to.catalog, rule)?.severity ?? (rule === COVERAGE ? 'high' : 'medium');
  const label: Label = state.compliance === 'PASSED' || state === ENDED ? 'INFORMATIONAL' : LABELS[severity];
  const found = base(findingId(node, rule), rule, state, since, to);
  return {
    ...found,
    Title: cut(titleOf(to.catalog, rule, state === OPEN ? 'fail' : undefined), LONGEST.title),
    Description: cut(text, LONGEST.description),
    FindingProviderFields: { Severity: { Label: label }, Types: [TYPES.own] },
    ProductFields: {
      ...found.ProductFields,
      ...(isHazard(rule) && { 'kubevigil/hazard': 'true' }),
      'kubevigil/node': cut(node.name ?? node.id, LONGEST.field),
      ...(node.cluster !== undefined && { 'kubevigil/cluster': cut(node.cluster, LONGEST.field) }),
    },
    Resources: [instance(node, to)],
  };
}

/** That a node could not be evaluated, since when as far as that is known, or no longer. */
function covered(node: NodeIdentity, text: string, state: State, to: Importing, since?: string): AsffFinding {
  const found = stated(node, COVERAGE, text, state, to, since);
  return { ...found, Title: texts.unreachable };
}

function idOf(id: string, { scanner }: Importing): string {
  return `${scanner}/${id}`.slice(0, LONGEST.id);
}

type Base = Omit<AsffFinding, 'Title' | 'Description' | 'FindingProviderFields' | 'Resources'>;

function base(id: string, rule: string, state: State, since: string | undefined, to: Importing): Base {
  const { summary, productArn } = to;
  return {
    SchemaVersion: '2018-10-08',
    Id: idOf(id, to),
    ProductArn: productArn,
    ProductName: 'kubevigil',
    CompanyName: 'kubevigil',
    GeneratorId: `kubevigil/${rule}`.slice(0, LONGEST.id),
    AwsAccountId: productArn.split(':')[4] ?? '',
    CreatedAt: since ?? summary.startedAt,
    UpdatedAt: summary.finishedAt,
    ...(since !== undefined && { FirstObservedAt: since }),
    LastObservedAt: summary.startedAt,
    ProductFields: { 'kubevigil/scan': summary.scanId },
    Compliance: { Status: state.compliance },
    RecordState: state.record,
  };
}

/** The format has no type for nodes outside of EC2 (Security Hub User Guide, ASFF, Resources, Type). */
function instance(node: NodeIdentity, to: Importing): AsffFinding['Resources'][number] {
  const { type, arn: Id } = resourceOf(node, partitionOf(to));
  const Type = type === 'AWS::EC2::Instance' ? 'AwsEc2Instance' : 'Other';
  return { Type, Id, ...named(to), Region: node.region ?? '' };
}

function partitionOf({ productArn }: Importing): string {
  return productArn.split(':')[1] ?? 'aws';
}

function named(to: Importing): { Partition?: Partition } {
  const known = PARTITIONS.find((each) => each === partitionOf(to));
  return known === undefined ? {} : { Partition: known };
}

/** At most so many characters of visible text; a blank one, which Security Hub refuses, becomes a dash. */
function cut(text: string, longest: number): string {
  if (!/\S/.test(text)) return '-';
  const shown = printable(text.slice(0, longest).toWellFormed());
  const isWhole = shown.length <= longest && text.length <= longest;
  return isWhole ? shown : `${shown.slice(0, longest - 1).toWellFormed()}…`;
}
