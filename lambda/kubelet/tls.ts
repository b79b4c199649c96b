/**
 * Names of TLS that the kubelet knows.
 * Source: k8s.io/component-base/cli/flag, ciphersuites_flag.go and curves_flag.go; Go's crypto/tls, whose lists have been
 * the same since 1.24 but for the post-quantum curves. Tested by test/kubelet/late.test.ts.
 */
import { goQuote } from '../go/quoting.ts';
import type { Layers } from './layers.ts';

const CIPHER_SUITES: ReadonlySet<string> = new Set([
  ...['AES_128_GCM_SHA256', 'AES_256_GCM_SHA384', 'CHACHA20_POLY1305_SHA256'],
  ...suites('ECDHE_ECDSA', ['AES_128_CBC_SHA', 'AES_128_CBC_SHA256', 'AES_128_GCM_SHA256', 'AES_256_CBC_SHA']),
  ...suites('ECDHE_ECDSA', ['AES_256_GCM_SHA384', 'CHACHA20_POLY1305_SHA256', 'CHACHA20_POLY1305', 'RC4_128_SHA']),
  ...suites('ECDHE_RSA', ['3DES_EDE_CBC_SHA', 'AES_128_CBC_SHA', 'AES_128_CBC_SHA256', 'AES_128_GCM_SHA256']),
  ...suites('ECDHE_RSA', ['AES_256_CBC_SHA', 'AES_256_GCM_SHA384', 'CHACHA20_POLY1305_SHA256', 'CHACHA20_POLY1305']),
  ...suites('ECDHE_RSA', ['RC4_128_SHA']),
  ...suites('RSA', ['3DES_EDE_CBC_SHA', 'AES_128_CBC_SHA', 'AES_128_CBC_SHA256', 'AES_128_GCM_SHA256']),
  ...suites('RSA', ['AES_256_CBC_SHA', 'AES_256_GCM_SHA384', 'RC4_128_SHA']),
]);

function suites(exchange: string, ciphers: readonly string[]): string[] {
  return ciphers.map((cipher) => `${exchange}_WITH_${cipher}`);
}

const VERSIONS: ReadonlySet<string> = new Set(['', 'VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13']);

/** By number, as crypto/tls of Go 1.26 knows them: P-256, P-384, P-521, X25519 and three post-quantum ones. */
const CURVES: ReadonlySet<number> = new Set([23, 24, 25, 29, 4587, 4588, 4589]);

const MOST_CURVE = 65_535;

/** What InitializeTLS refuses before it looks at files. */
export function tlsProblem(layers: Layers): { message: string; settings: readonly string[] } | undefined {
  const value = (path: string) => layers[path]?.value;
  const ciphers = value('tlsCipherSuites');
  const strange = Array.isArray(ciphers) ? ciphers.find((name) => !isCipher(String(name))) : undefined;
  if (strange !== undefined) {
    return { message: `Cipher suite ${strange} not supported or doesn't exist`, settings: ['tlsCipherSuites'] };
  }
  const version = String(value('tlsMinVersion') ?? '');
  if (!VERSIONS.has(version))
    return { message: `unknown tls version ${goQuote(version)}`, settings: ['tlsMinVersion'] };
  const curves = value('tlsCurvePreferences');
  const message = Array.isArray(curves) ? curveProblem(curves.map(Number)) : undefined;
  return message === undefined ? undefined : { message, settings: ['tlsCurvePreferences'] };
}

function isCipher(name: string): boolean {
  return name.startsWith('TLS_') && CIPHER_SUITES.has(name.slice('TLS_'.length));
}

function curveProblem(curves: readonly number[]): string | undefined {
  for (const [at, curve] of curves.entries()) {
    if (curve <= 0 || curve > MOST_CURVE) return `curve preference ${curve} is out of range (must be 1-${MOST_CURVE})`;
    if (curves.indexOf(curve) < at) return `duplicate curve preference ${curve}`;
    if (!CURVES.has(curve)) return `curve preference ${curve} is not supported by the current Go version`;
  }
  return undefined;
}
