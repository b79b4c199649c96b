/**
 * `npm run known-answers -- [--write]`: picks the known answers of lambda/judging/known-answers.json from the recorded answers
 * of real kubelets in test/kubelet/vectors, so that every version meets as many settings and refusals as the set has room for.
 * Tested by test/judging/known-answers.test.ts.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { KnownAnswer, KnownAnswers } from '../lambda/judging/known-answers.ts';
import { type Case, compare, kindOf, readCases } from './agreement.ts';

/** So many answers take some milliseconds and some ten kilobytes. */
const PICKED = 200;
/** Longer inputs say little more and fill the bundle. Characters. */
const LONGEST = 360;

const FILE = fileURLToPath(new URL('../lambda/judging/known-answers.json', import.meta.url));
export const VECTORS = ['named', 'random-2', 'refused'];

/** The set, as it follows from the recordings. */
function pick(): KnownAnswers {
  const cases = VECTORS.flatMap((name) =>
    readCases(fileURLToPath(new URL(`../test/kubelet/vectors/${name}.jsonl.gz`, import.meta.url))),
  );
  const usual = usualOf(cases);
  const candidates = cases.flatMap((one) => {
    const answer = answerOf(one, usual);
    return answer && JSON.stringify(answer).length <= LONGEST
      ? [{ answer, length: JSON.stringify(answer).length, features: featuresOf(answer) }]
      : [];
  });
  const covered = new Map<string, number>();
  const answers: KnownAnswer[] = [];
  while (answers.length < PICKED && candidates.length > 0) {
    // What few picked ones show counts most; of equals the first.
    const worth = ({ features, length }: (typeof candidates)[number]) =>
      features.reduce((sum, feature) => sum + 1 / (1 + (covered.get(feature) ?? 0)) ** 2, 0) / (200 + length);
    const best = candidates.reduce((a, b) => (worth(b) > worth(a) ? b : a));
    candidates.splice(candidates.indexOf(best), 1);
    answers.push(best.answer);
    for (const feature of best.features) covered.set(feature, (covered.get(feature) ?? 0) + 1);
  }
  return { usual, answers: answers.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

/** The value that most recorded kubelets have, by setting. */
function usualOf(cases: readonly Case[]): Record<string, unknown> {
  const counts = new Map<string, Map<string, number>>();
  for (const one of cases) {
    if (!one.starts || !('effective' in one)) continue;
    for (const [path, value] of Object.entries(one.effective)) {
      const values = counts.get(path) ?? new Map<string, number>();
      values.set(JSON.stringify(value), (values.get(JSON.stringify(value)) ?? 0) + 1);
      counts.set(path, values);
    }
  }
  return Object.fromEntries(
    [...counts].map(([path, values]) => [path, JSON.parse([...values].reduce((a, b) => (b[1] > a[1] ? b : a))[0])]),
  );
}

/** A recorded answer in short; undefined for what stands in no short form, or for later refusals nobody was asked about. */
export function answerOf(one: Case, usual: Record<string, unknown>): KnownAnswer | undefined {
  if (!('kubelet' in one) || one.env !== undefined || compare(one).length > 0) return undefined;
  const head = [one.id, one.kubelet, one.argv, one.files] as const;
  if (!one.starts) return one.messages && one.messages.length > 0 ? [...head, one.messages] : undefined;
  // These were recorded without asking what is refused later.
  if (kindOf(one) === 'named' && !startsWhole(one)) return undefined;
  if (Object.keys(usual).some((path) => !(path in one.effective))) return undefined;
  const different = Object.entries(one.effective).filter(
    ([path, value]) => path in usual && JSON.stringify(value) !== JSON.stringify(usual[path]),
  );
  return [...head, Object.fromEntries(different)];
}

function startsWhole(one: Case): boolean {
  return compare({ ...one, id: `x${one.id}` } as Case).length === 0;
}

function featuresOf([, minor, , , expected]: KnownAnswer): string[] {
  if (Array.isArray(expected)) return expected.map((message) => `${minor} ${message.split(':')[0]}`);
  return Object.entries(expected).flatMap(([path, value]) => [`${minor} ${path}`, `${path} ${JSON.stringify(value)}`]);
}

/** As it stands in the file: an answer a line. */
function written({ usual, answers }: KnownAnswers): string {
  const lines = answers.map((answer) => JSON.stringify(answer)).join(',\n');
  return `{"usual":${JSON.stringify(usual)},"answers":[\n${lines}\n]}\n`;
}

if (import.meta.main) {
  const text = written(pick());
  if (process.argv.includes('--write')) writeFileSync(FILE, text);
  else process.stdout.write(text);
}
