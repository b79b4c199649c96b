/**
 * What there is to tell, most urgent first, before it becomes e-mail or chat. Texts here are still as hostile as they
 * came; the channel that writes them cleans them. Tested by test/alerts/message.test.ts.
 */
import {
  type AlertInput,
  type ExpiredWaiver,
  type ExpiringCertificate,
  type Failure,
  type Failures,
  knownCertificates,
  lostTargets,
  type RuleCount,
  type ScanError,
  type TargetCoverage,
  type Undecided,
  type Unreachable,
  urgentCertificates,
} from './alert.ts';
import { targetName } from './headline.ts';
import { nodeName, shortName, someNames, where } from './node-names.ts';
import { count, day, daysBetween, list, number, time } from './text.ts';

/**
 * One thing to tell: a headline and labelled lines under it. `name` is for where the headline is too long; `covers`
 * counts what the entry stands for.
 */
export type Entry = { name: string; head: string; lines: { label: Label; text: string }[]; covers: number };

type Label = 'where' | 'why' | 'do';

export type Section = {
  title: string;
  entries: Entry[];
  /** Everything the section speaks of, told or cut. */
  total: number;
  /** Names one of what `total` counts. */
  unit: [one: string, many: string];
};

/** Controls that a failure's line names. */
const CONTROLS_NAMED = 2;

/** What to look at first, by reason; the report has each node's own words. */
const ADVICE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'not-managed':
      'no SSM agent has registered: check the agent and the instance profile (AmazonSSMManagedInstanceCore)',
    'connection-lost': 'the SSM agent stopped answering: check the node and its way to the SSM endpoints',
    'delivery-timed-out': 'the SSM agent did not fetch the command in time: check that the node is not overloaded',
    'execution-timed-out': 'the collector did not finish: look for a hung file system or process on the node',
    undeliverable: 'SSM could not deliver the command: check the SSM agent',
    'access-denied': 'SSM refused the command: check the tag condition of the role and the document',
    terminated: 'SSM stopped the command before it was sent to this node',
    'unsupported-platform': 'the node is not Linux',
    'no-kubelet': 'no kubelet runs there: is the tag right, is the kubelet down?',
    'bad-answer': 'the answer was damaged or not in our format: treat the node as suspect',
    gone: 'stopped or terminated during the scan',
  }),
);

/** Every section that has something to tell, most urgent first. */
export function sections(input: AlertInput): Section[] {
  const { failures, unreachable, undecided, waivers, errors } = input;
  const alone = input.targets.length === 1;
  const lost = lostTargets(input);
  const all: Section[] = [
    { title: 'NOT SCANNED', entries: lost.map(lostTarget), total: lost.length, unit: ['target', 'targets'] },
    certificates(input, alone),
    { ...failureSection(failures.new, alone), title: 'NEW FAILURES' },
    { ...unreachableSection(unreachable.new.items, unreachable.new.total, alone), title: 'NEWLY UNREACHABLE' },
    {
      title: 'NOT JUDGED',
      entries: undecided.items.map((one) => notJudged(one, alone)),
      total: undecided.total,
      unit: ['node', 'nodes'],
    },
    {
      title: 'EXPIRED WAIVERS',
      entries: waivers.new.items.map(waiver),
      total: waivers.new.total,
      unit: ['waiver', 'waivers'],
    },
    { title: 'SCAN ERRORS', entries: errors.items.map(scanError), total: errors.total, unit: ['error', 'errors'] },
    fixed(input),
    stillFailing(failures.still),
    stillUnreachable(input),
  ];
  return all.filter(({ total }) => total > 0);
}

function lostTarget(target: TargetCoverage): Entry {
  const { failed, nodes, previouslyEvaluated } = target;
  const why = failed ?? (nodes > 0 ? `none of ${count(nodes, 'node')} answered` : 'no node has the tags any longer');
  const before =
    previouslyEvaluated === undefined
      ? ''
      : `, where ${previouslyEvaluated === 0 ? 'no node' : count(previouslyEvaluated, 'node')} answered before`;
  return {
    name: targetName(target),
    head: `${targetName(target)}${before}`,
    lines: [
      { label: 'why', text: why },
      {
        label: 'do',
        text: `treat its nodes as unchecked and look for the cause: docs/runbook.md#${failed === undefined ? 'coverage-low' : 'target-failed'}`,
      },
    ],
    covers: 1,
  };
}

function certificates(input: AlertInput, alone: boolean): Section {
  const { scan, certificates } = input;
  // Old news stays out until the last week.
  const urgent = new Set(urgentCertificates(input));
  const listed = [...certificates.new.items, ...certificates.still.items.filter((one) => urgent.has(one))];
  listed.sort((a, b) => (a.notAfter < b.notAfter ? -1 : 1));
  const entry = ({ node, notAfter, reason, remediation }: ExpiringCertificate): Entry => {
    // Counted as the rule counted, from when the scan started: its reason stands in the next line.
    const days = daysBetween(scan.startedAt, notAfter);
    const left = days === 0 ? 'less than a day' : count(days, 'day');
    const when = days < 0 ? `EXPIRED ${time(notAfter)}` : `expires in ${left}, ${time(notAfter)}`;
    return {
      name: `certificate of ${shortName(node)}`,
      head: `${when}: ${nodeName(node, alone)}`,
      lines: [
        { label: 'why', text: reason ?? 'nothing renews it; without it this node drops out of its cluster' },
        ...advice(remediation),
      ],
      covers: 1,
    };
  };
  // Those of the last week are told wherever they stand; of the others only the new ones, and the known ones in one line.
  const cutNews = certificates.new.total - certificates.new.items.length;
  const known = knownCertificates(input);
  const [first] = known.items.toSorted((a, b) => (a.notAfter < b.notAfter ? -1 : 1));
  const entries = listed.map(entry);
  if (first) {
    const which = known.total === 1 ? 'known,' : `${number(known.total)} known, the first`;
    const days = count(daysBetween(scan.startedAt, first.notAfter), 'day');
    const head = `${which} expires in ${days}, ${time(first.notAfter)}: ${nodeName(first.node, alone)}`;
    entries.push({ name: 'known certificates', head, lines: [], covers: known.total });
  }
  return {
    title: 'CLIENT CERTIFICATES',
    entries,
    total: listed.length + cutNews + known.total,
    unit: ['certificate', 'certificates'],
  };
}

/** One entry a rule: five hundred nodes with one wrong setting are one thing to repair. */
function failureSection({ items, total, byRule }: Failures, alone: boolean): Omit<Section, 'title'> {
  const groups = Map.groupBy(items, ({ rule }) => rule);
  const entries = byRule.map((rule) => failedRule(rule, groups.get(rule.rule) ?? [], alone));
  return { entries, total, unit: ['failure', 'failures'] };
}

function failedRule({ rule, title, severity, nodes }: RuleCount, failures: Failure[], alone: boolean): Entry {
  const [first] = failures;
  const head = `${severity.toUpperCase()} ${rule} fails "${title}"`;
  if (first === undefined) {
    return { name: rule, head, lines: [{ label: 'where', text: count(nodes, 'node') }], covers: nodes };
  }
  // What is said of one node must not be taken for what holds for all: another node may need another repair.
  const of = (textOf: (failure: Failure) => string | undefined) => {
    if (failures.some((failure) => textOf(failure) !== textOf(first))) return `on ${first.node.id}, others differ: `;
    return failures.length < nodes ? `on ${first.node.id}, others may differ: ` : '';
  };
  const controls = first.controls.map(({ benchmark, control }) => `${benchmark}/${control}`);
  return {
    name: rule,
    head: controls.length === 0 ? head : `${head} (${list(controls.slice(0, CONTROLS_NAMED), controls.length)})`,
    lines: [
      { label: 'where', text: where(failures, nodes, alone) + causeOf(failures) },
      { label: 'why', text: of(({ reason }) => reason) + first.reason },
      ...advice(first.remediation && of(({ remediation }) => remediation) + first.remediation),
    ],
    covers: nodes,
  };
}

function advice(remediation: string | undefined): Entry['lines'] {
  return remediation === undefined ? [] : [{ label: 'do', text: remediation }];
}

/** That nothing on the node need have changed, where that holds for all. */
function causeOf(failures: Failure[]): string {
  if (failures.every(({ cause }) => cause === 'new-node')) return '; not scanned before';
  if (failures.every(({ cause }) => cause === 'new-rule')) return '; this rule is new';
  if (failures.every(({ cause }) => cause === 'was-silent')) return '; did not answer the scan before';
  if (failures.every(({ cause }) => cause === 'waiver-ended')) return '; accepted until its waiver ended';
  if (failures.every(({ cause }) => cause === 'waiver-changed')) return '; no waiver accepts it any longer';
  if (failures.every(({ cause }) => cause === 'node-returned')) return '; the node was gone and is back';
  return '';
}

/** One entry a reason: what cuts off one node often cuts off many. */
function unreachableSection(items: Unreachable[], total: number, alone: boolean): Omit<Section, 'title'> {
  const entries = [...Map.groupBy(items, ({ reason }) => reason)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([reason, found]): Entry => {
      const [first] = found;
      return {
        name: reason,
        head: `${reason}: ${total > items.length ? 'at least ' : ''}${where(found, found.length, alone)}`,
        lines: [
          { label: 'why', text: (found.length === 1 && first?.detail) || (ADVICE.get(reason) ?? 'see the report') },
        ],
        covers: found.length,
      };
    });
  return { entries, total, unit: ['node', 'nodes'] };
}

function notJudged({ node, findings, reason }: Undecided, alone: boolean): Entry {
  return {
    name: shortName(node),
    head: `${count(findings, 'verdict')} missing: ${nodeName(node, alone)}`,
    lines: [{ label: 'why', text: reason }],
    covers: 1,
  };
}

function waiver({ rule, nodes, reason, owner, until }: ExpiredWaiver): Entry {
  return {
    name: rule,
    head: `${rule} on ${nodes}, valid until ${until}`,
    lines: [
      { label: 'why', text: `waived because: ${reason}` },
      { label: 'do', text: `${owner}: repair the nodes, or renew the waiver in the waivers file` },
    ],
    covers: 1,
  };
}

function scanError({ text }: ScanError): Entry {
  return { name: 'scan', head: text, lines: [], covers: 1 };
}

function fixed({ failures }: AlertInput): Section {
  const { items, total } = failures.fixed;
  const groups = [...Map.groupBy(items, ({ rule }) => rule)];
  const entries = groups.map(([rule, found]): Entry => {
    const named = someNames(found, found.length);
    return { name: rule, head: `${rule}: ${named}`, lines: [], covers: found.length };
  });
  return { title: 'FIXED', entries, total, unit: ['finding', 'findings'] };
}

/** Known failures, one line in all: the report lists them. */
function stillFailing({ total, byRule }: Failures): Section {
  const rules = byRule.map(({ rule, nodes, severity }) => {
    return `${rule} on ${count(nodes, 'node')} (${severity})`;
  });
  const [first] = byRule.flatMap(({ oldest }) => oldest ?? []).sort();
  const dated = first === undefined ? '' : `; the oldest since ${day(first)}`;
  return oneLine('STILL FAILING', list(rules.slice(0, 4), rules.length) + dated, total, ['finding', 'findings']);
}

function stillUnreachable({ unreachable }: AlertInput): Section {
  const { items, total } = unreachable.still;
  const reasons = [...Map.groupBy(items, ({ reason }) => reason)].sort(([, a], [, b]) => b.length - a.length);
  const named = reasons.slice(0, 8);
  const remaining = total - named.reduce((sum, [, { length }]) => sum + length, 0);
  const words = named.map(([reason, { length }]) => `${number(length)} ${reason}`);
  if (remaining > 0) words.push(`${number(remaining)} more`);
  return oneLine('STILL UNREACHABLE', words.join(', '), total, ['node', 'nodes']);
}

function oneLine(title: string, head: string, total: number, unit: Section['unit']): Section {
  return { title, entries: [{ name: title, head, lines: [], covers: total }], total, unit };
}
