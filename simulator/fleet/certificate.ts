/**
 * Client certificates for simulated nodes: just enough DER (ITU-T X.690) to write an X.509 certificate (RFC 5280) that
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

export type ClientCertificate = { certificate: string; key: string };

/**
 * A kubelet's client certificate and its key as PEM. Its name is the one that the node authorizer wants (kubernetes.io,
 * Using Node Authorization): group system:nodes, user system:node:<name>. Times are seconds since the epoch.
 */
export function clientCertificate(
  node: string,
  notBefore: number,
  notAfter: number,
  issuer = 'kubernetes',
): ClientCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([0x4b, 0x56, 0x47, node.length & 0x7f])),
    ecdsaWithSha256,
    name({ commonName: issuer }),
    sequence(time(notBefore), time(notAfter)),
    name({ organization: 'system:nodes', commonName: `system:node:${node}` }),
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', body, privateKey);
  const der = sequence(body, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature));
  return {
    certificate: pem('CERTIFICATE', der),
    key: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
  };
}
