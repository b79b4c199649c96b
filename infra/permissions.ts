/** What scanning one account × region takes: the same statements for the scanner's own and for a member's role. */
import { type Stack, Token, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { CollectDocument } from '../lambda/nodes/document.ts';
import { alternativesOf } from '../lambda/nodes/selection.ts';
import type { Tag, Tags } from '../lambda/settings.ts';
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

type Conditions = { StringEquals?: Record<string, string[]>; StringLike?: Record<string, string> };

/**
 * The conditions on a node's tags, one of which must hold. IAM joins the conditions of a statement by "and" and statements
 * by "or", and knows no wildcards in the key of a condition (IAM User Guide, "Condition keys"): a beginning of keys can
 * only be allowed by no condition at all, which then makes all others needless.
 */
export function conditionsOf(tags: Tags): Conditions[] {
  const all = alternativesOf(tags).flatMap((conditions) => {
    let statements: Conditions[] = [{}];
    for (const condition of conditions) {
      const ways = waysOf(condition);
      statements = statements.flatMap((before) => ways.map((way) => joined(before, way)));
    }
    return statements;
  });
  return all.some((each) => Object.keys(each).length === 0) ? [{}] : all;
}

/** The ways in which a condition can be met. */
function waysOf(condition: Tag): Conditions[] {
  const present = (key: string): Conditions => ({ StringLike: { [`ssm:resourceTag/${key}`]: '*' } });
  if ('keys' in condition) return condition.keys.map((key) => (key.endsWith('*') ? {} : present(key)));
  const { key, values } = condition;
  return [values ? { StringEquals: { [`ssm:resourceTag/${key}`]: values } } : present(key)];
}

function joined(one: Conditions, other: Conditions): Conditions {
  const [StringEquals, StringLike] = [
    { ...one.StringEquals, ...other.StringEquals },
    { ...one.StringLike, ...other.StringLike },
  ];
  return {
    ...(Object.keys(StringEquals).length > 0 && { StringEquals }),
    ...(Object.keys(StringLike).length > 0 && { StringLike }),
  };
}

/**
 * `ssm:SendCommand` needs the document and every instance to be allowed. Statements of their own, because a condition on
 * tags would never hold for the document, which has none of them.
 */
export function scanStatements(
  stack: Stack,
  documents: readonly CollectDocument[],
  { tags, hybridNodes }: { tags: Tags; hybridNodes: boolean },
): PolicyStatement[] {
  // Nodes outside of EC2 are resources of Systems Manager (Service Authorization Reference, AWS Systems Manager).
  const hybrid = hybridNodes
    ? [stack.formatArn({ service: 'ssm', resource: 'managed-instance', resourceName: '*' })]
    : [];
  return [
    new PolicyStatement({
      sid: 'SendOnlyOurDocuments',
      effect: Effect.ALLOW,
      actions: ['ssm:SendCommand'],
      resources: documents.map((document) => documentArn(stack, document)),
    }),
    ...conditionsOf(tags).map(
      (conditions, index) =>
        new PolicyStatement({
          sid: Object.keys(conditions).length === 0 ? 'SendToInstances' : `SendOnlyToTaggedNodes${index || ''}`,
          effect: Effect.ALLOW,
          actions: ['ssm:SendCommand'],
          resources: [stack.formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' }), ...hybrid],
          conditions,
        }),
    ),
    ...(hybrid.length > 0
      ? [
          new PolicyStatement({
            sid: 'ReadTagsOfHybridNodes',
            effect: Effect.ALLOW,
            actions: ['ssm:ListTagsForResource'],
            resources: hybrid,
          }),
        ]
      : []),
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
  const arn = (service: string, resource: string) =>
    [
      `arn:${shown('Partition', stack.partition)}:${service}`,
      shown('Region', stack.region),
      shown('AccountId', stack.account),
      resource,
    ].join(':');
  Validations.of(role).acknowledge(
    {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'Only reads that know no resources (Service Authorization Reference); a condition holds them to one region.',
    },
    ...[arn('ec2', 'instance/*'), arn('ssm', 'managed-instance/*')].map((nodes) => ({
      id: `AwsSolutions-IAM5[Resource::${nodes}]`,
      reason:
        'Nodes come and go. A condition on their tags says which may be sent the document; IAM knows none for keys of which only the beginning is known.',
    })),
  );
}
