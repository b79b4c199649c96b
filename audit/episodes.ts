/**
 * `episodes.csv`: each time that a finding was open on a node, from when to when, how it ended, and on how many of those days somebody
 * saw it. What is open is what `changes/` of a night says; how it changed, too. Tested by test/audit/pack.test.ts.
 */
import { csvRow } from '../lambda/formats/csv.ts';
import type { NodeChanges } from '../lambda/results/compare.ts';
import { ascending } from '../lambda/results/order.ts';
import type { Target } from '../lambda/settings.ts';
import { byPlace } from './order.ts';
import { holdsFor, type Night, type Told } from './period.ts';

/**
 * `open`: the period ended before it did. `waived`: a waiver accepts it. `lost`: the inventory no longer has the node. `dropped`: the
 * rule is no longer asked. `rules`: other rules judge the same evidence otherwise. `unknown`: it ended while no scan was kept.
 */
export type Ending = 'open' | 'fixed' | 'waived' | 'lost' | 'dropped' | 'rules' | 'unknown';

export type Episode = {
  archive: string;
  account: string;
  region: string;
  node: string;
  rule: string;
  /** The scan that found it open first, in the period; ISO 8601. */
  opened: string;
  /** Since when it fails, as the archive knows it: before `opened` where it was open before the period, or accepted, or lost. */
  since: string;
  /** A cause of a change, where nothing on the node need have changed; else `appeared`, or `carried-over` from before the period. */
  cause: string;
  /** Absent while it is open. */
  closed?: string;
  how: Ending;
  /** Days in the period on which it was open and confirmed, and on which nobody could tell. */
  days: number;
  silent: number;
  /** How many times before, in the period, it was open here and fixed. */
  returns: number;
};

type Running = Episode & {
  /** Milliseconds: when the last word on it was spoken, how long that holds, and whether it was a confirmation. */
  at: number;
  holds: number;
  confirmed: boolean;
};

const DAY = 86_400_000;

const ENDINGS: Readonly<Record<string, Ending>> = {
  fixed: 'fixed',
  accepted: 'waived',
  lost: 'lost',
  dropped: 'dropped',
  rejudged: 'rules',
};

/** Gathers episodes as nights pass, in the order of their times; `rule` is the only one that counts, if it is given. */
export function episodesOf(archive: string, rule?: string) {
  const running = new Map<string, Map<string, Running>>();
  const done: Episode[] = [];
  const fixed = new Map<string, number>();
  /** Targets that a night of the period told of: the first that does has nothing before. */
  const seen = new Set<string>();

  const advance = (episode: Running, now: number) => {
    const whole = now - episode.at;
    const sure = episode.confirmed ? Math.min(whole, episode.holds) : 0;
    episode.days += sure / DAY;
    episode.silent += (whole - sure) / DAY;
    episode.at = now;
  };

  const close = (key: string, open: Map<string, Running>, episode: Running, closed: string, how: Ending) => {
    advance(episode, Date.parse(closed));
    open.delete(episode.rule);
    if (open.size === 0) running.delete(key);
    if (how === 'fixed') {
      const name = `${key}/${episode.rule}`;
      fixed.set(name, (fixed.get(name) ?? 0) + 1);
    }
    done.push({ ...plain(episode), closed, how });
  };

  return {
    node(night: Night, target: Target, { changes }: Told): void {
      if (!changes) return;
      const { scheduledAt } = night.manifest;
      const key = `${target.account}/${target.region}/${changes.node}`;
      const open = running.get(key) ?? new Map<string, Running>();
      for (const [name, episode] of open) {
        if (Object.hasOwn(changes.open, name)) advance(episode, Date.parse(scheduledAt));
        else close(key, open, episode, scheduledAt, endingOf(changes, name));
      }
      for (const [name, since] of Object.entries(changes.open)) {
        if (rule !== undefined && name !== rule) continue;
        const change = changes.changes.find((one) => one.rule === name);
        const confirmed = change?.change !== 'unconfirmed' && changes.coverage === 'evaluated';
        const known = open.get(name);
        const holds = holdsFor(night);
        if (known) {
          Object.assign(known, { holds, confirmed });
          continue;
        }
        const opening = change && (change.change === 'new' || change.change === 'rejudged') ? change : undefined;
        open.set(name, {
          ...{ archive, ...target, node: changes.node, rule: name, opened: scheduledAt, since },
          cause: opening ? (opening.cause ?? 'appeared') : seen.has(placeOf(target)) ? 'unknown' : 'carried-over',
          ...{ how: 'open', days: 0, silent: 0, returns: fixed.get(`${key}/${name}`) ?? 0 },
          ...{ at: Date.parse(scheduledAt), holds, confirmed },
        });
        running.set(key, open);
      }
    },
    /** After the last node of a target. */
    targetEnds(target: Target): void {
      seen.add(placeOf(target));
    },
    /** All episodes; those that are open are counted until `end`, ISO 8601. */
    all(end: string): Episode[] {
      const open = [...running.values()].flatMap((rules) => [...rules.values()]);
      for (const episode of open) if (Date.parse(end) > episode.at) advance(episode, Date.parse(end));
      return [...done, ...open.map(plain)].sort(
        (a, b) => byPlace(a, b) || ascending(a.rule, b.rule) || ascending(a.opened, b.opened),
      );
    },
  };
}

function plain({ at: _, holds: __, confirmed: ___, ...episode }: Running): Episode {
  return episode;
}

function placeOf({ account, region }: Target): string {
  return `${account}/${region}`;
}

function endingOf({ changes, coverage }: NodeChanges, rule: string): Ending {
  const change = changes.find((one) => one.rule === rule)?.change;
  if (change !== undefined && Object.hasOwn(ENDINGS, change)) return ENDINGS[change] as Ending;
  return coverage === 'lost' || coverage === 'absent' ? 'lost' : 'unknown';
}

const COLUMNS = [
  ...['archive', 'account', 'region', 'node', 'rule', 'opened', 'cause', 'failing_since', 'closed', 'how'],
  ...['days_open', 'days_silent', 'returns'],
];

/** Days with one decimal: a night is rarely late by more. */
export function episodeRow(each: Episode): string {
  const { archive, account, region, node, rule, opened, cause, since, closed = '', how, returns } = each;
  const days = (value: number) => Number(value.toFixed(1));
  return csvRow([
    ...[archive, account, region, node, rule, opened, cause, since, closed, how],
    ...[days(each.days), days(each.silent), returns],
  ]);
}

export function* episodeRows(episodes: readonly Episode[]): Generator<string> {
  yield csvRow(COLUMNS);
  for (const episode of episodes) yield episodeRow(episode);
}
