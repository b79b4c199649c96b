import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { KubeletProcess } from '../../lambda/kubelet/evidence.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

const later = (...argv: string[]) => laterIn('v1.32.3', '', ...argv);

const laterIn = (version: string, config: string, ...argv: string[]) => {
  const process: KubeletProcess = {
    pid: 1,
    host: 'kubelet',
    argv: ['--kubeconfig=/k', '--container-runtime-endpoint=unix:///x', ...(config && ['--config=/c.yaml']), ...argv],
    cwd: '/',
    version,
    files: config === '' ? [] : [{ path: '/c.yaml', role: 'config', state: 'file', content: HEAD + config }],
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

// cmd/kubelet/app/server.go, RunKubelet, 1.22 to 1.26: the gate is off by default up to 1.24 and locked on from 1.27.
const seccomp: readonly [version: string, config: string, isRefused: boolean][] = [
  ['v1.22.17', 'seccompDefault: true\n', true],
  ['v1.24.17', 'seccompDefault: true\n', true],
  ['v1.24.17', 'seccompDefault: true\nfeatureGates: {SeccompDefault: true}\n', false],
  ['v1.24.17', 'seccompDefault: false\n', false],
  ['v1.25.16', 'seccompDefault: true\n', false],
  ['v1.26.9', 'seccompDefault: true\nfeatureGates: {AllBeta: false}\n', true],
  ['v1.27.9', 'seccompDefault: true\n', false],
];

for (const [version, config, isRefused] of seccomp) {
  test(`seccompDefault of ${version} with ${JSON.stringify(config)} ${isRefused ? 'ends the kubelet' : 'is taken'}`, () => {
    const [error = ''] = laterIn(version, config);
    assert.equal(
      /SeccompDefault feature gate must be enabled in order to use the SeccompDefault configuration/.test(error),
      isRefused,
    );
  });
}
