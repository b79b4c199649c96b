/**
 * How a kubelet gets a serving certificate that a CA signs and that rotates.
 * Tested by test/rules/rotate-server-certificate.test.ts.
 */
import { isEks } from '../platforms/eks.ts';
import { platformOf } from '../platforms/index.ts';
import { type Step, step } from '../platforms/step.ts';
import { openGate } from './gate.ts';
import { remedy } from './remedy.ts';
import type { NodeView } from './rule.ts';
import type { Started } from './setting.ts';

const texts = {
  approver: step(
    'First make sure that something in the cluster approves signing requests of serving certificates (signer kubernetes.io/kubelet-serving): Kubernetes itself does not, and until the request is approved the kubelet serves none, so logs, exec and metrics of the node fail.',
  ),
  standalone: step(
    'Set tlsCertFile and tlsPrivateKeyFile to a certificate, and its key, of a CA that the callers of this kubelet trust: it has no --kubeconfig and so no API server that could sign one.',
  ),
};

/**
 * How serverTLSBootstrap is turned on. Only EKS approves the signing requests by itself; elsewhere a kubelet without an
 * approver has no certificate to serve (pkg/kubelet/certificate/kubelet.go; kubernetes.io, kubelet TLS bootstrapping).
 * A standalone kubelet has nobody to ask for one and would serve none; with the gate off a kubelet that is given
 * serverTLSBootstrap exits (pkg/kubelet/apis/config/validation/validation.go).
 */
export function bootstrapServing(node: NodeView, { settings, gates, credentials }: Started): Step[] {
  if (credentials.kind === 'none') return [texts.standalone, platformOf(node).restart(node)];
  const current = settings.serverTLSBootstrap;
  const gate = gates.RotateKubeletServerCertificate;
  const open = gate?.value === false ? [openGate(node, 'RotateKubeletServerCertificate', gate)] : [];
  const change = {
    setting: 'serverTLSBootstrap',
    flag: 'rotate-server-certificates',
    value: 'true',
    current,
  } as const;
  return [...(isEks(node) ? [] : [texts.approver]), ...open, ...remedy(node, change).steps];
}

/** What to do where the kubelet asks for a serving certificate and gets none. */
export function approveServing(node: NodeView): Step[] {
  const requests = platformOf(node).clientCertificate.approve(node);
  return [...(isEks(node) ? [] : [texts.approver]), ...requests];
}
