/** What kind of node this is, as far as it decides where a change of the kubelet's configuration must be made. */
import type { NodeView } from './rule.ts';

/**
 * `eks-nodeadm`: Amazon Linux 2023, configured by a NodeConfig in the user data; `eks-al2`: Amazon Linux 2, by arguments
 * of /etc/eks/bootstrap.sh; `eks-other`: other images that join EKS clusters.
 */
export type NodeType = 'bottlerocket' | 'eks-nodeadm' | 'eks-al2' | 'eks-other' | 'kubeadm' | 'kops' | 'other';

/** The files that name the node type; sources: awslabs/amazon-eks-ami, kubernetes/release (10-kubeadm.conf), kubernetes/kops. */
const FILES: readonly [path: string, type: NodeType][] = [
  ['/etc/kubernetes/kubelet/config.json', 'eks-nodeadm'],
  ['/etc/kubernetes/kubelet/kubelet-config.json', 'eks-al2'],
  ['/etc/kubernetes/bootstrap-kubelet.conf', 'kubeadm'],
  ['/etc/kubernetes/kubelet.conf', 'kubeadm'],
  ['/var/lib/kubelet/config.yaml', 'kubeadm'],
  ['/var/lib/kubelet/kubelet.conf', 'kops'],
];

/**
 * EKS by its tags, by the `-eks-` in the version of AWS's builds of the kubelet, or by Canonical's snap for EKS. `kubernetes.io/cluster/<name>` is no
 * sign: kOps and the AWS cloud provider use it too.
 */
export function isEks(node: Pick<NodeView, 'tags' | 'kubelet'>): boolean {
  return (
    node.kubelet.version?.includes('-eks-') === true ||
    node.kubelet.exe?.startsWith('/snap/kubelet-eks/') === true ||
    Object.keys(node.tags).some((key) => key.startsWith('eks:') || key.startsWith('aws:eks:'))
  );
}

export function nodeType(node: NodeView): NodeType {
  const { os } = node.evidence;
  if (os.id === 'bottlerocket') return 'bottlerocket';
  const named = FILES.find(([path]) =>
    node.kubelet.argv.some((argument) => argument === path || argument.endsWith(`=${path}`)),
  );
  if (named) return named[1];
  if (!isEks(node)) return 'other';
  if (os.id !== 'amzn') return 'eks-other';
  return os.version === '2' ? 'eks-al2' : 'eks-nodeadm';
}
