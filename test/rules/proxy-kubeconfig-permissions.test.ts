import { proxyKubeconfigPermissions } from '../../lambda/rules/proxy-kubeconfig-permissions.ts';
import { fileSubject, modeCases } from './file-cases.ts';
import { table } from './table.ts';

const subject = fileSubject('/var/lib/kube-proxy/kubeconfig', 'proxy-kubeconfig', (...files) => ({
  evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files }] },
}));

table(proxyKubeconfigPermissions, {
  ...modeCases(subject),
  'a configuration that could not be read may name one': {
    evidence: {
      proxies: [
        {
          pid: 2,
          argv: [],
          cwd: '/',
          files: [{ path: '/p', role: 'proxy-config', state: 'file', withheld: 'a line' }],
        },
      ],
    },
    status: 'error',
    reason: /kubeconfig this node uses is unknown: the configuration \/p of kube-proxy could not be read \(a line\)/,
    remediation: /scan this node again/,
  },
  'MicroK8s has a kube-proxy in its own program': {
    kubelet: { host: 'microk8s' },
    evidence: { proxies: [] },
    status: 'manual',
    reason:
      /kube-proxy is a part of MicroK8s, and its kubeconfig \/var\/snap\/microk8s\/current\/credentials\/proxy\.config/,
    remediation: /`stat -c '%a %U:%G' \/var\/snap\//,
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
