/**
 * Client certificates that the kubelet itself asks for, and renews where rotation is on.
 * Tested by test/criteria/renewal.test.ts.
 */
import type { NodeFacts, Platform } from './platform.ts';

const texts = {
  approve: (restart: string) =>
    `Look for the node's pending signing requests (kubectl get csr) and approve them; if there are none, ${restart} and watch its log for certificate_manager.`,
  bootstrap: (restart: string, named: boolean) =>
    `${named ? 'Give' : 'Have what issued the certificate issue another one, or give'} the node a valid bootstrap kubeconfig (kubeadm: kubeadm token create, then write /etc/kubernetes/bootstrap-kubelet.conf and remove the expired kubelet-client-current.pem)${named ? '' : ', name it by --bootstrap-kubeconfig, which this kubelet lacks'}, then ${restart}.`,
};

/** What to do where signing requests are not approved, on a node whose kubelet `restart` restarts. */
export function approveRequests(restart: Platform['restart']): Platform['clientCertificate']['approve'] {
  return (node: NodeFacts) => texts.approve(restart(node));
}

/** The kubelet asks for its certificates by a bootstrap kubeconfig; `restart` restarts it. */
export function bootstrapped(restart: Platform['restart']): Platform['clientCertificate'] {
  return {
    renewedBy: 'kubelet',
    approve: approveRequests(restart),
    replace: (node, bootstraps) => texts.bootstrap(restart(node), bootstraps),
  };
}
