/**
 * Whether a node belongs to an EKS cluster, which several kinds of nodes can.
 * Tested by test/platforms/index.test.ts.
 */
import type { NodeSigns } from './platform.ts';
import { step } from './step.ts';

/** Canonical's kubelet for EKS. */
export const EKS_SNAP = '/snap/kubelet-eks/';

/** What must be done so that a chmod or chown lasts where new nodes start from an image. */
export const AGAIN_FROM_IMAGE = [
  step('Put the command into the user data too: a new node starts from the image again.'),
] as const;

/**
 * EKS by its tags, by the `-eks-` in the version of AWS's builds of the kubelet, or by Canonical's snap for EKS.
 * `kubernetes.io/cluster/<name>` is no sign: kOps and the AWS cloud provider use it too. Nor is the version where the
 * kubelet has a client certificate: EKS Distro brings these builds to clusters of one's own, while EKS nodes authenticate
 * by IAM.
 */
export function isEks({ tags, kubelet }: Pick<NodeSigns, 'tags' | 'kubelet'>): boolean {
  const certified = kubelet.kubeconfigs.some(
    ({ clientCertificate, clientCertificateData }) => clientCertificate !== undefined || clientCertificateData,
  );
  return (
    (kubelet.version?.includes('-eks-') === true && !certified) ||
    kubelet.exe?.startsWith(EKS_SNAP) === true ||
    Object.keys(tags).some((key) => key.startsWith('eks:') || key.startsWith('aws:eks:'))
  );
}
