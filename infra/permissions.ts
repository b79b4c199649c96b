/** What scanning one account × region takes: the same statements for the scanner's own and for a member's role. */
import { type Stack, Token, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { CollectDocument } from '../lambda/nodes/document.ts';
import type { Tag } from '../lambda/settings.ts';
import { documentArn } from './document.ts';

/**
 * Reads that know no resources and so must be allowed on `*` (Service Authorization Reference, AWS Systems Manager and
 * Amazon EC2); they are held to the stack's region instead.
 */
const READS = [
  'ec2:DescribeInstances',
  'ssm:DescribeInstanceInformation',
  'ssm:GetCommandInvocation',
  'ssm:ListCommandInvocations',
  'ssm:ListCommands',
] as const;

/**
 * `ssm:SendCommand` needs the document and every instance to be allowed. Two statements, because a condition on tags
 * would never hold for the document, which has none of them. All tags must match, as in the command's own targets.
 */
export function scanStatements(stack: Stack, document: CollectDocument, tags: Tag[]): PolicyStatement[] {
  const equal: Record<string, string[]> = {};
  const present: Record<string, string> = {};
  for (const { key, values } of tags) {
    if (values) equal[`ssm:resourceTag/${key}`] = values;
    else present[`ssm:resourceTag/${key}`] = '*';
  }
  return [
    new PolicyStatement({
      sid: 'SendOnlyOurDocument',
      effect: Effect.ALLOW,
      actions: ['ssm:SendCommand'],
      resources: [documentArn(stack, document)],
    }),
    new PolicyStatement({
      sid: 'SendOnlyToTaggedNodes',
      effect: Effect.ALLOW,
      actions: ['ssm:SendCommand'],
      resources: [stack.formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' })],
      conditions: {
        ...(Object.keys(equal).length > 0 && { StringEquals: equal }),
        ...(Object.keys(present).length > 0 && { StringLike: present }),
      },
    }),
    new PolicyStatement({
      sid: 'ReadInventoryAndAnswers',
      effect: Effect.ALLOW,
      actions: [...READS],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:RequestedRegion': stack.region } },
    }),
  ];
}

/** Says why the wildcards of `scanStatements` stand, for the checks that run when the stack is built. */
export function acknowledgeReads(stack: Stack, role: Role): void {
  const shown = (name: string, value: string) => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  const nodes = [
    `arn:${shown('Partition', stack.partition)}:ec2`,
    shown('Region', stack.region),
    shown('AccountId', stack.account),
    'instance/*',
  ].join(':');
  Validations.of(role).acknowledge(
    {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'Only reads that know no resources (Service Authorization Reference); a condition holds them to one region.',
    },
    {
      id: `AwsSolutions-IAM5[Resource::${nodes}]`,
      reason: 'Nodes come and go; a condition on their tags says which of them may be sent the document.',
    },
  );
}
