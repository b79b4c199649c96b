/**
 * The scan in one sentence, and how much of the fleet it speaks of: what every form of an alert begins with.
 * Tested by test/alerts/message.test.ts.
 */
import { SEVERITIES } from '../criteria/rule.ts';
import {
  type AlertInput,
  knownCertificates,
  lostTargets,
  type TargetCoverage,
  URGENT_DAYS,
  urgentCertificates,
} from './alert.ts';
import { count, daysBetween, list, number, time } from './text.ts';

/** The whole scan in short phrases, most urgent first: subject, first line and chat title are made of it. */
export function phrases(input: AlertInput): string[] {
  const { failures, unreachable, waivers, errors, certificates } = input;
  const lost = lostTargets(input);
  const [onlyLost] = lost;
  const urgent = urgentCertificates(input);
  const expired = urgent.filter(({ notAfter }) => daysBetween(input.scan.startedAt, notAfter) < 0).length;
  const close = urgent.length - expired;
  const soon = certificates.new.total;
  const worst = SEVERITIES.flatMap((severity) => {
    const nodes = failures.new.byRule.reduce((sum, rule) => sum + (rule.severity === severity ? rule.nodes : 0), 0);
    return nodes > 0 ? [`${number(nodes)} ${severity}`] : [];
  });
  const news = [
    onlyLost && lost.length === 1 && `NOT SCANNED: ${targetName(onlyLost)}`,
    lost.length > 1 && `NOT SCANNED: ${number(lost.length)} of ${count(input.targets.length, 'target')}`,
    expired > 0 && `${count(expired, 'certificate')} EXPIRED`,
    close > 0 && `${count(close, 'certificate')} expiring within ${URGENT_DAYS} days`,
    urgent.length === 0 && soon > 0 && `${count(soon, 'certificate')} expiring`,
    failures.new.total > 0 && `${count(failures.new.total, 'new failure')} (${worst.join(', ')})`,
    unreachable.new.total > 0 && `${count(unreachable.new.total, 'node')} newly unreachable`,
    waivers.new.total > 0 && `${count(waivers.new.total, 'waiver')} expired`,
    errors.total > 0 && count(errors.total, 'scan error'),
    failures.fixed.total > 0 && `${number(failures.fixed.total)} fixed`,
  ].filter((phrase) => typeof phrase === 'string');
  if (news.length > 0) return news;
  // Silence is no good news: neither of nodes that do not answer, nor of tags that no node has.
  if (input.targets.every(({ nodes }) => nodes === 0)) return ['NO NODE FOUND'];
  const open = failures.still.total + knownCertificates(input).total;
  const undecided = input.undecided.total;
  const stillUnreachable = unreachable.still.total;
  return [
    'nothing new',
    open > 0 ? `${count(open, 'known failure')} still open` : 'no failures',
    ...(undecided > 0 ? [`${count(undecided, 'node')} not judged`] : []),
    ...(stillUnreachable > 0 ? [`${count(stillUnreachable, 'node')} still unreachable`] : []),
  ];
}

/** How much was seen, when, and compared with what. */
export function coverage(input: AlertInput): string[] {
  const { scan, lost, benchmarks } = input;
  const compared = scan.previous
    ? `Compared with the scan of ${time(scan.previous.finishedAt)}.`
    : 'First scan: there is nothing to compare with yet, so every failure is new.';
  const lines = [`${checked(input)} by ${time(scan.finishedAt)}.`, compared];
  if (input.targets.every(({ nodes, failed }) => nodes === 0 && failed === undefined)) {
    lines.push(
      'Nothing was checked: compare the tags of the nodes with those of the settings (docs/deploy.md#the-nodes).',
    );
  }
  if (lost.nodes > 0) {
    const open = lost.failures > 0 ? `, and with them ${count(lost.failures, 'open failure')}` : '';
    lines.push(`No longer in the inventory: ${count(lost.nodes, 'node')} of the previous scan${open}.`);
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
  // Nobody knows the nodes of a target that could not be scanned, or that had some and has none, so the numbers do not
  // speak of it. Nor was a target scanned whose nodes are known and all silent: the headline counts it as lost.
  const lost = lostTargets(input);
  const [first] = targets;
  const all = targets.length === 1 && first ? targetName(first) : count(targets.length, 'target');
  if (lost.length === targets.length && evaluated + nodes === 0) return `No node in ${all} checked`;
  const scanned = targets.length - lost.length;
  const where = scanned === targets.length || scanned === 0 ? all : `${number(scanned)} of ${all}`;
  if (nodes === 0) return `No node with the tags was found in ${where}`;
  const seen = evaluated === nodes ? `All ${count(nodes, 'node')}` : `${number(evaluated)} of ${count(nodes, 'node')}`;
  return `${seen} in ${where} checked`;
}

/** `111122223333 eu-west-1`. */
export function targetName({ account, region }: Pick<TargetCoverage, 'account' | 'region'>): string {
  return `${account} ${region}`;
}

/** The one link that an alert has, where it is an address as we make them: no text that a tag could bend. */
export function reportUrl({ report: { url } }: AlertInput): string | undefined {
  return url !== undefined && /^https:\/\/[\w.~:/?#@!$&'()*+,;=%-]{1,1500}$/.test(url) ? url : undefined;
}

/** The report's `s3://` location, where it is one; mail and chat programs make no link of it. */
export function reportLocation({ report: { location } }: AlertInput): string | undefined {
  return /^s3:\/\/[\w./=-]{3,1500}$/.test(location) ? location : undefined;
}
