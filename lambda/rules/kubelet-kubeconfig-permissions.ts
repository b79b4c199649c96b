import { fileMode } from '../criteria/file-mode.ts';
import type { Rule } from '../criteria/rule.ts';
import { kubeconfigFiles } from '../criteria/subject.ts';

export const kubeletKubeconfigPermissions: Rule = {
  name: 'kubelet-kubeconfig-permissions',
  title: "The kubelet's kubeconfig grants no more than the benchmark's mode",
  failureTitle: "The kubelet's kubeconfig grants more than the benchmark's mode",
  why: 'The file says how the kubelet proves to the API server that it is this node. It may hold or name a private key or a token: whoever reads it can act as the node, and whoever writes it can point the node at another API server.',
  severity: 'high',
  procedure: { expected: 'no permission beyond $mode', command: 'stat -c %a $kubeconfig' },
  references: ['https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/'],
  check: fileMode(kubeconfigFiles),
};
