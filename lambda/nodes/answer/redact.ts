/**
 * The second redaction: collect.sh keeps secrets on the node, and what still slips through (an older collector, a
 * hostile node, a secret in an unexpected place) is replaced here before anything is judged, stored or shown.
 */

const REDACTED = 'REDACTED';

const PATTERNS: [RegExp, string][] = [
  // JSON Web Tokens (RFC 7519): three base64url parts, the first of which begins as {" does.
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, REDACTED],
  // Authorization header values (RFC 7617, RFC 6750); 16 characters, so that prose is left alone.
  [/\b(Bearer|Basic)[ \t]+[A-Za-z0-9._~+/=-]{16,}/gi, `$1 ${REDACTED}`],
  // Credentials in addresses (RFC 3986 userinfo).
  [/(:\/\/)[^/\s"]{1,512}@/g, `$1${REDACTED}@`],
  // AWS access key ids and pre-signed signatures.
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, REDACTED],
  [/([?&]X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"']+/gi, `$1${REDACTED}`],
];

/** Replaces what looks like a secret; text without one comes back unchanged. */
export function redact(text: string): string {
  let clean = withoutKeys(text);
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return clean;
}

/**
 * Replaces PEM blocks other than certificates, complete or cut. A block ends with the record that it stands in, at a line
 * that is neither behind a bar nor base64 alone: otherwise one process that is called kubelet could begin a block that takes in another's records.
 */
function withoutKeys(text: string): string {
  const records = /\n(?!\||-----END |[A-Za-z0-9+/=]{16,}\r?(?:\n|$))/g;
  let clean = '';
  let at = 0;
  for (const { index, 0: begin } of text.matchAll(/-----BEGIN (?!CERTIFICATE)[A-Z0-9 ]{1,40}-----/g)) {
    if (index < at) continue;
    records.lastIndex = index + begin.length;
    const next = records.exec(text)?.index ?? text.length;
    const rest = text.slice(index + begin.length, next);
    const end = /-----END [A-Z0-9 ]{1,40}-----/.exec(rest);
    clean += text.slice(at, index) + REDACTED;
    at = end ? index + begin.length + end.index + end[0].length : next;
  }
  return clean + text.slice(at);
}
