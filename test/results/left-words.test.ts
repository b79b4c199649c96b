import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whatWasThere, whyLeft } from '../../lambda/results/left-words.ts';

const [since, at] = ['2026-11-18T02:00:00.000Z', '2026-11-17T02:00:00.000Z'];

test('what was there is what the last scan saw, and not that a scan which could not look saw nothing', () => {
  assert.equal(whatWasThere({}, '12 nodes'), 'had 12 nodes');
  const known = { notAssessedSince: since, lastAssessed: at };
  assert.equal(whatWasThere(known, '12 nodes'), 'had 12 nodes when it was scanned last, on 2026-11-17');
  assert.equal(whatWasThere({ notAssessedSince: since }, '0 nodes'), 'could not be scanned since 2026-11-18');
});

test('why it left is what its account tells', () => {
  assert.equal(whyLeft(undefined), 'neither settings nor organization name it');
  assert.equal(whyLeft('closed'), 'its account is closed');
  assert.equal(whyLeft('region-not-enabled'), 'its account has not enabled the region');
});
