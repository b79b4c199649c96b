/**
 * The stack for every other account × region that is scanned: the document, and a role that may send it.
 *
 * It has no assets, no parameters and no environment of its own, so one template serves a StackSet over all targets.
 * It must be deployed after the scanner, whose role the trust policy names, and again when collect.sh changes.
 * Tested by test/infra/stacks.test.ts.
 */
import { CfnOutput, DefaultStackSynthesizer, type IStackSynthesizer, Stack } from 'aws-cdk-lib';
import { ArnPrincipal, PrincipalWithConditions, Role, SessionTagsPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { CollectDocument } from '../lambda/nodes/document.ts';
import { addBoundary } from './boundary.ts';
import { addDocuments } from './document.ts';
import { roleArn } from './function.ts';
import { acknowledgeReads, scanStatements } from './permissions.ts';
import { explain } from './reviews.ts';
import type { UserSettings } from './settings.ts';

/** Roles are global in an account: the region keeps the roles of several regions apart. */
export function memberRoleName(name: string, region: string): string {
  return `${name}-member-${region}`;
}

export function addMemberStack(
  scope: Construct,
  { name, externalId, tags, permissionsBoundary }: UserSettings,
  documents: readonly CollectDocument[],
  scanner: { account: string; roleName: string },
): Stack {
  const stack = new Stack(scope, `${name}-member`, {
    description: 'kubevigil: lets the scanner read what the kubelets of this account and region run with',
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
  });
  addBoundary(stack, permissionsBoundary);
  explain(stack, 'IAMNoInlinePolicy');
  const added = addDocuments(stack, documents);
  const scannerRole = new ArnPrincipal(roleArn(stack, scanner.roleName, scanner.account));
  const role = new Role(stack, 'Role', {
    roleName: memberRoleName(name, stack.region),
    description: 'Lets the scanner of kubevigil send its one document to tagged nodes',
    // With tags: each session says of which scan it is.
    assumedBy: new SessionTagsPrincipal(
      new PrincipalWithConditions(scannerRole, { StringEquals: { 'sts:ExternalId': externalId } }),
    ),
  });
  for (const statement of scanStatements(stack, documents, tags)) role.addToPolicy(statement);
  for (const each of added) role.node.addDependency(each);
  acknowledgeReads(stack, role);
  new CfnOutput(stack, 'RoleArn', { value: role.roleArn, description: 'Role that the scanner assumes here' });
  return stack;
}
