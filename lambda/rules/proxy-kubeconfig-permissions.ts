import { fileMode } from '../criteria/file-mode.ts';
import type { Rule } from '../criteria/rule.ts';
import { proxyKubeconfigFiles } from '../criteria/subject.ts';

export const proxyKubeconfigPermissions: Rule = {
  name: 'proxy-kubeconfig-permissions',
  title: "The kube-proxy kubeconfig grants no more than the benchmark's mode",
  failureTitle: "The kube-proxy kubeconfig grants more than the benchmark's mode",
  why: "The file says how kube-proxy proves to the API server who it is. Whoever reads a credential in it can act as kube-proxy, and whoever writes it can send the node's service traffic elsewhere.",
  severity: 'medium',
  procedure: { expected: 'no permission beyond $mode', command: 'stat -c %a $proxy-kubeconfig' },
  references: ['https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/'],
  check: fileMode(proxyKubeconfigFiles),
};
