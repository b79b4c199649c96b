import { fileOwner } from '../criteria/file-owner.ts';
import type { Rule } from '../criteria/rule.ts';
import { proxyKubeconfigFiles } from '../criteria/subject.ts';

export const proxyKubeconfigOwnership: Rule = {
  name: 'proxy-kubeconfig-ownership',
  title: 'The kube-proxy kubeconfig belongs to root:root',
  failureTitle: 'The kube-proxy kubeconfig belongs to others than root:root',
  why: 'The file says how kube-proxy proves to the API server who it is. Its owner can change its mode and its content at will, whatever the mode says, so it must be root.',
  severity: 'medium',
  procedure: { expected: 'root:root', command: 'stat -c %U:%G $proxy-kubeconfig' },
  references: ['https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/'],
  check: fileOwner(proxyKubeconfigFiles),
};
