/** Signers without KMS. */
import * as signing from '../../lambda/archive/sign.ts';
import { newKey } from '../../simulator/fleet/serve.ts';

/** A signer from a P-256 private key in PEM; a new key by default. */
export function keySigner(key = newKey()): signing.Signer {
  return signing.keySigner(key);
}
