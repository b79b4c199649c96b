import type { AuthorityFacts } from '../../lambda/kubelet/evidence.ts';
import { trustedAuthorityExpiry } from '../../lambda/rules/trusted-authority-expiry.ts';
import { byFlag, DAY, NOW } from './node.ts';
import { table } from './table.ts';

const CA = '/etc/kubernetes/pki/ca.crt';
const authority = (of: AuthorityFacts['of'], from: number, to: number, given: Partial<AuthorityFacts> = {}) => ({
  path: CA,
  of,
  subject: 'CN=kubernetes',
  fingerprint: 'ab12cd34ef56ab12cd34ef56',
  notBefore: NOW + from * DAY,
  notAfter: NOW + to * DAY,
  ...given,
});

table(trustedAuthorityExpiry, {
  'years left: told with what people compare': {
    kubelet: { authorities: [authority('kubeconfig', -100, 3550), authority('client-ca', -100, 3550)] },
    status: 'pass',
    reason:
      /^The kubelet trusts by \/etc\/kubernetes\/pki\/ca\.crt CN=kubernetes until 2036-08-12 \(SHA-256 ab12cd34ef56ab12…\); by/,
    remediation: false,
  },
  'the API server cannot be verified any more': {
    kubelet: { authorities: [authority('kubeconfig', -3650, -1)] },
    status: 'fail',
    reason:
      /Every authority in \S+ca\.crt has expired, the last on 2026-11-22: this kubelet cannot verify the API server/,
    remediation: /new CA certificate to \/etc\/kubernetes\/pki\/ca\.crt .*systemctl/,
  },
  'nor its calls be believed': {
    kubelet: {
      authorities: [authority('kubeconfig', -3650, 100), authority('client-ca', -3650, -1, { path: '/pki/c.crt' })],
    },
    status: 'fail',
    reason: /\/pki\/c\.crt has expired, .*: this kubelet believes no client certificate/,
  },
  'within the days': {
    kubelet: { authorities: [authority('kubeconfig', -3640, 10)] },
    status: 'fail',
    reason: /The last authority in \S+ expires on 2026-12-03, in 10 days; from then on this kubelet cannot verify/,
  },
  'within other days': {
    kubelet: { authorities: [authority('kubeconfig', -3640, 10)] },
    parameters: { expiryDays: 7 },
    status: 'pass',
    reason: /until 2026-12-03/,
  },
  'an old one beside its successor ends in peace': {
    kubelet: {
      authorities: [authority('kubeconfig', -3650, -1), authority('kubeconfig', -100, 3550, { subject: 'CN=new' })],
    },
    status: 'pass',
    reason: /CN=kubernetes until 2026-11-22 .* and CN=new until/,
  },
  'what was not read of a bundle may last longer': {
    kubelet: {
      authorities: [
        authority('kubeconfig', -3640, 10),
        { path: CA, of: 'kubeconfig', problem: '2 more certificates in it are not told' },
      ],
    },
    status: 'error',
    reason: /Of those that were read: The last authority .* But 2 more certificates in it are not told\.$/,
  },
  'one of tomorrow alone is none today': {
    kubelet: { authorities: [authority('kubeconfig', 1, 3550)] },
    status: 'fail',
    reason: /No authority in \S+ is valid before 2026-11-24/,
  },
  'what a left-over bootstrap kubeconfig embeds does not count': {
    flags: { 'bootstrap-kubeconfig': byFlag('/etc/kubernetes/bootstrap-kubelet.conf', '--bootstrap-kubeconfig=…') },
    kubelet: {
      authorities: [
        authority('kubeconfig', -100, 3550),
        authority('kubeconfig', -3650, -1, { path: '/etc/kubernetes/bootstrap-kubelet.conf' }),
      ],
    },
    status: 'pass',
    reason: /ca\.crt/,
  },
  'no authority of its own': { status: 'not-applicable', reason: /none can run out here/ },
  'a file without a certificate': {
    kubelet: { authorities: [{ path: CA, of: 'client-ca', problem: 'no certificate in it', damaged: true }] },
    status: 'error',
    reason: /ca\.crt are not in the evidence: no certificate in it/,
    remediation: /^Look at/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});
