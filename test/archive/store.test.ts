import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { inMemory, spool } from '../../lambda/archive/content.ts';
import { directoryArchive } from '../../lambda/archive/directory.ts';
import { readLink } from '../../lambda/archive/previous.ts';
import { isSignedBy } from '../../lambda/archive/sign.ts';
import { ArchiveConflict, kmsSigner, readBytes, s3Archive } from '../../lambda/archive/store.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Call, Fault } from '../../simulator/aws/options.ts';
import { newKey } from '../../simulator/fleet/serve.ts';
import { keepScan, nightly } from './memory.ts';
import { answers } from './samples.ts';
import { keySigner } from './signer.ts';

const account = '123456789012';
const region = 'eu-central-1';
const key = newKey();
const s3Root = join(tmpdir(), `kubevigil-archive-${process.pid}`);

let endpoints: Endpoints;
let faults: Fault[] = [];
let client: S3Client;
let kms: KMSClient;

before(async () => {
  endpoints = await startEndpoints({
    accounts: { [account]: { regions: { [region]: { keys: { 'alias/reports': key } } } } },
    buckets: { reports: { objectLock: true } },
    s3Root,
    intercept: ({ operation }: Call) => (operation === 'PutObject' ? faults.shift() : undefined),
    pageSize: { s3: 3 },
  });
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = endpoints.environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const configuration = { endpoint: endpoints.url, region, credentials };
  client = new S3Client(configuration);
  kms = new KMSClient(configuration);
});

after(async () => {
  client.destroy();
  kms.destroy();
  await endpoints.close();
  await rm(s3Root, { recursive: true, force: true });
});

async function spooled(text: string) {
  const writer = await spool({ gzip: false });
  await writer.write(text);
  return writer.end();
}

describe('an archive in S3', { concurrency: false }, () => {
  test('keeps what it is given, once', async () => {
    const archive = s3Archive(client, 'reports');
    const stored = await archive.putOnce('a/b.txt', inMemory('hello'), 'text/plain');
    assert.deepEqual(stored, {
      key: 'a/b.txt',
      size: 5,
      sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    });
    assert.equal((await readBytes(archive, 'a/b.txt'))?.toString(), 'hello');
    assert.equal(await readBytes(archive, 'a/c.txt'), undefined);
  });

  test('takes the same content again, and refuses another', async () => {
    const archive = s3Archive(client, 'reports');
    await archive.putOnce('once', inMemory('first'), 'text/plain');
    await archive.putOnce('once', await spooled('first'), 'text/plain');
    await assert.rejects(archive.putOnce('once', inMemory('other'), 'text/plain'), (error: Error) => {
      assert.ok(error instanceof ArchiveConflict);
      assert.match(error.message, /^s3:\/\/reports\/once already exists with other content/);
      return true;
    });
    assert.equal((await readBytes(archive, 'once'))?.toString(), 'first');
  });

  for (const [what, fault] of [
    ['a lost race', { status: 409, code: 'ConditionalRequestConflict', message: 'Try again.' }],
    ['a fault of S3', { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' }],
    ['a broken connection', 'reset'],
    ['a write whose answer was lost', 'lost'],
  ] as [string, Fault][]) {
    test(`survives ${what}, from memory and from a file`, async () => {
      const archive = s3Archive(client, 'reports');
      faults = [fault, fault];
      await archive.putOnce(`${what}/memory`, inMemory('x'), 'text/plain');
      faults = [fault];
      const content = await spooled('y'.repeat(9_000_000));
      await archive.putOnce(`${what}/file`, content, 'text/plain');
      await content.discard();
      assert.equal((await readBytes(archive, `${what}/file`))?.byteLength, 9_000_000);
    });
  }

  test('gives up where a race is never won', async () => {
    const archive = s3Archive(client, 'reports');
    faults = Array.from({ length: 5 }, () => ({ status: 409, code: 'ConditionalRequestConflict', message: 'Again.' }));
    await assert.rejects(archive.putOnce('never', inMemory('x'), 'text/plain'), { name: 'ConditionalRequestConflict' });
    assert.equal(faults.length, 0);
  });

  test('lists keys over pages, and under a prefix', async () => {
    const archive = s3Archive(client, 'reports');
    const keys = ['list/1', 'list/2', 'list/3', 'list/4/a', 'list/5'];
    for (const each of keys) await archive.putOnce(each, inMemory(each), 'text/plain');
    const listed = await Array.fromAsync(archive.list('list/'));
    assert.deepEqual(
      listed.map(({ key, size }) => ({ key, size })),
      keys.map((each) => ({ key: each, size: each.length })),
    );
    assert.ok(listed.every(({ modified }) => modified instanceof Date));
    const copy = s3Archive(client, 'reports', 'list');
    assert.deepEqual(
      (await Array.fromAsync(copy.list('4/'))).map((each) => each.key),
      ['4/a'],
    );
    assert.equal((await readBytes(copy, '4/a'))?.toString(), 'list/4/a');
    assert.equal(copy.location, 's3://reports/list');
  });

  test('says in one sentence that a bucket does not exist', async () => {
    const archive = s3Archive(client, 'nowhere');
    const expected = /^s3:\/\/nowhere does not exist; create the bucket or name another one\.$/;
    const is = (error: Error) => expected.test(error.message);
    await assert.rejects(archive.putOnce('a', inMemory('x'), 'text/plain'), is);
    await assert.rejects(archive.open('a'), is);
    await assert.rejects(Array.fromAsync(archive.list('')), is);
  });

  test('refuses to read an object that is larger than expected', async () => {
    const archive = s3Archive(client, 'reports');
    await archive.putOnce('large', inMemory('x'.repeat(100)), 'text/plain');
    await assert.rejects(readBytes(archive, 'large', 99), /more than 99 bytes/);
  });

  test('holds whole scans, signed by KMS, that verify from S3 and from the directory', async () => {
    const archive = s3Archive(client, 'reports', 'kept');
    const signer = await kmsSigner(kms, 'alias/reports');
    assert.equal(signer.publicKey, keySigner(key).publicKey);
    assert.ok(isSignedBy(signer.publicKey, Buffer.from('m'), await signer.sign(Buffer.from('m'))));
    await keepScan(archive, nightly(1), answers, signer);
    const link = await readLink(archive);
    for (const _ of ['first', 'repeated']) await keepScan(archive, nightly(2), answers, signer, { link });
    for (const place of [archive, directoryArchive(join(s3Root, 'reports', 'kept'))]) {
      const { scans, objects, problems } = await verifyArchive(place, { publicKeys: [{ pem: signer.publicKey }] });
      assert.deepEqual({ scans, objects, problems }, { scans: 2, objects: 20, problems: [] });
    }
  });
});

test('a directory gives nothing from outside of it, and lists in key order', async () => {
  const directory = directoryArchive(join(s3Root, 'reports'));
  assert.equal((await readBytes(directory, 'a/b.txt'))?.toString(), 'hello');
  for (const strange of ['../reports/a/b.txt', 'a/../a/b.txt', 'a/./b.txt', '/a/b.txt', 'a', '', 'a\\b.txt', 'a\0']) {
    assert.equal(await directory.open(strange), undefined, strange);
  }
  assert.deepEqual(
    (await Array.fromAsync(directory.list('list/4'))).map((each) => each.key),
    ['list/4/a'],
  );
  assert.deepEqual(await Array.fromAsync(directoryArchive(join(s3Root, 'nowhere')).list('scans/')), []);
});
