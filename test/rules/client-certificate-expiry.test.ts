/** Long because it is one table of cases. */
import { clientCertificateExpiry } from '../../lambda/rules/client-certificate-expiry.ts';
import { certificate, DAY, inFile, NOW } from './node.ts';
import { table } from './table.ts';

const CURRENT = '/var/lib/kubelet/pki/kubelet-client-current.pem';
const external = {
  credentials: { kind: 'client-certificate', path: '/pki/v.pem', inCertDir: false, where: '/etc/k.conf' },
  bootstraps: false,
} as const;
const rotating = { settings: { rotateCertificates: inFile(true) } };

table(clientCertificateExpiry, {
  'rotation off and 29 days left: fails with the date': {
    kubelet: certificate(-336, 29),
    status: 'fail',
    reason:
      /expires on 2026-12-22, in 29 days, and nothing will renew it: rotateCertificates is false from the kubelet's default/,
    remediation: /rotateCertificates: true/,
  },
  'rotation off and 31 days left: not yet': {
    kubelet: certificate(-334, 31),
    status: 'pass',
    reason: /expires on 2026-12-24, in 31 days/,
  },
  'rotation off and 30 days left: within 30 days': {
    kubelet: certificate(-335, 30),
    status: 'fail',
    reason: /in 30 days, and nothing will renew it/,
  },
  'the setting moves the day': {
    kubelet: certificate(-334, 31),
    parameters: { expiryDays: 60 },
    status: 'fail',
    reason: /in 31 days/,
  },
  'rotation on: the kubelet renews it, however short its life': {
    ...rotating,
    kubelet: certificate(-0.5, 0.5),
    status: 'pass',
    reason: /rotation is on: the kubelet renews it/,
    remediation: false,
  },
  'rotation on, but overdue and soon: fails': {
    ...rotating,
    kubelet: certificate(-345, 20),
    status: 'fail',
    reason: /in 20 days, and nothing will renew it: rotation is on, but the renewal was due by 2026-11-06/,
    remediation: /kubectl get csr/,
  },
  'on Bottlerocket, which has no shell, the node is rebooted': {
    ...rotating,
    evidence: { os: { id: 'bottlerocket' } },
    kubelet: certificate(-345, 20),
    status: 'fail',
    reason: /in 20 days, and nothing will renew it/,
    remediation: /reboot the node: `apiclient reboot`/,
    never: /systemctl/,
  },
  'rotation on, overdue, but not soon: it is stuck all the same': {
    ...rotating,
    kubelet: certificate(-3350, 300),
    status: 'fail',
    reason: /in 300 days, and nothing will renew it: rotation is on, but the renewal was due by/,
    remediation: /kubectl get csr/,
  },
  'overdue, but the kubelet has just started: it may be asking': {
    ...rotating,
    kubelet: { ...certificate(-345, 20), startedAt: NOW - 600, startedWithin: 1 },
    status: 'pass',
    reason: /rotation is on: the kubelet renews it/,
  },
  'overdue, and a request has had its time since the start': {
    ...rotating,
    kubelet: { ...certificate(-345, 20), startedAt: NOW - 1000 },
    status: 'fail',
    reason: /has not happened/,
  },
  // client-go: expected … to be a symlink but it is a file.
  'rotation on, but what should be a link is a file: it can never be replaced': {
    ...rotating,
    kubelet: { ...certificate(-10, 355), files: [{ path: CURRENT, role: 'client-certificate', state: 'file' }] },
    status: 'fail',
    reason: /in 355 days, and nothing will renew it: .*current\.pem is a file of its own instead of a link/,
    remediation:
      /mv \S+current\.pem \S+moved\.pem && ln -s \S+moved\.pem \S+current\.pem`\. Restart the kubelet: `systemctl/,
  },
  'rotation on and a link: the kubelet can replace it': {
    ...rotating,
    kubelet: {
      ...certificate(-10, 355),
      files: [{ path: CURRENT, role: 'client-certificate', state: 'file', symlink: true }],
    },
    status: 'pass',
    reason: /the kubelet renews it/,
  },
  'rotation off: the file need not be a link': {
    kubelet: { ...certificate(-10, 355), files: [{ path: CURRENT, role: 'client-certificate', state: 'file' }] },
    status: 'pass',
    reason: /in 355 days/,
  },
  'not valid yet: the API server refuses it until then': {
    ...rotating,
    kubelet: certificate(2, 367),
    status: 'fail',
    reason: /is not valid before 2026-11-25, in 2 days: until then the API server refuses it/,
    remediation: /clocks/,
  },
  'not valid before an hour ago is valid': {
    ...rotating,
    kubelet: certificate(-1 / 24, 365),
    status: 'pass',
    reason: /renews it/,
  },
  'issued while the scan ran: valid when it was read': {
    ...rotating,
    evidence: { collectedAt: NOW + 1800 },
    kubelet: certificate(0.01, 365),
    status: 'pass',
    reason: /renews it/,
  },
  'the clock of the node is no reason to believe in a certificate of the day after tomorrow': {
    ...rotating,
    evidence: { collectedAt: NOW + 3 * DAY },
    kubelet: certificate(2, 365),
    status: 'fail',
    reason: /is not valid before/,
  },
  'an embedded one in a kubeconfig that changed after the start is not the one in use': {
    credentials: { kind: 'embedded-certificate', where: '/etc/kubernetes/kubelet.conf' },
    kubelet: {
      ...certificate(-1, 364, '/etc/kubernetes/kubelet.conf'),
      startedAt: NOW - 30 * DAY,
      files: [{ path: '/etc/kubernetes/kubelet.conf', role: 'kubeconfig', state: 'file', modifiedAt: NOW - DAY }],
    },
    status: 'manual',
    reason: /changed after the kubelet started: .* still presents the one that stood there before/,
    remediation: /restart kubelet/,
  },
  'with rotation it is not what the kubelet presents': {
    ...rotating,
    credentials: { kind: 'embedded-certificate', where: '/etc/kubernetes/kubelet.conf' },
    kubelet: {
      ...certificate(-1, 364),
      startedAt: NOW - 30 * DAY,
      files: [{ path: '/etc/kubernetes/kubelet.conf', role: 'kubeconfig', state: 'file', modifiedAt: NOW - DAY }],
    },
    status: 'pass',
    reason: /renews it/,
  },
  'a day of life, half of it left, from Vault or SPIRE: renewed every night, no warning every night': {
    ...external,
    kubelet: certificate(-0.5, 0.5, '/pki/v.pem'),
    status: 'pass',
    reason: /is 12 hours old and lives for 1 day: its issuer replaces it/,
  },
  'three days of life at 85 %: consul-template waits for 90 %': {
    ...external,
    kubelet: certificate(-2.55, 0.45, '/pki/v.pem'),
    status: 'pass',
    reason: /is 2 days old and lives for 3 days/,
  },
  'three days of life at 95 %: whoever replaces it has stopped': {
    ...external,
    kubelet: certificate(-2.85, 0.15, '/pki/v.pem'),
    status: 'fail',
    reason: /in 3 hours, .* its issuer has let 90 %/,
  },
  'sixty days of life, half of them left: it is early to ask': {
    ...external,
    kubelet: certificate(-32, 28, '/pki/v.pem'),
    status: 'pass',
    reason: /is 32 days old and lives for 60 days/,
  },
  'a day of life in --cert-dir and rotation off: nobody replaces it': {
    kubelet: certificate(-0.5, 0.5),
    status: 'fail',
    reason: /in 12 hours, and nothing will renew it/,
  },
  'a token and rotation on, with one of its own: that one is presented': {
    ...rotating,
    credentials: { kind: 'token', where: '/etc/k.conf' },
    kubelet: certificate(-10, 355),
    status: 'pass',
    reason: /current\.pem expires on .*renews it/,
  },
  'its own has expired, and the kubeconfig names another by its path: client-go does not go back to that': {
    ...rotating,
    ...external,
    kubelet: {
      clientCertificates: [
        ...certificate(-10, 300, '/pki/v.pem').clientCertificates,
        ...certificate(-400, -35).clientCertificates,
      ],
    },
    status: 'fail',
    reason: /current\.pem expired on/,
  },
  'rotation on, but its gate off: nothing renews it': {
    ...rotating,
    gates: { RotateKubeletClientCertificate: inFile(false) },
    kubelet: certificate(-355, 10),
    status: 'fail',
    reason: /in 10 days, and nothing will renew it: feature gate RotateKubeletClientCertificate is false from/,
    remediation:
      /^Set the feature gate RotateKubeletClientCertificate to true .*\(.*\)\. Restart the kubelet: `systemctl .*signing request is approved/,
  },
  'an embedded certificate without rotation is the one that is used, whatever lies in --cert-dir': {
    credentials: { kind: 'embedded-certificate', where: '/etc/kubernetes/kubelet.conf' },
    kubelet: {
      clientCertificates: [
        ...certificate(-1, 300).clientCertificates,
        ...certificate(-360, 5, '/etc/kubernetes/kubelet.conf').clientCertificates,
        ...certificate(-1, 3000, '/etc/kubernetes/bootstrap-kubelet.conf').clientCertificates,
      ],
    },
    status: 'fail',
    reason: /certificate \/etc\/kubernetes\/kubelet\.conf expires on .*, in 5 days/,
    remediation: /rotateCertificates: true.*signing request is approved/,
  },
  'with rotation the one of --cert-dir took its place, however long the embedded one lasts': {
    ...rotating,
    credentials: { kind: 'embedded-certificate', where: '/etc/kubernetes/kubelet.conf' },
    kubelet: {
      clientCertificates: [
        ...certificate(-10, 3000, '/etc/kubernetes/kubelet.conf').clientCertificates,
        ...certificate(-345, 20).clientCertificates,
      ],
    },
    status: 'fail',
    reason: /kubelet-client-current\.pem expires on .*, in 20 days, .* renewal was due by/,
  },
  'its own has expired: the embedded one is presented, and nothing is renewed': {
    ...rotating,
    credentials: { kind: 'embedded-certificate', where: '/etc/kubernetes/kubelet.conf' },
    kubelet: {
      clientCertificates: [
        ...certificate(-10, 3000, '/etc/kubernetes/kubelet.conf').clientCertificates,
        ...certificate(-400, -35).clientCertificates,
      ],
    },
    status: 'fail',
    reason: /kubelet\.conf expires on .*, in 3000 days, .* renewal of \S+kubelet-client-current\.pem was due by/,
  },
  'of its own the current one counts, not the longest': {
    ...rotating,
    kubelet: {
      clientCertificates: [
        ...certificate(-1, 3000, '/var/lib/kubelet/pki/kubelet-client-2026.pem').clientCertificates,
        ...certificate(-345, 20).clientCertificates,
      ],
    },
    status: 'fail',
    reason: /current\.pem expires on .*, in 20 days/,
  },
  'with rotation the one of --cert-dir took its place': {
    ...rotating,
    credentials: { kind: 'embedded-certificate', where: '/etc/kubernetes/kubelet.conf' },
    kubelet: {
      clientCertificates: [
        ...certificate(-1, 300).clientCertificates,
        ...certificate(-400, -35, '/etc/kubernetes/kubelet.conf').clientCertificates,
      ],
    },
    status: 'pass',
    reason: /kubelet-client-current\.pem expires on .*rotation is on/,
  },
  'that of the bootstrap kubeconfig is never taken for it': {
    kubelet: certificate(-1, 3000, '/etc/kubernetes/bootstrap-kubelet.conf'),
    status: 'error',
    reason: /not in the evidence/,
  },
  'a kubelet that still bootstraps has none yet': {
    credentials: { kind: 'bootstrap', where: '/etc/kubernetes/bootstrap-kubelet.conf' },
    status: 'not-applicable',
    reason: /still bootstrapping by \/etc\/kubernetes\/bootstrap-kubelet\.conf/,
  },
  'expired without rotation: renewed first, then made to rotate': {
    kubelet: certificate(-366, -1),
    status: 'fail',
    reason: /expired/,
    remediation: /bootstrap kubeconfig.*does not happen again, set `rotateCertificates: true`/,
  },
  'expired on a kubelet that was never told of a bootstrap kubeconfig: the flag is missing too': {
    credentials: { kind: 'embedded-certificate', where: '/etc/kubernetes/kubelet.conf' },
    bootstraps: false,
    kubelet: certificate(-366, -1, '/etc/kubernetes/kubelet.conf'),
    status: 'fail',
    reason: /expired/,
    remediation: /bootstrap kubeconfig .* Name it by --bootstrap-kubeconfig=\S+, which this kubelet lacks\./,
  },
  'the last hours': { kubelet: certificate(-364.5, 0.5), status: 'fail', reason: /in 12 hours, and/ },
  'expired: fails even with rotation on': {
    ...rotating,
    kubelet: certificate(-366, -1),
    status: 'fail',
    reason: /expired on 2026-11-22: this node cannot authenticate/,
    remediation: /bootstrap kubeconfig/,
  },
  'one day left': { kubelet: certificate(-364, 1), status: 'fail', reason: /in 1 day,/ },
  'outside --cert-dir, but with a bootstrap kubeconfig: the API server issues its successor': {
    ...external,
    bootstraps: true,
    kubelet: certificate(-1, 20, '/pki/v.pem'),
    status: 'fail',
    reason: /in 20 days, and nothing will renew it: rotateCertificates is false/,
  },
  'in --cert-dir without a bootstrap kubeconfig: rotation would renew it': {
    bootstraps: false,
    kubelet: certificate(-1, 20),
    status: 'fail',
    reason: /in 20 days, and nothing will renew it: rotateCertificates is false/,
  },
  'external, far away': { ...external, kubelet: certificate(-1, 89, '/pki/v.pem'), status: 'pass', reason: /89 days/ },
  'external and soon: its issuer should know': {
    ...external,
    kubelet: certificate(-65, 25, '/pki/v.pem'),
    status: 'manual',
    reason: /not issued by the API server/,
    remediation: /issuer of \/pki\/v\.pem/,
  },
  'external and nearly over: fails': {
    ...external,
    kubelet: certificate(-85, 5, '/pki/v.pem'),
    status: 'fail',
    reason: /its issuer has let 90 %/,
  },
  'external and expired: fails': {
    ...external,
    kubelet: certificate(-95, -5, '/pki/v.pem'),
    status: 'fail',
    reason: /expired/,
    remediation: /issuer/,
  },
  'the certificate of the credentials counts, not another': {
    ...external,
    kubelet: {
      clientCertificates: [
        ...certificate(-1, 300).clientCertificates,
        ...certificate(-95, -5, '/pki/v.pem').clientCertificates,
      ],
    },
    status: 'fail',
    reason: /\/pki\/v\.pem expired/,
  },
  'the dates of another certificate say nothing about an external one': {
    ...external,
    kubelet: certificate(-1, 300),
    status: 'error',
    reason: /not in the evidence/,
  },
  'exec credentials have none': {
    credentials: { kind: 'exec', command: 'aws', where: '/var/lib/kubelet/kubeconfig' },
    status: 'not-applicable',
    reason: /exec plugin aws/,
  },
  'token credentials have none': {
    credentials: { kind: 'token', where: '/etc/k.conf' },
    status: 'not-applicable',
    reason: /the token of/,
  },
  'standalone has none': { credentials: { kind: 'none' }, status: 'not-applicable', reason: /standalone/ },
  'unknown credentials are an error': {
    credentials: { kind: 'unknown', problem: 'permission denied' },
    status: 'error',
    reason: /kubelet-restart tells: how this kubelet authenticates is not known/,
  },
  'a certificate that was not seen is an error, never a pass': {
    status: 'error',
    reason: /kubelet-client-current\.pem are not in the evidence: the collector found none there/,
    remediation: /^Look at \S*kubelet-client-current\.pem on the node/,
  },
  'a certificate that could not be read is an error': {
    kubelet: { clientCertificates: [{ path: CURRENT, problem: 'no certificate in it', damaged: true }] },
    status: 'error',
    reason: /current\.pem are not in the evidence: no certificate in it/,
    remediation: /^Look at \S+current\.pem on the node/,
  },
  'dates beyond any calendar do no harm': {
    kubelet: {
      clientCertificates: [{ path: '/var/lib/kubelet/pki/kubelet-client-current.pem', notBefore: 0, notAfter: 1e300 }],
    },
    status: 'pass',
    reason: /an unknown date/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});
