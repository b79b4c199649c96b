import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { html } from '../../lambda/formats/html.ts';
import { comparing } from '../../lambda/results/compare.ts';
import type { Entry } from '../../lambda/results/entry.ts';
import { pointOf, summarize } from '../../lambda/results/summary.ts';
import { count, emptyTally } from '../../lambda/results/tally.ts';
import { catalog, fleet } from '../archive/fleet.ts';
import { evaluated, finding, scan, target } from '../archive/samples.ts';

/** Debian's Chromium; another one by CHROMIUM. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip =
  !existsSync(executablePath) && `no Chromium at ${executablePath}: apt-get install chromium, or set CHROMIUM`;
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
args.push('--disable-component-update', '--disable-sync');

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'kubevigil-page-'));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, lines: Entry[]): string {
  const tally = emptyTally();
  const comparison = comparing(scan.scheduledAt, undefined);
  for (const { line } of lines) if (line) count(tally, line);
  const entries = lines.map((entry): Entry => (entry.line ? { ...entry, changes: comparison.see(entry.line) } : entry));
  const result = { target, tally, difference: comparison.difference, objects: [] };
  const summary = summarize(scan, [result], { previous: null });
  const sheet = html.open({ summary: { ...summary, trend: [1, 2, 3].map(() => pointOf(summary)) }, catalog });
  const path = join(folder, `${name}.html`);
  writeFileSync(path, sheet.begin() + entries.map(sheet.entry).join('') + [...sheet.end()].join(''));
  return pathToFileURL(path).href;
}

const entriesOf = (size: number) => fleet(size).map(({ line }): Entry => ({ line }));

describe('the page in Chromium', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await chromium.launch({ executablePath, args });
  });
  after(() => browser?.close());

  /** Opens a page that must neither log an error nor load anything but itself. */
  async function open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (request.url() !== url.split('#')[0]) complaints.push(`request of ${request.url()}`);
    });
    await page.goto(url);
    assert.deepEqual(complaints, []);
    return page;
  }

  const rows = (page: Page) => page.locator('#rows > tr:not(.inside)');
  const shown = (page: Page) => page.locator('#count').textContent();

  for (const size of [12, 10_000]) {
    test(`${size} nodes open without a complaint, those that need attention first`, async () => {
      const page = await open(write(`fleet-${size}`, entriesOf(size)));
      assert.match((await page.locator('.lead').textContent()) ?? '', /open findings on/);
      assert.ok((await rows(page).count()) > 0);
      assert.match((await rows(page).first().textContent()) ?? '', /fail/);
      await page.locator('#picks button[value=all]').click();
      assert.match((await shown(page)) ?? '', new RegExp(`of ${size.toLocaleString('en')} nodes`));
    });
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing, ${colorScheme}`, async () => {
      const page = await open(write('axe', entriesOf(60)), { colorScheme });
      await rows(page).first().getByRole('button').click();
      for (const each of await page.locator('details').all())
        await each.evaluate((node) => node.setAttribute('open', ''));
      const { found, passes } = await page.evaluate<{ found: string[]; passes: number }>(
        `${axe}; axe.run().then(({ violations, passes }) => ({
          passes: passes.length,
          found: violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).slice(0, 3).join(' ')),
        }))`,
      );
      assert.ok(passes > 20);
      assert.deepEqual(found, []);
    });
  }

  test('a node opens and shows what failed, what to do and what it runs with', async () => {
    const page = await open(write('details', entriesOf(12)));
    const button = rows(page).first().getByRole('button');
    assert.equal(await button.getAttribute('aria-expanded'), 'false');
    await button.click();
    assert.equal(await button.getAttribute('aria-expanded'), 'true');
    const inside = page.locator('.inside').first();
    assert.match((await inside.textContent()) ?? '', /What to do: .*What this kubelet runs with/s);
    assert.match(
      (await inside.textContent()) ?? '',
      /drop-in \/etc\/kubernetes\/kubelet\/config\.json\.d\/40-nodeadm\.conf/,
    );
    await button.click();
    assert.equal(await page.locator('.inside').count(), 0);
  });

  test('on a phone, what to do fits the screen', async () => {
    const width = 390;
    const page = await open(write('phone', entriesOf(12)), { viewport: { width, height: 800 } });
    await rows(page).first().getByRole('button').click();
    const boxes = await page.locator('.inside .finding').all();
    assert.ok(boxes.length > 0);
    for (const each of boxes) {
      const box = await each.boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= width, JSON.stringify(box));
    }
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
  });

  test('search, cluster and rule narrow the list, and say how many there are', async () => {
    const page = await open(write('search', entriesOf(200)));
    await page.locator('#picks button[value=all]').click();
    await page.locator('#search').fill('payments-prod-spot-12');
    await page
      .locator('#count', { hasText: 'of 1 nodes' })
      .or(page.locator('#count', { hasText: 'of 2 nodes' }))
      .waitFor();
    await page.locator('#search').fill('nothing is called like this');
    await page.locator('#count', { hasText: 'No node matches.' }).waitFor();
    await page.locator('#search').fill('');
    await page.locator('#cluster').selectOption({ label: 'batch' });
    assert.match((await shown(page)) ?? '', /of 50 nodes/);
    await page.locator('#rule').selectOption({ index: 1 });
    assert.ok((await rows(page).count()) < 50);
    await page.locator('#picks button[value=clean]').click();
    assert.match((await shown(page)) ?? '', /No node matches/);
  });

  test('a link leads to a node', async () => {
    const url = write('link', entriesOf(60));
    const page = await open(`${url}#node=i-0${(0xabc_0000_0000 + 7 * 7919).toString(16).padStart(16, '0')}`);
    assert.equal(await rows(page).count(), 1);
    assert.equal(await page.locator('.inside').count(), 1);
  });

  test('names that are markup stay names', async () => {
    const hostile = '</script><img src=x onerror="document.title=`hacked`"><b>';
    const line = evaluated(hostile, [finding(hostile, 'fail', { reason: hostile, remediation: hostile })], {
      name: hostile,
      cluster: hostile,
    });
    const page = await open(write('hostile', [{ line }]));
    await rows(page).first().getByRole('button').click();
    assert.equal(await page.locator('img').count(), 0);
    assert.match(await page.title(), /^Kubelet report of/);
    assert.equal(await rows(page).first().getByRole('button').textContent(), hostile);
  });

  test('without scripts the nodes that need attention are there', async () => {
    const page = await open(write('noscript', entriesOf(60)), { javaScriptEnabled: false });
    assert.ok(await page.locator('#static details').first().isVisible());
    assert.equal(await page.locator('#tools').isVisible(), false);
    assert.equal(await page.locator('#theme').isVisible(), false);
  });

  test('it prints', async () => {
    const page = await open(write('print', entriesOf(60)));
    const pdf = await page.pdf({ format: 'A4' });
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('.tools').isVisible(), false);
    // The width of A4 between its margins.
    await page.setViewportSize({ width: 718, height: 1000 });
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 718);
  });

  test('the most severe open findings come first', async () => {
    const page = await open(
      write('order', [
        { line: evaluated('i-01', [finding('read-only-port', 'fail'), finding('client-ca-file', 'fail')]) },
        { line: evaluated('i-02', [finding('anonymous-auth', 'fail'), finding('read-only-port', 'pass')]) },
        { line: evaluated('i-03', [finding('event-record-qps', 'error')]) },
      ]),
    );
    const names = await page.locator('[aria-label="Findings by rule"] .mono').allTextContents();
    assert.deepEqual(names, ['anonymous-auth', 'client-ca-file', 'read-only-port', 'event-record-qps']);
    assert.deepEqual(await rows(page).getByRole('button').allTextContents(), [
      'i-02-worker',
      'i-01-worker',
      'i-03-worker',
    ]);
  });
});
