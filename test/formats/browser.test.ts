/** The page as a browser shows it. Long because one browser and one page serve all cases. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Finding } from '../../lambda/criteria/rule.ts';
import { isAtRisk } from '../../lambda/results/at-risk.ts';
import { compareWith } from '../../lambda/results/compare.ts';
import type { Entry } from '../../lambda/results/entry.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';
import { isOpen } from '../../lambda/results/open.ts';
import { pointOf, summarize } from '../../lambda/results/summary.ts';
import { count, emptyTally } from '../../lambda/results/tally.ts';
import { catalog, fleet } from '../archive/fleet.ts';
import { evaluated, finding, scan, target } from '../archive/samples.ts';
import { bundledPage } from './bundled.ts';

/** Debian's Chromium; another one by CHROMIUM. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip =
  !existsSync(executablePath) && `no Chromium at ${executablePath}: apt-get install chromium, or set CHROMIUM`;
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
args.push('--disable-component-update', '--disable-sync');

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'kubevigil-page-'));
after(() => rmSync(folder, { recursive: true }));

const html = await bundledPage();

function write(name: string, lines: Entry[]): string {
  const tally = emptyTally();
  const comparison = compareWith(scan.scheduledAt, undefined);
  for (const { line } of lines) if (line) count(tally, line);
  const entries = lines.map(
    (entry): Entry => (entry.line ? { ...entry, changes: comparison.compare(entry.line) } : entry),
  );
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
      assert.match((await rows(page).first().textContent()) ?? '', /open/);
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
    assert.match((await inside.textContent()) ?? '', /What to do:.*What this kubelet runs with.*kubevigil explain i-/s);
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

  describe('a view', () => {
    const lines = fleet(200).map(({ line }) => line);
    let page: Page;
    let url: string;
    before(async () => {
      url = write('views', entriesOf(200));
      page = await open(url, { permissions: ['clipboard-read', 'clipboard-write'], acceptDownloads: true });
    });

    const go = (address: string) =>
      page.evaluate(`location.hash = ${JSON.stringify(address)}; new Promise(setTimeout)`);
    async function exported(): Promise<string[][]> {
      const download = page.waitForEvent('download');
      await page.locator('#export').click();
      const text = readFileSync(await (await download).path(), 'utf8');
      const [, ...rows] = text.trimEnd().split('\r\n');
      // No cell before the reason has a comma.
      return rows.map((row) => row.split(','));
    }

    type Asks = (finding: Finding, node: NodeLine) => boolean;
    const about = (node: NodeLine, { reason, rule }: Finding) =>
      `${Object.values(node.node).join(' ')} ${rule} ${reason} ${catalog[rule]?.title}`.toLowerCase();
    const views: [address: string, asks: Asks][] = [
      [
        '#pick=open&rule=rotate-client-certificates',
        (each) => isOpen(each) && each.rule === 'rotate-client-certificates',
      ],
      [
        '#pick=error&severity=critical',
        (each) => each.status === 'error' && catalog[each.rule]?.severity === 'critical',
      ],
      [
        '#pick=open&cluster=batch&group=base',
        (each, { node }) => isOpen(each) && node.cluster === 'batch' && node.group === 'base',
      ],
      ['#pick=manual&owner=data', (each, { node }) => each.status === 'manual' && node.owner === 'data'],
      ['#pick=waived&region=eu-central-1', (each) => each.waiver !== undefined],
      ['#pick=risk', (each) => isOpen(each) && each.rule === 'client-certificate-expiry'],
      [
        '#words=cipher+staging',
        (each, line) => about(line, each).includes('cipher') && about(line, each).includes('staging'),
      ],
      ['#pick=open&words=nothing+of+this', () => false],
      [
        '#ends=7..30',
        (_, { certificates = [] }) =>
          certificates.some(
            ({ notAfter, renews }) =>
              renews === false && notAfter > '2026-11-30T02:00:07' && notAfter <= '2026-12-23T02:00:07',
          ),
      ],
    ];
    for (const [address, asks] of views) {
      test(`${address} shows the findings that it asks for, and no others`, async () => {
        await go(address);
        const wanted = lines.flatMap((line) =>
          line.findings.filter((each) => asks(each, line)).map(({ rule }) => `${line.node.id} ${rule}`),
        );
        const found = await exported();
        assert.deepEqual(found.map((row) => `${row[5]} ${row[8]}`).sort(), wanted.sort());
        const nodes = new Set(wanted.map((each) => each.split(' ')[0])).size;
        const says =
          nodes === 0 ? /^No node matches\.$/ : new RegExp(`of ${nodes} nodes with ${wanted.length} findings`);
        assert.match((await page.locator('#count').textContent()) ?? '', says);
      });
    }

    test('of unreachable nodes exports why, and of clean ones what passed', async () => {
      await go('#pick=silent');
      const silent = lines.filter(({ coverage }) => coverage === 'unreachable');
      assert.deepEqual((await exported()).map((row) => row[10]).sort(), silent.map(({ reason }) => reason).sort());
      await go('#pick=clean&rule=anonymous-auth');
      for (const row of await exported()) assert.equal(row[10], 'pass');
    });

    test('made by hand has an address that shows it again, sorted as it was', async () => {
      await go('#pick=all');
      await page.locator('#words').fill('payments');
      await page.locator('#severity').selectOption('=high');
      await page.locator('#picks button[value=open]').click();
      await page.locator('#heads button[value=version]').click();
      await page.locator('#heads button[value=version]').click();
      await page.locator('#count', { hasText: 'findings' }).waitFor();
      assert.equal(await page.locator('[aria-sort=descending]').textContent(), 'Kubelet');
      const ids = (of: Page) => of.locator('#rows .mono').allTextContents();
      const versions = await page.locator('#rows > tr > td:nth-child(6)').allTextContents();
      assert.deepEqual(
        versions,
        versions.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true })),
      );
      const address = page.url();
      assert.match(address, /#pick=open&words=payments&sort=version&severity=high&down=true$/);
      const again = await (await browser.newContext()).newPage();
      await again.goto(address);
      assert.ok((await ids(page)).length > 3);
      assert.deepEqual(await ids(again), await ids(page));
      assert.equal(await again.locator('#words').inputValue(), 'payments');
    });

    test('copies its instance ids, and a remedy those of its nodes', async () => {
      const pasted = () => page.evaluate('navigator.clipboard.readText()') as Promise<string>;
      await go('#pick=risk');
      await page.locator('#copy').click();
      await page.locator('#count', { hasText: 'Copied' }).waitFor();
      const risky = lines.filter(isAtRisk).map(({ node }) => node.id);
      assert.deepEqual((await pasted()).split('\n').sort(), risky.sort());
      const box = page.locator('#h-fixes ~ .finding').first();
      await box.locator('.copy').click();
      await box.locator('.copy', { hasText: 'Copied' }).waitFor();
      const named = (await box.locator('details .mono').textContent())?.split(' ').sort();
      assert.deepEqual((await pasted()).split('\n').sort(), named);
    });

    test('prints its reasons and closes them again', async () => {
      await go('#pick=risk');
      const count = await rows(page).count();
      await page.evaluate(
        `addEventListener('beforeprint', () => { globalThis.printed = document.querySelectorAll('.inside').length; })`,
      );
      await page.pdf({ format: 'A4' });
      assert.equal(await page.evaluate('globalThis.printed'), count);
      assert.equal(await page.locator('.inside').count(), 0);
      assert.equal(await page.locator('details[open]').count(), 0);
    });
  });

  for (const width of [390, 820, 1440]) {
    test(`at a width of ${width} the first screen tells who is at risk, and nothing sticks out`, async () => {
      const height = 900;
      const page = await open(write('widths', entriesOf(200)), { viewport: { width, height } });
      const box = await page.locator('.risks li').first().boundingBox();
      assert.ok(box && box.y + box.height <= height, JSON.stringify(box));
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
    });
  }

  test('a link leads to a node', async () => {
    const url = write('link', entriesOf(60));
    const page = await open(`${url}#node=i-0${(0xabc_0000_0000 + 7 * 7919).toString(16).padStart(16, '0')}`);
    assert.equal(await rows(page).count(), 1);
    assert.equal(await page.locator('.inside').count(), 1);
  });

  test('names that are markup stay names', async () => {
    const hostile = '</script><img src=x onerror="document.title=`hacked`"><b>';
    const line = evaluated(
      hostile,
      [finding(hostile, 'fail', { reason: hostile, remediation: [{ text: hostile, command: hostile }] })],
      {
        name: hostile,
        cluster: hostile,
      },
    );
    const page = await open(write('hostile', [{ line }]));
    await rows(page).first().getByRole('button').click();
    assert.equal(await page.locator('img').count(), 0);
    assert.match(await page.title(), /^kubevigil 2026-11-23: 1 open$/);
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
