/**
 * The Lambda functions: durable, invoked by their alias only, with a role that holds no managed policy.
 * Tested by test/infra/permissions.test.ts.
 */
import {
  Annotations,
  ArnFormat,
  type CfnElement,
  Duration,
  RemovalPolicy,
  Size,
  Stack,
  Token,
  Validations,
} from 'aws-cdk-lib';
import { Effect, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Architecture,
  type CfnFunction,
  Code,
  type IVersion,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { SETTINGS_VARIABLE, SettingsError } from '../lambda/settings.ts';
import { type Archive, functionArns, scanKeys } from './archive.ts';
import { ENVIRONMENT } from './handler.ts';
import { partitionOf } from './partitions.ts';
import type { KubevigilNetwork } from './props.ts';

/** Pinned: NODEJS_LATEST would change with a CDK update, and the tests run on this one. */
const RUNTIME = Runtime.NODEJS_24_X;

/** One vCPU (AWS Lambda developer guide, "Configure Lambda function memory"); a scan needs far less memory. */
const MEMORY_MB = 1769;

/**
 * Room for reports on their way to the archive: a judged node takes 12 KB of CSV, twice with `csv-bom`, and a scan of
 * several targets writes them for all of its nodes at once (docs/scale.md). The default is 512 MB, the most is 10 GB
 * (AWS Lambda developer guide, "Configure ephemeral storage for Lambda functions").
 */
const STORAGE = Size.gibibytes(4);

/**
 * All environment variables of a function together hold 4 KB (AWS Lambda quotas). Counted here before CloudFormation
 * puts in names and ARNs, so some of it is kept for them.
 */
const SETTINGS_BYTES = 3_200;

/**
 * Longest time from start to end of an execution, waits included: what nodes may take, some 20 hours (patience.ts), and as
 * long again where targets are scanned one after the other. It follows no setting, because another durable configuration
 * makes another function, whose birth ends a scan in flight (CloudFormation, AWS::Lambda::Function, DurableConfig).
 */
const LONGEST = Duration.days(2);

type FunctionProps = {
  description: string;
  /** Name of the role; fixed where member accounts trust it. */
  roleName: string;
  /** What the function finds in KUBEVIGIL_SETTINGS. */
  settings: Record<string, unknown>;
  /** What it may do besides writing its log and its checkpoints. */
  statements: PolicyStatement[];
  archive: Archive;
  /** Whether it starts executions of itself, each for a group of targets. */
  startsItself?: boolean;
  /** Gets the event of each execution that failed for good. */
  failures: IQueue;
  logDays: number;
  vpc: KubevigilNetwork | undefined;
  /** Folder with the bundled handler. */
  handler: string;
};

export type DurableFunction = { function: LambdaFunction; alias: Alias; role: Role };

/** The settings as the environment carries them. Throws SettingsError if they do not fit there. */
function environment(stack: Stack, settings: Record<string, unknown>): Record<string, string> {
  const bytes = Buffer.byteLength(JSON.stringify(settings));
  if (bytes > SETTINGS_BYTES) {
    throw new SettingsError(
      `kubevigil.tags and routes make ${bytes} bytes of settings, but a function's environment holds ${SETTINGS_BYTES}: name fewer, or deploy a second scanner`,
    );
  }
  return { [SETTINGS_VARIABLE]: stack.toJsonString(settings), ...ENVIRONMENT };
}

/** Adds a function with its alias `live`, its log and its role. */
export function addFunction(scope: Construct, id: string, props: FunctionProps): DurableFunction {
  const stack = Stack.of(scope);
  const { archive } = props;
  const logGroup = new LogGroup(scope, `${id}Log`, {
    retention: props.logDays as RetentionDays,
    encryptionKey: archive.dataKey,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, `${id}Role`, {
    roleName: props.roleName,
    description: props.description,
    assumedBy: new ServicePrincipal('lambda.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  });
  role.addToPolicy(
    new PolicyStatement({
      sid: 'WriteOwnLog',
      effect: Effect.ALLOW,
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'ReadOwnSettings',
      effect: Effect.ALLOW,
      actions: ['kms:Decrypt'],
      resources: [archive.dataKey.keyArn],
      conditions: {
        StringLike: {
          // By its name's beginning: the function itself waits for this policy (Lambda developer guide, "Securing
          // environment variables"; of checkpoints: "Encrypting AWS Lambda durable execution data").
          'kms:EncryptionContext:aws:lambda:FunctionArn': functionArns(stack),
        },
      },
    }),
  );
  for (const statement of props.statements) role.addToPolicy(statement);

  const scan = new LambdaFunction(scope, `${id}Function`, {
    description: props.description,
    code: Code.fromAsset(props.handler),
    handler: 'index.handler',
    runtime: RUNTIME,
    architecture: Architecture.ARM_64,
    memorySize: MEMORY_MB,
    ephemeralStorageSize: STORAGE,
    timeout: Duration.minutes(15),
    role,
    logGroup,
    loggingFormat: partitionOf(stack.region).jsonLogs ? LoggingFormat.JSON : LoggingFormat.TEXT,
    environment: environment(stack, props.settings),
    deadLetterQueue: props.failures,
    // No functionName: a change of the durable configuration replaces the function.
    // An execution goes on with the version it began with, so a deployment in the night must not delete it.
    // Of a first deployment that fails nothing stays, so that it can be tried again.
    currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
    environmentEncryption: archive.dataKey,
    durableConfig: { executionTimeout: LONGEST, retentionPeriod: Duration.days(30) },
  });
  // The construct knows no key for checkpoints.
  (scan.node.defaultChild as CfnFunction).addPropertyOverride('DurableConfig.KMSKeyArn', archive.dataKey.keyArn);
  if (props.vpc) addNetwork(scan, role, props.vpc);
  Annotations.of(scan).acknowledgeInfo('aws-lambda:Function.DurableConfig', 'It has been durable from the start.');
  const alias = new Alias(scope, `${id}Alias`, { aliasName: 'live', version: scan.currentVersion as IVersion });
  // Lambda does not retry durable executions that fail, so neither must what leads to them.
  alias.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.hours(1) });

  // Apart from the role's own policy, on which the function waits: this one waits for the function. Checkpoints are
  // authorised by the execution's ARN, which extends the function's by version, name and id
  // (AWS Lambda developer guide, "Security and permissions for Lambda durable functions").
  const onItself = (sid: string, ...actions: string[]) =>
    new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources: [`${scan.functionArn}:*`] });
  const checkpoints = new Policy(scope, `${id}Checkpoints`, {
    roles: [role],
    statements: [
      onItself('KeepOwnCheckpoints', 'lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState'),
      ...(props.startsItself ? [onItself('StartOwnGroups', 'lambda:InvokeFunction')] : []),
    ],
  });
  alias.node.addDependency(checkpoints);
  acknowledge(stack, archive, { function: scan, role, checkpoints });
  return { function: scan, alias, role };
}

/**
 * Puts a function into a VPC. Lambda makes its network interfaces by the function's role (Lambda developer guide, "Giving
 * Lambda functions access to resources in an Amazon VPC"), and the function itself may not.
 */
function addNetwork(scan: LambdaFunction, role: Role, { subnets, securityGroups }: KubevigilNetwork): void {
  // The construct asks for a VPC that it may look up; ids are enough.
  (scan.node.defaultChild as CfnFunction).vpcConfig = {
    subnetIds: subnets.map(({ subnetId }) => subnetId),
    securityGroupIds: securityGroups.map(({ securityGroupId }) => securityGroupId),
  };
  role.addToPolicy(
    new PolicyStatement({
      sid: 'LetLambdaMakeInterfaces',
      effect: Effect.ALLOW,
      actions: [
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
      ],
      resources: ['*'],
      conditions: { Null: { 'lambda:SourceFunctionArn': 'true' } },
    }),
  );
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'Network interfaces have no names before Lambda makes them; the function itself may make none.',
  });
}

/** Says why the wildcards in a function's policies stand, for the checks that run when the stack is built. */
function acknowledge(
  stack: Stack,
  archive: Archive,
  { function: scan, role, checkpoints }: { function: LambdaFunction; role: Role; checkpoints: Policy },
): void {
  const { bucket, prefix } = archive;
  const name = (of: Construct) => stack.getLogicalId(of.node.defaultChild as CfnElement);
  // A bucket that the stack does not make has no logical id.
  const partition = Token.isUnresolved(stack.partition) ? '<AWS::Partition>' : stack.partition;
  const objects = bucket.node.defaultChild ? `<${name(bucket)}.Arn>` : `arn:${partition}:s3:::${bucket.bucketName}`;
  Validations.of(role).acknowledge(
    {
      id: `AwsSolutions-IAM5[Resource::${objects}/${scanKeys(archive)}]`,
      reason: 'Every scan has keys of its own; a condition allows only keys that do not exist yet.',
    },
    {
      id: `AwsSolutions-IAM5[Resource::${objects}/${prefix}*]`,
      reason: 'A scan is compared with the one before it, whose keys nobody knows in advance; reading only.',
    },
  );
  Validations.of(checkpoints).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${name(scan)}.Arn>:*]`,
    reason:
      'Checkpoints are authorised by the ARN of the execution, which is new each night, in a version of this function; of many targets it starts itself for groups of them.',
  });
}

/** What keeping the parts of a scan takes: new keys only, and to read what is there. */
export function keepStatements(stack: Stack, archive: Archive): PolicyStatement[] {
  const { bucket, prefix, dataKey } = archive;
  const { suffixes = [stack.urlSuffix] } = partitionOf(stack.region);
  return [
    new PolicyStatement({
      sid: 'WriteScansOnce',
      effect: Effect.ALLOW,
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(scanKeys(archive))],
      conditions: { Null: { 's3:if-none-match': 'false' } },
    }),
    new PolicyStatement({
      sid: 'ReadArchive',
      effect: Effect.ALLOW,
      actions: ['s3:GetObject'],
      resources: [bucket.arnForObjects(`${prefix}*`)],
    }),
    // Without it, S3 answers 403 and not 404 for a key that does not exist (S3 API reference, GetObject).
    new PolicyStatement({
      sid: 'ListArchive',
      effect: Effect.ALLOW,
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      // A GET of a key that is not there has no prefix.
      ...(prefix !== '' && { conditions: { StringLikeIfExists: { 's3:prefix': [`${prefix}*`] } } }),
    }),
    new PolicyStatement({
      sid: 'UseDataKeyThroughServices',
      effect: Effect.ALLOW,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [dataKey.keyArn],
      conditions: {
        StringEquals: {
          'kms:ViaService': suffixes.flatMap((suffix) =>
            ['s3', 'sns'].map((each) => `${each}.${stack.region}.${suffix}`),
          ),
        },
      },
    }),
  ];
}

/** ARN of a role in this or, with ACCOUNT and REGION to fill in, in any account. */
export function roleArn(stack: Stack, roleName: string, account: string): string {
  return stack.formatArn({
    service: 'iam',
    region: '',
    account,
    resource: 'role',
    resourceName: roleName,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
