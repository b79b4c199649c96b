/** The permissions boundary of a company, on every role of a construct. Tested by test/infra/update.test.ts. */

import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** Puts the policy of that name, which each account has for itself, on all roles; undefined: no boundary. */
export function addBoundary(scope: Construct, policyName: string | undefined): void {
  if (policyName === undefined) return;
  PermissionsBoundary.of(scope).apply(ManagedPolicy.fromManagedPolicyName(scope, 'Boundary', policyName));
}
