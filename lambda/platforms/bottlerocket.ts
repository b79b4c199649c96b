/**
 * Bottlerocket: the kubelet's files and arguments are rendered from settings, there is no shell, and an update swaps the
 * whole image. Sources: bottlerocket-os/bottlerocket-core-kit, packages/kubernetes-1.31: kubelet-config,
 * kubelet-exec-start-conf, kubelet-bootstrap-kubeconfig; bottlerocket.dev, settings.kubernetes. Where user data comes from
 * outside of EC2: bottlerocket, QUICKSTART-VMWARE.md, PROVISIONING-METAL.md and variants/README.md.
 * Tested by test/platforms/index.test.ts.
 */
import { isGuessed, lacks } from '../kubelet/bottlerocket.ts';
import { approveRequests } from './certificates.ts';
import { lookAtConfigz } from './configz.ts';
import type { Advice, Change, NodeFacts, Platform } from './platform.ts';
import { sh } from './shell.ts';
import { step } from './step.ts';
import { userDataOf } from './user-data.ts';

/** Which setting of Bottlerocket renders a setting of the kubelet, below `[settings.kubernetes]`. */
const KEYS: Readonly<Record<string, string>> = {
  eventRecordQPS: 'event-qps',
  podPidsLimit: 'pod-pids-limit',
  seccompDefault: 'seccomp-default',
  serverTLSBootstrap: 'server-tls-bootstrap',
};

/** These are open in standalone mode and nowhere else, and then on 127.0.0.1 only. */
const STANDALONE: ReadonlySet<string> = new Set([
  'authentication.anonymous.enabled',
  'authentication.x509.clientCAFile',
  'authorization.mode',
]);

const texts = {
  guessed: 'What this release of Bottlerocket makes of its settings is not known here',
  reboot: 'Reboot the node.',
  log: 'Watch the log of the kubelet for certificate_manager (`sheltie journalctl -u kubelet` in the admin container).',
  set: (line: string, where: string) =>
    `Set \`${line}\` below \`[settings.kubernetes]\` in ${where}, from which new nodes start.`,
  live: 'Set it on the running node too, where Bottlerocket restarts the kubelet itself.',
  virtual: "the virtual machine's user data (guestinfo.userdata, or that of its CD-ROM)",
  metal: 'user-data.toml of the partition BOTTLEROCKET-PRIVATE',
  lacking: (name: string, what: string) =>
    `Replace the node by one of ${what} or later, the first in which a setting of Bottlerocket decides ${name}.`,
  release: (minor: number) => `Bottlerocket 1.${minor}`,
  kubernetes: (minor: number) => `a variant for Kubernetes 1.${minor}`,
  fixed: (name: string) =>
    `Update to a Bottlerocket release whose kubelet configuration has the wanted value: Bottlerocket has no setting for ${name}, its image decides it.`,
  standalone:
    'Set `standalone-mode = false` below `[settings.kubernetes]` if the node is to join a cluster, together with api-server, cluster-name and cluster-certificate, without which the kubelet cannot start; otherwise accept the finding by a waiver, because in standalone mode its kubelet listens on 127.0.0.1 only.',
  rotationOn:
    'Replace the node before its certificate expires: Bottlerocket has no setting for rotateCertificates, and a new node asks for a certificate of its own.',
  rotationOff:
    'Replace the node, before it restarts, by one of a release whose image leaves rotation off: Bottlerocket has no setting for rotateCertificates, and after its next start this node cannot authenticate.',
  gate: (name: string) =>
    `Update to a Bottlerocket release that leaves the feature gate ${name} on: Bottlerocket has no setting for it, its image decides it.`,
  files: (paths: string) =>
    `Update to a Bottlerocket release that writes ${paths} as the benchmark wants, or accept the finding by a waiver: Bottlerocket writes it itself and has no setting for its mode or owner.`,
  token: (where: string) =>
    `Set \`bootstrap-token\` below \`[settings.kubernetes]\` to a valid token in ${where}, from which new nodes start.`,
  again:
    'Set it on the running node too, where Bottlerocket restarts the kubelet, which asks for a new certificate by it.',
};

const reboot = () => step(texts.reboot, 'apiclient reboot');

export const bottlerocket: Platform = {
  name: 'bottlerocket',
  title: 'Bottlerocket',
  isCertain: ({ evidence }) => evidence.os.id === 'bottlerocket',
  isLikely: () => false,
  hiddenArguments: (kubelet) =>
    isGuessed(kubelet) ? { why: texts.guessed, look: lookAtConfigz('kubectl'), own: [], last: true } : undefined,
  hasKubeadm: false,
  namesNodes: false,
  embeddedProxy: undefined,
  change: changeSetting,
  openGate: (_node, name) => step(texts.gate(name)),
  restart: reboot,
  afterChange: () => [],
  setsCallers: false,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/pki/ca.crt',
  setKernelParameters: () => [],
  files: { byHand: false, instead: (paths) => step(texts.files(paths)) },
  clientCertificate: {
    renewedBy: 'kubelet',
    approve: approveRequests(reboot, () => step(texts.log)),
    replace: (node) => [
      step(texts.token(whereOf(node))),
      step(texts.again, `apiclient set settings.kubernetes.bootstrap-token="\${TOKEN:?}"`),
    ],
  },
  upgrade: {
    node: 'is replaced',
    bootstrap: {
      flags: [
        'bootstrap-kubeconfig',
        'cert-dir',
        'cloud-provider',
        'config',
        'container-runtime-endpoint',
        'containerd',
        'hostname-override',
        'image-credential-provider-bin-dir',
        'image-credential-provider-config',
        'kubeconfig',
        'node-ip',
        'node-labels',
        'pod-infra-container-image',
        'register-with-taints',
        'root-dir',
        'runtime-cgroups',
        'v',
      ],
      files: ['/etc/kubernetes/kubelet/config'],
      gates: 'all',
    },
  },
};

function changeSetting(node: NodeFacts, { setting, value }: Change): Advice {
  if (setting === 'rotateCertificates') {
    return { steps: [step(value === 'true' ? texts.rotationOn : texts.rotationOff)], writes: false };
  }
  if (STANDALONE.has(setting)) return { steps: [step(texts.standalone)], writes: false };
  const key = KEYS[setting];
  if (key === undefined) return { steps: [step(texts.fixed(setting))], writes: false };
  const first = lacks(key, node.evidence.os);
  if (first !== undefined) {
    const what = 'release' in first ? texts.release(first.release) : texts.kubernetes(first.kubernetes);
    return { steps: [step(texts.lacking(setting, what))], writes: false };
  }
  return {
    steps: [
      step(texts.set(`${key} = ${value}`, whereOf(node))),
      step(texts.live, sh`apiclient set ${`settings.kubernetes.${key}=${value}`}`),
    ],
    writes: true,
  };
}

/** Where the user data of new nodes is written; only the variants for AWS have that of an instance. */
function whereOf(node: NodeFacts): string {
  const { variant = '' } = node.evidence.os;
  if (variant.startsWith('vmware-')) return texts.virtual;
  return variant.startsWith('metal-') ? texts.metal : userDataOf(node).where;
}
