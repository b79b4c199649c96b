/**
 * Signatures over manifests: ECDSA on P-256 with SHA-256, in DER form, which KMS calls ECDSA_SHA_256 and openssl reads
 * as it is (AWS KMS Developer Guide, "Key spec reference": signatures of ECC keys are DER-encoded, ANS X9.62).
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

export const algorithm = 'ECDSA_SHA_256';

export type Signer = {
  /** SubjectPublicKeyInfo in PEM, as `public-key.pem` holds it. */
  publicKey: string;
  /** Signs the SHA-256 of the message; the signature is DER. Two signatures of one message differ. */
  sign(message: Uint8Array): Promise<Uint8Array>;
};

/** A signer from a private key in PEM. Throws a TypeError for anything but a P-256 key. */
export function keySigner(pem: string): Signer {
  const key = ecKey('private', pem);
  return {
    publicKey: publicPem(createPublicKey(key)),
    sign: async (message) => sign('sha256', message, key),
  };
}

/** A new private key in PEM (PKCS 8), for scans that keep their key in a file. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Tells whether the signature is that of the message by the key. Garbage for a signature is false, not an error. */
export function isSignedBy(publicKey: string, message: Uint8Array, signature: Uint8Array): boolean {
  return verify('sha256', message, ecKey('public', publicKey), signature);
}

/** SHA-256 of the key's DER form, lower-case hexadecimal; two PEM texts of one key have the same. */
export function fingerprint(publicKey: string): string {
  const der = ecKey('public', publicKey).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex');
}

/** PEM from the DER form that KMS GetPublicKey gives. */
export function pemOf(der: Uint8Array): string {
  return publicPem(createPublicKey({ key: Buffer.from(der), type: 'spki', format: 'der' }));
}

function publicPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function ecKey(kind: 'public' | 'private', pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = kind === 'public' ? createPublicKey(pem) : createPrivateKey(pem);
  } catch (error) {
    throw new TypeError(`The ${kind} key is not a PEM file that openssl can read.`, { cause: error });
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new TypeError(`The ${kind} key must be an elliptic-curve key on P-256 (prime256v1).`);
  }
  return key;
}
