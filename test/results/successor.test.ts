/** Which nodes believe a successor, held against TLS handshakes: a server whose certificate the successor signed, and a client that trusts what the node trusts. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect, createServer } from 'node:tls';
import type { AuthorityFacts, Evidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import type { EvidenceLine } from '../../lambda/results/evidence-line.ts';
import { printOf, readSuccessor, successorReport, trustOf } from '../../lambda/results/successor.ts';
import { kubeletProcess, STARTED_AT } from '../../simulator/fleet/node-types.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const skip = hasOpenssl ? false : 'openssl is not there';
const folder = mkdtempSync(join(tmpdir(), 'successor-'));
after(() => rmSync(folder, { recursive: true }));
/** A minute on: certificates that are made meanwhile are valid. */
const NOW = Math.floor(Date.now() / 1000) + 60;

const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
const pem = (name: string) => readFileSync(join(folder, `${name}.crt`), 'utf8');

/** An authority: its own key unless `key` names another's; signed by itself unless `by` says by whom. */
function authority(name: string, subject: string, { key = name, by = name, ended = false, days = 3000 } = {}): void {
  if (key === name) openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`);
  openssl('req', '-new', '-key', `${key}.key`, '-subj', `/CN=${subject}`, '-out', `${name}.csr`);
  writeFileSync(join(folder, 'ca.ext'), 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n');
  const span = ended ? ['-days', '-1'] : ['-days', String(days)];
  const signed =
    by === name ? ['-signkey', `${key}.key`] : ['-CA', `${by}.crt`, '-CAkey', `${by}.key`, '-CAcreateserial'];
  openssl('x509', '-req', '-in', `${name}.csr`, ...signed, ...span, '-extfile', 'ca.ext', '-out', `${name}.crt`);
}

before(() => {
  if (skip !== false) return;
  authority('old', 'kubernetes', { days: 300 });
  authority('new', 'successor');
  authority('same-name', 'kubernetes');
  authority('same-key', 'kubernetes', { key: 'old' });
  authority('cross', 'successor', { key: 'new', by: 'old' });
  authority('false-cross', 'successor', { key: 'new', by: 'same-name' });
  authority('ended', 'successor', { ended: true });
  authority('other', 'other');
});

/** What the collector says of a bundle. */
function facts(names: readonly string[], of: AuthorityFacts['of'] = 'kubeconfig'): AuthorityFacts[] {
  return names.map((name) => {
    const certificate = new X509Certificate(pem(name));
    return {
      of,
      path: '/etc/kubernetes/pki/ca.crt',
      subject: certificate.subject,
      fingerprint: printOf(certificate),
      notBefore: certificate.validFromDate.getTime() / 1000,
      notAfter: certificate.validToDate.getTime() / 1000,
    };
  });
}

/** How a client that trusts these meets a server whose certificate the successor signed, and which sends `chain` along. */
async function handshake(trusted: readonly string[], signer: string, chain: readonly string[]): Promise<boolean> {
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'server.key');
  openssl('req', '-new', '-key', 'server.key', '-subj', '/CN=api', '-out', 'server.csr');
  writeFileSync(join(folder, 'server.ext'), 'subjectAltName=DNS:api\n');
  const by = ['-CA', `${signer}.crt`, '-CAkey', `${signer === 'same-key' ? 'old' : signer}.key`, '-CAcreateserial'];
  openssl('x509', '-req', '-in', 'server.csr', ...by, '-days', '30', '-extfile', 'server.ext', '-out', 'server.crt');
  const cert = [pem('server'), ...chain.map(pem)].join('');
  const server = createServer({ cert, key: readFileSync(join(folder, 'server.key')) }, (socket) => socket.end());
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  // Go takes each certificate that it trusts for an end of the chain, signed by itself or not (crypto/x509, Verify).
  const options = { host: '127.0.0.1', port, servername: 'api', ca: trusted.map(pem), allowPartialTrustChain: true };
  const socket = connect(options);
  try {
    await once(socket, 'secureConnect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
    server.close();
  }
}

/** What a node trusts, the file's certificates, and who of them signs. */
const CASES: Record<string, [trusted: string[], file: string[], signer: string, readiness: 'trusts' | 'drops']> = {
  'the old one alone': [['old'], ['old', 'new'], 'new', 'drops'],
  'the successor': [['new'], ['new'], 'new', 'trusts'],
  'a bundle of both': [['old', 'new'], ['old', 'new'], 'new', 'trusts'],
  'the old one, which has signed the successor across': [['old'], ['new', 'cross', 'old'], 'new', 'trusts'],
  'across by another that has the name of the old one': [['old'], ['new', 'false-cross', 'old'], 'new', 'drops'],
  'the cross-signed certificate itself': [['cross'], ['new', 'cross'], 'new', 'trusts'],
  'the same name with another key': [['old'], ['same-name', 'old'], 'same-name', 'drops'],
  'the same key issued anew': [['old'], ['same-key', 'old'], 'same-key', 'trusts'],
  'a successor that has ended': [['ended'], ['ended'], 'ended', 'drops'],
  'a bundle in which the successor has ended': [['old', 'ended'], ['ended', 'old'], 'ended', 'drops'],
  'something else': [['other'], ['new', 'old'], 'new', 'drops'],
};

describe('the verdict is that of a handshake', { skip }, () => {
  for (const [name, [trusted, file, signer, readiness]] of Object.entries(CASES)) {
    test(name, async () => {
      const certificate = new X509Certificate(pem(signer));
      const others = file.filter((each) => each !== signer).map((each) => new X509Certificate(pem(each)));
      const chain = file.filter((each) => each.includes('cross'));
      assert.equal(await handshake(trusted, signer, chain), readiness === 'trusts');
      assert.equal(trustOf(facts(trusted), { certificate, others }, NOW).readiness, readiness);
    });
  }
});

describe('what the evidence does not decide is said so', { skip }, () => {
  const successor = (...names: string[]) => readSuccessor(names.map(pem).join(''));
  test('a certificate of the same name that is not in the file may have the same key', () => {
    const { readiness, why } = trustOf(facts(['old']), successor('same-name'), NOW);
    assert.equal(readiness, 'unknown');
    assert.match(why, /put that into the file too/);
  });
  test('so may one that has the name of who signed it across', () => {
    assert.equal(trustOf(facts(['old']), successor('new', 'cross'), NOW).readiness, 'unknown');
  });
  test('a bundle that was not read whole', () => {
    const untold: AuthorityFacts = { of: 'kubeconfig', path: '/ca.crt', problem: 'more than ten' };
    assert.equal(trustOf([...facts(['other']), untold], successor('new'), NOW).readiness, 'unknown');
    assert.equal(trustOf([...facts(['new']), untold], successor('new'), NOW).readiness, 'trusts');
    assert.equal(trustOf([], successor('new'), NOW).readiness, 'unknown');
  });
});

function line(id: string, ...kubelets: Partial<KubeletProcess>[]): EvidenceLine {
  const evidence: Evidence = {
    format: 2,
    collectedAt: 0,
    os: {},
    kubelets: kubelets.map((kubelet) => kubeletProcess(kubelet)),
    proxies: [],
    notes: [],
  };
  return { node: { id, cluster: 'shop', group: 'workers' }, tags: {}, evidence };
}

test('a fleet: who drops out first, who needs a restart, and what they trust', { skip }, () => {
  const report = successorReport(readSuccessor([pem('old'), pem('new')].join('')), NOW);
  const both = [...facts(['old', 'new']), ...facts(['old', 'new'], 'client-ca')];
  const changed = { path: '/etc/kubernetes/pki/ca.crt', role: 'client-ca', state: 'file' } as const;
  for (let at = 0; at < 9; at += 1) report.add(line(`i-${at}`, { authorities: both }));
  report.add(line('i-old', { authorities: [...facts(['old']), ...facts(['old', 'new'], 'client-ca')] }));
  report.add(line('i-new', { authorities: both, files: [{ ...changed, modifiedAt: STARTED_AT + 60 }] }));
  report.add({ node: { id: 'i-gone' }, tags: {}, reason: 'gone', detail: '' });
  const { nodes, groups } = report.result();
  assert.deepEqual(nodes, { drops: 1, unknown: 1, restart: 1, trusts: 9 });
  assert.deepEqual(
    groups.map(({ server, callers, examples, nodes: many }) => [
      server.readiness,
      callers.readiness,
      examples[0],
      many,
    ]),
    [
      ['drops', 'trusts', 'i-old', 1],
      ['unknown', 'unknown', 'i-gone', 1],
      ['restart', 'trusts', 'i-new', 1],
      ['trusts', 'trusts', 'i-0', 9],
    ],
  );
  assert.deepEqual(
    groups[0]?.trusted.map(({ sha256 }) => sha256),
    facts(['old', 'new'])
      .map(({ fingerprint = '' }) => fingerprint)
      .sort(),
  );
});

test('of several kubelets the worst answer, and an end that no calendar has is left out', { skip }, () => {
  const report = successorReport(readSuccessor([pem('old'), pem('new')].join('')), NOW);
  const [staying] = [{ authorities: [...facts(['new']), ...facts(['new'], 'client-ca')] }];
  const [hostile] = facts(['other']);
  assert.ok(hostile);
  report.add(line('i-two', staying, { authorities: [{ ...hostile, notAfter: -999_999_999_999_999 }] }));
  const { nodes, groups } = report.result();
  assert.deepEqual(nodes, { drops: 1, unknown: 0, restart: 0, trusts: 0 });
  assert.deepEqual([groups[0]?.callers.readiness, groups[0]?.trusted.length], ['unknown', 2]);
  assert.equal(groups[0]?.trusted.filter(({ notAfter }) => notAfter === undefined).length, 1);
});

test('the successor is found among several certificates in PEM form', { skip }, () => {
  const { certificate, others } = readSuccessor(pem('old') + pem('new'));
  assert.equal(others.length, 1);
  assert.equal(certificate.ca, true);
  assert.throws(() => readSuccessor('hello'), /no certificate in PEM form/);
  assert.throws(
    () => readSuccessor('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
    /certificate 1 in it cannot be read/,
  );
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'leaf.key');
  openssl(
    'req',
    '-x509',
    '-key',
    'leaf.key',
    '-subj',
    '/CN=leaf',
    '-days',
    '9',
    '-addext',
    'basicConstraints=CA:FALSE',
    '-out',
    'leaf.crt',
  );
  assert.throws(() => readSuccessor(pem('leaf')), /no certificate of an authority/);
});
