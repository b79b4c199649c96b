import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateFacts } from '../../../lambda/nodes/answer/certificate.ts';
import { clientCertificate } from '../../../simulator/fleet/certificate.ts';

const path = '/var/lib/kubelet/pki/kubelet-client-current.pem';

test('facts come from what openssl prints', () => {
  const lines = [
    'subject=CN=system:node:ip-10-0-1-2,O=system:nodes',
    'issuer=CN=kubernetes',
    'serial=4B56472A',
    'notBefore=Nov 23 14:54:00 2025 GMT',
    'notAfter=Nov 23 14:54:00 2026 GMT',
    'sha256 Fingerprint=AB:CD:01',
  ].join('\n');
  assert.deepEqual(certificateFacts(path, lines), {
    path,
    subject: 'CN=system:node:ip-10-0-1-2,O=system:nodes',
    issuer: 'CN=kubernetes',
    serial: '4b56472a',
    notBefore: Date.UTC(2025, 10, 23, 14, 54) / 1000,
    notAfter: Date.UTC(2026, 10, 23, 14, 54) / 1000,
    fingerprint: 'abcd01',
  });
});

test('a subject cannot stand for another line', () => {
  const name = 'CN=issuer=serial=notBefore=notAfter=sha256 Fingerprint=x';
  const lines = [
    `subject=${name}`,
    'issuer=CN=kubernetes',
    'serial=01',
    'notBefore=Nov 23 14:54:00 2025 GMT',
    'notAfter=Nov 23 14:54:00 2026 GMT',
    'sha256 Fingerprint=AB',
  ].join('\n');
  assert.deepEqual(certificateFacts(path, lines), {
    path,
    subject: name,
    issuer: 'CN=kubernetes',
    serial: '01',
    notBefore: Date.UTC(2025, 10, 23, 14, 54) / 1000,
    notAfter: Date.UTC(2026, 10, 23, 14, 54) / 1000,
    fingerprint: 'ab',
  });
});

test('facts come from the certificate block where a node has no openssl', () => {
  const notBefore = Date.UTC(2026, 0, 1) / 1000;
  const { certificate } = clientCertificate('ip-10-0-1-2', notBefore, notBefore + 86_400);
  const facts = certificateFacts(path, certificate);
  assert.equal(facts.subject, 'CN=system:node:ip-10-0-1-2,O=system:nodes');
  assert.equal(facts.issuer, 'CN=kubernetes');
  assert.equal(facts.notBefore, notBefore);
  assert.equal(facts.notAfter, notBefore + 86_400);
  assert.match(facts.fingerprint ?? '', /^[0-9a-f]{64}$/);
});

test('what is no certificate is a problem', () => {
  assert.match(certificateFacts(path, '').problem ?? '', /no certificate/);
  assert.match(certificateFacts(path, 'unable to load certificate').problem ?? '', /no dates/);
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
  assert.match(certificateFacts(path, broken).problem ?? '', /damaged/);
});
