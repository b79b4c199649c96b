/**
 * Where reports are kept: a bucket in which nothing can be changed, its access log, and the keys.
 * Tested by test/infra/stacks.test.ts.
 */
import { ArnFormat, Duration, RemovalPolicy, type Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { LATEST, SCANS } from '../lambda/archive/keys.ts';
import { allowOn, tellBucketOwner } from './existing.ts';
import { explain } from './reviews.ts';
import type { UserSettings } from './settings.ts';

export type Archive = {
  bucket: IBucket;
  /** What all keys of the archive begin with; empty in a bucket of its own. */
  prefix: string;
  /** Encrypts reports, messages, logs, settings, checkpoints and the schedule. */
  dataKey: IKey;
  /** Signs manifests; its public half is for everybody who verifies them. */
  signingKey: IKey;
};

/** Keys of the archive that are written once; beside them there is only `latest.json`. */
export const scanKeys = ({ prefix }: Pick<Archive, 'prefix'>) => `${prefix}${SCANS}*`;
export const latestKey = ({ prefix }: Pick<Archive, 'prefix'>) => `${prefix}${LATEST}`;

export function addArchive(stack: Stack, settings: UserSettings): Archive {
  const { existing, retention } = settings;
  const { prefix = '' } = existing;
  const dataKey = addDataKey(stack, settings);
  const signingKey =
    existing.signingKeyArn !== undefined
      ? Key.fromKeyArn(stack, 'SigningKey', existing.signingKeyArn)
      : new Key(stack, 'SigningKey', {
          alias: `${stack.stackName}-signing`,
          description: 'Signs the manifests of the reports of kubevigil',
          keySpec: KeySpec.ECC_NIST_P256,
          keyUsage: KeyUsage.SIGN_VERIFY,
          removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        });
  if (existing.bucket !== undefined) tellBucketOwner(stack, existing.bucket, retention);
  const bucket: IBucket =
    existing.bucket !== undefined
      ? Bucket.fromBucketName(stack, 'Archive', existing.bucket)
      : (addBucket(stack, retention, dataKey) as IBucket);
  // Versions keep what was overwritten, but a reader sees the newest: nobody at all may write a key of a scan twice
  // (S3 user guide, "Enforce conditional writes on Amazon S3 buckets").
  allowOn(
    bucket,
    'existing.bucket',
    new PolicyStatement({
      sid: 'WriteScansOnce',
      effect: Effect.DENY,
      principals: [new StarPrincipal()],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(scanKeys({ prefix }))],
      conditions: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
    }),
  );
  return { bucket, prefix, dataKey, signingKey };
}

function addDataKey(stack: Stack, { existing, retention }: UserSettings): IKey {
  const dataKey =
    existing.dataKeyArn !== undefined
      ? Key.fromKeyArn(stack, 'DataKey', existing.dataKeyArn)
      : new Key(stack, 'DataKey', {
          alias: `${stack.stackName}-data`,
          description: 'Encrypts the reports, messages and logs of kubevigil',
          enableKeyRotation: true,
          removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        });
  allowOn(
    dataKey,
    'existing.dataKeyArn',
    new PolicyStatement({
      sid: 'LogsOfThisStack',
      effect: Effect.ALLOW,
      // By its name in this region, and with these actions: CloudWatch Logs refuses a key that does not allow them
      // (CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS KMS").
      principals: [ServicePrincipal.fromStaticServicePrincipleName(`logs.${stack.region}.${stack.urlSuffix}`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': stack.formatArn({
            service: 'logs',
            resource: 'log-group',
            resourceName: `${stack.stackName}-*`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
    }),
  );

  // Checkpoints hold keys, counts and digests. Lambda encrypts them by its own principal, for these functions only (Lambda
  // developer guide, "Encrypting AWS Lambda durable execution data"); the functions' roles decrypt what they are.
  allowOn(
    dataKey,
    'existing.dataKeyArn',
    new PolicyStatement({
      sid: 'CheckpointsOfThisStack',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('lambda.amazonaws.com')],
      actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
      resources: ['*'],
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: { 'kms:EncryptionContext:aws:lambda:FunctionArn': functionArns(stack) },
      },
    }),
  );

  if (retention.mode === 'compliance') {
    allowOn(dataKey, 'existing.dataKeyArn', keepLockedKey(retention.breakGlassRole));
  }

  return dataKey;
}

/** Keeps a key from being deleted or disabled, but by one role: a locked object is worth nothing without its key. */
export function keepLockedKey(breakGlassRole?: string): PolicyStatement {
  return new PolicyStatement({
    sid: 'KeepTheKeyOfLockedReports',
    effect: Effect.DENY,
    principals: [new StarPrincipal()],
    actions: ['kms:ScheduleKeyDeletion', 'kms:DisableKey'],
    resources: ['*'],
    ...(breakGlassRole !== undefined && { conditions: { ArnNotEquals: { 'aws:PrincipalArn': breakGlassRole } } }),
  });
}

/** The stack's functions by the beginning of their names: keys and roles must exist before them. */
export function functionArns(stack: Stack): string {
  return stack.formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: `${stack.stackName}-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** Adds a bucket that locks every version, and one for its access log. Without a name CloudFormation gives one. */
export function addBucket(
  stack: Stack,
  retention: UserSettings['retention'],
  encryptionKey: IKey,
  bucketName?: string,
): Bucket {
  const logs = new Bucket(stack, 'AccessLogs', {
    // S3 delivers access logs only to buckets that S3's own keys encrypt (S3 user guide, "Enabling server access logging").
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    lifecycleRules: [
      { expiration: Duration.days(retention.days), noncurrentVersionExpiration: Duration.days(1) },
      { abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  Validations.of(logs).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'This bucket holds the access log of the archive; logging the log would never end.',
  });

  explain(logs, 'S3DefaultEncryptionKMS');

  const keep = Duration.days(retention.days);
  return new Bucket(stack, 'Archive', {
    ...(bucketName !== undefined && { bucketName }),
    encryption: BucketEncryption.KMS,
    encryptionKey,
    bucketKeyEnabled: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    objectLockDefaultRetention:
      retention.mode === 'compliance' ? ObjectLockRetention.compliance(keep) : ObjectLockRetention.governance(keep),
    serverAccessLogsBucket: logs as IBucket,
    lifecycleRules: [
      {
        id: 'ForgetOldScans',
        prefix: SCANS,
        expiration: keep,
        ...(retention.glacierAfterDays !== undefined && {
          transitions: [
            {
              storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL,
              transitionAfter: Duration.days(retention.glacierAfterDays),
            },
          ],
        }),
      },
      // Object Lock holds every version for its time; what remains of it afterwards may go.
      { id: 'ForgetOldVersions', noncurrentVersionExpiration: Duration.days(1), expiredObjectDeleteMarker: true },
      { id: 'ForgetUnfinishedUploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
}
