import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { scanKeys, targetKeys } from '../../lambda/archive/keys.ts';
import type { Judge } from '../../lambda/archive/verification.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';
import { type Answer, keepScan, type MemoryArchive, memoryArchive, nightly } from './memory.ts';
import { evaluated, evidence, finding, target, unreachable } from './samples.ts';

/** A small rule core: what the node's notes say decides. */
const judge: Judge = (line, { now, settings }) => {
  const { node, tags } = line;
  if (!('evidence' in line)) return { ...unreachable(node.id, line.reason), node, detail: line.detail };
  return {
    ...evaluated(node.id, [
      finding('notes', line.evidence.notes.length === 0 ? 'pass' : 'fail'),
      finding('clock', 'pass', { reason: `${now} ${settings.expiryDays} ${tags.env}` }),
    ]),
    node,
  };
};

const scan = nightly(1);
const now = Date.parse(scan.startedAt) / 1000;
const tags = { env: 'prod' };
const answersOf = (judge: Judge): Answer[] => [
  ...['i-1', 'i-2', 'i-3'].map((id, index): Answer => {
    const seen = { ...evidence, notes: index === 1 ? ['unreadable'] : [] };
    const { node } = evaluated(id, []);
    return { line: judge({ node, tags, evidence: seen }, { now, settings: scan.settings }), evidence: seen, tags };
  }),
  { line: unreachable('i-4', 'gone') },
];

async function replayed(archived: Answer[], with_: Judge) {
  const archive = memoryArchive();
  await keepScan(archive, scan, archived);
  return verifyArchive(archive, { unsigned: true, judge: with_ });
}

test('the same rules give the same verdicts', async () => {
  const { verdicts, problems } = await replayed(answersOf(judge), judge);
  assert.equal(verdicts, 6);
  assert.deepEqual(problems, []);
});

const changed =
  (change: (line: NodeLine) => NodeLine): Judge =>
  (line, context) =>
    change(judge(line, context));

test('after one rule was changed, exactly its findings are listed', async () => {
  const stricter = changed((line) => ({
    ...line,
    findings: line.findings.map((each) => (each.rule === 'notes' ? finding('notes', 'fail') : each)),
  }));
  const { problems } = await replayed(answersOf(judge), stricter);
  assert.deepEqual(
    problems.map(({ kind, key, text }) => [kind, key, text]),
    [
      ['replay', targetKeys(scan, target).findings, 'i-1, notes: archived pass, recomputed fail.'],
      ['replay', targetKeys(scan, target).findings, 'i-3, notes: archived pass, recomputed fail.'],
    ],
  );
});

for (const [what, change, text] of [
  [
    'a reason',
    (line) => ({ ...line, findings: line.findings.map((each) => ({ ...each, reason: 'Other.' })) }),
    /i-1, notes: pass both times, but with another reason\./,
  ],
  [
    'a rule less',
    (line) => ({ ...line, findings: line.findings.slice(1) }),
    /i-1, notes: archived pass, not recomputed/,
  ],
  [
    'a rule more',
    (line) => ({ ...line, findings: [...line.findings, finding('more', 'manual')] }),
    /i-1, more: not archived, recomputed manual/,
  ],
  ['another kubelet', (line) => ({ ...line, kubelet: { pid: 1 } }), /i-1: kubelet recomputed differently/],
] as [string, (line: NodeLine) => NodeLine, RegExp][]) {
  test(`a replay names ${what}`, async () => {
    const { problems } = await replayed(answersOf(judge), changed(change));
    assert.match(problems.map((problem) => problem.text).join('\n'), text);
  });
}

/** A scanner that lies, not a forger: the manifest is made anew over what it wrote. */
function sealAgain({ objects }: MemoryArchive): void {
  const manifestKey = scanKeys(scan).manifest;
  const manifest = JSON.parse((objects.get(manifestKey) as Buffer).toString());
  manifest.objects = manifest.objects.filter(({ key }: { key: string }) => objects.has(key));
  for (const object of manifest.objects) {
    const bytes = objects.get(object.key) as Buffer;
    object.size = bytes.byteLength;
    object.sha256 = createHash('sha256').update(bytes).digest('hex');
  }
  const bytes = Buffer.from(JSON.stringify(manifest));
  objects.set(manifestKey, bytes);
  const latest = JSON.parse((objects.get('latest.json') as Buffer).toString());
  latest.sha256 = createHash('sha256').update(bytes).digest('hex');
  objects.set('latest.json', Buffer.from(JSON.stringify(latest)));
}

for (const [what, ids, without, expected] of [
  ['is whole', ['i-4', 'i-3', 'i-2', 'i-1'], [], []],
  ['has a node more', ['i-1', 'i-2', 'i-3', 'i-4', 'i-5'], [], ['has nothing of i-5, which the inventory has.']],
  ['has a node less', ['i-1', 'i-2', 'i-4'], [], []],
  ['has no evidence', ['i-1'], ['evidence'], ['does not list EVIDENCE.', 'is not there to recompute from.']],
  ['has no findings', ['i-1'], ['findings', 'evidence'], ['does not list EVIDENCE.', 'does not list FINDINGS.']],
] as [string, string[], ('findings' | 'evidence')[], string[]][]) {
  test(`an inventory that ${what} is compared with the findings`, async () => {
    const archive = memoryArchive();
    await keepScan(archive, scan, answersOf(judge));
    const keys = targetKeys(scan, target);
    archive.objects.set(keys.inventory, gzipSync(ids.map((id) => `{"id":"${id}"}\n`).join('')));
    for (const kind of without) archive.objects.delete(keys[kind]);
    sealAgain(archive);
    const { problems } = await verifyArchive(archive, { unsigned: true, judge });
    const named = problems.map(({ text }) =>
      text.replace(keys.evidence, 'EVIDENCE').replace(keys.findings, 'FINDINGS'),
    );
    assert.deepEqual(named.sort(), expected);
  });
}

for (const [what, change] of [
  ['totals', (summary) => (summary.totals.nodes += 1)],
  ['rules', (summary) => (summary.rules.notes.pass += 1)],
] as [string, (summary: { totals: { nodes: number }; rules: { notes: { pass: number } } }) => void][]) {
  test(`other ${what} than those of the findings are named`, async () => {
    const archive = memoryArchive();
    await keepScan(archive, scan, answersOf(judge));
    const key = scanKeys(scan).summary;
    const summary = JSON.parse((archive.objects.get(key) as Buffer).toString());
    change(summary);
    archive.objects.set(key, Buffer.from(JSON.stringify(summary)));
    sealAgain(archive);
    const { problems } = await verifyArchive(archive, { unsigned: true, judge });
    const named = problems.map((problem) => `${problem.kind} ${problem.key} ${problem.text}`);
    assert.ok(named.includes(`lie ${key} has another ${what} than its lines add up to.`), named.join('\n'));
  });
}

test('a node that findings and evidence have twice is named', async () => {
  const archive = memoryArchive();
  const [first, ...others] = answersOf(judge) as [Answer, ...Answer[]];
  await keepScan(archive, scan, [first, first, ...others]);
  const { problems } = await verifyArchive(archive, { unsigned: true, judge });
  assert.deepEqual(
    problems.map(({ text }) => text),
    ['has i-1 twice.'],
  );
});

for (const [what, left, text] of [
  ['evidence without findings', 'findings', 'has a line of i-2 without findings beside it.'],
  ['findings without evidence', 'evidence', 'has nothing of i-2.'],
] as const) {
  test(`${what} is named`, async () => {
    const archive = memoryArchive();
    const [first, second] = answersOf(judge) as [Answer, Answer];
    await keepScan(archive, scan, [first, second]);
    const keys = targetKeys(scan, target);
    const line = gunzipSync(archive.objects.get(keys[left]) as Buffer)
      .toString()
      .split('\n')[0];
    archive.objects.set(keys[left], gzipSync(`${line}\n`));
    sealAgain(archive);
    const { problems } = await verifyArchive(archive, { unsigned: true, judge });
    const named = problems.map((problem) => `${problem.kind} ${problem.key} ${problem.text}`);
    assert.ok(named.includes(`lie ${keys.evidence} ${text}`), named.join('\n'));
  });
}

test('nothing is recomputed from objects that were changed', async () => {
  const archive = memoryArchive();
  await keepScan(archive, scan, answersOf(judge));
  archive.objects.set(targetKeys(scan, target).evidence, Buffer.from('x'));
  const { verdicts, problems } = await verifyArchive(archive, { unsigned: true, judge });
  assert.equal(verdicts, 0);
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['changed'],
  );
});

test('evidence that cannot be judged is named, and the other nodes are recomputed', async () => {
  const broken: Judge = (line, context) => {
    if (line.node.id === 'i-2') throw new TypeError('kubelets is not iterable');
    return judge(line, context);
  };
  const { verdicts, problems } = await replayed(answersOf(judge), broken);
  assert.equal(verdicts, 6);
  assert.deepEqual(
    problems.map(({ text }) => text),
    ['i-2 cannot be recomputed: kubelets is not iterable'],
  );
});

test('a scan whose objects are not what they were is not recomputed, and the notes say so', async () => {
  const archive = memoryArchive();
  await keepScan(archive, scan, answersOf(judge));
  archive.objects.delete(targetKeys(scan, target).evidence);
  const { verdicts, problems, notes } = await verifyArchive(archive, { unsigned: true, judge });
  assert.equal(verdicts, 0);
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['missing'],
  );
  assert.match(notes.join('\n'), /no verdict was recomputed/);
});

test('a scan whose summary cannot be read does not hide what is wrong with others', async () => {
  const archive = memoryArchive();
  await keepScan(archive, scan, answersOf(judge));
  const { manifest, summary } = scanKeys(scan);
  const text = '{"format":99}';
  archive.objects.set(summary, Buffer.from(text));
  // Sealed with it, as another version would have done.
  const sealed = JSON.parse((archive.objects.get(manifest) as Buffer).toString());
  const listed = sealed.objects.find(({ key }: { key: string }) => key === summary);
  Object.assign(listed, { size: text.length, sha256: createHash('sha256').update(text).digest('hex') });
  archive.objects.set(manifest, Buffer.from(JSON.stringify(sealed)));
  const { problems } = await verifyArchive(archive, { unsigned: true, judge });
  assert.deepEqual(
    problems.map(({ kind, key }) => `${kind} ${key}`),
    [`changed ${manifest}`, `newer ${manifest}`],
  );
  assert.match(
    problems[1]?.text ?? '',
    /summary\.json was made by a newer version: its format is 99, and this one reads up to 2/,
  );
});

test('what other rules judge otherwise is told as that, and not as tampering', async () => {
  const archive = memoryArchive();
  await keepScan(archive, scan, answersOf(judge));
  for (const key of [scanKeys(scan).summary, scanKeys(scan).manifest]) {
    const written = JSON.parse((archive.objects.get(key) as Buffer).toString());
    written.tool.rules = '0'.repeat(64);
    archive.objects.set(key, Buffer.from(JSON.stringify(written)));
  }
  sealAgain(archive);
  const { problems } = await verifyArchive(archive, {
    unsigned: true,
    judge: (line, context) => ({ ...judge(line, context), findings: [] }) as NodeLine,
  });
  assert.ok(problems.length > 0);
  assert.deepEqual([...new Set(problems.map(({ kind }) => kind))], ['rules']);
});

test('a waiver in another form than ours is told in our words', async () => {
  const archive = memoryArchive();
  await keepScan(archive, { ...scan, settings: { waivers: [{ rule: 'x' }] } }, answersOf(judge));
  const { problems } = await verifyArchive(archive, { unsigned: true, judge });
  assert.match(
    problems.map(({ text }) => text).join('\n'),
    /^cannot be recomputed: settings\.waivers\[0\]\.nodes must be/,
  );
});
