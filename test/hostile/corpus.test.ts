/** Each hostile answer becomes one row: a bad answer, or a node that is judged by what it said. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answer } from '../../simulator/hostile/answer.ts';
import { corpus } from '../../simulator/hostile/corpus.ts';
import { checkRow, outcomeOf, rowOf } from '../../simulator/hostile/row.ts';

test('the corpus has at least 150 answers, and no two of one name', () => {
  assert.ok(corpus.length >= 150);
  assert.equal(new Set(corpus.map(({ name }) => name)).size, corpus.length);
});

test('the node that all of them are made of is in order', () => {
  const row = rowOf(answer());
  checkRow(row);
  assert.equal(row.findings.find(({ rule }) => rule === 'rotate-client-certificates')?.status, 'pass');
});

describe('an answer with', () => {
  for (const { name, output, becomes } of corpus) {
    test(name, () => {
      const row = rowOf(output);
      checkRow(row);
      if (becomes !== 'either') assert.equal(outcomeOf(row), becomes, row.detail);
      assert.match(outcomeOf(row), /^(judged|bad-answer|no-kubelet)$/);
    });
  }
});

test('no broken envelope passes, whatever is in it', () => {
  for (const { name, output, becomes } of corpus) {
    if (becomes === 'bad-answer') assert.deepEqual(rowOf(output).findings, [], name);
  }
});

test('identity is the invocation’s, never the answer’s', () => {
  const row = rowOf(answer({ args: ['--hostname-override=i-0000000000another'], before: 'note i-0000000000another' }));
  checkRow(row);
});
