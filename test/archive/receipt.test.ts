import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receiptKey, scanKeys } from '../../lambda/archive/keys.ts';
import { endedBelated } from '../../lambda/archive/previous.ts';
import { keepReceipt, owedTo } from '../../lambda/archive/receipt.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { keepScan, type MemoryArchive, memoryArchive, nightly } from './memory.ts';
import { evaluated, finding } from './samples.ts';

const HUB = 'arn:aws:securityhub:eu-central-1:123456789012:product/123456789012/default';
const manifest = (day: number) => scanKeys(nightly(day)).manifest;

async function nights(count: number): Promise<MemoryArchive> {
  const archive = memoryArchive();
  for (let day = 1; day <= count; day += 1) {
    await keepScan(archive, nightly(day), [{ line: evaluated('i-1', [finding('anonymous-auth', 'fail')]) }]);
  }
  return archive;
}

const owed = async (archive: MemoryArchive, newest: number, hub = HUB) => {
  const { manifests, all } = await owedTo(hub, archive, manifest(newest));
  return { nights: manifests.map((key) => Number(/night-(\d+)/.exec(key)?.[1])), all };
};

test('what is owed is everything at first, then the nights since the last receipt', async () => {
  const archive = await nights(4);
  assert.deepEqual(await owed(archive, 1), { nights: [1], all: true });
  await keepReceipt(archive, manifest(1), HUB);
  assert.deepEqual(await owed(archive, 2), { nights: [2], all: false });
  assert.deepEqual(await owed(archive, 4), { nights: [2, 3, 4], all: false }, 'the oldest first');
  await keepReceipt(archive, manifest(4), HUB);
  assert.deepEqual(await owed(archive, 4), { nights: [], all: false }, 'a repeated step has nothing left to do');
});

test('another Security Hub and a broken receipt are as if there were none', async () => {
  const archive = await nights(10);
  await keepReceipt(archive, manifest(1), HUB);
  assert.deepEqual(await owed(archive, 2, HUB.replace('eu-central-1', 'us-east-1')), { nights: [2], all: true });
  assert.deepEqual(await owed(archive, 10), { nights: [2, 3, 4, 5, 6, 7, 8, 9, 10], all: false });
  archive.objects.set(receiptKey(manifest(1)), Buffer.from('{'));
  assert.deepEqual(await owed(archive, 2), { nights: [2], all: true });
  archive.objects.set(manifest(1), Buffer.from('{'));
  assert.deepEqual(await owed(archive, 2), { nights: [2], all: true }, 'a broken chain ends there');
});

test('of an outage everything is replayed that Security Hub would still know', async () => {
  const archive = memoryArchive();
  const nightOf = (age: number) => {
    const at = new Date(Date.parse('2026-11-01T02:00:00.000Z') - age * 86_400_000).toISOString();
    return { ...nightly(1), scanId: `age-${age}`, scheduledAt: at, startedAt: at, finishedAt: at };
  };
  const ages = Array.from({ length: 93 }, (_, index) => 92 - index);
  for (const age of ages) await keepScan(archive, nightOf(age), [{ line: evaluated('i-1', []) }]);
  const owedAt = (age: number) => owedTo(HUB, archive, scanKeys(nightOf(age)).manifest);
  await keepReceipt(archive, scanKeys(nightOf(92)).manifest, HUB);
  assert.equal((await owedAt(2)).manifests.length, 90);
  const { manifests, all } = await owedAt(0);
  assert.deepEqual([manifests, all], [[scanKeys(nightOf(0)).manifest], true]);
});

test('nights that end after later ones tell nothing, and answer for none', async () => {
  const archive = await nights(3);
  await keepReceipt(archive, manifest(3), HUB);
  const keep = (day: number) =>
    keepScan(archive, nightly(day), [{ line: evaluated('i-1', [finding('anonymous-auth', 'fail')]) }]);
  await keep(7);
  await keep(5);
  await keep(6);
  const isBelated = (day: number) => endedBelated(archive, manifest(day));
  assert.deepEqual(await Promise.all([3, 7, 5, 6].map(isBelated)), [false, false, true, true]);
  for (const day of [5, 6]) assert.deepEqual(await owed(archive, day), { nights: [], all: false });
  await keep(8);
  assert.deepEqual(await owed(archive, 8), { nights: [7, 8], all: false });
  await keepReceipt(archive, manifest(7), HUB);
  assert.deepEqual(await owed(archive, 8), { nights: [8], all: false });
});

test('what cannot be read for now is thrown, so that it is tried again', async () => {
  const archive = await nights(2);
  const away = new Error('SlowDown');
  const broken = {
    ...archive,
    open: async (key: string) => {
      if (key.endsWith('security-hub.json')) throw away;
      return archive.open(key);
    },
  };
  await assert.rejects(owedTo(HUB, broken, manifest(2)), away);
});

test('verify holds a receipt to its manifest, and lets nothing else stand in its place', async () => {
  const archive = await nights(2);
  const problems = async () => {
    const { problems: found } = await verifyArchive(archive, { unsigned: true, now: '2026-11-02T06:00:00Z' });
    // The sample answers have no evidence, which verify tells too.
    return found.flatMap(({ kind, key = '', text }) =>
      key.includes('hub') ? [[kind, key.split('/').at(-2), text]] : [],
    );
  };
  await keepReceipt(archive, manifest(2), HUB);
  assert.deepEqual(await problems(), []);
  const receipt = archive.objects.get(receiptKey(manifest(2)));
  assert.ok(receipt);
  archive.objects.set(receiptKey(manifest(1)), receipt);
  archive.objects.set(receiptKey(manifest(2)), Buffer.from(`${receipt}`.replace('"format"', '"more":1,"format"')));
  const found = await problems();
  assert.deepEqual(found.map(([kind, night]) => `${kind} ${night}`).sort(), ['changed night-1', 'changed night-2']);
  const texts = found.map(([, , text]) => text).sort();
  assert.match(texts[0] ?? '', /^cannot be read: /);
  assert.equal(texts[1], 'is the receipt of another scan.');
});
