/**
 * Objects as files: `<root>/<bucket>/<key>`, so that people can open a report where it lies and the next process finds
 * it. What a file cannot say (content type, user metadata, the checksum it was put with) is remembered until this
 * process ends; for files of earlier ones digests are computed when they are first asked for.
 * Tested by test/simulator/aws/s3.test.ts.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, lstat, mkdir, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure, notImplemented } from '../failure.ts';
import type { Checksum, Upload } from './upload.ts';

export type Stored = {
  path: string;
  size: number;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
  etag: string;
  checksum?: Checksum;
  contentType: string;
  /** User metadata (`x-amz-meta-`), by name in lower case. */
  metadata: Record<string, string>;
  versionId?: string;
};

export type Store = {
  root: string;
  known: Map<string, Stored>;
  /** Paths whose current version is a delete marker. */
  deleted: Set<string>;
  /** The last write to each path, for one to follow another. */
  writes: Map<string, Promise<unknown>>;
};

export function createStore(root: string): Store {
  return { root, known: new Map(), deleted: new Set(), writes: new Map() };
}

/** Longest key, in bytes (S3 user guide, "Naming Amazon S3 objects"), and longest name in usual file systems. */
const LONGEST_KEY = 1024;
const LONGEST_NAME = 255;

/** Where an object lies. Throws KeyTooLongError, and 501 for keys that S3 could keep but a directory cannot. */
export function pathOf({ root }: Store, bucket: string, key: string): string {
  if (Buffer.byteLength(key) > LONGEST_KEY) throw failure(400, 'KeyTooLongError', 'Your key is too long');
  const names = key.split('/');
  const bad = names.find((name) => name === '' || name === '.' || name === '..' || name.includes('\0'));
  if (bad !== undefined || names.some((name) => Buffer.byteLength(name) > LONGEST_NAME)) {
    throw notImplemented(`the key ${JSON.stringify(key)}, which cannot be a file's path`);
  }
  return join(root, bucket, ...names);
}

/** The object at a path, or undefined. */
export async function find(store: Store, path: string): Promise<Stored | undefined> {
  if (store.deleted.has(path)) return undefined;
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!stat?.isFile()) return undefined;
  const known = store.known.get(path);
  if (known && known.size === stat.size && known.modifiedAt === stat.mtimeMs) return known;
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  for await (const part of createReadStream(path)) {
    md5.update(part as Buffer);
    sha256.update(part as Buffer);
  }
  const stored: Stored = {
    path,
    size: stat.size,
    modifiedAt: stat.mtimeMs,
    etag: md5.digest('hex'),
    checksum: { algorithm: 'sha256', value: sha256.digest('base64') },
    contentType: 'binary/octet-stream',
    metadata: {},
  };
  store.known.set(path, stored);
  return stored;
}

/** `ifNoneMatch`: only a new object. `ifMatch`: only over the object with this ETag. */
export type Condition = { ifNoneMatch: boolean; ifMatch?: string };

type Facts = Pick<Stored, 'contentType' | 'metadata' | 'versionId'>;

/**
 * Makes an upload the object at a path, whole or not at all. Throws PreconditionFailed, and NoSuchKey where `ifMatch`
 * finds no object.
 */
export function commit(store: Store, path: string, upload: Upload, condition: Condition, facts: Facts, now: Date) {
  return inTurn(store, path, async (): Promise<Stored> => {
    if (condition.ifMatch !== undefined) {
      const current = await find(store, path);
      if (!current) throw failure(404, 'NoSuchKey', 'The specified key does not exist.');
      if (condition.ifMatch !== current.etag) throw preconditionFailed('If-Match');
    }
    await utimes(upload.path, now, now);
    await place(store, path, upload.path, condition.ifNoneMatch);
    store.deleted.delete(path);
    const { mtimeMs: modifiedAt } = await lstat(path);
    const { size, etag, checksum } = upload;
    const stored: Stored = { path, size, modifiedAt, etag, ...(checksum && { checksum }), ...facts };
    store.known.set(path, stored);
    return stored;
  });
}

async function place(store: Store, path: string, from: string, onlyNew: boolean): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const isDirectory = await lstat(path).then(
      (stat) => stat.isDirectory(),
      () => false,
    );
    if (isDirectory) throw notImplemented('a key that is also the beginning of others');
    // A link is atomic and fails where the file exists, also when another process writes at the same moment.
    if (onlyNew && !store.deleted.has(path)) await link(from, path).then(() => rm(from));
    else await rename(from, path);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && syscall === 'link') throw preconditionFailed('If-None-Match');
    if (code === 'ENOTDIR' || code === 'EEXIST') throw notImplemented('a key whose beginning is an object');
    throw error;
  }
}

function preconditionFailed(header: string) {
  const text = 'At least one of the pre-conditions you specified did not hold';
  return failure(412, 'PreconditionFailed', `${text} (${header})`);
}

/** Removes an object, or hides it behind a delete marker where its bucket keeps versions. */
export function remove(store: Store, path: string, isVersioned: boolean): Promise<void> {
  return inTurn(store, path, async () => {
    if (isVersioned) store.deleted.add(path);
    else if (await find(store, path)) await rm(path);
  });
}

async function inTurn<T>({ writes }: Store, path: string, write: () => Promise<T>): Promise<T> {
  const turn = (writes.get(path) ?? Promise.resolve()).then(write, write);
  writes.set(path, turn);
  try {
    return await turn;
  } finally {
    if (writes.get(path) === turn) writes.delete(path);
  }
}
