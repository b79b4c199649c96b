/** Where an installer keeps what it makes the kubelet's files and command line from: to change these is undone, or worse. */
import type { NodeType } from './node-type.ts';

export type Installer = {
  config: string;
  flags: string;
  ending: string;
  /** Settings that its configuration cannot give, because it sets them itself: only flags come after it. */
  own?: readonly string[];
};

/**
 * Sources: OpenShift documentation, Managing nodes, Understanding configuration drift detection; Talos documentation,
 * machine.kubelet, and siderolabs/talos pkg/machinery/kubelet, ProtectedConfigurationFields; k0s documentation,
 * Configuration options for worker nodes, and k0sproject/k0s pkg/component/worker/kubelet.go, prepareLocalKubeletConfig.
 */
export const INSTALLERS: Partial<Record<NodeType, Installer>> = {
  openshift: {
    config:
      'spec.kubeletConfig of a KubeletConfig (machineconfiguration.openshift.io/v1) for the machine config pool of this node',
    flags: 'the unit kubelet.service in a MachineConfig of the machine config pool of this node',
    ending:
      'the Machine Config Operator then restarts the nodes of the pool one after the other. Do not edit the files on the node: the operator would then report it as degraded',
  },
  talos: {
    config: 'machine.kubelet.extraConfig of the machine configuration',
    flags: 'machine.kubelet.extraArgs of the machine configuration',
    ending: "apply it by talosctl: Talos rewrites the kubelet's files and restarts it",
    own: ['authentication', 'authorization', 'protectKernelDefaults', 'rotateCertificates', 'seccompDefault'],
  },
  k0s: {
    config: 'the worker profile of this node (spec.workerProfiles of the k0s configuration)',
    flags: '--kubelet-extra-args of k0s worker',
    ending: "then restart k0s on the node: it rewrites the kubelet's files",
    own: ['authentication.x509.clientCAFile'],
  },
};
