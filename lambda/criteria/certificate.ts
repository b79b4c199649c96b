/**
 * The kubelet's client certificate: which one it is, and how far its life has run.
 * Tested by test/rules/client-certificate-expiry.test.ts.
 */
import type { CertificateFacts, KubeletProcess } from '../kubelet/evidence.ts';
import type { Started } from './setting.ts';

/**
 * The kubelet renews at a random point between 70 and 90 % of the certificate's life: past 90 % the renewal is overdue.
 * Source: kubernetes client-go/util/certificate/certificate_manager.go, nextRotationDeadline.
 */
const RENEWAL_DUE = 0.9;

/** How the kubelet calls its own certificates in --cert-dir; source: client-go/util/certificate/certificate_store.go. */
const OWN = /\/kubelet-client-[^/]*\.pem$/;
const CURRENT = /\/kubelet-client-current\.pem$/;

export type DatedCertificate = CertificateFacts & { notBefore: number; notAfter: number };

/** What of a configuration decides about the certificate. */
type Deciding = Pick<Started, 'credentials' | 'settings' | 'gates'>;

/** The kubelet renews its client certificate: the setting is on, and so is its gate where the version still has one. */
export function rotates({ settings, gates }: Pick<Deciding, 'settings' | 'gates'>): boolean {
  return settings.rotateCertificates.value && gates.RotateKubeletClientCertificate?.value !== false;
}

/** Those of the kubelet's certificates whose dates were seen. */
function dated({ clientCertificates }: KubeletProcess): DatedCertificate[] {
  return clientCertificates.filter(
    (facts): facts is DatedCertificate => facts.notBefore !== undefined && facts.notAfter !== undefined,
  );
}

/** The kubelet's own certificate in --cert-dir: the one that its link calls current, else the one that lasts longest. */
function ownCertificate(kubelet: KubeletProcess): DatedCertificate | undefined {
  const own = dated(kubelet).filter(({ path }) => OWN.test(path));
  return own.find(({ path }) => CURRENT.test(path)) ?? own.toSorted((a, b) => b.notAfter - a.notAfter)[0];
}

/**
 * The certificate that a kubelet with this configuration presents, if its dates were seen. Without rotation it is the
 * kubeconfig's. With rotation the kubelet's own of --cert-dir takes its place, until that one expires
 * (kubernetes pkg/kubelet/certificate/kubelet.go; client-go certificate_manager.go, getCurrentCertificateOrBootstrap).
 * That of a bootstrap kubeconfig only ever asks for the first one.
 */
export function clientCertificate(
  kubelet: KubeletProcess,
  configuration: Deciding,
  now: number,
): DatedCertificate | undefined {
  const { credentials } = configuration;
  if (credentials.kind !== 'client-certificate' && credentials.kind !== 'embedded-certificate') return undefined;
  const path = credentials.kind === 'client-certificate' ? credentials.path : credentials.where;
  const named = dated(kubelet).find((facts) => facts.path === path);
  const own = ownCertificate(kubelet);
  if (rotates(configuration)) {
    const fallback = named && named.notAfter > now;
    return own && (own.notAfter > now || !fallback) ? own : named;
  }
  // A kubeconfig may name the file by a link that the collector did not follow.
  const linked = credentials.kind === 'client-certificate' && credentials.inCertDir;
  return named ?? (linked ? own : undefined);
}

/**
 * The certificate whose renewal by the kubelet is overdue, if there is one. It may be another than the one that is
 * presented: when the kubelet's own expires, that of the kubeconfig takes its place and hides that nothing is renewed.
 */
export function overdue(kubelet: KubeletProcess, configuration: Deciding, now: number): DatedCertificate | undefined {
  if (!rotates(configuration)) return undefined;
  const presented = clientCertificate(kubelet, configuration, now);
  const rotating = presented && (ownCertificate(kubelet) ?? presented);
  return rotating && now >= renewalDue(rotating) ? rotating : undefined;
}

/**
 * The kubelet rotates a certificate of its own. With rotation on, that of the kubeconfig only asks for the first one,
 * whoever issued it (kubernetes pkg/kubelet/certificate/kubelet.go, NewKubeletClientCertificateManager).
 */
export function hasOwn(kubelet: KubeletProcess, configuration: Deciding): boolean {
  return (
    rotates(configuration) &&
    kubelet.clientCertificates.some(({ path, notAfter }) => OWN.test(path) && notAfter !== undefined)
  );
}

/** Seconds since the epoch after which the kubelet should have renewed this certificate. */
export function renewalDue(certificate: DatedCertificate): number {
  return certificate.notBefore + RENEWAL_DUE * (certificate.notAfter - certificate.notBefore);
}

/** `2026-11-23` in UTC; `an unknown date` for numbers that no calendar has. */
export function day(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'an unknown date' : date.toISOString().slice(0, 10);
}
