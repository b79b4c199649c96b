import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { differing, KNOWN_ANSWERS } from '../../lambda/judging/known-answers.ts';
import { readCases } from '../../tools/agreement.ts';
import { answerOf, VECTORS } from '../../tools/known-answers.ts';

test('today’s derivation agrees with every known answer', () => {
  assert.deepEqual(differing(KNOWN_ANSWERS), []);
});

test('each known answer is what a real kubelet was recorded to answer, and every recorded version is among them', () => {
  const recorded = new Map(
    VECTORS.flatMap((name) =>
      readCases(fileURLToPath(new URL(`../kubelet/vectors/${name}.jsonl.gz`, import.meta.url))),
    ).map((one) => [one.id, one] as const),
  );
  for (const answer of KNOWN_ANSWERS.answers) {
    const one = recorded.get(answer[0]);
    assert.deepEqual(one && answerOf(one, KNOWN_ANSWERS.usual), answer, 'npm run known-answers -- --write');
  }
  const minors = new Set(KNOWN_ANSWERS.answers.map(([, minor]) => minor));
  assert.ok(KNOWN_ANSWERS.answers.length >= 200 && minors.size >= 12, [...minors].join());
  // Each setting that a rule asks for is seen with another value than the usual one.
  const seen = new Set(KNOWN_ANSWERS.answers.flatMap(([, , , , expected]) => Object.keys(expected)));
  assert.deepEqual(
    Object.keys(KNOWN_ANSWERS.usual).filter((path) => !seen.has(path)),
    [],
  );
  assert.ok(KNOWN_ANSWERS.answers.filter(([, , , , expected]) => Array.isArray(expected)).length > 20, 'refusals');
});

const [start] = KNOWN_ANSWERS.answers.filter(([, , , , expected]) => !Array.isArray(expected));
const [refusal] = KNOWN_ANSWERS.answers.filter(([, , , , expected]) => Array.isArray(expected));

for (const [what, answer, expected] of [
  ['a setting of another value', start, { rotateCertificates: 'neither' }],
  ['a refusal where the kubelet starts', start, ['no']],
  ['another refusal', refusal, ['no']],
  ['a start where the kubelet refuses', refusal, {}],
] as const) {
  test(`${what} is a difference`, () => {
    assert.ok(answer);
    const [id, minor, argv, files] = answer;
    const changed = [id, minor, argv, files, expected] as unknown as typeof answer;
    assert.deepEqual(differing({ usual: KNOWN_ANSWERS.usual, answers: [answer, changed] }), [id]);
  });
}
