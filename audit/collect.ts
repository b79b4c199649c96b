/** One walk over the nights of an archive, which everything in a pack is counted in. Tested by test/audit/pack.test.ts. */
import { isDeepStrictEqual } from 'node:util';
import type { Observer } from '../lambda/archive/verification.ts';
import type { Target } from '../lambda/settings.ts';
import { controlsOf } from './controls.ts';
import { type Episode, episodesOf } from './episodes.ts';
import type { ChangeTally } from './figures.ts';
import { assessed, type Night, readTold, type Told } from './period.ts';
import { type Member, populationOf } from './population.ts';
import type { Stratum } from './samples.ts';
import { type WaiverRow, waiversOf } from './waivers.ts';

/** What the nights of one archive add up to. */
export type Collected = {
  members: Member[];
  episodes: Episode[];
  waivers: WaiverRow[];
  strata: Stratum[];
  changes: ChangeTally;
};

const CHANGES: Readonly<Record<string, keyof ChangeTally>> = {
  ...{ new: 'appeared', fixed: 'fixed', lost: 'lost', accepted: 'accepted' },
};

/** What is told of the nights of an archive, in the order of their times: each night, its nodes target by target, its end. */
export type Collector = {
  night(night: Night): void;
  node(target: Target, told: Told): void;
  targetEnds(target: Target): void;
  nightEnds(): void;
  result(): Collected;
};

/**
 * Counts nights as they pass; memory grows with nodes and with what changed, not with nights. `onRows` takes the rows of
 * `controls.csv` of each night. `rule` is the only one whose findings count, if it is given.
 */
export function collector(
  archive: string,
  { rule, onRows }: { rule?: string | undefined; onRows(rows: Iterable<string>): void },
): Collector {
  const population = populationOf(archive);
  const episodes = episodesOf(archive, rule);
  const controls = controlsOf(rule);
  const waivers = waiversOf(archive, rule);
  const strata: Stratum[] = [];
  const changes: ChangeTally = { appeared: 0, fixed: 0, lost: 0, accepted: 0 };
  let night: Night;
  let findings = 0;
  return {
    night(next) {
      night = next;
      population.night(night);
      waivers.night(night);
    },
    node(target, told) {
      population.node(night, target, told);
      episodes.node(night, target, told);
      controls.node(told);
      waivers.node(told);
      for (const each of told.line?.findings ?? []) if (rule === undefined || each.rule === rule) findings += 1;
      for (const { change, rule: of } of told.changes?.changes ?? []) {
        const name = CHANGES[change];
        if (name !== undefined && (rule === undefined || of === rule)) changes[name] += 1;
      }
    },
    targetEnds(target) {
      episodes.targetEnds(target);
      strata.push({ night, target, findings });
      findings = 0;
    },
    nightEnds: () => onRows(controls.rows(night)),
    result: () => ({
      members: [...population.members.values()],
      episodes: episodes.all(night?.manifest.scheduledAt ?? ''),
      waivers: waivers.all(),
      strata,
      changes,
    }),
  };
}

/** Tells all that these nights say, which are in the order of their times. */
export async function tellAll(nights: readonly Night[], to: Collector): Promise<void> {
  for (const night of nights) {
    to.night(night);
    for (const target of assessed(night)) {
      for await (const told of readTold(night, target)) to.node(target, told);
      to.targetEnds(target);
    }
    to.nightEnds();
  }
}

/**
 * A collector as who is told by whoever verifies these nights, and whether all were told, whole and in the order of their times: scans of
 * older forms and broken ones are not.
 */
export function observed(nights: readonly Night[], to: Collector): { observer: Observer; isComplete(): boolean } {
  const byKey = new Map(nights.map((night) => [night.manifest.key, night]));
  const begun: string[] = [];
  const ended: string[] = [];
  // Of a scan that is not among the nights nothing is counted; that shows at the end.
  let isKnown = false;
  return {
    observer: {
      scan({ key }) {
        begun.push(key);
        const night = byKey.get(key);
        isKnown = night !== undefined;
        if (night) to.night(night);
      },
      node: (target, told) => isKnown && to.node(target, told),
      targetEnds: (target) => isKnown && to.targetEnds(target),
      scanEnds() {
        ended.push(begun.at(-1) ?? '');
        if (isKnown) to.nightEnds();
      },
    },
    isComplete: () => [begun, ended].every((keys) => isDeepStrictEqual(keys, [...byKey.keys()])),
  };
}
