/** What to do where how a kubelet authenticates is unknown. Tested by test/rules/rotate-client-certificates.test.ts. */
import type { Credentials } from '../kubelet/configuration.ts';

const texts = {
  /** Without both it exits (kubernetes pkg/kubelet/certificate/bootstrap/bootstrap.go, LoadClientConfig). */
  missing:
    'Put the kubeconfig back, or name a bootstrap kubeconfig by --bootstrap-kubeconfig, before the kubelet restarts: a kubelet that has neither exits.',
  unusable:
    'Look at the user of the kubeconfig: nodes authenticate by a client certificate, an exec plugin or a token.',
  unread: 'Let the collector read the kubeconfig, then scan this node again.',
};

/** The advice, by what is wrong with the kubeconfig. */
export function findCredentials({ cause }: Extract<Credentials, { kind: 'unknown' }>): string {
  return texts[cause ?? 'unread'];
}
