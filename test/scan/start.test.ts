/** A folder that somebody has prepared, with the function's credentials, does not become the scan's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inMemory } from '../../lambda/archive/content.ts';
import { scanFolder, scanKeys } from '../../lambda/archive/keys.ts';
import type { WritableArchive } from '../../lambda/archive/store.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { failedTarget, summarize } from '../../lambda/results/summary.ts';
import { earlierFailures, scanIdOf, startScan } from '../../lambda/scan/start.ts';
import { keepScan, memoryArchive } from '../archive/memory.ts';
import { answers } from '../archive/samples.ts';
import { keySigner } from '../archive/signer.ts';

const scheduledTime = '2026-11-23T02:00:00.000Z';
const usual = { scanId: scanIdOf(scheduledTime), scheduledAt: scheduledTime };
const [evening, night] = ['2026-11-22T18:00:00.000Z', '2026-11-23T02:00:07.000Z'];

/** An archive that says when each object was written, by a clock that tests set. */
function dated() {
  const archive = memoryArchive();
  const times = new Map<string, Date>();
  const clock = { now: night };
  const whole: WritableArchive = {
    ...archive,
    async putOnce(...written) {
      const stored = await archive.putOnce(...written);
      if (!times.has(stored.key)) times.set(stored.key, new Date(clock.now));
      return stored;
    },
    async *list(prefix) {
      for await (const one of archive.list(prefix))
        yield { ...one, modified: times.get(one.key) ?? new Date(clock.now) };
    },
  };
  return { archive: whole, clock };
}

const start = (archive: WritableArchive, execution: string, resume = false) =>
  startScan(archive, { scheduledTime, everySeconds: 86_400, resume, execution }, () => new Date(night));

async function begun(archive: WritableArchive, execution: string, resume = false) {
  const found = await start(archive, execution, resume);
  return 'skipped' in found ? assert.fail(found.skipped) : found;
}

test('what schedules fire twice is scanned once, and a repeated step is the same scan', async () => {
  const { archive } = dated();
  assert.equal((await begun(archive, 'one')).scanId, usual.scanId);
  assert.equal((await begun(archive, 'one')).prepared, undefined);
  assert.ok('skipped' in (await start(archive, 'two')));
  assert.equal((await begun(archive, 'two', true)).scanId, usual.scanId);
});

test('a target that could not be scanned when the night was added up is not scanned when it is resumed', async () => {
  const { archive } = dated();
  await begun(archive, 'one');
  assert.deepEqual(await earlierFailures(archive, usual), []);
  const facts = { ...usual, startedAt: night, finishedAt: night, settings: {} };
  const failed = { account: '111122223333', region: 'eu-west-1', error: 'Access denied.' };
  const summary = summarize(facts, [failedTarget(failed, failed.error)], { previous: null });
  await archive.putOnce(scanKeys(usual).summary, inMemory(JSON.stringify(summary)), 'application/json');
  assert.deepEqual(await earlierFailures(archive, await begun(archive, 'two', true)), [failed]);
});

for (const [what, key, text] of [
  [
    'a claim',
    scanKeys(usual).claim,
    JSON.stringify({ execution: 'forged', startedAt: night, link: { previous: null } }),
  ],
  ['a claim that is none', scanKeys(usual).claim, '<'],
  ['an inventory without nodes', `${scanFolder(usual)}inventory/111122223333-eu-west-1.ndjson.gz`, ''],
] as const) {
  test(`${what} that was there before its time leaves the night to the real scan`, async () => {
    const { archive, clock } = dated();
    clock.now = evening;
    await archive.putOnce(key, inMemory(text), 'application/json');
    clock.now = night;
    const first = await begun(archive, 'real');
    assert.match(first.scanId, new RegExp(`^${usual.scanId}-[0-9a-f]{8}$`));
    assert.match(first.prepared?.join() ?? '', /was there before the scan of 2026-11-23T02:00:00\.000Z began/);
    assert.deepEqual(await begun(archive, 'real'), first, 'a repeated step');
    assert.equal((await begun(archive, 'later', true)).scanId, first.scanId, 'who resumes it finds it');
  });
}

test('who resumes takes no name that no execution has, and tells of the first folders only', async () => {
  const { archive, clock } = dated();
  clock.now = evening;
  const claims = (suffix: string) => scanKeys({ ...usual, scanId: `${usual.scanId}${suffix}` }).claim;
  const names = ['', ...Array.from({ length: 40 }, (_, index) => `-${String(index).padStart(8, '0')}`)];
  const strangers = ['-x', '-0000000', '-000000000', '-0000000G', '-00000000-1'];
  for (const suffix of [...names, ...strangers])
    await archive.putOnce(claims(suffix), inMemory('<'), 'application/json');
  clock.now = night;
  const { prepared = [], scanId } = await begun(archive, 'later', true);
  assert.match(scanId, new RegExp(`^${usual.scanId}-[0-9a-f]{8}$`));
  assert.equal(prepared.length, 6);
  assert.equal(prepared[5], 'So were folders of 36 more names of this scan.');
});

test('an object that is written as the scan begins is not taken for an answer of its nodes', async () => {
  const { archive } = dated();
  await archive.putOnce(
    `${scanFolder(usual)}evidence/111122223333-eu-west-1.ndjson.gz`,
    inMemory(''),
    'application/gzip',
  );
  assert.notEqual((await begun(archive, 'real')).scanId, usual.scanId);
});

test('a whole night that was forged in the evening is told by verify', async () => {
  const { archive, clock } = dated();
  const signer = keySigner();
  clock.now = evening;
  const facts = { ...usual, startedAt: night, finishedAt: '2026-11-23T02:01:00.000Z', settings: {} };
  await keepScan(archive, facts, answers, signer);
  const { problems } = await verifyArchive(archive, { publicKeys: [{ pem: signer.publicKey }] });
  assert.deepEqual(
    problems.map(({ kind, text }) => [kind, text]),
    [['lie', `was written at ${evening}, before its scan was due: somebody prepared it.`]],
  );
});
