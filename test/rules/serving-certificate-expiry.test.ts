/** Long because it is one table of cases. */
import type { FileEvidence, KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { servingCertificateExpiry } from '../../lambda/rules/serving-certificate-expiry.ts';
import { type Case, DAY, inFile, NOW } from './node.ts';
import { table } from './table.ts';

const ROTATED = '/var/lib/kubelet/pki/kubelet-server-current.pem';
const SELF_SIGNED = '/var/lib/kubelet/pki/kubelet.crt';
const GIVEN = '/srv/kubernetes/kubelet-server.crt';

/** Days from now. */
const serves = (
  path: string,
  from: number,
  to: number,
  names?: string[],
): Pick<KubeletProcess, 'servingCertificates'> => ({
  servingCertificates: [{ path, notBefore: NOW + from * DAY, notAfter: NOW + to * DAY, ...(names && { names }) }],
});
const file = (path: string, given: Partial<FileEvidence> = {}): FileEvidence => ({
  path,
  role: 'serving-certificate',
  state: 'file',
  ...given,
});
/** The collector looked into --cert-dir. */
const CLIENT: FileEvidence = {
  path: '/var/lib/kubelet/pki/kubelet-client-current.pem',
  role: 'client-certificate',
  state: 'missing',
};
const bootstrap: Case = { settings: { serverTLSBootstrap: inFile(true) } };
const given: Case = {
  settings: { tlsCertFile: inFile(GIVEN), tlsPrivateKeyFile: inFile('/srv/kubernetes/kubelet-server.key') },
};
const here = { hostname: 'ip-10-0-1-2', addresses: ['10.0.1.2', '169.254.20.10', 'fd00::2'] };
const kops = { argv: ['--config=/var/lib/kubelet/kubelet.conf'] };
const eks: Case = { version: { text: 'v1.32.3-eks-473151a', minor: 32, known: true } };

table(servingCertificateExpiry, {
  'one that the kubelet renews': {
    ...bootstrap,
    kubelet: { ...serves(ROTATED, -100, 265), files: [file(ROTATED, { symlink: true })] },
    status: 'pass',
    reason: /kubelet-server-current\.pem expires on 2027-08-15, and the kubelet renews it/,
    remediation: false,
  },
  'past 90 % of its life: nobody approves its requests': {
    ...bootstrap,
    kubelet: serves(ROTATED, -335, 30),
    status: 'fail',
    reason: /in 30 days, and nothing will renew it: serverTLSBootstrap is on, but the renewal was due by 2026-11-16/,
    remediation: /something in the cluster approves .*kubectl get csr/,
  },
  'the same on EKS, which approves by itself': {
    ...bootstrap,
    ...eks,
    kubelet: { ...serves(ROTATED, -335, 30), kubeconfigs: [] },
    tags: { 'eks:cluster-name': 'shop' },
    status: 'fail',
    reason: /has not happened/,
    remediation: /^Look for the node's pending signing requests/,
  },
  'the same, but it has just started': {
    ...bootstrap,
    kubelet: { ...serves(ROTATED, -335, 30), startedAt: NOW - 60 },
    status: 'pass',
    reason: /the kubelet renews it/,
  },
  'expired: the kubelet serves none': {
    ...bootstrap,
    kubelet: serves(ROTATED, -366, -1),
    status: 'fail',
    reason: /expired on 2026-11-22: the kubelet serves it no more and has no other/,
  },
  'a file in place of the link': {
    ...bootstrap,
    kubelet: { ...serves(ROTATED, -10, 355), files: [file(ROTATED)] },
    status: 'fail',
    reason: /it is a file of its own instead of a link/,
    remediation: /ln -s/,
  },
  // kubernetes/kubernetes issue 73356; ksail issue 4322.
  'asked for, and never given': {
    ...bootstrap,
    kubelet: { startedAt: NOW - DAY, files: [file(ROTATED, { state: 'missing' })] },
    status: 'fail',
    reason: /has none in \S+kubelet-server-current\.pem: its signing requests are not approved/,
    remediation: /kubectl get csr/,
  },
  'the old self-signed one is not served any more': {
    ...bootstrap,
    kubelet: {
      ...serves(SELF_SIGNED, -10, 355),
      startedAt: NOW - DAY,
      files: [file(ROTATED, { state: 'missing' }), file(SELF_SIGNED)],
    },
    status: 'fail',
    reason: /its signing requests are not approved/,
  },
  'asked for a minute ago': {
    ...bootstrap,
    kubelet: { startedAt: NOW - 60, files: [file(ROTATED, { state: 'missing' })] },
    status: 'manual',
    reason: /has none yet in .*; it has just started/,
  },
  'the gate off: a kubelet of before 1.12 serves a self-signed one': {
    ...bootstrap,
    gates: { RotateKubeletServerCertificate: inFile(false) },
    kubelet: serves(SELF_SIGNED, -10, 355),
    status: 'pass',
    reason: /kubelet\.crt expires on .*, in 355 days/,
  },
  'until it has one, that of tlsCertFile is served': {
    settings: { ...given.settings, ...bootstrap.settings },
    kubelet: serves(GIVEN, -366, -1),
    status: 'fail',
    reason: /kubelet-server\.crt expired/,
  },
  // kubernetes/kops issues 15970 and 17409.
  'kOps gave it at the first start, and it has expired': {
    ...given,
    kubelet: { ...kops, ...serves(GIVEN, -465, -9) },
    status: 'fail',
    reason: /kubelet-server\.crt expired on 2026-11-14: callers that verify it can read no logs/,
    remediation: /kops rolling-update/,
  },
  'kOps gave it, and it will': {
    ...given,
    kubelet: { ...kops, ...serves(GIVEN, -400, 20) },
    status: 'fail',
    reason: /in 20 days, and nothing will renew it: .* only with a new start/,
    remediation: /kops rolling-update/,
  },
  'of an issuer, far away': { ...given, kubelet: serves(GIVEN, -10, 80), status: 'pass', reason: /in 80 days/ },
  'of an issuer, and soon': {
    ...given,
    kubelet: serves(GIVEN, -65, 25),
    status: 'manual',
    reason: /in 25 days\. tlsCertFile names it: a person must make sure/,
  },
  'of an issuer, and nearly over': {
    ...given,
    kubelet: serves(GIVEN, -340, 25),
    status: 'fail',
    reason: /its issuer has let 90 %/,
  },
  'of Vault, every day anew': {
    ...given,
    kubelet: serves(GIVEN, -0.25, 0.75),
    status: 'pass',
    reason: /is 6 hours old and lives for 1 day: its issuer replaces it/,
  },
  'replaced on disk while an older kubelet runs': {
    ...given,
    kubelet: {
      ...serves(GIVEN, -1, 364),
      startedAt: NOW - 300 * DAY,
      files: [file(GIVEN, { modifiedAt: NOW - DAY })],
    },
    status: 'manual',
    reason: /changed after the kubelet started: before 1\.36 callers that come by an address still get/,
    remediation: /systemctl/,
  },
  'replaced on disk while a kubelet of 1.36 runs: it is served': {
    ...given,
    version: { text: 'v1.36.3', minor: 36, known: true },
    kubelet: {
      ...serves(GIVEN, -1, 364),
      startedAt: NOW - 300 * DAY,
      files: [file(GIVEN, { modifiedAt: NOW - DAY })],
    },
    status: 'pass',
    reason: /in 364 days/,
  },
  'not valid yet': {
    ...given,
    kubelet: serves(GIVEN, 2, 367),
    status: 'fail',
    reason: /is not valid before 2026-11-25, in 2 days/,
    remediation: /clocks/,
  },
  'self-signed, young': { kubelet: serves(SELF_SIGNED, -10, 355), status: 'pass', reason: /in 355 days/ },
  'self-signed, a year later': {
    kubelet: serves(SELF_SIGNED, -366, -1),
    status: 'fail',
    reason: /kubelet\.crt expired on 2026-11-22: callers that verify it/,
    remediation: /`rm \S+kubelet\.crt \S+kubelet\.key`\. Restart the kubelet: `systemctl .*serverTLSBootstrap: true/,
  },
  'self-signed, soon': {
    kubelet: serves(SELF_SIGNED, -340, 25),
    status: 'fail',
    reason: /in 25 days, and nothing will renew it: the kubelet signed it itself/,
  },
  'self-signed, within another number of days': {
    kubelet: serves(SELF_SIGNED, -340, 25),
    parameters: { expiryDays: 7 },
    status: 'pass',
    reason: /in 25 days/,
  },
  'a standalone kubelet serves one too': {
    credentials: { kind: 'none' },
    kubelet: serves(SELF_SIGNED, -366, -1),
    status: 'fail',
    reason: /expired/,
    remediation: /tlsCertFile and tlsPrivateKeyFile/,
  },
  'for this node': {
    ...bootstrap,
    evidence: here,
    kubelet: serves(ROTATED, -10, 355, ['DNS:ip-10-0-1-2.eu-central-1.compute.internal', 'IP:10.0.1.2']),
    status: 'pass',
    reason: /renews it/,
  },
  // aws/containers-roadmap issue 1947.
  'for another address: the request for this one was not approved': {
    ...bootstrap,
    evidence: here,
    kubelet: serves(ROTATED, -10, 355, ['DNS:ip-10-0-1-2', 'IP:10.0.9.9']),
    status: 'fail',
    reason:
      /is for 10\.0\.9\.9, and this node is 10\.0\.1\.2, 169\.254\.20\.10, fd00::2: callers that verify it refuse it/,
    remediation: /kubectl get csr/,
  },
  'of an issuer, for another machine by name': {
    ...given,
    evidence: here,
    kubelet: serves(GIVEN, -10, 355, ['DNS:old-node.example.com']),
    status: 'fail',
    reason: /is for old-node\.example\.com, and this node is ip-10-0-1-2/,
    remediation: /Have \S+ issued anew for the addresses and names/,
  },
  'of an issuer, for the name that --hostname-override gives': {
    ...given,
    flags: {
      'hostname-override': { value: 'worker-7', source: { kind: 'flag', where: '--hostname-override=worker-7' } },
    },
    evidence: here,
    kubelet: serves(GIVEN, -10, 355, ['DNS:worker-7.example.com']),
    status: 'pass',
    reason: /in 355 days/,
  },
  'names that are not in the evidence are not missed': {
    ...given,
    kubelet: serves(GIVEN, -10, 355, ['DNS:old-node.example.com', 'IP:10.0.9.9']),
    status: 'pass',
    reason: /in 355 days/,
  },
  'a self-signed one names nobody who counts': {
    evidence: here,
    kubelet: serves(SELF_SIGNED, -10, 355, ['DNS:old-node']),
    status: 'pass',
    reason: /in 355 days/,
  },
  'half of a pair, from 1.36 on': {
    settings: { tlsCertFile: inFile(GIVEN) },
    version: { text: 'v1.36.3', minor: 36, known: true },
    status: 'fail',
    reason: /is named without what belongs to it/,
    remediation: /rule tls-serving-certificate/,
  },
  'not in the evidence': { status: 'error', reason: /kubelet\.crt are not in the evidence: the collector found none/ },
  'a self-signed one that somebody removed is served until the next start': {
    kubelet: { files: [file(SELF_SIGNED, { state: 'missing' })] },
    status: 'manual',
    reason: /kubelet\.crt is not there any more: it goes on with what it read when it started/,
    remediation: /makes a new one, for a year, restart the kubelet: `systemctl/,
  },
  'of --cert-dir the collector tells only what exists': {
    kubelet: { files: [CLIENT] },
    status: 'manual',
    reason: /kubelet\.crt is not there any more/,
  },
  'nor did anybody ever give one': {
    ...bootstrap,
    kubelet: { startedAt: NOW - DAY, files: [CLIENT] },
    status: 'fail',
    reason: /its signing requests are not approved/,
  },
  'that of tlsCertFile is told in any case': {
    ...given,
    kubelet: { files: [CLIENT] },
    status: 'error',
    reason: /not in the evidence: the collector found none there/,
  },
  'that of tlsCertFile is not there': {
    ...given,
    kubelet: { files: [file(GIVEN, { state: 'missing' })] },
    status: 'error',
    reason: /not in the evidence: the file does not exist/,
  },
  'not readable as a certificate': {
    ...given,
    kubelet: { servingCertificates: [{ path: GIVEN, problem: 'no certificate in it', damaged: true }] },
    status: 'error',
    reason: /no certificate in it/,
    remediation: /^Look at/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});
