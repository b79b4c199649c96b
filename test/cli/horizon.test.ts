import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openScan } from '../../cli/archive.ts';
import { horizonCommand } from '../../cli/horizon.ts';
import { scanFolder } from '../../lambda/archive/keys.ts';
import { supportEnds } from '../../lambda/rules/supported-version.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';
import { authorityCertificate } from '../../simulator/fleet/certificate.ts';
import { certificateAuthority } from '../../simulator/fleet/images.ts';
import { saying, scanned } from './scanned.ts';

const { folder, out, printed } = scanned();
const run = saying(horizonCommand);

test('an archive, as a page: the day, how many, where, and the one cause', async () => {
  const { code, out: text } = await run(out);
  const page = text.replaceAll(/\n +/g, ' ');
  assert.equal(code, 1);
  assert.match(
    page,
    /\n\d{4}-\d\d-\d\d +1 node of payments, payments-workers: client certificate ends, and nothing renews it: rotateCertificates is false from flag --rotate_certificates=0/,
  );
  const { version, what, on } = supportEnds('v1.32.3', true).at(-1) ?? assert.fail();
  // A day that has passed has a mark.
  const ends = `\\n${on}(?: !)? +\\d nodes? of shop, shop-workers: ${what} of Kubernetes ${version} ends`;
  assert.match(page, new RegExp(ends));
  assert.match(page, /\nRenewed by the kubelets before:\n\d{4}-\d\d-\d\d +\d nodes? of payments/);
});

test('as JSON, and as a calendar of what does not renew; a short look finds less', async () => {
  const { events, left } = JSON.parse((await run(out, '--json')).out);
  assert.equal(left, 0);
  const days = events.map(({ on }: { on: string }) => on);
  assert.deepEqual(days, days.toSorted());
  const { out: calendar } = await run(out, '--ics');
  const kept = events.filter(({ renews }: { renews?: boolean }) => renews !== true);
  assert.equal(calendar.match(/BEGIN:VEVENT/g)?.length, kept.length);
  const soon = await run(out, '--days', '1', '--json');
  assert.ok(JSON.parse(soon.out).events.length < events.length);
});

test('which nodes trust which authority', async () => {
  const { code, out: text } = await run(out, '--authorities');
  // Two nodes of shop trust its next authority, and two do not yet.
  assert.equal(code, 1);
  assert.match(text, /^CN=kubernetes \(SHA-256 [0-9a-f]{16}…\) until 2045-01-01\n/);
  assert.match(
    text.replaceAll(/\n +/g, ' '),
    /Behind:.* 1 of 3 nodes of shop, shop-workers does not trust CN=kubernetes \(SHA-256 [0-9a-f]{16}…\) until 2055-01-01, which 2 of the cluster do: it drops out when it takes over \(i-003\w+\)/,
  );
  assert.match(text, /\n {2}shop, shop-workers: 3 nodes towards the API server, 3 towards callers \(i-\w+, …\)\n/);
  const json = JSON.parse((await run(out, '--authorities', '--json')).out);
  const { summary } = await openScan(out);
  const { since: _, ...first } = summary.authorities?.behind.items[0] ?? assert.fail();
  assert.deepEqual([json.left, json.behind.total, json.behind.items[0]], [0, 2, first]);
  const report = readFileSync(join(out, 'reports', scanFolder(summary), 'report.html'), 'utf8');
  const [, section = ''] = report.split('id="h-authorities"');
  assert.match(section, /2 nodes behind[\s\S]*shop, shop-legacy[\s\S]*shop, shop-workers/);
  assert.match(
    printed().replaceAll(/\s+/g, ' '),
    /CERTIFICATE AUTHORITY: 2 of 4 nodes of shop do not trust CN=kubernetes .* which 2 of the cluster do: they drop out when it takes over/,
  );
});

test('who would drop out with a successor, by what each kubelet trusts', async () => {
  const NOW = Math.floor(Date.now() / 1000);
  const other = join(folder, 'other.pem');
  writeFileSync(other, authorityCertificate(NOW - 86_400, NOW + 86_400 * 3000).certificate);
  const { code, out: text } = await run(out, '--successor', other);
  const page = text.replaceAll(/\n +/g, ' ');
  assert.equal(code, 1);
  assert.match(page, /^Successor CN=kubernetes \(SHA-256 [0-9a-f]{16}…\) until/);
  // The simulated clusters' authority has the same name and may have the same key.
  assert.match(page, /\nUNKNOWN +\d nodes? of shop, shop-workers: i-\w+.* put that into the file too/);
  assert.match(page, / trusts now +CN=kubernetes \(SHA-256 [0-9a-f]{16}…\) until 2045-01-01/);

  const both = join(folder, 'both.pem');
  writeFileSync(both, readFileSync(other, 'utf8') + certificateAuthority);
  const known = JSON.parse((await run(out, '--successor', both, '--json')).out);
  assert.equal(known.nodes.trusts > 0, true);
  assert.equal((await run(out, '--successor', both, '--on', 'soon')).code, 2);
});

test('the successor of a cluster is read from EKS', async (t) => {
  const NOW = Math.floor(Date.now() / 1000);
  const { certificate } = authorityCertificate(NOW - 86_400, NOW + 86_400 * 3000);
  const clusters = { shop: certificate + certificateAuthority, empty: 'no certificate' };
  const endpoints = await startEndpoints({
    accounts: { '111122223333': { regions: { 'eu-central-1': { clusters } } } },
  });
  const environment = { ...process.env };
  Object.assign(process.env, endpoints.environment);
  t.after(async () => {
    process.env = environment;
    await endpoints.close();
  });
  const both = join(folder, 'of-shop.pem');
  writeFileSync(both, clusters.shop);
  const asked = await run(out, '--cluster', 'shop', '--json');
  assert.deepEqual(asked, await run(out, '--successor', both, '--json'));
  assert.equal(asked.code, 1);
  const region = ['--region', 'eu-central-1'];
  assert.deepEqual(await run(out, '--cluster', 'shop', '--json', ...region), asked);
  const refused: [args: string[], said: RegExp][] = [
    [
      ['--cluster', 'x'],
      /^kubevigil horizon: --cluster x: EKS has no such cluster in eu-central-1 of the account of your credentials; name its --region or use that account's credentials\n$/,
    ],
    [['--cluster', 'empty'], /--cluster empty: no certificate in PEM form is in it/],
    [['--cluster', 'shop', '--region', 'eu-west-1'], /EKS has no such cluster in eu-west-1/],
    [['--cluster', 'shop', '--successor', both], /--successor and --cluster: name one/],
    [region, /--region goes with --cluster/],
  ];
  for (const [args, said] of refused) {
    const { code, err } = await run(out, ...args);
    assert.match(err, said);
    assert.equal(code, 2);
  }
});

test('what it cannot do is said in a line', async () => {
  assert.match(
    (await run(out, '--days', 'soon')).err,
    /^kubevigil horizon: --days expects a number of days, got soon\n$/,
  );
  assert.match((await run(out, '--json', '--ics')).err, /two forms/);
  assert.equal((await run()).code, 2);
  for (const more of [['--ics'], ['--on', '2027-01-01'], ['--successor', 'x.pem'], ['--cluster', 'shop']])
    assert.match((await run(out, '--authorities', ...more)).err, /--authorities goes with none of --ics, --on/);
  assert.match((await run(out, '--successor', join(folder, 'none'))).err, /--successor .*none: there is no such file/);
});
