/**
 * Certificates for simulated nodes: just enough DER (ITU-T X.690) to write an X.509 certificate (RFC 5280) that
 * openssl and node read. node:crypto can read certificates but not make them.
 * Tested by test/nodes/answer/certificate.test.ts.
 */
import { generateKeyPairSync, sign } from 'node:crypto';

const tlv = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const header =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), body]);
};
const sequence = (...parts: Buffer[]) => tlv(0x30, ...parts);
const text = (value: string) => tlv(0x0c, Buffer.from(value));
/** GeneralizedTime: the one form that is right for every year. */
const time = (seconds: number) =>
  tlv(0x18, Buffer.from(new Date(seconds * 1000).toISOString().replaceAll(/[-:T]|\.\d+/g, '')));
const attribute = (lastArc: number, value: string) =>
  tlv(0x31, sequence(tlv(0x06, Buffer.from([0x55, 0x04, lastArc])), text(value)));

/** 2.5.4.10 organizationName, 2.5.4.3 commonName. */
const name = (parts: { organization?: string; commonName: string }) =>
  sequence(...(parts.organization ? [attribute(10, parts.organization)] : []), attribute(3, parts.commonName));

/** 1.2.840.10045.4.3.2 ecdsa-with-SHA256. */
const ecdsaWithSha256 = sequence(tlv(0x06, Buffer.from('2a8648ce3d040302', 'hex')));

const pem = (label: string, der: Buffer) =>
  `-----BEGIN ${label}-----\n${der
    .toString('base64')
    .replaceAll(/(.{64})/g, '$1\n')
    .trimEnd()}\n-----END ${label}-----\n`;

/** A certificate and its key as PEM. */
export type KeyPair = { certificate: string; key: string };

type Wanted = {
  organization?: string;
  commonName: string;
  issuer: string;
  /** Seconds since the epoch. */
  notBefore: number;
  notAfter: number;
  /** Host names and IPv4 addresses for which it is (RFC 5280, 4.2.1.6). */
  hosts?: string[];
  /** It may sign others (RFC 5280, 4.2.1.9). */
  authority?: true;
  /** Key that signs it, as PEM; its own by default, which nobody verifies. */
  signer?: string;
};

/** 2.5.29.17 subjectAltName: [2] is a DNS name, [7] an address. */
function alternativeNames(hosts: string[]): Buffer {
  const names = hosts.map((host) =>
    /^[\d.]+$/.test(host) ? tlv(0x87, Buffer.from(host.split('.').map(Number))) : tlv(0x82, Buffer.from(host)),
  );
  return sequence(tlv(0x06, Buffer.from([0x55, 0x1d, 0x11])), tlv(0x04, sequence(...names)));
}

const yes = tlv(0x01, Buffer.from([0xff]));
/** 2.5.29.19 basicConstraints: critical, cA. */
const basicConstraints = sequence(tlv(0x06, Buffer.from([0x55, 0x1d, 0x13])), yes, tlv(0x04, sequence(yes)));

function keyPair({ organization, commonName, issuer, notBefore, notAfter, hosts = [], ...more }: Wanted): KeyPair {
  const extensions = [
    ...(more.authority ? [basicConstraints] : []),
    ...(hosts.length > 0 ? [alternativeNames(hosts)] : []),
  ];
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([0x4b, 0x56, 0x47, commonName.length & 0x7f])),
    ecdsaWithSha256,
    name({ commonName: issuer }),
    sequence(time(notBefore), time(notAfter)),
    name({ commonName, ...(organization !== undefined && { organization }) }),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [tlv(0xa3, sequence(...extensions))] : []),
  );
  const signature = sign('sha256', body, more.signer ?? privateKey);
  const der = sequence(body, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature));
  return {
    certificate: pem('CERTIFICATE', der),
    key: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
  };
}

/**
 * A kubelet's client certificate and its key. Its name is the one that the node authorizer wants (kubernetes.io, Using Node
 * Authorization): group system:nodes, user system:node:<name>. Times are seconds since the epoch.
 */
export function clientCertificate(node: string, notBefore: number, notAfter: number, issuer = 'kubernetes'): KeyPair {
  return keyPair({ organization: 'system:nodes', commonName: `system:node:${node}`, issuer, notBefore, notAfter });
}

/** That of a cluster's administrator, as kubeadm writes it into admin.conf. */
export function administratorCertificate(notBefore: number, notAfter: number): KeyPair {
  const commonName = 'kubernetes-admin';
  return keyPair({ organization: 'system:masters', commonName, issuer: 'kubernetes', notBefore, notAfter });
}

/** A cluster's authority: its certificate, and the key that signs others. */
export function authorityCertificate(notBefore: number, notAfter: number): KeyPair {
  return keyPair({ commonName: 'kubernetes', issuer: 'kubernetes', notBefore, notAfter, authority: true });
}

/**
 * The one that the API server's CA signs for a kubelet that asks by serverTLSBootstrap, for these hosts. `signer` is the key of
 * that CA, where somebody verifies it.
 */
export function servingCertificate(
  node: string,
  notBefore: number,
  notAfter: number,
  hosts: string[],
  signer?: string,
): KeyPair {
  return keyPair({
    organization: 'system:nodes',
    commonName: `system:node:${node}`,
    issuer: 'kubernetes',
    notBefore,
    notAfter,
    hosts,
    ...(signer !== undefined && { signer }),
  });
}

/** What a kubelet makes itself when it first starts (client-go util/cert/cert.go, GenerateSelfSignedCertKey): for a year. */
export function selfSignedCertificate(node: string, startedAt: number): KeyPair {
  const [notBefore, notAfter] = [startedAt - 3600, startedAt - 3600 + 365 * 86_400];
  return keyPair({
    commonName: `${node}@${startedAt}`,
    issuer: `${node}-ca@${startedAt}`,
    notBefore,
    notAfter,
    hosts: [node],
  });
}
