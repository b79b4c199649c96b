/** Whatever a node answers, its findings are bounded plain lines, and nothing throws. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evaluate, rules } from '../../lambda/judging/index.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { Evidence, FileEvidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { NOW } from './node.ts';

const LONGEST_LINE = 2_000;

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('', '\n\u001b[2J', '<script>', '=cmd()', '__proto__', '/'.repeat(5_000), '\u202eexe', '1e999', '-1'),
);
const path = fc.oneof(
  nasty,
  fc.constantFrom('/var/lib/kubelet/config.yaml', '/etc/kubernetes/kubelet.conf', '/a.conf'),
);
const number = fc.oneof(fc.integer(), fc.constantFrom(Number.MAX_SAFE_INTEGER, -1, 0, 1e300));

const argument = fc.oneof(
  nasty,
  fc
    .tuple(
      fc.constantFrom(
        'config',
        'kubeconfig',
        'rotate_certificates',
        'anonymous-auth',
        'feature-gates',
        'hostname-override',
        'client-ca-file',
        'cert-dir',
        'tls-cipher-suites',
        'pod-max-pids',
      ),
      fc.oneof(path, fc.constantFrom('true', 'false', 'RotateKubeletServerCertificate=false', '5')),
    )
    .map(([name, value]) => `--${name}=${value}`),
);

const content = fc.oneof(
  nasty,
  fc
    .tuple(
      fc.constantFrom('rotateCertificates', 'readOnlyPort', 'tlsCertFile', 'podPidsLimit', 'metricsBindAddress'),
      fc.oneof(nasty, fc.constantFrom('true', 'false', '1')),
    )
    .map(([key, value]) => `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${key}: ${value}\n`),
);

const file: fc.Arbitrary<FileEvidence> = fc.record(
  {
    path,
    role: fc.constantFrom(
      'config',
      'drop-in',
      'kubeconfig',
      'client-ca',
      'service',
      'environment',
      'proxy-config',
      'proxy-kubeconfig',
    ),
    state: fc.constantFrom('file', 'missing', 'directory', 'unreadable', 'other'),
    mode: fc.oneof(nasty, fc.constantFrom('600', '644', '7777')),
    uid: number,
    gid: number,
    modifiedAt: number,
    content,
    flags: fc.array(fc.record({ name: nasty, line: number }), { maxLength: 3 }),
  },
  { requiredKeys: ['path', 'role', 'state'] },
);

const kubelet: fc.Arbitrary<KubeletProcess> = fc.record(
  {
    pid: number,
    host: fc.constantFrom('kubelet', 'hyperkube', 'k3s', 'microk8s'),
    argv: fc.array(argument, { maxLength: 6 }),
    cwd: path,
    unit: nasty,
    version: fc.oneof(nasty, fc.constantFrom('v1.18.2', 'v1.32.3-eks-1', 'v1.999999999999.0')),
    startedAt: number,
    files: fc.array(file, { maxLength: 6 }),
    dropInDirectories: fc.constant([]),
    kubeconfigs: fc.array(
      fc.record(
        { path, state: fc.constantFrom('read', 'missing', 'unreadable'), clientCertificate: path, problem: nasty },
        { requiredKeys: ['path', 'state'] },
      ),
      { maxLength: 2 },
    ),
    clientCertificates: fc.array(
      fc.record({ path, notBefore: number, notAfter: number, problem: nasty }, { requiredKeys: ['path'] }),
      { maxLength: 3 },
    ),
    servingCertificates: fc.array(
      fc.record({ path, notBefore: number, notAfter: number, problem: nasty }, { requiredKeys: ['path'] }),
      { maxLength: 2 },
    ),
    authorities: fc.array(
      fc.record(
        { path, of: fc.constantFrom('kubeconfig', 'client-ca'), notAfter: number, subject: nasty },
        { requiredKeys: ['path', 'of'] },
      ),
      { maxLength: 3 },
    ),
  },
  {
    requiredKeys: [
      'pid',
      'host',
      'argv',
      'cwd',
      'files',
      'dropInDirectories',
      'kubeconfigs',
      'clientCertificates',
      'servingCertificates',
      'authorities',
    ],
  },
);

test('hostile evidence gives bounded lines and never throws', () => {
  const names = rules.map(({ name }) => name);
  fc.assert(
    fc.property(
      fc.array(kubelet, { minLength: 1, maxLength: 3 }),
      fc.record({ id: nasty, version: nasty }),
      fc.array(
        fc.record({
          pid: number,
          argv: fc.array(argument, { maxLength: 3 }),
          cwd: path,
          files: fc.array(file, { maxLength: 2 }),
        }),
        { maxLength: 2 },
      ),
      fc.dictionary(nasty, nasty, { maxKeys: 3 }),
      (kubelets, os, proxies, tags) => {
        const evidence: Evidence = { format: 2, collectedAt: NOW, os, kubelets, proxies, notes: [] };
        const input = kubelets.map((process) => ({ process, configuration: derive(process) }));
        const findings = evaluate({ evidence, kubelets: input, tags, now: NOW }, { rules: names });
        assert.equal(findings.length, names.length);
        for (const { reason, remediation = [], advisories } of findings) {
          for (const text of [
            reason,
            ...remediation.flatMap(({ text, command = '' }) => [text, command]),
            ...advisories.map((advisory) => advisory.text),
          ]) {
            assert.match(text, /^[^\p{Cc}\u2028\u2029\u202a-\u202e]*$/u);
            assert.ok(text.length <= LONGEST_LINE, `${text.length}: ${text}`);
          }
        }
        assert.deepEqual(JSON.parse(JSON.stringify(findings)), findings);
      },
    ),
    { numRuns: 300 },
  );
});
