/**
 * S3 on a directory: PutObject, GetObject, HeadObject, DeleteObject, ListObjectsV2 and HeadBucket over REST and XML.
 * Object Lock buckets are versioned, refuse uploads without a digest and never lose an object.
 */
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { failure, notImplemented } from './failure.ts';
import type { BucketOptions } from './options.ts';
import { listObjects } from './s3/listing.ts';
import { commit, find, pathOf, remove, type Store, type Stored } from './s3/store.ts';
import { receive } from './s3/upload.ts';
import type { Caller } from './service.ts';
import type { State } from './state.ts';

const OPERATIONS = ['PutObject', 'GetObject', 'HeadObject', 'DeleteObject', 'ListObjectsV2', 'HeadBucket'] as const;

export type S3Call = {
  operation: (typeof OPERATIONS)[number];
  bucket: string;
  /** Empty for operations on buckets. */
  key: string;
  query: URLSearchParams;
};

export type S3Reply = { status: number; headers: Record<string, string | number>; xml?: string; file?: string };

/** Which operation a request is; throws 501 for all others. Path style, and virtual hosts under `.localhost`. */
export function readS3Call({ method = 'GET', url = '/', headers }: IncomingMessage): S3Call {
  // Not by the URL class, which would resolve `.` and `..`: in keys they are names like any other.
  const [pathname = '/', search] = url.split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const virtual = /^(.+)\.localhost(:\d+)?$/.exec(headers.host ?? '')?.[1];
  const path = decodePath(virtual === undefined ? pathname.slice(1) : `${virtual}${pathname}`);
  const slash = path.indexOf('/');
  const bucket = slash < 0 ? path : path.slice(0, slash);
  const key = slash < 0 ? '' : path.slice(slash + 1);
  const operation = operationOf(method, bucket, key, query, headers);
  if (!operation) {
    const known = OPERATIONS.join(', ');
    throw notImplemented(
      `${method} ${key ? 'on an object' : 'on a bucket'} with ${search ?? 'no query'} of S3, only ${known}`,
    );
  }
  return { operation, bucket, key, query };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw failure(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** Parameters that make a request another operation, or change what these do. */
const PLAIN_QUERY = ['x-id', 'versionId'];

function operationOf(
  method: string,
  bucket: string,
  key: string,
  query: URLSearchParams,
  headers: IncomingMessage['headers'],
): S3Call['operation'] | undefined {
  if (bucket === '') return undefined;
  if (key === '' && method === 'GET') return query.get('list-type') === '2' ? 'ListObjectsV2' : undefined;
  if ([...query.keys()].some((name) => !PLAIN_QUERY.includes(name))) return undefined;
  if (key === '') return method === 'HEAD' ? 'HeadBucket' : undefined;
  if (method === 'PUT') return 'x-amz-copy-source' in headers ? undefined : 'PutObject';
  return ({ GET: 'GetObject', HEAD: 'HeadObject', DELETE: 'DeleteObject' } as const)[method];
}

type Context = { call: S3Call; caller: Caller; state: State; store: Store };

/** Does one call. Errors are failures, also for defects in what the caller sent. */
export async function answerS3(request: IncomingMessage, context: Context): Promise<S3Reply> {
  const { call, caller, state, store } = context;
  const { bucket, key, query } = call;
  const settings = readBucket(context);
  checkHeaders(request.headers, caller);
  if (call.operation === 'HeadBucket') return { status: 200, headers: bucketHeaders(settings, caller) };
  if (call.operation === 'ListObjectsV2') {
    const xml = await listObjects(store, bucket, query, state.options.pageSize?.s3);
    return { status: 200, headers: bucketHeaders(settings, caller), xml };
  }
  const path = pathOf(store, bucket, key);
  const isVersioned = settings.objectLock === true;
  if (call.operation === 'PutObject') return putObject(request, path, isVersioned, context);
  if (call.operation === 'DeleteObject') return deleteObject(path, isVersioned, context);
  const stored = await find(store, path);
  const versionId = query.get('versionId');
  if (!stored) throw failure(404, 'NoSuchKey', 'The specified key does not exist.', markerHeaders(store, path));
  if (versionId !== null && versionId !== (stored.versionId ?? 'null')) {
    throw failure(404, 'NoSuchVersion', 'The specified version does not exist.');
  }
  const headers = objectHeaders(stored, request.headers['x-amz-checksum-mode'] === 'ENABLED');
  return { status: 200, headers, ...(call.operation === 'GetObject' && { file: stored.path }) };
}

/** Throws NoSuchBucket, AccessDenied for another account's bucket, PermanentRedirect for another region's. */
function readBucket({ call, caller, state }: Context): BucketOptions {
  const { buckets = {}, accounts } = state.options;
  const settings = Object.hasOwn(buckets, call.bucket) ? buckets[call.bucket] : undefined;
  if (!settings) throw failure(404, 'NoSuchBucket', 'The specified bucket does not exist');
  if (caller.account !== (settings.account ?? Object.keys(accounts)[0]))
    throw failure(403, 'AccessDenied', 'Access Denied');
  if (settings.region !== undefined && settings.region !== caller.region) {
    const text = 'The bucket you are attempting to access must be addressed using the specified endpoint.';
    throw failure(301, 'PermanentRedirect', text, { 'x-amz-bucket-region': settings.region });
  }
  return settings;
}

/** Headers that change nothing here, or are dealt with elsewhere; any other x-amz- header is answered with 501. */
const HEADERS =
  /^x-amz-(date|security-token|user-agent|content-sha256|decoded-content-length|trailer|sdk-checksum-algorithm|checksum-.+|meta-.+|expected-bucket-owner)$/;

function checkHeaders(headers: IncomingMessage['headers'], caller: Caller): void {
  for (const name of Object.keys(headers)) {
    if (name.startsWith('x-amz-') && !HEADERS.test(name)) throw notImplemented(`the header ${name}`);
  }
  for (const name of ['range', 'if-modified-since', 'if-unmodified-since']) {
    if (name in headers) throw notImplemented(`the header ${name} of S3`);
  }
  const owner = headers['x-amz-expected-bucket-owner'];
  if (owner !== undefined && owner !== caller.account) throw failure(403, 'AccessDenied', 'Access Denied');
}

async function putObject(
  request: IncomingMessage,
  path: string,
  isLocked: boolean,
  context: Context,
): Promise<S3Reply> {
  const { state, store } = context;
  const { 'if-none-match': ifNoneMatch, 'if-match': ifMatch, 'content-type': contentType } = request.headers;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw failure(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented');
  }
  const condition = {
    ifNoneMatch: ifNoneMatch === '*',
    ...(ifMatch !== undefined && { ifMatch: ifMatch.replaceAll('"', '') }),
  };
  const file = join(store.root, '.uploads', state.uuid());
  try {
    const upload = await receive(request, file);
    if (isLocked && !upload.hasDigest) {
      const text =
        'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters';
      throw failure(400, 'InvalidRequest', text);
    }
    const facts = {
      contentType: contentType ?? 'binary/octet-stream',
      metadata: userMetadata(request.headers),
      ...(isLocked && { versionId: state.uuid().replaceAll('-', '') }),
    };
    const stored = await commit(store, path, upload, condition, facts, state.now());
    return {
      status: 200,
      headers: { etag: `"${stored.etag}"`, ...checksumHeaders(stored), ...versionHeaders(stored) },
    };
  } finally {
    await rm(file, { force: true });
  }
}

/** Under Object Lock a plain delete leaves a marker, and deleting a version is refused (user guide, "Object Lock"). */
async function deleteObject(path: string, isLocked: boolean, { call, state, store }: Context): Promise<S3Reply> {
  if (call.query.has('versionId')) {
    if (!isLocked) throw notImplemented('versions outside Object Lock buckets');
    throw failure(403, 'AccessDenied', 'Access Denied because object protected by object lock.');
  }
  await remove(store, path, isLocked);
  const marker = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': state.uuid().replaceAll('-', '') };
  return { status: 204, headers: isLocked ? marker : {} };
}

function userMetadata(headers: IncomingMessage['headers']): Record<string, string> {
  const prefix = 'x-amz-meta-';
  const entries = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  const size = entries.reduce(
    (sum, [name, value]) => sum + name.length - prefix.length + Buffer.byteLength(String(value)),
    0,
  );
  if (size > 2048) {
    throw failure(400, 'MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size');
  }
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), String(value)]));
}

function bucketHeaders({ region }: BucketOptions, caller: Caller): Record<string, string> {
  return { 'x-amz-bucket-region': region ?? caller.region };
}

function markerHeaders({ deleted }: Store, path: string): Record<string, string> {
  return deleted.has(path) ? { 'x-amz-delete-marker': 'true' } : {};
}

function versionHeaders({ versionId }: Stored): Record<string, string> {
  return versionId === undefined ? {} : { 'x-amz-version-id': versionId };
}

function checksumHeaders({ checksum }: Stored): Record<string, string> {
  if (!checksum) return {};
  return { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' };
}

function objectHeaders(stored: Stored, withChecksum: boolean): Record<string, string | number> {
  const metadata = Object.entries(stored.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return {
    'accept-ranges': 'bytes',
    'content-length': stored.size,
    'content-type': stored.contentType,
    etag: `"${stored.etag}"`,
    'last-modified': new Date(stored.modifiedAt).toUTCString(),
    ...Object.fromEntries(metadata),
    ...versionHeaders(stored),
    ...(withChecksum ? checksumHeaders(stored) : {}),
  };
}
