import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openScan } from '../../cli/archive.ts';
import { outliersCommand } from '../../cli/outliers.ts';
import { verifyCommand } from '../../cli/verify.ts';
import { scanFolder } from '../../lambda/archive/keys.ts';
import { judgeArchived } from '../../lambda/results/judge-line.ts';
import { differenceText, outlierText } from '../../lambda/results/outlier-words.ts';
import { capture } from './capture.ts';
import { saying, scanned } from './scanned.ts';

const { out, printed } = scanned();
const say = saying(outliersCommand);
/** Without the breaks of lines. */
const run = async (...args: string[]) => {
  const said = await say(...args);
  return { ...said, out: said.out.replaceAll(/\n +/g, ' ') };
};

test('an archive, as a page: who differs, in what, by which line, and since when', async () => {
  const { code, out: page } = await run(out);
  assert.equal(code, 1);
  assert.match(page, /^\d+ outliers, 0 by a rolling update or accepted\.\n/);
  assert.match(
    page,
    /DIFFERS +1 of 3 nodes of EKS node group shop-workers differs in logging\.verbosity \(3 by drop-in \/etc\/kubernetes\/kubelet\/config\.json\.d\/40-nodeadm\.conf line \d+; others 0\), featureGates\.DisableKubeletCloudCredentialProviders \(true by drop-in \S+ line \d+; others not set\) since \d{4}-\d\d-\d\d\. i-\w+ \(cluster shop\)/,
  );
  // Each node has a host name, serial numbers and, on one of them, another maxPods.
  assert.doesNotMatch(page, /maxPods|hostname|providerID/);
});

test('one group, as JSON; a group in which nobody differs exits 0', async () => {
  const { out: text } = await run(out, '--group', 'shop-workers', '--json');
  const items = JSON.parse(text);
  assert.ok(items.length > 0);
  assert.deepEqual([...new Set(items.map(({ group }: { group: string }) => group))], ['shop-workers']);
  const { code, out: page } = await run(out, '--group', 'shop-legacy');
  assert.deepEqual([code, page], [0, 'No node differs from the others of its group.\n']);
});

test('summary, report and message of the scan say the same, and verify makes it again', async () => {
  const { summary } = await openScan(out);
  const kept = summary.outliers;
  assert.ok(kept && kept.total === kept.items.length && kept.total > 0);
  const [first] = kept.items;
  assert.equal(first?.since, summary.scheduledAt);
  const { out: page } = await run(out);
  const report = readFileSync(join(out, 'reports', scanFolder(summary), 'report.html'), 'utf8');
  const rows = report.slice(report.indexOf('id="h-outliers"')).split('</section>')[0] ?? '';
  assert.match(rows, new RegExp(`^id="h-outliers">${kept.total} outliers `));
  for (const each of kept.items) {
    assert.ok(page.includes(outlierText(each)), outlierText(each));
    for (const difference of each.differences) {
      const text = differenceText(difference);
      assert.ok(rows.includes(`<div>${text.replaceAll('"', '&quot;')}</div>`), text);
    }
  }
  const message = printed().replaceAll(/\s+/g, ' ');
  assert.ok(message.includes(` ${kept.total} new outliers.`), message);
  const [, told = ''] = /- OUTLIER in \S+: (.*?) (?=- )/.exec(message) ?? [];
  assert.ok(
    kept.items.some((each) => outlierText(each) === told),
    told,
  );
  assert.equal(await verifyCommand([out], judgeArchived, capture()), 0);
});

test('a group that no node is of is no group in which nobody differs', async () => {
  assert.deepEqual(await run(out, '--group', 'shop-worker'), {
    code: 2,
    out: '',
    err: 'kubevigil outliers: no node that answered is of a group shop-worker; did you mean shop-workers?\n',
  });
});

test('what it cannot do is said in a line', async () => {
  assert.deepEqual(await run(), {
    code: 2,
    out: '',
    err: 'kubevigil outliers: expected one archive, a directory or s3://bucket[/prefix], got 0; see --help\n',
  });
});
