/**
 * OpenShift: the Machine Config Operator writes the kubelet's files and reports a node whose files differ. Sources:
 * OpenShift documentation, Managing nodes, Understanding configuration drift detection, Node Tuning Operator;
 * openshift/machine-config-operator, templates and pkg/controller/kubelet-config; openshift/cluster-machine-approver.
 * Tested by test/platforms/index.test.ts.
 */
import { openWhereOff } from './gates.ts';
import { changeByInstaller, type Installer } from './installer.ts';
import { setIn } from './kernel.ts';
import type { Platform } from './platform.ts';
import { isConfig } from './signs.ts';
import { restartUnit } from './systemd.ts';
import { capital } from './wording.ts';

/** Its own operating systems; on RHEL its kubelet is told by its --config. */
const SYSTEMS = new Set(['rhcos', 'scos']);
const CONFIG = '/etc/kubernetes/kubelet.conf';

const installer: Installer = {
  config:
    'spec.kubeletConfig of a KubeletConfig (machineconfiguration.openshift.io/v1) for the machine config pool of this node',
  flags: 'the unit kubelet.service in a MachineConfig of the machine config pool of this node',
  ending:
    'the Machine Config Operator then restarts the nodes of the pool one after the other. Do not edit the files on the node: the operator would then report it as degraded',
  own: [],
};

const texts = {
  /** A KubeletConfig may not name gates: they come from the cluster's FeatureGate. */
  gate: (name: string) =>
    `Put the feature gate ${name} into spec.customNoUpgrade.enabled, not disabled, of the FeatureGate cluster (config.openshift.io/v1).`,
  files:
    ' Where a MachineConfig of the cluster holds the file, set its mode and owner there instead: the Machine Config Operator reports a node whose files differ as degraded.',
  approve:
    "Look for the node's pending signing requests (oc get csr) and approve them (oc adm certificate approve); if there are none, look into the log of its kubelet for certificate_manager.",
  replace:
    "Approve the node's pending signing requests (oc get csr, oc adm certificate approve): first that of node-bootstrapper, by which the kubelet asks for a new certificate of its own, then that of the node for its serving certificate.",
};

export const openshift: Platform = {
  name: 'openshift',
  title: 'OpenShift',
  isCertain: (node) => SYSTEMS.has(node.evidence.os.id ?? '') || isConfig(node, CONFIG),
  isLikely: () => false,
  hiddenArguments: () => undefined,
  namesNodes: false,
  embeddedProxy: undefined,
  change: (_node, change) => changeByInstaller(installer, change),
  openGate: (node, name, source) => (source.kind === 'flag' ? openWhereOff(node, name, source) : texts.gate(name)),
  restart: restartUnit,
  afterChange: () => `${capital(installer.ending)}.`,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/kubelet-ca.crt',
  setKernelParameters: setIn('a Tuned profile (tuned.openshift.io/v1) for the machine config pool of this node'),
  files: { byHand: true, lasting: () => texts.files },
  clientCertificate: { renewedBy: 'kubelet', approve: () => texts.approve, replace: () => texts.replace },
  upgrade: { node: 'is replaced', bootstrap: { flags: [], files: [] } },
};
