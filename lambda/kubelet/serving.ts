/**
 * Values with which the kubelet exits while it sets up its server, later than recorded kubelets were asked.
 * Source: kubernetes cmd/kubelet/app/auth.go, BuildAuthn and BuildAuthz. Tested by test/kubelet/sources.test.ts.
 */
import type { Refusal, Settings } from './configuration.ts';

const MODES: ReadonlySet<string> = new Set(['AlwaysAllow', 'Webhook']);

/** What would stop the kubelet; one without --kubeconfig has no API server to ask. */
export function serverProblems(settings: Settings, isStandalone: boolean): Refusal[] {
  const mode = settings['authorization.mode'];
  const webhook = settings['authentication.webhook.enabled'];
  const refused = (
    error: string,
    setting: string,
    { source }: { source: Settings['readOnlyPort']['source'] },
  ): Refusal => ({
    stage: 'late',
    error: `failed to run Kubelet: ${error}`,
    messages: [],
    about: [{ setting, where: source }],
  });
  const problems: Refusal[] = [];
  if (isStandalone && webhook.value) {
    const error = 'no client provided, cannot use webhook authentication';
    problems.push(refused(error, 'authentication.webhook.enabled', webhook));
  }
  if (!MODES.has(mode.value)) {
    problems.push(refused(`unknown authorization mode ${mode.value}`, 'authorization.mode', mode));
  } else if (isStandalone && mode.value === 'Webhook') {
    problems.push(refused('no client provided, cannot use webhook authorization', 'authorization.mode', mode));
  }
  return problems;
}
