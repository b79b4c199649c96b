/**
 * What a company brings along instead of having it made: a bucket, keys, topics. A stack cannot change the policy of what it
 * does not make, and the CDK then drops the statement without a word (aws-cdk-lib, AddToResourcePolicyResult). So each one
 * that is dropped is told when the stack is built, ready to be copied. Tested by test/infra/existing.test.ts.
 */
import { Annotations, Resource, Stack } from 'aws-cdk-lib';
import type { AddToResourcePolicyResult, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnBucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';
import * as v from 'valibot';
import { object, text } from '../lambda/settings.ts';

/** The form of a key's ARN. */
export const keyArn = text(
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]{1,64}$/,
  'the ARN of a KMS key (not of an alias)',
);
const topicArn = text(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'the ARN of a standard SNS topic');

/** What people write under `existing`. */
export const existing = object(
  {
    /** Bucket of the reports. */
    bucket: v.optional(text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of an S3 bucket')),
    /** What the keys of the reports begin with there. */
    prefix: v.optional(text(/^([\w.-]{1,100}\/){1,5}$/, 'a key prefix that ends with a slash such as "kubevigil/"')),
    /** Symmetric key that encrypts reports, messages, logs, settings, checkpoints and the schedule. */
    dataKeyArn: v.optional(keyArn),
    /** Key of the kind ECC_NIST_P256 for SIGN_VERIFY. */
    signingKeyArn: v.optional(keyArn),
    /** Topic of the messages of scans. */
    alertTopicArn: v.optional(topicArn),
    /** Key that encrypts that topic, where it has one. */
    alertTopicKeyArn: v.optional(keyArn),
    /** Topic of the alarms. */
    alarmTopicArn: v.optional(topicArn),
  },
  'an object with bucket, prefix, dataKeyArn, signingKeyArn, alertTopicArn, alertTopicKeyArn or alarmTopicArn',
);

type Places = {
  existing: v.InferOutput<typeof existing>;
  hub?: { region: string } | undefined;
  retention: { glacierAfterDays?: number | undefined };
};

/** What does not fit together of what is used instead of being made. */
export function mistakesInExisting({ existing, hub, retention }: Places): string[] {
  const { bucket, prefix, dataKeyArn, alertTopicArn, alertTopicKeyArn, alarmTopicArn } = existing;
  const lines: string[] = [];
  if (prefix !== undefined && bucket === undefined) {
    lines.push('kubevigil.existing.prefix must be set with existing.bucket only: a bucket of its own needs none');
  }
  if (alertTopicKeyArn !== undefined && alertTopicArn === undefined) {
    lines.push(
      'kubevigil.existing.alertTopicKeyArn must be set with existing.alertTopicArn only: it is the key of that topic',
    );
  }
  if (bucket !== undefined && retention.glacierAfterDays !== undefined) {
    lines.push('kubevigil.retention.glacierAfterDays must not be set with existing.bucket: its owner sets its rules');
  }
  // CloudWatch's alarms, Logs, Lambda and Scheduler take keys and topics of their own region only.
  for (const [name, arn] of Object.entries({ dataKeyArn, alertTopicArn, alertTopicKeyArn, alarmTopicArn })) {
    const region = arn?.split(':')[3];
    if (hub && region !== undefined && region !== hub.region) {
      lines.push(`kubevigil.existing.${name} must be in the region of the scanner, ${hub.region}, but is in ${region}`);
    }
  }
  return lines;
}

type WithPolicy = IConstruct & { addToResourcePolicy(statement: PolicyStatement): AddToResourcePolicyResult };

const texts = {
  statement: (what: string, statement: string) =>
    `${what} is not made by this stack. Its owner must add to its policy: ${statement}`,
  bucket: (name: string, mode: string, days: number) =>
    `The bucket ${name} is not made by this stack, or not as the settings say. Its owner must give it versions, Object Lock in the mode ${mode} for ` +
    `${days} days, encryption by existing.dataKeyArn, no public access, TLS only, an access log, and rules that delete what ` +
    'is older (docs/deploy.md, "What you bring along").',
};

/**
 * Adds a statement to the policy of a resource that the app makes, or tells the owner of one that it does not; `what` is its
 * name in the settings, `scope` what needs it.
 */
export function allowOn(scope: Construct, resource: WithPolicy, what: string, statement: PolicyStatement): void {
  if (resource.addToResourcePolicy(statement).statementAdded) return;
  const text = JSON.stringify(readable(Stack.of(scope).resolve(statement.toJSON())));
  Annotations.of(scope).addWarningV2(`kubevigil:owner:${what}:${statement.sid}`, texts.statement(what, text));
}

/**
 * Tells what a bucket must have besides its policy, unless the app makes it with just that lock and key: manifests say by the
 * settings how long each object is locked, and S3 encrypts by the bucket's own key.
 */
export function tellBucketOwner(
  scope: Construct,
  bucket: IBucket,
  { mode, days }: { mode: string; days: number },
  dataKey: IKey,
): void {
  const stack = Stack.of(scope);
  const { objectLockConfiguration } = (bucket.node.defaultChild ?? {}) as Partial<CfnBucket>;
  const { rule } = (stack.resolve(objectLockConfiguration) ?? {}) as CfnBucket.ObjectLockConfigurationProperty;
  const lock = (rule as CfnBucket.ObjectLockRuleProperty | undefined)?.defaultRetention;
  const { mode: lockMode = '', days: lockDays } = (lock ?? {}) as CfnBucket.DefaultRetentionProperty;
  const fits = lockMode.toLowerCase() === mode && lockDays === days && bucket.encryptionKey === dataKey;
  if (Resource.isOwnedResource(bucket) && fits) return;
  const name = String(readable(stack.resolve(bucket.bucketName)));
  Annotations.of(scope).addWarningV2('kubevigil:owner:bucket', texts.bucket(name, mode, days));
}

/** A resolved value for people: where the stack's own account, region or partition is not known yet, its name in capitals. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (Ref !== undefined) return Ref.replace('AWS::', '').toUpperCase();
  if (join !== undefined) return join[1].map(readable).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, readable(of)]));
}
