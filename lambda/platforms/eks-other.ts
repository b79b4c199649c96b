/**
 * Other images that join EKS clusters: nothing is known of how they are made but that new nodes start from the image.
 * Tested by test/platforms/index.test.ts.
 */
import { bootstrapped } from './certificates.ts';
import { editInPlace } from './edit.ts';
import { AGAIN_FROM_IMAGE, isEks } from './eks.ts';
import { openWhereOff } from './gates.ts';
import { setOnNode } from './kernel.ts';
import type { Platform } from './platform.ts';
import { restartUnit, thenRestartUnit } from './systemd.ts';

export const eksOther: Platform = {
  name: 'eks-other',
  title: 'EKS on another image',
  isCertain: () => false,
  isLikely: isEks,
  hiddenArguments: () => undefined,
  hasKubeadm: false,
  namesNodes: false,
  embeddedProxy: undefined,
  change: (node, change) => editInPlace(node, change),
  openGate: openWhereOff,
  restart: restartUnit,
  afterChange: thenRestartUnit,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/etc/kubernetes/pki/ca.crt',
  setKernelParameters: setOnNode,
  files: { byHand: true, lasting: () => AGAIN_FROM_IMAGE },
  clientCertificate: bootstrapped(restartUnit),
  // Which of its arguments the image writes nobody knows, so all of them may come along.
  upgrade: { node: 'is replaced', bootstrap: { flags: [], files: [], gates: [] } },
};
