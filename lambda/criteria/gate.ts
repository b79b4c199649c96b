/** How a feature gate is turned on, where this kind of node keeps its gates. */
import type { GateName, Setting } from '../kubelet/configuration.ts';
import { type NodeType, nodeType } from '../platforms/node-type.ts';
import { takesEffect } from './restart.ts';
import type { NodeView } from './rule.ts';
import { origin } from './setting.ts';

const texts = {
  open: (name: string, where: string) => `Set the feature gate ${name} to true where it is turned off (${where}).`,
  elsewhere: (name: string, place: string, where: string) =>
    `Set the feature gate ${name} to true in ${place}, in place of what turns it off (${where}).`,
  bottlerocket: (name: string) =>
    `Bottlerocket has no setting for the feature gate ${name}: its image decides it, so update to a Bottlerocket release that leaves it on.`,
  openshift: (name: string) =>
    `Put the feature gate ${name} into spec.customNoUpgrade.enabled, not disabled, of the FeatureGate cluster (config.openshift.io/v1).`,
};

/**
 * Where the files come from that hold the gates of these nodes. A KubeletConfig of OpenShift may not name gates: they
 * come from its FeatureGate (openshift/machine-config-operator, pkg/controller/kubelet-config).
 */
const PLACES: Partial<Record<NodeType, string>> = {
  'eks-nodeadm': "featureGates of spec.kubelet.config of the NodeConfig in the node group's user data",
  'eks-al2': "--feature-gates in --kubelet-extra-args of /etc/eks/bootstrap.sh in the node group's user data",
  kops: 'spec.kubelet.featureGates of the kOps cluster or instance group',
  rke2: 'the entry feature-gates=… of the list kubelet-arg of /etc/rancher/rke2/config.yaml',
  talos: 'featureGates of machine.kubelet.extraConfig of the machine configuration',
  k0s: 'featureGates of the worker profile of this node (spec.workerProfiles of the k0s configuration)',
};

/** How a gate is turned on; what holds it off may be a group such as AllBeta, so it is set by its own name. */
export function openGate(node: NodeView, name: GateName, { source }: Setting<boolean>): string {
  const type = nodeType(node);
  if (type === 'bottlerocket' || (type === 'openshift' && source.kind !== 'flag')) return texts[type](name);
  const place = PLACES[type];
  return place ? texts.elsewhere(name, place, origin(source)) : texts.open(name, origin(source));
}

/** The same where nothing else is to change: with how it takes effect. */
export function openGateAlone(node: NodeView, name: GateName, gate: Setting<boolean>): string {
  return `${openGate(node, name, gate)} ${takesEffect(node)}`.trimEnd();
}
