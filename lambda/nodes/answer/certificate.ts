/** What the collector prints of a certificate → CertificateFacts. */
import type { CertificateFacts } from '../../kubelet/evidence.ts';

/** Most names of one certificate, as the collector counts them. */
const MOST_NAMES = 32;

const TEXTS = new Map<string, 'subject' | 'issuer' | 'serial' | 'fingerprint' | 'problem'>([
  ['subject', 'subject'],
  ['issuer', 'issuer'],
  ['serial', 'serial'],
  ['sha256', 'fingerprint'],
  ['problem', 'problem'],
]);
const TIMES = new Map<string, 'notBefore' | 'notAfter'>([
  ['from', 'notBefore'],
  ['to', 'notAfter'],
]);

/** What the collector says of a file that it read and in which it found no certificate that can be used. */
const NO_CERTIFICATE = new Set(['no certificate in it', 'its certificate is damaged']);

/** Adds what one record says to the facts; false where it is no record of a certificate, or not of its form. */
export function addFact(facts: CertificateFacts, word: string, value: string): boolean {
  const key = TEXTS.get(word);
  if (key) {
    facts[key] = value;
    if (key === 'problem' && NO_CERTIFICATE.has(value)) facts.damaged = true;
    return true;
  }
  const time = TIMES.get(word);
  if (time) {
    const moment = momentOf(value);
    if (moment === undefined) return false;
    facts[time] = moment;
    return true;
  }
  const name = word === 'name' ? nameOf(value) : undefined;
  if (name === undefined || (facts.names?.length ?? 0) >= MOST_NAMES) return false;
  facts.names ??= [];
  facts.names.push(name);
  return true;
}

/** Seconds since the epoch, or undefined. */
export function momentOf(text: string): number | undefined {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** A name of a certificate as evidence has it, or undefined. */
export function nameOf(text: string): string | undefined {
  if (text.startsWith('IP:')) return `IP:${canonical(text.slice(3))}`;
  return text.startsWith('DNS:') ? text : undefined;
}

/** IPv6 addresses come in eight groups; people write them short (RFC 5952). All else stays as it is. */
export function canonical(address: string): string {
  if (!address.includes(':')) return address;
  const url = `http://[${address}]`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : address;
}
