/** KMS: signatures with ECC_NIST_P256 keys, in AWS JSON 1.1 (reference of Sign, Verify and GetPublicKey). */
import { createHash } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import * as v from 'valibot';
import { failure } from './failure.ts';
import { readInput, text } from './input.ts';
import type { Operation, Request, Service } from './service.ts';
import type { SigningKey } from './state.ts';

const ALGORITHM = 'ECDSA_SHA_256';

/** Longest message that KMS takes, in bytes. */
const LONGEST_MESSAGE = 4096;

const KEY_ID = text(1, 2048);

const BYTES = v.pipe(
  v.string('Member must not be null'),
  v.regex(/^[A-Za-z0-9+/]+=*$/, 'Member must be base64'),
  v.transform((base64) => Buffer.from(base64, 'base64')),
);

const MESSAGE = {
  KeyId: KEY_ID,
  Message: BYTES,
  MessageType: v.optional(v.picklist(['RAW', 'DIGEST'], 'Member must satisfy enum value set: [RAW, DIGEST]'), 'RAW'),
  SigningAlgorithm: v.string('Member must not be null'),
};

/**
 * A message may be a digest already, which node:crypto would hash once more. KMS takes and gives signatures in DER with
 * either of the two values of s, at random nonces.
 */
const SIGNING = { prehash: false, format: 'der', lowS: false, extraEntropy: true } as const;

const getPublicKey: Operation = (request) => {
  const { KeyId } = readInput(v.strictObject({ KeyId: KEY_ID }), request.input, 'GetPublicKey');
  const key = findKey(request, KeyId);
  return {
    KeyId: arnOf(request, key),
    PublicKey: key.publicKey.toString('base64'),
    CustomerMasterKeySpec: 'ECC_NIST_P256',
    KeySpec: 'ECC_NIST_P256',
    KeyUsage: 'SIGN_VERIFY',
    SigningAlgorithms: [ALGORITHM],
  };
};

const sign: Operation = (request) => {
  const input = readInput(v.strictObject(MESSAGE), request.input, 'Sign');
  const key = findKey(request, input.KeyId);
  const signature = Buffer.from(p256.sign(readDigest(input), secretOf(key), SIGNING));
  return { KeyId: arnOf(request, key), Signature: signature.toString('base64'), SigningAlgorithm: ALGORITHM };
};

/** A wrong signature is an error, KMSInvalidSignatureException, and never an answer of false. */
const verify: Operation = (request) => {
  const input = readInput(v.strictObject({ ...MESSAGE, Signature: BYTES }), request.input, 'Verify');
  const key = findKey(request, input.KeyId);
  if (!isSignature(key, readDigest(input), input.Signature)) {
    throw failure(400, 'KMSInvalidSignatureException', '');
  }
  return { KeyId: arnOf(request, key), SignatureValid: true, SigningAlgorithm: ALGORITHM };
};

type Input = { Message: Buffer; MessageType: 'RAW' | 'DIGEST'; SigningAlgorithm: string };

function readDigest({ Message, MessageType, SigningAlgorithm }: Input): Buffer {
  if (SigningAlgorithm !== ALGORITHM) {
    const text = `Algorithm ${SigningAlgorithm} and key spec ECC_NIST_P256 are incompatible`;
    throw failure(400, 'InvalidKeyUsageException', text);
  }
  if (Message.length > LONGEST_MESSAGE) {
    const text = `1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to ${LONGEST_MESSAGE}`;
    throw failure(400, 'ValidationException', text);
  }
  if (MessageType === 'RAW') return createHash('sha256').update(Message).digest();
  if (Message.length === 32) return Message;
  throw failure(400, 'ValidationException', `Digest is invalid length for algorithm ${ALGORITHM}.`);
}

/** The private number of a key, 32 bytes. */
function secretOf({ privateKey }: SigningKey): Uint8Array {
  return Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
}

/** What is no signature in DER at all is thrown by the library, and means no as well. */
function isSignature(key: SigningKey, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    return p256.verify(signature, digest, p256.getPublicKey(secretOf(key)), SIGNING);
  } catch {
    return false;
  }
}

function arnOf({ target }: Request, { id }: SigningKey): string {
  return `arn:aws:kms:${target.region}:${target.account}:key/${id}`;
}

/** By key id, key ARN, alias or alias ARN, as KMS takes them. */
function findKey(request: Request, keyId: string): SigningKey {
  const { account, region, keys } = request.target;
  const prefix = `arn:aws:kms:${region}:${account}:`;
  const name = keyId.startsWith(prefix) ? keyId.slice(prefix.length).replace(/^key\//, '') : keyId;
  const key = keys.find(({ id, alias }) => name === id || name === alias);
  if (key) return key;
  const what = name.startsWith('alias/')
    ? `Alias ${prefix}${name} is not found.`
    : `Key '${prefix}key/${name}' does not exist`;
  throw failure(400, 'NotFoundException', what);
}

export const kms: Service = {
  protocol: 'json',
  target: 'TrentService',
  operations: { GetPublicKey: getPublicKey, Sign: sign, Verify: verify },
};
