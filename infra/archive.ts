/**
 * Where reports are kept: a bucket in which nothing can be changed, its access log, and the keys.
 * Tested by test/infra/stacks.test.ts.
 */
import { ArnFormat, Duration, RemovalPolicy, type Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { SCANS } from '../lambda/archive/keys.ts';
import { explain } from './reviews.ts';
import type { UserSettings } from './settings.ts';

/** Keys of the archive that are written once; beside them there is only `latest.json`. */
export const SCAN_KEYS = `${SCANS}*`;

export type Archive = {
  bucket: Bucket;
  /** Encrypts reports, messages and logs. */
  dataKey: Key;
  /** Signs manifests; its public half is for everybody who verifies them. */
  signingKey: Key;
};

export function addArchive(stack: Stack, { retention }: UserSettings): Archive {
  const dataKey = new Key(stack, 'DataKey', {
    alias: `${stack.stackName}-data`,
    description: 'Encrypts the reports, messages and logs of kubevigil',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  dataKey.addToResourcePolicy(
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

  if (retention.mode === 'compliance') {
    // A locked object is worth nothing without its key.
    dataKey.addToResourcePolicy(
      new PolicyStatement({
        sid: 'KeepTheKeyOfLockedReports',
        effect: Effect.DENY,
        principals: [new StarPrincipal()],
        actions: ['kms:ScheduleKeyDeletion', 'kms:DisableKey'],
        resources: ['*'],
        ...(retention.breakGlassRole !== undefined && {
          conditions: { ArnNotEquals: { 'aws:PrincipalArn': retention.breakGlassRole } },
        }),
      }),
    );
  }

  const signingKey = new Key(stack, 'SigningKey', {
    alias: `${stack.stackName}-signing`,
    description: 'Signs the manifests of the reports of kubevigil',
    keySpec: KeySpec.ECC_NIST_P256,
    keyUsage: KeyUsage.SIGN_VERIFY,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });

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
  const bucket = new Bucket(stack, 'Archive', {
    encryption: BucketEncryption.KMS,
    encryptionKey: dataKey,
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
  // Versions keep what was overwritten, but a reader sees the newest: nobody at all may write a key of a scan twice
  // (S3 user guide, "Enforce conditional writes on Amazon S3 buckets").
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'WriteScansOnce',
      effect: Effect.DENY,
      principals: [new StarPrincipal()],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(SCAN_KEYS)],
      conditions: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
    }),
  );
  return { bucket, dataKey, signingKey };
}
