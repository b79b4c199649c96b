/**
 * Archives as earlier versions made them: each is whole today, and what today's rules say otherwise of its evidence stands beside
 * it, added up. After a change of rules: UPDATE_KEPT=1 npx node --test test/archive/kept.test.ts, and read what that changes.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { FILES } from '../../lambda/archive/keys.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { judgeArchived } from '../../lambda/results/judge-line.ts';
import { memoryArchive } from './memory.ts';

const folder = new URL('kept/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.ndjson.gz'));

/** An archive from a file of lines with the key and the bytes of each object. */
function opened(name: string) {
  const archive = memoryArchive();
  for (const line of gunzipSync(readFileSync(new URL(name, folder)))
    .toString()
    .trim()
    .split('\n')) {
    const { key, base64 } = JSON.parse(line);
    archive.objects.set(key, Buffer.from(base64, 'base64'));
  }
  return archive;
}

/** Without the node, equal differences counted. */
function addedUp(texts: readonly string[]): string {
  const counts = Map.groupBy(texts, (text) => text.replace(/^i-[0-9a-f]+,? ?/, ''));
  return [...counts]
    .map(([text, all]) => `${all.length} × ${text}\n`)
    .sort()
    .join('');
}

for (const name of names) {
  test(`the archive of ${name.replace('.ndjson.gz', '')} is whole, and judged otherwise only where the rules are others`, async () => {
    const archive = opened(name);
    const key = [...archive.objects.keys()].find((each) => each.endsWith(FILES.publicKey)) ?? assert.fail();
    const pem = String(archive.objects.get(key));
    const options = { publicKeys: [{ pem }] };
    const { scans, problems } = await verifyArchive(archive, options);
    assert.deepEqual({ scans, problems }, { scans: 2, problems: [] });
    const replayed = await verifyArchive(archive, { ...options, judge: judgeArchived });
    // What has a form that is no longer read is refused, and nothing of it misread.
    const kinds = new Set(replayed.problems.map(({ kind }) => kind));
    assert.deepEqual([...kinds], replayed.verdicts === 0 ? ['replay'] : kinds.size === 0 ? [] : ['rules']);
    const differences = addedUp(replayed.problems.map(({ text }) => text));
    const expected = new URL(name.replace('.ndjson.gz', '.differences.txt'), folder);
    if (process.env.UPDATE_KEPT) writeFileSync(expected, differences);
    assert.equal(differences, readFileSync(expected, 'utf8'));
  });
}

test('there is an archive of each format', () => {
  const formats = names.map((name) => {
    const archive = opened(name);
    const key = [...archive.objects.keys()].find((each) => each.endsWith(FILES.manifest)) ?? assert.fail();
    return JSON.parse(String(archive.objects.get(key))).format;
  });
  assert.deepEqual(formats, [1, 2]);
});
