/**
 * EKS on Amazon Linux 2023: at every boot nodeadm writes the kubelet's files and arguments from a NodeConfig in the user
 * data. Source: awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go and internal/util/files.go, nodeadm-config.service.
 * Tested by test/platforms/index.test.ts.
 */
import { AGAIN_FROM_IMAGE, bootstrappedByIam, AL2023_CONFIG as CONFIG, isEks } from './eks.ts';
import { removeFlags, unwind, writeSetting } from './flags.ts';
import { openIn } from './gates.ts';
import { setInImage } from './kernel.ts';
import type { Advice, Change, NodeFacts, Platform } from './platform.ts';
import { namesPath } from './signs.ts';
import { step } from './step.ts';
import { restartUnit } from './systemd.ts';
import { userDataOf } from './user-data.ts';
import { oneLine } from './wording.ts';

const texts = {
  /** nodeadm rewrites the kubelet's files at every boot. */
  list: (name: 'config' | 'flags', where: string) => `spec.kubelet.${name} of the NodeConfig in ${where}`,
  /**
   * Karpenter hands every field of the EC2NodeClass's spec.kubelet to nodeadm since 9461; before, twelve that no rule speaks of
   * (aws/karpenter-provider-aws, pull request 9461, after v1.14.1; other kinds of nodes get those twelve alone to this day).
   */
  nodeClass: (nodeClass: string) =>
    `spec.kubelet of ${nodeClass} (Karpenter after 1.14.1; before, spec.kubelet.config of the NodeConfig in its spec.userData)`,
  foreign:
    'Make the same change in whatever puts that file on new nodes (user data or image), because it overrides what nodeadm writes.',
  /** It writes in place, which keeps the mode. */
  files:
    'Put the command into a script of the user data too: on a new node nodeadm has written the file when such scripts run.',
};

export const eksAl2023: Platform = {
  name: 'eks-al2023',
  title: 'EKS on Amazon Linux 2023',
  isCertain: (node) => namesPath(node, CONFIG),
  isLikely: (node) => isEks(node) && node.evidence.os.id === 'amzn' && node.evidence.os.version !== '2',
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  namesNodes: false,
  embeddedProxy: undefined,
  change: changeNodeConfig,
  openGate: (node, name, source) => openIn(`featureGates of ${configOf(node)}`)(node, name, source),
  restart: restartUnit,
  afterChange: (node) => userDataOf(node).after,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/pki/ca.crt',
  setKernelParameters: setInImage,
  files: {
    byHand: true,
    // The unit comes with the image; the other files nodeadm writes.
    lasting: (files) => (files.every(({ role }) => role !== 'service') ? [step(texts.files)] : AGAIN_FROM_IMAGE),
  },
  clientCertificate: bootstrappedByIam(restartUnit),
  upgrade: {
    node: 'is replaced',
    bootstrap: {
      flags: [
        'cloud-provider',
        'config',
        'config-dir',
        'container-runtime',
        'container-runtime-endpoint',
        'hostname-override',
        'image-credential-provider-bin-dir',
        'image-credential-provider-config',
        'kubeconfig',
        'node-ip',
        'pod-infra-container-image',
      ],
      files: [CONFIG],
      gates: [
        'DynamicResourceAllocation',
        'KubeletCredentialProviders',
        'MutableCSINodeAllocatableCount',
        'RotateKubeletServerCertificate',
      ],
    },
  },
};

function changeNodeConfig(node: NodeFacts, change: Change): Advice {
  const { flags, remains } = unwind(change);
  const { where, after } = userDataOf(node);
  const removal = removeFlags(change, flags, texts.list('flags', where));
  if (remains) return { steps: [...removal, ...after], writes: false };
  const foreign = foreignDropIn(change);
  if (foreign === undefined) {
    return { steps: [...removal, writeSetting(change, configOf(node)), ...after], writes: true };
  }
  const edit = writeSetting(change, oneLine(foreign));
  return { steps: [...removal, edit, step(texts.foreign), restartUnit(node)], writes: true };
}

function configOf(node: NodeFacts): string {
  const { where, nodeClass } = userDataOf(node);
  return nodeClass === undefined ? texts.list('config', where) : texts.nodeClass(nodeClass);
}

/** A drop-in that decides and that nodeadm does not write (its own are 40-nodeadm.conf, earlier 00-nodeadm.conf). */
export function foreignDropIn({ current }: Change): string | undefined {
  const decides = [current, ...(current.overrode ?? [])].find(({ source }) => source.kind !== 'flag');
  const where = decides?.source.kind === 'drop-in' ? decides.source.where : undefined;
  return where?.endsWith('-nodeadm.conf') ? undefined : where;
}
