import { kubeletIdentity } from '../../lambda/rules/kubelet-identity.ts';
import { inFile } from './node.ts';
import { table } from './table.ts';

const CURRENT = '/var/lib/kubelet/pki/kubelet-client-current.pem';
const KUBECONFIG = '/etc/kubernetes/kubelet.conf';
const embedded = { kind: 'embedded-certificate', where: KUBECONFIG } as const;
const certificate = (path: string, subject: string) => ({ path, subject });
const own = certificate(CURRENT, 'CN=system:node:ip-10-0-1-2,O=system:nodes');

table(kubeletIdentity, {
  'a node': { kubelet: { clientCertificates: [own] }, status: 'pass', reason: /as a node: system:node:ip-10-0-1-2\.$/ },
  'the order of a subject says nothing': {
    kubelet: { clientCertificates: [certificate(CURRENT, 'O=system:nodes,CN=system:node:a')] },
    status: 'pass',
    reason: /system:node:a/,
  },
  'a subject with several groups in one element': {
    kubelet: { clientCertificates: [certificate(CURRENT, 'CN=system:node:a,O=corp+O=system:nodes')] },
    status: 'pass',
    reason: /system:node:a/,
  },
  'the administrator of an old kubeadm': {
    credentials: embedded,
    kubelet: { clientCertificates: [certificate(KUBECONFIG, 'CN=kubernetes-admin,O=system:masters')] },
    status: 'fail',
    reason: /kubelet\.conf is that of an administrator \(CN=kubernetes-admin,O=system:masters, group system:masters\)/,
    remediation: /kubeconfig of its own.* Rotate the cluster's CA/,
  },
  'the administrator of a newer one': {
    credentials: embedded,
    kubelet: { clientCertificates: [certificate(KUBECONFIG, 'CN=kubernetes-admin,O=kubeadm:cluster-admins')] },
    status: 'fail',
    reason: /group kubeadm:cluster-admins/,
  },
  'rotation made its own from it, but it still lies there': {
    settings: { rotateCertificates: inFile(true) },
    credentials: embedded,
    kubelet: { clientCertificates: [certificate(KUBECONFIG, 'CN=admin,O=system:masters'), own] },
    status: 'fail',
    reason: /kubelet\.conf is that of an administrator/,
  },
  'the certificate of a CA behind the leaf is nobody': {
    kubelet: { clientCertificates: [own, certificate(CURRENT, 'CN=kubernetes,O=system:masters')] },
    status: 'pass',
    reason: /system:node:ip-10-0-1-2/,
  },
  'that of a bootstrap kubeconfig is another': {
    kubelet: {
      clientCertificates: [own, certificate('/etc/kubernetes/bootstrap-kubelet.conf', 'CN=admin,O=system:masters')],
    },
    status: 'pass',
    reason: /system:node/,
  },
  'somebody else': {
    credentials: embedded,
    kubelet: { clientCertificates: [certificate(KUBECONFIG, 'CN=kubelet,O=corp')] },
    status: 'manual',
    reason: /is CN=kubelet,O=corp, not a node's/,
    remediation: /kubectl auth can-i/,
  },
  'a name like a node’s in no group of nodes': {
    credentials: embedded,
    kubelet: { clientCertificates: [certificate(KUBECONFIG, 'CN=system:node:a,O=system:nodes2')] },
    status: 'manual',
    reason: /not a node's/,
  },
  'a comma in a name begins no group': {
    credentials: embedded,
    kubelet: { clientCertificates: [certificate(KUBECONFIG, 'CN=a\\,O=system:masters,O=corp')] },
    status: 'manual',
    reason: /not a node's/,
  },
  'an exec plugin says nothing': {
    credentials: { kind: 'exec', command: 'aws', where: '/var/lib/kubelet/kubeconfig' },
    status: 'not-applicable',
    reason: /cannot be seen on the node/,
  },
  'no kubeconfig': { credentials: { kind: 'none' }, status: 'not-applicable', reason: /authenticates to nobody/ },
  'no subject in the evidence': {
    kubelet: { clientCertificates: [{ path: CURRENT, problem: 'no certificate in it' }] },
    status: 'error',
    reason: /current\.pem is not in the evidence: no certificate in it/,
    remediation: /^Look at/,
  },
  'unknown credentials': {
    credentials: { kind: 'unknown', problem: 'x' },
    status: 'error',
    reason: /kubelet-restart/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});
