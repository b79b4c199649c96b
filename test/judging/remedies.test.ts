/**
 * Every remedy on every kind of node, for nodes on which everything is wrong: one action a step, and only what is there.
 * Long because what each kind has stands in one table.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../lambda/criteria/rule.ts';
import { evaluate, rules } from '../../lambda/judging/index.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { Evidence, FileEvidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { platformOf, platforms } from '../../lambda/platforms/index.ts';
import { NODES } from '../../simulator/fleet/node-types.ts';
import { checkStep } from './steps.ts';

const DAY = 86_400;
const NOW = Date.parse('2026-11-27T00:00:00Z') / 1000;
/** Ahead of any end of a scan. Seconds. */
const SKEW = 86_400;
const OWN = '/var/lib/kubelet/pki/kubelet-client-current.pem';
const SERVING = '/var/lib/kubelet/pki/kubelet-server-current.pem';

/** Every setting as no rule wants it. */
const FLAGS = [
  '--anonymous-auth=true',
  '--authorization-mode=AlwaysAllow',
  '--client-ca-file=',
  '--read-only-port=10255',
  '--streaming-connection-idle-timeout=0',
  '--make-iptables-util-chains=false',
  '--protect-kernel-defaults=false',
  '--rotate-certificates=false',
  '--event-qps=1',
  '--hostname-override=node-7',
  '--tls-min-version=VersionTLS10',
  '--tls-cipher-suites=TLS_RSA_WITH_AES_128_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  '--pod-max-pids=-1',
  '--healthz-bind-address=0.0.0.0',
  '--fail-swap-on=false',
  '--allowed-unsafe-sysctls=net.*',
  '--pod-manifest-path=/etc/kubernetes/manifests',
  '--seccomp-default=false',
];

type Change = (kubelet: KubeletProcess) => Partial<KubeletProcess>;
const flags =
  (...more: string[]): Change =>
  ({ argv }) => ({ argv: [...argv, ...more] });
const certificate =
  (from: number, to: number, more: Partial<KubeletProcess> = {}): Change =>
  (kubelet) => ({
    clientCertificates: [OWN, ...kubelet.kubeconfigs.flatMap(({ clientCertificate = [] }) => clientCertificate)].map(
      (path) => ({
        path,
        notBefore: NOW + from * DAY,
        notAfter: NOW + to * DAY,
        subject: 'CN=admin,O=system:masters',
      }),
    ),
    servingCertificates: [SERVING, '/var/lib/kubelet/pki/kubelet.crt'].map((path) => ({
      path,
      notBefore: NOW + from * DAY,
      notAfter: NOW + to * DAY,
      names: ['IP:10.9.9.9'],
    })),
    authorities: [
      {
        of: 'client-ca',
        path: '/etc/kubernetes/pki/ca.crt',
        subject: 'CN=a',
        notBefore: NOW + from * DAY,
        notAfter: NOW + to * DAY,
      },
    ],
    ...more,
  });
const file = (path: string, role: FileEvidence['role']): FileEvidence => ({
  path,
  role,
  state: 'file',
  mode: '666',
  uid: 1000,
  gid: 1000,
  modifiedAt: NOW - 9 * DAY,
});
const certificateKubeconfig: Change = ({ kubeconfigs }) => ({
  kubeconfigs: kubeconfigs.map(({ path }) => ({ path, state: 'read', user: 'node', clientCertificate: OWN })),
});
const all =
  (...changes: Change[]): Change =>
  (kubelet) =>
    changes.reduce<KubeletProcess>((made, change) => Object.assign(made, change(made)), structuredClone(kubelet));

const WRONG: Readonly<Record<string, Change>> = {
  flags: flags(...FLAGS),
  'another API server': flags(
    '--manifest-url=http://x/',
    '--feature-gates=AllAlpha=true',
    '--feature-gates=RotateKubeletServerCertificate=false',
  ),
  'no certificate of a CA': flags('--rotate-server-certificates=false', '--tls-cert-file=/pki/a.crt'),
  'a given certificate': all(flags('--tls-cert-file=/pki/a.crt', '--tls-private-key-file=/pki/a.key'), () => ({
    servingCertificates: [{ path: '/pki/a.crt', notBefore: NOW - 400 * DAY, notAfter: NOW - DAY }],
  })),
  expired: all(certificateKubeconfig, certificate(-400, -1), flags('--rotate-certificates=false')),
  'expired and rotating': all(
    certificateKubeconfig,
    certificate(-400, -1),
    flags('--rotate-certificates=true', '--rotate-server-certificates=true'),
  ),
  soon: all(certificateKubeconfig, certificate(-360, 5), flags('--rotate-certificates=false')),
  overdue: all(
    certificateKubeconfig,
    certificate(-360, 5),
    flags('--rotate-certificates=true', '--rotate-server-certificates=true'),
  ),
  early: all(
    certificateKubeconfig,
    certificate(5, 400),
    flags('--rotate-certificates=true', '--rotate-server-certificates=true'),
  ),
  'no link': all(certificateKubeconfig, certificate(-360, 5), flags('--rotate-certificates=true'), ({ files }) => ({
    files: [...files, file(OWN, 'client-certificate'), file(SERVING, 'serving-certificate')],
  })),
  'a refused flag': flags('--no-such-flag=1'),
  'open files': ({ files }) => ({
    files: [
      ...files.map((each) => ({ ...each, state: 'file' as const, mode: '666', uid: 1000, gid: 1000 })),
      file('/usr/lib/systemd/system/kubelet.service', 'service'),
      file('/etc/kubernetes/pki/ca.crt', 'client-ca'),
      file("/opt/it's\nhere", 'program'),
    ],
  }),
  'unseen files': ({ files }) => ({
    files: [...files, { path: '/opt/x y', role: 'environment', state: 'unreadable' }],
  }),
  'an old version': all(flags(...FLAGS.filter((flag) => !/seccomp|pids/.test(flag))), () => ({ version: 'v1.20.1' })),
  'an old version with gates': all(flags('--feature-gates=SeccompDefault=false'), () => ({ version: 'v1.25.1' })),
  'a newer version': all(flags(...FLAGS), () => ({ version: 'v1.28.5' })),
  'an exec plugin that rotates': all(flags('--rotate-certificates=true'), ({ kubeconfigs }) => ({
    kubeconfigs: kubeconfigs.map(({ path }) => ({ path, state: 'read', user: 'node', exec: { command: 'aws' } })),
  })),
  'bootstrapping for ever': all(
    flags('--bootstrap-kubeconfig=/etc/bootstrap.conf'),
    certificate(-400, -1),
    ({ kubeconfigs }) => ({
      kubeconfigs: [
        ...kubeconfigs.map(({ path }) => ({ path, state: 'missing' as const })),
        { path: '/etc/bootstrap.conf', state: 'missing' as const },
      ],
    }),
  ),
  'in a container': all(flags(...FLAGS), ({ files }) => ({
    contained: true,
    files: files.map((each) => ({ ...each, mode: '666', uid: 1000, gid: 1000 })),
  })),
};

const TAGS: readonly Readonly<Record<string, string>>[] = [{}, { 'karpenter.k8s.aws/ec2nodeclass': "it's; reboot" }];

function findingsOf(
  kind: string,
  change: Change,
  tags: Readonly<Record<string, string>>,
): { is: string; findings: Finding[] } {
  const { kubelet, os } = NODES[kind] ?? assert.fail(kind);
  const process: KubeletProcess = { ...kubelet, ...change(kubelet) };
  const evidence: Evidence = {
    format: 2,
    collectedAt: NOW + SKEW,
    os,
    kubelets: [process],
    proxies: [
      {
        pid: 7,
        argv: ['--metrics-bind-address=0.0.0.0'],
        cwd: '/',
        files: [file('/var/lib/kube-proxy/kubeconfig', 'proxy-kubeconfig')],
      },
      {
        pid: 8,
        argv: ['--config=/c'],
        cwd: '/',
        files: [{ ...file('/c', 'proxy-config'), content: 'metricsBindAddress: 0.0.0.0\n' }],
      },
    ],
    notes: [],
    addresses: ['10.0.0.1'],
  };
  const kubelets = [{ process, configuration: derive(process) }];
  const findings = evaluate({ evidence, kubelets, tags, now: NOW }, { rules: rules.map(({ name }) => name) });
  // Who has a certificate of an API server is of no EKS, for example.
  return { is: platformOf({ evidence, kubelet: process, tags }).name, findings };
}

const judged = new Map<string, ({ wrong: string } & ReturnType<typeof findingsOf>)[]>();

/** What is found on a kind, whatever is wrong; judged once. */
function foundOn(kind: string) {
  const found =
    judged.get(kind) ??
    Object.entries(WRONG).flatMap(([wrong, change]) =>
      TAGS.map((tags) => ({ wrong, ...findingsOf(kind, change, tags) })),
    );
  judged.set(kind, found);
  return found;
}

for (const { name: kind } of platforms) {
  test(`${kind}: whatever is wrong, each step is one action that can be taken there`, () => {
    for (const { wrong, is, findings } of foundOn(kind)) {
      for (const { rule, status, remediation } of findings) {
        if (status === 'fail') assert.ok(remediation, `${wrong}: ${rule}`);
        for (const step of remediation ?? []) checkStep(is, step);
      }
    }
  });
}

test('there is a remedy of every rule among them', () => {
  const findings = platforms.flatMap(({ name }) => foundOn(name)).flatMap((found) => found.findings);
  const told = new Set(findings.filter(({ remediation }) => remediation).map(({ rule }) => rule));
  assert.deepEqual(
    rules.map(({ name }) => name).filter((name) => !told.has(name)),
    [],
  );
});
