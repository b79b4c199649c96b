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
import { step } from './step.ts';
import { restartUnit } from './systemd.ts';

/** Its own operating systems; on RHEL its kubelet is told by its --config. */
const SYSTEMS = new Set(['rhcos', 'scos']);
const CONFIG = '/etc/kubernetes/kubelet.conf';

const installer: Installer = {
  config:
    'spec.kubeletConfig of a KubeletConfig (machineconfiguration.openshift.io/v1) for the machine config pool of this node',
  flags: 'the unit kubelet.service in a MachineConfig of the machine config pool of this node',
  ending: [
    step(
      'Wait until the Machine Config Operator has restarted the nodes of the pool, one after the other; it reports a node whose files were edited by hand as degraded.',
      'oc get machineconfigpool',
    ),
  ],
  own: [],
};

const texts = {
  /** A KubeletConfig may not name gates: they come from the cluster's FeatureGate. */
  gate: (name: string) =>
    `Put the feature gate ${name} into spec.customNoUpgrade.enabled, not disabled, of the FeatureGate cluster (config.openshift.io/v1).`,
  files:
    'First make sure that no MachineConfig of the cluster holds the file, or set its mode and owner there and nothing on the node: the Machine Config Operator reports a node whose files differ as degraded.',
  requests: "Look for the node's pending signing requests.",
  approve: 'Approve them (`oc adm certificate approve`).',
  log: 'If there are none, look into the log of its kubelet for certificate_manager.',
  first:
    'Approve that of node-bootstrapper (`oc adm certificate approve`), by which the kubelet asks for a new certificate of its own.',
  second: 'Approve that of the node for its serving certificate, which follows.',
};

export const openshift: Platform = {
  name: 'openshift',
  title: 'OpenShift',
  isCertain: (node) => SYSTEMS.has(node.evidence.os.id ?? '') || isConfig(node, CONFIG),
  isLikely: () => false,
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  namesNodes: false,
  embeddedProxy: undefined,
  change: (_node, change) => changeByInstaller(installer, change),
  openGate: (node, name, source) =>
    source.kind === 'flag' ? openWhereOff(node, name, source) : step(texts.gate(name)),
  restart: restartUnit,
  afterChange: () => installer.ending,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/kubelet-ca.crt',
  setKernelParameters: setIn('a Tuned profile (tuned.openshift.io/v1) for the machine config pool of this node'),
  files: { byHand: true, beforehand: step(texts.files), lasting: () => [] },
  clientCertificate: {
    renewedBy: 'kubelet',
    approve: () => [step(texts.requests, 'oc get csr'), step(texts.approve), step(texts.log)],
    replace: () => [step(texts.requests, 'oc get csr'), step(texts.first), step(texts.second)],
  },
  upgrade: { node: 'is replaced', bootstrap: { flags: [], files: [], gates: [] } },
};
