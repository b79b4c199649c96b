/** How a client certificate that nothing renews is replaced, on this kind of node. */
import { platformOf } from '../platforms/index.ts';
import type { NodeView } from './rule.ts';

const texts = {
  issuer: (path: string) => `Have the issuer of ${path} replace it before that day.`,
};

/** The installer gives the kubelet its certificate, and with each new one the day moves on: rotation is not needed. */
export function isReissued(node: NodeView): boolean {
  return platformOf(node).clientCertificate.renewedBy === 'installer';
}

/** What to do where the kubelet asks, or should, but gets no new certificate. */
export function approve(node: NodeView): string {
  return platformOf(node).clientCertificate.approve(node);
}

/** What to do about the certificate `path` of somebody else. */
export function reissue(node: NodeView, path: string): string {
  return isReissued(node) ? renew(node, true) : texts.issuer(path);
}

/** How an expired certificate is replaced, which cannot ask for its successor; `bootstraps`: --bootstrap-kubeconfig is set. */
export function renew(node: NodeView, bootstraps: boolean): string {
  return platformOf(node).clientCertificate.replace(node, bootstraps);
}
