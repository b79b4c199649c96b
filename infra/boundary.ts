/** The permissions boundary of a company, on every role of a stack. Tested by test/infra/update.test.ts. */

import type { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';

/** Puts the policy of that name, which each account has for itself, on all roles; undefined: no boundary. */
export function addBoundary(stack: Stack, policyName: string | undefined): void {
  if (policyName === undefined) return;
  PermissionsBoundary.of(stack).apply(ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', policyName));
}
