/**
 * EKS on Amazon Linux 2: /etc/eks/bootstrap.sh adds what the user data gives it to the arguments. Source:
 * awslabs/amazon-eks-ami, templates/al2/runtime/bootstrap.sh and kubelet.service.
 * Tested by test/platforms/index.test.ts.
 */
import { bootstrappedByIam, AL2_CONFIG as CONFIG, isEks } from './eks.ts';
import { addFlag, flagEntry, removeFlags, unwind, writeSetting } from './flags.ts';
import { openIn } from './gates.ts';
import { setInImage } from './kernel.ts';
import type { Advice, Change, NodeFacts, Platform } from './platform.ts';
import { namesPath } from './signs.ts';
import { step } from './step.ts';
import { restartUnit } from './systemd.ts';
import { isKarpenters, userDataOf } from './user-data.ts';
import { listedCode } from './wording.ts';

const texts = {
  arguments: (where: string) => `--kubelet-extra-args of /etc/eks/bootstrap.sh in ${where}`,
  replace: (flags: readonly string[], flag: string, where: string) =>
    `Replace ${listedCode(flags)} by \`${flag}\` in ${where}.`,
  /** Karpenter calls bootstrap.sh itself, after a script of spec.userData (karpenter.sh, NodeClasses, AL2). */
  script: (where: string) => `${CONFIG} by a script in ${where}, which runs before /etc/eks/bootstrap.sh`,
  files: 'Put the command into the user data too, after /etc/eks/bootstrap.sh: a new node starts from the image again.',
};

export const eksAl2: Platform = {
  name: 'eks-al2',
  title: 'EKS on Amazon Linux 2',
  isCertain: (node) => namesPath(node, CONFIG),
  isLikely: (node) => isEks(node) && node.evidence.os.id === 'amzn' && node.evidence.os.version === '2',
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  namesNodes: false,
  embeddedProxy: undefined,
  change: changeExtraArguments,
  openGate: (node, name, source) =>
    openIn(
      isKarpenters(node)
        ? `featureGates of ${CONFIG} by a script in ${userDataOf(node).where}`
        : `--feature-gates in --kubelet-extra-args of /etc/eks/bootstrap.sh in ${userDataOf(node).where}`,
    )(node, name, source),
  restart: restartUnit,
  afterChange: (node) => userDataOf(node).after,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/pki/ca.crt',
  setKernelParameters: setInImage,
  files: { byHand: true, lasting: () => [step(texts.files)] },
  clientCertificate: bootstrappedByIam(restartUnit),
  upgrade: {
    node: 'is replaced',
    bootstrap: {
      flags: [
        'cloud-provider',
        'config',
        'container-runtime',
        'container-runtime-endpoint',
        'hostname-override',
        'image-credential-provider-bin-dir',
        'image-credential-provider-config',
        'kubeconfig',
        'node-ip',
        'pod-infra-container-image',
        'v',
      ],
      files: [CONFIG],
      gates: ['KubeletCredentialProviders', 'RotateKubeletServerCertificate'],
    },
  },
};

function changeExtraArguments(node: NodeFacts, change: Change): Advice {
  const { flags, remains } = unwind(change);
  const { where, after } = userDataOf(node);
  if (flags.length === 0 && isKarpenters(node)) {
    return { steps: [writeSetting(change, texts.script(where)), ...after], writes: true };
  }
  const list = texts.arguments(where);
  if (remains) return { steps: [...removeFlags(change, flags, list), ...after], writes: false };
  const edit = flags.length > 0 ? step(texts.replace(flags, `--${flagEntry(change)}`, list)) : addFlag(change, list);
  return { steps: [edit, ...after], writes: true };
}
