/**
 * Signatures over manifests: ECDSA on P-256 with SHA-256, in DER form, which KMS calls ECDSA_SHA_256 and openssl reads
 * as it is (AWS KMS Developer Guide, "Key spec reference": signatures of ECC keys are DER-encoded, ANS X9.62).
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

export const SIGNING_ALGORITHM = 'ECDSA_SHA_256';

export type Signer = {
  /** SubjectPublicKeyInfo in PEM, as `public-key.pem` holds it. */
  publicKey: string;
  /** Signs the SHA-256 of the message; the signature is DER. Two signatures of one message differ. */
  sign(message: Uint8Array): Promise<Uint8Array>;
};

/**
 * Tells whether the signature is that of the message by the key (PEM). Garbage for a signature is false, not an error;
 * throws a TypeError for anything but a P-256 key.
 */
export function isSignedBy(publicKey: string, message: Uint8Array, signature: Uint8Array): boolean {
  return verify('sha256', message, ecKey(publicKey), signature);
}

/**
 * SHA-256 of the key's DER form, lower-case hexadecimal; two PEM texts of one key have the same. Throws a TypeError for
 * anything but a P-256 key.
 */
export function fingerprint(publicKey: string): string {
  const der = ecKey(publicKey).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex');
}

/** A signer with a private key in PEM. Throws a TypeError for anything but a P-256 key. */
export function keySigner(privateKey: string): Signer {
  if (!/-----BEGIN (EC )?PRIVATE KEY-----/.test(privateKey))
    throw new TypeError(
      'The file must hold a private key in PEM that is not encrypted (`openssl ec -in FILE` decrypts one, `openssl ecparam -name prime256v1 -genkey -noout` makes one).',
    );
  return {
    publicKey: ecKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
    sign: async (message) => sign('sha256', message, privateKey),
  };
}

/** PEM from the DER form that KMS GetPublicKey gives. */
export function pemOf(der: Uint8Array): string {
  const key = createPublicKey({ key: Buffer.from(der), type: 'spki', format: 'der' });
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function ecKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (error) {
    throw new TypeError('The public key is not a PEM file that openssl can read.', { cause: error });
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new TypeError('The public key must be an elliptic-curve key on P-256 (prime256v1).');
  }
  return key;
}
