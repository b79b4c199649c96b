/** The dates of one certificate. Tested by test/rules/client-certificate-expiry.test.ts. */
import type { CertificateFacts } from '../kubelet/evidence.ts';

/**
 * The kubelet renews at a random point between 70 and 90 % of the certificate's life: past 90 % the renewal is overdue.
 * Source: kubernetes client-go/util/certificate/certificate_manager.go, nextRotationDeadline and jitteryDuration.
 */
export const RENEWAL_DUE = 0.9;

export type DatedCertificate = CertificateFacts & { notBefore: number; notAfter: number };

/** Its dates were seen. */
export function isDated<T extends CertificateFacts>(facts: T): facts is T & { notBefore: number; notAfter: number } {
  return facts.notBefore !== undefined && facts.notAfter !== undefined;
}

/** Seconds since the epoch after which the kubelet should have renewed this certificate. */
export function renewalDue({ notBefore, notAfter }: DatedCertificate): number {
  return notBefore + RENEWAL_DUE * (notAfter - notBefore);
}

/** Seconds since the epoch that ISO 8601 can write in four digits of a year: up to the year 9999. */
const LAST_SECOND = 253_402_300_799;

/** Seconds since the epoch in ISO 8601; undefined before 1970 and after 9999: a node may send any number. */
export function isoTime(seconds: number | undefined): string | undefined {
  return seconds !== undefined && seconds >= 0 && seconds <= LAST_SECOND
    ? new Date(seconds * 1000).toISOString()
    : undefined;
}

/** `2026-11-23` in UTC; `an unknown date` for numbers that no calendar has. */
export function day(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'an unknown date' : date.toISOString().slice(0, 10);
}

/** `less than a minute`, `20 minutes`, `5 hours`, `1 day`, `29 days`, rounded down. */
export function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return 'less than a minute';
  const hours = Math.floor(minutes / 60);
  const [small, unitOfSmall] = hours < 1 ? [minutes, 'minute'] : [hours, 'hour'];
  const [count, unit] = hours < 24 ? [small, unitOfSmall] : [Math.floor(hours / 24), 'day'];
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
}
