/** How each kind of node gets a new client certificate. */
import { clientCertificateExpiry } from '../../lambda/rules/client-certificate-expiry.ts';
import { certificate, inFile } from '../rules/node.ts';
import { table } from '../rules/table.ts';

const rotating = { settings: { rotateCertificates: inFile(true) } };

table(clientCertificateExpiry, {
  'kOps: a rolling update gives the new instances new certificates': {
    credentials: { kind: 'embedded-certificate', where: '/var/lib/kubelet/kubeconfig' },
    bootstraps: false,
    kubelet: {
      argv: ['--config=/var/lib/kubelet/kubelet.conf'],
      ...certificate(-430, 20, '/var/lib/kubelet/kubeconfig'),
    },
    status: 'fail',
    reason: /in 20 days/,
    remediation: /^Run a rolling update of the instance group: .*`kops rolling-update cluster --force --yes`/,
    never: /bootstrap/,
  },
  'kOps, expired: likewise': {
    credentials: { kind: 'embedded-certificate', where: '/var/lib/kubelet/kubeconfig' },
    bootstraps: false,
    kubelet: {
      argv: ['--config=/var/lib/kubelet/kubelet.conf'],
      ...certificate(-450, -1, '/var/lib/kubelet/kubeconfig'),
    },
    status: 'fail',
    reason: /expired/,
    remediation: /^Run a rolling update/,
    never: /bootstrap|systemctl/,
  },
  'OpenShift, expired: its requests are approved': {
    ...rotating,
    kubelet: { argv: ['--config=/etc/kubernetes/kubelet.conf'], ...certificate(-366, -1) },
    status: 'fail',
    reason: /expired/,
    remediation: /^Look for the node's pending signing requests: `oc get csr`\. .*oc adm certificate approve/,
    never: /systemctl|kubeadm/,
  },
  'OpenShift, stuck: no restart by hand': {
    ...rotating,
    kubelet: { argv: ['--config=/etc/kubernetes/kubelet.conf'], ...certificate(-345, 20) },
    status: 'fail',
    reason: /in 20 days/,
    remediation: /oc adm certificate approve/,
    never: /systemctl/,
  },
  'RKE2 renews at its start': {
    credentials: {
      kind: 'client-certificate',
      path: '/var/lib/rancher/rke2/agent/client-kubelet.crt',
      inCertDir: false,
      where: '/var/lib/rancher/rke2/agent/kubelet.kubeconfig',
    },
    bootstraps: false,
    kubelet: {
      unit: 'rke2-agent.service',
      argv: [],
      ...certificate(-345, 20, '/var/lib/rancher/rke2/agent/client-kubelet.crt'),
    },
    status: 'fail',
    reason: /in 20 days/,
    remediation: /^Restart RKE2, which at its start renews .*: `systemctl .* restart rke2-agent`/,
  },
  'k0s, expired: a new join token': {
    bootstraps: false,
    ...rotating,
    kubelet: { unit: 'k0sworker.service', argv: [], ...certificate(-366, -1) },
    status: 'fail',
    reason: /expired/,
    remediation: /^Make a join token on a controller: `k0s token create --role worker`\. Write the token to the file/,
  },
  'Bottlerocket, expired: it has no shell': {
    ...rotating,
    evidence: { os: { id: 'bottlerocket' } },
    kubelet: certificate(-366, -1),
    status: 'fail',
    reason: /expired/,
    remediation: /^Set `bootstrap-token` below/,
    never: /systemctl/,
  },
});
