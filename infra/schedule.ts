/**
 * Schedules of EventBridge Scheduler: which it takes, and how long they pause, so that `verify` and an alarm know when a
 * scan is missing. Source: user guide, "Schedule types in EventBridge Scheduler".
 *
 * Our own, because libraries know other dialects. Of the 18 cron expressions without years in its test, croner 11.0.1 gets
 * the pause of 13 right (once the year is cut off, which it refuses), cron-parser 5.10.6 of 15, and aws-cron-parser 1.1.12
 * of 13; it also takes 31 February, on which Scheduler would never start a scan. None knows `rate(…)`.
 */

const HOUR = 3600;
const DAY = 24 * HOUR;
const UNITS: Readonly<Record<string, number>> = { minute: 60, hour: HOUR, day: DAY };

/** A scan may take a quarter of an hour, and nobody needs more of them. */
const LEAST_PAUSE = HOUR / 4;

/** The days that are looked at: five years have a leap day or two, and every date on most weekdays. */
const FIRST_DAY = Date.UTC(2024, 0, 1);
const DAYS = 5 * 366;

/** Clocks are set at whole quarters of an hour (IANA time zone database). */
const STEP = HOUR / 4;

/** A field of a cron expression: its numbers, and the names that stand for them. */
type Field = { minimum: number; maximum: number; names?: readonly string[] };

const MINUTE: Field = { minimum: 0, maximum: 59 };
const CLOCK_HOUR: Field = { minimum: 0, maximum: 23 };
const DATE: Field = { minimum: 1, maximum: 31 };
const MONTH: Field = {
  minimum: 1,
  maximum: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
const WEEKDAY: Field = { minimum: 1, maximum: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] };
const YEAR: Field = { minimum: 1970, maximum: 2199 };

/** Tells whether this is `cron(…)` or `rate(…)` as Scheduler takes it, that it scans at all, and not too often. */
export function isSchedule(text: string): boolean {
  const pauses = pausesOf(text);
  return pauses !== undefined && pauses.least >= LEAST_PAUSE;
}

/**
 * The longest time between two scans of a schedule, in seconds; undefined for one that names years, which may end. An hour
 * more where the zone's clocks may be set back.
 */
export function longestPause(schedule: string, timeZone: string): number | undefined {
  if (schedule.startsWith('rate')) return pausesOf(schedule)?.most;
  const most = schedule.endsWith(' *)') ? pausesOf(schedule)?.most : undefined;
  return most === undefined || timeZone === 'UTC' ? most : most + HOUR;
}

/**
 * Tells whether a scan of a schedule falls out when the zone's clocks are set forward, so that it pauses longer than
 * `longestPause` says: Scheduler skips a time that clocks do not show (user guide, "Daylight savings time on EventBridge
 * Scheduler").
 */
export function losesScan(schedule: string, timeZone: string): boolean {
  const most = pausesOf(schedule)?.most;
  const times = [...(cron(schedule) ?? [])];
  if (most === undefined) return false;
  return leapsOf(timeZone).some(({ from, to }) => {
    const before = times.findLast((time) => time < from);
    const after = times.find((time) => time >= to);
    return before !== undefined && after !== undefined && after - before - (to - from) > most;
  });
}

/** Where the clocks of a zone are set forward in the days that are looked at: what they show before and after, in seconds. */
function leapsOf(timeZone: string): { from: number; to: number }[] {
  // In Swedish a time looks as in ISO 8601.
  const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const shown = (time: number) =>
    (Date.parse(`${format.format(FIRST_DAY + time * 1000).replace(' ', 'T')}Z`) - FIRST_DAY) / 1000;
  const isLeap = (time: number, length: number) => shown(time + length) - shown(time) > length;
  return Array.from({ length: DAYS }, (_, day) => day * DAY)
    .filter((day) => isLeap(day, DAY))
    .flatMap((day) => Array.from({ length: DAY / STEP }, (_, step) => day + step * STEP))
    .filter((time) => isLeap(time, STEP))
    .map((time) => ({ from: shown(time) + STEP, to: shown(time + STEP) }));
}

/** Seconds between two scans, whatever the year; undefined for what is no schedule, or never comes twice. */
function pausesOf(schedule: string): { least: number; most: number } | undefined {
  const [, count, unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  if (count !== undefined) {
    const seconds = Number(count) * (UNITS[unit] as number);
    return { least: seconds, most: seconds };
  }
  const times = cron(schedule);
  if (times === undefined) return undefined;
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  let before: number | undefined;
  for (const now of times) {
    if (before !== undefined) [least, most] = [Math.min(least, now - before), Math.max(most, now - before)];
    before = now;
  }
  return most === 0 ? undefined : { least, most };
}

/** The times of a cron expression in the days that are looked at, in seconds. */
function cron(schedule: string): Iterable<number> | undefined {
  const [minute = '', hour = '', date = '', month = '', weekday = '', year = '', ...more] =
    /^cron\((.*)\)$/.exec(schedule)?.[1]?.split(' ') ?? [];
  const [minutes, hours, months] = [valuesOf(minute, MINUTE), valuesOf(hour, CLOCK_HOUR), valuesOf(month, MONTH)];
  const [isDate, isWeekday] = [dates(date), weekdays(weekday)];
  // Exactly one of day of month and day of week must be left open.
  const isOpen = (date === '?') !== (weekday === '?');
  if (!minutes || !hours || !months || !isDate || !isWeekday || !valuesOf(year, YEAR) || !isOpen || more.length > 0) {
    return undefined;
  }
  const times = hours.flatMap((each) => minutes.map((past) => each * HOUR + past * 60));
  const days = Array.from({ length: DAYS }, (_, day) => day).filter((day) => {
    const at = new Date(FIRST_DAY + day * DAY * 1000);
    return months.includes(at.getUTCMonth() + 1) && isDate(at) && isWeekday(at);
  });
  return each(days, times);
}

/** One after the other, because some schedules have millions of them. */
function* each(days: readonly number[], times: readonly number[]): Generator<number> {
  for (const day of days) for (const time of times) yield day * DAY + time;
}

type IsDay = (at: Date) => boolean;

/** `L` is the last day of a month, `15W` the working day next to the 15th, which is at most two days away. */
function dates(text: string): IsDay | undefined {
  if (text === '?') return () => true;
  if (/^LW?$/.test(text)) return (at) => at.getUTCDate() === lastDate(at);
  const values = valuesOf(text.replace(/^(\d+)W$/, '$1'), DATE);
  return values && ((at) => values.includes(at.getUTCDate()));
}

/** `6L` or `FRIL` is the last Friday of a month, `6#3` or `FRI#3` the third; `L` is Saturday. */
function weekdays(text: string): IsDay | undefined {
  if (text === '?') return () => true;
  const [, last, which, number] = /^(?:(\w*)L|(\w+)#([1-5]))$/.exec(text) ?? [];
  const values = valuesOf(last === '' ? '7' : (last ?? which ?? text), WEEKDAY);
  return (
    values &&
    ((at) => {
      const date = at.getUTCDate();
      if (last && date <= lastDate(at) - 7) return false;
      if (number !== undefined && Math.ceil(date / 7) !== Number(number)) return false;
      return values.includes(at.getUTCDay() + 1);
    })
  );
}

function lastDate(at: Date): number {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
}

/** The values of a field, in order; undefined where it is not one. `FRI-MON` goes over the end of the week. */
function valuesOf(text: string, field: Field): number[] | undefined {
  const { minimum, maximum } = field;
  const size = maximum - minimum + 1;
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step, ...rest] = part.split('/');
    const [first = '', last, ...more] = range === '*' ? [String(minimum), String(maximum)] : range.split('-');
    const from = numberOf(first, field);
    const to = last === undefined ? (step === undefined ? from : maximum) : numberOf(last, field);
    if (from === undefined || to === undefined || rest.length + more.length > 0) return undefined;
    if (step !== undefined && !/^[1-9]\d*$/.test(step)) return undefined;
    const length = (to - from + size) % size;
    for (let past = 0; past <= length; past += Number(step ?? 1))
      values.add(((from - minimum + past) % size) + minimum);
  }
  return [...values].sort((a, b) => a - b);
}

function numberOf(text: string, { minimum, maximum, names = [] }: Field): number | undefined {
  const name = names.indexOf(text.toUpperCase());
  const value = name >= 0 ? name + minimum : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= minimum && value <= maximum ? value : undefined;
}
