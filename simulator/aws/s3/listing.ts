/**
 * ListObjectsV2: keys in UTF-8 binary order, a page at a time, without reading what lies outside the page.
 * Tested by test/simulator/aws/s3.test.ts.
 */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, notImplemented } from '../failure.ts';
import { fingerprint, readToken, writeToken } from '../token.ts';
import { element, wrap } from '../xml.ts';
import { find, type Store, type Stored } from './store.ts';

/** Most keys in a page (reference of ListObjectsV2). */
const LARGEST_PAGE = 1000;

type Query = {
  prefix: string;
  /** Keys up to this one, itself included, are left out. */
  after: string;
  /** Keys that have a `/` behind the prefix are rolled up into common prefixes. */
  rollUp: boolean;
};

type Item = { key: string; stored: Stored } | { prefix: string };

const PARAMETERS = [
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'continuation-token',
  'start-after',
  'encoding-type',
];

/** Answers with the page's XML. Errors: InvalidArgument; 501 for parameters and delimiters that nobody here uses. */
export async function listObjects(store: Store, bucket: string, query: URLSearchParams, pageSize?: number) {
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name) && name !== 'x-id');
  if (unknown !== undefined) throw notImplemented(`the parameter ${unknown} of ListObjectsV2`);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  if (delimiter !== '' && delimiter !== '/') throw notImplemented('delimiters of ListObjectsV2 other than /');
  const size = Math.min(readSize(query.get('max-keys')), pageSize ?? LARGEST_PAGE);
  const print = fingerprint('ListObjectsV2', bucket, prefix, delimiter);
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : readToken(token, print);
  if (after === undefined) throw failure(400, 'InvalidArgument', 'The continuation token provided is incorrect');

  const items: Item[] = [];
  let isTruncated = false;
  for await (const item of walk(store, join(store.root, bucket), '', { prefix, after, rollUp: delimiter === '/' })) {
    isTruncated = items.length === size;
    if (isTruncated) break;
    items.push(item);
  }
  const encode = query.get('encoding-type') === 'url' ? encodeKey : (key: string) => key;
  const last = items.at(-1);
  const next = isTruncated && last ? writeToken('key' in last ? last.key : last.prefix, print) : undefined;
  return (
    element('Name', bucket) +
    element('Prefix', encode(prefix)) +
    element('Delimiter', delimiter === '' ? undefined : delimiter) +
    element('MaxKeys', size) +
    element('EncodingType', query.get('encoding-type') ?? undefined) +
    element('KeyCount', items.length) +
    element('IsTruncated', isTruncated) +
    element('ContinuationToken', token ?? undefined) +
    element('NextContinuationToken', next) +
    element('StartAfter', query.get('start-after') ?? undefined) +
    items
      .map((item) => ('key' in item ? contents(item.key, item.stored, encode) : common(item.prefix, encode)))
      .join('')
  );
}

function readSize(text: string | null): number {
  if (text === null) return LARGEST_PAGE;
  if (!/^\d{1,9}$/.test(text))
    throw failure(400, 'InvalidArgument', 'Provided max-keys not an integer or within integer range');
  return Math.min(Number(text), LARGEST_PAGE);
}

/** URL encoding as S3 does it in listings: everything but unreserved characters and the slash. */
function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function contents(key: string, stored: Stored, encode: (key: string) => string): string {
  return wrap(
    'Contents',
    element('Key', encode(key)),
    element('LastModified', new Date(stored.modifiedAt).toISOString()),
    element('ETag', `"${stored.etag}"`),
    element('ChecksumAlgorithm', stored.checksum?.algorithm.toUpperCase()),
    element('Size', stored.size),
    element('StorageClass', 'STANDARD'),
  );
}

function common(prefix: string, encode: (key: string) => string): string {
  return wrap('CommonPrefixes', element('Prefix', encode(prefix)));
}

async function* walk(store: Store, directory: string, start: string, query: Query): AsyncGenerator<Item> {
  const { prefix, after, rollUp } = query;
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException): Dirent[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const keys = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({ key: start + entry.name + (entry.isDirectory() ? '/' : ''), name: entry.name }));
  for (const { key, name } of keys.sort((a, b) => compare(a.key, b.key))) {
    const path = join(directory, name);
    if (!key.endsWith('/')) {
      if (!key.startsWith(prefix) || compare(key, after) <= 0) continue;
      const stored = await find(store, path);
      if (stored) yield { key, stored };
      continue;
    }
    if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
    if (compare(key, after) <= 0 && !after.startsWith(key)) continue;
    const isRolledUp = rollUp && key.startsWith(prefix) && key.length > prefix.length;
    if (isRolledUp && key === after) continue;
    for await (const item of walk(store, path, key, query)) {
      yield isRolledUp ? { prefix: key } : item;
      if (isRolledUp) break;
    }
  }
}

/** UTF-8 binary order, which is not the order of JavaScript's strings outside the basic plane. */
function compare(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
