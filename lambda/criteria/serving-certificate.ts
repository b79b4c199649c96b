/**
 * The certificate that a kubelet shows to its callers: where it comes from, and whether it names the node. Source:
 * kubernetes cmd/kubelet/app/server.go, InitializeTLS; pkg/kubelet/kubelet.go, NewMainKubelet; client-go
 * util/certificate/certificate_store.go, Current.
 * Tested by test/rules/serving-certificate-expiry.test.ts.
 */
import type { CertificateFacts, FileEvidence, KubeletProcess } from '../kubelet/evidence.ts';
import { absolute } from '../kubelet/files.ts';
import { ownFile } from './client-certificate.ts';
import type { NodeView } from './rule.ts';
import type { Started } from './setting.ts';

/** The first kubelet that opens its port with no certificate, where only one of certificate and key is named. */
export const FIRST_WITHOUT_PAIR = 36;

/**
 * `rotated`: the API server's CA signs it, and the kubelet renews it. `given`: that of tlsCertFile. `self-signed`: made at
 * the first start, for a year. `none`: half of a pair is named, which cannot be served.
 */
export type Serving = { kind: 'rotated' | 'given' | 'self-signed'; path: string } | { kind: 'none'; path: string };

/** The kubelet asks the API server for its serving certificate, and renews it. */
export function rotatesServing({ settings, gates }: Pick<Started, 'settings' | 'gates'>): boolean {
  return settings.serverTLSBootstrap.value && gates.RotateKubeletServerCertificate?.value !== false;
}

/** Path of a file of --cert-dir. */
export function inCertDir(kubelet: KubeletProcess, { flags }: Pick<Started, 'flags'>, name: string): string {
  return absolute(kubelet, `${flags['cert-dir'].value}/${name}`);
}

/** Which certificate is served. One that rotates is served as soon as there is one; until then that of tlsCertFile is. */
export function servingOf(kubelet: KubeletProcess, configuration: Started): Serving {
  const { settings } = configuration;
  const certificate = settings.tlsCertFile.value;
  const key = settings.tlsPrivateKeyFile.value;
  const given: Serving = { kind: 'given', path: absolute(kubelet, certificate) };
  if (rotatesServing(configuration)) {
    const path = inCertDir(kubelet, configuration, 'kubelet-server-current.pem');
    const waits = servingFacts(kubelet, path) === undefined && certificate !== '' && key !== '';
    return waits ? given : { kind: 'rotated', path };
  }
  if (certificate !== '' && key !== '') return given;
  if (certificate !== '' || key !== '') return { kind: 'none', path: absolute(kubelet, certificate || key) };
  return { kind: 'self-signed', path: inCertDir(kubelet, configuration, 'kubelet.crt') };
}

/** What was read of the certificate of that path: the first one of its file, which is the kubelet's. */
export function servingFacts(kubelet: KubeletProcess, path: string): CertificateFacts | undefined {
  return kubelet.servingCertificates.find((facts) => facts.path === path);
}

/** The file of that path as it was found; undefined where the evidence does not have it. */
export function servingFile(kubelet: KubeletProcess, path: string): FileEvidence | undefined {
  return kubelet.files.find((file) => file.role === 'serving-certificate' && file.path === path);
}

/**
 * Nothing lies there. The collector looks for the certificates of --cert-dir and tells of those that exist: that it told of the
 * client's, present or not, shows that it looked.
 */
export function isMissing(kubelet: KubeletProcess, configuration: Started, { kind, path }: Serving): boolean {
  const file = servingFile(kubelet, path);
  if (file) return file.state === 'missing';
  const looked = kind !== 'given' && ownFile(kubelet, configuration) !== undefined;
  return looked && servingFacts(kubelet, path) === undefined;
}

/**
 * The names of a certificate and of the node, where they do not meet: its addresses, where it has any, else its host names.
 * Callers that verify come by an address or a name that the certificate must have. A name with and without its domain is the same:
 * nodes are called by either.
 */
export function strangeNames(
  { names = [] }: CertificateFacts,
  { evidence }: Pick<NodeView, 'evidence'>,
  override: string,
): { certificate: string[]; node: string[] } | undefined {
  const of = (kind: string) => names.flatMap((name) => (name.startsWith(kind) ? [name.slice(kind.length)] : []));
  const addresses = of('IP:');
  if (addresses.length > 0) {
    const node = evidence.addresses ?? [];
    const meet = node.length === 0 || node.some((address) => addresses.includes(address));
    return meet ? undefined : { certificate: addresses, node };
  }
  const hosts = of('DNS:');
  const host = override || evidence.hostname;
  const label = (name: string) => name.toLowerCase().split('.')[0];
  const meet = hosts.length === 0 || host === undefined || hosts.some((name) => label(name) === label(host));
  return meet ? undefined : { certificate: hosts, node: [host] };
}
