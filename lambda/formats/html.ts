/**
 * `report.html`: one file that people open, search, print and keep. It loads nothing and sends nothing; its content
 * security policy allows only its own script and style, by their digests. Without scripts it still shows the summary
 * and the nodes that need attention.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Format, Head } from './format.ts';
import { collector } from './html/data.ts';
import { html as markup, markupOf } from './html/markup.ts';
import { titleOfPage } from './html/opening.ts';
import { sectionsOf } from './html/sections.ts';
import { addEntry, emptySums, type Sums } from './html/sums.ts';

// Read beside this file by Node; the bundle has the texts in their place (infra/bundle.ts).
const SCRIPT = readFileSync(new URL('./html/page.js', import.meta.url), 'utf8');
const STYLE = readFileSync(new URL('./html/style.css', import.meta.url), 'utf8');

export const html: Format = {
  file: 'report.html',
  contentType: 'text/html; charset=utf-8',
  gzip: false,
  open: (head) => {
    const data = collector();
    const sums = emptySums();
    return {
      begin: () => '',
      entry: (entry) => {
        addEntry(sums, entry, head.summary.startedAt, data.add);
        return '';
      },
      *end() {
        sums.omitted = data.omitted;
        yield documentStart(head, sums);
        for (const section of sectionsOf(head, sums)) yield `${markupOf(section)}\n`;
        yield '<script type="application/json" id="data">';
        yield* data.json(head);
        yield `</script>\n<script type="module">${SCRIPT}</script>\n</body>\n</html>\n`;
      },
    };
  },
};

function documentStart({ summary }: Head, sums: Sums): string {
  const head = markup`
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '${digest(SCRIPT)}';
      style-src '${digest(STYLE)}'; base-uri 'none'; form-action 'none'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="referrer" content="no-referrer">
    <title>${titleOfPage(summary, sums)}</title>`;
  return `${markupOf(head)}\n<style>${STYLE}</style>\n</head>\n<body>\n`;
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
