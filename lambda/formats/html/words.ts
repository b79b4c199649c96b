/** Numbers, times and node texts as the page writes them. Tested by test/formats/html.test.ts. */
import { type Html, html } from './markup.ts';

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
  const date = new Date(iso);
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  return `${day}, ${date.toISOString().slice(11, 16)} UTC`;
}
