/**
 * The construct of the scanner itself: it plans, asks, judges, keeps and tells, for its own place and for all targets. Its tests are
 * also test/infra/stacks.test.ts, test/infra/permissions.test.ts and test/infra/existing.test.ts.
 */
import { Annotations, type CfnElement, Duration, Stack, Validations } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CollectDocument } from '../lambda/nodes/document.ts';
import { SCANNER } from '../lambda/settings.ts';
import { addAlarms } from './alarms.ts';
import { addAlerting, publishing, type Topics } from './alerting.ts';
import { type Archive, addArchive, latestKey } from './archive.ts';
import { addBoundary } from './boundary.ts';
import { addReplication } from './copy-stack.ts';
import { addDashboard } from './dashboard.ts';
import { delivering, deliverySettings } from './deliveries.ts';
import { addDocuments, documentsOf } from './document.ts';
import { preferNewBehaviour } from './flags.ts';
import { addFunction, type DurableFunction, keepStatements, roleArn } from './function.ts';
import { PACKED_HANDLER, TARGETS, WAIVERS, withFiles } from './handler.ts';
import { memberRoleName, scanRoleName } from './member.ts';
import { addSchedule } from './nightly.ts';
import {
  acknowledgeAccounts,
  acknowledgeMembers,
  assumingMembers,
  findingAccounts,
} from './organization-permissions.ts';
import { partitionOf } from './partitions.ts';
import { acknowledgeReads, scanStatements } from './permissions.ts';
import { type KubevigilProps, type ScannerSettings, settingsOf } from './props.ts';
import { explain, explainToCheckov } from './reviews.ts';

const coordinateRoleName = (name: string, region: string) => `${name}-coordinate-${region}`;

const texts = {
  unknownDurable: (partition: string) =>
    `No page of AWS that we know says whether Lambda has durable functions in ${partition}. Look there before you deploy: ` +
    'without them the functions cannot be created.',
  knownWord:
    'kubevigil.externalId is not set. The external id of each target is made of it, so with a word that everybody can read ' +
    'here, whoever holds the credentials of one shard could take the role of every target. Set a random word.',
};

/** `account/region` of every target, this stack's own where the settings name none; those of an organization nobody knows yet. */
function targetsOf(stack: Stack, { targets, organization }: ScannerSettings): string[] {
  if (organization) return [];
  if (!targets) return [`${stack.account}/${stack.region}`];
  return targets.flatMap(({ account, regions }) => regions.map((region) => `${account}/${region}`));
}

/**
 * A scanner: what asks the nodes of its targets every night, keeps what they answer and tells what has changed. It changes nothing
 * beside itself: no tags, aspects or context of the app.
 */
export class Kubevigil extends Construct {
  /** Bucket of the reports. */
  readonly bucket: IBucket;
  /** Topic of the messages of scans. */
  readonly topic: ITopic;
  /** Topic of the alarms. */
  readonly alarmTopic: ITopic;
  /** Encrypts reports, messages, logs, settings, checkpoints and the schedule. */
  readonly dataKey: IKey;
  /** Signs manifests; who verifies them needs its public half. */
  readonly signingKey: IKey;
  /** What starts a scan: invoke it asynchronously with `{"scheduledTime": "2026-11-23T02:00:00Z"}`. */
  readonly function: IFunction;
  /** The alarms, each with its section in docs/runbook.md. */
  readonly alarms: Alarm[];

  /**
   * `documents` are those that the scanner may send, the current one first. Throws SettingsError with one line for each wrong prop,
   * and where they do not fit into a function's environment.
   */
  constructor(
    scope: Construct,
    id: string,
    props: KubevigilProps = {},
    documents: readonly CollectDocument[] = documentsOf(props.name ?? SCANNER),
  ) {
    super(scope, id);
    preferNewBehaviour(this);
    const settings = settingsOf(this, props);
    const { archive, topics, entry, alarms } = addScanner(this, settings, documents, props.handler ?? PACKED_HANDLER);
    this.bucket = archive.bucket;
    this.topic = topics.alerts;
    this.alarmTopic = topics.alarms;
    this.dataKey = archive.dataKey;
    this.signingKey = archive.signingKey;
    this.function = entry.alias as IFunction;
    this.alarms = alarms;
  }
}

function addScanner(
  scope: Construct,
  settings: ScannerSettings,
  documents: readonly CollectDocument[],
  folder: string,
): { archive: Archive; topics: Topics; entry: DurableFunction; alarms: Alarm[] } {
  const { name, vpc } = settings;
  const [document, windows] = documents as [linux: CollectDocument, windows?: CollectDocument];
  const stack = Stack.of(scope);
  const partition = partitionOf(stack.region);
  if (partition.durable === 'unknown') {
    Annotations.of(scope).addWarningV2('kubevigil:durable', texts.unknownDurable(partition.name));
  }
  addBoundary(scope, settings.permissionsBoundary);
  explain(scope, 'IAMNoInlinePolicy', 'LambdaConcurrency', 'S3BucketReplicationEnabled');
  if (!vpc) explain(scope, 'LambdaInsideVPC');
  const home = `${stack.account}/${stack.region}`;
  const targets = targetsOf(stack, settings);
  const elsewhere = targets.filter((target) => target !== home);
  const { organization } = settings;
  const several = organization !== undefined || targets.length > 1;
  const isListed = several && organization === undefined;
  const handler = withFiles(folder, { waivers: settings.waivers, targets: isListed ? targets : undefined });
  const archive = addArchive(scope, settings);
  const uncopied = settings.copy && addReplication(scope, archive, name, settings.copy);
  const topics = addAlerting(scope, settings, archive.dataKey);
  const failures = new Queue(scope, 'Failures', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  Validations.of(failures).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: 'This is the dead-letter queue, of the schedule and of the functions.',
  });
  if (targets.includes(home)) addDocuments(scope, documents);

  /** What only the function does that closes a scan: point to it, sign it, tell. */
  const closing = [
    new PolicyStatement({
      sid: 'PointToLatest',
      effect: Effect.ALLOW,
      actions: ['s3:PutObject'],
      resources: [archive.bucket.arnForObjects(latestKey(archive))],
    }),
    new PolicyStatement({
      sid: 'SignManifests',
      effect: Effect.ALLOW,
      actions: ['kms:GetPublicKey', 'kms:Sign'],
      resources: [archive.signingKey.keyArn],
    }),
    ...publishing(topics, settings),
    ...delivering(stack, settings),
  ];
  const isElsewhere = organization !== undefined || elsewhere.length > 0;
  const asking = [
    ...(targets.includes(home) ? scanStatements(stack, documents, settings) : []),
    ...(isElsewhere ? [assumingMembers(stack, name, organization ?? elsewhere)] : []),
  ];
  const common = { archive, failures, handler, vpc, logDays: settings.retention.logDays };
  const reached = {
    home,
    ...(organization ? { organization } : several ? { file: TARGETS } : { list: targets }),
    ...(isElsewhere && { role: roleArn(stack, memberRoleName(name, 'REGION'), 'ACCOUNT') }),
  };
  /** What scans one target without being told which, and so must know its external id. */
  const knowing = { ...reached, ...(isElsewhere && { externalId: settings.externalId }) };
  const scanSettings = {
    ...(name !== SCANNER && { name }),
    tags: settings.tags,
    documentName: document.name,
    documentVersion: document.version,
    documentHash: document.hash,
    ...(windows && { windowsDocument: { name: windows.name, version: windows.version, hash: windows.hash } }),
    deliveryTimeoutSeconds: settings.deliveryTimeoutSeconds,
    concurrency: settings.concurrency,
    askAgain: settings.askAgain,
    targetsAtOnce: settings.targetsAtOnce,
    bucket: archive.bucket.bucketName,
    ...(archive.prefix && { prefix: archive.prefix }),
    topicArn: topics.alerts.topicArn,
    signingKeyArn: archive.signingKey.keyArn,
    retention: { mode: settings.retention.mode, days: settings.retention.days },
    benchmarks: settings.benchmarks,
    formats: settings.formats,
    expiryDays: settings.expiryDays,
    rehearse: settings.rehearse,
    hybridNodes: settings.hybridNodes,
    alertPolicy: settings.alertPolicy,
    populationFallPercent: settings.populationFallPercent,
    alertMinSeverity: settings.alertMinSeverity,
    // Keys are the policy's matter.
    routes: settings.routes.map(({ keyArn: _, ...route }) => route),
    ...deliverySettings(stack, settings),
    ...(settings.timestampAuthorities.length > 0 && { timestampAuthorities: settings.timestampAuthorities }),
    ...(settings.reportUrl !== undefined && { reportUrl: settings.reportUrl }),
    ...(settings.runbookUrl !== undefined && { runbookUrl: settings.runbookUrl }),
    ...(settings.waivers !== undefined && { waivers: WAIVERS }),
  };
  if (several && isElsewhere && settings.externalId === SCANNER) {
    Annotations.of(scope).addWarningV2('kubevigil:known-word', texts.knownWord);
  }
  const scan = addFunction(scope, 'Scan', {
    ...common,
    description: 'Scans one account and region: asks its nodes, judges their answers, keeps both',
    roleName: scanRoleName(name, stack.region),
    // Of several targets each shard is told its own, with the external id of that one only.
    settings: { targets: several ? reached : knowing, ...scanSettings },
    statements: [...asking, ...keepStatements(stack, archive), ...(several ? [] : closing)],
  });
  acknowledgeReads(stack, scan.role);
  if (isElsewhere) acknowledgeMembers(stack, scan.role, name, organization ?? elsewhere);
  const entry = several
    ? addFunction(scope, 'Coordinate', {
        ...common,
        description: 'Scans all targets: starts a scan of each, closes the report, tells what changed',
        roleName: coordinateRoleName(name, stack.region),
        startsItself: true,
        // A version and not the alias: a coordinator goes on with the shards that it began with.
        settings: { targets: knowing, ...scanSettings, shardArn: scan.function.currentVersion.functionArn },
        statements: [
          new PolicyStatement({
            sid: 'StartScansOfTargets',
            effect: Effect.ALLOW,
            actions: ['lambda:InvokeFunction'],
            resources: [`${scan.function.functionArn}:*`],
          }),
          ...(organization ? findingAccounts(stack, organization) : []),
          ...keepStatements(stack, archive),
          ...closing,
        ],
      })
    : scan;
  if (several) {
    Validations.of(entry.role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${stack.getLogicalId(scan.function.node.defaultChild as CfnElement)}.Arn>:*]`,
      reason: 'Versions of the function that scans a target: a coordinator starts those of its own deployment.',
    });
    if (organization) acknowledgeAccounts(stack, entry.role, organization);
  }
  addSchedule(scope, settings, entry, { failures, dataKey: archive.dataKey });
  const alarms = addAlarms(scope, { settings, entry, failures, topics, uncopied });
  addDashboard(scope, { scanner: name, alarms, functions: several ? [entry, scan] : [scan] });
  explainToCheckov(scope);
  return { archive, topics, entry, alarms };
}
