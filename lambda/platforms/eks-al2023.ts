/**
 * EKS on Amazon Linux 2023: at every boot nodeadm writes the kubelet's files and arguments from a NodeConfig in the user
 * data. Source: awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go and internal/util/files.go, nodeadm-config.service.
 * Tested by test/platforms/index.test.ts.
 */
import { bootstrapped } from './certificates.ts';
import { AGAIN_FROM_IMAGE, isEks } from './eks.ts';
import { assignment, unwind } from './flags.ts';
import { openIn } from './gates.ts';
import { setInImage } from './kernel.ts';
import type { Advice, Change, NodeFacts, Platform } from './platform.ts';
import { namesPath } from './signs.ts';
import { restartUnit } from './systemd.ts';
import { userDataOf } from './user-data.ts';
import { capital, listedCode, oneLine } from './wording.ts';

const CONFIG = '/etc/kubernetes/kubelet/config.json';

const texts = {
  nodeConfig: (steps: string, where: string, after: string) =>
    `${steps} of the NodeConfig in ${where}, ${after}: nodeadm rewrites the kubelet's files at every boot.`,
  foreign: (steps: string, restart: string) =>
    `${steps}, and in whatever puts that file on new nodes (user data or image), because it overrides what nodeadm writes; then ${restart}.`,
  /** It writes in place, which keeps the mode. */
  files:
    ' Put the command into a script of the user data too: on a new node nodeadm has written the file when such scripts run.',
};

export const eksAl2023: Platform = {
  name: 'eks-al2023',
  title: 'EKS on Amazon Linux 2023',
  isCertain: (node) => namesPath(node, CONFIG),
  isLikely: (node) => isEks(node) && node.evidence.os.id === 'amzn' && node.evidence.os.version !== '2',
  hiddenArguments: () => undefined,
  namesNodes: false,
  embeddedProxy: undefined,
  change: changeNodeConfig,
  openGate: (node, name, source) =>
    openIn(`featureGates of spec.kubelet.config of the NodeConfig in ${userDataOf(node).where}`)(node, name, source),
  restart: restartUnit,
  afterChange: (node) => `${capital(userDataOf(node).after)}.`,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/pki/ca.crt',
  setKernelParameters: setInImage,
  files: {
    byHand: true,
    // The unit comes with the image; the other files nodeadm writes.
    lasting: (files) => (files.every(({ role }) => role !== 'service') ? texts.files : AGAIN_FROM_IMAGE),
  },
  clientCertificate: bootstrapped(restartUnit),
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
    },
  },
};

function changeNodeConfig(node: NodeFacts, change: Change): Advice {
  const { flags, remains } = unwind(change);
  const writes = remains === undefined;
  const removes = flags.length > 0 ? [`remove ${listedCode(flags)} from spec.kubelet.flags`] : [];
  const foreign = writes ? foreignDropIn(change) : undefined;
  if (foreign !== undefined) {
    const steps = [
      ...removes.map((step) => `${step} of the NodeConfig`),
      `set ${assignment(change)} in ${oneLine(foreign)}`,
    ];
    return { text: texts.foreign(capital(steps.join(', and ')), restartUnit(node)), writes };
  }
  const { where, after } = userDataOf(node);
  const steps = [...removes, ...(writes ? [`set ${assignment(change)} in spec.kubelet.config`] : [])];
  return { text: texts.nodeConfig(capital(steps.join(' and ')), where, after), writes };
}

/** A drop-in that decides and that nodeadm does not write (its own are 40-nodeadm.conf, earlier 00-nodeadm.conf). */
function foreignDropIn({ current }: Change): string | undefined {
  const decides = [current, ...(current.overrode ?? [])].find(({ source }) => source.kind !== 'flag');
  const where = decides?.source.kind === 'drop-in' ? decides.source.where : undefined;
  return where?.endsWith('-nodeadm.conf') ? undefined : where;
}
