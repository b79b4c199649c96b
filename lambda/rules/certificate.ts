/** The kubelet's client certificate: which one it is, and how far its life has run. */
import type { Credentials } from '../kubelet/configuration.ts';
import type { CertificateFacts, KubeletProcess } from '../kubelet/evidence.ts';

/**
 * The kubelet renews at a random point between 70 and 90 % of the certificate's life: past 90 % the renewal is overdue.
 * Source: kubernetes client-go/util/certificate/certificate_manager.go, nextRotationDeadline.
 */
const RENEWAL_DUE = 0.9;

export type DatedCertificate = CertificateFacts & { notBefore: number; notAfter: number };

/**
 * The certificate that these credentials present, if its dates were seen. The kubelet's own ones follow each other in
 * --cert-dir, so there the one that lasts longest counts where the path alone does not tell; one from elsewhere is only
 * known by its path.
 */
export function clientCertificate(kubelet: KubeletProcess, credentials: Credentials): DatedCertificate | undefined {
  const dated = kubelet.clientCertificates.filter(
    (facts): facts is DatedCertificate => facts.notBefore !== undefined && facts.notAfter !== undefined,
  );
  const named = credentials.kind === 'client-certificate' ? credentials : undefined;
  const exact = dated.find((facts) => facts.path === named?.path);
  if (exact !== undefined || named?.inCertDir === false) return exact;
  return dated.toSorted((a, b) => b.notAfter - a.notAfter)[0];
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
