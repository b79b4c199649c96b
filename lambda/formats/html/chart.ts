/**
 * Small drawings for the page: SVG with attributes only, because the page's policy forbids inline styles.
 * Tested by test/formats/html.test.ts.
 */
import type { TrendPoint } from '../../results/summary.ts';
import { type Html, html } from './markup.ts';

/** A part of a bar: its class after `f-` and how many it stands for. */
export type BarPart = readonly [kind: string, count: number];

/** A stacked bar over the full width; `label` is what it says to those who do not see it. */
export function bar(className: string, parts: readonly BarPart[], label: string): Html {
  const total = parts.reduce((sum, [, count]) => sum + count, 0);
  let x = 0;
  const rects = parts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => {
      const width = (count / total) * 1000;
      const rect = html`<rect class="f-${kind}" x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="10"/>`;
      x += width;
      return rect;
    });
  return html`
    <svg class="${className}" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="${label}">
      ${rects}
    </svg>`;
}

/** Open findings of each scan as columns, unreachable nodes as a line; oldest first, the last one is this scan. */
export function trend(scans: readonly TrendPoint[]): Html {
  const open = scans.map((scan) => scan.open);
  const silent = scans.map(({ nodes, evaluated, idle = 0 }) => nodes - evaluated - idle);
  const [width, height, left, top] = [560, 170, 46, 12];
  const highest = ceiling(Math.max(1, ...open, ...silent));
  const step = (width - left) / scans.length;
  const columnWidth = Math.min(step * 0.64, 44);
  const y = (value: number) => top + (height - top) * (1 - value / highest);
  const columns = scans.map((scan, index) => {
    const x = left + (index + 0.5) * step - columnWidth / 2;
    const isNow = index === scans.length - 1;
    const columnHeight = Math.max(scan.open === 0 ? 0 : 2, height - y(scan.open));
    const isNamed = isNow || index === 0 || scans.length <= 8;
    return html`
      <rect class="${isNow ? 'f-now' : 'f-past'}" x="${x.toFixed(1)}" y="${(height - columnHeight).toFixed(1)}"
        width="${columnWidth.toFixed(1)}" height="${columnHeight.toFixed(1)}" rx="2"/>
      ${isNamed && label((x + columnWidth / 2).toFixed(1), height + 16, 'middle', day(scan))}`;
  });
  const points = silent.map((value, index) => [(left + (index + 0.5) * step).toFixed(1), y(value).toFixed(1)] as const);
  const grid = [0, highest / 2, highest].map((value) => {
    const at = y(value).toFixed(1);
    return html`
      <line class="f-line" x1="${left}" x2="${width}" y1="${at}" y2="${at}"/>
      ${label(left - 6, (y(value) + 4).toFixed(1), 'end', short(value))}`;
  });
  const dots = points.map(([cx, cy]) => html`<circle class="f-silent" r="2.6" cx="${cx}" cy="${cy}"/>`);
  const says = `Open findings of the last ${scans.length} scans, from ${open[0]} to ${open.at(-1)}; the table below has the numbers.`;
  return html`
    <svg viewBox="0 0 ${width} ${height + 22}" role="img" aria-label="${says}">
      ${grid}${columns}
      ${scans.length > 1 && html`<polyline class="s-silent" points="${points.join(' ')}"/>`}
      ${dots}
    </svg>`;
}

function label(x: number | string, y: number | string, anchor: string, text: string): Html {
  return html`<text x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`;
}

function day({ scheduledAt }: TrendPoint): string {
  return new Date(scheduledAt).toLocaleDateString('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}

/** The next of 1, 2, 4, 5, 10, 20 … above: so that half of it is a number to print too. */
function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 4, 5, 10].find((each) => each * power >= value) ?? 10;
  return Math.max(2, factor * power);
}

function short(value: number): string {
  return value >= 10_000 ? `${value / 1000}k` : value.toLocaleString('en');
}
