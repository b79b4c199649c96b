/**
 * ECDSA on P-256 over a digest that is already computed (FIPS 186-5, sections 6.4.1 and 6.4.2). node:crypto always
 * hashes what it signs, so the arithmetic above the curve is here; the private key's multiplications are node's.
 * Tested by test/simulator/aws/kms.test.ts.
 */
import { createECDH, createHash, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';

/** P-256: field prime, group order, generator (SP 800-186, section 3.2.1.3); the coefficient a is -3. */
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const G: Point = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};

type Point = { x: bigint; y: bigint };

export function digestOf(message: Buffer): Buffer {
  return createHash('sha256').update(message).digest();
}

/** A DER signature, as KMS returns it. */
export function signDigest(privateKey: KeyObject, digest: Buffer): Buffer {
  const d = toInteger(Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url'));
  const e = toInteger(digest);
  for (;;) {
    const nonce = randomBytes(32);
    const k = toInteger(nonce);
    if (k === 0n || k >= N) continue;
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(nonce);
    const r = toInteger(ecdh.getPublicKey().subarray(1, 33)) % N;
    const s = modulo(inverse(k, N) * (e + r * d), N);
    if (r !== 0n && s !== 0n) return derSequence(derInteger(r), derInteger(s));
  }
}

/** Whether a DER signature is of this digest; `publicKey` is SubjectPublicKeyInfo in DER. */
export function verifyDigest(publicKey: Buffer, digest: Buffer, signature: Buffer): boolean {
  const numbers = readSignature(signature);
  if (!numbers) return false;
  const { r, s } = numbers;
  if (r <= 0n || s <= 0n || r >= N || s >= N) return false;
  const jwk = createPublicKey({ key: publicKey, format: 'der', type: 'spki' }).export({ format: 'jwk' });
  const q = { x: fromBase64(jwk.x), y: fromBase64(jwk.y) };
  const w = inverse(s, N);
  const sum = add(multiply(modulo(toInteger(digest) * w, N), G), multiply(modulo(r * w, N), q));
  return sum !== undefined && sum.x % N === r;
}

function fromBase64(text: string | undefined): bigint {
  return toInteger(Buffer.from(text ?? '', 'base64url'));
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex') || '0'}`);
}

function modulo(a: bigint, m: bigint): bigint {
  const rest = a % m;
  return rest < 0n ? rest + m : rest;
}

/** Extended Euclid; `a` and the prime `m` have no common factor. */
function inverse(a: bigint, m: bigint): bigint {
  let [old, rest, x, next] = [modulo(a, m), m, 1n, 0n];
  while (rest !== 0n) {
    const quotient = old / rest;
    [old, rest] = [rest, old - quotient * rest];
    [x, next] = [next, x - quotient * next];
  }
  return modulo(x, m);
}

/** Undefined is the point at infinity. */
function add(a: Point | undefined, b: Point | undefined): Point | undefined {
  if (!a || !b) return a ?? b;
  if (a.x === b.x && modulo(a.y + b.y, P) === 0n) return undefined;
  const slope = a.x === b.x ? (3n * a.x * a.x - 3n) * inverse(2n * a.y, P) : (b.y - a.y) * inverse(b.x - a.x, P);
  const x = modulo(slope * slope - a.x - b.x, P);
  return { x, y: modulo(slope * (a.x - x) - a.y, P) };
}

function multiply(factor: bigint, point: Point): Point | undefined {
  let sum: Point | undefined;
  let power: Point | undefined = point;
  for (let bits = factor; bits > 0n; bits >>= 1n) {
    if (bits & 1n) sum = add(sum, power);
    power = add(power, power);
  }
  return sum;
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  const signed = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Buffer.concat([Buffer.of(0x02, signed.length), signed]);
}

function derSequence(...items: Buffer[]): Buffer {
  const inner = Buffer.concat(items);
  return Buffer.concat([Buffer.of(0x30, inner.length), inner]);
}

/** Reads SEQUENCE { INTEGER r, INTEGER s } strictly: only the one DER form of each pair of numbers is accepted. */
function readSignature(der: Buffer): { r: bigint; s: bigint } | undefined {
  const length = der[3] ?? 0;
  const r = toInteger(der.subarray(4, 4 + length));
  const s = toInteger(der.subarray(6 + length));
  return derSequence(derInteger(r), derInteger(s)).equals(der) ? { r, s } : undefined;
}
