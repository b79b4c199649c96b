/**
 * An IAM simulator over what scans really send: every recorded request is allowed by the role that the template gives the
 * function, and its neighbours, which somebody with the function's credentials might try, are denied. What a request needs:
 * Service Authorization Reference.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { scan } from '../../lambda/scan/handler.ts';
import { SETTINGS_VARIABLE } from '../../lambda/settings.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Call, Node } from '../../simulator/aws/options.ts';
import { collect } from '../../simulator/collector.ts';
import { runDurable } from '../../simulator/durable.ts';
import { kubeadm } from '../../simulator/fleet/images.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';
import { skippingClock } from '../simulator/skipping-clock.ts';
import { ACCOUNT, allowed, REGION, type Request, resourceStatements, statementsOf, type Template } from './policies.ts';
import { idOf, synthesise } from './synth.ts';

const TAGS = [{ key: 'eks:cluster-name' }];
const BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;
const PRODUCT = `arn:aws:securityhub:${REGION}:${ACCOUNT}:product/${ACCOUNT}/default`;
const template = synthesise({ tags: TAGS, securityHub: true, eventBusArn: BUS }).kubevigil as Template;
const id = (type: string, start: string) => idOf(template, type, start);
const BUCKET = id('AWS::S3::Bucket', 'Archive').toLowerCase();
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:${id('AWS::SNS::Topic', 'Alerts')}`;
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/${id('AWS::KMS::Key', 'SigningKey')}`;
const document = collectDocument();

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-requests-'));
const environment = { ...process.env };
after(() => {
  rmSync(folder, { recursive: true, force: true });
  process.env = environment;
});

/** Records the requests of two nights with trouble: a node that answers more than a page carries, one that is asked again. */
async function recorded(): Promise<Call[]> {
  const directory = join(folder, 'node');
  const startedAt = Math.floor(Date.now() / 1000) - 86_400;
  writeRoot(directory, kubeadm({ host: 'ip-10-0-0-5.internal', version: 'v1.31.6', startedAt }, {}));
  const { stdout, exitCode } = await collect(directory, { simulated: true });
  const node = (number: number, more: Partial<Node>): Node => ({
    instanceId: `i-0123456789abcde0${number}`,
    tags: { 'eks:cluster-name': 'blue' },
    ...more,
  });
  const calls: Call[] = [];
  const endpoints = await startEndpoints({
    accounts: {
      [ACCOUNT]: {
        regions: {
          [REGION]: {
            nodes: [
              node(1, { answer: { stdout, exitCode } }),
              node(2, { answer: 'Execution Timed Out' }),
              node(3, { agent: 'absent' }),
              node(4, { answer: { stdout: `${stdout}${' '.repeat(4_000)}`, exitCode } }),
            ],
            documents: [document],
            topics: [TOPIC.split(':').at(-1) ?? ''],
            keys: { 'alias/kubevigil': 'generate' },
            securityHub: true,
          },
        },
      },
    },
    s3Root: join(folder, 's3'),
    buckets: { [BUCKET]: {} },
    intercept: (call) => void calls.push(call),
  });
  Object.assign(process.env, endpoints.environment);
  process.env[SETTINGS_VARIABLE] = JSON.stringify({
    targets: [{ account: ACCOUNT, region: REGION }],
    tags: TAGS,
    documentName: document.name,
    documentVersion: document.version,
    documentHash: document.hash,
    bucket: BUCKET,
    topicArn: TOPIC,
    signingKeyArn: `arn:aws:kms:${REGION}:${ACCOUNT}:alias/kubevigil`,
    productArn: PRODUCT,
    eventBusArn: BUS,
    alertPolicy: 'always',
  });
  for (const day of [22, 23]) {
    await runDurable(
      scan,
      { scheduledTime: `2026-11-${day}T02:00:00Z` },
      {
        directory: join(folder, 'executions'),
        executionName: `night-${day}`,
        ...skippingClock(),
      },
    );
  }
  await endpoints.close();
  return calls;
}

const HERE = { 'aws:RequestedRegion': REGION };
const LOCAL = `${REGION}:${ACCOUNT}`;

/** What IAM is asked for a request. Throws for one of which it does not know that. */
function askedOf({ service, operation, input }: Call): Request[] {
  const { Key = '' } = input as { Key?: string };
  const object = `arn:aws:s3:::${BUCKET}/${Key}`;
  const written = { 's3:ObjectCreationOperation': 'true', ...(Key !== 'latest.json' && { 's3:if-none-match': '*' }) };
  switch (`${service}.${operation}`) {
    case 'ec2.DescribeInstances':
    case 'ssm.DescribeInstanceInformation':
    case 'ssm.GetCommandInvocation':
    case 'ssm.ListCommandInvocations':
    case 'ssm.ListCommands':
      return [{ action: `${service}:${operation}`, resource: '*', context: HERE }];
    case 'ssm.SendCommand': {
      const { DocumentName } = input as { DocumentName: string };
      return [
        { action: 'ssm:SendCommand', resource: `arn:aws:ssm:${LOCAL}:document/${DocumentName}` },
        {
          action: 'ssm:SendCommand',
          resource: `arn:aws:ec2:${LOCAL}:instance/i-0123456789abcde01`,
          context: { 'ssm:resourceTag/eks:cluster-name': 'blue' },
        },
      ];
    }
    case 's3.PutObject':
      return [{ action: 's3:PutObject', resource: object, context: written }];
    case 's3.GetObject':
    case 's3.HeadObject':
      return [{ action: 's3:GetObject', resource: object }];
    case 's3.ListObjectsV2':
      return [{ action: 's3:ListBucket', resource: `arn:aws:s3:::${BUCKET}` }];
    case 'sns.Publish':
      return [{ action: 'sns:Publish', resource: TOPIC }];
    case 'kms.Sign':
    case 'kms.GetPublicKey':
      return [{ action: `kms:${operation}`, resource: KEY }];
    case 'securityhub.BatchImportFindings':
      return [{ action: 'securityhub:BatchImportFindings', resource: PRODUCT }];
    case 'events.PutEvents':
      return putsOf((input as { Entries: { Source: string; EventBusName: string }[] }).Entries);
    default:
      throw new Error(`it is not known here what ${service}:${operation} needs`);
  }
}

/** One request for each bus, with the sources of all of its events. */
function putsOf(entries: { Source: string; EventBusName: string }[]): Request[] {
  return [...Map.groupBy(entries, ({ EventBusName }) => EventBusName)].map(([resource, events]) => ({
    action: 'events:PutEvents',
    resource,
    context: { 'events:source': events.map(({ Source }) => Source) },
  }));
}

/** Requests near one that is allowed: another place, another name, no condition. */
function neighboursOf({ action, resource, context = {} }: Request): Request[] {
  const near: Request[] = [];
  if (resource === '*') near.push({ action, resource, context: { 'aws:RequestedRegion': 'us-west-2' } });
  // Keys of the archive have account and region in them, too.
  const isKey = resource.includes('s3:::');
  if (!isKey && resource.includes(ACCOUNT))
    near.push({ action, resource: resource.replace(ACCOUNT, '999900001111'), context });
  if (!isKey && resource.includes(REGION))
    near.push({ action, resource: resource.replace(REGION, 'us-west-2'), context });
  if (/document|sns|kms|event-bus|product/.test(resource)) near.push({ action, resource: `${resource}x`, context });
  if (isKey) near.push({ action, resource: resource.replace(BUCKET, `${BUCKET}x`), context });
  if (resource.includes(':instance/')) near.push({ action, resource });
  if ('events:source' in context)
    near.push({ action, resource, context: { 'events:source': ['kubevigil', 'aws.ec2'] } });
  if ('s3:if-none-match' in context) {
    near.push({ action, resource, context: { 's3:ObjectCreationOperation': 'true' } });
    for (const other of ['s3:DeleteObject', 's3:PutObjectRetention', 's3:PutObjectAcl'])
      near.push({ action: other, resource, context });
  }
  return near;
}

test('every request of two nights is allowed, and its neighbours are not', async () => {
  const role = statementsOf(template, id('AWS::IAM::Role', 'ScanRole'));
  const bucket = resourceStatements(template, 'AWS::S3::BucketPolicy', 'Bucket', id('AWS::S3::Bucket', 'Archive'));
  const calls = await recorded();
  const kinds = new Set(calls.map(({ service, operation }) => `${service}.${operation}`));
  assert.ok(kinds.has('securityhub.BatchImportFindings') && kinds.has('events.PutEvents'), [...kinds].join());
  assert.ok(kinds.has('ssm.GetCommandInvocation') && kinds.has('ssm.DescribeInstanceInformation'), [...kinds].join());
  const asked = [...new Map(calls.flatMap(askedOf).map((each) => [JSON.stringify(each), each])).values()];
  assert.deepEqual(
    asked.filter((request) => !allowed(role, request, bucket)),
    [],
  );
  const near = asked.flatMap(neighboursOf);
  assert.ok(near.length > 2 * kinds.size);
  assert.deepEqual(
    near.filter((request) => allowed(role, request, bucket)),
    [],
  );
});
