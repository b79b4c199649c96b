import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Content, inMemory, spool } from '../../lambda/archive/content.ts';

async function bytesOf(content: Content): Promise<Buffer> {
  const opened = content.open();
  return opened instanceof Uint8Array ? Buffer.from(opened) : Buffer.concat(await opened.toArray());
}

async function written(pieces: string[], gzip: boolean | 'quick'): Promise<Content> {
  const writer = await spool({ gzip });
  for (const piece of pieces) await writer.write(piece);
  return writer.end();
}

/** A folder in which a test's temporary files are its own. */
function ownTemporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-content-'));
  const { TMPDIR = '' } = process.env;
  process.env.TMPDIR = folder;
  t.after(() => {
    process.env.TMPDIR = TMPDIR;
    rmSync(folder, { recursive: true });
  });
  return folder;
}

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const lines = Array.from({ length: 5_000 }, (_, index) => `${JSON.stringify({ index, text: 'käse 🧀'.repeat(9) })}\n`);

for (const gzip of [true, 'quick', false] as const) {
  test(`spooled text comes back whole, with its size and digest (gzip: ${gzip})`, async () => {
    const content = await written(lines, gzip);
    const bytes = await bytesOf(content);
    assert.equal(content.size, bytes.byteLength);
    assert.equal(content.sha256, hash(bytes));
    assert.equal((gzip ? gunzipSync(bytes) : bytes).toString(), lines.join(''));
    assert.deepEqual(await bytesOf(content), bytes, 'it can be opened again');
    await content.discard();
    await content.discard();
  });
}

test('bytes that were taken may be overwritten, however many they are', async () => {
  for (const gzip of [true, false]) {
    for (const length of [10, 300_000]) {
      const writer = await spool({ gzip });
      const bytes = Buffer.alloc(length, 'a');
      await writer.write(bytes);
      bytes.fill('b');
      const content = await writer.end();
      const found = await bytesOf(content);
      assert.equal(hash(gzip ? gunzipSync(found) : found), hash(Buffer.alloc(length, 'a')), `${length} ${gzip}`);
      await content.discard();
    }
  }
});

test('pieces of every size and kind come one after the other, alone or several at once', async () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string().map((text) => Buffer.from(text)),
    fc.nat(150_000).map((length) => 'é'.repeat(length)),
    fc.nat(300_000).map((length) => Buffer.alloc(length, length)),
  );
  const property = fc.asyncProperty(fc.array(fc.oneof(piece, fc.array(piece))), fc.boolean(), async (all, gzip) => {
    const writer = await spool({ gzip });
    for (const pieces of all) await writer.write(pieces);
    const content = await writer.end();
    const bytes = await bytesOf(content);
    await content.discard();
    const expected = Buffer.concat(all.flat().map((each) => Buffer.from(each)));
    assert.ok((gzip ? gunzipSync(bytes) : bytes).equals(expected));
    assert.equal(content.sha256, hash(bytes));
  });
  await fc.assert(property, { numRuns: 60 });
});

test('the same lines give the same compressed bytes', async () => {
  const [first, second] = await Promise.all([written(lines, true), written(lines, true)]);
  assert.equal(first.sha256, second.sha256);
});

test('nothing is a valid, empty gzip file', async () => {
  assert.equal(gunzipSync(await bytesOf(await written([], true))).byteLength, 0);
});

test('what is large is sent from its temporary file, which discarding removes', async (t) => {
  const folder = ownTemporaryFolder(t);
  const content = await written(['x'.repeat(9 * 1024 * 1024)], false);
  assert.equal(readdirSync(folder).length, 1);
  assert.equal(hash(await bytesOf(content)), content.sha256);
  await content.discard();
  assert.deepEqual(readdirSync(folder), []);
});

test('a writer that gives up leaves nothing behind', async (t) => {
  const folder = ownTemporaryFolder(t);
  const writer = await spool({ gzip: true });
  await writer.write('half');
  assert.equal(readdirSync(folder).length, 1);
  await writer.discard();
  assert.deepEqual(readdirSync(folder), []);
});

test('text in memory is content too', async () => {
  const content = inMemory('report');
  assert.equal(content.size, 6);
  assert.equal(content.sha256, hash(Buffer.from('report')));
  assert.equal((await bytesOf(content)).toString(), 'report');
});
