/** The copy in a second account: what may come in there, what never goes out again, and how the scanner's side sends it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { App } from 'aws-cdk-lib';
import { parseUserSettings } from '../../infra/settings.ts';
import { addStacks } from '../../infra/stacks.ts';
import { allowed, type Context, resolve, resourceStatements, statementsOf, type Template } from './policies.ts';
import { COPY, idOf, idsOf, synthesise } from './synth.ts';

const hub = { account: '111122223333', region: 'eu-west-1' };
const settings = { hub, retention: { mode: 'compliance', days: 730 }, copy: COPY };
const stacks = synthesise(settings);
const scanner = stacks.kubevigil as Template;
const copy = stacks['kubevigil-copy'] as Template;

const ROLE = { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/kubevigil-copy-eu-west-1' };
const OTHER = { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/Admin' };

/** Properties of the only resource of a type whose id starts with `start`. */
function properties(template: Template, type: string, start = '') {
  return resolve(template, template.Resources[idOf(template, type, start)]?.Properties ?? null) as Record<
    string,
    // biome-ignore lint/suspicious/noExplicitAny: a template has many shapes, and an assertion looks at each
    any
  >;
}

describe('the bucket of the copy', () => {
  const id = idOf(copy, 'AWS::S3::Bucket', 'Archive');
  const bucket = properties(copy, 'AWS::S3::Bucket', 'Archive');
  const policy = resourceStatements(copy, 'AWS::S3::BucketPolicy', 'Bucket', id);
  const secure = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' };
  const may = (action: string, context: Context, key = 'scans/2026/11/23/a/manifest.json') =>
    allowed(policy, {
      action,
      resource: `arn:aws:s3:::${id.toLowerCase()}/${key}`,
      context: { ...secure, ...context },
    });

  it('has a name that the scanner knows, versions, a compliance lock, and owns what it gets', () => {
    assert.equal(bucket.BucketName, 'kubevigil-copy-222233334444-eu-central-1');
    assert.deepEqual(bucket.VersioningConfiguration, { Status: 'Enabled' });
    assert.deepEqual(bucket.ObjectLockConfiguration.Rule.DefaultRetention, { Days: 730, Mode: 'COMPLIANCE' });
    assert.deepEqual(bucket.OwnershipControls, { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
    assert.ok(Object.values(bucket.PublicAccessBlockConfiguration).every((each) => each === true));
    assert.ok(bucket.LoggingConfiguration.DestinationBucketName.startsWith('accesslogs'));
  });

  it('takes replicas from the one role of the scanner’s account, and gives nobody there anything else', () => {
    assert.deepEqual([may('s3:ReplicateObject', ROLE), may('s3:ReplicateTags', ROLE)], [true, true]);
    for (const action of [
      's3:ReplicateDelete',
      's3:DeleteObject',
      's3:DeleteObjectVersion',
      's3:PutObject',
      's3:PutObjectRetention',
      's3:BypassGovernanceRetention',
      's3:GetObject',
    ])
      assert.equal(may(action, ROLE), false, action);
    assert.equal(may('s3:ReplicateObject', OTHER), false);
    assert.equal(may('s3:ReplicateObject', { ...ROLE, 'aws:SecureTransport': 'false' }), false);
    const principals = policy.filter(({ Effect }) => Effect === 'Allow').map(({ Principal }) => Principal);
    assert.deepEqual(principals, [{ AWS: 'arn:aws:iam::111122223333:root' }]);
  });

  it('forgets scans when their time is over, and never the pointer to the latest', () => {
    const expiring = bucket.LifecycleConfiguration.Rules.filter(
      (rule: { ExpirationInDays?: number }) => rule.ExpirationInDays,
    );
    assert.deepEqual(
      expiring.map((rule: { Prefix: string; ExpirationInDays: number }) => [rule.Prefix, rule.ExpirationInDays]),
      [['scans/', 730]],
    );
  });

  it('is a template that can be deployed as it is: no assets, no parameters, no roles', () => {
    const { Parameters, ...rest } = copy as Template & { Parameters?: object };
    assert.equal(Parameters, undefined);
    assert.ok(!JSON.stringify(rest).includes('cdk-hnb659fds'));
    assert.deepEqual(idsOf(copy, 'AWS::IAM::Role'), []);
    assert.deepEqual(Object.keys(copy.Outputs ?? {}).sort(), ['CopyBucket', 'KeyArn']);
  });
});

describe('the key of the copy', () => {
  const { Statement } = properties(copy, 'AWS::KMS::Key').KeyPolicy as {
    Statement: { Sid?: string; Effect: string; Principal: unknown; Action: string | string[]; Condition?: object }[];
  };
  const named = (sid: string) => Statement.find(({ Sid }) => Sid === sid);

  it('encrypts for that role through S3 of its region only', () => {
    const { Principal, Action, Condition } = named('EncryptReplicas') ?? assert.fail();
    assert.deepEqual(Principal, { AWS: 'arn:aws:iam::111122223333:root' });
    assert.deepEqual([Action].flat().sort(), ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey']);
    assert.deepEqual(Condition, {
      ArnEquals: ROLE,
      StringEquals: { 'kms:ViaService': ['s3.eu-central-1.amazonaws.com'] },
    });
  });

  it('is deleted and disabled by nobody, and nobody else of another account may use it', () => {
    const { Effect, Principal, Condition } = named('KeepTheKeyOfLockedReports') ?? assert.fail();
    assert.deepEqual([Effect, Principal, Condition], ['Deny', '*', undefined]);
    const foreign = Statement.filter((each) => JSON.stringify(each.Principal).includes(hub.account));
    assert.deepEqual(
      foreign.map(({ Sid }) => Sid),
      ['EncryptReplicas'],
    );
  });
});

describe('the scanner', () => {
  const archive = idOf(scanner, 'AWS::S3::Bucket', 'Archive').toLowerCase();
  const there = 'arn:aws:s3:::kubevigil-copy-222233334444-eu-central-1';

  it('has everything replicated, encrypted objects too, and no delete marker', () => {
    const { ReplicationConfiguration } = properties(scanner, 'AWS::S3::Bucket', 'Archive');
    assert.deepEqual(ReplicationConfiguration, {
      Role: `arn:aws:iam::111122223333:role/${idOf(scanner, 'AWS::IAM::Role', 'CopyRole')}`,
      Rules: [
        {
          Id: 'CopyToSecondAccount',
          Status: 'Enabled',
          Priority: 1,
          Filter: { Prefix: '' },
          DeleteMarkerReplication: { Status: 'Disabled' },
          SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
          Destination: {
            Bucket: there,
            EncryptionConfiguration: { ReplicaKmsKeyID: COPY.keyArn },
            Metrics: { Status: 'Enabled' },
          },
        },
      ],
    });
  });

  it('gives S3 a role of the name that the copy knows, for what replicating takes and nothing else', () => {
    const id = idOf(scanner, 'AWS::IAM::Role', 'CopyRole');
    const role = properties(scanner, 'AWS::IAM::Role', 'CopyRole');
    assert.equal(role.RoleName, ROLE['aws:PrincipalArn'].split('/')[1]);
    assert.deepEqual(role.AssumeRolePolicyDocument.Statement, [
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' } },
    ]);
    const statements = statementsOf(scanner, id);
    const via = (region: string) => ({ 'kms:ViaService': `s3.${region}.amazonaws.com` });
    const dataKey = `arn:aws:kms:eu-west-1:111122223333:key/${idOf(scanner, 'AWS::KMS::Key', 'DataKey')}`;
    const owner = (account: string) => ({ 's3:ResourceAccount': account });
    const needed: [action: string, resource: string, context?: Context][] = [
      ...['s3:GetReplicationConfiguration', 's3:ListBucket'].map((action): [string, string] => [
        action,
        `arn:aws:s3:::${archive}`,
      ]),
      ...[
        's3:GetObjectVersionForReplication',
        's3:GetObjectVersionAcl',
        's3:GetObjectVersionTagging',
        's3:GetObjectRetention',
        's3:GetObjectLegalHold',
      ].map((action): [string, string] => [action, `arn:aws:s3:::${archive}/latest.json`]),
      ['s3:ReplicateObject', `${there}/latest.json`, owner(COPY.account)],
      ['s3:ReplicateTags', `${there}/latest.json`, owner(COPY.account)],
      ['kms:Decrypt', dataKey, via('eu-west-1')],
      ...['kms:Encrypt', 'kms:GenerateDataKey', 'kms:Decrypt'].map((action): [string, string, Context] => [
        action,
        COPY.keyArn,
        via('eu-central-1'),
      ]),
    ];
    for (const [action, resource, context = {}] of needed)
      assert.equal(allowed(statements, { action, resource, context }), true, `${action} ${resource}`);
    const replica = { action: 's3:ReplicateObject', resource: `${there}/latest.json` };
    assert.equal(allowed(statements, { ...replica, context: owner('999900001111') }), false);
    const given = new Set(statements.flatMap(({ Action }) => Action));
    assert.deepEqual([...given].sort(), [...new Set(needed.map(([action]) => action))].sort());
    assert.equal(allowed(statements, { action: 'kms:Decrypt', resource: dataKey }), false);
  });

  it('alarms when something could not be copied, until something is', () => {
    const id = idsOf(scanner, 'AWS::CloudWatch::Alarm').find((each) => each.startsWith('copyfailed')) ?? assert.fail();
    const alarm = resolve(scanner, scanner.Resources[id]?.Properties ?? null) as Record<string, unknown>;
    assert.deepEqual(
      [alarm.Namespace, alarm.MetricName, alarm.Statistic, alarm.TreatMissingData],
      ['AWS/S3', 'OperationsFailedReplication', 'Sum', 'ignore'],
    );
    assert.deepEqual(alarm.Dimensions, [
      { Name: 'DestinationBucket', Value: 'kubevigil-copy-222233334444-eu-central-1' },
      { Name: 'RuleId', Value: 'CopyToSecondAccount' },
      { Name: 'SourceBucket', Value: archive },
    ]);
  });

  it('copies nothing before it knows the key, and says what is to be done', () => {
    const { keyArn: _, ...place } = COPY;
    const app = new App({ analyticsReporting: false });
    addStacks(app, parseUserSettings({ ...settings, copy: place }), import.meta.dirname);
    const { template, messages } = app.synth().getStackByName('kubevigil');
    assert.equal(
      template.Resources[idOf(template, 'AWS::S3::Bucket', 'Archive')].Properties.ReplicationConfiguration,
      undefined,
    );
    assert.deepEqual(idsOf(template, 'AWS::IAM::Role', 'CopyRole'), []);
    const told = messages.map(({ entry }) => String(entry.data)).filter((text) => text.includes('kubevigil:copy'));
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /nothing is copied yet/);
  });
});

describe('a copy that cannot be', () => {
  const existing = { bucket: 'acme-audit' };
  const cases: [settings: object, line: string][] = [
    [
      { hub: undefined },
      'kubevigil.hub must be the account and region of the scanner itself where copy is set, but is missing',
    ],
    [
      { copy: { account: hub.account, region: 'eu-central-1' } },
      "kubevigil.copy.account must be another account than the scanner's, whose owner the copy is kept from, but is 111122223333 too",
    ],
    [
      { copy: { account: COPY.account, region: 'cn-north-1' } },
      'kubevigil.copy.region must be in the partition of the scanner, AWS, but cn-north-1 is in AWS China',
    ],
    [
      { retention: { mode: 'governance' } },
      'kubevigil.retention.mode must be compliance where copy is set, because copies keep the lock of their originals, but is governance',
    ],
    [{ existing }, 'kubevigil.copy must not be set with existing.bucket: its owner adds the rule that replicates it'],
    [
      { copy: { ...COPY, region: 'eu-west-1' } },
      `kubevigil.copy.keyArn must be in the region and account of the copy, eu-west-1:222233334444, but is ${COPY.keyArn}`,
    ],
    [{ copy: {} }, 'kubevigil.copy.account must be an AWS account id of 12 digits, in quotes, but is missing'],
  ];
  for (const [change, line] of cases) {
    it(`is refused: ${line}`, () =>
      assert.throws(
        () => parseUserSettings({ ...settings, ...change }),
        (error: Error) => {
          assert.ok(error.message.split('\n').includes(`cdk.json: ${line}`), error.message);
          return true;
        },
      ));
  }
});
