import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { EndpointOptions } from '../../../simulator/aws/options.ts';
import { client, directory, MEMBER, REGION, start, world } from './fixture.ts';

const BUCKETS: NonNullable<EndpointOptions['buckets']> = { plain: {}, locked: { objectLock: true } };

async function open(t: Parameters<typeof start>[0], options: Partial<EndpointOptions> = {}) {
  const s3Root = options.s3Root ?? (await directory(t));
  const endpoints = await start(t, { buckets: BUCKETS, ...options, s3Root });
  const s3 = new S3Client(client(endpoints));
  const put = (Key: string, Body: string | Readable, more: Partial<PutObjectCommandInput> = {}) =>
    s3.send(new PutObjectCommand({ Bucket: 'plain', Key, Body, ...more }));
  const get = async (Key: string, Bucket = 'plain') => {
    const { Body, ...facts } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return { ...facts, text: await Body?.transformToString() };
  };
  return { s3Root, endpoints, s3, put, get };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');

test('an object is a file, with what it was put with', async (t) => {
  const now = () => new Date('2026-01-02T03:04:05.000Z');
  const { s3, put, get, s3Root } = await open(t, { now });
  const written = await put('scans/2026/a b+ü.json', '{}', {
    ChecksumAlgorithm: 'SHA256',
    ContentType: 'application/json',
    Metadata: { Scan: '1' },
  });
  assert.equal(written.ETag, `"${createHash('md5').update('{}').digest('hex')}"`);
  assert.equal(written.ChecksumSHA256, sha256('{}'));
  assert.equal(await readFile(join(s3Root, 'plain/scans/2026/a b+ü.json'), 'utf8'), '{}');
  const read = await get('scans/2026/a b+ü.json');
  assert.equal(read.text, '{}');
  assert.equal(read.ContentType, 'application/json');
  assert.equal(read.ChecksumSHA256, sha256('{}'));
  assert.deepEqual(read.Metadata, { scan: '1' });
  assert.deepEqual(read.LastModified, now());
  const head = await s3.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'scans/2026/a b+ü.json' }));
  assert.deepEqual([head.ContentLength, head.ETag, head.ChecksumSHA256], [2, written.ETag, undefined]);
  assert.deepEqual(await readdir(join(s3Root, '.uploads')), [], 'nothing is left of the upload');
});

test('what an earlier process wrote is served', async (t) => {
  const s3Root = await directory(t);
  await mkdir(join(s3Root, 'plain/scans'), { recursive: true });
  await writeFile(join(s3Root, 'plain/scans/old.json'), 'old');
  const { get, put, s3 } = await open(t, { s3Root });
  const old = await get('scans/old.json');
  assert.deepEqual([old.text, old.ChecksumSHA256, old.ContentType], ['old', sha256('old'), 'binary/octet-stream']);
  await assert.rejects(put('scans/old.json', 'new', { IfNoneMatch: '*' }), { name: 'PreconditionFailed' });
  await writeFile(join(s3Root, 'plain/scans/old.json'), 'changed behind our back');
  assert.equal((await get('scans/old.json')).ChecksumSHA256, sha256('changed behind our back'));
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'plain' }));
  assert.deepEqual(
    Contents.map(({ Key, Size }) => [Key, Size]),
    [['scans/old.json', 23]],
  );
});

test('conditional writes', async (t) => {
  const { put, get, s3 } = await open(t);
  const { ETag } = await put('a', '1', { IfNoneMatch: '*' });
  const again = put('a', '2', { IfNoneMatch: '*' });
  await assert.rejects(
    again,
    ({ name, $metadata }) => name === 'PreconditionFailed' && $metadata.httpStatusCode === 412,
  );
  await assert.rejects(put('a', '3', { IfMatch: '"00000000000000000000000000000000"' }), {
    name: 'PreconditionFailed',
  });
  await assert.rejects(put('b', '3', { IfMatch: ETag }), { name: 'NoSuchKey' });
  assert.equal((await get('a')).text, '1');
  await put('a', '4', { IfMatch: ETag });
  assert.equal((await get('a')).text, '4');
  await put('a', '5');
  assert.equal((await get('a')).text, '5', 'a write without a condition overwrites');
  await assert.rejects(put('a', '6', { IfNoneMatch: '"x"' }), { name: 'NotImplemented' });
  const race = Array.from({ length: 8 }, (_, number) => put('race', `${number}`, { IfNoneMatch: '*' }));
  const results = await Promise.allSettled(race);
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1, 'one writer wins');
  await s3.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'race' }));
  await put('race', 'new', { IfNoneMatch: '*' });
});

test('a stream is sent in chunks with its checksum behind it', async (t) => {
  const { put, get } = await open(t);
  const large = 'kubelet '.repeat(40_000);
  const parts = large.match(/[\s\S]{1,70001}/g) ?? [];
  const Body = Readable.from(parts.map((part) => Buffer.from(part)));
  const { ChecksumSHA256 } = await put('stream', Body, { ContentLength: large.length, ChecksumAlgorithm: 'SHA256' });
  assert.equal(ChecksumSHA256, sha256(large));
  assert.equal((await get('stream')).text, large);
  await put('empty', '');
  assert.equal((await get('empty')).text, '');
});

test('a damaged upload leaves nothing', async (t) => {
  const { put, get, s3Root } = await open(t);
  const cases: [string, Partial<PutObjectCommandInput>, string][] = [
    ['a wrong SHA-256', { ChecksumSHA256: sha256('other') }, 'BadDigest'],
    ['a wrong CRC-32', { ChecksumCRC32: 'AAAAAA==' }, 'BadDigest'],
    ['no SHA-256 at all', { ChecksumSHA256: 'AAAA' }, 'InvalidRequest'],
    ['a wrong MD5', { ContentMD5: createHash('md5').update('other').digest('base64') }, 'BadDigest'],
  ];
  for (const [what, more, name] of cases) {
    await assert.rejects(put('a', 'text', more), { name }, what);
    await assert.rejects(get('a'), { name: 'NoSuchKey' }, what);
  }
  assert.deepEqual(await readdir(join(s3Root, '.uploads')), []);
});

test('uploads as they come over the wire', async (t) => {
  const { endpoints, get } = await open(t);
  const scope =
    'AWS4-HMAC-SHA256 Credential=AKIA0000111111111111/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0';
  const send = (headers: Record<string, string>, body: string, path = '/plain/wire', host?: string) =>
    new Promise<string>((resolve, reject) => {
      const sent = request(endpoints.url + path, {
        method: 'PUT',
        headers: { authorization: scope, ...headers, ...(host && { host }) },
      });
      sent.on('error', reject).on('response', async (response) => {
        const text = (await response.toArray()).join('');
        resolve(`${response.statusCode} ${/<Code>(\w+)/.exec(text)?.[1] ?? ''}`.trim());
      });
      sent.end(body);
    });
  const chunked = (size: number) => ({
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': String(size),
  });
  const cases: [string, Record<string, string>, string, string][] = [
    [
      'signed chunks',
      chunked(5),
      '3;chunk-signature=00\r\nhel\r\n2;chunk-signature=00\r\nlo\r\n0;chunk-signature=00\r\n\r\n',
      '200',
    ],
    ['a chunk that ends early', chunked(5), '5\r\nhel', '400 IncompleteBody'],
    ['fewer bytes than declared', chunked(6), '5\r\nhello\r\n0\r\n\r\n', '400 IncompleteBody'],
    ['no last chunk', chunked(5), '5\r\nhello\r\n', '400 IncompleteBody'],
    ['no size', chunked(5), 'hello\r\n', '400 IncompleteBody'],
    ['a wrong trailer', chunked(5), '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', '400 BadDigest'],
    ['a wrong payload hash', { 'x-amz-content-sha256': '0'.repeat(64) }, 'hello', '400 XAmzContentSHA256Mismatch'],
    ['no length', { 'transfer-encoding': 'chunked' }, 'hello', '411 MissingContentLength'],
  ];
  for (const [what, headers, body, expected] of cases) assert.equal(await send(headers, body), expected, what);
  assert.equal((await get('wire')).text, 'hello');
  assert.equal(await send({}, 'virtual', '/by-host', 'plain.localhost:80'), '200', 'virtual-host style');
  assert.equal((await get('by-host')).text, 'virtual');
  assert.equal(await send({ authorization: '' }, 'x'), '403 MissingAuthenticationToken');
});

test('Object Lock: a digest is needed, and nothing is ever lost', async (t) => {
  const { s3, s3Root } = await open(t);
  const bucket = { Bucket: 'locked', Key: 'report' };
  const { VersionId } = await s3.send(new PutObjectCommand({ ...bucket, Body: 'kept' }));
  assert.ok(VersionId, 'the bucket is versioned');
  const bare = new S3Client({
    ...client(await start(t, { s3Root, buckets: BUCKETS })),
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const without = bare.send(new PutObjectCommand({ ...bucket, Body: 'x', Key: 'bare' }));
  await assert.rejects(without, { name: 'InvalidRequest', message: /Object Lock/ });
  await assert.rejects(s3.send(new DeleteObjectCommand({ ...bucket, VersionId })), {
    name: 'AccessDenied',
    message: /object lock/,
  });
  const { DeleteMarker } = await s3.send(new DeleteObjectCommand(bucket));
  assert.equal(DeleteMarker, true);
  await assert.rejects(s3.send(new GetObjectCommand(bucket)), { name: 'NoSuchKey' });
  assert.equal((await s3.send(new ListObjectsV2Command({ Bucket: 'locked' }))).KeyCount, 0);
  assert.equal(await readFile(join(s3Root, 'locked/report'), 'utf8'), 'kept');
  await s3.send(new PutObjectCommand({ ...bucket, Body: 'next', IfNoneMatch: '*' }));
  assert.equal(await (await s3.send(new GetObjectCommand(bucket))).Body?.transformToString(), 'next');
});

test('listings are in binary order, in pages, by prefix and by delimiter', async (t) => {
  const { s3, put } = await open(t);
  const keys = ['a/1', 'a/2', 'a-b', 'a0', 'b/c/d', 'b/c/e', 'b/f', '\uFF61', '\u{1F600}', 'z'];
  for (const key of keys) await put(key, key);
  const sorted = ['a-b', 'a/1', 'a/2', 'a0', 'b/c/d', 'b/c/e', 'b/f', 'z', '\uFF61', '\u{1F600}'];
  const list = async (input: Partial<ListObjectsV2CommandInput>) => {
    const {
      Contents = [],
      CommonPrefixes = [],
      ...rest
    } = await s3.send(new ListObjectsV2Command({ Bucket: 'plain', ...input }));
    return { ...rest, names: [...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix)] };
  };
  const cases: [string, Partial<ListObjectsV2CommandInput>, string[]][] = [
    ['everything', {}, sorted],
    ['a prefix inside a name', { Prefix: 'a' }, ['a-b', 'a/1', 'a/2', 'a0']],
    ['a prefix of directories', { Prefix: 'b/c/' }, ['b/c/d', 'b/c/e']],
    ['a prefix that is a key', { Prefix: 'b/c/e' }, ['b/c/e']],
    ['a prefix of nothing', { Prefix: 'c' }, []],
    ['a delimiter', { Delimiter: '/', Prefix: 'a' }, ['a-b', 'a0', 'a/']],
    ['a delimiter below a prefix', { Delimiter: '/', Prefix: 'b/' }, ['b/f', 'b/c/']],
    ['after a key', { StartAfter: 'b/c/d' }, ['b/c/e', 'b/f', 'z', '\uFF61', '\u{1F600}']],
    ['no keys asked for', { MaxKeys: 0 }, []],
    ['encoded for XML', { EncodingType: 'url', Prefix: '\uFF61' }, ['%EF%BD%A1']],
  ];
  for (const [what, input, expected] of cases) assert.deepEqual((await list(input)).names, expected, what);
  for (const [input, expected] of [
    [{}, sorted],
    [{ Delimiter: '/' }, ['a-b', 'a/', 'a0', 'b/', 'z', '\uFF61', '\u{1F600}']],
  ] as const) {
    const paged: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await list({ ...input, MaxKeys: 1, ContinuationToken });
      assert.equal(page.IsTruncated, page.NextContinuationToken !== undefined);
      paged.push(...page.names);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    assert.deepEqual(paged, expected);
  }
  await assert.rejects(list({ ContinuationToken: 'x' }), { name: 'InvalidArgument' });
  await assert.rejects(list({ Delimiter: '-' }), { name: 'NotImplemented' });
});

test('S3 refuses what is not there or not ours', async (t) => {
  const buckets = { ...BUCKETS, far: { region: 'us-east-1' }, theirs: { account: MEMBER } };
  const { s3, put, get, endpoints } = await open(t, { buckets, accounts: { ...world({}), [MEMBER]: {} } });
  await assert.rejects(get('missing'), { name: 'NoSuchKey' });
  await assert.rejects(get('missing', 'nowhere'), { name: 'NoSuchBucket' });
  await assert.rejects(get('missing', 'theirs'), { name: 'AccessDenied' });
  await assert.rejects(get('missing', 'far'), { name: 'PermanentRedirect' });
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'missing' })), { name: 'NotFound' });
  await assert.rejects(s3.send(new HeadBucketCommand({ Bucket: 'nowhere' })), { name: 'NotFound' });
  assert.equal((await s3.send(new HeadBucketCommand({ Bucket: 'plain' }))).BucketRegion, REGION);
  await s3.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'missing' }));
  const owner = { ExpectedBucketOwner: MEMBER };
  await assert.rejects(put('a', 'x', owner), { name: 'AccessDenied' });
  await assert.rejects(put('x'.repeat(1025), 'x'), { name: 'KeyTooLongError' });
  await put('file', 'x');
  const impossible = ['../plain/file', 'a//b', 'a/', './a', 'nul\0', 'file/below'];
  for (const key of impossible) await assert.rejects(put(key, 'x'), { name: 'NotImplemented' }, key);
  await put('directory/file', 'x');
  await assert.rejects(put('directory', 'x'), { name: 'NotImplemented' });
  const tagging = new PutObjectTaggingCommand({ Bucket: 'plain', Key: 'file', Tagging: { TagSet: [] } });
  await assert.rejects(s3.send(tagging), { name: 'NotImplemented', message: /only PutObject, GetObject/ });
  const retention = put('a', 'x', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: new Date(0) });
  await assert.rejects(retention, { name: 'NotImplemented', message: /x-amz-object-lock-mode/ });
  assert.equal(endpoints.calls['s3.HeadBucket'], 2);
});
