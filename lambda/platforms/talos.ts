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
import { capital } from './wording.ts';

const restart = () => 'restart the kubelet (talosctl service kubelet restart)';

const installer: Installer = {
  config: 'machine.kubelet.extraConfig of the machine configuration',
  flags: 'machine.kubelet.extraArgs of the machine configuration',
  ending: "apply it by talosctl: Talos rewrites the kubelet's files and restarts it",
  own: ['authentication', 'authorization', 'protectKernelDefaults', 'rotateCertificates', 'seccompDefault'],
};

const texts = {
  files: (paths: string) =>
    `Talos writes ${paths} itself, has no shell, and no setting for the mode or owner: update to a Talos release that writes it as the benchmark wants, or accept the finding by a waiver.`,
  replace:
    'Run talosctl service kubelet restart: the kubelet asks for a new certificate by the bootstrap kubeconfig of Talos.',
};

export const talos: Platform = {
  name: 'talos',
  title: 'Talos',
  isCertain: ({ evidence }) => evidence.os.id === 'talos',
  isLikely: () => false,
  hiddenArguments: () => undefined,
  namesNodes: true,
  embeddedProxy: undefined,
  change: (_node, change) => changeByInstaller(installer, change),
  openGate: openIn('featureGates of machine.kubelet.extraConfig of the machine configuration'),
  restart,
  afterChange: () => `${capital(installer.ending)}.`,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/pki/ca.crt',
  setKernelParameters: setIn('machine.sysctls of the machine configuration'),
  files: { byHand: false, instead: texts.files },
  clientCertificate: { renewedBy: 'kubelet', approve: approveRequests(restart), replace: () => texts.replace },
  upgrade: { node: 'is replaced', bootstrap: { flags: [], files: [] } },
};
