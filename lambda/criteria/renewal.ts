/** How a client certificate that nothing renews is replaced, on this kind of node. */
import { platformOf } from '../platforms/index.ts';
import { shellWord } from '../platforms/wording.ts';
import type { NodeView } from './rule.ts';

const texts = {
  issuer: (path: string) => `Have the issuer of ${path} replace it before that day.`,
  relink: (path: string, target: string, restart: string) =>
    `Run \`mv ${path} ${target} && ln -s ${target} ${path}\`, then ${restart}: the kubelet can replace the link again.`,
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

/** How the certificate `path` becomes a link again, which the kubelet can point at another one. */
export function relink(node: NodeView, path: string): string {
  const quoted = shellWord(path);
  return texts.relink(quoted, quoted.replace(/current(?=\.pem'?$)/, 'moved'), platformOf(node).restart(node));
}
