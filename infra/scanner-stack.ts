/** The stack of the scanner: the construct with the settings of cdk.json. Tested by test/infra/stacks.test.ts. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { SecurityGroup, Subnet } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { CollectDocument } from '../lambda/nodes/document.ts';
import { Kubevigil } from './kubevigil.ts';
import type { KubevigilExisting, KubevigilNetwork } from './props.ts';
import type { UserSettings } from './settings.ts';

/** What the settings name, as constructs. */
function existingOf(scope: Construct, { existing }: UserSettings): KubevigilExisting {
  const { bucket, prefix, dataKeyArn, signingKeyArn, alertTopicArn, alertTopicKeyArn, alarmTopicArn } = existing;
  return {
    prefix,
    ...(bucket !== undefined && { bucket: Bucket.fromBucketName(scope, 'Archive', bucket) }),
    ...(dataKeyArn !== undefined && { dataKey: Key.fromKeyArn(scope, 'DataKey', dataKeyArn) }),
    ...(signingKeyArn !== undefined && { signingKey: Key.fromKeyArn(scope, 'SigningKey', signingKeyArn) }),
    ...(alertTopicArn !== undefined && { alertTopic: Topic.fromTopicArn(scope, 'Alerts', alertTopicArn) }),
    ...(alertTopicKeyArn !== undefined && { alertTopicKey: Key.fromKeyArn(scope, 'AlertsKey', alertTopicKeyArn) }),
    ...(alarmTopicArn !== undefined && { alarmTopic: Topic.fromTopicArn(scope, 'Alarms', alarmTopicArn) }),
  };
}

function networkOf(
  scope: Construct,
  { subnetIds, securityGroupIds }: NonNullable<UserSettings['vpc']>,
): KubevigilNetwork {
  return {
    subnets: subnetIds.map((id) => Subnet.fromSubnetId(scope, id, id)),
    securityGroups: securityGroupIds.map((id) => SecurityGroup.fromSecurityGroupId(scope, id, id)),
  };
}

/** Adds the scanner's stack. `handler` is the folder with the bundled handler. */
export function addScannerStack(
  scope: Construct,
  settings: UserSettings,
  documents: readonly CollectDocument[],
  handler: string,
): Stack {
  const { hub, vpc, ...plain } = settings;
  const stack = new Stack(scope, settings.name, {
    description: 'kubevigil: asks every Kubernetes node what its kubelet runs with, every night',
    ...(hub && { env: hub }),
  });
  const existing = existingOf(stack, settings);
  const props = { ...plain, existing, handler, ...(vpc && { vpc: networkOf(stack, vpc) }) };
  // Logical ids leave this name out (AWS CDK developer guide, "Logical IDs"), so they are what they were in a stack of version 0.1.0.
  const scan = new Kubevigil(stack, 'Default', props, documents);
  new CfnOutput(stack, 'ReportBucket', { value: scan.bucket.bucketName, description: 'Where the reports are' });
  new CfnOutput(stack, 'AlertTopic', { value: scan.topic.topicArn, description: 'One message a scan' });
  new CfnOutput(stack, 'Scanner', {
    value: scan.function.functionArn,
    description: 'Invoke asynchronously with {"scheduledTime": "<now, as 2026-11-23T02:00:00Z>"} to scan at once',
  });
  return stack;
}
