/** Signers without KMS. */
import { createPublicKey, sign } from 'node:crypto';
import type { Signer } from '../../lambda/archive/sign.ts';
import { newKey } from '../../simulator/fleet/serve.ts';

/** A signer from a P-256 private key in PEM; a new key by default. */
export function keySigner(key = newKey()): Signer {
  return {
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    sign: async (message) => sign('sha256', message, key),
  };
}
