import { proxyKubeconfigOwnership } from '../../lambda/rules/proxy-kubeconfig-ownership.ts';
import { fileSubject, ownerCases } from './file-cases.ts';
import { table } from './table.ts';

const subject = fileSubject('/var/lib/kube-proxy/kubeconfig', 'proxy-kubeconfig', (...files) => ({
  evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files }] },
}));

table(proxyKubeconfigOwnership, {
  ...ownerCases(subject),
  'MicroK8s has a kube-proxy in its own program': {
    kubelet: { host: 'microk8s' },
    evidence: { proxies: [] },
    status: 'manual',
    reason:
      /kube-proxy is a part of MicroK8s, and its kubeconfig \/var\/snap\/microk8s\/current\/credentials\/proxy\.config/,
    remediation: /`stat -c '%a %U:%G' \/var\/snap\//,
  },
  'of the processes of Bottlerocket nothing is seen': {
    kubelet: { pid: 0, settings: { 'os.version_id': '1.50.0', 'os.variant_id': 'aws-k8s-1.34' } },
    status: 'error',
    reason: /no process of the host was seen/,
  },
  'no kube-proxy, no kubeconfig': {
    evidence: { proxies: [] },
    status: 'not-applicable',
    reason: /No kube-proxy runs on this node/,
  },
  'kube-proxy in a pod uses its service account': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [] }] },
    status: 'not-applicable',
    reason: /names no kubeconfig file on this node/,
  },
});
