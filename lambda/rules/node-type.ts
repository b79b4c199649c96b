/** What kind of node this is, as far as it decides where a change of the kubelet's configuration must be made. */
import type { NodeView } from './rule.ts';

/**
 * `eks-nodeadm`: Amazon Linux 2023, configured by a NodeConfig in the user data; `eks-al2`: Amazon Linux 2, by arguments
 * of /etc/eks/bootstrap.sh, which Canonical's images for EKS have too; `eks-other`: other images that join EKS clusters;
 * `rke2`: a kubelet that RKE2 starts with arguments of its own making.
 */
export type NodeType = 'bottlerocket' | 'eks-nodeadm' | 'eks-al2' | 'eks-other' | 'kubeadm' | 'kops' | 'rke2' | 'other';

/** The files that name the node type; sources: awslabs/amazon-eks-ami, kubernetes/release (10-kubeadm.conf), kubernetes/kops. */
const FILES: readonly [path: string, type: NodeType][] = [
  ['/etc/kubernetes/kubelet/config.json', 'eks-nodeadm'],
  ['/etc/kubernetes/kubelet/kubelet-config.json', 'eks-al2'],
  ['/etc/kubernetes/bootstrap-kubelet.conf', 'kubeadm'],
  ['/etc/kubernetes/kubelet.conf', 'kubeadm'],
  ['/var/lib/kubelet/config.yaml', 'kubeadm'],
  ['/var/lib/kubelet/kubelet.conf', 'kops'],
];

/** Canonical's kubelet for EKS; its /etc/eks/bootstrap.sh gives --kubelet-extra-args to the snap. */
const EKS_SNAP = '/snap/kubelet-eks/';

/**
 * EKS by its tags, by the `-eks-` in the version of AWS's builds of the kubelet, or by Canonical's snap for EKS. `kubernetes.io/cluster/<name>` is no
 * sign: kOps and the AWS cloud provider use it too.
 */
export function isEks(node: Pick<NodeView, 'tags' | 'kubelet'>): boolean {
  return (
    node.kubelet.version?.includes('-eks-') === true ||
    node.kubelet.exe?.startsWith(EKS_SNAP) === true ||
    Object.keys(node.tags).some((key) => key.startsWith('eks:') || key.startsWith('aws:eks:'))
  );
}

export function nodeType(node: NodeView): NodeType {
  const { os } = node.evidence;
  if (os.id === 'bottlerocket') return 'bottlerocket';
  const { unit = '', exe = '' } = node.kubelet;
  if (/^rke2-(server|agent)\.service$/.test(unit) || exe.startsWith('/var/lib/rancher/rke2/')) return 'rke2';
  const named = FILES.find(([path]) =>
    node.kubelet.argv.some((argument) => argument === path || argument.endsWith(`=${path}`)),
  );
  if (named) return named[1];
  if (!isEks(node)) return 'other';
  if (exe.startsWith(EKS_SNAP)) return 'eks-al2';
  if (os.id !== 'amzn') return 'eks-other';
  return os.version === '2' ? 'eks-al2' : 'eks-nodeadm';
}
