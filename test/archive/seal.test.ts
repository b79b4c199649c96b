/**
 * What a sealed scan leaves, and what a repeated or failing try leaves.
 * Long because archives of one sample fleet serve all cases.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { inMemory, sha256 } from '../../lambda/archive/content.ts';
import { scanKeys, targetKeys } from '../../lambda/archive/keys.ts';
import { canonical } from '../../lambda/archive/manifest.ts';
import { readLink, readSummary } from '../../lambda/archive/previous.ts';
import { renderScan } from '../../lambda/archive/render.ts';
import { isSignedBy } from '../../lambda/archive/sign.ts';
import { ArchiveConflict } from '../../lambda/archive/store.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { ALL_FILES, FORMATS, type FormatName } from '../../lambda/formats/formats.ts';
import { failedTarget } from '../../lambda/results/summary.ts';
import { keepAnswers, keepScan, memoryArchive, nightly, sealWith } from './memory.ts';
import { answers, evaluated, finding, target, unreachable } from './samples.ts';
import { keySigner } from './signer.ts';

const signer = keySigner();

test('a scan leaves findings, evidence, changes, summary, manifest, signature, key and latest.json', async () => {
  const archive = memoryArchive();
  const { manifest } = await keepScan(archive, nightly(1), answers, signer);
  const folder = 'scans/2026/11/01/night-1/';
  assert.deepEqual([...archive.objects.keys()].sort(), [
    'latest.json',
    `${folder}changes/123456789012-eu-central-1.ndjson.gz`,
    `${folder}claim.json`,
    `${folder}evidence/123456789012-eu-central-1.ndjson.gz`,
    `${folder}findings/123456789012-eu-central-1.ndjson.gz`,
    `${folder}inventory/123456789012-eu-central-1.ndjson.gz`,
    `${folder}manifest.json`,
    `${folder}manifest.json.sig`,
    `${folder}public-key.pem`,
    `${folder}statement.dsse.json`,
    `${folder}summary.json`,
    `${folder}targets.json`,
    `${folder}unselected/123456789012-eu-central-1.ndjson.gz`,
  ]);
  for (const { key, sha256: hash, size } of manifest.objects) {
    assert.equal(sha256(archive.objects.get(key) ?? ''), hash);
    assert.equal(archive.objects.get(key)?.byteLength, size);
  }
  assert.equal(manifest.objects.length, 10);
});

test('findings and evidence have a line per node, evidence with its tags or why there is none', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  const keys = targetKeys(nightly(1), target);
  const lines = (key: string) =>
    gunzipSync(archive.objects.get(key) ?? '')
      .toString()
      .trim()
      .split('\n');
  assert.equal(lines(keys.findings).length, 5);
  assert.equal(lines(keys.evidence).length, 5);
  assert.equal(JSON.parse(lines(keys.evidence)[4] ?? '').reason, 'connection-lost');
  assert.deepEqual(JSON.parse(lines(keys.evidence)[0] ?? '').tags, { env: 'prod' });
  assert.deepEqual(
    lines(keys.findings).map((line) => JSON.parse(line)),
    answers.map(({ line }) => {
      const { scanId, scheduledAt } = nightly(1);
      return JSON.parse(JSON.stringify({ scanId, scheduledAt, ...line }));
    }),
  );
});

test('the signature is that of the exact bytes of manifest.json', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers, signer);
  const keys = scanKeys(nightly(1));
  const [manifest, signature] = [archive.objects.get(keys.manifest), archive.objects.get(keys.signature)];
  assert.ok(manifest && signature);
  assert.ok(isSignedBy(signer.publicKey, manifest, signature));
  assert.ok(!isSignedBy(signer.publicKey, Buffer.concat([manifest, Buffer.from(' ')]), signature));
});

test('each manifest names the one before it, the first none', async () => {
  const archive = memoryArchive();
  const first = await keepScan(archive, nightly(1), answers, signer);
  const second = await keepScan(archive, nightly(2), answers, signer);
  assert.equal(first.manifest.previous, null);
  assert.deepEqual(second.manifest.previous, {
    scanId: 'night-1',
    scheduledAt: '2026-11-01T02:00:00.000Z',
    key: 'scans/2026/11/01/night-1/manifest.json',
    sha256: first.latest.sha256,
    signature: archive.objects.get('scans/2026/11/01/night-1/manifest.json.sig')?.toString('base64'),
  });
  assert.deepEqual(second.summary.comparison.previous, { scanId: 'night-1', scheduledAt: '2026-11-01T02:00:00.000Z' });
});

test('repeating a finished scan writes the same bytes and keeps the first signature', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers, signer);
  const link = await readLink(archive);
  await keepScan(archive, nightly(2), answers, signer, { link });
  const before = new Map(archive.objects);
  await keepScan(archive, nightly(2), answers, signer, { link });
  assert.deepEqual(archive.objects, before);
});

test('repeating a finished scan that others hang on does not turn latest.json back', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers, signer);
  const link = await readLink(archive);
  for (const day of [2, 3, 4]) await keepScan(archive, nightly(day), answers, signer);
  for (let number = 0; number < 31; number += 1) {
    await keepScan(archive, { ...nightly(5), scanId: `by-hand-${number}` }, answers, signer);
  }
  const before = new Map(archive.objects);
  await keepScan(archive, nightly(2), answers, signer, { link });
  assert.deepEqual(archive.objects, before);
});

test('a manifest that was written before latest.json could be is named when the scan is repeated', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers, signer);
  const [link, latest] = [await readLink(archive), archive.objects.get('latest.json') as Buffer];
  await keepScan(archive, nightly(2), answers, signer);
  const after = new Map(archive.objects);
  archive.objects.set('latest.json', latest);
  await keepScan(archive, nightly(2), answers, signer, { link });
  assert.deepEqual(archive.objects, after);
});

test('a scan that was killed before latest.json could name it does not turn it back when it is repeated', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers, signer);
  const [link, latest] = [await readLink(archive), archive.objects.get('latest.json') as Buffer];
  await keepScan(archive, nightly(2), answers, signer);
  archive.objects.set('latest.json', latest);
  for (const day of [3, 4]) await keepScan(archive, nightly(day), answers, signer);
  const after = new Map(archive.objects);
  await keepScan(archive, nightly(2), answers, signer, { link });
  assert.deepEqual(archive.objects, after);
  const { problems, notes } = await verifyArchive(archive, { publicKeys: [{ pem: signer.publicKey }] });
  assert.deepEqual(problems, []);
  assert.match(notes.join(), /night-2\/manifest\.json is signed, but no later scan follows it/);
});

test('of two scans at the same time, the one that ends last hangs on the other', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers, signer);
  const link = await readLink(archive);
  const byHand = { ...nightly(2), scanId: 'by-hand', scheduledAt: '2026-11-02T02:00:30.000Z' };
  const other = await keepScan(archive, byHand, answers, signer, { link });
  const { manifest, summary } = await keepScan(archive, nightly(2), answers, signer, { link });
  assert.equal(manifest.previous?.sha256, other.latest.sha256);
  assert.equal(summary.comparison.previous?.scanId, 'night-1', 'it was compared with the scan before both');
  const { problems, notes } = await verifyArchive(archive, { publicKeys: [{ pem: signer.publicKey }] });
  assert.deepEqual({ problems, notes }, { problems: [], notes: [] });
});

for (const order of [
  [3, 2],
  [2, 3],
])
  test(`nights ${order} that are resumed after a later one are not what the next night is compared with`, async () => {
    const archive = memoryArchive();
    const failing = (...rules: string[]) => [
      {
        line: evaluated(
          'i-1',
          ['a', 'b'].map((rule) => finding(rule, rules.includes(rule) ? 'fail' : 'pass')),
        ),
      },
    ];
    await keepScan(archive, nightly(1), failing());
    const link = await readLink(archive);
    await keepScan(archive, nightly(4), failing('b'));
    for (const day of order) {
      const { manifest, summary } = await keepScan(archive, nightly(day), failing('a'), undefined, { link });
      assert.equal(summary.comparison.previous?.scanId, 'night-1');
      assert.equal(manifest.previous?.scanId, `night-${order[0] === day ? 4 : order[0]}`);
    }
    const { summary, result } = await keepScan(archive, nightly(5), failing('b'));
    assert.equal(result.comparedWith, 'night-4');
    assert.equal(summary.comparison.previous?.scanId, 'night-4');
    const { still, fixed } = summary.comparison.findings;
    assert.deepEqual({ still, fixed, new: summary.comparison.findings.new }, { still: 1, fixed: 0, new: 0 });
  });

test('a scan of the same name with other findings is refused', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  await assert.rejects(keepScan(archive, nightly(1), answers.slice(1)), ArchiveConflict);
});

test('a signature by another key does not pass for an earlier try', async () => {
  const archive = memoryArchive();
  const { link } = { link: await readLink(archive) };
  assert.deepEqual(link, { previous: null });
  await archive.putOnce(scanKeys(nightly(1)).signature, inMemory('forged'), 'application/octet-stream');
  await assert.rejects(keepScan(archive, nightly(1), answers, signer), ArchiveConflict);
});

test('a failing source leaves nothing half-written', async () => {
  const archive = memoryArchive();
  async function* failing() {
    yield* answers;
    throw new Error('SSM is gone');
  }
  await assert.rejects(keepAnswers(archive, nightly(1), target, failing(), null), /SSM is gone/);
  assert.equal(archive.objects.size, 0);
});

test('a broken latest.json begins a new chain and says why', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  archive.objects.set('latest.json', Buffer.from('{"format":1}'));
  const { manifest, summary } = await keepScan(archive, nightly(2), answers);
  assert.equal(manifest.previous, null);
  assert.match(summary.comparison.problem ?? '', /latest\.json: at scanId/);
});

test('a manifest that latest.json does not mean begins a new chain and says why', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  archive.objects.set(scanKeys(nightly(1)).manifest, Buffer.from('{}'));
  const { summary } = await keepScan(archive, nightly(2), answers);
  assert.match(summary.comparison.problem ?? '', /is not the one that latest\.json names/);
  archive.objects.delete(scanKeys(nightly(2)).manifest);
  const third = await keepScan(archive, nightly(3), answers);
  assert.match(third.summary.comparison.problem ?? '', /does not exist/);
});

test('broken changes of the previous scan do not stop this one', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  archive.objects.set(targetKeys(nightly(1), target).changes, Buffer.from('not gzip'));
  const { summary } = await keepScan(archive, nightly(2), answers);
  assert.match(summary.comparison.problem ?? '', /not a whole gzip file/);
  assert.equal(summary.totals.nodes, 5);
});

test('a target that the last scan missed is compared with the last one that has it', async () => {
  const archive = memoryArchive();
  const failing = [{ line: evaluated('i-1', [finding('a', 'fail')]) }];
  await keepScan(archive, nightly(1), failing);
  const other = { ...target, region: 'us-east-1' };
  const link = await readLink(archive);
  const elsewhere = await keepAnswers(archive, nightly(2), other, failing, link.previous);
  assert.equal(elsewhere.comparedWith, undefined);
  await sealWith(archive, nightly(2), [elsewhere], { link });
  const { summary, result } = await keepScan(archive, nightly(3), failing);
  assert.equal(result.comparedWith, 'night-1');
  assert.equal(summary.comparison.findings.still, 1);
  assert.equal(summary.comparison.rules.a?.oldest, '2026-11-01T02:00:00.000Z');
});

test('a missed night, a changed rule set and a changed benchmark are said', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), [{ line: evaluated('i-1', [finding('a', 'fail'), finding('b', 'pass')]) }]);
  const controls = [{ benchmark: 'cis-eks-1.8.0', control: '3.2.1' }];
  const lines = [{ line: evaluated('i-1', [finding('a', 'fail', { controls }), finding('c', 'fail', { controls })]) }];
  const { comparison } = (await keepScan(archive, nightly(4), lines)).summary;
  assert.equal(comparison.gapSeconds, 3 * 86_400);
  assert.equal((await keepScan(archive, nightly(5), lines)).summary.comparison.gapSeconds, undefined);
  const { everySeconds: _, ...byHand } = nightly(9);
  assert.equal((await keepScan(archive, byHand, lines)).summary.comparison.gapSeconds, undefined);
  assert.deepEqual(comparison.ruleSet, { added: ['c'], removed: ['b'] });
  assert.deepEqual(comparison.benchmarks, { added: ['cis-eks-1.8.0'], removed: ['cis-kubernetes-1.5.1'] });
});

test('a scan in which no node answered changes no rule set', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  const { comparison } = (await keepScan(archive, nightly(2), [])).summary;
  assert.deepEqual(comparison.ruleSet, { added: [], removed: [] });
  assert.equal(comparison.nodes.lost, 5);
});

test('what a target kept before it failed belongs to the scan', async () => {
  const archive = memoryArchive();
  const scan = nightly(1);
  const lost = { ...target, region: 'us-east-1' };
  const kept = await keepAnswers(archive, scan, target, answers, null);
  await keepAnswers(archive, scan, lost, answers, null);
  archive.objects.delete(targetKeys(scan, lost).changes);
  const link = { previous: null };
  const { startedAt, everySeconds } = scan;
  const claim = inMemory(JSON.stringify({ execution: 'test', startedAt, everySeconds, link }));
  const objects = [await archive.putOnce(scanKeys(scan).claim, claim, 'application/json')];
  await sealWith(archive, scan, [kept, failedTarget(lost, 'No role.')], { link, objects });
  assert.deepEqual((await verifyArchive(archive, { unsigned: true })).problems, []);
});

test('equal settings have equal digests, whatever the order of their keys', () => {
  assert.equal(canonical({ b: [{ d: 1, c: 2 }], a: null }), '{"a":null,"b":[{"c":2,"d":1}]}');
});

test('a report that is rendered again from the archive has the same bytes', async () => {
  const archive = memoryArchive();
  const silent = (['bad-answer', 'not-managed', 'gone'] as const).map((reason, index) => ({
    line: unreachable(`i-9${index}`, reason),
  }));
  const names = Object.keys(FORMATS) as FormatName[];
  const { manifest } = await keepScan(archive, nightly(1), [...silent, ...answers], undefined, { formats: names });
  const head = { summary: await readSummary(archive, manifest), catalog: {} };
  for (const { format, content } of await renderScan(archive, manifest.objects, head, ALL_FILES)) {
    const listed = manifest.objects.find(({ key }) => key.endsWith(`/${format.file}`));
    assert.equal(content.sha256, listed?.sha256, format.file);
    await content.discard();
  }
});

test('no report stays behind on the disk, whether its upload succeeds or fails', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-test-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  t.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true });
  });
  const names = Object.keys(FORMATS) as FormatName[];
  for (const failing of [...ALL_FILES, undefined]) {
    const archive = memoryArchive();
    let spooled = 0;
    const { putOnce } = archive;
    archive.putOnce = async (key, ...content) => {
      spooled = Math.max(spooled, readdirSync(folder).length);
      if (failing !== undefined && key.endsWith(`/${failing.file}`)) throw new Error('S3 is away');
      return putOnce(key, ...content);
    };
    const kept = keepScan(archive, nightly(1), answers, signer, { formats: names });
    if (failing === undefined) await kept;
    else await assert.rejects(kept, /S3 is away/);
    assert.equal(spooled, ALL_FILES.length, 'the reports lay there before they were uploaded');
    assert.deepEqual(readdirSync(folder), [], failing?.file);
  }
});
