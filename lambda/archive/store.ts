/**
 * The archive in S3: objects that are written once and never again, and `latest.json`.
 *
 * Source of the conditional write's answers (412 where the key exists, 409 where two writers race): Amazon S3 User
 * Guide, "Add preconditions to S3 operations with conditional requests".
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ArchiveError } from '../results/errors.ts';
import type { StoredObject } from '../results/shapes.ts';
import { putRepeatedly } from '../retries.ts';
import { type Content, inMemory } from './content.ts';
import { LATEST } from './keys.ts';
import { pemOf, SIGNING_ALGORITHM, type Signer } from './sign.ts';

/** Where reports are read from: a bucket, or the same layout in a directory. */
export type Archive = {
  /** For people: `s3://bucket/prefix` or a directory's path. */
  location: string;
  /** The bucket's name, to which manifests are bound; absent for a directory, whose bucket cannot be known. */
  bucket?: string;
  /** The object's bytes, or undefined where there is no such key. */
  open(key: string): Promise<Readable | undefined>;
  /** All objects whose key begins with the prefix, in key order. Sizes in bytes; when each was written, where that is known. */
  list(prefix: string): AsyncIterable<{ key: string; size: number; modified?: Date }>;
};

/** Where reports are written to. */
export type WritableArchive = Archive & {
  bucket: string;
  /**
   * Writes an object that may exist only once. An identical object that is already there is a success, because a
   * repeated step writes the same bytes; a different one is an ArchiveConflict.
   */
  putOnce(key: string, content: Content, contentType: string): Promise<StoredObject>;
  /** `latest.json` with the tag of this version of it; undefined where there is none. */
  readLatest(): Promise<{ bytes: Buffer; tag: string } | undefined>;
  /** Replaces the version of `latest.json` that has this tag, or writes the first one; false where it is another by now. */
  putLatest(text: string, tag: string | undefined): Promise<boolean>;
};

/** The key holds something else: an earlier scan of this name, or a forgery. */
export class ArchiveConflict extends ArchiveError {
  readonly key: string;
  constructor(location: string, key: string) {
    super(`${location}/${key} already exists with other content; archived objects are never overwritten.`);
    this.name = 'ArchiveConflict';
    this.key = key;
  }
}

/** Opens a bucket, or a prefix of one for reading a copy (`prefix` without slashes at its ends). */
export function s3Archive(client: S3Client, bucket: string, prefix = ''): WritableArchive {
  const root = prefix === '' ? '' : `${prefix}/`;
  const location = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;

  const put = async (key: string, content: Content, contentType: string, condition: Partial<PutObjectCommandInput>) => {
    const send = () =>
      client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: root + key,
          Body: content.open(),
          ContentLength: content.size,
          ContentType: contentType,
          ChecksumAlgorithm: 'SHA256',
          ChecksumSHA256: Buffer.from(content.sha256, 'hex').toString('base64'),
          ...condition,
        }),
      );
    await putRepeatedly(send).catch((error: unknown) => {
      throw explain(error, location, key);
    });
  };

  const holds = async (key: string, content: Content): Promise<boolean> => {
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: root + key, ChecksumMode: 'ENABLED' }));
    return (
      head.ContentLength === content.size &&
      head.ChecksumSHA256 === Buffer.from(content.sha256, 'hex').toString('base64')
    );
  };

  const get = async (key: string): Promise<{ stream: Readable; tag: string } | undefined> => {
    try {
      const { Body, ETag = '' } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: root + key }));
      return Body instanceof Readable ? { stream: Body, tag: ETag } : undefined;
    } catch (error) {
      if (nameOf(error) === 'NoSuchKey') return undefined;
      throw explain(error, location, key);
    }
  };

  return {
    location,
    bucket,
    open: async (key) => (await get(key))?.stream,
    async *list(within) {
      try {
        for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: root + within })) {
          for (const { Key, Size, LastModified } of page.Contents ?? []) {
            if (Key === undefined) continue;
            yield { key: Key.slice(root.length), size: Size ?? 0, ...(LastModified && { modified: LastModified }) };
          }
        }
      } catch (error) {
        throw explain(error, location, within);
      }
    },
    async putOnce(key, content, contentType) {
      try {
        await put(key, content, contentType, { IfNoneMatch: '*' });
      } catch (error) {
        if (statusOf(error) !== 412) throw error;
        if (!(await holds(key, content))) throw new ArchiveConflict(location, key);
      }
      return { key, size: content.size, sha256: content.sha256 };
    },
    async readLatest() {
      const found = await get(LATEST);
      return found && { bytes: await bytesOf(found.stream, `${location}/${LATEST}`, LARGEST), tag: found.tag };
    },
    async putLatest(text, tag) {
      const condition = tag === undefined ? { IfNoneMatch: '*' } : { IfMatch: tag };
      try {
        await put(LATEST, inMemory(text), 'application/json', condition);
        return true;
      } catch (error) {
        // 404: somebody has removed the version that was to be replaced.
        if (statusOf(error) === 412 || statusOf(error) === 404) return false;
        throw error;
      }
    },
  };
}

/**
 * A signer whose private key never leaves KMS (`keyId`: id, ARN or alias of an ECC_NIST_P256 key for SIGN_VERIFY). The
 * digest is made here, because KMS takes at most 4,096 bytes of a message itself (reference of Sign).
 */
export async function kmsSigner(client: KMSClient, keyId: string): Promise<Signer> {
  const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  if (!PublicKey)
    throw new Error(`KMS has no public key for ${keyId}; it must be an ECC_NIST_P256 key for SIGN_VERIFY.`);
  return {
    publicKey: pemOf(PublicKey),
    async sign(message) {
      const { Signature } = await client.send(
        new SignCommand({
          KeyId: keyId,
          Message: createHash('sha256').update(message).digest(),
          MessageType: 'DIGEST',
          SigningAlgorithm: SIGNING_ALGORITHM,
        }),
      );
      if (!Signature) throw new Error(`KMS signed nothing with ${keyId}.`);
      return Signature;
    },
  };
}

/** A schedule never fires before its time, but the clock of whoever starts a scan by hand may be wrong. Milliseconds. */
const EARLY = 60_000;

/** Whether an object was written before a scan of this time could have written it. */
export function isEarly(modified: Date | undefined, scheduledAt: string): boolean {
  return modified !== undefined && modified.getTime() < Date.parse(scheduledAt) - EARLY;
}

/** No document of ours comes near this. Bytes. */
const LARGEST = 64 * 1024 * 1024;

/** Reads a small object whole, at most `limit` bytes; undefined where there is none. */
export async function readBytes(archive: Archive, key: string, limit = LARGEST): Promise<Buffer | undefined> {
  const stream = await archive.open(key);
  return stream && bytesOf(stream, `${archive.location}/${key}`, limit);
}

async function bytesOf(stream: Readable, name: string, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    size += piece.byteLength;
    if (size > limit) throw new ArchiveError(`${name} has more than ${limit} bytes; kubevigil did not write it.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Size and digest of an object that is there, read piece by piece; undefined where there is none. */
export async function storedObject(archive: Archive, key: string): Promise<StoredObject | undefined> {
  const stream = await archive.open(key);
  if (!stream) return undefined;
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    size += piece.byteLength;
    hash.update(piece);
  }
  return { key, size, sha256: hash.digest('hex') };
}

/** Turns the errors that people meet into one sentence; the rest stays as it is. */
function explain(error: unknown, location: string, key: string): unknown {
  const name = nameOf(error);
  if (name === 'NoSuchBucket')
    return new ArchiveError(`${location} does not exist; create the bucket or name another one.`, { cause: error });
  if (name === 'AccessDenied')
    return new ArchiveError(
      `${location}/${key}: access denied by S3 for these credentials (${(error as Error).message}).`,
      {
        cause: error,
      },
    );
  return error;
}

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

function statusOf(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata;
  return metadata?.httpStatusCode;
}
