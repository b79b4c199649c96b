/**
 * Lies that a holder of the signing key can write: each is written into one night of four, and that night and all after it are
 * sealed anew with the real key. What cannot be found inside the archive stands in docs/report.md with the witness that finds it.
 * Long because it is a table of lies.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sha256 } from '../../lambda/archive/content.ts';
import { scanKeys, targetKeys } from '../../lambda/archive/keys.ts';
import type { Manifest } from '../../lambda/archive/manifest.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { ALL_FILES, FORMATS, type FormatName } from '../../lambda/formats/formats.ts';
import { catalog } from '../../lambda/judging/index.ts';
import { copyOf, keepScan, type MemoryArchive, memoryArchive, nightly, sealWith } from './memory.ts';
import { answers, evaluated, evidence, finding, target } from './samples.ts';
import { keySigner } from './signer.ts';

const signer = keySigner();
const NIGHTS = [1, 2, 3, 4];
const NOW = '2026-11-05T00:00:00.000Z';
const formats = Object.keys(FORMATS) as FormatName[];

const original = memoryArchive();
for (const day of NIGHTS) {
  const own = { line: evaluated(`i-2${day}`, [finding('anonymous-auth', 'fail')]), evidence };
  await keepScan(original, nightly(day), [...answers, own], signer, {
    formats,
    catalog,
    documentHash: 'c0'.repeat(32),
  });
}

const at = (day: number) => ({ ...scanKeys(nightly(day)), ...targetKeys(nightly(day), target) });
const folder = (day: number) => at(day).manifest.replace('manifest.json', '');

function bytesAt({ objects }: MemoryArchive, key: string): Buffer {
  const bytes = objects.get(key);
  assert.ok(bytes, key);
  return bytes;
}

const OTHER_METHOD = {
  set: 'x',
  digest: '0'.repeat(64),
  collector: '0'.repeat(64),
  answers: 1,
  agreed: 1,
  differed: [],
};

// biome-ignore lint/suspicious/noExplicitAny: a forger writes what no type allows.
type Forged = any;

function editJson(archive: MemoryArchive, key: string, change: (value: Forged) => void): void {
  const value = JSON.parse(bytesAt(archive, key).toString());
  change(value);
  archive.objects.set(key, Buffer.from(`${JSON.stringify(value, null, 2)}\n`));
}

function editLines(archive: MemoryArchive, key: string, change: (lines: Forged[]) => Forged[]): void {
  const lines = gunzipSync(bytesAt(archive, key)).toString().trim().split('\n');
  const changed = change(lines.map((line) => JSON.parse(line)));
  archive.objects.set(key, gzipSync(changed.map((line) => `${JSON.stringify(line)}\n`).join('')));
}

/** Signs a night and all after it anew; `change` may write into the manifest of the first. */
async function seal(
  archive: MemoryArchive,
  from: number,
  change: (manifest: Forged) => void = () => {},
): Promise<void> {
  const { objects } = archive;
  for (const day of NIGHTS.filter((each) => each >= from)) {
    const keys = at(day);
    editJson(archive, keys.manifest, (manifest: Manifest) => {
      manifest.objects = manifest.objects.filter(({ key }) => objects.has(key));
      for (const object of manifest.objects) {
        object.size = bytesAt(archive, object.key).byteLength;
        object.sha256 = sha256(bytesAt(archive, object.key));
      }
      if (day > 1 && manifest.previous && day > from) {
        const before = at(day - 1);
        manifest.previous.sha256 = sha256(bytesAt(archive, before.manifest));
        manifest.previous.signature = bytesAt(archive, before.signature).toString('base64');
      }
      if (day === from) change(manifest);
    });
    objects.set(keys.signature, Buffer.from(await signer.sign(bytesAt(archive, keys.manifest))));
  }
  editJson(archive, 'latest.json', (latest) => {
    latest.sha256 = sha256(bytesAt(archive, at(4).manifest));
  });
}

const pass = (line: Forged) => ({
  ...line,
  findings: line.findings.map((each: Forged) => (each.status === 'fail' ? { ...each, status: 'pass' } : each)),
});

/** What is written into the third night, and what must be said of it. */
const lies: [string, (archive: MemoryArchive) => void, RegExp, ((manifest: Forged) => void)?][] = [
  ...ALL_FILES.map(({ file }): (typeof lies)[number] => {
    return [
      `${file} is an empty page`,
      ({ objects }) => objects.set(folder(3) + file, Buffer.from('')) as never,
      new RegExp(`${file} is not what its findings give`),
    ];
  }),
  [
    'a comparison is made up',
    (a) => editJson(a, at(3).summary, (s) => (s.comparison.findings.new = 0)),
    /another comparison than its lines/,
  ],
  [
    'an outlier is kept silent about',
    (a) => editJson(a, at(3).summary, (s) => (s.outliers.total += 1)),
    /another outliers than its lines/,
  ],
  [
    'nobody is behind an authority',
    (a) => editJson(a, at(3).summary, (s) => (s.authorities.behind.total += 1)),
    /another authorities than its lines/,
  ],
  [
    'a trend is made up',
    (a) => editJson(a, at(3).summary, (s) => (s.trend[0].open = 0)),
    /another trend than its lines/,
  ],
  [
    'counts of a target are made up',
    (a) => editJson(a, at(3).summary, (s) => (s.targets[0].counts.nodes = 9)),
    /another targets than/,
  ],
  [
    'benchmarks are made up',
    (a) => editJson(a, at(3).summary, (s) => s.benchmarks.push('cis-eks-9')),
    /another benchmarks than/,
  ],
  [
    'a target is of a region that none has',
    (a) => editJson(a, at(3).summary, (s) => (s.targets[0].region = 'x')),
    /night-3\/manifest\.json A region looks like eu-central-1, not "x"\./,
  ],
  [
    'the key beside a scan is none',
    ({ objects }) => objects.set(at(3).publicKey, Buffer.from('garbage')) as never,
    /statement\.dsse\.json has a key that is none/,
  ],
  [
    'nobody knows any more which targets the scan had',
    ({ objects }) => objects.delete(at(3).targets) as never,
    /night-3\/manifest\.json does not list .*night-3\/targets\.json: which accounts and regions/,
  ],
  ['the manifest counts otherwise', () => {}, /another counts than its summary/, (m) => (m.counts.nodes = 1)],
  [
    'a node is silent since tonight only',
    (a) =>
      editLines(a, at(3).changes, (lines) =>
        lines.map((l) => (l.silence ? { ...l, silence: { since: nightly(3).scheduledAt } } : l)),
      ),
    /tells of .* otherwise than its findings and the scan before it/,
  ],
  [
    'every finding was opened tonight',
    (a) =>
      editLines(a, at(3).changes, (lines) =>
        lines.map((l) => ({
          ...l,
          open: Object.fromEntries(Object.keys(l.open).map((r) => [r, nightly(3).scheduledAt])),
        })),
      ),
    /changes.* tells of i-02 otherwise/,
  ],
  [
    'nothing is open',
    (a) => editLines(a, at(3).changes, (lines) => lines.map((l) => ({ ...l, open: {} }))),
    /tells of i-02 otherwise/,
  ],
  [
    'lost nodes are not told',
    (a) => editLines(a, at(3).changes, (lines) => lines.filter((l) => l.coverage !== 'lost')),
    /tells of other lost nodes/,
  ],
  ...(['changes', 'inventory', 'evidence', 'claim', 'statement'] as const).map((name): (typeof lies)[number] => [
    `${name} is no longer there, nor listed`,
    ({ objects }) => objects.delete(at(3)[name]) as never,
    new RegExp(`does not list .*${name}`),
  ]),
  [
    'a node is removed from inventory, evidence and findings',
    (a) => {
      editLines(a, at(3).inventory, (lines) => lines.filter(({ id }) => id !== 'i-02'));
      for (const key of [at(3).evidence, at(3).findings])
        editLines(a, key, (lines) => lines.filter((l) => l.node.id !== 'i-02'));
      editLines(a, at(3).changes, (lines) => lines.filter((l) => l.node !== 'i-02'));
    },
    /tells of other lost nodes than the scan before it/,
  ],
  [
    'a node stands twice everywhere',
    (a) => {
      for (const key of [at(3).inventory, at(3).evidence, at(3).findings, at(3).changes])
        editLines(a, key, (lines) => [lines[0], ...lines]);
    },
    /inventory.* has i-01 twice/,
  ],
  [
    'nodes are moved to another account',
    (a) => editLines(a, at(3).findings, (l) => l.map((x) => ({ ...x, node: { ...x.node, account: '999999999999' } }))),
    /has i-01 of 999999999999/,
  ],
  ...(['account', 'region'] as const).map((name): (typeof lies)[number] => [
    `lines of changes have lost their ${name}`,
    (a) => editLines(a, at(3).changes, (lines) => lines.map(({ [name]: _, ...line }) => line)),
    /changes\S* has a line of i-01 that is of another scan, account or region/,
  ]),
  [
    'failures pass in the findings',
    (a) => editLines(a, at(3).findings, (lines) => lines.map(pass)),
    /another totals than its lines/,
  ],
  [
    'another outcome than the evidence',
    (a) => editLines(a, at(3).findings, (l) => l.map((x) => (x.reason ? { ...x, reason: 'gone' } : x))),
    /another outcome of i-05/,
  ],
  [
    'evidence and findings of the first night are used again',
    ({ objects }) => {
      for (const name of ['evidence', 'findings'] as const)
        objects.set(at(3)[name], objects.get(at(1)[name]) as Buffer);
    },
    /is the evidence of another scan: .*night-1/,
  ],
  [
    'evidence was collected days after the scan had ended',
    (a) =>
      editLines(a, at(3).evidence, (l) =>
        l.map((x) =>
          x.evidence ? { ...x, evidence: { ...x.evidence, collectedAt: x.evidence.collectedAt + 259_200 } } : x,
        ),
      ),
    /was collected at another time than its scan/,
  ],
  [
    'evidence was collected a year before',
    (a) =>
      editLines(a, at(3).evidence, (l) =>
        l.map((x) =>
          x.evidence ? { ...x, evidence: { ...x.evidence, collectedAt: x.evidence.collectedAt - 31_536_000 } } : x,
        ),
      ),
    /was collected at another time than its scan/,
  ],
  ...(['startedAt', 'finishedAt', 'scheduledAt'] as const).map((name): (typeof lies)[number] => [
    `the manifest's ${name} is another`,
    () => {},
    name === 'scheduledAt'
      ? /night-3\/manifest\.json (has another|calls)|was written as|of another scheduledAt/
      : new RegExp(`has another ${name} than its summary`),
    (m) => (m[name] = m[name].replace('02:0', '02:3')),
  ]),
  ['the schedule is another', () => {}, /another everySeconds than its summary/, (m) => (m.everySeconds *= 2)],
  [
    'the schedule is another, in the summary too',
    (a) => editJson(a, at(3).summary, (s) => (s.everySeconds *= 2)),
    /another everySeconds than its claim/,
    (m) => (m.everySeconds *= 2),
  ],
  [
    'it is made a scan by hand',
    (a) => editJson(a, at(3).summary, (s) => delete s.everySeconds),
    /another everySeconds than its claim/,
    (m) => delete m.everySeconds,
  ],
  ['the tool is another', () => {}, /another tool than its summary/, (m) => (m.tool.version = '9.9.9')],
  [
    'the settings are others',
    (a) => editJson(a, at(3).summary, (s) => (s.settings.expiryDays = 1)),
    /another settingsDigest than/,
  ],
  ['the bucket is another', () => {}, /is of the bucket other/, (m) => (m.bucket = 'other')],
  ['the collector is another', () => {}, /states another collector than/, (m) => (m.documentHash = 'd0'.repeat(32))],
  ['an object is listed twice', () => {}, /lists .* twice/, (m) => m.objects.push(m.objects[0])],
  [
    'an object of another night is listed',
    () => {},
    /does not belong to the scan/,
    (m) => m.objects.push({ key: at(1).summary, size: 1, sha256: '0'.repeat(64) }),
  ],
  [
    'the scan before has another name',
    () => {},
    /calls .*night-2.* a scan of another scanId: night-7/,
    (m) => (m.previous.scanId = 'night-7'),
  ],
  [
    'the scan before has another time',
    () => {},
    /a scan of another scheduledAt/,
    (m) => (m.previous.scheduledAt = '2026-11-01T12:00:00.000Z'),
  ],
  ['the format is put back', () => {}, /has the format 1, and the scan before it 2/, (m) => (m.format = 1)],
  [
    'known answers are said to agree',
    (a) => editJson(a, at(3).summary, (s) => (s.method = OTHER_METHOD)),
    /has another method than its summary/,
  ],
  [
    'another collector is said to have been tried',
    (a) => editJson(a, at(3).summary, (s) => (s.method = OTHER_METHOD)),
    /names another collector in its method than the one that ran/,
    (m) => (m.method = OTHER_METHOD),
  ],
  [
    'a denied target is not told',
    (a) => editJson(a, at(3).summary, (s) => s.targets.push({ ...s.targets[0], region: 'eu-west-1', error: 'denied' })),
    /another notAssessed than its summary/,
  ],
];

test('the archive that lies are written into is whole', async () => {
  const { problems } = await verify(copy());
  assert.deepEqual(problems, []);
});

const copy = () => copyOf(original);

function verify(archive: MemoryArchive, now = NOW) {
  return verifyArchive(archive, { publicKeys: [{ pem: signer.publicKey }], catalog, now });
}

for (const [what, write, expected, change] of lies) {
  test(`sealed anew: ${what}`, async () => {
    const archive = copy();
    write(archive);
    await seal(archive, 3, change);
    const named = (await verify(archive)).problems.map(({ key, text }) => `${key} ${text}`);
    assert.match(named.join('\n'), expected);
  });
}

/** Makes the third night and all after it again, by the very code that makes nights. */
async function again(
  change: (day: number) => { skip?: true; scan?: Partial<ReturnType<typeof nightly>>; answers?: typeof answers },
): Promise<MemoryArchive> {
  const archive = memoryArchive();
  for (const day of NIGHTS) {
    const { skip, scan, answers: told = answers } = change(day);
    if (skip) continue;
    const own = { line: evaluated(`i-2${day}`, [finding('anonymous-auth', 'fail')]), evidence };
    await keepScan(archive, { ...nightly(day), ...scan }, [...told, own], signer, { catalog });
  }
  return archive;
}

test('sealed anew: a whole target is removed from one night', async () => {
  const archive = copy();
  const link = JSON.parse(String(archive.objects.get(at(3).claim))).link;
  const claim = archive.objects.get(at(3).claim) as Buffer;
  for (const key of [...archive.objects.keys()]) if (key.startsWith(folder(3))) archive.objects.delete(key);
  archive.objects.set(at(3).claim, claim);
  const objects = [{ key: at(3).claim, size: claim.byteLength, sha256: sha256(claim) }];
  editJson(archive, 'latest.json', (latest) => {
    const { scanId, scheduledAt } = nightly(2);
    const { summary, manifest } = at(2);
    Object.assign(latest, { scanId, scheduledAt, summary, manifest, sha256: sha256(bytesAt(archive, manifest)) });
  });
  await sealWith(archive, nightly(3), [], { link, signer, objects, catalog });
  const latest = original.objects.get('latest.json') as Buffer;
  archive.objects.set('latest.json', latest);
  await seal(archive, 4, (manifest) => {
    manifest.previous.sha256 = sha256(bytesAt(archive, at(3).manifest));
    manifest.previous.signature = bytesAt(archive, at(3).signature).toString('base64');
  });
  const named = (await verify(archive)).problems.map(({ key, text }) => `${key} ${text}`);
  assert.match(named.join('\n'), /night-4\/.* (another targets|another comparison|tells of .* otherwise)/);
});

test('a night that is dropped is a gap, and with a scan by hand in its place', async () => {
  const dropped = await again((day) => (day === 3 ? { skip: true } : {}));
  assert.match((await verify(dropped)).problems.map(({ text }) => text).join(), /^no scan of 2026-11-03T02:00/);
  const byHand = await again((day) => (day === 3 ? { skip: true } : {}));
  const { everySeconds: _, ...scan } = nightly(3);
  await keepScan(byHand, { ...scan, scanId: 'by-hand', scheduledAt: '2026-11-04T12:00:00.000Z' }, answers, signer);
  assert.match((await verify(byHand)).problems.map(({ text }) => text).join(), /no scan of 2026-11-03T02:00/);
});

test('a branch beside the chain is noted', async () => {
  const archive = copy();
  const link = JSON.parse(String(archive.objects.get(at(4).claim))).link;
  const latest = archive.objects.get('latest.json') as Buffer;
  editJson(archive, 'latest.json', (named) => {
    const { scanId, scheduledAt } = nightly(3);
    const { summary, manifest } = at(3);
    Object.assign(named, { scanId, scheduledAt, summary, manifest, sha256: sha256(bytesAt(archive, manifest)) });
  });
  await keepScan(archive, { ...nightly(4), scanId: 'beside' }, answers, signer, { link });
  archive.objects.set('latest.json', latest);
  const { notes } = await verify(archive);
  assert.match(notes.join(), /beside\/manifest\.json is signed, but no later scan follows it/);
});

/** Lies that leave a whole archive, and how docs/report.md calls them. Somebody outside finds the first ones by an anchor. */
const whole: [string, () => Promise<MemoryArchive>, RegExp][] = [
  [
    'a night is dropped, and the schedule is said to pause so long',
    () => again((day) => (day === 3 ? { skip: true } : { scan: day === 4 ? { everySeconds: 172_800 } : {} })),
    /a night dropped, .* with a schedule that allows the pause/,
  ],
  [
    'a node is removed from every night',
    () => again(() => ({ answers: answers.slice(1) })),
    /a node removed from every night, or a whole target/,
  ],
  [
    'a waiver is invented',
    () =>
      again((day) => {
        const waiver = { reason: 'Invented', owner: 'nobody', until: '2027-01-31' };
        const waived = {
          line: evaluated('i-02', [finding('rotate-client-certificates', 'fail', { waiver })]),
          evidence,
        };
        return day < 3 ? {} : { answers: answers.map((one) => (one.line.node.id === 'i-02' ? waived : one)) };
      }),
    /a waiver invented/,
  ],
  [
    'all nights are scans by hand',
    async () => {
      const archive = memoryArchive();
      for (const day of [1, 4]) {
        const { everySeconds: _, ...scan } = nightly(day);
        await keepScan(archive, scan, answers, signer);
      }
      return archive;
    },
    /all nights made scans by hand/,
  ],
  [
    'a scan by hand is invented as the newest',
    async () => {
      const archive = copy();
      const { everySeconds: _, settings } = nightly(4);
      const noon = '2026-11-04T12:00:00.000Z';
      const scan = { scanId: 'by-hand', scheduledAt: noon, startedAt: noon, finishedAt: noon, settings };
      await keepScan(archive, scan, answers, signer);
      return archive;
    },
    /evidence invented, .* a scan that never ran/,
  ],
];
const report = readFileSync(new URL('../../docs/report.md', import.meta.url), 'utf8');
for (const [what, make, documented] of whole) {
  test(`not found inside, as docs/report.md says: ${what}`, async () => {
    const archive = await make();
    assert.deepEqual((await verify(archive)).problems, []);
    assert.match(report, documented);
    const kept = new Map([['night-4', sha256(bytesAt(original, at(4).manifest))]]);
    const { problems } = await verifyArchive(archive, {
      publicKeys: [{ pem: signer.publicKey }],
      catalog,
      now: NOW,
      anchors: kept,
    });
    const isAnchored = what.startsWith('a scan by hand') ? [] : ['changed'];
    assert.deepEqual(
      problems.map(({ kind }) => kind),
      isAnchored,
      'a message of that night is a witness',
    );
  });
}

test('a scan that is dated into the future is told', async () => {
  const archive = copy();
  const scan = { scanId: 'by-hand', scheduledAt: '2031-01-01T00:00:00.000Z', startedAt: '2031-01-01T00:00:00.000Z' };
  await keepScan(archive, { ...scan, finishedAt: '2031-01-01T00:00:01.000Z', settings: {} }, answers, signer);
  const { problems } = await verify(archive);
  assert.match(problems.map(({ text }) => text).join(), /is of 2031-.*, which has not come yet/);
});

test('a report that is not written again is what its manifest says, and a note tells how many were', async () => {
  const archive = copy();
  const key = folder(3) + FORMATS.csv.file;
  archive.objects.set(key, Buffer.from(''));
  await seal(archive, 3);
  const options = { publicKeys: [{ pem: signer.publicKey }], catalog, now: NOW };
  const said = async (day: number) => {
    const writesAgain = ({ scanId }: Manifest) => scanId === nightly(day).scanId;
    const { problems, notes } = await verifyArchive(archive, { ...options, writesAgain });
    assert.match(notes.join(), /Reports \(CSV, page and others\) of 1 of 4 scans were looked at byte for byte/);
    return problems.filter((problem) => problem.key === key).map(({ kind }) => kind);
  };
  assert.deepEqual([await said(2), await said(3)], [[], ['lie']]);
  archive.objects.set(key, Buffer.from('x'));
  assert.deepEqual(await said(2), ['changed']);
});
