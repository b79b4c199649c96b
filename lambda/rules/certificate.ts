/** The kubelet's client certificate: which one it is, and how far its life has run. */
import type { Credentials } from '../kubelet/configuration.ts';
import type { CertificateFacts, KubeletProcess } from '../kubelet/evidence.ts';

/**
 * The kubelet renews at a random point between 70 and 90 % of the certificate's life: past 90 % the renewal is overdue.
 * Source: kubernetes client-go/util/certificate/certificate_manager.go, nextRotationDeadline.
 */
const RENEWAL_DUE = 0.9;

export type DatedCertificate = CertificateFacts & { notBefore: number; notAfter: number };

/** The certificate that these credentials name, if its dates were seen; else the one that lasts longest. */
export function clientCertificate(kubelet: KubeletProcess, credentials: Credentials): DatedCertificate | undefined {
  const dated = kubelet.clientCertificates.filter(
    (facts): facts is DatedCertificate => facts.notBefore !== undefined && facts.notAfter !== undefined,
  );
  const path = credentials.kind === 'client-certificate' ? credentials.path : undefined;
  return dated.find((facts) => facts.path === path) ?? dated.toSorted((a, b) => b.notAfter - a.notAfter)[0];
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
