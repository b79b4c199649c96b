/** The facts of certificates, read in awk: openssl, where it is installed, is the witness. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { configuration } from '../../../simulator/fleet/images.ts';
import { kubelet, node } from './kubelets.ts';
import { collected, evidenceOf, rootOf, runs } from './runs.ts';
import { needs } from './shells.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-certificates-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
/** A certificate and its key, as openssl makes them. */
function make(subject: string, ...more: string[]): { certificate: string; key: string } {
  made += 1;
  const path = join(folder, String(made));
  const command = ['req', '-x509', '-nodes', '-keyout', `${path}.key`, '-out', `${path}.crt`, '-subj', subject];
  const result = spawnSync('openssl', [...command, ...more], { stdio: 'ignore' });
  assert.equal(result.status, 0, more.join(' '));
  return { certificate: readFileSync(`${path}.crt`, 'utf8'), key: readFileSync(`${path}.key`, 'utf8') };
}

/** What node's own OpenSSL says; of what signs nothing no digest is sent. */
function truth(pem: string) {
  const { fingerprint, ...facts } = authority(pem);
  return facts;
}

function authority(pem: string) {
  const certificate = new X509Certificate(pem);
  const name = (text: string) => text.split('\n').reverse().join(',');
  return {
    subject: name(certificate.subject),
    issuer: name(certificate.issuer),
    notBefore: Math.floor(certificate.validFromDate.getTime() / 1000),
    notAfter: Math.floor(certificate.validToDate.getTime() / 1000),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    serial: certificate.serialNumber.toLowerCase(),
  };
}

for (const { name, run, options } of runs) {
  test(`facts are those that openssl reads, under ${name}`, { ...needs('openssl'), ...options }, async () => {
    const client = make(
      '/O=system:nodes/CN=system:node:ip-10-0-0-1',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-days',
      '365',
    );
    const serving = make(
      '/CN=kubelet',
      '-newkey',
      'rsa:2048',
      '-days',
      '30000',
      '-addext',
      'subjectAltName=DNS:ip-10-0-0-1.internal,IP:10.0.0.1,IP:fd00::1',
    );
    const authorities = ['/CN=kubernetes', '/C=DE/ST=x/L=y/O=Acme GmbH/OU=ops/CN=root (2)'].map((subject) =>
      make(subject, '-newkey', 'rsa:2048', '-days', '3650'),
    );
    const bundle = `# a bundle\n${authorities.map(({ certificate }) => certificate).join('\n')}`;
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const kubeconfig = `current-context: c\ncontexts:\n- {name: c, context: {user: u, cluster: k}}\nclusters:\n- name: k\n  cluster:\n    certificate-authority-data: ${base64(bundle)}\nusers:\n- name: u\n  user:\n    client-certificate-data: ${base64(client.certificate)}\n    client-key-data: ${base64(client.key)}\n`;
    const files = {
      '/k': kubeconfig,
      '/c': configuration('authentication: {x509: {clientCAFile: /ca.crt}}'),
      '/ca.crt': bundle,
      // The kubelet's own files hold the key before or behind the certificate.
      '/var/lib/kubelet/pki/kubelet-client-current.pem': client.key + client.certificate,
      '/var/lib/kubelet/pki/kubelet-server-current.pem': serving.certificate + serving.key,
    };
    const { text, answer } = await collected(rootOf(node([kubelet(['--kubeconfig=/k', '--config=/c'])], files)), run);
    assert.ok('evidence' in answer, JSON.stringify(answer));
    const [seen] = answer.evidence.kubelets;
    assert.deepEqual(seen?.clientCertificates, [
      { path: '/k', ...truth(client.certificate) },
      { path: '/var/lib/kubelet/pki/kubelet-client-current.pem', ...truth(client.certificate) },
    ]);
    assert.deepEqual(seen?.servingCertificates, [
      {
        path: '/var/lib/kubelet/pki/kubelet-server-current.pem',
        ...truth(serving.certificate),
        names: ['DNS:ip-10-0-0-1.internal', 'IP:10.0.0.1', 'IP:fd00::1'],
      },
    ]);
    assert.deepEqual(
      seen?.authorities,
      ['kubeconfig', 'client-ca'].flatMap((of) =>
        authorities.map(({ certificate }) => ({
          path: of === 'kubeconfig' ? '/k' : '/ca.crt',
          of,
          ...authority(certificate),
        })),
      ),
    );
    for (const { key } of [client, serving]) {
      for (const line of key.split('\n').filter((each) => each.length > 40)) {
        assert.ok(!text.includes(line) && !text.includes(base64(line)));
      }
    }
  });

  test(`what is no certificate is a problem, under ${name}`, options, async () => {
    const block = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
    const texts = [
      '',
      'secret\n',
      block('MIIB'),
      block('////'),
      block(`MIIB\n-----BEGIN EC PRIVATE KEY-----\ncanary`),
      block('A'.repeat(20_000)),
      block('MIISAAAA'),
    ];
    const argv = texts.map((_, index) => `--client-ca-file=/ca${index}`);
    const files = Object.fromEntries(texts.map((text, index) => [`/ca${index}`, text]));
    const { text, answer } = await collected(rootOf(node([kubelet(argv)], files)), run);
    assert.ok('evidence' in answer && !/secret|canary/.test(text), text);
    for (const index of texts.keys()) {
      const facts = answer.evidence.kubelets[0]?.authorities.filter(({ path }) => path === `/ca${index}`);
      assert.ok(
        facts?.every(({ problem }) => problem !== undefined) && facts.length > 0,
        `${index}: ${JSON.stringify(facts)}`,
      );
    }
  });
}

test(
  'of a bundle ten are told, a damaged one wherever it stands, and how many more there are',
  needs('openssl'),
  async () => {
    const { certificate } = make('/CN=x', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
    const damaged = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    const texts = [
      certificate.repeat(10),
      certificate.repeat(12),
      certificate.repeat(12) + damaged,
      damaged.repeat(20) + certificate,
    ];
    const argv = texts.map((_, index) => `--client-ca-file=/ca${index}`);
    const files = Object.fromEntries(texts.map((text, index) => [`/ca${index}`, text]));
    const { authorities = [] } = (await evidenceOf(rootOf(node([kubelet(argv)], files)))).kubelets[0] ?? {};
    const told = texts.map((_, index) => {
      const found = authorities.filter(({ path }) => path === `/ca${index}`);
      const problems = new Set(found.flatMap(({ problem = [] }) => problem));
      return { good: found.filter(({ subject }) => subject).length, problems: [...problems] };
    });
    const broken = 'its certificate is damaged';
    assert.deepEqual(told, [
      { good: 10, problems: [] },
      { good: 10, problems: ['2 more certificates in it are not told'] },
      { good: 10, problems: [broken, '2 more certificates in it are not told'] },
      { good: 1, problems: [broken] },
    ]);
  },
);

test('of several users’ certificates in a kubeconfig none is taken for the node’s', async () => {
  const user = (name: string) =>
    `- name: ${name}\n  user: {client-certificate-data: ${Buffer.from(name).toString('base64')}}\n`;
  const root = rootOf(node([kubelet(['--kubeconfig=/k'])], { '/k': `users:\n${user('a')}${user('b')}` }));
  const [facts] = (await evidenceOf(root)).kubelets[0]?.clientCertificates ?? [];
  assert.deepEqual(facts, { path: '/k', problem: 'it embeds several, and which of them counts was not read' });
});

for (const { name, run, options } of runs) {
  test(`the node’s own addresses are those that a serving certificate must have, under ${name}`, options, async () => {
    const files = {
      '/proc/net/fib_trie':
        'Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.0.7.8\n        /32 host LOCAL\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 10.0.7.255\n        /32 link BROADCAST\n',
      '/proc/net/if_inet6':
        '00000000000000000000000000000001 01 80 10 80       lo\nfe80000000000000004005fffe0a0708 02 40 20 80     eth0\n2a05d01800000000000000000000000b 02 40 00 80     eth0\nnonsense\n',
    };
    assert.deepEqual((await evidenceOf(rootOf(node([kubelet([])], files)), run)).addresses, [
      '10.0.7.8',
      '2a05:d018::b',
    ]);
  });
}
