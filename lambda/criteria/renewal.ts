/** How a client certificate that nothing renews is replaced, on this kind of node. */
import { type NodeType, nodeType } from '../platforms/node-type.ts';
import { restart } from './restart.ts';
import type { NodeView } from './rule.ts';
import { capital } from './setting.ts';

const texts = {
  approve: (restart: string) =>
    `Look for the node's pending signing requests (kubectl get csr) and approve them; if there are none, ${restart} and watch its log for certificate_manager.`,
  approveOpenshift:
    "Look for the node's pending signing requests (oc get csr) and approve them (oc adm certificate approve); if there are none, look into the log of its kubelet for certificate_manager.",
  bootstrap: (restart: string, named: boolean) =>
    `${named ? 'Give' : 'Have what issued the certificate issue another one, or give'} the node a valid bootstrap kubeconfig (kubeadm: kubeadm token create, then write /etc/kubernetes/bootstrap-kubelet.conf and remove the expired kubelet-client-current.pem)${named ? '' : ', name it by --bootstrap-kubeconfig, which this kubelet lacks'}, then ${restart}.`,
  issuer: (path: string) => `Have the issuer of ${path} replace it before that day.`,
  kops: 'Run a rolling update of the instance group (kops rolling-update cluster --instance-group … --force --yes): each new instance gets a new certificate; one that is not replaced keeps this one.',
  rke2: (restart: string) =>
    `${capital(restart)}: whenever it starts, RKE2 renews certificates that have expired or will within 90 days.`,
  openshift:
    "Approve the node's pending signing requests (oc get csr, oc adm certificate approve): first that of node-bootstrapper, by which the kubelet asks for a new certificate of its own, then that of the node for its serving certificate.",
  k0s: 'Give k0s worker a new join token (k0s token create --role worker; --token-file) and restart it: finding the certificate expired, it asks for a new one.',
  talos:
    'Run talosctl service kubelet restart: the kubelet asks for a new certificate by the bootstrap kubeconfig of Talos.',
  bottlerocket:
    'Set `bootstrap-token` below `[settings.kubernetes]` to a valid token, in the user data or by apiclient set: Bottlerocket restarts the kubelet, which asks for a new certificate by it.',
};

/**
 * Sources: kubernetes/kops nodeup/pkg/model/kubelet.go and docs/operations/rolling-update.md; docs.rke2.io, Certificate
 * Management; openshift/cluster-machine-approver; k0sproject/k0s pkg/component/worker/utils.go
 * (BootstrapKubeletKubeconfig); siderolabs/talos, services/kubelet.go; bottlerocket-core-kit, kubelet-bootstrap-kubeconfig.
 */
const WAYS: Partial<Record<NodeType, (restart: string) => string>> = {
  kops: () => texts.kops,
  rke2: texts.rke2,
  openshift: () => texts.openshift,
  k0s: () => texts.k0s,
  talos: () => texts.talos,
  bottlerocket: () => texts.bottlerocket,
};

/** The installer gives the kubelet its certificate, and with each new one the day moves on: rotation is not needed. */
export function isReissued(node: NodeView): boolean {
  return ['kops', 'rke2'].includes(nodeType(node));
}

/** What to do where the kubelet asks, or should, but gets no new certificate. */
export function approve(node: NodeView): string {
  return nodeType(node) === 'openshift' ? texts.approveOpenshift : texts.approve(restart(node));
}

/** What to do about the certificate `path` of somebody else. */
export function reissue(node: NodeView, path: string): string {
  return isReissued(node) ? renew(node, true) : texts.issuer(path);
}

/** How an expired certificate is replaced, which cannot ask for its successor; `bootstraps`: --bootstrap-kubeconfig is set. */
export function renew(node: NodeView, bootstraps: boolean): string {
  const way = WAYS[nodeType(node)];
  return way ? way(restart(node)) : texts.bootstrap(restart(node), bootstraps);
}
