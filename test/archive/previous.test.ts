import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scanKeys } from '../../lambda/archive/keys.ts';
import { readLink, readPrevious } from '../../lambda/archive/previous.ts';
import { ArchiveError } from '../../lambda/results/errors.ts';
import { keepScan, memoryArchive, nightly } from './memory.ts';
import { evaluated } from './samples.ts';

test('a fault that may pass is thrown, and does not cut the chain', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), [{ line: evaluated('i-1', []) }]);
  const link = await readLink(archive);
  assert.equal(link.previous?.scanId, 'night-1');
  const failing = (error: Error) => ({ ...archive, open: () => Promise.reject(error) });
  const expired = Object.assign(new Error('The provided token has expired.'), { name: 'ExpiredToken' });
  await assert.rejects(readLink(failing(expired)), expired);
  await assert.rejects(readPrevious(failing(expired), link), expired);
});

test('a scan that is gone is not compared with', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), [{ line: evaluated('i-1', []) }]);
  const link = await readLink(archive);
  archive.objects.delete(scanKeys(nightly(1)).summary);
  assert.match((await readPrevious(archive, link)).problem ?? '', /the scan has no summary\.json$/);
  archive.objects.delete(link.previous?.key ?? '');
  assert.deepEqual(await readPrevious(archive, link), { previous: null });
});

test('an archive that is broken is a problem to tell, and begins a new chain', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), [{ line: evaluated('i-1', []) }]);
  const link = await readLink(archive);
  archive.objects.set('latest.json', Buffer.from('{'));
  const broken = await readLink(archive);
  assert.equal(broken.previous, null);
  assert.match(broken.problem ?? '', /^latest\.json: not JSON/);
  const denied = { ...archive, open: () => Promise.reject(new ArchiveError('access denied by S3')) };
  assert.deepEqual(await readPrevious(denied, link), { previous: null, problem: 'access denied by S3' });
});
