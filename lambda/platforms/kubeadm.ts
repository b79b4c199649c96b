/**
 * kubeadm, on whatever Linux: the node's files are its own, and kubeadm writes some of them anew. Sources:
 * kubernetes/release, 10-kubeadm.conf; kubernetes.io, kubelet-integration; kubernetes/enhancements, KEP-2915; for the upgrade
 * kubernetes 1.35, cmd/kubeadm/app/cmd/phases/upgrade/postupgrade.go.
 * Tested by test/platforms/index.test.ts.
 */
import { bootstrapped } from './certificates.ts';
import { editInPlace } from './edit.ts';
import { openWhereOff } from './gates.ts';
import { setOnNode } from './kernel.ts';
import type { NodeFacts, Platform } from './platform.ts';
import { namesPath } from './signs.ts';
import { type Step, step } from './step.ts';
import { restartUnit, thenRestartUnit } from './systemd.ts';

const FILES = [
  '/etc/kubernetes/bootstrap-kubelet.conf',
  '/etc/kubernetes/kubelet.conf',
  '/var/lib/kubelet/config.yaml',
];

/** The first version whose ConfigMap has no version in its name (KEP-2915). */
const FIRST_UNVERSIONED = 24;

const texts = {
  configMap: (name: string) =>
    `Change the ConfigMap ${name} of kube-system as well, because kubeadm upgrade rewrites the file from it.`,
};

export const kubeadm: Platform = {
  name: 'kubeadm',
  title: 'kubeadm',
  isCertain: (node) => namesPath(node, ...FILES),
  isLikely: () => false,
  hiddenArguments: () => undefined,
  hasKubeadm: true,
  namesNodes: false,
  embeddedProxy: undefined,
  change: (node, change) =>
    editInPlace(node, change, { also: (file) => (file?.role === 'config' ? [changeConfigMap(node)] : []) }),
  openGate: openWhereOff,
  restart: restartUnit,
  afterChange: thenRestartUnit,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/pki/ca.crt',
  setKernelParameters: setOnNode,
  files: { byHand: true, lasting: () => [] },
  clientCertificate: bootstrapped(restartUnit, 'kubeadm token create'),
  // What stands in KUBELET_EXTRA_ARGS stays there.
  upgrade: {
    node: 'stays',
    cleans: [{ minor: 35, flag: 'pod-infra-container-image', file: 'kubeadm-flags.env' }],
  },
};

function changeConfigMap({ configuration: { version } }: NodeFacts): Step {
  const old = version.known && version.minor < FIRST_UNVERSIONED;
  const name = old ? `kubelet-config-1.${version.minor}` : 'kubelet-config';
  return step(texts.configMap(name), `kubectl -n kube-system edit configmap ${name}`);
}
