import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proveMethod } from '../../lambda/archive/method.ts';
import { KNOWN_ANSWERS } from '../../lambda/judging/known-answers.ts';

test('the method of today agrees with every known answer', () => {
  const { answers, agreed, differed, digest } = proveMethod();
  assert.deepEqual([answers, agreed, differed], [200, 200, []]);
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.equal(proveMethod({ collector: digest }).collector, digest);
  assert.equal(proveMethod({ windowsCollector: digest }).windowsCollector, digest);
});

test('what differs is named and counted, and another set has another digest', () => {
  const [first] = KNOWN_ANSWERS.answers;
  assert.ok(first);
  const [id, minor, argv, files] = first;
  const known = { ...KNOWN_ANSWERS, answers: [[id, minor, argv, files, ['refused']] as typeof first] };
  const { answers, agreed, differed, digest } = proveMethod({ known });
  assert.deepEqual([answers, agreed, differed], [1, 0, [id]]);
  assert.notEqual(digest, proveMethod().digest);
});
