/**
 * MicroK8s: a snap whose kubelite holds the kubelet; its arguments are the lines of one file (canonical/microk8s,
 * microk8s-resources/default-args, and kubelite's --kubelet-args-file).
 * Tested by test/platforms/index.test.ts.
 */
import type { KubeletProcess } from '../kubelet/evidence.ts';
import { approveRequests } from './certificates.ts';
import { lookAtConfigz } from './configz.ts';
import { editInPlace } from './edit.ts';
import { openWhereOff } from './gates.ts';
import { setOnNode } from './kernel.ts';
import type { Platform } from './platform.ts';
import { step } from './step.ts';
import { restartUnit, thenRestartUnit } from './systemd.ts';

/**
 * Its certificates are made when a node starts for the first time or joins (canonical/microk8s, issue 2489 and the command
 * refresh-certs, which refuses on a node that has joined another).
 */
const REJOIN = [
  step(
    'Refresh the certificates if this node is the only one, and skip the other steps.',
    'microk8s refresh-certs --cert ca.crt',
  ),
  step('Let another node print the command by which this one can join.', 'microk8s add-node'),
  step('Let this node leave the cluster.', 'microk8s leave'),
  step('Let it join again by the command that was printed.'),
] as const;

export const microk8s: Platform = {
  name: 'microk8s',
  title: 'MicroK8s',
  isCertain: ({ kubelet }) => kubelet.host === 'microk8s',
  isLikely: () => false,
  hiddenArguments: (kubelet) =>
    wasStartedWithLines(kubelet) ? undefined : { look: lookAtConfigz('microk8s kubectl'), own: [], last: false },
  hasKubeadm: false,
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
  clientCertificate: { renewedBy: 'kubelet', approve: approveRequests(restartUnit), replace: () => REJOIN },
  upgrade: { node: 'stays' },
};

/** Where the file of the arguments was read and is older than the process, its lines are what the kubelet started with. */
function wasStartedWithLines({ files, startedAt }: KubeletProcess): boolean {
  const list = files.find(({ role, path }) => role === 'environment' && path.endsWith('/args/kubelet'));
  if (list?.state !== 'file') return false;
  return startedAt === undefined || list.modifiedAt === undefined || list.modifiedAt <= startedAt;
}
