/**
 * The scan in one sentence, and how much of the fleet it speaks of: what every form of an alert begins with.
 * Tested by test/alerts/message.test.ts.
 */
import { SEVERITIES } from '../criteria/rule.ts';
import { daysBetween, isScannersClock, URGENT_DAYS } from '../results/dates.ts';
import { vanished } from '../results/population.ts';
import {
  type AlertInput,
  type Failure,
  fallenTargets,
  isEmpty,
  lostTargets,
  newTargets,
  type TargetCoverage,
} from './alert.ts';
import { clean, count, list, number, time } from './text.ts';

/** The whole scan in short phrases, most urgent first: subject, first line and chat title are made of it. */
export function phrases(input: AlertInput): string[] {
  const {
    failures,
    unreachable,
    waivers,
    errors,
    hazards,
    undecided,
    gone,
    terminated,
    lookalikes,
    skew,
    authorities,
    outliers,
    left,
  } = input;
  const fresh = newTargets(input);
  const lost = lostTargets(input);
  const [onlyLost] = lost;
  const fallen = fallenTargets(input);
  const [onlyFallen] = fallen;
  const stopped = hazards.new.stopped + hazards.still.stopped;
  const urgent = hazards.new.urgent + hazards.still.urgent;
  const freshLookalikes = lookalikes.items.reduce((sum, group) => sum + (group.new ? group.nodes : 0), 0);
  const behind = authorities.items.reduce((sum, each) => sum + (each.new ? each.nodes : 0), 0);
  const freshSkew = skew.items.filter((each) => each.new).length;
  const news = [
    onlyLost && lost.length === 1 && `NOT SCANNED: ${targetName(onlyLost)}`,
    lost.length > 1 && `NOT SCANNED: ${number(lost.length)} of ${count(input.targets.length, 'target')}`,
    isEmpty(input) && lost.length === 0 && 'NO NODE FOUND',
    onlyFallen &&
      fallen.length === 1 &&
      `ONLY ${number(onlyFallen.nodes)} OF ${count(onlyFallen.previousNodes ?? 0, 'NODE', 'NODES')} LEFT`,
    fallen.length > 1 && `FEWER NODES in ${count(fallen.length, 'target')}`,
    stopped > 0 && `${count(stopped, 'node')} EXPIRED`,
    urgent > 0 &&
      `${count(urgent, 'node')} to expire in ${URGENT_DAYS} days${isWithinADay(input) ? ', the first within 24 hours' : ''}`,
    hazards.new.nodes > 0 && `${count(hazards.new.nodes, 'node')} newly at risk`,
    undecided.new.total > 0 && `${count(undecided.new.total, 'node')} newly not judged`,
    gone.total > 0 && `${count(gone.total, 'node')} gone`,
    input.scan.unreadable && 'SCAN BEFORE UNREADABLE',
    isClockDoubted(input) && 'NO CLOCK AGREES WITH THE SCAN',
    failures.new.total > 0 && `${count(failures.new.total, 'new failure')} on ${count(failures.new.nodes, 'node')}`,
    unreachable.new.total > 0 && `${count(unreachable.new.total, 'node')} newly unreachable`,
    freshLookalikes > 0 &&
      `${count(freshLookalikes, 'instance')} not selected that ${freshLookalikes === 1 ? 'looks' : 'look'} like nodes`,
    freshSkew > 0 && `${count(freshSkew, 'cluster')} with kubelets too far apart`,
    behind > 0 && `${count(behind, 'node')} behind a certificate authority`,
    outliers.total > 0 && count(outliers.total, 'new outlier'),
    waivers.new.total > 0 && `${count(waivers.new.total, 'waiver')} expired`,
    left.total > 0 && `${count(left.total, 'target')} no longer scanned`,
    fresh.length > 0 && `${count(fresh.length, 'target')} scanned for the first time`,
    errors.total > 0 && count(errors.total, 'scan error'),
    failures.fixed.total > 0 && `${number(failures.fixed.total)} fixed`,
    failures.new.total + failures.fixed.total > 0 &&
      input.benchmarks.added.length + input.benchmarks.removed.length > 0 &&
      'judged by other benchmarks',
    terminated && `${count(terminated.nodes, 'node')} terminated`,
  ].filter((phrase) => typeof phrase === 'string');
  return news.length > 0 ? news : quiet(input);
}

/** Whether a certificate ends within a day of the start of the scan. */
function isWithinADay({ hazards, scan }: AlertInput): boolean {
  return [...hazards.new.groups, ...hazards.still.groups].some(
    ({ on }) => on !== undefined && daysBetween(scan.startedAt, on) === 0,
  );
}

function isClockDoubted({ failures, targets }: AlertInput): boolean {
  const rules = [...failures.new.byRule, ...failures.still.byRule].filter(({ rule }) => rule === 'node-clock');
  const wrong = rules.reduce((sum, { nodes }) => sum + nodes, 0);
  const evaluated = targets.reduce((sum, target) => sum + target.evaluated, 0);
  return isScannersClock(wrong, evaluated);
}

/** Nothing new is no good news where something lasts: open failures, and nodes that nobody could judge or reach. */
function quiet({ failures, hazards, undecided, unreachable }: AlertInput): string[] {
  const open = failures.still.total;
  const phrases = [
    hazards.still.nodes > 0 && `${count(hazards.still.nodes, 'node')} still at risk`,
    open > 0 && `${count(open, 'known failure')} still open`,
    undecided.still.total > 0 && `${count(undecided.still.total, 'node')} not judged`,
    unreachable.still.total > 0 && `${count(unreachable.still.total, 'node')} still unreachable`,
  ].filter((phrase) => typeof phrase === 'string');
  return ['nothing new', ...(open + hazards.still.total > 0 ? [] : ['no failures']), ...phrases];
}

/** Where, and how severe the worst of the news is: `payments HIGH`, `3 clusters CRITICAL`, `111122223333 eu-west-1`. */
export function scope(input: AlertInput): string {
  const { clusters, targets, hazards, failures } = input;
  const [cluster] = clusters;
  const [target] = targets;
  const where =
    cluster !== undefined && clusters.length === 1
      ? clean(cluster, 40)
      : clusters.length > 1
        ? `${number(clusters.length)} clusters`
        : targets.length === 1 && target
          ? targetName(target)
          : count(targets.length, 'target');
  const news = [...hazards.new.byRule, ...failures.new.byRule];
  const worst = SEVERITIES.find((severity) => news.some((rule) => rule.severity === severity));
  return worst === undefined ? where : `${where} ${worst.toUpperCase()}`;
}

/** How much was seen, when, and compared with what. */
export function coverage(input: AlertInput): string[] {
  const { scan, benchmarks } = input;
  const compared = scan.previous
    ? `Compared with the scan of ${time(scan.previous.finishedAt)}.`
    : scan.unreadable
      ? 'The scan before could not be read: what is new is not known, so every failure counts as new.'
      : 'First scan: there is nothing to compare with yet, so every failure is new.';
  const lines = [`${checked(input)} by ${time(scan.finishedAt)}. ${compared}`];
  if (input.share !== undefined) lines.push(input.share);
  if (isClockDoubted(input)) {
    lines.push(
      "The clocks of all these nodes disagree with the scan's: first look whether the scanner's own is wrong. Then every date below is.",
    );
  }
  if (isEmpty(input)) {
    lines.push(
      `Nothing was checked: compare the tags of the nodes with those of the settings (docs/runbook.md#no-nodes).`,
    );
  }
  const { added, removed } = benchmarks;
  if (added.length + removed.length > 0) {
    const now = added.length > 0 ? ` now also by ${list(added.slice(0, 4), added.length)}` : '';
    const before = removed.length > 0 ? ` no longer by ${list(removed.slice(0, 4), removed.length)}` : '';
    lines.push(`Judged${[now, before].filter(Boolean).join(',')}: failures may be new or fixed for this reason alone.`);
  }
  return lines;
}

function checked(input: AlertInput): string {
  const { targets } = input;
  const nodes = targets.reduce((sum, target) => sum + target.nodes, 0);
  const evaluated = targets.reduce((sum, target) => sum + target.evaluated, 0);
  const idle = targets.reduce((sum, target) => sum + (target.idle ?? 0), 0);
  // Nobody knows the nodes of a target that could not be scanned, or that had some and has none, so the numbers do not
  // speak of it. Nor was a target scanned whose nodes are known and all silent: the headline counts it as lost.
  const lost = lostTargets(input);
  const [first] = targets;
  const all = targets.length === 1 && first ? targetName(first) : count(targets.length, 'target');
  if (lost.length === targets.length && evaluated + nodes === 0) return `No node in ${all} checked`;
  const scanned = targets.length - lost.length;
  const where = scanned === targets.length || scanned === 0 ? all : `${number(scanned)} of ${all}`;
  if (nodes === 0) return `No node with the tags was found in ${where}`;
  const due = nodes - idle;
  const whole = due === 1 ? 'The only node' : `All ${count(due, 'node')}`;
  const seen = evaluated === due ? whole : `${number(evaluated)} of ${count(due, 'node')}`;
  return `${due === 0 ? 'No node' : seen} in ${where} checked${idle > 0 ? ` (${number(idle)} more did not run)` : ''}`;
}

/** `111122223333 eu-west-1`. */
export function targetName({ account, region }: Pick<TargetCoverage, 'account' | 'region'>): string {
  return `${account} ${region}`;
}

/** An address as we make or take them: no text that a tag could bend. */
const ADDRESS = /^(https|file):\/\/[\w.~:/?#@!$&'()*+,;=%-]{1,1500}$/;

/** The address of the report, where it is one. */
export function reportUrl({ report: { url } }: AlertInput): string | undefined {
  return url !== undefined && ADDRESS.test(url) ? url : undefined;
}

/** Where the page shows the nodes of a group: its one node, or those of its cluster with an open or new finding of the rule. */
export function nodesUrl(
  input: AlertInput,
  { rule, cluster, nodes, examples: [first] }: Failure,
  pick: 'open' | 'new',
): string | undefined {
  const url = input.report.isPage ? reportUrl(input) : undefined;
  if (url === undefined || first === undefined) return undefined;
  const query =
    nodes === 1
      ? new URLSearchParams({ node: first.id })
      : new URLSearchParams({ pick, rule, ...(cluster !== undefined && { cluster }) });
  const whole = `${url}#${query}`;
  return ADDRESS.test(whole) ? whole : undefined;
}

/** The report's location, where it is one as we make them; mail and chat programs make no link of it. */
export function reportLocation({ report: { location } }: AlertInput): string | undefined {
  return /^(s3:\/)?\/[\w./=-]{3,1500}$/.test(location) ? location : undefined;
}

/** `SCAN=SHA256` as `verify --anchor` takes it, by which whoever kept this message can hold the archive to it. */
export function anchor({ scan: { id, manifestSha256 } }: AlertInput): string | undefined {
  return manifestSha256 === undefined ? undefined : `${clean(id, 128)}=${manifestSha256}`;
}

/** The section of the runbook about a place of which nothing is known, or whose nodes are fewer. */
export function runbookSection({ failed, nodes }: TargetCoverage): string {
  if (failed !== undefined) return 'target-failed';
  return nodes > 0 ? 'coverage-low' : 'population-fell';
}

/** The address of the first section of the runbook that this scan calls for, where the settings say where it is. */
export function runbookUrl(input: AlertInput): string | undefined {
  const { runbook } = input;
  const [lost] = lostTargets(input);
  const fell = fallenTargets(input).length + vanished(input.left.items).length > 0 ? 'population-fell' : undefined;
  const section = lost ? runbookSection(lost) : isEmpty(input) ? 'no-nodes' : fell;
  return section !== undefined && runbook !== undefined && ADDRESS.test(runbook) ? `${runbook}#${section}` : undefined;
}
