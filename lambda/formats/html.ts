/**
 * `report.html`: one file that people open, search, print and keep. It loads nothing and sends nothing; its content
 * security policy allows only its own script and style, by their digests. Without scripts it still shows the summary
 * and the nodes that need attention.
 */
import { createHash } from 'node:crypto';
import type { NodeChanges } from '../results/compare.ts';
import type { NodeLine } from '../results/node-line.ts';
import { isOpen } from '../results/tally.ts';
import type { Entry, Format, Head } from './format.ts';
import { collector } from './html/data.ts';
import { script } from './html/script.ts';
import { openingOf, type Sums, sectionsOf } from './html/sections.ts';
import { style } from './html/style.ts';
import { escapeHtml } from './text.ts';

/** Nodes that need attention and lost ones that the page lists for readers without scripts. */
const staticNodes = 100;

export const html: Format = {
  file: 'report.html',
  contentType: 'text/html; charset=utf-8',
  gzip: false,
  open: (head) => {
    const data = collector();
    const sums: Sums = { clusters: new Map(), openNodes: 0, urgent: [], urgentCount: 0, lost: [], omitted: 0 };
    return {
      begin: () => '',
      entry: (entry) => {
        see(entry, sums, data.add);
        return '';
      },
      *end() {
        sums.omitted = data.omitted;
        yield documentStart(head);
        yield openingOf(head, sums);
        yield* sectionsOf(head, sums);
        yield '<script type="application/json" id="data">';
        yield* data.json(head.catalog);
        yield `</script>\n<script>${script}</script>\n</body>\n</html>\n`;
      },
    };
  },
};

type Add = (line: NodeLine, changes: NodeChanges | undefined, isClean: boolean) => void;

function see({ line, changes }: Entry, sums: Sums, add: Add): void {
  if (!line) {
    if (sums.lost.length < staticNodes) sums.lost.push(changes.node);
    return;
  }
  const open = line.findings.filter(isOpen);
  const name = line.node.cluster ?? '';
  const cluster = sums.clusters.get(name) ?? { nodes: 0, evaluated: 0, openNodes: 0, open: 0 };
  sums.clusters.set(name, cluster);
  cluster.nodes += 1;
  if (line.coverage === 'evaluated') cluster.evaluated += 1;
  cluster.open += open.length;
  if (open.length > 0) {
    cluster.openNodes += 1;
    sums.openNodes += 1;
  }
  const isUrgent = open.length > 0 || line.coverage === 'unreachable' || line.findings.some(isUnclear);
  if (isUrgent) {
    sums.urgentCount += 1;
    if (sums.urgent.length < staticNodes) sums.urgent.push(line);
  }
  add(line, changes, !isUrgent && line.findings.every(({ waiver }) => !waiver));
}

function isUnclear({ status }: NodeLine['findings'][number]): boolean {
  return status === 'error' || status === 'manual';
}

function documentStart({ summary }: Head): string {
  const policy = [
    "default-src 'none'",
    `script-src '${digest(script)}'`,
    `style-src '${digest(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const title = `Kubelet report of ${summary.scheduledAt.slice(0, 10)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
`;
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
