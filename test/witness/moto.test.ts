/**
 * Whole scans over moto's EC2, S3, SNS, STS, Security Hub and EventBridge. Systems Manager, of which moto has no agents, is our own, and so is KMS: moto
 * 5.2 hashes a digest once more before it signs it (moto/kms/utils.py, ECDSAPrivateKey.sign).
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CreateTagsCommand, DescribeImagesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { s3Archive } from '../../lambda/archive/store.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { archiveClient } from '../../lambda/scan/clients.ts';
import { type ScanResult, scan } from '../../lambda/scan/handler.ts';
import { SETTINGS_VARIABLE } from '../../lambda/settings.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Call, Node } from '../../simulator/aws/options.ts';
import { collect } from '../../simulator/collector.ts';
import { runDurable } from '../../simulator/durable.ts';
import { kubeadm } from '../../simulator/fleet/images.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';
import { answeredAt } from '../../simulator/hostile/envelope.ts';
import { skippingClock } from '../simulator/skipping-clock.ts';
import { PYTHON, python, without } from './python.ts';

/** The account of whoever calls moto (moto documentation, "Multi-Account support"). */
const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';
const NODES = 7;
/** What the first night tells at moto, and the second at our endpoints. */
const TOLD = ['SECURITYHUB', 'EVENTBRIDGE'];

const environment = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), 'kubevigil-moto-'));
const { name, version, hash, content } = collectDocument();

let moto: ChildProcess | undefined;
let endpoints: Endpoints | undefined;
const requests: Call[] = [];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts moto and waits until it answers. */
async function startMoto(): Promise<string> {
  const port = await freePort();
  moto = spawn(PYTHON, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 900; tries += 1) {
    const answer = await fetch(`${url}/moto-api/data.json`).catch(() => undefined);
    if (answer?.ok) return url;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('moto did not start');
}

describe('moto', { skip: without('moto', 'flask') }, () => {
  let settings: Record<string, unknown> = {};

  before(async () => {
    const url = await startMoto();
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'witness',
      AWS_SECRET_ACCESS_KEY: 'witness',
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '',
      AWS_REGION: REGION,
      ...Object.fromEntries(
        ['EC2', 'S3', 'SNS', 'STS', ...TOLD].map((service) => [`AWS_ENDPOINT_URL_${service}`, url]),
      ),
    });
    const ec2 = new EC2Client();
    const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
    const linux = Images.find(({ Platform }) => Platform === undefined);
    const run = await ec2.send(
      new RunInstancesCommand({ ImageId: linux?.ImageId, MinCount: NODES, MaxCount: NODES, InstanceType: 'm5.large' }),
    );
    const ids = (run.Instances ?? []).map(({ InstanceId = '' }) => InstanceId);
    await ec2.send(new CreateTagsCommand({ Resources: ids, Tags: [{ Key: 'eks:cluster-name', Value: 'blue' }] }));
    const { TopicArn: topicArn } = await new SNSClient().send(new CreateTopicCommand({ Name: 'alerts' }));
    await new S3Client().send(
      new CreateBucketCommand({
        Bucket: 'reports',
        ObjectLockEnabledForBucket: true,
        CreateBucketConfiguration: { LocationConstraint: REGION },
      }),
    );
    const directory = join(folder, 'node');
    const startedAt = Math.floor(Date.now() / 1000) - 86_400;
    writeRoot(directory, kubeadm({ host: 'ip-10-0-0-5.internal', version: 'v1.31.6', startedAt }, {}));
    const recorded = await collect(directory, { simulated: true });
    // No two answers of real nodes are the same: each says when it was collected.
    let seconds = Date.now() / 1000;
    const answer = () => {
      seconds += 1;
      return answeredAt(recorded, seconds);
    };
    const nodes = ids.map(
      (instanceId, index): Node => ({
        instanceId,
        tags: { 'eks:cluster-name': 'blue' },
        answer: index === 0 ? 'Execution Timed Out' : answer,
      }),
    );
    let faults = 0;
    endpoints = await startEndpoints({
      accounts: {
        [ACCOUNT]: {
          regions: {
            [REGION]: {
              nodes,
              documents: [{ name, version, content }],
              keys: { 'alias/kubevigil': 'generate' },
              securityHub: true,
            },
          },
        },
      },
      foreignAccount: ACCOUNT,
      intercept: (call) => {
        requests.push(call);
        faults += 1;
        // Every third request of the first is throttled.
        return faults < 12 && faults % 3 === 0
          ? { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' }
          : undefined;
      },
    });
    process.env.AWS_ENDPOINT_URL_SSM = endpoints.url;
    process.env.AWS_ENDPOINT_URL_KMS = endpoints.url;
    settings = {
      targets: [{ account: ACCOUNT, region: REGION }],
      tags: [{ keys: ['eks:cluster-name', 'kubernetes.io/cluster/*'] }],
      documentName: name,
      documentVersion: version,
      documentHash: hash,
      bucket: 'reports',
      topicArn,
      signingKeyArn: `arn:aws:kms:${REGION}:${ACCOUNT}:alias/kubevigil`,
      productArn: `arn:aws:securityhub:${REGION}:${ACCOUNT}:product/${ACCOUNT}/default`,
      eventBusArn: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`,
      alertPolicy: 'always',
      deliveryTimeoutSeconds: 60,
    };
  });

  after(async () => {
    moto?.kill();
    await endpoints?.close();
    process.env = environment;
    rmSync(folder, { recursive: true, force: true });
  });

  async function night(day: number) {
    process.env[SETTINGS_VARIABLE] = JSON.stringify(settings);
    const result = (await runDurable(
      scan,
      { scheduledTime: `2026-11-${day}T02:00:00Z`, everySeconds: 86_400 },
      {
        directory: join(folder, 'executions'),
        executionName: `night-${day}`,
        ...skippingClock(),
      },
    )) as ScanResult;
    assert.ok('manifest' in result, JSON.stringify(result));
    return result;
  }

  test('two nights are scanned, kept, signed and told, and verify', async () => {
    for (const day of [22, 23]) {
      const { totals, failedTargets, alert } = await night(day);
      assert.deepEqual([totals.nodes, totals.evaluated, failedTargets], [NODES, NODES - 1, 0]);
      assert.match(alert, /^sent: .*; sent: \d+ \(product\/\d+\/default\); sent: \d+ \(event-bus\/default\)$/);
      for (const service of TOLD) process.env[`AWS_ENDPOINT_URL_${service}`] = endpoints?.url;
    }
    const { problems } = await verifyArchive(s3Archive(archiveClient(), 'reports'), { unsigned: true });
    assert.deepEqual(problems, []);
  });

  test('Security Hub has the findings of each node, and the next night updates them', async () => {
    const hub = new SecurityHubClient({ endpoint: process.env.AWS_ENDPOINT_URL_SNS ?? '' });
    const { Findings = [] } = await hub.send(new GetFindingsCommand({ MaxResults: 100 }));
    const nodes = new Set(Findings.map(({ Resources }) => Resources?.[0]?.Id));
    assert.equal(nodes.size, NODES);
    assert.ok(Findings.every(({ Id, RecordState }) => Id?.startsWith('kubevigil/') && RecordState === 'ACTIVE'));
    // Of the second night only the node that is still silent.
    assert.deepEqual(
      endpoints?.findings(ACCOUNT, REGION).map(({ GeneratorId }) => GeneratorId),
      ['kubevigil/coverage'],
    );
  });

  test('an object of a scan that somebody writes over is found', async () => {
    const archive = s3Archive(archiveClient(), 'reports');
    let findings = '';
    for await (const { key } of archive.list('scans/')) if (key.includes('/findings/')) findings = key;
    await new S3Client().send(new PutObjectCommand({ Bucket: 'reports', Key: findings, Body: 'forged' }));
    const { problems } = await verifyArchive(archive, { unsigned: true });
    assert.ok(
      problems.some(({ key }) => key === findings),
      JSON.stringify(problems),
    );
  });

  test('every request to Systems Manager, Security Hub, EventBridge and KMS is one of botocore’s model', async () => {
    // Of KMS the operations only: its JSON carries bytes as base64.
    const asked = requests.map(({ service, operation, input }) => [
      service,
      operation,
      service === 'kms' ? null : input,
    ]);
    const { stdout, stderr } = await python(['service_models.py'], asked);
    const problems = JSON.parse(stdout || assert.fail(stderr)) as (string | null)[];
    assert.deepEqual(
      problems.filter((problem) => problem !== null),
      [],
    );
    assert.ok(asked.length > 10);
    for (const service of ['ssm', 'securityhub', 'events', 'kms']) assert.ok(asked.some(([each]) => each === service));
  });
});
