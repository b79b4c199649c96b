import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { HeadBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { DescribeInstanceInformationCommand, GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { startEndpoints } from '../../../simulator/aws/endpoints.ts';
import type { Call, Fault } from '../../../simulator/aws/options.ts';
import { client, directory, HUB, instanceId, MEMBER, nodes, REGION, start, world } from './fixture.ts';

test('clients without any configuration find the endpoints through the environment', async (t) => {
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
  });
  process.env.AWS_PROFILE = 'production';
  process.env.AWS_SESSION_TOKEN = 'of the real account';
  const s3Root = await directory(t);
  const accounts = world({ nodes: nodes(1), topics: ['alerts'] });
  const endpoints = await start(t, { accounts, s3Root, buckets: { reports: {} } });
  Object.assign(process.env, endpoints.environment);
  const { Account, Arn } = await new STSClient().send(new GetCallerIdentityCommand({}));
  assert.deepEqual([Account, Arn], [HUB, `arn:aws:iam::${HUB}:user/kubevigil`]);
  assert.equal((await new EC2Client().send(new DescribeInstancesCommand({}))).Reservations?.length, 1);
  const managed = await new SSMClient().send(new DescribeInstanceInformationCommand({}));
  assert.equal(managed.InstanceInformationList?.length, 1);
  await new S3Client().send(new PutObjectCommand({ Bucket: 'reports', Key: 'a/b', Body: 'x' }));
  await new SNSClient().send(new PublishCommand({ TopicArn: `arn:aws:sns:${REGION}:${HUB}:alerts`, Message: 'x' }));
  assert.deepEqual(endpoints.calls, {
    'sts.GetCallerIdentity': 1,
    'ec2.DescribeInstances': 1,
    'ssm.DescribeInstanceInformation': 1,
    's3.PutObject': 1,
    'sns.Publish': 1,
  });
});

test('AssumeRole leads into other accounts, in every region', async (t) => {
  let at = Date.UTC(2026, 0, 1);
  const only = (number: number) => ({ nodes: [{ instanceId: instanceId(number), tags: {} }] });
  const accounts = {
    [HUB]: { regions: { [REGION]: only(1), 'us-east-1': only(2) } },
    [MEMBER]: { regions: { [REGION]: only(3) }, roles: [{ name: 'kubevigil-scan', externalId: 'shared' }] },
  };
  const endpoints = await start(t, { accounts, now: () => new Date(at) });
  const sts = new STSClient(client(endpoints));
  const role = {
    RoleArn: `arn:aws:iam::${MEMBER}:role/kubevigil-scan`,
    RoleSessionName: 'scan-1',
    ExternalId: 'shared',
  };
  const { Credentials, AssumedRoleUser } = await sts.send(new AssumeRoleCommand({ ...role, DurationSeconds: 900 }));
  assert.equal(AssumedRoleUser?.Arn, `arn:aws:sts::${MEMBER}:assumed-role/kubevigil-scan/scan-1`);
  assert.deepEqual(Credentials?.Expiration, new Date(at + 900_000));
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  const ids = async (options: object, region = REGION) => {
    const { Reservations = [] } = await new EC2Client({ ...client(endpoints, region), ...options }).send(
      new DescribeInstancesCommand({}),
    );
    return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId));
  };
  assert.deepEqual(await ids({}), [instanceId(1)]);
  assert.deepEqual(await ids({}, 'us-east-1'), [instanceId(2)]);
  assert.deepEqual(await ids({ credentials }), [instanceId(3)]);
  assert.deepEqual(await ids({ credentials }, 'us-east-1'), [], 'a region without anything');
  await assert.rejects(ids({ credentials: { ...credentials, sessionToken: 'forged' } }), { name: 'AuthFailure' });
  const expired = () =>
    new SSMClient({ ...client(endpoints), credentials }).send(new DescribeInstanceInformationCommand({}));
  await expired();
  at += 900_000;
  await assert.rejects(expired(), { name: 'ExpiredTokenException' });
  await assert.rejects(ids({ credentials }), { name: 'RequestExpired' });

  const refused: [string, Partial<AssumeRoleCommandInput>, string][] = [
    ['a wrong external id', { ExternalId: 'guess' }, 'AccessDenied'],
    ['no external id', { ExternalId: undefined }, 'AccessDenied'],
    ['an unknown role', { RoleArn: `${role.RoleArn}s` }, 'AccessDenied'],
    ['no role', { RoleArn: 'kubevigil-scan' }, 'ValidationError'],
    ['a session name of one character', { RoleSessionName: 'x' }, 'ValidationError'],
    ['a session name with a space', { RoleSessionName: 'a b' }, 'ValidationError'],
    ['less than 15 minutes', { DurationSeconds: 899 }, 'ValidationError'],
    ['what is not built', { Policy: '{}' }, 'NotImplemented'],
  ];
  for (const [what, input, name] of refused) {
    await assert.rejects(sts.send(new AssumeRoleCommand({ ...role, ...input })), { name }, what);
  }
});

test('unknown credentials are refused as each service refuses them, or are let in on purpose', async (t) => {
  const credentials = { accessKeyId: 'AKIAREAL', secretAccessKey: 'x' };
  const stranger = { ...client(await start(t, { buckets: { reports: {} } })), credentials };
  await assert.rejects(new EC2Client(stranger).send(new DescribeInstancesCommand({})), { name: 'AuthFailure' });
  await assert.rejects(new SSMClient(stranger).send(new DescribeInstanceInformationCommand({})), {
    name: 'UnrecognizedClientException',
  });
  await assert.rejects(new STSClient(stranger).send(new GetCallerIdentityCommand({})), {
    name: 'InvalidClientTokenId',
  });
  const head = new HeadBucketCommand({ Bucket: 'reports' });
  await assert.rejects(new S3Client(stranger).send(head), ({ $metadata }) => $metadata.httpStatusCode === 403);
  const welcoming = await start(t, { buckets: { reports: {} }, foreignAccount: HUB });
  await new S3Client({ ...client(welcoming), credentials }).send(head);
});

test('anything else is answered with 501', async (t) => {
  const endpoints = await start(t);
  const parameter = new SSMClient(client(endpoints)).send(new GetParameterCommand({ Name: 'x' }));
  await assert.rejects(parameter, {
    name: 'NotImplemented',
    message: /ssm:GetParameter, only SendCommand, ListCommands/,
  });
  const authorization =
    'AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';
  const response = await fetch(`${endpoints.url}/2015-03-31/functions`, { headers: { authorization } });
  assert.equal(response.status, 501);
  assert.match(
    await response.text(),
    /the service dynamodb, only s3 and ec2, ssm, sns, kms, lambda, cloudformation, organizations, account, eks, securityhub, events, sts/,
  );
});

test('intercept sees each call and can break it in every way', async (t) => {
  const seen: Call[] = [];
  const plan: (Fault | undefined)[] = [];
  let arrived = () => {};
  const intercept = (call: Call) => {
    seen.push(call);
    arrived();
    return plan.shift();
  };
  const accounts = world({ nodes: nodes(1), topics: ['alerts'] });
  const endpoints = await start(t, { accounts, buckets: { reports: {} }, s3Root: await directory(t), intercept });
  const ssm = new SSMClient(client(endpoints));
  const sns = new SNSClient(client(endpoints));
  const list = () => ssm.send(new DescribeInstanceInformationCommand({ MaxResults: 5 }));
  const publish = () => sns.send(new PublishCommand({ TopicArn: `arn:aws:sns:${REGION}:${HUB}:alerts`, Message: 'x' }));
  const put = () =>
    new S3Client(client(endpoints)).send(new PutObjectCommand({ Bucket: 'reports', Key: 'k', Body: 'x' }));

  plan.push({ status: 400, code: 'ThrottlingException', message: 'Rate exceeded' });
  await assert.rejects(list(), { name: 'ThrottlingException', message: 'Rate exceeded' });
  plan.push({ status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' });
  await assert.rejects(put(), { name: 'SlowDown' });
  plan.push({ status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' });
  await assert.rejects(new EC2Client(client(endpoints)).send(new DescribeInstancesCommand({})), {
    name: 'RequestLimitExceeded',
  });
  plan.push('reset');
  await assert.rejects(publish(), /ECONNRESET|socket hang up/);
  assert.equal(endpoints.messages.length, 0, 'reset: nothing happened');
  plan.push('lost');
  await assert.rejects(publish(), /ECONNRESET|socket hang up/);
  assert.equal(endpoints.messages.length, 1, 'lost: it happened, and nobody was told');
  plan.push('timeout');
  const abort = new AbortController();
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const waiting = ssm.send(new DescribeInstanceInformationCommand({}), { abortSignal: abort.signal });
  await arrival;
  abort.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
  assert.deepEqual(seen[0], {
    service: 'ssm',
    operation: 'DescribeInstanceInformation',
    account: HUB,
    region: REGION,
    input: { MaxResults: 5 },
    attempt: 1,
  });
  assert.deepEqual(seen[1]?.input, { Bucket: 'reports', Key: 'k', 'x-id': 'PutObject' });
});

test('the SDK retries what it should, and says which attempt it is', async (t) => {
  const attempts: number[] = [];
  const intercept = ({ attempt }: Call): Fault | undefined => {
    attempts.push(attempt);
    return attempt < 3 ? { status: 500, code: 'InternalServerError', message: '' } : undefined;
  };
  const endpoints = await start(t, { intercept });
  await new SSMClient({ ...client(endpoints), maxAttempts: 3 }).send(new DescribeInstanceInformationCommand({}));
  assert.deepEqual(attempts, [1, 2, 3]);
  assert.deepEqual(endpoints.calls, { 'ssm.DescribeInstanceInformation': 3 });
});

test('pages can be made small, so that a small fleet has several', async (t) => {
  const pageSize = { ec2: 2, ssm: 3, s3: 1 };
  const endpoints = await start(t, { accounts: world({ nodes: nodes(5) }), buckets: { reports: {} }, pageSize });
  const { Reservations, NextToken } = await new EC2Client(client(endpoints)).send(new DescribeInstancesCommand({}));
  assert.deepEqual([Reservations?.length, typeof NextToken], [2, 'string']);
  const managed = await new SSMClient(client(endpoints)).send(new DescribeInstanceInformationCommand({}));
  assert.deepEqual([managed.InstanceInformationList?.length, typeof managed.NextToken], [3, 'string']);
  const s3 = new S3Client(client(endpoints));
  for (const Key of ['a', 'b']) await s3.send(new PutObjectCommand({ Bucket: 'reports', Key, Body: Key }));
  const page = await s3.send(new ListObjectsV2Command({ Bucket: 'reports' }));
  assert.deepEqual([page.KeyCount, page.IsTruncated], [1, true]);
});

test('options that no account could have are refused at the start', async () => {
  const twice = { nodes: [...nodes(1), ...nodes(1)] };
  const cases: [Parameters<typeof startEndpoints>[0], RegExp][] = [
    [{ accounts: {} }, /at least one account/],
    [{ accounts: { prod: { regions: {} } } }, /12 digits, got "prod"/],
    [
      { accounts: world({ nodes: [{ instanceId: 'node-1', tags: {} }] }) },
      /17 hexadecimal digits or mi- and 17, got "node-1"/,
    ],
    [{ accounts: world(twice) }, /two nodes of 111111111111\/eu-west-1 are called i-00000000000000000/],
  ];
  for (const [options, message] of cases) await assert.rejects(startEndpoints(options), message);
});
