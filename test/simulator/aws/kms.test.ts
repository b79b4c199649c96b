import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign as signMessage, verify as verifyMessage } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { HUB, REGION, start, world } from './fixture.ts';

const digestOf = (message: Uint8Array) => createHash('sha256').update(message).digest();

/** What KMS's client sends, in AWS JSON 1.1. */
async function open(t: Parameters<typeof start>[0], keys: Record<`alias/${string}`, string>) {
  const { url } = await start(t, { accounts: world({ keys }) });
  const scope = `Credential=AKIA0000${HUB}/20260101/${REGION}/kms/aws4_request, SignedHeaders=host, Signature=0`;
  return async (operation: string, input: object): Promise<Record<string, string>> => {
    const headers = { authorization: `AWS4-HMAC-SHA256 ${scope}`, 'x-amz-target': `TrentService.${operation}` };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) });
    return (await response.json()) as Record<string, string>;
  };
}

const DIGEST = digestOf(Buffer.from('manifest'));
const SIGN = {
  KeyId: 'alias/reports',
  Message: DIGEST.toString('base64'),
  MessageType: 'DIGEST',
  SigningAlgorithm: 'ECDSA_SHA_256',
};

test('what KMS signs, others verify with its public key', async (t) => {
  const call = await open(t, { 'alias/reports': 'generate' });
  const { PublicKey = '', KeyId = '', KeySpec } = await call('GetPublicKey', { KeyId: 'alias/reports' });
  assert.equal(KeySpec, 'ECC_NIST_P256');
  assert.match(KeyId, new RegExp(`^arn:aws:kms:${REGION}:${HUB}:key/[0-9a-f-]{36}$`));
  const key = { key: Buffer.from(PublicKey, 'base64'), format: 'der', type: 'spki' } as const;
  const names = ['alias/reports', KeyId, KeyId.split('/')[1] ?? '', `arn:aws:kms:${REGION}:${HUB}:alias/reports`];
  for (const name of names) {
    const { Signature = '', SigningAlgorithm } = await call('Sign', { ...SIGN, KeyId: name });
    assert.equal(SigningAlgorithm, 'ECDSA_SHA_256');
    assert.ok(verifyMessage('sha256', Buffer.from('manifest'), key, Buffer.from(Signature, 'base64')), name);
    assert.equal((await call('Verify', { ...SIGN, Signature })).SignatureValid, true);
  }
  const raw = { ...SIGN, Message: Buffer.from('manifest').toString('base64'), MessageType: 'RAW' };
  const { Signature = '' } = await call('Sign', raw);
  assert.ok(verifyMessage('sha256', Buffer.from('manifest'), key, Buffer.from(Signature, 'base64')));
});

test('a key can be given', async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const call = await open(t, { 'alias/reports': pem });
  const { PublicKey } = await call('GetPublicKey', { KeyId: 'alias/reports' });
  assert.equal(PublicKey, publicKey.export({ type: 'spki', format: 'der' }).toString('base64'));
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  await assert.rejects(
    open(t, { 'alias/reports': rsa.toString() }),
    /alias\/reports must be an EC private key on P-256/,
  );
});

test('KMS refuses what does not fit', async (t) => {
  const call = await open(t, { 'alias/reports': 'generate' });
  const { Signature = '' } = await call('Sign', SIGN);
  const other = digestOf(Buffer.from('another')).toString('base64');
  const cases: [string, string, object, string, RegExp][] = [
    ['an unknown alias', 'Sign', { ...SIGN, KeyId: 'alias/other' }, 'NotFoundException', /alias\/other is not found/],
    ['an unknown key', 'GetPublicKey', { KeyId: 'x' }, 'NotFoundException', /does not exist/],
    [
      'a digest of 31 bytes',
      'Sign',
      { ...SIGN, Message: DIGEST.subarray(1).toString('base64') },
      'ValidationException',
      /invalid length/,
    ],
    [
      'a message of 4,097 bytes',
      'Sign',
      { ...SIGN, MessageType: 'RAW', Message: Buffer.alloc(4097).toString('base64') },
      'ValidationException',
      /4096/,
    ],
    [
      'another algorithm',
      'Sign',
      { ...SIGN, SigningAlgorithm: 'ECDSA_SHA_384' },
      'InvalidKeyUsageException',
      /ECDSA_SHA_384/,
    ],
    ['another message type', 'Sign', { ...SIGN, MessageType: 'HASH' }, 'ValidationException', /messageType/],
    [
      'a signature of something else',
      'Verify',
      { ...SIGN, Signature, Message: other },
      'KMSInvalidSignatureException',
      /^$/,
    ],
    ['a signature that is none', 'Verify', { ...SIGN, Signature: 'AAAA' }, 'KMSInvalidSignatureException', /^$/],
    ['what is not built', 'Encrypt', {}, 'NotImplemented', /kms:Encrypt, only GetPublicKey, Sign, Verify/],
  ];
  for (const [what, operation, input, code, message] of cases) {
    const answer = await call(operation, input);
    assert.equal(answer.__type, code, what);
    assert.match(answer.message ?? '', message, what);
  }
});

test("KMS verifies node's signatures of digests, and nothing that was changed in them", async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const call = await open(t, { 'alias/reports': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.nat(), async (message, position) => {
      const digest = { ...SIGN, Message: digestOf(message).toString('base64') };
      const { Signature: ours = '' } = await call('Sign', digest);
      assert.ok(verifyMessage('sha256', message, publicKey, Buffer.from(ours, 'base64')));
      const theirs = signMessage('sha256', message, privateKey);
      const verify = () => call('Verify', { ...digest, Signature: theirs.toString('base64') });
      assert.equal((await verify()).SignatureValid, true);
      theirs[position % theirs.length] = ~(theirs[position % theirs.length] ?? 0) & 0xff;
      assert.equal((await verify()).__type, 'KMSInvalidSignatureException');
    }),
    { numRuns: 20 },
  );
});
