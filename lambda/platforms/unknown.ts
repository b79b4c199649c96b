/**
 * A node of a kind that nothing tells: what is written on it is changed where it stands, and nothing else is assumed.
 * Tested by test/platforms/index.test.ts.
 */
import { bootstrapped } from './certificates.ts';
import { editInPlace } from './edit.ts';
import { openWhereOff } from './gates.ts';
import { setOnNode } from './kernel.ts';
import type { Platform } from './platform.ts';
import { restartUnit, thenRestartUnit } from './systemd.ts';

export const unknown: Platform = {
  name: 'unknown',
  title: 'a kind that nothing tells',
  isCertain: () => false,
  isLikely: () => true,
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  namesNodes: false,
  embeddedProxy: undefined,
  change: (node, change) => editInPlace(node, change),
  openGate: openWhereOff,
  restart: restartUnit,
  afterChange: thenRestartUnit,
  setsCallers: true,
  authorizesApiServer: false,
  clientCaFile: '/etc/kubernetes/pki/ca.crt',
  setKernelParameters: setOnNode,
  files: { byHand: true, lasting: () => [] },
  clientCertificate: bootstrapped(restartUnit),
  upgrade: { node: 'stays' },
};
