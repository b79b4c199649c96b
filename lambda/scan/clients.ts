/**
 * The SDK clients of a scan. Each target has its own EC2 and SSM clients; S3 and KMS are the scanner's own.
 */
import { EC2Client } from '@aws-sdk/client-ec2';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Signer } from '../archive/sign.ts';
import { kmsSigner } from '../archive/store.ts';
import type { Targets } from '../archive/targets.ts';
import { explained } from '../failures.ts';
import type { Asking } from '../nodes/organization.ts';
import { OBJECT_RETRIES, REQUEST_RETRIES, TRIED_ONCE } from '../retries.ts';
import type { ScanSettings, TargetAccess } from '../settings.ts';

export type TargetClients = {
  ec2: EC2Client;
  ssm: SSMClient;
  /** Tries once, for what must not be done twice: whoever uses it looks before it tries again. */
  sender: SSMClient;
  /** Requests that all have made so far, retries included. */
  calls(): number;
};

/** Clients for one target, with the target's role where it has one; its sessions there carry the scan's id. */
export function targetClients({ region, roleArn, externalId }: TargetAccess, scanId: string): TargetClients {
  const options = {
    region,
    ...REQUEST_RETRIES,
    ...(roleArn === undefined ? {} : { credentials: () => assume(roleArn, externalId, scanId) }),
  };
  const ec2 = explained(new EC2Client(options));
  // Each client would assume the role for itself; the first one's provider keeps what it got.
  const sameSession = { ...options, ...(roleArn !== undefined && { credentials: ec2.config.credentials }) };
  const ssm = explained(new SSMClient(sameSession));
  const sender = explained(new SSMClient({ ...sameSession, ...TRIED_ONCE }));
  let calls = 0;
  const counted =
    <Request, Answer>(next: (request: Request) => Answer) =>
    (request: Request): Answer => {
      calls += 1;
      return next(request);
    };
  // Behind the SDK's own retries, so that each attempt counts.
  const behindRetries = { step: 'finalizeRequest', priority: 'low', name: 'kubevigilCalls' } as const;
  ec2.middlewareStack.add(counted, behindRetries);
  for (const client of [ssm, sender]) client.middlewareStack.add(counted, behindRetries);
  return { ec2, ssm, sender, calls: () => calls };
}

/** The targets of the organization that the settings name; its clients are loaded only here, for who has none never needs them. */
export async function organizationTargets(
  { targets }: Pick<ScanSettings, 'targets'>,
  asking: Omit<Asking, 'home'>,
): Promise<Targets> {
  const { home = '', organization } = Array.isArray(targets) ? {} : targets;
  if (!organization) throw new Error('The settings name neither targets nor an organization.');
  const { organizationTargets: find } = await import('../nodes/organization.ts');
  const [account = '', region = ''] = home.split('/');
  return find(organization, { ...asking, home: { account, region } });
}

/** The client of the archive. */
export function archiveClient(): S3Client {
  return explained(new S3Client(OBJECT_RETRIES));
}

/** The signer of manifests; undefined where the settings name no key. */
export async function signerOf(keyArn: string | undefined): Promise<Signer | undefined> {
  if (keyArn === undefined) return undefined;
  return kmsSigner(explained(new KMSClient({ ...REQUEST_RETRIES, region: regionOf(keyArn) })), keyArn);
}

/** The region that an ARN names: a key or topic is used where it lives. */
function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}

/** The session tag that carries the scan's id. */
const SCAN_TAG = 'kubevigil-scan';

/**
 * Credentials of a role, asked for where the scanner itself runs: they are good in every region, whereas the target's own
 * endpoint answers only if that region is enabled, and allowed, in the scanner's account too (IAM user guide, "Manage AWS
 * STS in an AWS Region").
 */
async function assume(roleArn: string, externalId: string | undefined, scanId: string) {
  const sts = explained(new STSClient(REQUEST_RETRIES));
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      // In the member's CloudTrail each request names its scan (IAM User Guide, "Pass session tags in AWS STS").
      RoleSessionName: `kubevigil-${scanId}`,
      Tags: [{ Key: SCAN_TAG, Value: scanId }],
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
