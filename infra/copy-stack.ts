/**
 * The copy of the archive in a second account: a bucket there, to which S3 replicates every object with its compliance lock.
 * Whoever governs the scanner's account can then neither change nor delete what was kept.
 *
 * It is deployed before the replication, which names its bucket and its key. So its policies allow the scanner's account,
 * narrowed to one role by its name: a policy cannot name a role that is not there yet.
 *
 * Sources, in the S3 user guide: "Setting up permissions for live replication"; "Object Lock considerations"
 * (s3:GetObjectRetention and s3:GetObjectLegalHold; the destination has Object Lock); "Changing the replica owner" (a bucket
 * with the owner enforced owns its replicas, without the permission to override); "Replicating encrypted objects" and "Using an S3
 * Bucket Key with replication" (replicas keep the bucket key of their originals, for which the role may decrypt by the key of the
 * replicas); "What does Amazon S3 replicate?" (deletions of versions never, delete markers not unless told); "Using S3
 * Replication metrics" (failures, in the region of the source). Tested by test/infra/copy-stack.test.ts.
 */
import {
  Annotations,
  CfnOutput,
  DefaultStackSynthesizer,
  Duration,
  type IStackSynthesizer,
  RemovalPolicy,
  Stack,
  Token,
  Validations,
} from 'aws-cdk-lib';
import { type IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { AccountPrincipal, Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { type Archive, addBucket, keepLockedKey } from './archive.ts';
import type { Copy } from './copy.ts';
import { roleArn } from './function.ts';
import { partitionOf } from './partitions.ts';
import { explain, explainToCheckov } from './reviews.ts';
import type { UserSettings } from './settings.ts';

const copyRoleName = (name: string, region: string) => `${name}-copy-${region}`;
const copyBucketName = (name: string, { account, region }: Copy) => `${name}-copy-${account}-${region}`;

/** What replicating takes there. Deletions are not replicated, so nothing that deletes. */
const REPLICATE = ['s3:ReplicateObject', 's3:ReplicateTags'];
const ENCRYPT = ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:Decrypt'];

const RULE = 'CopyToSecondAccount';

const NOT_YET =
  'kubevigil.copy.keyArn is not set, so nothing is copied yet: deploy the stack of the copy in its account, set what it gives ' +
  'as KeyArn, and deploy the scanner again (docs/deploy.md, "A copy in a second account").';

/** S3 of a region, as `kms:ViaService` names it. */
function viaS3(stack: Stack, region: string): { StringEquals: Record<string, string[]> } {
  const { suffixes = [stack.urlSuffix] } = partitionOf(region);
  return { StringEquals: { 'kms:ViaService': suffixes.map((suffix) => `s3.${region}.${suffix}`) } };
}

/** Adds the stack of the second account. It has no assets, so its owner can deploy the template as it is. */
export function addCopyStack(
  scope: Construct,
  { name, retention }: UserSettings,
  copy: Copy,
  hub: { account: string; region: string },
): Stack {
  const stack = new Stack(scope, `${name}-copy`, {
    description: 'kubevigil: keeps a copy of the reports that the account of the scanner cannot change',
    env: { account: copy.account, region: copy.region },
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
  });
  explain(stack, 'S3BucketReplicationEnabled');
  const replicator = {
    effect: Effect.ALLOW,
    principals: [new AccountPrincipal(hub.account)],
  };
  const isReplicator = {
    ArnEquals: { 'aws:PrincipalArn': roleArn(stack, copyRoleName(name, hub.region), hub.account) },
  };
  const key = new Key(stack, 'Key', {
    alias: `${name}-copy`,
    description: 'Encrypts the copy of the reports of kubevigil',
    enableKeyRotation: true,
    // Its policy lets nobody delete it, the rollback of a first deployment neither.
    removalPolicy: RemovalPolicy.RETAIN,
  });
  key.addToResourcePolicy(
    new PolicyStatement({
      ...replicator,
      sid: 'EncryptReplicas',
      actions: ENCRYPT,
      resources: ['*'],
      conditions: { ...isReplicator, ...viaS3(stack, copy.region) },
    }),
  );
  key.addToResourcePolicy(keepLockedKey());
  const bucket = addBucket(stack, retention, key, copyBucketName(name, copy));
  bucket.addToResourcePolicy(
    new PolicyStatement({
      ...replicator,
      sid: 'TakeReplicas',
      actions: REPLICATE,
      resources: [bucket.arnForObjects('*')],
      conditions: isReplicator,
    }),
  );
  new CfnOutput(stack, 'KeyArn', { value: key.keyArn, description: 'Set it as copy.keyArn, and deploy the scanner' });
  new CfnOutput(stack, 'CopyBucket', { value: bucket.bucketName, description: 'Where the copy is' });
  explainToCheckov(stack);
  return stack;
}

/**
 * Lets S3 replicate the archive to the bucket of the copy. Returns how many operations failed, or nothing where the settings do not
 * name the key yet; then building the stack says so.
 */
export function addReplication(
  scope: Construct,
  { bucket, dataKey }: Archive,
  name: string,
  copy: Copy,
): IMetric | undefined {
  const stack = Stack.of(scope);
  if (copy.keyArn === undefined) {
    Annotations.of(scope).addWarningV2('kubevigil:copy', NOT_YET);
    return undefined;
  }
  const there = copyBucketName(name, copy);
  const arn = `arn:${stack.partition}:s3:::${there}`;
  const role = new Role(scope, 'CopyRole', {
    roleName: copyRoleName(name, stack.region),
    description: 'Lets S3 replicate the reports of kubevigil to the bucket of a second account',
    // S3 documents no condition for whom it replicates, and a role can only be given to a bucket of its own account.
    assumedBy: new ServicePrincipal('s3.amazonaws.com'),
  });
  const allow = (sid: string, actions: string[], resources: string[], conditions?: Record<string, object>) =>
    role.addToPolicy(
      new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources, ...(conditions && { conditions }) }),
    );
  allow('ReadReplication', ['s3:GetReplicationConfiguration', 's3:ListBucket'], [bucket.bucketArn]);
  allow(
    'ReadOriginals',
    [
      's3:GetObjectVersionForReplication',
      's3:GetObjectVersionAcl',
      's3:GetObjectVersionTagging',
      's3:GetObjectRetention',
      's3:GetObjectLegalHold',
    ],
    [bucket.arnForObjects('*')],
  );
  // A bucket of that name in another account gets nothing (Service Authorization Reference, Amazon S3: ReplicateObject, ReplicateTags).
  allow('WriteReplicas', REPLICATE, [`${arn}/*`], { StringEquals: { 's3:ResourceAccount': copy.account } });
  allow('DecryptOriginals', ['kms:Decrypt'], [dataKey.keyArn], viaS3(stack, stack.region));
  allow('EncryptReplicas', ENCRYPT, [copy.keyArn], viaS3(stack, copy.region));
  const original = bucket.node.defaultChild as CfnBucket;
  const partition = Token.isUnresolved(stack.partition) ? '<AWS::Partition>' : stack.partition;
  Validations.of(role).acknowledge(
    {
      id: `AwsSolutions-IAM5[Resource::<${stack.getLogicalId(original)}.Arn>/*]`,
      reason: 'Everything that is kept is replicated, and S3 alone takes this role.',
    },
    {
      id: `AwsSolutions-IAM5[Resource::arn:${partition}:s3:::${there}/*]`,
      reason: 'Every object has its replica, and S3 alone takes this role.',
    },
  );
  original.replicationConfiguration = {
    role: role.roleArn,
    rules: [
      {
        id: RULE,
        status: 'Enabled',
        priority: 1,
        filter: { prefix: '' },
        // What somebody hides here stays in sight there.
        deleteMarkerReplication: { status: 'Disabled' },
        sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
        destination: {
          bucket: arn,
          encryptionConfiguration: { replicaKmsKeyId: copy.keyArn },
          metrics: { status: 'Enabled' },
        },
      },
    ],
  };
  return new Metric({
    namespace: 'AWS/S3',
    metricName: 'OperationsFailedReplication',
    dimensionsMap: { SourceBucket: bucket.bucketName, DestinationBucket: there, RuleId: RULE },
    statistic: 'Sum',
    period: Duration.minutes(5),
  });
}
