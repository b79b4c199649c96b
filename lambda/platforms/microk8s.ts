/**
 * MicroK8s: a snap whose kubelite holds the kubelet; its arguments are the lines of one file (canonical/microk8s,
 * microk8s-resources/default-args, and kubelite's --kubelet-args-file).
 * Tested by test/platforms/index.test.ts.
 */
import type { KubeletProcess } from '../kubelet/evidence.ts';
import { bootstrapped } from './certificates.ts';
import { lookAtConfigz } from './configz.ts';
import { editInPlace } from './edit.ts';
import { openWhereOff } from './gates.ts';
import { setOnNode } from './kernel.ts';
import type { Platform } from './platform.ts';
import { restartUnit, thenRestartUnit } from './systemd.ts';

export const microk8s: Platform = {
  name: 'microk8s',
  title: 'MicroK8s',
  isCertain: ({ kubelet }) => kubelet.host === 'microk8s',
  isLikely: () => false,
  hiddenArguments: (kubelet) =>
    wasStartedWithLines(kubelet) ? undefined : { look: lookAtConfigz('microk8s kubectl'), own: [], last: false },
  namesNodes: false,
  embeddedProxy: {
    kubeconfig: '/var/snap/microk8s/current/credentials/proxy.config',
    arguments: '/var/snap/microk8s/current/args/kube-proxy',
  },
  change: (node, change) => editInPlace(node, change),
  openGate: openWhereOff,
  restart: restartUnit,
  afterChange: thenRestartUnit,
  setsCallers: true,
  authorizesApiServer: true,
  clientCaFile: '/var/snap/microk8s/current/certs/ca.crt',
  setKernelParameters: setOnNode,
  files: { byHand: true, lasting: () => [] },
  clientCertificate: bootstrapped(restartUnit),
  upgrade: { node: 'stays' },
};

/** Where the file of the arguments was read and is older than the process, its lines are what the kubelet started with. */
function wasStartedWithLines({ files, startedAt }: KubeletProcess): boolean {
  const list = files.find(({ role, path }) => role === 'environment' && path.endsWith('/args/kubelet'));
  if (list?.state !== 'file') return false;
  return startedAt === undefined || list.modifiedAt === undefined || list.modifiedAt <= startedAt;
}
