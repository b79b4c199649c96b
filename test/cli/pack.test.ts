import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { packCommand } from '../../cli/pack.ts';
import { isSignedBy } from '../../lambda/archive/sign.ts';
import { judgeArchived } from '../../lambda/results/judge-line.ts';
import { newKey } from '../../simulator/fleet/serve.ts';
import { keepScan, memoryArchive, nightly } from '../archive/memory.ts';
import { answers } from '../archive/samples.ts';
import { keySigner } from '../archive/signer.ts';
import { capture } from './capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-pack-'));
after(() => rmSync(folder, { recursive: true }));

const key = newKey();
const keyFile = join(folder, 'key.pem');
const publicKeyFile = join(folder, 'public.pem');
writeFileSync(keyFile, key);
writeFileSync(publicKeyFile, createPublicKey(key).export({ type: 'spki', format: 'pem' }));

async function kept(name: string, signed: boolean): Promise<string> {
  const memory = memoryArchive();
  for (const day of [1, 2])
    await keepScan(memory, nightly(day), answers.slice(0, 4), signed ? keySigner(key) : undefined);
  const place = join(folder, name);
  for (const [path, bytes] of memory.objects) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), bytes);
  }
  return place;
}
const archive = await kept('signed', true);
const unsigned = await kept('unsigned', false);
const range = ['--from', '2026-11-01', '--to', '2026-11-02'];

async function pack(...args: string[]) {
  const to = capture();
  return { code: await packCommand(args, judgeArchived, to), to };
}

test('a period of which nothing is wrong exits with 0, and the pack is signed by the key', async () => {
  const out = join(folder, 'good');
  const { code, to } = await pack(
    ...range,
    '--out',
    out,
    '--public-key',
    publicKeyFile,
    '--sign-with',
    keyFile,
    archive,
  );
  assert.deepEqual([code, to.stdout.split('\n').length], [0, 3], to.stdout + to.stderr);
  assert.match(to.stdout, /^Of 2 nights that were due or held, 2 are there and verified\. In the last, 4 of 4 nodes/);
  const [text, signature] = ['pack.json', 'pack.json.sig'].map((name) => readFileSync(join(out, name)));
  assert.ok(text && signature && isSignedBy(readFileSync(publicKeyFile, 'utf8'), text, signature));
});

test('several archives of one bucket are told apart, and an archive that nobody signed is an exception', async () => {
  const out = join(folder, 'both');
  const { code, to } = await pack(...range, '--out', out, archive, unsigned);
  assert.equal(code, 1);
  assert.match(to.stdout, /^reports-2: 2 nights of 2 nobody signed/);
  assert.match(to.stderr, /the pack is not signed/);
  assert.ok(existsSync(join(out, 'verification/reports')) && existsSync(join(out, 'verification/reports-2')));
});

test('a period without a night says so', async () => {
  const { code, to } = await pack('--from', '2026-10-01', '--to', '2026-10-03', '--out', join(folder, 'none'), archive);
  assert.equal(code, 1);
  assert.match(to.stdout, /^reports has no verified night in the period\./);
});

const refused: [args: string[], why: RegExp][] = [
  [[], /expected --from and --to/],
  [['--from', '2026-11-02', '--to', '2026-11-01', archive], /--from 2026-11-02 is after --to 2026-11-01/],
  [[...range], /expected at least one archive/],
  [[...range, '--control', '9.9.9', archive], /--control "9\.9\.9" is not a rule/],
  [[...range, '--out', archive, archive], /is not empty: a pack is written once/],
  [[...range, '--samples', 'all', archive], /--samples expects a number/],
  [[...range, '--sign-with', publicKeyFile, '--kms-key', 'x', archive], /not both/],
  [[...range, '--sign-with', join(folder, 'nothing'), archive], /--sign-with .*ENOENT/],
  [[...range, '--sign-with', publicKeyFile, archive], /must hold a private key in PEM that is not encrypted/],
];
for (const [args, why] of refused) {
  test(`pack ${args.join(' ').replaceAll(folder, '…')} says what is wrong`, async () => {
    const { code, to } = await pack(...args);
    assert.equal(code, 2);
    assert.match(to.stderr, why);
  });
}
