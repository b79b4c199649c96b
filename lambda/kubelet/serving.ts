/**
 * Values with which the kubelet exits while it sets up itself and its server, later than recorded kubelets were asked.
 * Source: kubernetes cmd/kubelet/app/auth.go, BuildAuthn and BuildAuthz; cmd/kubelet/app/server.go, RunKubelet, 1.22 to 1.26.
 */
import type { EffectiveConfiguration, Refusal, Settings } from './configuration.ts';
import { LAST_WITH_SECCOMP_GATE } from './gates.ts';

const MODES: ReadonlySet<string> = new Set(['AlwaysAllow', 'Webhook']);

/** Without one of these a server of Go does not start HTTP/2, unless it speaks TLS 1.3 alone (x/net/http2, ConfigureServer). */
const HTTP2_SUITES: ReadonlySet<string> = new Set([
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
]);
const NO_HTTP2 =
  'http2: TLSConfig.CipherSuites is missing an HTTP/2-required AES_128_GCM_SHA256 cipher (need at least one of TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 or TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)';

type Gates = Extract<EffectiveConfiguration, { starts: true }>['gates'];

/** What would stop the kubelet of this minor; one without --kubeconfig has no API server to ask. */
export function serverProblems(settings: Settings, gates: Gates, minor: number, isStandalone: boolean): Refusal[] {
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
  const { seccompDefault } = settings;
  if (minor <= LAST_WITH_SECCOMP_GATE && seccompDefault.value && gates.SeccompDefault?.value === false) {
    const error = 'the SeccompDefault feature gate must be enabled in order to use the SeccompDefault configuration';
    problems.push(refused(error, 'seccompDefault', seccompDefault));
  }
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
