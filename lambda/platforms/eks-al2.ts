/**
 * EKS on Amazon Linux 2: /etc/eks/bootstrap.sh adds what the user data gives it to the arguments. Source:
 * awslabs/amazon-eks-ami, templates/al2/runtime/bootstrap.sh and kubelet.service.
 * Tested by test/platforms/index.test.ts.
 */
import { bootstrapped } from './certificates.ts';
import { isEks } from './eks.ts';
import { flagEntry, unwind } from './flags.ts';
import { openIn } from './gates.ts';
import { setInImage } from './kernel.ts';
import type { Advice, Change, Platform } from './platform.ts';
import { namesPath } from './signs.ts';
import { restartUnit } from './systemd.ts';
import { listedCode } from './wording.ts';

const CONFIG = '/etc/kubernetes/kubelet/kubelet-config.json';

const texts = {
  bootstrap: (step: string) =>
    `${step} of /etc/eks/bootstrap.sh in the node group's user data (launch template), then replace the node.`,
  files:
    ' Put the command into the user data too, after /etc/eks/bootstrap.sh: a new node starts from the image again.',
};

export const eksAl2: Platform = {
  name: 'eks-al2',
  title: 'EKS on Amazon Linux 2',
  isCertain: (node) => namesPath(node, CONFIG),
  isLikely: (node) => isEks(node) && node.evidence.os.id === 'amzn' && node.evidence.os.version === '2',
  hiddenArguments: () => undefined,
  change: (_node, change) => changeExtraArguments(change),
  openGate: openIn("--feature-gates in --kubelet-extra-args of /etc/eks/bootstrap.sh in the node group's user data"),
  restart: restartUnit,
  afterChange: () => 'Then replace the node.',
  setsCallers: true,
  clientCaFile: '/etc/kubernetes/pki/ca.crt',
  setKernelParameters: setInImage,
  files: { byHand: true, lasting: () => texts.files },
  clientCertificate: bootstrapped(restartUnit),
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
    },
  },
};

function changeExtraArguments(change: Change): Advice {
  const { flags, remains } = unwind(change);
  if (remains) {
    return { text: texts.bootstrap(`Remove ${listedCode(flags)} from --kubelet-extra-args`), writes: false };
  }
  const verb = flags.length > 0 ? `Replace ${listedCode(flags)} by` : 'Add';
  return { text: texts.bootstrap(`${verb} \`--${flagEntry(change)}\` in --kubelet-extra-args`), writes: true };
}
