/**
 * The page of N nodes in headless Chromium, from a file: when its first content is there, when it is ready, and how long a
 * filter takes from the reader's act to the next frame that shows its answer. Each node of the embedded fleet stands in it
 * many times, with a name and a certificate of its own. Without Chromium (CHROMIUM, /usr/bin/chromium) it says only how large
 * the page is. node bench/page.ts NODES
 * Tested by test/bench/run.test.ts.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { html } from '../lambda/formats/html.ts';
import { catalog } from '../lambda/judging/index.ts';
import type { Evidence } from '../lambda/kubelet/evidence.ts';
import { readAnswer } from '../lambda/nodes/answer/evidence.ts';
import { compareWith } from '../lambda/results/compare.ts';
import type { EvidenceLine } from '../lambda/results/evidence-line.ts';
import { judgeLine } from '../lambda/results/judge-line.ts';
import { summarize } from '../lambda/results/summary.ts';
import { count, emptyTally } from '../lambda/results/tally.ts';
import { ACCOUNT, REGION } from '../simulator/fleet/nodes.ts';
import { recordedFleet } from './fleet.ts';
import { median, print, times } from './line.ts';

const [nodes = '10000'] = process.argv.slice(2);
const BENCH = `page-${nodes}`;
const ROUNDS = times(5);
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const target = { account: ACCOUNT, region: REGION };
const now = 1_795_399_200;
const at = new Date(now * 1000).toISOString();

/** What a reader does, as code in the page; each changes what is shown. */
const ACTS: Record<string, string> = {
  'a word in every name': "words.value = 'internal'; words.dispatchEvent(new Event('input'))",
  'three words': "words.value = 'certificate expires worker'; words.dispatchEvent(new Event('input'))",
  'a severity': "severity.value = '=high'; severity.dispatchEvent(new Event('change'))",
  'all nodes': "document.querySelector('#picks [value=all]').click()",
  'a column': "document.querySelector('#heads [value=version]').click()",
};

/** A line for each node of a fleet of `size`, judged as in a scan. */
async function* lines(size: number) {
  for (const [index, { instanceId, tags, answer }] of (await recordedFleet(size, now)).entries()) {
    const node = {
      id: instanceId,
      ...target,
      cluster: tags?.['eks:cluster-name'] ?? 'payments',
      name: tags?.Name ?? '',
    };
    const read = typeof answer === 'object' && answer.stdout !== undefined ? readAnswer(answer.stdout) : undefined;
    if (read && 'evidence' in read) withOwnCertificate(read.evidence, index);
    const line: EvidenceLine =
      read && 'evidence' in read
        ? { node, tags: tags ?? {}, evidence: read.evidence }
        : { node, tags: tags ?? {}, reason: 'connection-lost', detail: 'It has not answered for 3 days.' };
    yield judgeLine(line, { now });
  }
}

/** Certificates of a fleet end at all times of three years. */
function withOwnCertificate({ kubelets }: Evidence, index: number): void {
  for (const { clientCertificates } of kubelets) {
    for (const facts of clientCertificates)
      if (facts.notAfter !== undefined) facts.notAfter = now + (index % 10_000) * 9_000;
  }
}

async function write(path: string): Promise<void> {
  const scan = { scanId: 'bench', scheduledAt: at, startedAt: at, finishedAt: at, settings: {} };
  const tally = emptyTally();
  const comparison = compareWith(at, undefined);
  const all = await Array.fromAsync(lines(Number(nodes)));
  const entries = all.map((line) => ({ line, changes: comparison.compare(line) }));
  for (const line of all) count(tally, line);
  const result = { target, tally, difference: comparison.difference, objects: [] };
  const sheet = html.open({ summary: summarize(scan, [result], { previous: null }), catalog });
  const start = performance.now();
  const text = [sheet.begin(), ...entries.map((entry) => sheet.entry(entry)), ...sheet.end()].join('');
  print(BENCH, 'time to write it', performance.now() - start, 'ms');
  print(BENCH, 'size', Buffer.byteLength(text) / 1e6, 'MB');
  writeFileSync(path, text);
}

/** Milliseconds from an act to the first frame after the page says that it has answered. */
async function timeOf(page: Page, act: string): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    const [words, severity, said] = ['words', 'severity', 'count'].map((id) => document.getElementById(id));
    const start = performance.now();
    new MutationObserver((_, observer) => {
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
    }).observe(said, { childList: true });
    ${act};
  })`);
}

/** Waits for the first paint: on a busy machine it comes after the page has loaded. */
const PAINT = `new Promise((resolve) => {
  new PerformanceObserver((seen) => {
    const first = seen.getEntriesByName('first-contentful-paint')[0];
    if (first !== undefined) resolve(first.startTime);
  }).observe({ type: 'paint', buffered: true });
})`;

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-bench-'));
try {
  const path = join(folder, 'report.html');
  await write(path);
  if (existsSync(executablePath)) {
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    const measured = new Map<string, number[]>();
    const add = (what: string, value: number) => measured.set(what, [...(measured.get(what) ?? []), value]);
    for (let round = 0; round < ROUNDS; round += 1) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(pathToFileURL(path).href);
      const paint = await page.evaluate<number>(PAINT);
      const ready = await page.evaluate<number>(
        "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd",
      );
      add('first content', paint);
      add('ready', ready);
      for (const [what, act] of Object.entries(ACTS)) add(`filter: ${what}`, await timeOf(page, act));
      await context.close();
    }
    await browser.close();
    for (const [what, values] of measured) print(BENCH, what, median(values), 'ms');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
