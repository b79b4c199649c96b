/**
 * What a scanner needs to find the accounts of an organization and to take the roles of members.
 * Tested by test/infra/organization.test.ts. Sources: Service Authorization Reference, "AWS Organizations" and "AWS Account Management" (the
 * forms of their ARNs); IAM User Guide, "Global condition keys" (aws:ResourceOrgID, aws:ResourceAccount).
 */
import { type Stack, Token, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { isOptIn } from '../lambda/nodes/regions.ts';
import type { Organization } from '../lambda/settings.ts';
import { roleArn } from './function.ts';
import { memberRoleName } from './member.ts';

/** Roles that a policy names one by one; all policies in a role together hold 10,240 characters (IAM quotas), and the CDK moves what is more into managed ones. */
const MOST_ROLES = 20;

/**
 * Lets the scanner take the roles of its members: those of the targets, which are `account/region`, or of every account of an
 * organization and of no other.
 */
export function assumingMembers(
  stack: Stack,
  name: string,
  members: readonly string[] | Organization,
): PolicyStatement {
  const common = { sid: 'AssumeMemberRoles', effect: Effect.ALLOW, actions: ['sts:AssumeRole', 'sts:TagSession'] };
  if (!isList(members)) {
    return new PolicyStatement({
      ...common,
      resources: [roleArn(stack, memberRoleName(name, '*'), '*')],
      conditions: { StringEquals: { 'aws:ResourceOrgID': members.id } },
    });
  }
  const places = members.map((target) => target.split('/') as [account: string, region: string]);
  if (places.length <= MOST_ROLES) {
    const resources = places.map(([account, region]) => roleArn(stack, memberRoleName(name, region), account));
    return new PolicyStatement({ ...common, resources });
  }
  const [accounts, regions] = [0, 1].map((at) => [...new Set(places.map((place) => place[at] as string))]) as [
    string[],
    string[],
  ];
  return new PolicyStatement({
    ...common,
    resources: regions.map((region) => roleArn(stack, memberRoleName(name, region), '*')),
    conditions: { StringEquals: { 'aws:ResourceAccount': accounts } },
  });
}

/** `Array.isArray` does not narrow lists that are readonly. */
function isList(members: readonly string[] | Organization): members is readonly string[] {
  return Array.isArray(members);
}

/** Lets the coordinator list the accounts below the units of the organization, and the regions of each where not every account has them. */
export function findingAccounts(stack: Stack, organization: Organization): PolicyStatement[] {
  const { parents, accounts } = arnsOf(stack.partition, stack.account, organization);
  return [
    new PolicyStatement({
      sid: 'ListAccounts',
      effect: Effect.ALLOW,
      actions: ['organizations:ListAccountsForParent', 'organizations:ListOrganizationalUnitsForParent'],
      resources: parents,
    }),
    ...(organization.regions === 'enabled' || organization.regions.some(isOptIn)
      ? [
          new PolicyStatement({
            sid: 'ListRegions',
            effect: Effect.ALLOW,
            actions: ['account:ListRegions'],
            resources: accounts,
          }),
        ]
      : []),
  ];
}

/** These ARNs begin with the management account, which nobody names here: the organization's own id says which is meant. */
function arnsOf(partition: string, account: string, { id }: Organization) {
  return {
    parents: ['root', 'ou'].map((kind) => `arn:${partition}:organizations::*:${kind}/${id}/*`),
    accounts: [`arn:${partition}:account::*:account/${id}/*`, `arn:${partition}:account::${account}:account`],
  };
}

/** The partition as the checks write it that run when the stack is built: it may not be known then. */
function partitionIn(stack: Stack): string {
  return Token.isUnresolved(stack.partition) ? '<AWS::Partition>' : stack.partition;
}

/** Says to them why the wildcards of `findingAccounts` stand. */
export function acknowledgeAccounts(stack: Stack, role: Role, organization: Organization): void {
  const { parents, accounts } = arnsOf(partitionIn(stack), stack.account, organization);
  Validations.of(role).acknowledge(
    ...[...parents, ...accounts].map((arn) => ({
      id: `AwsSolutions-IAM5[Resource::${arn}]`,
      reason: 'Units and accounts come and go; each is one of this organization, which the ARN names.',
    })),
  );
}

/** The same for those of `assumingMembers`. */
export function acknowledgeMembers(
  stack: Stack,
  role: Role,
  name: string,
  members: readonly string[] | Organization,
): void {
  const regions = isList(members) ? new Set(members.map((target) => target.split('/')[1] as string)) : ['*'];
  Validations.of(role).acknowledge(
    ...[...regions].map((region) => ({
      id: `AwsSolutions-IAM5[Resource::arn:${partitionIn(stack)}:iam::*:role/${memberRoleName(name, region)}]`,
      reason: 'Accounts of an organization come and go; a condition holds the roles to those of this scanner.',
    })),
  );
}
