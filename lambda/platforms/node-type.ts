/** What kind of node this is, as far as it decides where a change of the kubelet's configuration must be made. */
import type { NodeView } from '../criteria/rule.ts';

/**
 * `eks-nodeadm`: Amazon Linux 2023, configured by a NodeConfig in the user data; `eks-al2`: Amazon Linux 2, by arguments
 * of /etc/eks/bootstrap.sh, which Canonical's images for EKS have too; `eks-other`: other images that join EKS clusters;
 * `rke2`: a kubelet that RKE2 starts with arguments of its own making; `openshift`, `talos`, `k0s`: their own operator or
 * program writes the kubelet's files.
 */
export type NodeType =
  | 'bottlerocket'
  | 'eks-nodeadm'
  | 'eks-al2'
  | 'eks-other'
  | 'kubeadm'
  | 'kops'
  | 'rke2'
  | 'openshift'
  | 'talos'
  | 'k0s'
  | 'other';

/** The files that name the node type; sources: awslabs/amazon-eks-ami, kubernetes/release (10-kubeadm.conf), kubernetes/kops. */
const FILES: readonly [path: string, type: NodeType][] = [
  ['/etc/kubernetes/kubelet/config.json', 'eks-nodeadm'],
  ['/etc/kubernetes/kubelet/kubelet-config.json', 'eks-al2'],
  ['/etc/kubernetes/bootstrap-kubelet.conf', 'kubeadm'],
  ['/etc/kubernetes/kubelet.conf', 'kubeadm'],
  ['/var/lib/kubelet/config.yaml', 'kubeadm'],
  ['/var/lib/kubelet/kubelet.conf', 'kops'],
];

/** OpenShift's own operating systems; on RHEL its kubelet is told by its --config (openshift/machine-config-operator). */
const OPENSHIFT_OS = new Set(['rhcos', 'scos']);
const OPENSHIFT_CONFIG = '/etc/kubernetes/kubelet.conf';

/** kOps tags every instance with its group (kubernetes/kops, nodeidentity/aws). */
const KOPS_TAG = 'kops.k8s.io/instancegroup';

/** Canonical's kubelet for EKS; its /etc/eks/bootstrap.sh gives --kubelet-extra-args to the snap. */
const EKS_SNAP = '/snap/kubelet-eks/';

/**
 * EKS by its tags, by the `-eks-` in the version of AWS's builds of the kubelet, or by Canonical's snap for EKS.
 * `kubernetes.io/cluster/<name>` is no sign: kOps and the AWS cloud provider use it too. Nor is the version where the
 * kubelet has a client certificate: EKS Distro brings these builds to clusters of one's own, while EKS nodes authenticate
 * by IAM.
 */
export function isEks({ tags, kubelet }: Pick<NodeView, 'tags' | 'kubelet'>): boolean {
  const certified = kubelet.kubeconfigs.some(
    ({ clientCertificate, clientCertificateData }) => clientCertificate !== undefined || clientCertificateData,
  );
  return (
    (kubelet.version?.includes('-eks-') === true && !certified) ||
    kubelet.exe?.startsWith(EKS_SNAP) === true ||
    Object.keys(tags).some((key) => key.startsWith('eks:') || key.startsWith('aws:eks:'))
  );
}

export function nodeType(node: NodeView): NodeType {
  const { os } = node.evidence;
  if (os.id === 'bottlerocket') return 'bottlerocket';
  const { unit = '', exe = '' } = node.kubelet;
  if (/^rke2-(server|agent)\.service$/.test(unit) || exe.startsWith('/var/lib/rancher/rke2/')) return 'rke2';
  if (OPENSHIFT_OS.has(os.id ?? '') || isConfig(node, OPENSHIFT_CONFIG)) return 'openshift';
  if (os.id === 'talos') return 'talos';
  if (/^k0s(?:worker|controller)\.service$/.test(unit) || exe.startsWith('/var/lib/k0s/')) return 'k0s';
  const named = FILES.find(([path]) =>
    node.kubelet.argv.some((argument) => argument === path || argument.endsWith(`=${path}`)),
  );
  if (named) return named[1];
  if (Object.hasOwn(node.tags, KOPS_TAG)) return 'kops';
  if (!isEks(node)) return 'other';
  if (exe.startsWith(EKS_SNAP)) return 'eks-al2';
  if (os.id !== 'amzn') return 'eks-other';
  return os.version === '2' ? 'eks-al2' : 'eks-nodeadm';
}

function isConfig({ kubelet: { argv } }: NodeView, path: string): boolean {
  return argv.some(
    (argument, at) => argument === `--config=${path}` || (argument === '--config' && argv[at + 1] === path),
  );
}
