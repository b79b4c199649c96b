import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { verifyInThreads } from '../../cli/verifying.ts';
import { targetKeys } from '../../lambda/archive/keys.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { keepScan, type MemoryArchive, memoryArchive, nightly } from '../archive/memory.ts';
import { answers, target } from '../archive/samples.ts';
import { keySigner } from '../archive/signer.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-threads-'));
after(() => rmSync(folder, { recursive: true }));

const signer = keySigner();
const whole = memoryArchive();
for (const day of [1, 2, 3, 4, 5]) await keepScan(whole, nightly(day), answers, signer);
const options = { now: '2026-11-06T00:00:00.000Z', from: '2026-11-01T00:00:00.000Z' };

function damaged(...days: number[]): MemoryArchive {
  const copy = memoryArchive();
  for (const [key, bytes] of whole.objects) copy.objects.set(key, bytes);
  for (const day of days) copy.objects.set(targetKeys(nightly(day), target).changes, Buffer.from('nothing'));
  return copy;
}

const cases: [what: string, archive: MemoryArchive][] = [
  ['is whole', whole],
  ['was changed in the first part', damaged(1)],
  // The first scan of the second part is compared with it.
  ['was changed where the parts meet', damaged(2)],
  ['was changed everywhere', damaged(1, 2, 3, 4, 5)],
];
/** A directory of this name with what an archive has. */
function written(name: string, { objects }: MemoryArchive): string {
  const place = join(folder, name);
  for (const [key, bytes] of objects) {
    mkdirSync(dirname(join(place, key)), { recursive: true });
    writeFileSync(join(place, key), bytes);
  }
  return place;
}

for (const [what, archive] of cases) {
  test(`threads find of an archive that ${what} what one thread does`, async () => {
    const alone = await verifyArchive(archive, options);
    assert.equal(alone.problems.length > 0, archive !== whole);
    const together = await verifyInThreads(written(what, archive), options);
    // A bucket's name is known of a bucket only.
    assert.deepEqual(
      { ...together, problems: together.problems.length },
      { ...alone, problems: alone.problems.length },
    );
    assert.deepEqual(together.problems, alone.problems);
  });
}

test('what a thread cannot read is one sentence', async () => {
  assert.ok(!existsSync(join(folder, 'nothing')));
  await assert.rejects(verifyInThreads(join(folder, 'nothing'), options), { name: 'Error', message: /nothing/ });
  const timestampCa = join(folder, 'no.pem');
  await assert.rejects(
    verifyInThreads(written('its CA', whole), { ...options, timestampCa }),
    /--timestamp-ca .*no\.pem: /,
  );
});
