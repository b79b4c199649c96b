/** Kinds of Windows nodes from the recorded answer to the findings: one in order, and three with a fault each. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { Finding } from '../../../lambda/criteria/rule.ts';
import { judge } from '../../../lambda/judging/judge.ts';
import { readAnswer } from '../../../lambda/nodes/answer/evidence.ts';
import { platformOf } from '../../../lambda/platforms/index.ts';
import { recordedOnWindows, WINDOWS_NODES } from '../../../simulator/fleet/windows.ts';
import { envelope } from '../../../simulator/hostile/envelope.ts';
import { NOW } from '../../judging/roots.ts';

/** Recorded answer → its kind, and what its findings say. */
const EXPECTED: Readonly<Record<string, [kind: string, ...[rule: string, status: string, reason: RegExp][]]>> = {
  'eks-windows': [
    'eks-windows',
    ['anonymous-auth', 'pass', /false from C:\\ProgramData\\kubernetes\\kubelet-config\.json/],
    ['read-only-port', 'pass', /is 0/],
    ['rotate-client-certificates', 'not-applicable', /exec plugin C:\\Program Files\\Amazon\\EKS/],
    ['serving-certificate-expiry', 'pass', /C:\\var\\lib\\kubelet\\pki\\kubelet-server-current\.pem/],
    ['kubelet-restart', 'pass', /would start again/],
    ['next-version', 'pass', /would start/],
    [
      'kubelet-config-permissions',
      'not-applicable',
      /owned by Administrators, and may be written by SYSTEM, Administrators/,
    ],
    ['trusted-authority-expiry', 'pass', /cluster_ca\.crt/],
    ['kube-proxy-metrics-bind-address', 'pass', /127\.0\.0\.1/],
  ],
  'eks-windows-anonymous': ['eks-windows', ['anonymous-auth', 'fail', /flag --anonymous-auth=true/]],
  'eks-windows-read-only-port': ['eks-windows', ['read-only-port', 'fail', /10255 from C:\\ProgramData/]],
  'eks-windows-unreadable': [
    'eks-windows',
    ['anonymous-auth', 'error', /./],
    [
      'kubelet-restart',
      'error',
      /kubelet-config\.json could not be read: a value of clusterdomain in characters that are not sent/,
    ],
    ['rotate-client-certificates', 'error', /./],
  ],
  windows: [
    'windows',
    ['rotate-client-certificates', 'pass', /rotateCertificates is true from C:\\var\\lib\\kubelet\\config\.yaml/],
    ['client-certificate-expiry', 'pass', /./],
    ['client-ca-file', 'pass', /C:\\var\\lib\\kubelet\\etc\\kubernetes\\pki\\ca\.crt/],
    ['kubelet-restart', 'pass', /would start again/],
  ],
  'windows-no-rotation': [
    'windows',
    ['rotate-client-certificates', 'fail', /rotateCertificates is false from C:\\var/],
  ],
  'windows-anonymous': ['windows', ['anonymous-auth', 'fail', /true from C:\\var\\lib\\kubelet\\config\.yaml/]],
  'windows-expired': ['windows', ['client-certificate-expiry', 'fail', /expired/]],
};

test('every simulated node has its recorded answer, and each is looked at', () => {
  const files = readdirSync(new URL('../../../simulator/fleet/windows/', import.meta.url));
  const names = Object.keys(WINDOWS_NODES).sort();
  assert.deepEqual(files.map((file) => file.replace(/\.txt$/, '')).sort(), names);
  assert.deepEqual(Object.keys(EXPECTED).sort(), names);
});

for (const [name, [kind, ...expected]] of Object.entries(EXPECTED)) {
  test(name, () => {
    const answer = readAnswer(envelope(recordedOnWindows(name)));
    assert.ok('evidence' in answer, JSON.stringify(answer));
    const { evidence } = answer;
    const [kubelet] = evidence.kubelets;
    assert.ok(kubelet);
    assert.equal(platformOf({ evidence, kubelet, tags: {} }).name, kind);
    const node = judge({ id: 'i-0', tags: {}, evidence }, { now: NOW, benchmarks: ['cis-kubernetes-1.11'] });
    assert.ok('findings' in node);
    for (const [rule, status, reason] of expected) {
      const found: Finding = node.findings.find((each) => each.rule === rule) ?? assert.fail(rule);
      assert.equal(found.status, status, `${rule}: ${found.reason}`);
      assert.match(found.reason, reason, rule);
    }
  });
}
