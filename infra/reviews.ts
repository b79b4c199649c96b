/**
 * What the packs of cdk-nag for HIPAA, NIST 800-53 and PCI, and checkov, ask for beyond AwsSolutions, and why it is not there. A
 * company's reviewer finds the same reasons in docs/security.md, and checkov finds them in the templates. Tested by
 * test/infra/reviews.test.ts and test/witness/checkov.test.ts.
 */

import { CfnResource, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const PACKS = ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'];

/** By the name that a check has in each pack. */
export const REASONS = {
  IAMNoInlinePolicy:
    'Each policy belongs to one role and is deleted with it; a managed policy could be attached to another.',
  LambdaConcurrency:
    'The schedule starts one execution, which starts one for each target and waits: reserved concurrency would take from the account and could stop a scan half-way.',
  LambdaInsideVPC:
    'The functions talk to AWS only, with TLS, and to the authorities that `timestampAuthorities` names, to whom they send a digest; in a VPC (the setting `vpc`) they need endpoints or NAT, which the account must provide.',
  S3BucketReplicationEnabled:
    'Reports can be made again only in part, so where that matters the setting `copy` keeps a copy of them in a second account; access logs and the copy itself are not copied.',
  S3DefaultEncryptionKMS:
    'S3 delivers access logs only to buckets that its own keys encrypt; the archive itself has the data key.',
} as const;

/** Says why these checks stand on a construct and all below it. */
export function explain(scope: Construct, ...checks: (keyof typeof REASONS)[]): void {
  for (const check of checks) {
    Validations.of(scope).acknowledge(...PACKS.map((pack) => ({ id: `${pack}-${check}`, reason: REASONS[check] })));
  }
}

/** Reasons for checkov: its check, the type and the id's beginning of the resources, and the reason in its words. */
export const CHECKOV = [
  {
    check: 'CKV_AWS_18',
    type: 'AWS::S3::Bucket',
    start: 'AccessLogs',
    reason: 'It holds the access log of the archive; logging the log would never end.',
  },
  {
    check: 'CKV_AWS_27',
    type: 'AWS::SQS::Queue',
    start: '',
    reason: 'SSE-SQS encrypts it; it holds scheduled times only.',
  },
  { check: 'CKV_AWS_115', type: 'AWS::Lambda::Function', start: '', reason: REASONS.LambdaConcurrency },
  { check: 'CKV_AWS_117', type: 'AWS::Lambda::Function', start: '', reason: REASONS.LambdaInsideVPC },
] as const;

/** Writes the reasons for checkov into what is below `scope` (checkov documentation, "Suppressing and Skipping Policies"). */
export function explainToCheckov(scope: Construct): void {
  for (const resource of scope.node.findAll()) {
    if (!(resource instanceof CfnResource)) continue;
    const skip = CHECKOV.filter(
      ({ type, start }) => resource.cfnResourceType === type && resource.node.scope?.node.id.startsWith(start),
    ).map(({ check, reason }) => ({ id: check, comment: reason }));
    if (skip.length > 0) resource.addMetadata('checkov', { skip });
  }
}
