/** Closing the kubelet's API to strangers: what it must know first, so that the API server is not shut out with them. */
import type { Rule } from './rule.ts';

const texts = {
  first:
    "First set authentication.x509.clientCAFile to the cluster's CA certificate (rule client-ca-file): without it this kubelet cannot tell the API server from a stranger, and with this change alone kubectl logs and exec would fail here.",
};

/**
 * The same check, whose advice begins with the client CA where the kubelet has none. The API server presents a client
 * certificate (kubernetes.io, Kubelet authentication/authorization), which only that file lets the kubelet verify.
 */
export function withCallers(check: Rule['check']): Rule['check'] {
  return (node, parameters) => {
    const verdict = check(node, parameters);
    const { configuration } = node;
    if (verdict.status !== 'fail' || verdict.remediation === undefined || configuration.starts !== true) return verdict;
    const { settings, credentials } = configuration;
    const alone = credentials.kind === 'none' || node.evidence.os.id === 'bottlerocket';
    if (alone || settings['authentication.x509.clientCAFile'].value !== '') return verdict;
    return { ...verdict, remediation: `${texts.first} ${verdict.remediation}` };
  };
}
