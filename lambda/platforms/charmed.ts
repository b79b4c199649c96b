/**
 * Charmed Kubernetes: a charm writes the kubelet's file and gives its snap the arguments, from its options, whenever one of
 * them changes; the kubelet authenticates by a token of the control plane. Sources: charmed-kubernetes/charm-kubernetes-worker,
 * charmcraft.yaml and src/charm.py; charmed-kubernetes/charm-lib-kubernetes-snaps, charms/kubernetes_snaps.py
 * (configure_kubelet, configure_kubernetes_service, update_kubeconfig, write_certificates).
 * Tested by test/platforms/index.test.ts.
 */
import { bootstrapped } from './certificates.ts';
import { openIn } from './gates.ts';
import { changeByInstaller, type Installer } from './installer.ts';
import { setIn } from './kernel.ts';
import type { Platform } from './platform.ts';
import { isConfig } from './signs.ts';
import { step } from './step.ts';
import { restartUnit } from './systemd.ts';

const CONFIG = '/root/cdk/kubelet/config.yaml';
const EXTRA = 'the option kubelet-extra-config of the charm of this node (kubernetes-worker)';

const installer: Installer = {
  config: EXTRA,
  flags: 'the option kubelet-extra-args of the charm of this node (kubernetes-worker)',
  ending: [step('Wait until the charm has written the file anew and restarted the kubelet.', 'juju status')],
  own: [],
};

const texts = {
  /** It writes in place, which keeps the mode, but puts a new kubeconfig there. */
  files:
    'Run the command again after the charm has written the kubeconfig, or accept the finding by a waiver: it puts a new file of mode 644 there.',
};

export const charmed: Platform = {
  name: 'charmed',
  title: 'Charmed Kubernetes',
  isCertain: (node) => isConfig(node, CONFIG),
  isLikely: () => false,
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  namesNodes: true,
  embeddedProxy: undefined,
  change: (_node, change) => changeByInstaller(installer, change),
  openGate: openIn(`featureGates of ${EXTRA}`),
  restart: restartUnit,
  afterChange: () => installer.ending,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/root/cdk/ca.crt',
  setKernelParameters: setIn('the option sysctl of the charm of this node (kubernetes-worker)'),
  files: {
    byHand: true,
    lasting: (files, attribute) =>
      attribute === 'mode' && files.some(({ role }) => role === 'kubeconfig') ? [step(texts.files)] : [],
  },
  clientCertificate: bootstrapped(restartUnit),
  upgrade: { node: 'stays' },
};
