/** What a reader must know before any number: where the period cannot be relied upon. Tested by test/audit/exceptions.test.ts. */

import { count } from '../lambda/alerts/text.ts';
import { coverageOf } from '../lambda/results/coverage.ts';
import { ascending } from '../lambda/results/order.ts';
import { notAssessedOf } from '../lambda/results/summary.ts';
import { problemsBeside } from './nights.ts';
import type { Part } from './page.ts';
import { type Member, silentNights } from './population.ts';

/** Whoever can write to the archive can put any number of objects beside its scans. */
const MOST_BESIDE = 20;

/** Sentences on what is missing, broken, unsigned or silent; none where everything is as it should be. */
export function exceptionsOf(
  parts: readonly Pick<Part, 'name' | 'nights' | 'rows' | 'verification'>[],
  members: readonly Member[],
  { asked, until }: { asked: string; until: string },
): string[] {
  const told: string[] = [];
  if (until < asked) told.push(`The period is not over: it is counted until ${until}.`);
  for (const { name, nights, rows, verification } of parts) {
    const of = (status: string) => rows.filter((row) => row.status === status).map(({ due }) => due.slice(0, 10));
    const say = (days: readonly string[], one: string, many: string) => {
      if (days.length > 0)
        told.push(`${name}: ${count(days.length, 'night')} ${days.length === 1 ? one : many}: ${days.join(', ')}.`);
    };
    if (nights.length === 0) told.push(`${name} has no verified night in the period.`);
    say(of('broken'), 'is not as it was sealed, and counts nowhere', 'are not as they were sealed, and count nowhere');
    say(of('unsealed'), 'never ended, or its manifest was deleted', 'never ended, or their manifests were deleted');
    say(of('missing'), 'was due and is missing', 'were due and are missing');
    const beside = problemsBeside(verification.problems);
    for (const { key, text } of beside.slice(0, MOST_BESIDE)) told.push(`${name}: ${key} ${text}`);
    if (beside.length > MOST_BESIDE)
      told.push(
        `${name}: ${count(beside.length - MOST_BESIDE, 'more problem')} that no scan has, listed in verification/${name}.json.`,
      );
    const unsigned = nights
      .filter(({ manifest }) => !manifest.signing)
      .map(({ manifest }) => manifest.scheduledAt.slice(0, 10));
    if (unsigned.length > 0)
      told.push(
        `${name}: ${count(unsigned.length, 'night')} of ${nights.length} nobody signed: whoever could write to the archive could have made them.`,
      );
    const failed = Map.groupBy(
      nights.flatMap((night) =>
        notAssessedOf(night.summary).map((each) => ({ ...each, day: night.manifest.scheduledAt.slice(0, 10) })),
      ),
      ({ account, region }) => `${account} ${region}`,
    );
    for (const [place, all] of [...failed].sort(([a], [b]) => ascending(a, b)))
      told.push(`${place} was not assessed on ${count(all.length, 'night')}: ${all.map(({ day }) => day).join(', ')}.`);
    const differed = nights.filter(({ manifest }) => (manifest.method?.differed.length ?? 0) > 0);
    if (differed.length > 0)
      told.push(`${name}: on ${count(differed.length, 'night')} the method did not meet all of its known answers.`);
    const last = nights.at(-1)?.summary.totals;
    const { due, missed } = last ? coverageOf(last) : { due: 0, missed: 0 };
    if (missed > 0) told.push(`${name}: ${count(missed, 'node')} of ${due} gave no answer in the last night.`);
  }
  const silents = members.filter((member) => silentNights(member) > 0);
  const never = silents.filter(({ evaluated }) => evaluated === 0).map(({ node }) => node);
  if (never.length > 0)
    told.push(
      `${count(never.length, 'node')} never gave an answer in the period: ${never.slice(0, 20).join(', ')}${never.length > 20 ? ' and others' : ''}.`,
    );
  const silent = silents.length - never.length;
  if (silent > 0) told.push(`${count(silent, 'node')} gave no answer on some nights, which population.csv counts.`);
  return told;
}
