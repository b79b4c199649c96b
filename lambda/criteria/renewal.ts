/** How a client certificate that nothing renews is replaced, on this kind of node. */
import { platformOf } from '../platforms/index.ts';
import { sh } from '../platforms/shell.ts';
import { type Step, step } from '../platforms/step.ts';
import { oneLine } from '../platforms/wording.ts';
import { onNode } from './on-node.ts';
import type { NodeView } from './rule.ts';

const texts = {
  issuer: (path: string) => `Have the issuer of ${path} replace it before that day.`,
  relink: (path: string) => `Make ${path} a link, which the kubelet can replace.`,
};

/** The installer gives the kubelet its certificate, and with each new one the day moves on: rotation is not needed. */
export function isReissued(node: NodeView): boolean {
  return platformOf(node).clientCertificate.renewedBy === 'installer';
}

/** What to do where the kubelet asks, or should, but gets no new certificate. */
export function approve(node: NodeView): readonly Step[] {
  return platformOf(node).clientCertificate.approve(node);
}

/** What to do about the certificate `path` of somebody else. */
export function reissue(node: NodeView, path: string): readonly Step[] {
  return isReissued(node) ? renew(node, true) : [step(texts.issuer(oneLine(path)))];
}

/** How an expired certificate is replaced, which cannot ask for its successor; `bootstraps`: --bootstrap-kubeconfig is set. */
export function renew(node: NodeView, bootstraps: boolean): readonly Step[] {
  return platformOf(node).clientCertificate.replace(node, bootstraps);
}

/** How the certificate `path` becomes a link again, which the kubelet can point at another one. */
export function relink(node: NodeView, path: string): readonly Step[] {
  const target = path.replace(/current(?=\.pem$)/, 'moved');
  const command = sh`mv ${path} ${target} && ln -s ${target} ${path}`;
  return [onNode(node, texts.relink(oneLine(path)), command), platformOf(node).restart(node)];
}
