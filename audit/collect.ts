/** One walk over the nights of an archive, which everything in a pack is counted in. Tested by test/audit/pack.test.ts. */
import { controlsOf } from './controls.ts';
import { type Episode, episodesOf } from './episodes.ts';
import type { ChangeTally } from './figures.ts';
import { assessed, type Night, readTold } from './period.ts';
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

/**
 * Walks nights in the order of their times; memory grows with nodes and with what changed, not with nights. `onRows` takes the rows of
 * `controls.csv` of each night. `rule` is the only one whose findings count, if it is given.
 */
export async function collect(
  archive: string,
  nights: readonly Night[],
  { rule, onRows }: { rule?: string | undefined; onRows(rows: Iterable<string>): void },
): Promise<Collected> {
  const population = populationOf(archive);
  const episodes = episodesOf(archive, rule);
  const controls = controlsOf(rule);
  const waivers = waiversOf(archive, rule);
  const strata: Stratum[] = [];
  const changes: ChangeTally = { appeared: 0, fixed: 0, lost: 0, accepted: 0 };
  const names: Readonly<Record<string, keyof ChangeTally>> = {
    ...{ new: 'appeared', fixed: 'fixed', lost: 'lost', accepted: 'accepted' },
  };
  for (const night of nights) {
    population.night(night);
    waivers.night(night);
    for (const target of assessed(night)) {
      let findings = 0;
      for await (const told of readTold(night, target)) {
        population.node(night, target, told);
        episodes.node(night, target, told);
        controls.node(told);
        waivers.node(told);
        for (const each of told.line?.findings ?? []) if (rule === undefined || each.rule === rule) findings += 1;
        for (const { change, rule: of } of told.changes?.changes ?? []) {
          const name = names[change];
          if (name !== undefined && (rule === undefined || of === rule)) changes[name] += 1;
        }
      }
      episodes.targetEnds(target);
      strata.push({ night, target, findings });
    }
    onRows(controls.rows(night));
  }
  return {
    members: [...population.members.values()],
    episodes: episodes.all(nights.at(-1)?.manifest.scheduledAt ?? ''),
    waivers: waivers.all(),
    strata,
    changes,
  };
}
