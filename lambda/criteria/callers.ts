/**
 * Closing the kubelet's API to strangers: what it must know first, so that the API server is not shut out with them.
 * Tested by test/rules/authorization-mode.test.ts.
 */
import { platformOf } from '../platforms/index.ts';
import { step } from '../platforms/step.ts';
import { adapted, type Rule } from './rule.ts';

const texts = {
  first: step(
    "First set authentication.x509.clientCAFile to the cluster's CA certificate (rule client-ca-file): without it this kubelet cannot tell the API server from a stranger, and with this change alone kubectl logs and exec would fail here.",
  ),
  tokens: step(
    'First set authentication.webhook.enabled to true (--authentication-token-webhook), which is off here: callers with bearer tokens, such as metrics-server and Prometheus, need it.',
  ),
};

/**
 * The same check, whose advice begins with the client CA where the kubelet has none, and with the callers that bring
 * tokens where it cannot review them. The API server presents a client certificate, which only that file lets the kubelet
 * verify; tokens of service accounts go to the API server's TokenReview (kubernetes.io, Kubelet
 * authentication/authorization).
 */
export function withCallers(check: Rule['check']): Rule['check'] {
  return adapted(check, (verdict, node) => {
    const { configuration } = node;
    if (verdict.status !== 'fail' || verdict.remediation === undefined || configuration.starts !== true) return verdict;
    const { settings, credentials } = configuration;
    if (credentials.kind === 'none' || !platformOf(node).setsCallers) return verdict;
    const first = settings['authentication.x509.clientCAFile'].value === '' ? [texts.first] : [];
    const tokens = settings['authentication.webhook.enabled'].value ? [] : [texts.tokens];
    return { ...verdict, remediation: [...first, ...tokens, ...verdict.remediation] };
  });
}
