/**
 * The stack for every other account × region that is scanned. It has no assets, no parameters and no environment of its own, so one
 * template serves a StackSet over all targets. Tested by test/infra/stacks.test.ts.
 */
import { CfnOutput, DefaultStackSynthesizer, type IStackSynthesizer, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { CollectDocument } from '../lambda/nodes/document.ts';
import { KubevigilMember } from './member.ts';
import type { UserSettings } from './settings.ts';

/** Adds the stack of the members, of the targets or of any account of an organization. */
export function addMemberStack(
  scope: Construct,
  { name, externalId, previousExternalId, tags, hybridNodes, permissionsBoundary, targets, organization }: UserSettings,
  documents: readonly CollectDocument[],
  scanner: { readonly account: string; readonly region: string },
): Stack {
  const stack = new Stack(scope, `${name}-member`, {
    description: 'kubevigil: lets the scanner read what the kubelets of this account and region run with',
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
  });
  const shared = { scanner, name, externalId, previousExternalId, tags, hybridNodes, permissionsBoundary };
  const props = { ...shared, ...(organization ? { organization: organization.id } : { targets }) };
  // Logical ids leave this name out (AWS CDK developer guide, "Logical IDs"), so they are what they were in a stack of version 0.1.0.
  const { role } = new KubevigilMember(stack, 'Default', props, documents);
  new CfnOutput(stack, 'RoleArn', { value: role.roleArn, description: 'Role that the scanner assumes here' });
  return stack;
}
