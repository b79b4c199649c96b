import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorityFacts, CertificateFacts } from '../../../lambda/kubelet/evidence.ts';
import { addFact } from '../../../lambda/nodes/answer/certificate.ts';

function facts(...records: [string, string][]): CertificateFacts {
  const made: CertificateFacts = { path: '/c.pem' };
  for (const [word, value] of records) assert.ok(addFact(made, word, value), `${word} ${value}`);
  return made;
}

test('records become facts', () => {
  assert.deepEqual(
    facts(
      ['issuer', 'CN=kubernetes'],
      ['from', '1700000000'],
      ['to', '1731536000'],
      ['subject', 'CN=system:node:a,O=system:nodes'],
      ['name', 'DNS:a.internal'],
      ['name', 'IP:10.0.0.1'],
      ['name', 'IP:fd00:0000:0000:0000:0000:0000:0000:0001'],
      ['serial', '4b56'],
      ['sha256', 'aa'],
    ),
    {
      path: '/c.pem',
      issuer: 'CN=kubernetes',
      notBefore: 1_700_000_000,
      notAfter: 1_731_536_000,
      subject: 'CN=system:node:a,O=system:nodes',
      names: ['DNS:a.internal', 'IP:10.0.0.1', 'IP:fd00::1'],
      serial: '4b56',
      fingerprint: 'aa',
    },
  );
  const [damaged, large] = ['its certificate is damaged', 'larger than is read'];
  assert.deepEqual(facts(['problem', damaged]), { path: '/c.pem', problem: damaged, damaged: true });
  assert.deepEqual(facts(['problem', large]), { path: '/c.pem', problem: large });
  const authority = { path: '/ca.crt', of: 'client-ca' } as AuthorityFacts;
  assert.ok(addFact(authority, 'problem', damaged));
  assert.deepEqual(authority, { path: '/ca.crt', of: 'client-ca', problem: damaged, damaged: true });
});

test('what is no fact of a certificate is told, and changes nothing', () => {
  const cases: [string, string][] = [
    ['from', 'yesterday'],
    ['to', '9'.repeat(16)],
    ['name', 'x'],
    ['name', 'URI:spiffe://x'],
    ['exe', '/usr/bin/kubelet'],
    ['', ''],
  ];
  for (const [word, value] of cases) {
    const made: CertificateFacts = { path: '/c.pem' };
    assert.equal(addFact(made, word, value), false, `${word} ${value}`);
    assert.deepEqual(made, { path: '/c.pem' });
  }
});

test('names are bounded, and one that is no address stays as it is', () => {
  const made = facts(...Array.from({ length: 32 }, (): [string, string] => ['name', 'DNS:a']));
  assert.equal(addFact(made, 'name', 'DNS:b'), false);
  for (const name of ['IP:x:y', 'IP:10.0.0.1', 'IP:x@h/', 'IP:']) assert.deepEqual(facts(['name', name]).names, [name]);
});
