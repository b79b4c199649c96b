/** What collect.sh sends of a client certificate → CertificateFacts: `openssl x509` output, or the certificate's PEM block. */
import { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../../kubelet/evidence.ts';

/** Reads the lines below a `certificate` record; facts that cannot be read become `problem`. */
export function certificateFacts(path: string, lines: string): CertificateFacts {
  if (lines.trim() === '') return { path, problem: 'no certificate could be read in it' };
  return lines.includes('-----BEGIN CERTIFICATE-----') ? fromPem(path, lines) : fromOpenssl(path, lines);
}

function fromOpenssl(path: string, lines: string): CertificateFacts {
  // `openssl x509 -subject -issuer -serial -dates -fingerprint -sha256 -nameopt RFC2253` (openssl-x509(1)).
  const value = (key: RegExp) =>
    lines
      .split('\n')
      .find((line) => key.test(line))
      ?.replace(/^[^=]*= ?/, '');
  const notBefore = seconds(value(/^notBefore=/));
  const notAfter = seconds(value(/^notAfter=/));
  if (notBefore === undefined || notAfter === undefined) return { path, problem: 'openssl printed no dates for it' };
  const subject = value(/^subject=/);
  const issuer = value(/^issuer=/);
  const serial = value(/^serial=/);
  const fingerprint = value(/^sha256 fingerprint=/i);
  return {
    path,
    ...(subject !== undefined ? { subject } : {}),
    ...(issuer !== undefined ? { issuer } : {}),
    ...(serial !== undefined ? { serial: serial.toLowerCase() } : {}),
    notBefore,
    notAfter,
    ...(fingerprint !== undefined ? { fingerprint: fingerprint.replaceAll(':', '').toLowerCase() } : {}),
  };
}

function fromPem(path: string, lines: string): CertificateFacts {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(lines);
  } catch {
    return { path, problem: 'its certificate block is damaged' };
  }
  // node prints one attribute a line, most significant first; RFC 2253 wants the reverse, as openssl prints it.
  const rfc2253 = (name: string) => name.split('\n').reverse().join(',');
  return {
    path,
    subject: rfc2253(certificate.subject),
    issuer: rfc2253(certificate.issuer),
    serial: certificate.serialNumber.toLowerCase(),
    notBefore: Math.floor(certificate.validFromDate.getTime() / 1000),
    notAfter: Math.floor(certificate.validToDate.getTime() / 1000),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

function seconds(date: string | undefined): number | undefined {
  const milliseconds = Date.parse(date ?? '');
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}
