import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { scanKeys } from '../../lambda/archive/keys.ts';
import { fingerprint, isSignedBy, pemOf } from '../../lambda/archive/sign.ts';
import { keepScan, memoryArchive, nightly, writeTo } from './memory.ts';
import { answers } from './samples.ts';
import { keySigner } from './signer.ts';

const signer = keySigner();
const message = Buffer.from('manifest');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

test('a signature verifies with its key and message only', async () => {
  const signature = await signer.sign(message);
  assert.ok(isSignedBy(signer.publicKey, message, signature));
  assert.ok(!isSignedBy(signer.publicKey, Buffer.from('other'), signature));
  assert.ok(!isSignedBy(keySigner().publicKey, message, signature));
  assert.ok(!isSignedBy(signer.publicKey, message, Buffer.from('garbage')));
  assert.ok(!isSignedBy(signer.publicKey, message, Buffer.alloc(0)));
});

test('a key in DER, as KMS gives it, becomes the same PEM', () => {
  const der = Buffer.from(signer.publicKey.replace(/-----.*-----|\n/g, ''), 'base64');
  assert.equal(pemOf(der), signer.publicKey);
  assert.match(fingerprint(signer.publicKey), /^[0-9a-f]{64}$/);
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
for (const [what, pem] of [
  ['text that is no key', 'hello'],
  ['an RSA key', rsa.toString()],
] as const) {
  test(`${what} is refused as a key`, () => assert.throws(() => fingerprint(pem), TypeError));
}

test('openssl alone verifies a scan, as docs/report.md shows', {
  skip: !hasOpenssl && 'openssl is not here',
}, async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers, signer);
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-test-'));
  try {
    const { manifest, signature, publicKey } = scanKeys(nightly(1));
    for (const [name, key] of Object.entries({
      'manifest.json': manifest,
      'manifest.json.sig': signature,
      'public-key.pem': publicKey,
    })) {
      writeFileSync(join(folder, name), archive.objects.get(key) ?? '');
    }
    const command = [
      'dgst',
      '-sha256',
      '-verify',
      'public-key.pem',
      '-signature',
      'manifest.json.sig',
      'manifest.json',
    ];
    assert.match(execFileSync('openssl', command, { cwd: folder }).toString(), /Verified OK/);
    writeFileSync(join(folder, 'manifest.json'), '{}');
    assert.notEqual(spawnSync('openssl', command, { cwd: folder }).status, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const tools = ['openssl', 'jq', 'sha256sum', 'sh'].filter((tool) => spawnSync(tool, ['--version']).error);

test('the commands of docs/report.md verify a scan, and fail after a change', {
  skip: tools.length > 0 && `these are not here: ${tools.join(', ')}`,
}, async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), answers, signer);
  await keepScan(archive, nightly(2), answers, signer);
  const root = mkdtempSync(join(tmpdir(), 'kubevigil-docs-'));
  try {
    writeTo(root, archive);
    const doc = readFileSync(new URL('../../docs/report.md', import.meta.url), 'utf8');
    const all = [...doc.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text);
    // Time stamps have a test of their own, for which somebody must give them (timestamp.test.ts).
    const commands = all.filter((text) => !text.includes('openssl ts'));
    assert.equal(commands.length, 4);
    const cwd = join(root, 'scans/2026/11/02/night-2');
    const codes = () => commands.map((text) => spawnSync('sh', ['-c', text], { cwd }).status);
    assert.deepEqual(codes(), [0, 0, 0, 0]);
    writeFileSync(join(root, scanKeys(nightly(1)).manifest), 'x');
    writeFileSync(join(root, scanKeys(nightly(2)).summary), 'x');
    const statement = scanKeys(nightly(2)).statement;
    const forged = JSON.parse(String(archive.objects.get(statement)));
    forged.payload = Buffer.from('{"predicate":{}}').toString('base64');
    writeFileSync(join(root, statement), JSON.stringify(forged));
    assert.deepEqual(codes(), [0, 1, 1, 1]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
