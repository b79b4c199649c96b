/**
 * Talos: one machine configuration decides all, and there is no shell. Sources: Talos documentation, machine.kubelet and
 * machine.sysctls; siderolabs/talos, pkg/machinery/kubelet (ProtectedConfigurationFields), services/kubelet.go.
 * Tested by test/platforms/index.test.ts.
 */
import { approveRequests } from './certificates.ts';
import { openIn } from './gates.ts';
import { changeByInstaller, type Installer } from './installer.ts';
import { setIn } from './kernel.ts';
import type { Platform } from './platform.ts';
import { step } from './step.ts';

const RESTART = `talosctl -n "\${NODE:?}" service kubelet restart`;

const restart = () => step('Restart the kubelet; NODE is the address of the node.', RESTART);
const watch = () => step('Watch its log for certificate_manager.', `talosctl -n "\${NODE:?}" logs kubelet`);

const installer: Installer = {
  config: 'machine.kubelet.extraConfig of the machine configuration',
  flags: 'machine.kubelet.extraArgs of the machine configuration',
  ending: [
    step(
      "Apply it, by which Talos rewrites the kubelet's files and restarts it; NODE is the address of the node.",
      `talosctl -n "\${NODE:?}" edit machineconfig`,
    ),
  ],
  own: ['authentication', 'authorization', 'protectKernelDefaults', 'rotateCertificates', 'seccompDefault'],
};

const texts = {
  files: (paths: string) =>
    `Talos writes ${paths} itself, has no shell, and no setting for the mode or owner: update to a Talos release that writes it as the benchmark wants, or accept the finding by a waiver.`,
  replace:
    'Restart the kubelet, which asks for a new certificate by the bootstrap kubeconfig of Talos; NODE is the address of the node.',
};

export const talos: Platform = {
  name: 'talos',
  title: 'Talos',
  isCertain: ({ evidence }) => evidence.os.id === 'talos',
  isLikely: () => false,
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  namesNodes: true,
  embeddedProxy: undefined,
  change: (_node, change) => changeByInstaller(installer, change),
  openGate: openIn('featureGates of machine.kubelet.extraConfig of the machine configuration'),
  restart,
  afterChange: () => installer.ending,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/pki/ca.crt',
  setKernelParameters: setIn('machine.sysctls of the machine configuration'),
  files: { byHand: false, instead: (paths) => step(texts.files(paths)) },
  clientCertificate: {
    renewedBy: 'kubelet',
    approve: approveRequests(restart, watch),
    replace: () => [step(texts.replace, RESTART)],
  },
  upgrade: { node: 'is replaced', bootstrap: { flags: [], files: [], gates: [] } },
};
