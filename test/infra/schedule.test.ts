import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSchedule, longestPause, losesScan } from '../../infra/schedule.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

const cases: [schedule: string, pause: number | undefined][] = [
  ['rate(15 minutes)', HOUR / 4],
  ['rate(12 hours)', 12 * HOUR],
  ['rate(7 days)', 7 * DAY],
  ['cron(0 2 * * ? *)', DAY],
  ['cron(0/15 * * * ? *)', HOUR / 4],
  ['cron(0/30 2-4 * * ? *)', 21.5 * HOUR],
  ['cron(30 6,18 * * ? *)', 12 * HOUR],
  ['cron(30 18,6 * * ? *)', 12 * HOUR],
  ['cron(0 2 ? * MON-FRI *)', 3 * DAY],
  ['cron(0 2 ? * FRI-MON *)', 4 * DAY],
  ['cron(0 2 ? * L *)', 7 * DAY],
  ['cron(0 2 1,15 * ? *)', 17 * DAY],
  ['cron(0 2 15W * ? *)', 31 * DAY],
  ['cron(0 2 L * ? *)', 31 * DAY],
  ['cron(0 2 ? * 6L *)', 35 * DAY],
  ['cron(0 2 ? * FRIL *)', 35 * DAY],
  ['cron(0 2 ? * mon#1 *)', 35 * DAY],
  ['cron(0 2 ? * 2#1 *)', 35 * DAY],
  ['cron(0 2 ? * FRI#5 *)', 119 * DAY],
  ['cron(0 2 1 JAN,JUL ? *)', 184 * DAY],
  ['cron(0/30 2-4 ? 1-6 SUN 2026-2030)', undefined],
  ['cron(0 2 29 2 ? *)', 1461 * DAY],
];

for (const [schedule, pause] of cases) {
  test(`${schedule} pauses ${pause === undefined ? 'nobody knows how long' : `${pause / HOUR} h at most`}`, () => {
    assert.ok(isSchedule(schedule));
    assert.equal(longestPause(schedule, 'UTC'), pause);
  });
}

test('where clocks are set back, a schedule pauses an hour longer, but not one that counts from its start', () => {
  assert.equal(longestPause('cron(0 2 * * ? *)', 'Europe/Paris'), DAY + HOUR);
  assert.equal(longestPause('rate(1 day)', 'Europe/Paris'), DAY);
});

const losses: [schedule: string, timeZone: string, loses: boolean][] = [
  ['cron(0 2 * * ? *)', 'UTC', false],
  ['cron(0 2 * * ? *)', 'Asia/Tokyo', false],
  ['cron(0 2 * * ? *)', 'Europe/Paris', true],
  ['cron(59 1 * * ? *)', 'Europe/Paris', false],
  ['cron(0 3 * * ? *)', 'Europe/Paris', false],
  ['cron(30 1 * * ? *)', 'Europe/London', true],
  ['cron(0 0 * * ? *)', 'America/Havana', true],
  // Half an hour from 02:00.
  ['cron(15 2 * * ? *)', 'Australia/Lord_Howe', true],
  ['cron(30 2 * * ? *)', 'Australia/Lord_Howe', false],
  // Clocks are set on Sundays.
  ['cron(0 2 ? * MON-FRI *)', 'Europe/Paris', false],
  ['cron(0 2 ? * SUN *)', 'Europe/Paris', true],
  // The next scan follows within the usual time.
  ['cron(0 * * * ? *)', 'Europe/Paris', false],
  ['cron(0 2,3 * * ? *)', 'Europe/Paris', false],
  ['rate(1 day)', 'Europe/Paris', false],
];

for (const [schedule, timeZone, loses] of losses) {
  test(`${schedule} in ${timeZone} loses ${loses ? 'a' : 'no'} scan when clocks are set forward`, () => {
    assert.equal(losesScan(schedule, timeZone), loses);
  });
}
