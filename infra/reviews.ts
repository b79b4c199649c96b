/**
 * What the packs of cdk-nag for HIPAA, NIST 800-53 and PCI ask for beyond AwsSolutions, and why it is not there. A company's
 * reviewer finds the same reasons in docs/security.md. Tested by test/infra/reviews.test.ts.
 */

import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const PACKS = ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'];

/** By the name that a check has in each pack. */
export const REASONS = {
  IAMNoInlinePolicy:
    'Each policy belongs to one role and is deleted with it; a managed policy could be attached to another.',
  LambdaConcurrency:
    'The schedule starts one execution, which starts one for each target and waits: reserved concurrency would take from the account and could stop a scan half-way.',
  LambdaInsideVPC:
    'The functions talk to AWS only, with TLS; in a VPC (the setting `vpc`) they need endpoints or NAT, which the account must provide.',
  S3BucketReplicationEnabled:
    'Reports can be made again only in part, so replicate them where that matters: a rule for a bucket of another account or region is yours to add.',
  S3DefaultEncryptionKMS:
    'S3 delivers access logs only to buckets that its own keys encrypt; the archive itself has the data key.',
} as const;

/** Says why these checks stand on a construct and all below it. */
export function explain(scope: Construct, ...checks: (keyof typeof REASONS)[]): void {
  for (const check of checks) {
    Validations.of(scope).acknowledge(...PACKS.map((pack) => ({ id: `${pack}-${check}`, reason: REASONS[check] })));
  }
}
