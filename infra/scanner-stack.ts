/**
 * The stack of the scanner itself: it plans, asks, judges, keeps and tells, for its own place and for all targets.
 * Tested by test/infra/stacks.test.ts.
 */
import { Annotations, type CfnElement, CfnOutput, Duration, Stack, TimeZone, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { CollectDocument } from '../lambda/nodes/document.ts';
import { SCANNER } from '../lambda/settings.ts';
import { addAlarms } from './alarms.ts';
import { addAlerting, publishing } from './alerting.ts';
import { addArchive, latestKey } from './archive.ts';
import { addBoundary } from './boundary.ts';
import { WAIVERS } from './bundle.ts';
import { addReplication } from './copy-stack.ts';
import { addDashboard } from './dashboard.ts';
import { addDocuments } from './document.ts';
import { addFunction, type DurableFunction, keepStatements, roleArn } from './function.ts';
import { memberRoleName } from './member-stack.ts';
import { partitionOf } from './partitions.ts';
import { acknowledgeReads, scanStatements } from './permissions.ts';
import { explain } from './reviews.ts';
import { longestPause, losesScan } from './schedule.ts';
import type { UserSettings } from './settings.ts';

/** Names of the roles; the first is what member accounts trust. */
export const scanRoleName = (name: string, region: string) => `${name}-scan-${region}`;
const coordinateRoleName = (name: string, region: string) => `${name}-coordinate-${region}`;

const texts = {
  unknownDurable: (partition: string) =>
    `No page of AWS that we know says whether Lambda has durable functions in ${partition}. Look there before you deploy: ` +
    'without them the functions cannot be created.',
  knownWord:
    'kubevigil.externalId is not set. The external id of each target is made of it, so with a word that everybody can read ' +
    'here, whoever holds the credentials of one shard could take the role of every target. Set a random word.',
  lostScan: (timeZone: string) =>
    `The clocks of ${timeZone} skip a time of the schedule when they are set forward. There is no scan then, which ` +
    'the alarm scan-missing and `verify` will tell. Choose another hour, or UTC.',
};

/** `account/region` of every target, this stack's own where the settings name none. */
function targetsOf(stack: Stack, { targets }: UserSettings): string[] {
  if (!targets) return [`${stack.account}/${stack.region}`];
  return targets.flatMap(({ account, regions }) => regions.map((region) => `${account}/${region}`));
}

/** Adds the scanner's stack. `handler` is the folder with the bundled handler. */
export function addScannerStack(
  scope: Construct,
  settings: UserSettings,
  documents: readonly CollectDocument[],
  handler: string,
): Stack {
  const { name, vpc } = settings;
  const [document] = documents as [CollectDocument];
  const stack = new Stack(scope, name, {
    description: 'kubevigil: asks every Kubernetes node what its kubelet runs with, every night',
    ...(settings.hub && { env: settings.hub }),
  });
  const partition = partitionOf(stack.region);
  if (partition.durable === 'unknown') {
    Annotations.of(stack).addWarningV2('kubevigil:durable', texts.unknownDurable(partition.name));
  }
  addBoundary(stack, settings.permissionsBoundary);
  explain(stack, 'IAMNoInlinePolicy', 'LambdaConcurrency', 'S3BucketReplicationEnabled');
  if (!vpc) explain(stack, 'LambdaInsideVPC');
  const home = `${stack.account}/${stack.region}`;
  const targets = targetsOf(stack, settings);
  const elsewhere = targets.filter((target) => target !== home);
  const archive = addArchive(stack, settings);
  const uncopied = settings.copy && addReplication(stack, archive, name, settings.copy);
  const topics = addAlerting(stack, settings, archive.dataKey);
  const failures = new Queue(stack, 'Failures', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  Validations.of(failures).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: 'This is the dead-letter queue, of the schedule and of the functions.',
  });
  if (targets.includes(home)) addDocuments(stack, documents);

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
  ];
  const asking = [
    ...(targets.includes(home) ? scanStatements(stack, documents, settings.tags) : []),
    ...(elsewhere.length > 0
      ? [
          new PolicyStatement({
            sid: 'AssumeMemberRoles',
            effect: Effect.ALLOW,
            actions: ['sts:AssumeRole', 'sts:TagSession'],
            resources: elsewhere.map((target) => {
              const [account = '', region = ''] = target.split('/');
              return roleArn(stack, memberRoleName(name, region), account);
            }),
          }),
        ]
      : []),
  ];
  const common = { archive, failures, handler, vpc, logDays: settings.retention.logDays };
  const reached = {
    home,
    list: targets,
    ...(elsewhere.length > 0 && { role: roleArn(stack, memberRoleName(name, 'REGION'), 'ACCOUNT') }),
  };
  /** What scans one target without being told which, and so must know its external id. */
  const knowing = { ...reached, ...(elsewhere.length > 0 && { externalId: settings.externalId }) };
  const several = targets.length > 1;
  const scanSettings = {
    ...(name !== SCANNER && { name }),
    tags: settings.tags,
    documentName: document.name,
    documentVersion: document.version,
    documentHash: document.hash,
    deliveryTimeoutSeconds: settings.deliveryTimeoutSeconds,
    concurrency: settings.concurrency,
    askAgain: settings.askAgain,
    bucket: archive.bucket.bucketName,
    ...(archive.prefix && { prefix: archive.prefix }),
    topicArn: topics.alerts.topicArn,
    signingKeyArn: archive.signingKey.keyArn,
    retention: { mode: settings.retention.mode, days: settings.retention.days },
    benchmarks: settings.benchmarks,
    formats: settings.formats,
    expiryDays: settings.expiryDays,
    rehearse: settings.rehearse,
    alertPolicy: settings.alertPolicy,
    populationFallPercent: settings.populationFallPercent,
    alertMinSeverity: settings.alertMinSeverity,
    // Keys are the policy's matter.
    routes: settings.routes.map(({ keyArn: _, ...route }) => route),
    ...(settings.timestampAuthorities.length > 0 && { timestampAuthorities: settings.timestampAuthorities }),
    ...(settings.reportUrl !== undefined && { reportUrl: settings.reportUrl }),
    ...(settings.runbookUrl !== undefined && { runbookUrl: settings.runbookUrl }),
    ...(settings.waivers !== undefined && { waivers: WAIVERS }),
  };
  if (several && elsewhere.length > 0 && settings.externalId === SCANNER) {
    Annotations.of(stack).addWarningV2('kubevigil:known-word', texts.knownWord);
  }
  const scan = addFunction(stack, 'Scan', {
    ...common,
    description: 'Scans one account and region: asks its nodes, judges their answers, keeps both',
    roleName: scanRoleName(name, stack.region),
    // Of several targets each shard is told its own, with the external id of that one only.
    settings: { targets: several ? reached : knowing, ...scanSettings },
    statements: [...asking, ...keepStatements(stack, archive), ...(several ? [] : closing)],
  });
  acknowledgeReads(stack, scan.role);
  const entry = several
    ? addFunction(stack, 'Coordinate', {
        ...common,
        description: 'Scans all targets: starts a scan of each, closes the report, tells what changed',
        roleName: coordinateRoleName(name, stack.region),
        // A version and not the alias: a coordinator goes on with the shards that it began with.
        settings: { targets: knowing, ...scanSettings, shardArn: scan.function.currentVersion.functionArn },
        statements: [
          new PolicyStatement({
            sid: 'StartScansOfTargets',
            effect: Effect.ALLOW,
            actions: ['lambda:InvokeFunction'],
            resources: [`${scan.function.functionArn}:*`],
          }),
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
  }
  const functions = several ? [entry, scan] : [scan];
  addSchedule(stack, settings, entry, { failures, dataKey: archive.dataKey });
  const alarms = addAlarms(stack, { settings, entry, failures, topics, uncopied });
  addDashboard(stack, { alarms, functions });

  new CfnOutput(stack, 'ReportBucket', { value: archive.bucket.bucketName, description: 'Where the reports are' });
  new CfnOutput(stack, 'AlertTopic', { value: topics.alerts.topicArn, description: 'One message a scan' });
  new CfnOutput(stack, 'Scanner', {
    value: entry.alias.functionArn,
    description: 'Invoke asynchronously with {"scheduledTime": "<now, as 2026-11-23T02:00:00Z>"} to scan at once',
  });
  return stack;
}

function addSchedule(
  stack: Stack,
  settings: UserSettings,
  entry: DurableFunction,
  { failures, dataKey }: { failures: Queue; dataKey: IKey },
): void {
  const role = new Role(stack, 'ScheduleRole', {
    description: 'Lets the schedule start the nightly scan',
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  });
  role.addToPolicy(
    new PolicyStatement({
      sid: 'StartScan',
      effect: Effect.ALLOW,
      actions: ['lambda:InvokeFunction'],
      resources: [entry.alias.functionArn],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'KeepUndelivered',
      effect: Effect.ALLOW,
      actions: ['sqs:SendMessage'],
      resources: [failures.queueArn],
    }),
  );
  // The construct would give this to the role, which takes nothing from it (below). Scheduler decrypts what it delivers by its
  // role, and names the schedule (its user guide, "Encryption at rest").
  role.addToPolicy(
    new PolicyStatement({
      sid: 'ReadOwnSchedule',
      effect: Effect.ALLOW,
      actions: ['kms:Decrypt'],
      resources: [dataKey.keyArn],
      conditions: {
        StringLike: {
          'kms:EncryptionContext:aws:scheduler:schedule:arn': stack.formatArn({
            service: 'scheduler',
            resource: 'schedule',
            resourceName: 'default/*',
          }),
        },
      },
    }),
  );
  const { schedule, timeZone, flexibleWindowMinutes } = settings;
  const everySeconds = longestPause(schedule, timeZone);
  if (losesScan(schedule, timeZone)) {
    Annotations.of(stack).addWarningV2('kubevigil:lost-scan', texts.lostScan(timeZone));
  }
  const nightly = new Schedule(stack, 'Schedule', {
    description: 'Starts a scan of all targets',
    key: dataKey,
    schedule: ScheduleExpression.expression(schedule, TimeZone.of(timeZone)),
    timeWindow:
      flexibleWindowMinutes > 0 ? TimeWindow.flexible(Duration.minutes(flexibleWindowMinutes)) : TimeWindow.off(),
    target: new LambdaInvoke(entry.alias as IFunction, {
      // The target would add the alias's versions, and no version but the live one is to be started by a schedule.
      role: role.withoutPolicyUpdates(),
      deadLetterQueue: failures,
      // Of 185 that are the default: a scan that cannot be started within the hour waits for the next night.
      retryAttempts: 3,
      maxEventAge: Duration.hours(1),
      input: ScheduleTargetInput.fromObject({
        scheduledTime: ContextAttribute.scheduledTime,
        ...(everySeconds !== undefined && { everySeconds }),
      }),
    }),
  });
  nightly.node.addDependency(role);
}
