/**
 * What `verify` finds in archives that somebody has changed.
 * Long because every way to forge an archive is one case of one table, over archives made once.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../lambda/archive/content.ts';
import { scanFolder, scanKeys, targetKeys } from '../../lambda/archive/keys.ts';
import { readLink } from '../../lambda/archive/previous.ts';
import { fingerprint } from '../../lambda/archive/sign.ts';
import type { ProblemKind, VerifyOptions } from '../../lambda/archive/verification.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { kubeadm } from '../../simulator/fleet/node-types.ts';
import { copyOf, keepScan, type MemoryArchive, memoryArchive, nightly } from './memory.ts';
import { answers, evaluated, evidence, finding, target } from './samples.ts';
import { keySigner } from './signer.ts';

const signer = keySigner();
const stranger = keySigner();
const nights = [1, 2, 3, 4];
/** When all of the nights are over. */
const NOW = '2026-11-30T00:00:00.000Z';

/** Four nights over one target, whose findings differ each night; a fresh copy for each test. */
const original = memoryArchive();
for (const day of nights) {
  const changing = { line: evaluated(`i-2${day}`, [finding('anonymous-auth', 'fail')]), evidence };
  await keepScan(original, nightly(day), [...answers, changing], signer);
}

const copy = () => copyOf(original);

const at = (day: number) => ({ ...scanKeys(nightly(day)), ...targetKeys(nightly(day), target) });

function bytesAt(archive: MemoryArchive, key: string): Buffer {
  const bytes = archive.objects.get(key);
  assert.ok(bytes, key);
  return bytes;
}

function edit(archive: MemoryArchive, key: string, change: (text: string) => string): void {
  archive.objects.set(key, Buffer.from(change(bytesAt(archive, key).toString())));
}

/** Signs a changed manifest again, with its key beside it, as a forger would. */
async function forge(archive: MemoryArchive, day: number, change: (text: string) => string): Promise<void> {
  const keyHash = sha256(stranger.publicKey);
  archive.objects.set(at(day).publicKey, Buffer.from(stranger.publicKey));
  edit(archive, at(day).manifest, (text) => {
    const manifest = JSON.parse(change(text));
    manifest.signing.publicKeySha256 = fingerprint(stranger.publicKey);
    const listed = manifest.objects.find(({ key }: { key: string }) => key === at(day).publicKey);
    Object.assign(listed, { sha256: keyHash, size: stranger.publicKey.length });
    return JSON.stringify(manifest);
  });
  const manifest = bytesAt(archive, at(day).manifest);
  archive.objects.set(at(day).signature, Buffer.from(await stranger.sign(manifest)));
  edit(archive, 'latest.json', (text) => {
    const latest = JSON.parse(text);
    if (latest.manifest === at(day).manifest) latest.sha256 = sha256(manifest);
    return JSON.stringify(latest);
  });
}

/** Makes latest.json name an earlier scan, as it did that night. */
async function turnBack(archive: MemoryArchive, day: number): Promise<void> {
  const { createHash } = await import('node:crypto');
  const sha256 = createHash('sha256')
    .update(bytesAt(archive, at(day).manifest))
    .digest('hex');
  const { scanId, scheduledAt } = nightly(day);
  const { summary, manifest } = at(day);
  const latest = { format: 1, scanId, scheduledAt, summary, manifest, sha256 };
  archive.objects.set('latest.json', Buffer.from(JSON.stringify(latest)));
}

const problemsOf = async (archive: MemoryArchive, options: VerifyOptions = {}) =>
  (await verifyArchive(archive, { unsigned: true, now: NOW, ...options })).problems.map(
    ({ kind, key, text }) => `${kind} ${key} ${text}`,
  );

test('an untouched archive has no problems', async () => {
  const { scans, objects, problems, notes } = await verifyArchive(copy(), { publicKeys: [{ pem: signer.publicKey }] });
  assert.deepEqual({ scans, objects, problems, notes }, { scans: 4, objects: 40, problems: [], notes: [] });
});

test('without a key from outside, the archive says that it proves only itself', async () => {
  const { problems, notes } = await verifyArchive(copy());
  assert.deepEqual(problems, []);
  assert.match(notes.join(), /checked with the public key inside the archive/);
});

/** What was done, how, and the problems that must be named: all of them, and no other. */
const tamperings: [string, (archive: MemoryArchive) => void | Promise<void>, [ProblemKind, string, RegExp][]][] = [
  [
    'a byte of findings is changed',
    ({ objects }) => {
      const bytes = objects.get(at(2).findings) as Buffer;
      bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
    },
    [['changed', at(2).findings, /was changed: all \d+ bytes are there, but their SHA-256 is [0-9a-f]{16}… instead/]],
  ],
  [
    'findings are cut',
    ({ objects }) => objects.set(at(2).findings, (objects.get(at(2).findings) as Buffer).subarray(0, 50)) as never,
    [['changed', at(2).findings, /was cut: 50 bytes instead of \d+/]],
  ],
  [
    'findings and evidence are swapped',
    ({ objects }) => {
      const [findings, evidence] = [objects.get(at(3).findings), objects.get(at(3).evidence)] as [Buffer, Buffer];
      objects.set(at(3).findings, evidence);
      objects.set(at(3).evidence, findings);
    },
    [
      ['moved', at(3).findings, /holds what belongs in .*evidence/],
      ['moved', at(3).evidence, /holds what belongs in .*findings/],
    ],
  ],
  [
    'findings are those of another night',
    ({ objects }) => objects.set(at(3).findings, objects.get(at(1).findings) as Buffer) as never,
    [['moved', at(3).findings, /belongs in scans\/2026\/11\/01/]],
  ],
  [
    'findings are deleted',
    ({ objects }) => objects.delete(at(2).findings) as never,
    [['missing', at(2).findings, /is not there/]],
  ],
  [
    'findings are moved',
    ({ objects }) => {
      objects.set(at(2).findings.replace('eu-central-1', 'eu-west-1'), objects.get(at(2).findings) as Buffer);
      objects.delete(at(2).findings);
    },
    [
      ['missing', at(2).findings, /is not there/],
      ['moved', at(2).findings.replace('eu-central-1', 'eu-west-1'), /belongs in .*eu-central-1/],
    ],
  ],
  [
    'an object is inserted into a scan',
    ({ objects }) => objects.set(`${at(2).findings}.bak`, Buffer.from('x')) as never,
    [['inserted', `${at(2).findings}.bak`, /is not in its manifest/]],
  ],
  [
    'an object is inserted outside of scans',
    ({ objects }) => objects.set('scans/notes.txt', Buffer.from('x')) as never,
    [['inserted', 'scans/notes.txt', /belongs to no scan/]],
  ],
  [
    'the newest scan is dropped',
    ({ objects }) => {
      for (const key of [...objects.keys()]) if (key.includes('night-4')) objects.delete(key);
    },
    [['missing', at(4).manifest, /the newest scan, of 2026-11-04T02:00:00.000Z, is missing/]],
  ],
  [
    'a scan in the middle is dropped',
    ({ objects }) => {
      for (const key of [...objects.keys()]) if (key.includes('night-2')) objects.delete(key);
    },
    [['missing', at(2).manifest, /but .*night-3\/manifest\.json names it/]],
  ],
  [
    'only the manifest of a scan is deleted',
    ({ objects }) => objects.delete(at(2).manifest) as never,
    [
      ['unsealed', at(2).manifest, /11 other objects/],
      ['missing', at(2).manifest, /names it/],
    ],
  ],
  [
    'a manifest is changed',
    (archive) => edit(archive, at(2).manifest, (text) => text.replace('"nodes": 6', '"nodes": 5')),
    [
      ['signature', at(2).manifest, /does not match its signature/],
      ['chain', at(2).manifest, /is not the manifest that its successor names/],
    ],
  ],
  [
    'the newest manifest is changed',
    (archive) => edit(archive, at(4).manifest, (text) => text.replace('"nodes": 6', '"nodes": 5')),
    [
      ['signature', at(4).manifest, /does not match its signature/],
      ['changed', at(4).manifest, /is not the manifest that latest\.json names/],
    ],
  ],
  [
    'a manifest is no JSON any more',
    (archive) => edit(archive, at(2).manifest, (text) => text.slice(1)),
    [['changed', at(2).manifest, /not a manifest of kubevigil: .*not JSON/]],
  ],
  [
    'a scan is moved to another day',
    ({ objects }) => {
      for (const [key, bytes] of [...objects]) {
        if (!key.includes('night-4')) continue;
        objects.set(key.replace('2026/11/04', '2026/11/05'), bytes);
        objects.delete(key);
      }
    },
    [
      ['moved', at(4).manifest.replace('11/04', '11/05'), /was written as scans\/2026\/11\/04/],
      ['missing', at(4).manifest, /names it/],
    ],
  ],
  [
    'a signature is deleted',
    ({ objects }) => objects.delete(at(2).signature) as never,
    [
      ['signature', at(2).manifest, /has lost its signature/],
      ['chain', at(2).manifest, /has lost the signature that its successor names/],
    ],
  ],
  [
    'a manifest is signed again with the same key',
    async ({ objects }) => {
      objects.set(at(2).signature, Buffer.from(await signer.sign(objects.get(at(2).manifest) as Buffer)));
    },
    [['chain', at(2).manifest, /was signed again/]],
  ],
  [
    'a scan in the middle is forged with another key',
    (archive) => forge(archive, 2, (text) => text.replace('"nodes": 6', '"nodes": 5')),
    [
      ['chain', at(2).manifest, /is not the manifest that its successor names/],
      ['signature', at(3).manifest, /signed with another key than .*night-2/],
      ['signature', at(2).manifest, /signed with another key than .*night-1/],
    ],
  ],
  [
    'the newest scan is forged with another key',
    (archive) => forge(archive, 4, (text) => text.replace('"nodes": 6', '"nodes": 5')),
    [['signature', at(4).manifest, /signed with another key than .*night-3/]],
  ],
  [
    'the public key is replaced',
    ({ objects }) => objects.set(at(2).publicKey, Buffer.from(stranger.publicKey)) as never,
    [
      ['signature', at(2).manifest, /names another key than public-key\.pem/],
      ['changed', at(2).publicKey, /was changed/],
    ],
  ],
  [
    'the public key is deleted',
    ({ objects }) => objects.delete(at(2).publicKey) as never,
    [
      ['signature', at(2).manifest, /has lost its public key \(public-key\.pem\)/],
      ['missing', at(2).publicKey, /./],
    ],
  ],
  [
    'latest.json is deleted',
    ({ objects }) => objects.delete('latest.json') as never,
    [['missing', 'latest.json', /is not there/]],
  ],
  [
    'latest.json is turned back one night',
    (archive) => turnBack(archive, 3),
    [['changed', 'latest.json', /names .*night-3\/manifest\.json, but .*night-4\/manifest\.json came after it/]],
  ],
  [
    'latest.json is turned back to the first night',
    (archive) => turnBack(archive, 1),
    [['changed', 'latest.json', /names .*night-1\/manifest\.json, but .*night-4\/manifest\.json came after it/]],
  ],
  [
    'latest.json is edited beside the name of the manifest',
    (archive) => edit(archive, 'latest.json', (text) => text.replace('"night-4"', '"night-5"')),
    [['changed', 'latest.json', /does not agree with .*night-4\/manifest\.json/]],
  ],
  [
    'the oldest scan is dropped',
    ({ objects }) => {
      for (const key of [...objects.keys()]) if (key.includes('night-1')) objects.delete(key);
    },
    [['missing', at(1).manifest, /but .*night-2\/manifest\.json names it/]],
  ],
  [
    'a scan of a stranger branches off the chain',
    async (archive) => {
      const latest = bytesAt(archive, 'latest.json');
      await turnBack(archive, 3);
      await keepScan(archive, { ...nightly(4), scanId: 'branch' }, answers, stranger);
      archive.objects.set('latest.json', latest);
    },
    [['inserted', 'scans/2026/11/04/branch/manifest.json', /not part of the chain/]],
  ],
  [
    'a manifest has become larger than any of ours',
    ({ objects }) => objects.set(at(2).manifest, Buffer.alloc(65 * 1024 * 1024)) as never,
    [['changed', at(2).manifest, /not a manifest of kubevigil/]],
  ],
  [
    'a manifest is nothing but brackets',
    ({ objects }) => objects.set(at(2).manifest, Buffer.alloc(16 * 1024 * 1024, '[')) as never,
    [['changed', at(2).manifest, /manifest\.json: nested more than 32 deep/]],
  ],
  [
    'a manifest was made by a newer version',
    (archive) => edit(archive, at(2).manifest, (text) => text.replace('"format": 2', '"format": 3')),
    [['newer', at(2).manifest, /^was made by a newer version: its format is 3, and this one reads up to 2\.$/]],
  ],
  [
    'latest.json is garbage',
    ({ objects }) => objects.set('latest.json', Buffer.from('{}')) as never,
    [['changed', 'latest.json', /cannot be read/]],
  ],
  [
    'a scan that begins a chain of its own is inserted',
    async (archive) => {
      const other = memoryArchive();
      await keepScan(other, { ...nightly(3), scanId: 'extra' }, answers, signer);
      for (const [key, bytes] of other.objects) if (key !== 'latest.json') archive.objects.set(key, bytes);
    },
    [['chain', 'scans/2026/11/03/extra/manifest.json', /begins a chain of its own/]],
  ],
];

for (const [what, tamper, expected] of tamperings) {
  test(`verify names it when ${what}`, async () => {
    const archive = copy();
    await tamper(archive);
    const { problems } = await verifyArchive(archive, { unsigned: true, now: NOW });
    const found = problems.map(({ kind, key }) => `${kind} ${key}`).sort();
    assert.deepEqual(found, expected.map(([kind, key]) => `${kind} ${key}`).sort(), JSON.stringify(problems, null, 1));
    for (const [kind, key, text] of expected) {
      const problem = problems.find((each) => each.kind === kind && each.key === key);
      assert.match(problem?.text ?? '', text);
    }
  });
}

test('what lies beside the scans is noted, because nothing is read from it', async () => {
  const archive = copy();
  for (const key of ['copies/scans/2026/11/01/x/1', 'notes.txt', 'scans.old/1', 'scans.old/2'])
    archive.objects.set(key, Buffer.from('x'));
  const { problems, notes } = await verifyArchive(archive, { unsigned: true, now: NOW });
  assert.deepEqual(problems, []);
  assert.deepEqual(notes.slice(0, 3), [
    'copies/ holds an object that is not part of the archive.',
    'notes.txt is not part of the archive.',
    'scans.old/ holds 2 objects that are not part of the archive.',
  ]);
});

test('with the trusted key, a wholly forged archive is found', async () => {
  const forged = memoryArchive();
  for (const day of nights) await keepScan(forged, nightly(day), answers, stranger);
  assert.deepEqual(await problemsOf(forged), []);
  const problems = await problemsOf(forged, { publicKeys: [{ pem: signer.publicKey }] });
  assert.equal(problems.length, 4);
  assert.match(problems[0] ?? '', /^signature .*night-1\/manifest\.json is signed with another key/);
  assert.deepEqual(
    await problemsOf(forged, { publicKeys: [{ pem: signer.publicKey }, { pem: stranger.publicKey }] }),
    [],
  );
});

test('an unsigned scan after signed ones is found; unsigned ones before are not', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  await keepScan(archive, nightly(2), answers, signer);
  assert.deepEqual(await problemsOf(archive), []);
  assert.equal((await problemsOf(archive, { publicKeys: [{ pem: signer.publicKey }] })).length, 1);
  await keepScan(archive, nightly(3), answers);
  assert.match((await problemsOf(archive)).join(), /night-3\/manifest\.json is not signed, but the scan before it is/);
});

test('an archive in another bucket than its manifests say was moved', async () => {
  const archive = { ...copy(), bucket: 'elsewhere' };
  assert.match(
    (await problemsOf(archive)).join('\n'),
    /moved .*night-1\/manifest\.json was written to the bucket reports/,
  );
});

test('a night without a scan is a gap', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  await keepScan(archive, nightly(3), answers);
  assert.deepEqual(await problemsOf(archive), [
    'gap scans/2026/11/03/night-3/manifest.json no scan of 2026-11-02T02:00:00.000Z, though one was due every 24 h.',
  ]);
  const late = await problemsOf(archive, { from: '2026-11-02', to: '2026-11-06T23:59:59.999Z' });
  assert.match(late.join('\n'), /no scan of 2026-11-04T02:00:00\.000Z/);
});

test('a scan started by hand has no schedule to keep', async () => {
  const archive = memoryArchive();
  const byHand = (day: number) => {
    const { everySeconds: _, ...scan } = nightly(day);
    return scan;
  };
  await keepScan(archive, byHand(1), answers);
  await keepScan(archive, byHand(20), answers);
  assert.deepEqual(await problemsOf(archive), []);
});

test('two scans at the same time are said, not accused', async () => {
  const archive = copy();
  const before = archive.objects.get('latest.json') as Buffer;
  await keepScan(archive, { ...nightly(5), scanId: 'by-hand' }, answers, signer);
  archive.objects.set('latest.json', before);
  await keepScan(archive, nightly(5), answers, signer);
  const { problems, notes } = await verifyArchive(archive, { publicKeys: [{ pem: signer.publicKey }] });
  assert.deepEqual(problems, []);
  assert.match(notes.join(), /by-hand\/manifest\.json is signed, but no later scan follows it/);
});

test('nights that were resumed after later ones are whole in every range, also without latest.json', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  const link = await readLink(archive);
  await keepScan(archive, nightly(4), answers);
  for (const day of [3, 2]) await keepScan(archive, nightly(day), answers, undefined, { link });
  for (const then of [() => keepScan(archive, nightly(5), answers), () => archive.objects.delete('latest.json')]) {
    for (const from of [
      undefined,
      '2026-11-02T00:00:00.000Z',
      '2026-11-03T00:00:00.000Z',
      '2026-11-04T00:00:00.000Z',
    ]) {
      const { problems, notes } = await verifyArchive(archive, { unsigned: true, ...(from !== undefined && { from }) });
      assert.deepEqual({ from, problems, notes }, { from, problems: [], notes: [] });
    }
    await then();
  }
  assert.deepEqual(await problemsOf(archive), ['missing latest.json is not there.']);
  archive.objects.delete(at(5).manifest);
  const problems = (await problemsOf(archive)).map((problem) => problem.split(' ').slice(0, 2).join(' '));
  assert.deepEqual(problems, [`unsealed ${at(5).manifest}`, 'missing latest.json']);
});

test('nights that were resumed in order, after a later one, are whole in every range, too', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  const link = await readLink(archive);
  await keepScan(archive, nightly(5), answers);
  for (const day of [2, 3, 4]) await keepScan(archive, nightly(day), answers, undefined, { link });
  await keepScan(archive, nightly(6), answers);
  for (const day of [1, 2, 3, 4, 5, 6]) {
    assert.deepEqual(await problemsOf(archive, { from: `2026-11-0${day}` }), [], `from night ${day}`);
  }
  edit(archive, at(5).manifest, (text) => text.trim());
  assert.match(
    (await problemsOf(archive, { from: '2026-11-05' })).join('\n'),
    /^chain .*night-5.* is not the manifest that its successor names: it was changed \(.*night-2.*\)\.$/,
  );
});

test('latest.json turned back to a scan that no later one follows is found', async () => {
  const archive = copy();
  const link = archive.objects.get('latest.json') as Buffer;
  await keepScan(archive, { ...nightly(5), scanId: 'by-hand' }, answers, signer);
  const before = archive.objects.get('latest.json') as Buffer;
  archive.objects.set('latest.json', link);
  for (const day of [5, 6]) await keepScan(archive, nightly(day), answers, signer);
  assert.deepEqual(await problemsOf(archive), []);
  archive.objects.set('latest.json', before);
  assert.match((await problemsOf(archive)).join('\n'), /^inserted .*night-6.* is not part of the chain/);
});

test('a forged manifest that hangs on a lost one and on another one at once does not keep verify from an end', async () => {
  const archive = memoryArchive();
  for (const day of [1, 2, 3]) await keepScan(archive, nightly(day), answers);
  edit(archive, at(3).manifest, (text) => text.replaceAll('night-2', 'lost'));
  await turnBack(archive, 3);
  assert.match((await problemsOf(archive)).join('\n'), /^missing .*lost.* is not there, but .*night-3.* names it\.$/);
});

test('forged manifests that name each other are found', async () => {
  const archive = memoryArchive();
  for (const day of [1, 2]) await keepScan(archive, nightly(day), answers);
  edit(archive, at(1).manifest, (text) => {
    const manifest = JSON.parse(text);
    manifest.previous = { ...JSON.parse(bytesAt(archive, at(2).manifest).toString()).previous, key: at(2).manifest };
    return JSON.stringify(manifest);
  });
  assert.match(
    (await problemsOf(archive)).join('\n'),
    /^chain .*night-2.* is reached twice: the chain is a circle\.$/m,
  );
});

test('latest.json turned back from a scan to the one that ended while it ran is found', async () => {
  const archive = copy();
  const link = await readLink(archive);
  const byHand = { ...nightly(5), scanId: 'by-hand', scheduledAt: '2026-11-05T02:00:30.000Z' };
  await keepScan(archive, byHand, answers, signer, { link });
  const before = archive.objects.get('latest.json') as Buffer;
  await keepScan(archive, nightly(5), answers, signer, { link });
  archive.objects.set('latest.json', before);
  assert.match(
    (await problemsOf(archive)).join('\n'),
    /^changed latest\.json names .*by-hand.*, but .*night-5.*after it/,
  );
});

test('a schedule that was changed may pause as the one before or after it', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  await keepScan(archive, { ...nightly(2), everySeconds: 3600 }, answers);
  await keepScan(archive, { ...nightly(3), everySeconds: 86_400 }, answers);
  assert.deepEqual(await problemsOf(archive), []);
  await keepScan(archive, { ...nightly(5), everySeconds: 3600 }, answers);
  assert.match((await problemsOf(archive)).join('\n'), /^gap .*2026-11-04T.* due every 24 h\.$/);
});

test('of a gap without end so many scans are named as anybody reads', async () => {
  const archive = memoryArchive();
  await keepScan(archive, { ...nightly(1), scheduledAt: '1970-01-01T00:00:00.000Z', everySeconds: 1 }, answers);
  await keepScan(archive, { ...nightly(2), everySeconds: 1 }, answers);
  const { problems } = await verifyArchive(archive, { unsigned: true, now: '2026-11-02T03:00:00.000Z' });
  const gaps = problems.filter(({ kind }) => kind === 'gap');
  assert.equal(gaps.length, 1001);
  assert.deepEqual([gaps[0]?.due, gaps[999]?.due], ['1970-01-01T00:00:01.000Z', '1970-01-01T00:16:40.000Z']);
  const seconds = Date.parse(nightly(2).scheduledAt) / 1000 - 1;
  assert.equal(
    gaps[1000]?.text,
    `and ${seconds - 1000} more scans of the same gap, up to ${nightly(2).scheduledAt}, are not there.`,
  );
});

test('a range verifies only its scans, but the chain through them', async () => {
  const archive = copy();
  archive.objects.delete(at(1).findings);
  const { scans, problems } = await verifyArchive(archive, { from: '2026-11-02', to: '2026-11-03T23:59:59.999Z' });
  assert.equal(scans, 2);
  assert.deepEqual(problems, []);
  archive.objects.delete(at(3).evidence);
  assert.equal((await problemsOf(archive, { from: '2026-11-02' })).length, 1);
});

test('a range after the newest scan is a gap', async () => {
  const range = { from: '2026-12-01T00:00:00.000Z', to: '2026-12-31T23:59:59.999Z' };
  assert.match(
    (await problemsOf(copy(), range)).join('\n'),
    /^gap .*night-4\/.* no scan of 2026-12-01T02:00:00\.000Z/m,
  );
});

test('a range before a gap does not tell of it', async () => {
  const archive = copy();
  await keepScan(archive, nightly(9), answers, signer);
  assert.equal((await problemsOf(archive)).length, 4);
  assert.deepEqual(await problemsOf(archive, { to: '2026-11-03T23:59:59.999Z' }), []);
});

test('in a range, latest.json turned back to a scan before it is found', async () => {
  const archive = copy();
  await turnBack(archive, 1);
  const problems = await problemsOf(archive, { from: '2026-11-03T00:00:00.000Z' });
  assert.match(problems.join('\n'), /^changed latest\.json names .*night-1.*, but .*night-4.* came after it/);
});

test('scans by hand do not stand for scheduled ones', async () => {
  const archive = memoryArchive();
  const { everySeconds: _, ...night } = nightly(3);
  await keepScan(archive, nightly(1), answers);
  await keepScan(archive, { ...night, scanId: 'by-hand' }, answers);
  await keepScan(archive, nightly(4), answers);
  assert.match((await problemsOf(archive)).join('\n'), /^gap .*night-4.* no scan of 2026-11-02T/);
  await keepScan(archive, { ...night, scanId: 'again', scheduledAt: '2026-11-05T20:00:00.000Z' }, answers);
  const { problems } = await verifyArchive(archive, { from: '2026-11-04', to: '2026-11-06T00:00:00.000Z' });
  assert.match(problems.map(({ text }) => text).join('\n'), /no scan of 2026-11-05T02:00:00\.000Z/);
});

test('a signature beside a scan that is not signed was inserted', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers);
  archive.objects.set(at(1).signature, Buffer.from('x'));
  assert.match((await problemsOf(archive)).join('\n'), /^inserted .*night-1\/manifest\.json\.sig/);
});

test('a place with anything but scans is no archive that was tampered with', async () => {
  const archive = memoryArchive();
  archive.objects.set('copies/latest.json', Buffer.from('{}'));
  const { problems, notes } = await verifyArchive(archive, { unsigned: true, now: NOW });
  assert.deepEqual({ problems, notes }, { problems: [], notes: [] });
});

test('an empty archive has no scan and no problem', async () => {
  const { scans, problems } = await verifyArchive(memoryArchive(), { to: '2026-11-30T00:00:00.000Z' });
  assert.deepEqual({ scans, problems }, { scans: 0, problems: [] });
});

test('a scan that was resumed days later may have asked its nodes then', async () => {
  const archive = memoryArchive();
  const finishedAt = '2026-11-04T05:00:00.000Z';
  const seen = { ...evidence, kubelets: [kubeadm], collectedAt: Date.parse(finishedAt) / 1000 - 60 };
  const late = answers.map((answer) => (answer.evidence ? { ...answer, evidence: seen } : answer));
  await keepScan(archive, { ...nightly(1), finishedAt }, late, signer);
  assert.deepEqual(await problemsOf(archive), []);
});

test('what the bucket keeps no longer has expired, and is not missing', async () => {
  const archive = memoryArchive();
  const retention = { mode: 'compliance', days: 30 } as const;
  for (const day of [1, 2, 3, 4]) await keepScan(archive, nightly(day), answers, signer, { retention });
  for (const key of [...archive.objects.keys()]) if (/night-[12]/.test(key)) archive.objects.delete(key);
  const at = (now: string) => verifyArchive(archive, { publicKeys: [{ pem: signer.publicKey }], now });
  const expired = await at('2026-12-03T00:00:00.000Z');
  assert.deepEqual(expired.problems, []);
  assert.match(expired.notes.join('\n'), /^Scans up to that of 2026-11-02T02:00:00\.000Z have expired/);
  const early = await at('2026-11-20T00:00:00.000Z');
  assert.deepEqual(
    early.problems.map(({ kind }) => kind),
    ['missing'],
  );
});

for (const file of ['manifest.json', 'manifest.json.sig', 'summary.json', 'findings/', 'changes/', 'public-key.pem']) {
  test(`a scan of which ${file} has expired first is not verified any more, and nothing is wrong`, async () => {
    const archive = memoryArchive();
    const retention = { mode: 'compliance', days: 30 } as const;
    for (const day of [1, 2, 3]) await keepScan(archive, nightly(day), answers, signer, { retention });
    const gone = [...archive.objects.keys()].filter((key) => key.includes(`night-1/${file}`));
    assert.ok(gone.length > 0);
    for (const key of gone) archive.objects.delete(key);
    const at = (now: string) => verifyArchive(archive, { publicKeys: [{ pem: signer.publicKey }], now });
    const { problems, notes, expired, scans } = await at('2026-12-02T00:00:00.000Z');
    assert.deepEqual([problems, expired, scans], [[], [scanFolder(nightly(1))], 2]);
    assert.ok(notes.some((note) => /night-1\/ has expired in part, and was not verified/.test(note)));
    const { problems: early, expired: none } = await at('2026-11-30T00:00:00.000Z');
    assert.deepEqual([early.length > 0, none], [true, []]);
  });
}

test('of many nights that are gone each one is named, and a range that begins before the archive says so', async () => {
  const archive = memoryArchive();
  for (let day = 2; day <= 28; day += 1) await keepScan(archive, nightly(day), answers, signer);
  for (const key of [...archive.objects.keys()]) {
    const day = Number(/night-(\d+)/.exec(key)?.[1] ?? 0);
    if (day > 3 && day < 27) archive.objects.delete(key);
  }
  const { problems, notes } = await verifyArchive(archive, {
    from: '2026-11-01',
    to: '2026-11-28T23:00:00.000Z',
    now: NOW,
  });
  const nights = Array.from({ length: 22 }, (_, index) => `no scan of 2026-11-${String(index + 4).padStart(2, '0')}T`);
  assert.deepEqual(
    problems.map(({ kind, text }) => (kind === 'gap' ? text.slice(0, 22) : kind)),
    ['missing', ...nights],
  );
  assert.match(notes.join('\n'), /^The range begins before the archive, whose first scan is of 2026-11-02T/m);
});

test('a key counts for the time for which it is given', async () => {
  const archive = copy();
  const until = (to: string) => verifyArchive(archive, { publicKeys: [{ pem: signer.publicKey, to }] });
  assert.deepEqual((await until('2026-11-04T23:59:59.999Z')).problems, []);
  const { problems } = await until('2026-11-03T23:59:59.999Z');
  assert.deepEqual(
    problems.map(({ kind, key, text }) => [kind, key, text]),
    [['signature', at(4).manifest, 'is signed with a key that is not valid for 2026-11-04T02:00:00.000Z.']],
  );
});

test('an archive that nobody signed is no proof, unless whoever asks knows it', async () => {
  const archive = memoryArchive();
  for (const day of [1, 2]) await keepScan(archive, nightly(day), answers);
  assert.match(
    (await problemsOf(archive, { unsigned: false })).join(),
    /^signature .*night-1.* is not signed, as 2 of 2 scans/,
  );
  assert.deepEqual(await problemsOf(archive), []);
});

test('an archive is held to the digests that somebody outside kept', async () => {
  const archive = copy();
  const digest = sha256(bytesAt(archive, at(2).manifest));
  assert.deepEqual(await problemsOf(archive, { anchors: new Map([['night-2', digest]]) }), []);
  const wrong = new Map([
    ['night-2', '0'.repeat(64)],
    ['night-9', digest],
  ]);
  const found = (await problemsOf(archive, { anchors: wrong })).join('\n');
  assert.match(found, /^changed .*night-2\/manifest\.json has the SHA-256 [0-9a-f]{64}, and its anchor is 0{64}\.$/m);
  assert.match(found, /^missing night-9 is not there, but an anchor names it\.$/m);
});

test('of nights with equal objects a swap names the right one', async () => {
  const archive = memoryArchive();
  for (const day of [1, 2, 3]) await keepScan(archive, nightly(day), answers, signer);
  // Objects that are the same every night: the public key, beside which findings of night 3 come to lie.
  const [key, findings] = [bytesAt(archive, at(3).publicKey), bytesAt(archive, at(3).findings)];
  archive.objects.set(at(3).publicKey, findings);
  archive.objects.set(at(3).findings, key);
  assert.match(
    (await problemsOf(archive)).join('\n'),
    /moved .*night-3\/findings.* holds what belongs in .*night-3\/public-key\.pem/,
  );
});
