/**
 * k0s: its worker writes the kubelet's files whenever it starts. Sources: k0s documentation, Configuration options for
 * worker nodes; k0sproject/k0s pkg/component/worker/kubelet.go (prepareLocalKubeletConfig, WriteContentAtomically) and
 * utils.go (BootstrapKubeletKubeconfig).
 * Tested by test/platforms/index.test.ts.
 */
import { approveRequests } from './certificates.ts';
import { openIn } from './gates.ts';
import { changeByInstaller, type Installer } from './installer.ts';
import { setOnNode } from './kernel.ts';
import type { Platform } from './platform.ts';
import { runsFrom } from './signs.ts';
import { step } from './step.ts';
import { restartUnit } from './systemd.ts';

const PROFILE = 'the worker profile of this node (spec.workerProfiles of the k0s configuration)';

/** What `k0s install worker` made (k0s documentation, k0s start, k0s stop). */
const RESTART = 'k0s stop && k0s start';

const installer: Installer = {
  config: PROFILE,
  flags: '--kubelet-extra-args of k0s worker',
  ending: [step("Restart k0s on the node, which rewrites the kubelet's files.", RESTART)],
  own: ['authentication.x509.clientCAFile'],
};

const texts = {
  /** k3s and RKE2 write theirs in place, which keeps the mode. */
  files:
    'Run the command again after each start of k0s, which puts a new file of mode 644 there, or accept the finding by a waiver.',
  token: 'Make a join token on a controller.',
  give: 'Write the token to the file that --token-file of k0s worker names on the node.',
  restart: 'Restart k0s on the node, which finds the certificate expired and asks for a new one.',
};

export const k0s: Platform = {
  name: 'k0s',
  title: 'k0s',
  isCertain: (node) =>
    /^k0s(?:worker|controller)\.service$/.test(node.kubelet.unit ?? '') || runsFrom(node, '/var/lib/k0s/'),
  isLikely: () => false,
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  namesNodes: true,
  embeddedProxy: undefined,
  change: (_node, change) => changeByInstaller(installer, change),
  openGate: openIn(`featureGates of ${PROFILE}`),
  restart: restartUnit,
  afterChange: () => installer.ending,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/var/lib/k0s/pki/ca.crt',
  setKernelParameters: setOnNode,
  files: {
    byHand: true,
    // The owner of the new file is root again.
    lasting: (files, attribute) =>
      attribute === 'mode' && files.some(({ role }) => role === 'config') ? [step(texts.files)] : [],
  },
  clientCertificate: {
    renewedBy: 'kubelet',
    approve: approveRequests(restartUnit),
    replace: () => [
      step(texts.token, 'k0s token create --role worker'),
      step(texts.give),
      step(texts.restart, RESTART),
    ],
  },
  upgrade: { node: 'stays' },
};
