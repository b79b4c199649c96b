import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { namedSources, readPeriod } from '../../audit/period.ts';
import { retro } from '../../audit/retro.ts';
import { judgeArchived } from '../../lambda/results/judge-line.ts';
import { keepNight } from '../../simulator/archive/nights.ts';
import { dueAt, FAULTS, type Fault, type Life, lineOf } from '../../simulator/archive/quarter.ts';
import { memoryArchive } from '../archive/memory.ts';

const target = { account: '111122223333', region: 'eu-central-1' };
const DAYS = ['2026-07-01', '2026-07-02', '2026-07-03', '2026-07-04', '2026-07-05'];
const rules = Object.keys(FAULTS) as Fault[];

/** What a node does on a night: it is not there, is silent, or answers with these faults. */
const night = fc.oneof(
  { weight: 1, arbitrary: fc.constant('absent' as const) },
  { weight: 1, arbitrary: fc.constant('silent' as const) },
  { weight: 5, arbitrary: fc.subarray(rules) },
);
const histories = fc.array(fc.array(night, { minLength: DAYS.length, maxLength: DAYS.length }), {
  minLength: 1,
  maxLength: 3,
});
/** Which rules the scans asked then, by night. */
const asked = fc.array(fc.subarray(rules), { minLength: DAYS.length, maxLength: DAYS.length });

function lineOn(id: string, state: 'silent' | Fault[], day: string) {
  const span = [day, '2027-01-01'] as const;
  const life: Life = {
    id,
    target,
    ...(state === 'silent' && { silent: [{ span, reason: 'connection-lost' as const }] }),
    ...(Array.isArray(state) && { faults: state.map((rule) => ({ rule, span })) }),
  };
  return lineOf(life, day);
}

test('retro equals looking at every night, node and rule by themselves', async () => {
  await fc.assert(
    fc.asyncProperty(histories, asked, async (nodes, askedBy) => {
      const archive = memoryArchive();
      for (const [index, day] of DAYS.entries()) {
        const there = nodes.flatMap((states, node) => {
          const state = states[index] ?? 'absent';
          return state === 'absent' ? [] : [lineOn(`i-0${node}`, state, day)];
        });
        await keepNight(archive, {
          scheduledAt: dueAt(day),
          everySeconds: 86_400,
          settings: { benchmarks: ['cis-kubernetes-1.5.1'] },
          targets: [{ target, listed: there.map(({ node }) => node.id), told: there }],
          judge: (line, scan) => {
            const judged = judgeArchived(line, scan);
            if (judged.coverage !== 'evaluated') return judged;
            const known = judged.findings.filter(
              ({ rule }) => !rules.includes(rule as Fault) || askedBy[index]?.includes(rule as Fault),
            );
            return { ...judged, findings: known };
          },
        });
      }
      const [source] = await namedSources([archive]);
      assert.ok(source);
      const found = await retro(await readPeriod(source, { from: '', to: '9' }), { judge: judgeArchived, all: true });

      // Each history as a word of one letter a night: what stands between two answers without the fault is one exposure.
      const expected = nodes.flatMap((states, node) =>
        rules.toSorted().flatMap((rule) => {
          const word = states.map((state) => (!Array.isArray(state) ? '-' : state.includes(rule) ? 'x' : 'o')).join('');
          return [...word.matchAll(/x[x-]*/g)].map((match) => {
            const last = match.index + match[0].lastIndexOf('x');
            const indexes = DAYS.map((_, index) => index).filter(
              (index) => word[index] === 'x' && index >= match.index && index <= last,
            );
            const untold = indexes.filter((index) => !askedBy[index]?.includes(rule)).length;
            const after = word.indexOf('o', last);
            return {
              ...{ node: `i-0${node}`, rule, from: dueAt(DAYS[match.index] ?? ''), to: dueAt(DAYS[last] ?? '') },
              until: after === -1 ? undefined : dueAt(DAYS[after] ?? ''),
              nights: indexes.length,
              untold,
              said: [...new Set(indexes.map((index) => (askedBy[index]?.includes(rule) ? 'fail' : 'not-asked')))]
                .sort()
                .join(', '),
            };
          });
        }),
      );
      assert.deepEqual(
        found.map(({ node, rule, from, to, until, nights, untold, said }) => ({
          node,
          rule,
          from,
          to,
          until,
          nights,
          untold,
          said,
        })),
        expected,
      );
    }),
    { numRuns: 12 },
  );
});
