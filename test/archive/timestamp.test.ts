/** Time stamps by an authority that is openssl, verified by openssl as docs/report.md shows. */
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { stampChecker } from '../../cli/timestamps.ts';
import { sha256 } from '../../lambda/archive/content.ts';
import { scanKeys, timestampKey } from '../../lambda/archive/keys.ts';
import { readTimestamp, stampManifest, timestampRequest } from '../../lambda/archive/timestamp.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { keepScan, memoryArchive, writeTo } from './memory.ts';
import { answers, scan } from './samples.ts';
import { keySigner } from './signer.ts';

const isThere = spawnSync('openssl', ['version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'kubevigil-timestamp-'));
const at = (name: string) => join(folder, name);
after(() => rmSync(folder, { recursive: true }));

const CONFIGURATION = `[tsa]
default_tsa = ours
[ours]
serial = ${at('serial')}
signer_cert = ${at('authority.pem')}
signer_key = ${at('authority-key.pem')}
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
`;

/** Makes a certificate that signs itself, NAME.pem, and its key, NAME-key.pem. */
function certify(name: string): void {
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
  const extensions = ['-subj', `/CN=${name}`, '-addext', 'extendedKeyUsage=critical,timeStamping'];
  execFileSync('openssl', [...request, ...extensions, '-keyout', at(`${name}-key.pem`), '-out', at(`${name}.pem`)], {
    stdio: 'ignore',
  });
}

/** A scan of now: an authority stamps with the time that it has. */
const now = Date.now();
const iso = (seconds: number) => new Date(now + seconds * 1000).toISOString();
const tonight = { ...scan, scheduledAt: iso(-60), startedAt: iso(-50), finishedAt: iso(-5) };

describe('a time stamp authority', { skip: !isThere && 'openssl is not here' }, () => {
  const signer = keySigner();
  const trusted = { publicKeys: [{ pem: signer.publicKey }] };
  const { manifest } = scanKeys(tonight);
  let server: Server;
  let good: string;

  before(async () => {
    writeFileSync(at('tsa.cnf'), CONFIGURATION);
    writeFileSync(at('serial'), '01\n');
    certify('authority');
    server = createServer(async (incoming, outgoing) => {
      const pieces: Buffer[] = [];
      for await (const piece of incoming) pieces.push(piece as Buffer);
      writeFileSync(at('query'), Buffer.concat(pieces));
      const path = incoming.url ?? '';
      if (path === '/down') return void outgoing.writeHead(503).end();
      if (path === '/away') return void outgoing.writeHead(302, { location: good }).end();
      if (path === '/long') return void outgoing.end(Buffer.alloc(100_000));
      if (path === '/nonsense') return void outgoing.end('<html>');
      if (path === '/refusing') return void outgoing.end(Buffer.from('30053003020102', 'hex'));
      if (path === '/other') writeFileSync(at('query'), timestampRequest(Buffer.alloc(32, 7)));
      const reply = ['ts', '-reply', '-config', at('tsa.cnf'), '-queryfile', at('query'), '-out', at('reply')];
      execFile('openssl', reply, () => outgoing.end(readFileSync(at('reply'))));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    good = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsr`;
  });
  after(() => server.close());

  const sealed = async (...authorities: string[]) => {
    const archive = memoryArchive();
    await keepScan(archive, tonight, answers, signer, { timestampAuthorities: authorities });
    return archive;
  };

  test('stamps a manifest once, which openssl verifies offline by the commands of docs/report.md', async () => {
    const archive = await sealed(good);
    assert.deepEqual(await stampManifest(archive, manifest, [good]), []);
    const first = archive.objects.get(timestampKey(manifest, 1));
    assert.deepEqual(await stampManifest(archive, manifest, [good]), []);
    assert.equal(archive.objects.get(timestampKey(manifest, 1)), first);
    const { problems, notes } = await verifyArchive(archive, trusted);
    const unchecked =
      'Who signed the time stamp was not checked; give the root certificates of the authorities with --timestamp-ca.';
    assert.deepEqual({ problems, notes }, { problems: [], notes: [unchecked] });

    writeTo(folder, archive);
    const doc = readFileSync(new URL('../../docs/report.md', import.meta.url), 'utf8');
    const commands = /```sh\n([^`]*openssl ts[^`]*)```/.exec(doc)?.[1] ?? assert.fail();
    const cwd = at(dirname(manifest));
    writeFileSync(join(cwd, 'authorities.pem'), readFileSync(at('authority.pem')));
    const verified = spawnSync('sh', ['-c', commands], { cwd });
    assert.equal(verified.status, 0, String(verified.stderr));
    writeFileSync(at(manifest), '{}');
    assert.notEqual(spawnSync('sh', ['-c', commands], { cwd }).status, 0);
  });

  test('signs by a certificate that leads to a root that was given, or verify says why not', async () => {
    const archive = await sealed(good);
    await stampManifest(archive, manifest, [good]);
    const key = timestampKey(manifest, 1);
    const stamp = archive.objects.get(key) as Buffer;
    const checked = async (roots: string) => {
      const { problems, notes } = await verifyArchive(archive, {
        ...trusted,
        checkStamp: await stampChecker(at(roots)),
      });
      assert.deepEqual(notes, []);
      return problems.map((problem) => `${problem.kind} ${problem.key} ${problem.text}`);
    };
    assert.deepEqual(await checked('authority.pem'), []);
    certify('other');
    assert.match(
      (await checked('other.pem')).join(),
      /^signature \S+\.tsr is signed by nobody trusted: .*certificate.*\.$/,
    );
    // What counts is whether the certificate was valid when it stamped.
    const { sha256: digest } = readTimestamp(stamp);
    const check = await stampChecker(at('authority.pem'));
    const when = (time: string) => check(stamp, { sha256: digest, time });
    assert.match((await when('2001-01-01T00:00:00.000Z')) ?? '', /certificate is not yet valid/);
    assert.match((await when('2101-01-01T00:00:00.000Z')) ?? '', /certificate has expired/);
    // Somebody dates the stamp back, within what verify would note.
    const [, minutes = ''] = /T\d\d:(\d\d)/.exec(readTimestamp(stamp).time) ?? [];
    const dated = Buffer.from(stamp);
    const place =
      stamp.indexOf(
        readTimestamp(stamp)
          .time.replaceAll(/[-T:]|\..*/g, '')
          .slice(0, 12),
      ) + 10;
    dated.write(minutes === '00' ? '01' : '00', place);
    archive.objects.set(key, dated);
    assert.match((await checked('authority.pem')).join(), /signature \S+ is signed by nobody trusted: /);
  });

  test('cannot be checked where there is no openssl, and that is said', async () => {
    const check = await stampChecker(at('authority.pem'));
    const { PATH } = process.env;
    process.env.PATH = folder;
    try {
      await assert.rejects(
        check(Buffer.from('x'), { sha256: sha256('x'), time: iso(0) }),
        /^Error: --timestamp-ca needs openssl, which is not here$/,
      );
    } finally {
      process.env.PATH = PATH;
    }
    await assert.rejects(
      check(Buffer.from('x'), { sha256: sha256('x'), time: 'never' }),
      /^Error: openssl cannot check time stamps: /,
    );
  });

  test('that gives none costs nothing but its stamp, and the others are asked', async () => {
    const bad = ['down', 'away', 'long', 'nonsense', 'refusing', 'other'].map((path) => good.replace('tsr', path));
    const nobody = 'http://127.0.0.1:1/tsr';
    const authorities = [...bad, nobody, good];
    const archive = await sealed(...authorities);
    const said = await stampManifest(archive, manifest, authorities);
    assert.deepEqual(
      said.map((text) => text.replace(/^http:\S+ gave no time stamp: /, '')),
      [
        'it answered 503.',
        'unexpected redirect.',
        'its answer has more than 65536 bytes.',
        'it is no time stamp (RFC 3161).',
        'the authority refused.',
        'it stamped something else.',
        'bad port.',
      ],
    );
    const { problems, notes } = await verifyArchive(archive, trusted);
    assert.deepEqual(problems, []);
    assert.equal(notes.filter((note) => /no time stamp of http/.test(note)).length, 7);
  });

  test('a stamp of another manifest, of another time, or that is none is told', async () => {
    const archive = await sealed(good);
    await stampManifest(archive, manifest, [good]);
    const key = timestampKey(manifest, 1);
    const stamp = archive.objects.get(key) as Buffer;
    const told = async (bytes: Buffer) => {
      archive.objects.set(key, bytes);
      return (await verifyArchive(archive, trusted)).problems.map(({ kind, text }) => `${kind} ${text}`);
    };
    const digest = Buffer.from(sha256(archive.objects.get(manifest) as Buffer), 'hex');
    const other = Buffer.from(stamp);
    other.fill(0, stamp.indexOf(digest), stamp.indexOf(digest) + 32);
    assert.deepEqual(await told(other), ['changed is the time stamp of another manifest.']);
    const earlier = Buffer.from(stamp);
    const year = stamp.indexOf(readTimestamp(stamp).time.slice(0, 4));
    earlier.write('2001', year);
    assert.match((await told(earlier)).join(), /^lie is of 2001-.*, before the scan ended at/);
    assert.deepEqual(await told(stamp.subarray(0, 40)), ['changed cannot be read: it is no time stamp (RFC 3161).']);
    archive.objects.set(timestampKey(manifest, 2), stamp);
    assert.deepEqual(await told(stamp), ['inserted is not in its manifest.']);
  });
});

test('a request is what openssl makes of a digest, without a nonce', {
  skip: !isThere && 'openssl is not here',
}, () => {
  const digest = sha256('x');
  const theirs = execFileSync('openssl', ['ts', '-query', '-digest', digest, '-sha256', '-cert', '-no_nonce']);
  assert.deepEqual(timestampRequest(Buffer.from(digest, 'hex')), theirs);
});
