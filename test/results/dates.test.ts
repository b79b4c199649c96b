import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysBetween, isScannersClock, isUrgent } from '../../lambda/results/dates.ts';

const NOW = '2026-11-23T02:00:00Z';

test('days are whole ones, rounded down', () => {
  assert.equal(daysBetween(NOW, '2026-11-27T01:59:59Z'), 3);
  assert.equal(daysBetween(NOW, '2026-11-22T02:00:01Z'), -1);
  // Certificates and rules know whole seconds, a scan's start has milliseconds: twelve days stay twelve.
  assert.equal(daysBetween('2026-11-23T02:00:00.455Z', '2026-12-05T02:00:00Z'), 12);
});

test('urgent is what has ended or will within a week', () => {
  const days = ['2026-11-01T00:00:00Z', '2026-11-30T01:59:59Z', '2026-11-30T02:00:00Z'];
  assert.deepEqual(
    days.map((on) => isUrgent(NOW, on)),
    [true, true, false],
  );
});

test("the scanner's clock is doubted where every node disagrees with it, and more than one", () => {
  assert.deepEqual([isScannersClock(9, 9), isScannersClock(8, 9), isScannersClock(1, 1)], [true, false, false]);
});
