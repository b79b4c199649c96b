/**
 * Whether a node belongs to an EKS cluster, which several kinds of nodes can, and what its kinds share. On an Outpost with a
 * local cluster the kubelet has a client certificate, which it asks for by a bootstrap kubeconfig whose plugin is
 * aws-iam-authenticator (awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go, withOutpostSetup, and kubeconfig.go).
 * Tested by test/platforms/eks.test.ts and index.test.ts.
 */
import { bootstrapped } from './certificates.ts';
import type { NodeSigns, Platform } from './platform.ts';
import { isTaggedByEks, namesPath, tag } from './signs.ts';
import { step } from './step.ts';

/** The files of --config that the bootstrap of Amazon Linux writes. */
export const AL2_CONFIG = '/etc/kubernetes/kubelet/kubelet-config.json';
export const AL2023_CONFIG = '/etc/kubernetes/kubelet/config.json';

/** Canonical's kubelet for EKS. */
export const EKS_SNAP = '/snap/kubelet-eks/';

const OUTPOST_BOOTSTRAP = '/var/lib/kubelet/bootstrap-kubeconfig';

const texts = {
  again: 'Restart the kubelet, which asks for a new certificate by IAM, as its bootstrap kubeconfig says.',
};

/** The tag by which AWS's guides name the cluster of a hybrid activation (EKS User Guide, "Prepare credentials for hybrid nodes"). */
const CLUSTER_ARN = /^arn:[a-z-]+:eks:[a-z0-9-]+:\d{12}:cluster\/([A-Za-z0-9][A-Za-z0-9_-]{0,99})$/;

/** What must be done so that a chmod or chown lasts where new nodes start from an image. */
export const AGAIN_FROM_IMAGE = [
  step('Put the command into the user data too: a new node starts from the image again.'),
] as const;

/** The cluster that the tags of a hybrid node's activation name; undefined where they name none. */
export function hybridCluster(tags: NodeSigns['tags']): string | undefined {
  return CLUSTER_ARN.exec(tag(tags, 'EKSClusterARN') ?? '')?.[1];
}

/**
 * EKS by its tags, by the variant and authentication of a Bottlerocket that was asked for its settings (aws-k8s, and on VMware
 * hybrid nodes, join by IAM; its API has the version without its build: EKS User Guide, "Connect hybrid nodes with
 * Bottlerocket"), by the `-eks-` in the version of AWS's builds of the kubelet, or by Canonical's snap for EKS.
 * `kubernetes.io/cluster/<name>` is no sign: kOps and the AWS cloud provider use it too. Nor are version and tags where the
 * kubelet has a client certificate: EKS Distro brings these builds to clusters of one's own, and tags are what people write,
 * while EKS nodes authenticate by IAM; on an Outpost they do so once, so there the file that AWS's bootstrap writes tells.
 */
export function isEks({ tags, kubelet }: Pick<NodeSigns, 'tags' | 'kubelet'>): boolean {
  const certified = kubelet.kubeconfigs.some(
    ({ clientCertificate, clientCertificateData }) => clientCertificate !== undefined || clientCertificateData,
  );
  const { settings } = kubelet;
  return (
    (settings?.['authentication-mode'] === 'aws' && /^(aws|vmware)-k8s-/.test(String(settings['os.variant_id']))) ||
    kubelet.exe?.startsWith(EKS_SNAP) === true ||
    ((!certified || namesPath({ kubelet }, AL2_CONFIG, AL2023_CONFIG)) &&
      (kubelet.version?.includes('-eks-') === true ||
        (!isOfAnother(kubelet) && (hybridCluster(tags) !== undefined || isTaggedByEks(tags)))))
  );
}

/** Its program, or a version with build metadata (`v1.32.5+rke2r1`, `v1.30.4+k3s1`), is another distribution's, whatever tags say. */
function isOfAnother({ host, version = '' }: NodeSigns['kubelet']): boolean {
  return (host !== 'kubelet' && host !== 'hyperkube') || version.includes('+');
}

/** The client certificate of a node on an Outpost, which IAM lets it ask for at any start once the old one has expired. */
export function bootstrappedByIam(restart: Platform['restart']): Platform['clientCertificate'] {
  const own = bootstrapped(restart);
  return {
    ...own,
    replace: (node, bootstraps) =>
      bootstraps && namesPath(node, OUTPOST_BOOTSTRAP)
        ? [{ ...restart(node), text: texts.again }]
        : own.replace(node, bootstraps),
  };
}
