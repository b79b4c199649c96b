/**
 * Values with which the kubelet exits while it sets up its server, later than recorded kubelets were asked.
 * Source: kubernetes cmd/kubelet/app/auth.go, BuildAuthn and BuildAuthz.
 */
import type { Refusal, Settings } from './configuration.ts';

const MODES: ReadonlySet<string> = new Set(['AlwaysAllow', 'Webhook']);

/** Without one of these a server of Go does not start HTTP/2, unless it speaks TLS 1.3 alone (x/net/http2, ConfigureServer). */
const HTTP2_SUITES: ReadonlySet<string> = new Set([
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
]);
const NO_HTTP2 =
  'http2: TLSConfig.CipherSuites is missing an HTTP/2-required AES_128_GCM_SHA256 cipher (need at least one of TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 or TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)';

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
  const { tlsCipherSuites, tlsMinVersion } = settings;
  const suites = tlsCipherSuites.value;
  const isListed =
    suites.length > 0 && tlsMinVersion.value !== 'VersionTLS13' && settings.enableServer?.value !== false;
  if (isListed && !suites.some((suite) => HTTP2_SUITES.has(suite))) {
    const about = [{ setting: 'tlsCipherSuites', where: tlsCipherSuites.source }];
    problems.push({ stage: 'late', error: `Failed to listen and serve: ${NO_HTTP2}`, messages: [], about });
  }
  return problems;
}
