/**
 * Client certificates that the kubelet itself asks for, and renews where rotation is on.
 * Tested by test/criteria/renewal.test.ts.
 */
import { isOnWindows } from '../kubelet/files.ts';
import type { NodeFacts, Platform } from './platform.ts';
import { sh } from './shell.ts';
import { given, type Step, step } from './step.ts';
import { watchLog } from './systemd.ts';
import { oneLine } from './wording.ts';

/** Where kubeadm has it (cmd/kubeadm/app/constants, KubeletBootstrapKubeConfigFileName). */
const BOOTSTRAP = '/etc/kubernetes/bootstrap-kubelet.conf';
const BOOTSTRAP_ON_WINDOWS = 'C:\\etc\\kubernetes\\bootstrap-kubelet.conf';

const texts = {
  requests: "Look for the node's pending signing requests.",
  approve: 'Approve them (`kubectl certificate approve`).',
  none: 'If there are none,',
  issue:
    'Have what issued the certificate issue another one, and skip the other steps; or, to let the kubelet ask for its own, go on with them.',
  token: 'Make the node a bootstrap token in the cluster.',
  tokenThere: 'Make the node a bootstrap token on a node of the control plane.',
  write: (path: string) => `Write a bootstrap kubeconfig with that token to ${path} on the node.`,
  name: (path: string) => `Name it by --bootstrap-kubeconfig=${path}, which this kubelet lacks.`,
  remove: 'Remove the expired certificate of the kubelet, kubelet-client-current.pem in the folder of --cert-dir.',
};

/** What to do where signing requests are not approved, on a node whose kubelet `restart` restarts. */
export function approveRequests(
  restart: Platform['restart'],
  watch: (node: NodeFacts) => Step = watchLog,
): Platform['clientCertificate']['approve'] {
  return (node: NodeFacts) => [
    step(texts.requests, 'kubectl get csr'),
    step(texts.approve),
    given(texts.none, restart(node)),
    watch(node),
  ];
}

/** The kubelet asks for its certificates by a bootstrap kubeconfig; `restart` restarts it, `make` makes a token. */
export function bootstrapped(restart: Platform['restart'], make?: string): Platform['clientCertificate'] {
  return {
    renewedBy: 'kubelet',
    approve: approveRequests(restart),
    replace: (node, bootstraps) => bootstrap(node, bootstraps, restart, make),
  };
}

function bootstrap(
  node: NodeFacts,
  bootstraps: boolean,
  restart: Platform['restart'],
  make: string | undefined,
): Step[] {
  const { configuration } = node;
  const flags = configuration.starts === true ? configuration.flags : undefined;
  const named = flags?.['bootstrap-kubeconfig'].value;
  const folder = flags?.['cert-dir'].value ?? '';
  const windows = isOnWindows(node.kubelet);
  const path = oneLine(named || (windows ? BOOTSTRAP_ON_WINDOWS : BOOTSTRAP));
  const command = folder.startsWith('/') && !windows ? sh`rm ${`${folder}/kubelet-client-current.pem`}` : undefined;
  return [
    ...(bootstraps ? [] : [step(texts.issue)]),
    step(make === undefined ? texts.token : texts.tokenThere, make),
    step(texts.write(path)),
    ...(bootstraps ? [] : [step(texts.name(path))]),
    step(texts.remove, command),
    restart(node),
  ];
}
