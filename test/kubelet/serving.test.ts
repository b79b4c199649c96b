import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { KubeletProcess } from '../../lambda/kubelet/evidence.ts';

const later = (...argv: string[]) => {
  const process: KubeletProcess = {
    pid: 1,
    host: 'kubelet',
    argv: ['--kubeconfig=/k', '--container-runtime-endpoint=unix:///x', ...argv],
    cwd: '/',
    version: 'v1.32.3',
    files: [],
    dropInDirectories: [],
    kubeconfigs: [],
    clientCertificates: [],
    servingCertificates: [],
    authorities: [],
  };
  const configuration = derive(process);
  assert.equal(configuration.starts, true, 'error' in configuration ? configuration.error : '');
  return configuration.starts === true ? configuration.later.map(({ error }) => error) : [];
};

// x/net/http2, ConfigureServer: one of two suites must be there, unless TLS 1.3 is all that is spoken.
test('a list of cipher suites without one that HTTP/2 needs ends the kubelet', () => {
  const [error = '', ...more] = later('--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384');
  assert.match(error, /^Failed to listen and serve: http2: TLSConfig\.CipherSuites is missing an HTTP\/2-required/);
  assert.deepEqual(more, []);
});

test('with one of them, without any list, or with TLS 1.3 alone it serves', () => {
  const needed = '--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256';
  assert.deepEqual(later(needed), []);
  assert.deepEqual(later(), []);
  const other = '--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384';
  assert.deepEqual(later(other, '--tls-min-version=VersionTLS13'), []);
  assert.deepEqual(later(other, '--enable-server=false'), []);
});
