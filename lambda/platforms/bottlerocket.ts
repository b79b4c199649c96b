/**
 * Bottlerocket: the kubelet's files and arguments are rendered from settings, there is no shell, and an update swaps the
 * whole image. Sources: bottlerocket-os/bottlerocket-core-kit, packages/kubernetes-1.31: kubelet-config,
 * kubelet-exec-start-conf, kubelet-bootstrap-kubeconfig; bottlerocket.dev, settings.kubernetes.
 * Tested by test/platforms/index.test.ts.
 */
import type { Advice, Change, NodeFacts, Platform } from './platform.ts';
import { isKarpenters, userDataOf } from './user-data.ts';

const RESTART = 'reboot the node (apiclient reboot)';

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
  set: (line: string, where: string) =>
    `Set \`${line}\` below \`[settings.kubernetes]\` in ${where}, or by apiclient set on the running node; Bottlerocket restarts the kubelet itself.`,
  fixed: (name: string) =>
    `Bottlerocket has no setting for ${name}: its image decides it, so update to a Bottlerocket release whose kubelet configuration has the wanted value.`,
  standalone:
    'Bottlerocket decides this by `standalone-mode` below `[settings.kubernetes]`; in that mode its kubelet listens on 127.0.0.1 only. If the node is to join a cluster, set `standalone-mode = false` together with api-server, cluster-name and cluster-certificate, without which the kubelet cannot start; otherwise accept the finding by a waiver.',
  rotationOn:
    'Bottlerocket has no setting for rotateCertificates: its image decides it. Replace the node before its certificate expires: a new one asks for a certificate of its own.',
  rotationOff:
    'Bottlerocket has no setting for rotateCertificates: its image decides it. Replace the node by one of a release whose image leaves rotation off, before it restarts: after its next start it cannot authenticate.',
  gate: (name: string) =>
    `Bottlerocket has no setting for the feature gate ${name}: its image decides it, so update to a Bottlerocket release that leaves it on.`,
  files: (paths: string) =>
    `Bottlerocket writes ${paths} itself and has no setting for its mode or owner: update to a Bottlerocket release that writes it as the benchmark wants, or accept the finding by a waiver.`,
  approve: `Look for the node's pending signing requests (kubectl get csr) and approve them; if there are none, ${RESTART} and watch its log for certificate_manager.`,
  token:
    'Set `bootstrap-token` below `[settings.kubernetes]` to a valid token, in the user data or by apiclient set: Bottlerocket restarts the kubelet, which asks for a new certificate by it.',
};

export const bottlerocket: Platform = {
  name: 'bottlerocket',
  title: 'Bottlerocket',
  isCertain: ({ evidence }) => evidence.os.id === 'bottlerocket',
  isLikely: () => false,
  hiddenArguments: () => undefined,
  namesNodes: false,
  embeddedProxy: undefined,
  change: changeSetting,
  openGate: (_node, name) => texts.gate(name),
  restart: () => RESTART,
  afterChange: () => '',
  setsCallers: false,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/pki/ca.crt',
  setKernelParameters: () => '',
  files: { byHand: false, instead: texts.files },
  clientCertificate: { renewedBy: 'kubelet', approve: () => texts.approve, replace: () => texts.token },
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
    },
  },
};

function changeSetting(node: NodeFacts, { setting, value }: Change): Advice {
  if (setting === 'rotateCertificates') {
    return { text: value === 'true' ? texts.rotationOn : texts.rotationOff, writes: false };
  }
  if (STANDALONE.has(setting)) return { text: texts.standalone, writes: false };
  const key = KEYS[setting];
  if (key === undefined) return { text: texts.fixed(setting), writes: false };
  const where = isKarpenters(node) ? userDataOf(node).where : 'the user data';
  return { text: texts.set(`${key} = ${value}`, where), writes: true };
}
