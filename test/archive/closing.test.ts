/** Scans that end at the same time, over S3's conditional writes, with some of them killed between two writes. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { closeScan, linkTo } from '../../lambda/archive/closing.ts';
import { sha256 } from '../../lambda/archive/content.ts';
import { scanKeys } from '../../lambda/archive/keys.ts';
import { readLatest, readLink } from '../../lambda/archive/previous.ts';
import { s3Archive, type WritableArchive } from '../../lambda/archive/store.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import { keepScan, memoryArchive, nightly } from './memory.ts';
import { answers } from './samples.ts';
import { keySigner } from './signer.ts';

const account = '123456789012';
const region = 'eu-central-1';
const s3Root = join(tmpdir(), `kubevigil-closing-${process.pid}`);
const signer = keySigner();
const trusted = { publicKeys: [{ pem: signer.publicKey }] };
let endpoints: Endpoints;
let client: S3Client;

before(async () => {
  endpoints = await startEndpoints({
    accounts: { [account]: { regions: { [region]: {} } } },
    buckets: { reports: { objectLock: true } },
    s3Root,
  });
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = endpoints.environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  client = new S3Client({ endpoint: endpoints.url, region, credentials });
});

after(async () => {
  client.destroy();
  await endpoints.close();
  await rm(s3Root, { recursive: true, force: true });
});

/** Scans of one night that began before any of them ended. */
const overlapping = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const scheduledAt = `2026-11-02T02:00:0${index}.000Z`;
    return { ...nightly(2), scanId: `scan-${index}`, scheduledAt };
  });

test('scans that end at the same time hang one on the other', async () => {
  const archive = s3Archive(client, 'reports', 'race');
  await keepScan(archive, nightly(1), answers, signer);
  const link = await readLink(archive);
  await Promise.all(overlapping(6).map((scan) => keepScan(archive, scan, answers, signer, { link })));
  await keepScan(archive, nightly(3), answers, signer);
  const { scans, problems, notes } = await verifyArchive(archive, trusted);
  assert.deepEqual({ scans, problems, notes }, { scans: 8, problems: [], notes: [] });
  const latest = await readLatest(archive);
  assert.deepEqual([latest?.scanId, latest?.closing], ['night-3', undefined]);
});

class Killed extends Error {}

/** An archive whose writer is killed before its n-th write from the first replacement of `latest.json` on. */
function killedAfter(archive: WritableArchive, writes: number): WritableArchive {
  let left: number | undefined;
  const live = (begins: boolean) => {
    if (left === undefined && begins) left = writes;
    if (left === 0) throw new Killed();
    if (left !== undefined) left -= 1;
  };
  return {
    ...archive,
    putOnce(...written) {
      live(false);
      return archive.putOnce(...written);
    },
    putLatest(...written) {
      live(true);
      return archive.putLatest(...written);
    },
  };
}

for (const writes of [0, 1, 2, 3]) {
  test(`a scan that is killed after ${writes} writes of its end keeps nobody from going on, and goes on itself`, async () => {
    const archive = memoryArchive();
    await keepScan(archive, nightly(1), answers, signer);
    const link = await readLink(archive);
    const killed = killedAfter(archive, writes);
    const begun = keepScan(killed, nightly(2), answers, signer, { link });
    await assert.rejects(begun, Killed);
    const others = overlapping(2).map((scan) => keepScan(archive, scan, answers, signer));
    await Promise.all([...others, keepScan(archive, nightly(2), answers, signer, { link })]);
    const { scans, problems, notes } = await verifyArchive(archive, trusted);
    assert.deepEqual({ scans, problems, notes }, { scans: 4, problems: [], notes: [] });
  });
}

test('a scan that never comes back is closed by the next one', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers, signer);
  await assert.rejects(keepScan(killedAfter(archive, 1), nightly(2), answers, signer), Killed);
  const open = await verifyArchive(archive, trusted);
  assert.deepEqual(
    open.problems.map(({ kind, key }) => [kind, key]),
    [['unsealed', scanKeys(nightly(2)).manifest]],
  );
  const { manifest } = await keepScan(archive, nightly(3), answers, signer);
  assert.equal(manifest.previous?.scanId, 'night-2');
  assert.deepEqual((await verifyArchive(archive, trusted)).problems, []);
});

test('nothing but a manifest at its own place is written through latest.json', async () => {
  const archive = memoryArchive();
  const { manifest, latest } = await keepScan(archive, nightly(1), answers, signer);
  const text = JSON.stringify({ ...manifest, bucket: 'other' });
  const moved = { ...latest, sha256: sha256(text), closing: { text } };
  await assert.rejects(linkTo(archive, { ...moved, manifest: 'scans/x' }), /holds another manifest than it names/);
  await assert.rejects(linkTo(archive, { ...moved, sha256: latest.sha256 }), /holds another manifest than it names/);
  await assert.rejects(linkTo(archive, moved), /already exists with other content/);
  for (const [scanId, key] of [
    ['night-1', scanKeys({ ...nightly(1), scanId: 'elsewhere' }).manifest],
    ['night-1', scanKeys(nightly(2)).manifest],
    ['../night-1', 'scans/2026/11/01/../night-1/manifest.json'],
  ] as const) {
    const text = JSON.stringify({ ...manifest, scanId, key });
    const forged = { ...latest, manifest: key, sha256: sha256(text), closing: { text } };
    await assert.rejects(linkTo(archive, forged), /holds another manifest than it names/, key);
    assert.equal(archive.objects.has(key), false, key);
  }
});

test('a scan gives up where latest.json is always another', async () => {
  const archive = { ...memoryArchive(), putLatest: async () => false };
  const { scanId, scheduledAt } = nightly(1);
  const { summary, manifest } = scanKeys(nightly(1));
  const names = { format: 1, scanId, scheduledAt, summary, manifest } as const;
  await assert.rejects(closeScan(archive, { names, fallback: null, textAfter: () => '{}' }), /replaced by others 100/);
});
