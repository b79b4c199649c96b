/**
 * Markup as a type of its own: `html` is the only way to make it, and it escapes every text that is put in. A text can
 * therefore not become markup by oversight: where markup is asked for, a string does not compile.
 */
import { escapeHtml } from '../text.ts';

const written: unique symbol = Symbol('markup');

/** Markup in which every text is escaped. */
export type Html = { readonly [written]: string };

/** What may be put into markup; `undefined` and `false` are nothing. */
export type Part = Html | string | number | undefined | false | readonly Part[];

/** Markup of a template. A line break with its indentation is layout where it stands beside a tag or alone, else a blank. */
export function html(template: TemplateStringsArray, ...parts: Part[]): Html {
  const [first = '', ...others] = withoutLayout(template);
  let text = first;
  for (const [index, part] of parts.entries()) text += textOf(part) + others[index];
  return { [written]: text };
}

/** Markup as text, to be written to a file. */
export function markupOf(markup: Html | readonly Html[]): string {
  return textOf(markup);
}

function textOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return written in part ? part[written] : part.map(textOf).join('');
}

/** A page has thousands of rows of one template. */
const known = new WeakMap<TemplateStringsArray, readonly string[]>();

function withoutLayout(template: TemplateStringsArray): readonly string[] {
  const found = known.get(template);
  if (found) return found;
  const strings = template.map((text) =>
    text
      .replace(/^\s*\n\s*$/, '')
      .replace(/>\s*\n\s*/g, '>')
      .replace(/\s*\n\s*</g, '<')
      .replace(/\s*\n\s*/g, ' '),
  );
  known.set(template, strings);
  return strings;
}
