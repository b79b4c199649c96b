/**
 * What every role, key and bucket allows, and what it does not.
 * Long because the policies of one synthesis are looked at from every side.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { externalIdOf } from '../../lambda/nodes/external-id.ts';
import {
  ACCOUNT,
  allowed,
  type Context,
  REGION,
  type Request,
  resolve,
  resourceStatements,
  type Statement,
  statementsOf,
  type Template,
} from './policies.ts';
import { FLEET, idOf, idsOf, synthesise } from './synth.ts';

const document = collectDocument();
// Of the default tags one is known by its beginning only, which no policy can say.
const alone = synthesise({ tags: [{ key: 'eks:cluster-name' }] }).kubevigil as Template;
const fleet = synthesise(FLEET);
const hub = fleet.kubevigil as Template;
const member = fleet['kubevigil-member'] as Template;

const role = (template: Template, start: string) => statementsOf(template, idOf(template, 'AWS::IAM::Role', start));
const archiveId = idOf(alone, 'AWS::S3::Bucket', 'Archive');
const ARCHIVE = `arn:aws:s3:::${archiveId.toLowerCase()}`;
const bucketPolicy = (template: Template) => resourceStatements(template, 'AWS::S3::BucketPolicy', 'Bucket', archiveId);

const LOCAL = `${REGION}:${ACCOUNT}`;
const OURS = `arn:aws:ssm:${LOCAL}:document/${document.name}`;
const NODE = `arn:aws:ec2:${LOCAL}:instance/i-0123456789abcdef0`;
const KEY = `${ARCHIVE}/scans/2026/11/23/20261123T020000Z/summary.json`;
const NEW_KEY: Context = { 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' };
const OVERWRITE: Context = { 's3:ObjectCreationOperation': 'true' };
const EKS: Context = { 'ssm:resourceTag/eks:cluster-name': 'prod' };

const id = (type: string, start: string) => idOf(alone, type, start);
const TOPIC = `arn:aws:sns:${LOCAL}:${id('AWS::SNS::Topic', 'Alerts')}`;
const DATA_KEY = `arn:aws:kms:${LOCAL}:key/${id('AWS::KMS::Key', 'DataKey')}`;
const SIGNING_KEY = `arn:aws:kms:${LOCAL}:key/${id('AWS::KMS::Key', 'SigningKey')}`;
const FUNCTION = `arn:aws:lambda:${LOCAL}:function:${id('AWS::Lambda::Function', 'ScanFunction')}`;
const EXECUTION = `${FUNCTION}:7/durable-execution/nightly/0a1b`;

/** What the function of a scanner that scans only its own place does in a night. */
const NEEDED: Request[] = [
  { action: 'ec2:DescribeInstances', resource: '*', context: { 'aws:RequestedRegion': REGION } },
  { action: 'ssm:DescribeInstanceInformation', resource: '*', context: { 'aws:RequestedRegion': REGION } },
  { action: 'ssm:SendCommand', resource: OURS },
  { action: 'ssm:SendCommand', resource: NODE, context: EKS },
  { action: 'ssm:ListCommands', resource: '*', context: { 'aws:RequestedRegion': REGION } },
  { action: 'ssm:ListCommandInvocations', resource: '*', context: { 'aws:RequestedRegion': REGION } },
  { action: 'ssm:GetCommandInvocation', resource: '*', context: { 'aws:RequestedRegion': REGION } },
  { action: 's3:PutObject', resource: KEY, context: NEW_KEY },
  { action: 's3:PutObject', resource: `${ARCHIVE}/latest.json`, context: OVERWRITE },
  { action: 's3:GetObject', resource: KEY },
  { action: 's3:GetObject', resource: `${ARCHIVE}/latest.json` },
  { action: 's3:ListBucket', resource: ARCHIVE },
  { action: 'kms:GenerateDataKey', resource: DATA_KEY, context: { 'kms:ViaService': `s3.${REGION}.amazonaws.com` } },
  { action: 'kms:Decrypt', resource: DATA_KEY, context: { 'kms:ViaService': `sns.${REGION}.amazonaws.com` } },
  { action: 'kms:Sign', resource: SIGNING_KEY },
  { action: 'kms:GetPublicKey', resource: SIGNING_KEY },
  { action: 'sns:Publish', resource: TOPIC },
  { action: 'sqs:SendMessage', resource: `arn:aws:sqs:${LOCAL}:${id('AWS::SQS::Queue', 'Failures')}` },
  {
    action: 'logs:PutLogEvents',
    resource: `arn:aws:logs:${LOCAL}:log-group:${id('AWS::Logs::LogGroup', 'ScanLog')}:*`,
  },
  { action: 'lambda:CheckpointDurableExecution', resource: EXECUTION },
  { action: 'lambda:GetDurableExecutionState', resource: EXECUTION },
];

/** What nobody who takes the function over may do. */
const FORBIDDEN: Record<string, Request[]> = {
  'run another document': [
    { action: 'ssm:SendCommand', resource: `arn:aws:ssm:${REGION}::document/AWS-RunShellScript` },
    { action: 'ssm:SendCommand', resource: `arn:aws:ssm:${LOCAL}:document/kubevigil-collect-0000000000000000` },
    { action: 'ssm:SendCommand', resource: `${OURS}x` },
    { action: 'ssm:SendCommand', resource: `arn:aws:ssm:us-east-1:${ACCOUNT}:document/${document.name}` },
    { action: 'ssm:SendCommand', resource: `arn:aws:ssm:${REGION}:444455556666:document/${document.name}` },
    { action: 'ssm:StartAutomationExecution', resource: `arn:aws:ssm:${LOCAL}:automation-definition/x:1` },
    { action: 'ssm:StartSession', resource: NODE, context: EKS },
    { action: 'ssm:CreateAssociation', resource: OURS },
  ],
  'change the document': [
    { action: 'ssm:UpdateDocument', resource: OURS },
    { action: 'ssm:UpdateDocumentDefaultVersion', resource: OURS },
    { action: 'ssm:CreateDocument', resource: OURS },
    { action: 'ssm:DeleteDocument', resource: OURS },
    { action: 'ssm:ModifyDocumentPermission', resource: OURS },
  ],
  'send to a node without the tag': [
    { action: 'ssm:SendCommand', resource: NODE },
    { action: 'ssm:SendCommand', resource: NODE, context: { 'ssm:resourceTag/team': 'platform' } },
    { action: 'ssm:SendCommand', resource: `arn:aws:ssm:${LOCAL}:managed-instance/mi-1`, context: EKS },
    { action: 'ssm:SendCommand', resource: `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/i-1`, context: EKS },
    { action: 'ssm:SendCommand', resource: `arn:aws:ec2:${REGION}:444455556666:instance/i-1`, context: EKS },
  ],
  'tag nodes or change them': [
    { action: 'ec2:CreateTags', resource: NODE },
    { action: 'ssm:AddTagsToResource', resource: NODE },
    { action: 'ec2:TerminateInstances', resource: NODE, context: EKS },
    { action: 'ec2:DescribeInstanceAttribute', resource: NODE },
  ],
  'change what the archive holds': [
    { action: 's3:PutObject', resource: KEY, context: OVERWRITE },
    { action: 's3:PutObject', resource: KEY, context: { 's3:ObjectCreationOperation': 'false' } },
    { action: 's3:DeleteObject', resource: KEY },
    { action: 's3:DeleteObject', resource: `${ARCHIVE}/latest.json` },
    { action: 's3:DeleteObjectVersion', resource: KEY },
    { action: 's3:PutObjectRetention', resource: KEY },
    { action: 's3:PutObjectLegalHold', resource: KEY },
    { action: 's3:BypassGovernanceRetention', resource: KEY },
    { action: 's3:PutObjectAcl', resource: KEY },
    { action: 's3:PutObject', resource: `${ARCHIVE}/elsewhere`, context: NEW_KEY },
    { action: 's3:PutBucketPolicy', resource: ARCHIVE },
    { action: 's3:DeleteBucketPolicy', resource: ARCHIVE },
    { action: 's3:PutLifecycleConfiguration', resource: ARCHIVE },
    { action: 's3:PutBucketVersioning', resource: ARCHIVE },
    { action: 's3:PutBucketObjectLockConfiguration', resource: ARCHIVE },
    { action: 's3:PutObject', resource: 'arn:aws:s3:::another-bucket/scans/x', context: NEW_KEY },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::another-bucket/x' },
  ],
  'read parameters or secrets': [
    { action: 'ssm:GetParameter', resource: `arn:aws:ssm:${LOCAL}:parameter/db` },
    { action: 'ssm:GetParametersByPath', resource: `arn:aws:ssm:${LOCAL}:parameter/` },
    { action: 'secretsmanager:GetSecretValue', resource: `arn:aws:secretsmanager:${LOCAL}:secret:db` },
    { action: 'kms:Decrypt', resource: DATA_KEY },
    {
      action: 'kms:Decrypt',
      resource: `arn:aws:kms:${LOCAL}:key/another`,
      context: { 'kms:ViaService': `s3.${REGION}.amazonaws.com` },
    },
    { action: 'dynamodb:GetItem', resource: `arn:aws:dynamodb:${LOCAL}:table/x` },
  ],
  'publish elsewhere': [
    { action: 'sns:Publish', resource: `arn:aws:sns:${LOCAL}:another` },
    { action: 'sns:Publish', resource: `arn:aws:sns:${LOCAL}:${id('AWS::SNS::Topic', 'Alarms')}` },
    { action: 'sns:Subscribe', resource: TOPIC },
    { action: 'sns:SetTopicAttributes', resource: TOPIC },
    { action: 'sqs:SendMessage', resource: `arn:aws:sqs:${LOCAL}:another` },
    { action: 'ses:SendEmail', resource: '*' },
    { action: 'events:PutEvents', resource: '*' },
  ],
  'become somebody else or change itself': [
    { action: 'sts:AssumeRole', resource: `arn:aws:iam::${ACCOUNT}:role/admin` },
    { action: 'iam:PassRole', resource: `arn:aws:iam::${ACCOUNT}:role/admin` },
    { action: 'iam:PutRolePolicy', resource: `arn:aws:iam::${ACCOUNT}:role/kubevigil-scan-${REGION}` },
    { action: 'lambda:InvokeFunction', resource: `${FUNCTION}x:live` },
    { action: 'lambda:UpdateFunctionCode', resource: FUNCTION },
    {
      action: 'lambda:CheckpointDurableExecution',
      resource: `arn:aws:lambda:${LOCAL}:function:another:1/durable-execution/x/y`,
    },
    { action: 'kms:ScheduleKeyDeletion', resource: SIGNING_KEY },
    { action: 'kms:PutKeyPolicy', resource: DATA_KEY },
    {
      action: 'logs:DeleteLogGroup',
      resource: `arn:aws:logs:${LOCAL}:log-group:${id('AWS::Logs::LogGroup', 'ScanLog')}:*`,
    },
  ],
  'look around in other regions': [
    { action: 'ec2:DescribeInstances', resource: '*', context: { 'aws:RequestedRegion': 'us-east-1' } },
    { action: 'ssm:ListCommands', resource: '*' },
  ],
};

/** The requests that are answered otherwise than `expected`. */
function surprises(
  requests: Request[],
  expected: boolean,
  statements: Statement[],
  denying: Statement[] = [],
): Request[] {
  return requests.filter((request) => allowed(statements, request, denying) !== expected);
}

describe('the function of a scanner that scans its own place', () => {
  const statements = role(alone, 'ScanRole');

  it('may do what a scan takes', () => {
    assert.deepEqual(surprises(NEEDED, true, statements, bucketPolicy(alone)), []);
  });

  for (const [what, requests] of Object.entries(FORBIDDEN)) {
    it(`can not ${what}`, () => assert.deepEqual(surprises(requests, false, statements, bucketPolicy(alone)), []));
  }

  it('has no permission that a scan does not take', () => {
    const used = new Set(NEEDED.map(({ action }) => action));
    const given = new Set(statements.flatMap(({ Action }) => Action));
    assert.deepEqual(
      [...given].filter((action) => !used.has(action) && action !== 'logs:CreateLogStream'),
      [],
    );
  });

  it('has no wildcard action, and the resource * only for reads that know no other', () => {
    for (const { Action, Resource } of statements) {
      assert.deepEqual(
        Action.filter((action) => action.includes('*')),
        [],
      );
      if (Resource.includes('*'))
        assert.deepEqual(
          Action.filter((action) => !/:(Describe|List|Get)/.test(action)),
          [],
        );
    }
  });
});

describe('the bucket', () => {
  const anything: Statement[] = [{ Effect: 'Allow', Action: ['*'], Resource: ['*'], Condition: {} }];
  const policy = bucketPolicy(alone);
  const tls = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' };

  it('lets nobody at all write a key of a scan twice', () => {
    assert.equal(
      allowed(anything, { action: 's3:PutObject', resource: KEY, context: { ...tls, ...NEW_KEY } }, policy),
      true,
    );
    assert.equal(
      allowed(anything, { action: 's3:PutObject', resource: KEY, context: { ...tls, ...OVERWRITE } }, policy),
      false,
    );
  });

  it('takes nothing over plain HTTP or old TLS', () => {
    const request = { action: 's3:GetObject', resource: KEY };
    assert.equal(allowed(anything, { ...request, context: tls }, policy), true);
    assert.equal(allowed(anything, { ...request, context: { ...tls, 'aws:SecureTransport': 'false' } }, policy), false);
    assert.equal(allowed(anything, { ...request, context: { ...tls, 's3:TlsVersion': '1.1' } }, policy), false);
  });
});

describe('the functions of a scanner with several targets', () => {
  const scan = role(hub, 'ScanRole');
  const coordinate = role(hub, 'CoordinateRole');
  const platform = { 'ssm:resourceTag/team': 'platform', ...EKS };
  const assume = (account: string, name: string) => ({
    action: 'sts:AssumeRole',
    resource: `arn:aws:iam::${account}:role/${name}`,
  });

  it('assume the roles of the targets and no other', () => {
    const members = ['111122223333', '444455556666', '777788889999'].map((account) =>
      assume(account, 'kubevigil-member-us-east-1'),
    );
    const others = [
      assume('111122223333', 'kubevigil-member-eu-west-1'),
      assume('444455556666', 'kubevigil-member-eu-west-2'),
      assume('444455556666', 'admin'),
      assume('999900001111', 'kubevigil-member-eu-west-1'),
    ];
    assert.deepEqual(surprises(members, true, scan), []);
    assert.deepEqual(surprises(others, false, scan), []);
    assert.deepEqual(surprises([...members, ...others], false, coordinate), []);
  });

  it('send only to nodes with all of the tags', () => {
    const send = (context: Context) => allowed(scan, { action: 'ssm:SendCommand', resource: NODE, context });
    assert.equal(send(platform), true);
    assert.equal(send(EKS), false);
    assert.equal(send({ 'ssm:resourceTag/team': 'platform' }), false);
    assert.equal(send({ ...EKS, 'ssm:resourceTag/team': 'web' }), false);
  });

  it('send to nodes that meet one of several alternatives, and to no other', () => {
    const template = synthesise({
      tags: [
        [{ keys: ['eks:cluster-name', 'karpenter.sh/nodepool'] }, { key: 'stage', values: ['prod'] }],
        [{ key: 'kubevigil' }],
      ],
    }).kubevigil as Template;
    const of = role(template, 'ScanRole');
    const send = (...keys: string[]) =>
      allowed(of, {
        action: 'ssm:SendCommand',
        resource: NODE,
        context: Object.fromEntries(
          keys.map((key) => [`ssm:resourceTag/${key.split('=')[0]}`, key.split('=')[1] ?? 'x']),
        ),
      });
    assert.equal(send('kubevigil'), true);
    assert.equal(send('eks:cluster-name', 'stage=prod'), true);
    assert.equal(send('karpenter.sh/nodepool', 'stage=prod'), true);
    assert.equal(send('eks:cluster-name', 'stage=test'), false);
    assert.equal(send('eks:cluster-name'), false);
    assert.equal(send('stage=prod'), false);
    assert.equal(send(), false);
  });

  it('send to hybrid nodes and read their tags where the settings say so, and only then', () => {
    const hybrid = `arn:aws:ssm:${LOCAL}:managed-instance/mi-0123456789abcdef0`;
    const tags = [{ key: 'eks:cluster-name' }];
    for (const hybridNodes of [true, false]) {
      const of = role(synthesise({ tags, hybridNodes }).kubevigil as Template, 'ScanRole');
      const may = (action: string, resource: string, context?: Context) =>
        allowed(of, { action, resource, ...(context && { context }) });
      assert.equal(may('ssm:SendCommand', hybrid, EKS), hybridNodes);
      assert.equal(may('ssm:SendCommand', hybrid), false);
      assert.equal(may('ssm:SendCommand', hybrid.replace(REGION, 'us-east-1'), EKS), false);
      assert.equal(may('ssm:ListTagsForResource', hybrid), hybridNodes);
      assert.equal(may('ssm:ListTagsForResource', `arn:aws:ssm:${LOCAL}:parameter/db`), false);
      for (const action of ['ssm:AddTagsToResource', 'ssm:DeregisterManagedInstance', 'ssm:UpdateManagedInstanceRole'])
        assert.equal(may(action, hybrid, EKS), false, action);
    }
    const members = synthesise({ ...FLEET, hybridNodes: true })['kubevigil-member'] as Template;
    const statements = JSON.stringify(statementsOf(members, idOf(members, 'AWS::IAM::Role', '')));
    assert.match(statements, /managed-instance/);
  });

  it('send to any instance where only the beginning of a key is known, and still one document', () => {
    const of = role(synthesise({}).kubevigil as Template, 'ScanRole');
    assert.equal(allowed(of, { action: 'ssm:SendCommand', resource: NODE }), true);
    assert.deepEqual(surprises(FORBIDDEN['run another document'] ?? [], false, of), []);
  });

  it('publish to the topics of the routes too, and use their keys through SNS only', () => {
    const [key, payments, urgent] = [
      `arn:aws:kms:${LOCAL}:key/0a1b`,
      `arn:aws:sns:${LOCAL}:payments`,
      `arn:aws:sns:${LOCAL}:urgent`,
    ];
    const routes = [
      { clusters: ['payments'], topicArn: payments, keyArn: key },
      { minSeverity: 'critical', topicArn: urgent },
      { accounts: ['444455556666'], topicArn: payments, keyArn: key },
    ];
    const template = synthesise({ routes }).kubevigil as Template;
    const of = role(template, 'ScanRole');
    const about = (service: string) =>
      of
        .filter(
          ({ Action, Resource }) =>
            Action.some((each) => each.startsWith(`${service}:`)) && !Resource.some((each) => /Key/.test(each)),
        )
        .map(({ Sid, Action, Resource, Condition }) => ({ Sid, Action, Resource, Condition }));
    const alerts = `arn:aws:sns:${LOCAL}:${idOf(template, 'AWS::SNS::Topic', 'Alerts')}`;
    assert.deepEqual(about('sns'), [
      { Sid: 'PublishAlerts', Action: ['sns:Publish'], Resource: [payments, urgent, alerts], Condition: {} },
    ]);
    assert.deepEqual(about('kms'), [
      {
        Sid: 'UseKeysOfTopics',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: [key],
        Condition: { StringLike: { 'kms:ViaService': 'sns.*' } },
      },
    ]);
    const through = (service: string) => ({
      action: 'kms:Decrypt',
      resource: key,
      context: { 'kms:ViaService': `${service}.${REGION}.amazonaws.com` },
    });
    assert.equal(allowed(of, through('sns')), true);
    assert.equal(allowed(of, through('s3')), false);
    assert.equal(allowed(of, { action: 'kms:Decrypt', resource: key }), false);
  });

  it('import findings of their own account and put events of their own source, where they are to', () => {
    const bus = 'arn:aws:events:us-east-1:444455556666:event-bus/security';
    const product = (account: string) => `arn:aws:securityhub:${REGION}:${account}:product/${account}/default`;
    const source = { 'events:source': ['kubevigil', 'kubevigil'] };
    const imports = (resource: string) => ({ action: 'securityhub:BatchImportFindings', resource });
    const wanted = [imports(product(ACCOUNT)), { action: 'events:PutEvents', resource: bus, context: source }];
    const others = [
      imports(product('444455556666')),
      imports(`arn:aws:securityhub:${REGION}::product/aws/guardduty`),
      { action: 'securityhub:BatchUpdateFindings', resource: product(ACCOUNT) },
      { action: 'securityhub:GetFindings', resource: '*' },
      { action: 'events:PutEvents', resource: bus },
      { action: 'events:PutEvents', resource: bus, context: { 'events:source': ['aws.ec2'] } },
      { action: 'events:PutEvents', resource: bus, context: { 'events:source': ['kubevigil', 'aws.ec2'] } },
      { action: 'events:PutEvents', resource: `${bus}-2`, context: source },
      { action: 'events:PutRule', resource: bus, context: source },
    ];
    const told = synthesise({ ...FLEET, securityHub: true, eventBusArn: bus }).kubevigil as Template;
    assert.deepEqual(surprises(wanted, true, role(told, 'CoordinateRole')), []);
    assert.deepEqual(surprises(others, false, role(told, 'CoordinateRole')), []);
    assert.deepEqual(surprises([...wanted, ...others], false, role(told, 'ScanRole')), [], 'only who closes a scan');
    const alone = synthesise({ securityHub: true, eventBusArn: bus }).kubevigil as Template;
    assert.deepEqual(surprises(wanted, true, role(alone, 'ScanRole')), []);
    assert.deepEqual(surprises(wanted, false, role(hub, 'CoordinateRole')), [], 'only where it is asked for');
  });

  it('share the work: one asks, the other closes the report', () => {
    const asking = [
      { action: 'ssm:SendCommand', resource: OURS },
      { action: 'ec2:DescribeInstances', resource: '*', context: { 'aws:RequestedRegion': REGION } },
    ];
    const closing = [
      { action: 's3:PutObject', resource: `${ARCHIVE}/latest.json`, context: OVERWRITE },
      { action: 'kms:Sign', resource: SIGNING_KEY },
      { action: 'sns:Publish', resource: TOPIC },
      {
        action: 'lambda:InvokeFunction',
        resource: `arn:aws:lambda:${LOCAL}:function:${idOf(hub, 'AWS::Lambda::Function', 'ScanFunction')}:7`,
      },
    ];
    assert.deepEqual(surprises(asking, true, scan), []);
    assert.deepEqual(surprises(asking, false, coordinate), []);
    assert.deepEqual(surprises(closing, true, coordinate), []);
    assert.deepEqual(surprises(closing, false, scan), []);
  });

  for (const [what, requests] of Object.entries(FORBIDDEN)) {
    it(`can not ${what}`, () => {
      assert.deepEqual(surprises(requests, false, [...scan, ...coordinate], bucketPolicy(hub)), []);
    });
  }
});

describe('the role of a member account', () => {
  const roleId = idOf(member, 'AWS::IAM::Role');
  const statements = statementsOf(member, roleId);
  const platform = { 'ssm:resourceTag/team': 'platform', ...EKS };

  it('asks for an external id that no other target has, and that a shard is not told of others', () => {
    const ids = Object.values(member.Mappings?.ExternalIds ?? {}).flatMap((accounts) => Object.values(accounts));
    assert.deepEqual([ids.length, new Set(ids).size], [6, 6]);
    const environment = (start: string) =>
      JSON.stringify(hub.Resources[idOf(hub, 'AWS::Lambda::Function', start)]?.Properties?.Environment);
    assert.ok(environment('Coordinate').includes('shared-with-members'));
    assert.ok(!environment('Scan').includes('xternalId') && !environment('Scan').includes('shared-with-members'));
    assert.ok(ids.every((id) => !environment('Scan').includes(id)));
  });

  it('trusts the function that scans, and only with the external id', () => {
    assert.deepEqual(resolve(member, member.Resources[roleId]?.Properties?.AssumeRolePolicyDocument ?? null), {
      Version: '2012-10-17',
      Statement: [
        {
          Action: ['sts:AssumeRole', 'sts:TagSession'],
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111122223333:role/kubevigil-scan-eu-west-1' },
          // The place's own id, and the word itself as version 0.1.0 sends it.
          Condition: {
            StringEquals: {
              'sts:ExternalId': [
                externalIdOf('shared-with-members', { account: ACCOUNT, region: REGION }),
                'shared-with-members',
              ],
            },
          },
        },
      ],
    });
    assert.equal(
      resolve(hub, hub.Resources[idOf(hub, 'AWS::IAM::Role', 'ScanRole')]?.Properties?.RoleName ?? null),
      'kubevigil-scan-eu-west-1',
    );
  });

  it('has the name under which it is assumed', () => {
    assert.equal(resolve(member, member.Resources[roleId]?.Properties?.RoleName ?? null), `kubevigil-member-${REGION}`);
  });

  it('may send that document to tagged nodes and read the answers', () => {
    const needed = NEEDED.filter(({ action }) => /^(ec2|ssm):/.test(action)).map((request) =>
      request.resource === NODE ? { ...request, context: platform } : request,
    );
    assert.deepEqual(surprises(needed, true, statements), []);
    const used = new Set(needed.map(({ action }) => action));
    assert.deepEqual(
      statements.flatMap(({ Action }) => Action).filter((action) => !used.has(action)),
      [],
    );
  });

  for (const [what, requests] of Object.entries(FORBIDDEN)) {
    it(`can not ${what}`, () => assert.deepEqual(surprises(requests, false, statements), []));
  }
});

describe('the other roles', () => {
  it('let the schedule start the live function and keep what could not be delivered', () => {
    const given = role(alone, 'ScheduleRole').flatMap(({ Action, Resource }) =>
      Action.map((action) => [action, ...Resource]),
    );
    assert.deepEqual(given, [
      ['lambda:InvokeFunction', `arn:aws:lambda:${LOCAL}:function:${id('AWS::Lambda::Alias', 'ScanAlias')}:live`],
      ['sqs:SendMessage', `arn:aws:sqs:${LOCAL}:${id('AWS::SQS::Queue', 'Failures')}`],
      ['kms:Decrypt', `arn:aws:kms:${LOCAL}:key/${id('AWS::KMS::Key', 'DataKey')}`],
    ]);
  });

  it('let Scheduler decrypt the schedule that it delivers, and nothing else', () => {
    const schedule = alone.Resources[id('AWS::Scheduler::Schedule', '')]?.Properties;
    const resource = String(resolve(alone, schedule?.KmsKeyArn ?? null));
    const decrypt = (context: Record<string, string>) =>
      allowed(role(alone, 'ScheduleRole'), { action: 'kms:Decrypt', resource, context });
    const of = (arn: string) => ({ 'kms:EncryptionContext:aws:scheduler:schedule:arn': arn });
    assert.equal(decrypt(of(`arn:aws:scheduler:${LOCAL}:schedule/default/kubevigil-Schedule83A77FD1-1A2B3C`)), true);
    assert.equal(decrypt(of(`arn:aws:scheduler:${LOCAL}:schedule/others/theirs`)), false);
    assert.equal(decrypt({}), false);
  });

  it('are given to their service and to nobody else', () => {
    const here = { StringEquals: { 'aws:SourceAccount': ACCOUNT } };
    const trusted: [start: string, service: string, condition?: object][] = [
      ['ScanRole', 'lambda', here],
      ['CoordinateRole', 'lambda', here],
      ['ScheduleRole', 'scheduler', here],
      ['SlackRole', 'chatbot', here],
    ];
    for (const [start, service, Condition] of trusted) {
      const { AssumeRolePolicyDocument = null } = hub.Resources[idOf(hub, 'AWS::IAM::Role', start)]?.Properties ?? {};
      const { Statement } = resolve(hub, AssumeRolePolicyDocument) as { Statement: object[] };
      const Principal = { Service: `${service}.amazonaws.com` };
      assert.deepEqual(Statement, [
        { Action: 'sts:AssumeRole', Effect: 'Allow', Principal, ...(Condition && { Condition }) },
      ]);
    }
    assert.deepEqual(idsOf(hub, 'AWS::IAM::Role').length, trusted.length);
  });

  it('let the Slack channel do nothing', () => assert.deepEqual(role(hub, 'SlackRole'), []));
});
