/**
 * Where reports are kept: a bucket in which nothing can be changed, its access log, and the keys.
 * Tested by test/infra/stacks.test.ts.
 */
import { ArnFormat, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
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
import type { Construct } from 'constructs';
import { LATEST, SCANS } from '../lambda/archive/keys.ts';
import { allowOn, tellBucketOwner } from './existing.ts';
import type { ScannerSettings } from './props.ts';
import { explain } from './reviews.ts';

export type Archive = {
  bucket: IBucket;
  /** What all keys of the archive begin with; empty in a bucket of its own. */
  prefix: string;
  /** Encrypts reports, messages, logs, settings, checkpoints and the schedule. */
  dataKey: IKey;
  /** Signs manifests; its public half is for everybody who verifies them. */
  signingKey: IKey;
};

/** Up to this length a stack's name is whole in the names of its functions, which have 64 characters; of longer ones this much is sure. */
const [WHOLE_NAME, SHORT_NAME] = [24, 16];

/** Keys of the archive that are written once; beside them there is only `latest.json`. */
export const scanKeys = ({ prefix }: Pick<Archive, 'prefix'>) => `${prefix}${SCANS}*`;
export const latestKey = ({ prefix }: Pick<Archive, 'prefix'>) => `${prefix}${LATEST}`;

export function addArchive(scope: Construct, settings: ScannerSettings): Archive {
  const { existing, name, retention } = settings;
  const { prefix = '' } = existing;
  const dataKey = addDataKey(scope, settings);
  const signingKey =
    existing.signingKey ??
    new Key(scope, 'SigningKey', {
      alias: `${name}-signing`,
      description: 'Signs the manifests of the reports of kubevigil',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  if (existing.bucket) tellBucketOwner(scope, existing.bucket, retention, dataKey);
  const bucket = existing.bucket ?? (addBucket(scope, retention, dataKey) as IBucket);
  // Versions keep what was overwritten, but a reader sees the newest: nobody at all may write a key of a scan twice
  // (S3 user guide, "Enforce conditional writes on Amazon S3 buckets").
  allowOn(
    scope,
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

function addDataKey(scope: Construct, { existing, name, retention }: ScannerSettings): IKey {
  const stack = Stack.of(scope);
  const dataKey =
    existing.dataKey ??
    new Key(scope, 'DataKey', {
      alias: `${name}-data`,
      description: 'Encrypts the reports, messages and logs of kubevigil',
      enableKeyRotation: true,
      // In compliance mode its policy lets nobody delete it, the rollback of a first deployment neither.
      removalPolicy: retention.mode === 'compliance' ? RemovalPolicy.RETAIN : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  allowOn(
    scope,
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
            resourceName: namesIn(stack),
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
    }),
  );

  // Checkpoints hold keys, counts and digests. Lambda encrypts them by its own principal, for these functions only (Lambda
  // developer guide, "Encrypting AWS Lambda durable execution data"); the functions' roles decrypt what they are.
  allowOn(
    scope,
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
    allowOn(scope, dataKey, 'existing.dataKeyArn', keepLockedKey(retention.breakGlassRole));
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

/**
 * What the names begin with that CloudFormation gives in a stack: its own name, of which long ones are shortened, as those of nested
 * stacks are, which begin with that of the stack around them.
 */
function namesIn(stack: Stack): string {
  let top = stack;
  while (top.nestedStackParent) top = top.nestedStackParent;
  const { stackName } = top;
  return top === stack && stackName.length <= WHOLE_NAME ? `${stackName}-*` : `${stackName.slice(0, SHORT_NAME)}*`;
}

/** The stack's functions by the beginning of their names: keys and roles must exist before them. */
export function functionArns(stack: Stack): string {
  return stack.formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: namesIn(stack),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** Adds a bucket that locks every version, and one for its access log. Without a name CloudFormation gives one. */
export function addBucket(
  scope: Construct,
  retention: ScannerSettings['retention'],
  encryptionKey: IKey,
  bucketName?: string,
): Bucket {
  const logs = new Bucket(scope, 'AccessLogs', {
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
  return new Bucket(scope, 'Archive', {
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
