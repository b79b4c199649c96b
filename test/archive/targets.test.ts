import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scanKeys } from '../../lambda/archive/keys.ts';
import { sealScan } from '../../lambda/archive/seal.ts';
import { keepTargets, readTargets, type Targets } from '../../lambda/archive/targets.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import type { ScanFacts } from '../../lambda/results/summary.ts';
import { keepScan, memoryArchive, nightly } from './memory.ts';
import { answers, target } from './samples.ts';
import { keySigner } from './signer.ts';

const of = (...accounts: string[]): Targets => ({
  format: 1,
  from: 'settings',
  targets: accounts.map((account) => ({ account, region: 'eu-west-1' })),
});
const [one, other] = [of('111122223333'), of('444455556666')];

test('the targets that were kept first count, and nobody is asked for others', async () => {
  const archive = memoryArchive();
  assert.equal(await readTargets(archive, nightly(1)), undefined);
  const first = await keepTargets(archive, nightly(1), () => one);
  assert.deepEqual(first.targets, one);
  assert.equal(first.object.key, scanKeys(nightly(1)).targets);
  const again = await keepTargets(archive, nightly(1), () => assert.fail('asked again'));
  assert.deepEqual(again, first);
  assert.deepEqual((await keepTargets(archive, nightly(2), async () => other)).targets, other, 'each scan has its own');
});

test('who loses the race to keep them goes on with those of the other', async () => {
  const archive = memoryArchive();
  const late = await keepTargets(archive, nightly(1), async () => {
    await keepTargets(archive, nightly(1), () => one);
    return other;
  });
  assert.deepEqual(late.targets, one);
});

test('what is no list of targets is told with its name', async () => {
  const archive = memoryArchive();
  const { targets: key } = scanKeys(nightly(1));
  archive.objects.set(key, Buffer.from('{"format":1,"from":"nobody","targets":[]}'));
  await assert.rejects(readTargets(archive, nightly(1)), /targets\.json/);
});

test('a scan is not sealed without one of its targets, or with one that is none', async () => {
  const cases: [Targets, RegExp][] = [
    [
      { ...one, targets: [target, ...other.targets] },
      /found 2 targets and has results of 1, none of 444455556666\/eu-west-1/,
    ],
    [other, /found 1 targets and has results of 1, none of 444455556666.* one of .*, which it did not find/],
    [{ ...one, targets: [target, target] }, /found 2 targets and has results of 1: it is not sealed/],
  ];
  for (const [targets, text] of cases) {
    const archive = memoryArchive();
    const { object } = await keepTargets(archive, nightly(1), () => targets);
    await assert.rejects(keepScan(archive, nightly(1), answers, undefined, { objects: [object] }), text);
    assert.equal(archive.objects.has(scanKeys(nightly(1)).summary), false);
  }
});

test('a scan whose targets are lost is not sealed, and one that lost them later is not whole', async () => {
  const archive = memoryArchive();
  const { targets: key, manifest } = scanKeys(nightly(1));
  const { result } = await keepScan(archive, nightly(1), answers);
  archive.objects.delete(key);
  const options = { unsigned: true, now: '2026-11-02T00:00:00Z' };
  const { problems } = await verifyArchive(archive, options);
  assert.deepEqual(
    problems.map((problem) => [problem.kind, problem.key]),
    [['missing', key]],
  );
  archive.objects.delete(manifest);
  await assert.rejects(
    sealScan(archive, nightly(1), [result], { link: { previous: null } }),
    /has lost .*targets\.json/,
  );
});

test('a signed scan that does not account for just these targets and accounts is a lie', async () => {
  const signer = keySigner();
  const sealed = async (targets: Partial<Targets>, facts: Partial<ScanFacts> = {}) => {
    const [archive, aside] = [memoryArchive(), memoryArchive()];
    const scan = { ...nightly(1), ...facts };
    // Who has the key writes it behind the scan's back, which would not seal otherwise.
    const { object } = await keepTargets(aside, scan, () => ({ ...of(), targets: [target], ...targets }));
    await keepScan(archive, scan, answers, signer, { objects: [object] });
    archive.objects.set(object.key, aside.objects.get(object.key) as Buffer);
    const { problems } = await verifyArchive(archive, {
      publicKeys: [{ pem: signer.publicKey }],
      now: '2026-11-02T00:00:00Z',
    });
    return problems.map(({ kind, text }) => `${kind} ${text}`);
  };
  assert.deepEqual(await sealed({}), []);
  const closed = [{ account: '999988887777', why: 'closed' as const }];
  assert.deepEqual(await sealed({ others: closed }, { others: closed }), []);
  const name = `${target.account}/${target.region}`;
  const more = { account: '444455556666', region: 'eu-west-1' };
  for (const [what, told] of [
    [{ targets: [target, more] }, 'has nothing of 444455556666/eu-west-1, which the targets of the scan name.'],
    [{ targets: [more] }, `has ${name}, which the targets of the scan do not name.`],
    [
      { targets: [{ ...target, error: 'Its regions cannot be listed.' }] },
      `tells of ${name} otherwise than the targets of the scan.`,
    ],
    [{ targets: [{ ...target, allRegions: true }] }, `tells of ${name} otherwise than the targets of the scan.`],
    [{ others: closed }, 'tells of other accounts that are not scanned than the targets of the scan.'],
  ] as const) {
    const found = await sealed(what as Partial<Targets>);
    assert.ok(found.includes(`lie ${told}`), found.join('\n'));
  }
});
