/** What page and messages alike say of days: how far one is, which are near, and whether the clock that all were judged by is right. */

/** In the last week a certificate is told of every night. */
export const URGENT_DAYS = 7;

/** Days from one time to another, both in whole seconds as rules have them, rounded down; negative for earlier ones. */
export function daysBetween(from: string, to: string): number {
  const seconds = (iso: string) => Math.floor(Date.parse(iso) / 1000);
  return Math.floor((seconds(to) - seconds(from)) / 86_400);
}

/** Whether a certificate that ends on a day has expired, at the start of a scan, or will within a week. */
export function isUrgent(startedAt: string, on: string): boolean {
  return daysBetween(startedAt, on) < URGENT_DAYS;
}

/**
 * Whether the clock of every node that was judged disagrees with the scan's, `wrong` being those that do: then rather that
 * one is wrong, and each date that was judged by it.
 */
export function isScannersClock(wrong: number, evaluated: number): boolean {
  return wrong > 1 && wrong >= evaluated;
}
