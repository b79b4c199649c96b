import { fileOwner } from '../criteria/file-owner.ts';
import type { Rule } from '../criteria/rule.ts';
import { kubeconfigFiles } from '../criteria/subject.ts';

export const kubeletKubeconfigOwnership: Rule = {
  name: 'kubelet-kubeconfig-ownership',
  title: "The kubelet's kubeconfig belongs to root:root",
  failureTitle: "The kubelet's kubeconfig belongs to others than root:root",
  why: 'The file says how the kubelet proves to the API server that it is this node. Its owner can change its mode and its content at will, whatever the mode says, so it must be root.',
  severity: 'high',
  procedure: { expected: 'root:root', command: 'stat -c %U:%G $kubeconfig' },
  references: ['https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/'],
  check: fileOwner(kubeconfigFiles),
};
