/** The SDK clients of a scan. Each target has its own EC2 and SSM clients; S3 and SNS belong to the scanner's account. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Target } from './settings.ts';

/** Adaptive: the client slows down when a service throttles (AWS SDKs and Tools Reference Guide, Retry behavior). */
const RETRIES = { retryMode: 'adaptive', maxAttempts: 8 } as const;

/** Clients for one target, with the target's role where it has one. */
export function targetClients({ region, roleArn, externalId }: Target): { ec2: EC2Client; ssm: SSMClient } {
  const options = {
    region,
    ...RETRIES,
    ...(roleArn === undefined ? {} : { credentials: () => assume(region, roleArn, externalId) }),
  };
  return { ec2: new EC2Client(options), ssm: new SSMClient(options) };
}

export function archiveClient(): S3Client {
  return new S3Client(RETRIES);
}

/** The topic's own region, which its ARN names. */
export function topicClient(topicArn: string): SNSClient {
  return new SNSClient({ ...RETRIES, region: topicArn.split(':')[3] ?? '' });
}

async function assume(region: string, roleArn: string, externalId: string | undefined) {
  const sts = new STSClient({ region, ...RETRIES });
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: 'kubevigil',
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
    throw new Error(`STS returned no credentials for ${roleArn}.`);
  }
  // The SDK keeps them and asks again before they run out.
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  };
}
