/** What to do, as a numbered list whose commands can be copied. Tested by test/formats/html.test.ts. */
import type { Step } from '../../platforms/step.ts';
import { type Html, html } from './markup.ts';
import { count, rich } from './words.ts';

/** The steps; page.js shows the buttons, which do nothing without it. */
export function todo(steps: readonly Step[]): Html {
  return html`<div class="do"><strong>What to do:</strong>${list(steps, 1)}</div>`;
}

/** The first step, and the others for who opens them. */
export function firstOf([first, ...others]: readonly Step[]): Html {
  if (!first) return html``;
  const more = html`<details><summary>${count(others.length, 'more step')}</summary>${list(others, 2)}</details>`;
  return html`<div class="wrap"><b>What to do:</b> ${action(first)}${others.length > 0 && more}</div>`;
}

function list(steps: readonly Step[], first: number): Html {
  return html`<ol class="steps" start="${first}">${steps.map((step) => html`<li>${action(step)}</li>`)}</ol>`;
}

function action({ text, command }: Step): Html {
  const button = html`<button type="button" data-typed hidden>Copy</button>`;
  const typed = html`<div class="typed"><code>${command}</code>${button}</div>`;
  return html`${rich(text)}${command !== undefined && typed}`;
}
