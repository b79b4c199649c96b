/** Node lines and scans that tests of reports share: small, and of every kind that a report must show. */

import type { Finding } from '../../lambda/criteria/rule.ts';
import type { Settings } from '../../lambda/kubelet/configuration.ts';
import type { Evidence } from '../../lambda/kubelet/evidence.ts';
import type {
  EvaluatedLine,
  NodeIdentity,
  UnreachableLine,
  UnreachableReason,
} from '../../lambda/results/node-line.ts';
import type { ScanFacts } from '../../lambda/results/summary.ts';
import type { Answer } from './memory.ts';

export const target = { account: '123456789012', region: 'eu-central-1' };

export const scan: ScanFacts = {
  scanId: '20261123T020000Z',
  scheduledAt: '2026-11-23T02:00:00.000Z',
  startedAt: '2026-11-23T02:00:07.000Z',
  finishedAt: '2026-11-23T02:01:09.000Z',
  settings: { benchmarks: [], expiryDays: 30 },
};

const defaults = { kind: 'default' } as const;

export const settings: Settings = {
  rotateCertificates: {
    value: false,
    source: { kind: 'drop-in', where: '/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf' },
    overrode: [{ value: true, source: { kind: 'file', where: '/etc/kubernetes/kubelet/config.json' } }],
  },
  serverTLSBootstrap: { value: true, source: { kind: 'flag', where: '--rotate-server-certificates' } },
  readOnlyPort: { value: 0, source: defaults },
  'authentication.anonymous.enabled': { value: false, source: defaults },
  'authentication.webhook.enabled': { value: true, source: defaults },
  'authentication.x509.clientCAFile': {
    value: '/etc/kubernetes/pki/ca.crt',
    source: { kind: 'file', where: '/etc/kubernetes/kubelet/config.json' },
  },
  'authorization.mode': { value: 'Webhook', source: defaults },
  tlsCertFile: { value: '', source: defaults },
  tlsPrivateKeyFile: { value: '', source: defaults },
  tlsCipherSuites: { value: [], source: defaults },
  tlsMinVersion: { value: '', source: defaults },
  streamingConnectionIdleTimeout: { value: '4h0m0s', source: defaults },
  makeIPTablesUtilChains: { value: true, source: defaults },
  eventRecordQPS: { value: 50, source: defaults },
  podPidsLimit: { value: -1, source: defaults },
  protectKernelDefaults: { value: false, source: defaults },
  featureGates: { value: { RotateKubeletServerCertificate: true }, source: defaults },
  seccompDefault: { value: false, source: defaults },
};

/** A finding of a status, with what the status needs. */
export function finding(rule: string, status: Finding['status'], more: Partial<Finding> = {}): Finding {
  return {
    rule,
    controls: [{ benchmark: 'cis-kubernetes-1.5.1', control: '4.2.11' }],
    status,
    reason: `The setting of ${rule} says so (/var/lib/kubelet/config.yaml).`,
    advisories: [],
    ...(status === 'fail' && {
      audit: 'fail',
      remediation: [{ text: `Set what ${rule} asks for.` }, { text: 'Restart the kubelet.' }],
    }),
    ...more,
  };
}

/** An evaluated node of the sample target. */
export function evaluated(id: string, findings: Finding[], more: Partial<NodeIdentity> = {}): EvaluatedLine {
  return {
    node: { id, ...target, cluster: 'blue', name: `${id}-worker`, ...more },
    coverage: 'evaluated',
    kubelet: { pid: 1042, version: 'v1.32.3', settings },
    findings,
  };
}

/** A node of the sample target that did not answer. */
export function unreachable(id: string, reason: UnreachableReason): UnreachableLine {
  return {
    node: { id, ...target, cluster: 'blue' },
    coverage: 'unreachable',
    reason,
    detail: 'The SSM agent has not answered for 3 days; look at its log on the node.',
    findings: [],
  };
}

export const evidence: Evidence = {
  format: 2,
  collectedAt: 1_795_312_810,
  os: { id: 'amzn', version: '2023' },
  kubelets: [],
  proxies: [],
  notes: [],
};

/** One target's answers: each status, a waiver, an advisory, an unreachable node. */
export const answers: Answer[] = [
  { line: evaluated('i-01', [finding('rotate-client-certificates', 'pass')]), evidence, tags: { env: 'prod' } },
  {
    line: evaluated('i-02', [
      finding('rotate-client-certificates', 'fail'),
      finding('anonymous-auth', 'fail', { waiver: { reason: 'Migration', owner: 'ana', until: '2027-01-31' } }),
    ]),
    evidence,
  },
  {
    line: evaluated('i-03', [
      finding('rotate-client-certificates', 'not-applicable', {
        advisories: [{ id: 'two-serving-certificates', text: 'Callers may get another certificate.' }],
      }),
      finding('anonymous-auth', 'manual'),
    ]),
    evidence,
  },
  { line: { ...evaluated('i-04', [finding('rotate-client-certificates', 'error')]), kubelet: { pid: 7 } }, evidence },
  { line: unreachable('i-05', 'connection-lost') },
];
