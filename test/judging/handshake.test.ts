/** What is said of a kubelet's serving certificate, and what a caller that trusts the cluster's authority makes of it: TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect, createServer } from 'node:tls';
import {
  authorityCertificate,
  type KeyPair,
  selfSignedCertificate,
  servingCertificate,
} from '../../simulator/fleet/certificate.ts';
import { configuration, kubeadm } from '../../simulator/fleet/images.ts';
import { changed, type Expected, findings, NOW } from './roots.ts';

const DAY = 86_400;
const HOST = 'ip-10-0-7-8.eu-central-1.compute.internal';
const authority = authorityCertificate(NOW - 500 * DAY, NOW + 3000 * DAY);
const signed = (from: number, to: number, host = HOST) =>
  servingCertificate(HOST, NOW + from * DAY, NOW + to * DAY, [host], authority.key);

/** How the handshake ends for a caller of the API server's kind: `authorized`, or the code of what is wrong. */
async function handshake({ certificate, key }: KeyPair): Promise<string> {
  const server = createServer({ cert: certificate, key }, (socket) => socket.end());
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, servername: HOST, ca: [authority.certificate] });
  try {
    await once(socket, 'secureConnect');
    return 'authorized';
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
    server.close();
  }
}

/** A node whose kubelet serves this pair, as tlsCertFile or as the one that it made itself. */
function serves({ certificate, key }: KeyPair, own: boolean) {
  const [path, files] = own ? ['/var/lib/kubelet/pki/kubelet', []] : ['/srv/tls', ['/srv/tls.crt', '/srv/tls.key']];
  const config = configuration(
    'rotateCertificates: true',
    ...(own ? [] : [`tlsCertFile: ${files[0]}`, `tlsPrivateKeyFile: ${files[1]}`]),
  );
  return changed(kubeadm({ host: HOST, version: 'v1.31.6', startedAt: NOW - 20 * DAY }, { config }), {
    files: {
      [`${path}.crt`]: certificate,
      [`${path}.key`]: { text: key, mode: '600' },
      '/proc/sys/kernel/hostname': `${HOST}\n`,
    },
  });
}

const good: Expected = {
  'serving-certificate-expiry': ['pass', /in 3\d\d days/],
  'tls-serving-certificate': ['pass', /./],
};
const CASES: Record<string, { pair: KeyPair; own?: true; ends: string; expected: Expected }> = {
  'signed by the authority, for this node': { pair: signed(-5, 360), ends: 'authorized', expected: good },
  expired: {
    pair: signed(-465, -9),
    ends: 'CERT_HAS_EXPIRED',
    expected: { 'serving-certificate-expiry': ['fail', /tls\.crt expired on/] },
  },
  'for a later day': {
    pair: signed(5, 360),
    ends: 'CERT_NOT_YET_VALID',
    expected: { 'serving-certificate-expiry': ['fail', /is not valid before/] },
  },
  'for another name': {
    pair: signed(-5, 360, 'old-node.example.org'),
    ends: 'ERR_TLS_CERT_ALTNAME_INVALID',
    expected: { 'serving-certificate-expiry': ['fail', /is for old-node\.example\.org, and this node is/] },
  },
  'of an authority that the caller does not trust: the kubelet itself': {
    pair: selfSignedCertificate(HOST, NOW - 20 * DAY),
    own: true,
    ends: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    expected: { 'tls-serving-certificate': ['fail', /signed itself, which no client can verify/] },
  },
};

for (const [name, { pair, own = false, ends, expected }] of Object.entries(CASES)) {
  test(`a serving certificate ${name}`, async () => {
    assert.equal(await handshake(pair), ends);
    const found = await findings(serves(pair, own));
    for (const [rule, [status, reason]] of Object.entries(expected)) {
      const finding = found.find((each) => each.rule === rule);
      assert.equal(finding?.status, status, `${rule}: ${finding?.reason}`);
      assert.match(finding?.reason ?? '', reason);
    }
  });
}
