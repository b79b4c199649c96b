/**
 * The stack for every other account × region that is scanned: the document, and a role that may send it.
 *
 * It has no assets, no parameters and no environment of its own, so one template serves a StackSet over all targets.
 * It must be deployed after the scanner, whose role the trust policy names, and again when collect.sh changes.
 * Tested by test/infra/stacks.test.ts.
 */
import { Aws, CfnMapping, CfnOutput, DefaultStackSynthesizer, type IStackSynthesizer, Stack } from 'aws-cdk-lib';
import { ArnPrincipal, PrincipalWithConditions, Role, SessionTagsPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { CollectDocument } from '../lambda/nodes/document.ts';
import { externalIdOf } from '../lambda/nodes/external-id.ts';
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

/**
 * Region → account → external id of every target. One template serves all, so each finds its own; where it is deployed to no
 * target of the settings, CloudFormation finds none and creates nothing.
 */
function idsByRegion(word: string, targets: NonNullable<UserSettings['targets']>) {
  const ids: Record<string, Record<string, string>> = {};
  for (const { account, regions } of targets) {
    for (const region of regions) {
      ids[region] ??= {};
      ids[region][account] = externalIdOf(word, { account, region });
    }
  }
  return ids;
}

export function addMemberStack(
  scope: Construct,
  { name, externalId, tags, permissionsBoundary, targets = [] }: UserSettings,
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
  const ids = new CfnMapping(stack, 'ExternalIds', { mapping: idsByRegion(externalId, targets) });
  const scannerRole = new ArnPrincipal(roleArn(stack, scanner.roleName, scanner.account));
  const role = new Role(stack, 'Role', {
    roleName: memberRoleName(name, stack.region),
    description: 'Lets the scanner of kubevigil send its one document to tagged nodes',
    // With tags: each session says of which scan it is.
    assumedBy: new SessionTagsPrincipal(
      new PrincipalWithConditions(scannerRole, {
        StringEquals: {
          // The word itself is what a scanner of version 0.1.0 sends, until it is updated after its members.
          'sts:ExternalId': [ids.findInMap(Aws.REGION, Aws.ACCOUNT_ID), externalId],
        },
      }),
    ),
  });
  for (const statement of scanStatements(stack, documents, tags)) role.addToPolicy(statement);
  for (const each of added) role.node.addDependency(each);
  acknowledgeReads(stack, role);
  new CfnOutput(stack, 'RoleArn', { value: role.roleArn, description: 'Role that the scanner assumes here' });
  return stack;
}
