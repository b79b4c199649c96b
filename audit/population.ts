/**
 * `population.csv`: every node that any night of the period knew, from when to when, on how many nights it was evaluated, was silent,
 * had nothing to answer, and why, or was absent though it came back. Tested by test/audit/pack.test.ts.
 */

import { csvRow } from '../lambda/formats/csv.ts';
import { isIdle } from '../lambda/results/coverage.ts';
import { ascending } from '../lambda/results/order.ts';
import type { Target } from '../lambda/settings.ts';
import { byPlace } from './order.ts';
import type { Night, Told } from './period.ts';

export type Member = {
  archive: string;
  account: string;
  region: string;
  node: string;
  cluster: string;
  name: string;
  first: string;
  last: string;
  evaluated: number;
  /** Nights without an answer, by reason. */
  unreachable: Map<string, number>;
  /** Nights on which it answered, or was asked, although the inventory of that night did not list it yet. */
  late: string[];
  /** What EC2 said of it when it left the inventory, until it returns. */
  left: string;
  /** The scan's number of the last night that had it, and those in between that did not. */
  lastNight: number;
  absent: number;
  unassessed: number;
};

/** Gathers nodes as nights pass, in the order of their times. */
export function populationOf(archive: string) {
  const members = new Map<string, Member>();
  /** For each target, which of its nights were assessed, by their numbers. */
  const nights = new Map<string, { assessed: number[]; failed: number[] }>();
  let number = -1;

  return {
    members,
    night({ summary }: Night): void {
      number += 1;
      for (const { account, region, error } of summary.targets) {
        const place = `${account}/${region}`;
        const known = nights.get(place) ?? { assessed: [], failed: [] };
        known[error === undefined ? 'assessed' : 'failed'].push(number);
        nights.set(place, known);
      }
    },
    node({ manifest: { scheduledAt } }: Night, { account, region }: Target, { line, changes, late }: Told): void {
      if (!line) {
        const gone = members.get(`${account}/${region}/${changes?.node}`);
        if (gone && changes?.coverage === 'lost') gone.left = changes.now ?? 'unknown';
        return;
      }
      const { id, cluster = '', name = '' } = line.node;
      const place = `${account}/${region}`;
      const key = `${place}/${id}`;
      const known = members.get(key) ?? {
        ...{ archive, account, region, node: id, cluster, name, first: scheduledAt, last: scheduledAt },
        ...{
          evaluated: 0,
          unreachable: new Map<string, number>(),
          late: [] as string[],
          left: '',
          lastNight: number,
          absent: 0,
          unassessed: 0,
        },
      };
      members.set(key, known);
      const between = (at: number) => at > known.lastNight && at < number;
      if (known.lastNight < number - 1) {
        known.absent += nights.get(place)?.assessed.filter(between).length ?? 0;
        known.unassessed += nights.get(place)?.failed.filter(between).length ?? 0;
      }
      Object.assign(known, { last: scheduledAt, lastNight: number, cluster, name, left: '' });
      if (late) known.late.push(scheduledAt);
      if (line.coverage === 'evaluated') known.evaluated += 1;
      else known.unreachable.set(line.reason, (known.unreachable.get(line.reason) ?? 0) + 1);
    },
  };
}

const COLUMNS = [
  ...['archive', 'account', 'region', 'cluster', 'node', 'name', 'first_seen', 'last_seen'],
  ...['nights_evaluated', 'nights_unreachable', 'nights_idle', 'unreachable_why', 'nights_absent'],
  ...['nights_not_assessed', 'joined_after_inventory', 'left'],
];

/** Rows in the order of archive, account, region and node. */
export function* populationRows(members: readonly Member[]): Generator<string> {
  yield csvRow(COLUMNS);
  for (const each of [...members].sort(byPlace)) {
    const reasons = [...each.unreachable].sort(([a], [b]) => ascending(a, b));
    yield csvRow([
      ...[each.archive, each.account, each.region, each.cluster, each.node, each.name, each.first, each.last],
      ...[each.evaluated, silentNights(each), idleNights(each)],
      ...[reasons.map(([why, nights]) => `${why}: ${nights}`).join(', '), each.absent],
      ...[each.unassessed, each.late.join(' '), each.left],
    ]);
  }
}

/** Nights on which it had to answer and did not. */
export function silentNights(member: Pick<Member, 'unreachable'>): number {
  return nightsWithout(member, false);
}

/** Nights on which it had nothing to answer. */
function idleNights(member: Member): number {
  return nightsWithout(member, true);
}

function nightsWithout({ unreachable }: Pick<Member, 'unreachable'>, idle: boolean): number {
  return [...unreachable].reduce((sum, [reason, nights]) => (isIdle(reason) === idle ? sum + nights : sum), 0);
}
