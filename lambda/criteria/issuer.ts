/**
 * Certificates of issuers that are none of the kubelet's business: how far one is through its life.
 * Tested by test/rules/client-certificate-expiry.test.ts.
 */
import { type DatedCertificate, RENEWAL_DUE, renewalDue } from './certificate.ts';

const DAY_SECONDS = 86_400;

/** The share of its life after which somebody should be about to replace a certificate (cert-manager's default). */
const REPLACED_AFTER = 2 / 3;

/**
 * `late`: it should have been replaced long ago; `soon`: it ends within `days`, and whether somebody will replace it a
 * person must know; `early`: neither. One whose whole life is hardly longer than that is replaced by a machine, or nothing
 * would run: only its share of life counts, and such machines take their time (consul-template, dependency/vault_pki.go, 90 %).
 */
export function replacement(certificate: DatedCertificate, now: number, days: number): 'early' | 'soon' | 'late' {
  const { notBefore, notAfter } = certificate;
  const life = notAfter - notBefore;
  if (notAfter - now > days * DAY_SECONDS) return 'early';
  if (now >= renewalDue(certificate)) return 'late';
  const machine = life * RENEWAL_DUE <= days * DAY_SECONDS;
  return machine || now < notBefore + REPLACED_AFTER * life ? 'early' : 'soon';
}
