import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { type CertificateLife, certificatesOf } from '../../lambda/judging/certificates.ts';
import { NodeLineSchema } from '../../lambda/results/node-line.ts';
import { byFlag, type Case, certificate, DAY, NOW, node } from '../rules/node.ts';

const OWN = '/var/lib/kubelet/pki/kubelet-client-current.pem';
const SERVER = '/var/lib/kubelet/pki/kubelet-server-current.pem';
const rotating = { rotateCertificates: byFlag(true, '--rotate-certificates') };
const serving = (path: string, from: number, to: number) => ({
  servingCertificates: [{ path, notBefore: NOW + from * DAY, notAfter: NOW + to * DAY }],
});
const inDays = (days: number) => new Date((NOW + days * DAY) * 1000).toISOString();

function lives(given: Case): CertificateLife[] {
  const view = node(given);
  return certificatesOf([{ process: view.kubelet, configuration: view.configuration }], view);
}

const cases: [what: string, given: Case, renews: (boolean | undefined)[]][] = [
  ['rotation on', { settings: rotating, kubelet: certificate(-100, 265) }, [true]],
  ['rotation off', { kubelet: certificate(-100, 265) }, [false]],
  ['rotation on, but the renewal overdue', { settings: rotating, kubelet: certificate(-350, 15) }, [false]],
  [
    'rotation on, but what should be a link is a file',
    {
      settings: rotating,
      kubelet: { ...certificate(-10, 355), files: [{ path: OWN, role: 'client-certificate', state: 'file' }] },
    },
    [false],
  ],
  ['rotation on, but it has expired', { settings: rotating, kubelet: certificate(-366, -1) }, [false]],
  [
    'an issuer of its own',
    {
      bootstraps: false,
      credentials: { kind: 'client-certificate', path: '/etc/vault/node.pem', inCertDir: false, where: '/k' },
      kubelet: certificate(-1, 2, '/etc/vault/node.pem'),
    },
    [undefined],
  ],
  ['evidence that does not suffice', { problem: 'x', kubelet: certificate(-100, 265) }, []],
  ['no certificate', {}, []],
  [
    'a serving certificate that the kubelet asked for',
    {
      settings: { serverTLSBootstrap: byFlag(true, '--rotate-server-certificates') },
      kubelet: serving(SERVER, -100, 265),
    },
    [true],
  ],
  [
    'a serving certificate whose renewal is overdue',
    {
      settings: { serverTLSBootstrap: byFlag(true, '--rotate-server-certificates') },
      kubelet: serving(SERVER, -350, 15),
    },
    [false],
  ],
  ['one that it once asked for', { kubelet: serving(SERVER, -100, 265) }, [false]],
  ['a self-signed one', { kubelet: serving('/var/lib/kubelet/pki/kubelet.crt', -100, 265) }, [false]],
  [
    'one of tlsCertFile',
    {
      settings: { tlsCertFile: byFlag('/etc/tls.pem', '--tls-cert-file') },
      kubelet: serving('/etc/tls.pem', -100, 265),
    },
    [undefined],
  ],
];

for (const [what, given, renews] of cases) {
  test(`certificates: with ${what}, renews is ${renews.join()}`, () => {
    const found = lives(given);
    assert.deepEqual(
      found.map((each) => each.renews),
      renews,
    );
    const line = { node: { id: 'i-1' }, coverage: 'evaluated', certificates: found, findings: [] };
    assert.doesNotThrow(() => v.parse(NodeLineSchema, JSON.parse(JSON.stringify(line))));
  });
}

test('certificates: the first to end comes first, equal ones once, and what no calendar has is left out', () => {
  const authority = { path: '/etc/kubernetes/pki/ca.crt', of: 'client-ca', notAfter: NOW + 3000 * DAY } as const;
  const found = lives({
    settings: rotating,
    kubelet: {
      ...certificate(-100, 265),
      ...serving('/var/lib/kubelet/pki/kubelet.crt', -10, 20),
      authorities: [authority, { ...authority, of: 'kubeconfig' }, { ...authority, notAfter: 1e300 }],
    },
  });
  assert.deepEqual(found, [
    {
      role: 'serving',
      path: '/var/lib/kubelet/pki/kubelet.crt',
      notAfter: inDays(20),
      renews: false,
      why: 'it signed itself, and the kubelet never renews such a one',
    },
    { role: 'client', path: OWN, notAfter: inDays(265), renews: true },
    { role: 'authority', path: authority.path, notAfter: inDays(3000) },
  ]);
});
