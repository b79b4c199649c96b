/** The statement of a scan; openssl verifies it by the commands of docs/report.md in sign.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scanKeys } from '../../lambda/archive/keys.ts';
import { checkStatement, preAuthenticationEncoding } from '../../lambda/archive/statement.ts';
import { keepScan, memoryArchive, nightly } from './memory.ts';
import { answers } from './samples.ts';
import { keySigner } from './signer.ts';

const signer = keySigner();
const archive = memoryArchive();
const { manifest, summary } = await keepScan(archive, nightly(1), answers, signer);
const { statement: key, publicKey } = scanKeys(nightly(1));
const envelope = JSON.parse(String(archive.objects.get(key)));
const statement = JSON.parse(Buffer.from(envelope.payload, 'base64').toString());

test('it is an in-toto statement whose subjects are the other objects', () => {
  assert.equal(statement._type, 'https://in-toto.io/Statement/v1');
  assert.equal(envelope.payloadType, 'application/vnd.in-toto+json');
  const others = manifest.objects.filter((object) => object.key !== key);
  assert.deepEqual(
    statement.subject,
    others.map(({ key, sha256 }) => ({ name: key, digest: { sha256 } })),
  );
  const { population, reached, unreachable, tool } = statement.predicate;
  assert.deepEqual(
    { population, reached, unreachable },
    { population: 5, reached: 4, unreachable: { 'connection-lost': 1 } },
  );
  assert.deepEqual(tool, summary.tool);
});

test('what is signed is the encoding of the protocol', () => {
  // The example of secure-systems-lab/dsse, protocol.md.
  assert.equal(
    preAuthenticationEncoding('http://example.com/HelloWorld', Buffer.from('hello world')).toString(),
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
});

/** Signs a payload as a holder of the key does. */
async function signed(payload: object): Promise<Buffer> {
  const bytes = Buffer.from(JSON.stringify(payload));
  const signature = await signer.sign(preAuthenticationEncoding(envelope.payloadType, bytes));
  const [known] = envelope.signatures;
  const signatures = [{ ...known, sig: Buffer.from(signature).toString('base64') }];
  return Buffer.from(JSON.stringify({ ...envelope, payload: bytes.toString('base64'), signatures }));
}

const { predicate } = statement;
const cases: [string, () => Buffer | Promise<Buffer>, string[]][] = [
  ['as it is', () => archive.objects.get(key) as Buffer, []],
  ['signed anew', () => signed(statement), []],
  ['with what only a later version says', () => signed({ ...statement, predicate: { ...predicate, more: 1 } }), []],
  [
    'that forgot a subject',
    () => signed({ ...statement, subject: statement.subject.slice(1) }),
    ['has other subjects than its manifest.'],
  ],
  [
    'that reached more nodes',
    () => signed({ ...statement, predicate: { ...predicate, reached: 5 } }),
    ['states another reached than its scan.'],
  ],
  [
    'whose payload was changed',
    () =>
      Buffer.from(
        JSON.stringify({
          ...envelope,
          payload: Buffer.from(JSON.stringify({ ...statement, x: 1 })).toString('base64'),
        }),
      ),
    ['does not match its signature.'],
  ],
];
for (const [what, write, expected] of cases) {
  test(`a statement ${what}`, async () => {
    const objects = new Map(archive.objects);
    objects.set(key, await write());
    const copy = { ...archive, ...{ open: memoryOf(objects).open } };
    assert.deepEqual(await checkStatement(copy, manifest, summary), expected);
  });
}

test('a statement without its key, and with another one', async () => {
  const objects = new Map(archive.objects);
  objects.delete(publicKey);
  assert.deepEqual(await checkStatement(memoryOf(objects), manifest, summary), [
    'is not there, nor what it takes to verify it.',
  ]);
  objects.set(publicKey, Buffer.from(keySigner().publicKey));
  assert.deepEqual(await checkStatement(memoryOf(objects), manifest, summary), [
    'has another key than its manifest.',
    'does not match its signature.',
  ]);
  objects.set(publicKey, Buffer.from('garbage'));
  assert.deepEqual(await checkStatement(memoryOf(objects), manifest, summary), [
    'has a key that is none: The public key is not a PEM file that openssl can read.',
  ]);
});

function memoryOf(objects: Map<string, Buffer>) {
  const copy = memoryArchive();
  for (const [name, bytes] of objects) copy.objects.set(name, bytes);
  return copy;
}
