/**
 * What there is to tell, most urgent first, before it becomes e-mail or chat: one line for one thing to do. Texts here are
 * still as hostile as they came; the channel that writes them cleans them. Tested by test/alerts/message.test.ts.
 * Long because every kind of thing to tell has its sentence here.
 */

import { causeIn } from '../criteria/check-settings.ts';
import { inOneLine } from '../platforms/step.ts';
import { daysBetween, isUrgent } from '../results/dates.ts';
import { whatWasThere, whyLeft } from '../results/left-words.ts';
import {
  type AlertInput,
  type ExpiredWaiver,
  type Failure,
  fallenTargets,
  type Gone,
  type Hazards,
  type Listed,
  lostTargets,
  newTargets,
  type RuleCount,
  type TargetCoverage,
  type Undecided,
  type Unreachable,
} from './alert.ts';
import { firstClause, whatToDo } from './clause.ts';
import { nodesUrl, runbookSection, targetName } from './headline.ts';
import { named, nodesIn, together } from './node-names.ts';
import { count, day, list, number, time } from './text.ts';
import { byStop, type Told } from './upgrades.ts';

/** One thing to tell, in one line. `of` is the rule that it counts for, of which it `covers` so much; `link` opens its nodes in the report. */
export type Entry = { head: string; of: string; covers: number; step?: string; link?: string };

export type Section = {
  title: string;
  entries: Entry[];
  /** Everything that the section speaks of, by rule, told or cut. */
  totals: { of: string; total: number }[];
};

/** Every section that has something to tell, most urgent first. */
export function sections(input: AlertInput): Section[] {
  const { hazards, failures } = input;
  const all: Section[] = [
    { title: `AT RISK: ${atRisk(hazards)}`, entries: hazardEntries(input), totals: hazardTotals(hazards) },
    section('NOT SEEN', notSeen(input)),
    {
      title: `NEW FAILURES: ${number(failures.new.total)} on ${count(failures.new.nodes, 'node')}`,
      entries: failureEntries(input),
      totals: totalsOf(failures.new.byRule),
    },
    section('ALSO', also(input)),
  ];
  return all.filter(({ totals }) => totals.length > 0);
}

function section(title: string, entries: Entry[]): Section {
  return { title, entries, totals: entries.map(({ of, covers }) => ({ of, total: covers })) };
}

const totalsOf = (rules: readonly RuleCount[]) => rules.map(({ rule, nodes }) => ({ of: rule, total: nodes }));

function atRisk({ new: fresh, still }: AlertInput['hazards']): string {
  const known = still.nodes > 0 ? `${number(still.nodes)} known` : '';
  return [fresh.nodes > 0 ? `${number(fresh.nodes)} new` : '', known].filter(Boolean).join(', ');
}

/** The new ones and those of the last week in a line each; the other known ones by rule, in one. */
function hazardEntries(input: AlertInput): Entry[] {
  const { hazards, scan } = input;
  const urgent = (group: Failure) => group.on !== undefined && isUrgent(scan.startedAt, group.on);
  const told = [...hazards.new.groups, ...hazards.still.groups.filter(urgent)];
  // Then what the next start of a kubelet brings, which may come at any time, and last what has more than a week.
  const rank = (group: Failure) => (urgent(group) ? 0 : group.on === undefined ? 1 : 2);
  told.sort((a, b) => rank(a) - rank(b) || (a.on ?? '').localeCompare(b.on ?? '') || b.nodes - a.nodes);
  const entries = told.map((group): Entry => {
    const when = group.on === undefined ? 'at the next start' : ending(scan.startedAt, group.on, group.nodes);
    return repair(group, `${when}: `, nodesUrl(input, group, 'open'));
  });
  const quiet = hazards.still.groups.filter((group) => !urgent(group));
  return [
    ...entries,
    ...[...Map.groupBy(quiet, ({ rule }) => rule)].map(([rule, groups]) => known(scan.startedAt, rule, groups)),
  ];
}

function known(now: string, rule: string, groups: Failure[]): Entry {
  const nodes = groups.reduce((sum, group) => sum + group.nodes, 0);
  const [on] = groups.flatMap((group) => group.on ?? []).sort();
  const when = on === undefined ? '' : `, the first ${ending(now, on, 1)}`;
  return { head: `known: ${count(nodes, 'node')} by ${rule}${when}`, of: rule, covers: nodes };
}

function hazardTotals({ new: fresh, still }: { new: Hazards; still: Hazards }): Section['totals'] {
  const sums = new Map<string, number>();
  for (const { rule, nodes } of [...fresh.byRule, ...still.byRule]) sums.set(rule, (sums.get(rule) ?? 0) + nodes);
  return [...sums].map(([of, total]) => ({ of, total }));
}

/** `EXPIRED 2026-11-20`, `ends in 12 days (2026-12-05)`, of several nodes `the first ends in …`. */
function ending(now: string, on: string, nodes: number): string {
  // Counted as the rule counted, from when the scan started.
  const days = daysBetween(now, on);
  if (days < 0) return `EXPIRED ${day(on)}`;
  const when = days === 0 ? `WITHIN ${hoursTo(now, on)} (${time(on)})` : `in ${count(days, 'day')} (${day(on)})`;
  return `${nodes > 1 ? 'the first ' : ''}ends ${when}`;
}

/** `AN HOUR`, `16 HOURS`: whole hours, rounded up. */
function hoursTo(now: string, on: string): string {
  const hours = Math.ceil((Date.parse(on) - Date.parse(now)) / 3_600_000);
  return hours <= 1 ? 'AN HOUR' : `${hours} HOURS`;
}

function failureEntries(input: AlertInput): Entry[] {
  return byStop(input.failures.new.groups).map((group) =>
    repair(group, `${group.severity.toUpperCase()} ${group.rule}: `, nodesUrl(input, group, 'new')),
  );
}

/** Why all of a group are new although nothing on the nodes need have changed. */
const CAUSES: Partial<Record<NonNullable<Failure['cause']>, string>> = {
  'new-target': ', in an account and region that were not scanned before',
  'new-node': ', not scanned before',
  'new-rule': ', by a rule that is new',
  'was-silent': ', which did not answer the scan before',
  'waiver-ended': ', whose waiver has ended',
  'waiver-changed': ', whose waiver was changed',
  'node-returned': ', which had been gone',
  rules: ', by rules that have changed',
};

/** `91 nodes in payments: remove --rotate_certificates=0 from …`: who, and the first thing to do, in few words. Who follows the link needs no id. */
function repair(group: Told, before: string, link: string | undefined): Entry {
  const ids = link === undefined ? named(group) : '';
  const who = `${nodesIn(group)}${(group.cause && CAUSES[group.cause]) ?? ''}${ids}`;
  const [first, ...others] = group.remediation ?? [];
  const what = first ? whatToDo([first, ...others]) : firstClause(group.reason);
  return {
    head: `${before}${who}${group.stops === undefined ? `: ${what}` : ` ${group.stops}`}`,
    of: group.rule,
    covers: group.nodes,
    ...(link !== undefined && { link }),
    ...(group.remediation !== undefined && {
      step: `${group.rule}, ${nodesIn(group)}: ${inOneLine(group.remediation)}`,
    }),
  };
}

/** What to look at first, by reason; the report has each node's own words. */
const ADVICE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'not-managed': 'no SSM agent has registered',
    'connection-lost': 'the SSM agent stopped answering',
    'delivery-timed-out': 'the SSM agent did not fetch the command in time',
    'execution-timed-out': 'the collector did not finish',
    undeliverable: 'SSM could not deliver the command',
    'access-denied': 'SSM refused the command',
    terminated: 'SSM stopped the command before it was sent',
    'unsupported-platform': 'the node runs neither Linux nor Windows, or the scan has no document for it',
    'no-kubelet': 'no kubelet runs there',
    'bad-answer': 'the answer was damaged: treat the node as suspect',
    gone: 'stopped or terminated during the scan',
    'not-running': 'the instance does not run',
    'joined-later': 'it joined during the scan',
  }),
);

/** What nobody knows about: places that were not scanned, nodes that are fewer, gone, not judged or silent. */
function notSeen(input: AlertInput): Entry[] {
  return [
    ...lostEntries(input),
    ...fallenTargets(input).map(fallen),
    ...leftEntries(input.left),
    ...inFew(input.gone, gone, ({ items, total }) => {
      const open = items.reduce((sum, { failures }) => sum + failures, 0);
      return `GONE from the inventory: ${together(items, total, ({ state = '' }) => state)}${unrepaired(open)}`;
    }),
    ...lookalikesOf(input.lookalikes, true),
    ...inFew(input.undecided.new, notJudged, ({ items, total }) => {
      const [first] = items;
      const why = first ? ` (${firstClause(first.reason)})` : '';
      return `NOT JUDGED wholly: ${together(items, total, () => '')}${why}`;
    }),
    ...inFew(input.unreachable.new, silent, ({ items, total }) => {
      const risks = items.reduce((sum, { atRisk = 0 }) => sum + atRisk, 0);
      return `UNREACHABLE ${together(items, total, ({ reason }) => reason)}${wasAtRisk(risks)}`;
    }),
  ];
}

/** A line for each where they are few, else one for each reason: what one mistake does to all accounts is one thing to mend. */
function lostEntries(input: AlertInput): Entry[] {
  const targets = lostTargets(input);
  const reasons = Map.groupBy(targets, (target) => firstClause(whyLost(target)));
  return [...reasons].flatMap(([why, alike]) => {
    if (alike.length <= LINES_OF_KIND) return alike.map(lost);
    const [first] = alike as [TargetCoverage];
    const head = `NOT SCANNED ${count(alike.length, 'target')} (${list(alike.slice(0, 2).map(targetName), alike.length)}): ${why} (docs/runbook.md#${runbookSection(first)})`;
    return [{ head, of: 'target', covers: alike.length }];
  });
}

function whyLost({ failed, nodes }: TargetCoverage): string {
  return failed ?? (nodes > 0 ? `none of ${count(nodes, 'node')} answered` : 'no node has the tags any longer');
}

function lost(target: TargetCoverage): Entry {
  const { previousNodes } = target;
  const why = whyLost(target);
  const before =
    previousNodes === undefined ? '' : `, which had ${previousNodes === 0 ? 'none' : count(previousNodes, 'node')}`;
  return {
    head: `NOT SCANNED ${targetName(target)}${before}: ${firstClause(why)} (docs/runbook.md#${runbookSection(target)})`,
    of: 'target',
    covers: 1,
  };
}

function fallen(target: TargetCoverage): Entry {
  const { nodes, previousNodes = 0 } = target;
  return {
    head: `FEWER NODES in ${targetName(target)}: ${number(nodes)}, ${number(previousNodes)} before; did a tag change? (docs/runbook.md#population-fell)`,
    of: 'target',
    covers: 1,
  };
}

/** Accounts and regions that have left, told once: nobody scans what there is. */
function leftEntries({ items, total }: AlertInput['left']): Entry[] {
  const open = items.reduce((sum, { failures }) => sum + failures, 0);
  const [first] = items;
  if (first && total > LINES_OF_KIND) {
    const reasons = [...Map.groupBy(items, ({ why = 'no longer named' }) => why)].map(
      ([why, all]) => `${number(all.length)} ${why}`,
    );
    const head = `NO LONGER SCANNED: ${count(total, 'target')} (${list(reasons, reasons.length)})${unrepaired(open)}`;
    return [{ head, of: 'target', covers: total }];
  }
  return items.map(({ account, region, nodes, failures, why, ...seen }): Entry => {
    const had = whatWasThere(seen, count(nodes, 'node'));
    const head = `NO LONGER SCANNED ${account} ${region}, which ${had}${unrepaired(failures)}: ${whyLeft(why)}`;
    return { head, of: 'target', covers: 1 };
  });
}

/** New accounts and regions in one line. */
function firstScanned(input: AlertInput): Entry[] {
  const targets = newTargets(input);
  if (targets.length === 0) return [];
  const nodes = targets.reduce((sum, target) => sum + target.nodes, 0);
  const names = targets.slice(0, 3).map(targetName);
  const head = `scanned for the first time: ${list(names, targets.length)}, with ${count(nodes, 'node')}`;
  return [{ head, of: 'target', covers: targets.length }];
}

function gone(group: Gone): Entry {
  const now = group.state === undefined ? '' : `, though ${group.nodes === 1 ? 'it is' : 'they are'} ${group.state}`;
  const head = `GONE from the inventory: ${nodesIn(group)}${named(group)}${now}${unrepaired(group.failures)}`;
  return { head, of: 'gone', covers: group.nodes };
}

function unrepaired(failures: number): string {
  return failures > 0 ? `, with ${count(failures, 'open failure')} that nobody repaired` : '';
}

/** Instances of a cluster that nobody scans, by the place and the evidence; those that a scan before saw are told apart. */
function lookalikesOf({ items }: AlertInput['lookalikes'], isNew: boolean): Entry[] {
  return items
    .filter((group) => (group.new ?? false) === isNew)
    .map(({ account, region, cluster, evidence, nodes, examples }) => {
      const of = cluster === undefined ? '' : ` of ${cluster}`;
      const who = `${count(nodes, 'instance')}${of} in ${account} ${region} (${list(examples.slice(0, 1), nodes)})`;
      const head = isNew
        ? `NOT SELECTED by the tags: ${who}; each looks like a node: ${evidence}`
        : `still not selected: ${who}, which look like nodes`;
      return { head, of: 'not selected', covers: nodes };
    });
}

function notJudged(group: Undecided): Entry {
  const rules = count(group.verdicts, 'rule');
  return {
    head: `NOT JUDGED ${nodesIn(group)}${named(group)}: ${rules}, because ${causeIn(firstClause(group.reason)) ?? firstClause(group.reason)}`,
    of: 'not judged',
    covers: group.nodes,
  };
}

/** What would have stopped a node when it was last seen still will. */
function wasAtRisk(nodes = 0): string {
  return nodes > 0 ? `, ${number(nodes)} AT RISK when last seen` : '';
}

function silent(group: Unreachable): Entry {
  const why =
    (group.nodes === 1 && group.detail && firstClause(group.detail)) || ADVICE.get(group.reason) || 'see the report';
  return {
    head: `UNREACHABLE ${nodesIn(group)}${named(group)}${wasAtRisk(group.atRisk)}: ${group.reason}, ${why}`,
    of: 'unreachable',
    covers: group.nodes,
  };
}

/** Groups that have a line each; more are told together in one. */
const LINES_OF_KIND = 2;

/** A line for each group of a kind where they are few, else one for all. */
function inFew<T extends { nodes: number }>(
  listed: Listed<T>,
  each: (group: T) => Entry,
  together: (all: Listed<T>) => string,
): Entry[] {
  const [first] = listed.items;
  const told = listed.items.reduce((sum, { nodes }) => sum + nodes, 0);
  if (!first || (listed.items.length <= LINES_OF_KIND && told === listed.total)) return listed.items.map(each);
  return [{ head: together(listed), of: each(first).of, covers: listed.total }];
}

/** What is no danger, or known already: a line each. */
function also(input: AlertInput): Entry[] {
  const { failures, undecided, unreachable, waivers, errors, terminated, lookalikes, skew, authorities, outliers } =
    input;
  const line = (of: string, head: string, total: number): Entry[] => (total > 0 ? [{ head, of, covers: total }] : []);
  const { still, fixed, below = 0 } = failures;
  const [oldest] = still.byRule.flatMap((rule) => rule.oldest ?? []).sort();
  const since = oldest === undefined ? '' : `, the oldest since ${day(oldest)}`;
  const rules = still.byRule.map(({ rule, nodes }) => `${rule} ${number(nodes)}`);
  const ended = Map.groupBy(fixed.items, ({ rule }) => rule);
  const repaired = [...ended].map(
    ([rule, groups]) => `${rule} ${number(groups.reduce((sum, { nodes }) => sum + nodes, 0))}`,
  );
  const reasons = unreachable.still.items.map(({ reason, nodes }) => `${number(nodes)} ${reason}`);
  return [
    ...skew.items.map(({ cluster, oldest, newest }): Entry => {
      const head = `VERSIONS TOO FAR APART in ${cluster}: kubelets of ${oldest} beside ${newest}, which no control plane allows`;
      return { head, of: 'versions', covers: 1 };
    }),
    ...authorityEntries(authorities),
    ...outlierEntries(outliers),
    ...firstScanned(input),
    ...waivers.new.items.map(waiver),
    ...errors.items.map(({ text }): Entry => ({ head: `SCAN ERROR: ${text}`, of: 'scan error', covers: 1 })),
    ...line('fixed', `fixed ${number(fixed.total)}: ${list(repaired.slice(0, 4), repaired.length)}`, fixed.total),
    ...line('below', `${count(below, 'new failure')} less severe than messages tell of`, below),
    ...line(
      'still failing',
      `still failing ${number(still.total)}: ${list(rules.slice(0, 4), rules.length)}${since}`,
      still.total,
    ),
    ...(terminated
      ? line(
          'terminated',
          `terminated: ${count(terminated.nodes, 'node')}${unrepaired(terminated.failures)}`,
          terminated.nodes,
        )
      : []),
    ...lookalikesOf(lookalikes, false),
    ...line('not judged', `still not judged: ${count(undecided.still.total, 'node')}`, undecided.still.total),
    ...line(
      'unreachable',
      `still unreachable ${number(unreachable.still.total)}: ${list(reasons.slice(0, 8), reasons.length)}`,
      unreachable.still.total,
    ),
  ];
}

/** Groups of nodes behind an authority that have a line each. */
const MOST_BEHIND = 5;

function authorityEntries({ items, total }: AlertInput['authorities']): Entry[] {
  const told = items.slice(0, MOST_BEHIND).map(({ text, new: isNew }): Entry => {
    return { head: `CERTIFICATE AUTHORITY${isNew ? '' : ', known'}: ${text}`, of: 'authority', covers: 1 };
  });
  const left = total - told.length;
  if (left === 0) return told;
  const head = `CERTIFICATE AUTHORITY: ${number(left)} more groups of nodes are behind; the report has them`;
  return [...told, { head, of: 'authority', covers: left }];
}

/** Outliers that have a line each: groups that are mixed may have many. */
const MOST_OUTLIERS = 5;

function outlierEntries({ items, total }: AlertInput['outliers']): Entry[] {
  const told = items.slice(0, MOST_OUTLIERS).map(({ text, cluster }): Entry => {
    return { head: `OUTLIER${cluster === undefined ? '' : ` in ${cluster}`}: ${text}`, of: 'outlier', covers: 1 };
  });
  const left = total - told.length;
  if (left === 0) return told;
  return [...told, { head: `OUTLIERS: ${number(left)} more; the report has them`, of: 'outlier', covers: left }];
}

function waiver({ rule, nodes, reason, owner, until }: ExpiredWaiver): Entry {
  return {
    head: `WAIVER EXPIRED ${until}: ${rule} on ${nodes}, by ${owner}, because: ${reason}`,
    of: 'waiver',
    covers: 1,
  };
}
