/** A table of the page. Tested by test/formats/html.test.ts. */
import { type Html, html } from './markup.ts';
import { number } from './words.ts';

/** A table that scrolls sideways where it is too wide; heads that begin with `#` stand above numbers. */
export function table(label: string, heads: readonly string[], rows: readonly Html[]): Html {
  const cells = heads.map((head) =>
    head.startsWith('#') ? html`<th scope="col" class="n">${head.slice(1)}</th>` : html`<th scope="col">${head}</th>`,
  );
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="${label}">
      <table><thead><tr>${cells}</tr></thead><tbody>${rows}</tbody></table>
    </div>`;
}

/** A cell with a number; a zero is set back. */
export function numeral(value: number): Html {
  return html`<td class="n${value === 0 ? ' zero' : ''}">${number(value)}</td>`;
}
