/** Numbers, times and node texts as the page writes them. Tested by test/formats/html.test.ts. */
import { type Html, html } from './markup.ts';

/** Longest name of a cluster or group in a sentence: tags may have 256 characters (EC2 User Guide, tag restrictions). */
const LONGEST_NAME = 60;

/** What stands between backticks is something to type. */
export function rich(text: string): Html {
  const parts = text.split(/`([^`]+)`/).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
  return html`${parts}`;
}

export function number(value: number): string {
  return value.toLocaleString('en');
}

/** `1 node`, `2 nodes`. */
export function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 || noun === 'more' ? '' : 's'}`;
}

/** `23 November 2026, 02:00 UTC`. */
export function time(iso: string): string {
  return `${day(iso)}, ${new Date(iso).toISOString().slice(11, 16)} UTC`;
}

/** `23 November 2026`. */
export function day(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}

/** `in 12 days`, `within 3 hours`, `3 days ago`. */
export function distance(iso: string, now: string): string {
  // Certificates end at whole seconds, and verdicts count from the second in which the scan began.
  const left = (Date.parse(iso) - Math.floor(Date.parse(now) / 1000) * 1000) / 86_400_000;
  const days = Math.floor(Math.abs(left));
  const hours = Math.ceil(left * 24);
  if (days === 0) return left < 0 ? 'less than a day ago' : hours <= 1 ? 'within an hour' : `within ${hours} hours`;
  return left > 0 ? `in ${count(days, 'day')}` : `${count(days, 'day')} ago`;
}

/** The day, and where it is less than one away the time too. */
export function moment(iso: string, now: string): string {
  return Math.abs(Date.parse(iso) - Date.parse(now)) < 86_400_000 ? time(iso) : day(iso);
}

/** A cluster's name, short enough for a sentence. */
export function clusterName(name: string): string {
  if (name === '') return '(no cluster)';
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

/** `payments-prod, workers`: where the nodes of a group are. */
export function groupName(cluster: string, group: string): string {
  return group === '' ? clusterName(cluster) : `${clusterName(cluster)}, ${clusterName(group)}`;
}
