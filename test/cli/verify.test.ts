import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Terminal } from '../../cli/terminal.ts';
import { verifyCommand } from '../../cli/verify.ts';
import type { Judge } from '../../lambda/archive/verification.ts';
import { judgeArchived } from '../../lambda/results/judge-line.ts';
import { TOOL } from '../../lambda/results/summary.ts';
import { writableDirectory } from '../../simulator/archive/directory.ts';
import { keepNight } from '../../simulator/archive/nights.ts';
import { dueAt, lineOf } from '../../simulator/archive/quarter.ts';
import { keepScan, memoryArchive, nightly, writeTo } from '../archive/memory.ts';
import { answers, evaluated, finding } from '../archive/samples.ts';
import { keySigner } from '../archive/signer.ts';

const signer = keySigner();
const folder = mkdtempSync(join(tmpdir(), 'kubevigil-verify-'));
after(() => rmSync(folder, { recursive: true }));

const memory = memoryArchive();
for (const day of [1, 2]) await keepScan(memory, nightly(day), answers, signer);
const whole = writeTo(join(folder, 'out', 'reports'), memory);
writeFileSync(join(folder, 'key.pem'), signer.publicKey);
writeFileSync(join(folder, 'other.pem'), keySigner().publicKey);
writeFileSync(join(folder, 'text.pem'), 'hello');
const cut = join(folder, 'cut');
cpSync(whole, cut, { recursive: true });
rmSync(join(cut, 'scans/2026/11/02/night-2/summary.json'));
cpSync(whole, join(folder, 'two', 'a'), { recursive: true });
cpSync(whole, join(folder, 'two', 'b'), { recursive: true });
mkdirSync(join(folder, 'empty'));
mkdirSync(join(folder, 'unused', 'scans'), { recursive: true });
cpSync(whole, join(folder, 'linked'), { recursive: true });
symlinkSync('nowhere', join(folder, 'linked', 'scans', 'link'));

/** Fails every rule of every node. */
const judge: Judge = ({ node }) => evaluated(node.id, [finding('rotate-client-certificates', 'fail')]);

test('a bucket needs a region to ask in, and the message says how to name one', async () => {
  const environment = { ...process.env };
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) delete process.env[name];
  Object.assign(process.env, { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' });
  try {
    const { code, err } = await run('s3://reports');
    assert.equal(code, 2);
    assert.match(err, /^kubevigil verify: s3:\/\/reports needs a region to ask in: set AWS_REGION, .*\n$/);
  } finally {
    process.env = environment;
  }
});

async function run(...args: string[]) {
  let out = '';
  let err = '';
  const to: Terminal = { out: (text) => (out += text), err: (text) => (err += text), isInteractive: false };
  return { code: await verifyCommand(args, judge, to), out, err };
}

test('a whole archive: exit code 0, what was verified, and whose keys were used', async () => {
  const { code, out, err } = await run(whole);
  assert.equal(code, 0);
  assert.match(out, /^Note: Signatures were checked with the public key inside the archive \(SHA-256 [0-9a-f]{64}\)/);
  assert.match(out, /reports: 2 scans, 20 objects, [\d,]+ bytes: nothing is wrong\.\n$/);
  assert.equal(err, '');
});

test('the directory above a bucket will do', async () => {
  assert.equal((await run(join(folder, 'out'), '--public-key', join(folder, 'key.pem'))).code, 0);
});

test('a missing object: exit code 1, and its name', async () => {
  const { code, out } = await run(cut);
  assert.equal(code, 1);
  assert.match(out, /^MISSING {3}scans\/2026\/11\/02\/night-2\/summary\.json is not there\.$/m);
  assert.match(out, /: 1 problem\.\n$/);
});

test('another key: exit code 1', async () => {
  const { code, out } = await run(whole, '--public-key', join(folder, 'other.pem'));
  assert.equal(code, 1);
  assert.match(out, /^SIGNATURE .*night-1\/manifest\.json is signed with another key\.$/m);
});

test('--from and --to choose scans by day', async () => {
  assert.match((await run(whole, '--from', '2026-11-02')).out, /: 1 scan, /);
  assert.match((await run(whole, '--to', '2026-11-01')).out, /: 1 scan, /);
});

test('--replay counts verdicts and lists what differs', async () => {
  const { code, out } = await run(whole, '--replay');
  assert.equal(code, 1);
  assert.match(out, /^REPLAY .* i-01, rotate-client-certificates: archived pass, recomputed fail\.$/m);
  assert.match(out, /12 verdicts recomputed/);
});

test('--rules-may-differ: what other rules judge otherwise is listed, and counted as no problem', async () => {
  const place = join(folder, 'older');
  const target = { account: '111122223333', region: 'eu-central-1' };
  await keepNight(writableDirectory(place, 'reports'), {
    ...{ scheduledAt: dueAt('2026-11-01'), settings: { benchmarks: ['cis-kubernetes-1.5.1'] }, judge: judgeArchived },
    targets: [{ target, listed: ['i-01'], told: [lineOf({ id: 'i-01', target }, '2026-11-01')] }],
    tool: { ...TOOL, rules: 'a'.repeat(64) },
  });
  const asked = [place, '--unsigned', '--replay'];
  const strict = await run(...asked);
  assert.equal(strict.code, 1);
  const [, problems] = /: (\d+) problems\.\n$/.exec(strict.out) ?? [];
  const { code, out } = await run(...asked, '--rules-may-differ');
  assert.equal(code, 0);
  assert.equal(out.match(/^RULES /gm)?.length, Number(problems));
  assert.match(out, new RegExp(`, ${problems} verdicts of other rules differ: nothing is wrong\\.\n$`));
});

test('--json prints all of it for machines', async () => {
  const { code, out } = await run(cut, '--json');
  assert.equal(code, 1);
  assert.deepEqual(JSON.parse(out).problems, [
    { kind: 'missing', key: 'scans/2026/11/02/night-2/summary.json', text: 'is not there.' },
  ]);
});

test('a link that leads nowhere was inserted', async () => {
  const { code, out } = await run(join(folder, 'linked'));
  assert.equal(code, 1);
  assert.match(out, /^INSERTED {2}scans\/link belongs to no scan\.$/m);
});

test('a range that ends in the future asks for no scan after now', async () => {
  const archive = memoryArchive();
  const now = new Date();
  const scan = { ...nightly(1), scheduledAt: now.toISOString(), startedAt: now.toISOString() };
  await keepScan(archive, { ...scan, finishedAt: now.toISOString() }, answers);
  const place = writeTo(join(folder, 'fresh'), archive);
  assert.equal((await run(place, '--unsigned', '--to', `${now.getUTCFullYear() + 1}-12-31`)).code, 0);
});

test('--help prints the help', async () => {
  const { code, out } = await run('--help');
  assert.equal(code, 0);
  assert.match(out, /^Verifies an archive/);
});

for (const [what, args, message] of [
  ['no archive', [], /expected one archive, .* got 0; see --help/],
  ['two archives', ['a', 'b'], /got 2/],
  ['a directory that does not exist', [join(folder, 'nowhere')], /nowhere is not a directory that can be read/],
  ['a directory without an archive', [join(folder, 'empty')], /holds no archive: expected scans\/ and latest\.json/],
  ['a directory with several', [join(folder, 'two')], /holds several archives: name one of .*a, .*b/],
  ['another scheme', ['https://example.com'], /expected a directory or s3:\/\/bucket/],
  ['an unknown option', [whole, '--replya'], /Unknown option '--replya'/],
  ['a date that is none', [whole, '--from', 'monday'], /--from expects a day like 2026-11-01 .* got monday/],
  ['a day that does not exist', [whole, '--to', '2026-13-01'], /--to expects a day/],
  ['a day that the month does not have', [whole, '--from', '2026-11-31'], /--from expects a day .* got 2026-11-31/],
  ['an archive without scans', [join(folder, 'unused')], /unused has no scan to verify/],
  ['a range without scans', [whole, '--from', '2026-11-07'], /has no scan from 2026-11-07 to verify/],
  ['a range from behind', [whole, '--from', '2026-11-02', '--to', '2026-11-01'], /--from 2026-11-02 is after --to/],
  [
    'a key file that does not exist',
    [whole, '--public-key', join(folder, 'no.pem')],
    /--public-key .*no\.pem: there is no such file or directory \(ENOENT\)/,
  ],
  [
    'a file of authorities that does not exist',
    [whole, '--timestamp-ca', join(folder, 'no.pem')],
    /--timestamp-ca .*no\.pem: there is no such file or directory \(ENOENT\)/,
  ],
  [
    'a file of authorities without a certificate',
    [whole, '--timestamp-ca', join(folder, 'text.pem')],
    /--timestamp-ca .*text\.pem has no certificate in PEM/,
  ],
  [
    'a key file that is none',
    [whole, '--public-key', join(folder, 'text.pem')],
    /text\.pem: The public key is not a PEM/,
  ],
] as [string, string[], RegExp][]) {
  test(`${what}: exit code 2 and one line`, async () => {
    const { code, out, err } = await run(...args);
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.match(err, message);
    assert.match(err, /^kubevigil verify: [^\n]+\n$/);
  });
}
