/**
 * RKE2: starts a kubelet of its own with arguments of its own making, renews its certificates when it starts. Sources:
 * docs.rke2.io, RKE2 Agent Configuration Reference and Certificate Management.
 * Tested by test/platforms/index.test.ts.
 */
import { approveRequests } from './certificates.ts';
import { openIn } from './gates.ts';
import { setOnNode } from './kernel.ts';
import { changeKubeletArg } from './kubelet-arg.ts';
import type { Platform } from './platform.ts';
import { runsFrom } from './signs.ts';
import { restartUnit, thenRestartUnit } from './systemd.ts';

const CONFIG = '/etc/rancher/rke2/config.yaml';

const texts = {
  renew: 'Restart RKE2, which at its start renews certificates that have expired or will within 90 days.',
};

export const rke2: Platform = {
  name: 'rke2',
  title: 'RKE2',
  isCertain: (node) =>
    /^rke2-(server|agent)\.service$/.test(node.kubelet.unit ?? '') || runsFrom(node, '/var/lib/rancher/rke2/'),
  isLikely: () => false,
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  namesNodes: true,
  embeddedProxy: undefined,
  change: changeKubeletArg(CONFIG),
  openGate: openIn(`the entry feature-gates=… of the list kubelet-arg of ${CONFIG}`),
  restart: restartUnit,
  afterChange: thenRestartUnit,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/var/lib/rancher/rke2/agent/client-ca.crt',
  setKernelParameters: setOnNode,
  files: { byHand: true, lasting: () => [] },
  clientCertificate: {
    renewedBy: 'installer',
    approve: approveRequests(restartUnit),
    replace: (node) => [{ ...restartUnit(node), text: texts.renew }],
  },
  upgrade: { node: 'stays' },
};
