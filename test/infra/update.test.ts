/** What an update replaces, and that members and scanner can be updated one after the other. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SSMClient } from '@aws-sdk/client-ssm';
import { App } from 'aws-cdk-lib';
import { documentsOf } from '../../infra/document.ts';
import { addMemberStack } from '../../infra/member-stack.ts';
import { parseUserSettings } from '../../infra/settings.ts';
import { addStacks } from '../../infra/stacks.ts';
import { collectDocument, documentOf } from '../../lambda/nodes/document.ts';
import { sendOnce } from '../../lambda/nodes/send.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';
import { allowed, statementsOf, type Template } from './policies.ts';
import { FLEET, idOf, idsOf, synthesise } from './synth.ts';

const FOLDER = new URL('../../infra/documents/', import.meta.url);
const FIRST = readdirSync(FOLDER).find((file) => file.includes('bfb09adf0b539616')) ?? '';
const earlier = documentOf(readFileSync(new URL(FIRST, FOLDER), 'utf8'), 'kubevigil');
const changed = collectDocument('#!/bin/sh\necho changed\n');

function member(documents: ReturnType<typeof documentsOf>): Template {
  const app = new App({ analyticsReporting: false });
  addMemberStack(app, parseUserSettings(FLEET), documents, FLEET.hub);
  return app.synth().getStackByName('kubevigil-member').template;
}

const ARN = (name: string) => `arn:aws:ssm:eu-west-1:111122223333:document/${name}`;
const maySend = (template: Template, name: string, start = '') =>
  allowed(statementsOf(template, idOf(template, 'AWS::IAM::Role', start)), {
    action: 'ssm:SendCommand',
    resource: ARN(name),
  });
const namesIn = (template: Template) =>
  idsOf(template, 'AWS::SSM::Document').map((id) => String(template.Resources[id]?.Properties?.Name));

test('each document of an earlier version is named after its content', () => {
  for (const file of readdirSync(FOLDER)) {
    const { name } = documentOf(readFileSync(new URL(file, FOLDER), 'utf8'), 'kubevigil');
    assert.equal(name, file);
  }
});

test('members first: they have the new document, and the old scanner finds its own and may send it', () => {
  const before = member([earlier]);
  const after = member(documentsOf('kubevigil', changed));
  assert.deepEqual(after.Resources.Document, before.Resources.Document, 'the document of before is left as it is');
  for (const { name } of [earlier, changed]) {
    assert.ok(namesIn(after).includes(name));
    assert.equal(maySend(after, name), true);
  }
});

test('the scanner first: a member that is behind refuses, and says which document it lacks', async () => {
  const behind = member([earlier]);
  assert.equal(maySend(behind, changed.name), false);
  const endpoints = await startEndpoints({
    accounts: { '444455556666': { regions: { 'eu-west-1': { documents: [earlier] } } } },
  });
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = endpoints.environment;
  const ssm = new SSMClient({
    endpoint: endpoints.url,
    region: 'eu-west-1',
    credentials: { accessKeyId, secretAccessKey },
  });
  const command = {
    documentName: changed.name,
    targets: [{ Key: 'tag-key', Values: ['scan'] }],
    comment: 'kubevigil',
    deliveryTimeoutSeconds: 60,
    concurrency: '100%',
  };
  await assert.rejects(
    sendOnce({ ssm, sender: ssm }, [command], new Date()),
    new RegExp(`InvalidDocument|${changed.name}`),
  );
  await endpoints.close();
});

test('a scan that is under way may send the document with which it began', () => {
  const hub = synthesise(FLEET).kubevigil as Template;
  assert.ok(namesIn(hub).includes(earlier.name));
  assert.equal(maySend(hub, earlier.name, 'ScanRole'), true);
});

test('no setting makes another function, bucket, key, topic or queue', () => {
  const kept = ['AWS::Lambda::Function', 'AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::SNS::Topic', 'AWS::SQS::Queue'];
  const shape = (settings: object) => {
    const template = synthesise({ ...FLEET, ...settings }).kubevigil as Template;
    return kept.flatMap((type) =>
      idsOf(template, type).map((id) => [
        id,
        JSON.stringify(template.Resources[id]?.Properties?.DurableConfig ?? null),
      ]),
    );
  };
  const before = shape({});
  for (const settings of [
    { deliveryTimeoutSeconds: 3600, askAgain: 3 },
    { concurrency: '10%' },
    { targets: FLEET.targets.slice(0, 2) },
    { emails: [], retention: { ...FLEET.retention, days: 800 } },
    { tags: [{ key: 'other' }] },
  ]) {
    assert.deepEqual(shape(settings), before, JSON.stringify(settings));
  }
});

test('what a first deployment that failed had made is deleted, and what is in use stays', () => {
  const { Resources } = synthesise({}).kubevigil as unknown as {
    Resources: Record<string, { Type: string; DeletionPolicy?: string; UpdateReplacePolicy?: string }>;
  };
  for (const [id, { Type, DeletionPolicy, UpdateReplacePolicy }] of Object.entries(Resources)) {
    if (!['AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::Lambda::Version'].includes(Type)) continue;
    assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], ['RetainExceptOnCreate', 'Retain'], id);
  }
});

test('several scanners of an account have nothing of each other’s name', () => {
  const names = (settings: object) =>
    Object.entries(synthesise({ ...FLEET, ...settings })).flatMap(([stack, { Resources }]) => [
      stack,
      ...Object.values(Resources).flatMap(({ Properties = {} }) =>
        ['RoleName', 'Name', 'AlarmName', 'AliasName', 'DashboardName', 'ConfigurationName'].flatMap((key) =>
          Properties[key] === undefined || Properties[key] === 'live' ? [] : [JSON.stringify(Properties[key])],
        ),
      ),
    ]);
  const [first, second] = [new Set(names({})), names({ name: 'audit' })];
  assert.deepEqual(
    second.filter((name) => first.has(name)),
    [],
  );
});

test('in compliance mode nobody but the named role may delete or disable the key', () => {
  const role = 'arn:aws:iam::111122223333:role/BreakGlass';
  const settings = { ...FLEET, retention: { ...FLEET.retention, breakGlassRole: role } };
  const template = synthesise(settings).kubevigil as Template;
  const id = idOf(template, 'AWS::KMS::Key', 'DataKey');
  const policy = template.Resources[id]?.Properties?.KeyPolicy as unknown as { Statement: { Sid?: string }[] };
  assert.deepEqual(
    policy.Statement.find(({ Sid }) => Sid === 'KeepTheKeyOfLockedReports'),
    {
      Sid: 'KeepTheKeyOfLockedReports',
      Effect: 'Deny',
      Principal: '*',
      Action: ['kms:DisableKey', 'kms:ScheduleKeyDeletion'],
      Resource: '*',
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': role } },
    },
  );
});

test('a boundary is on every role, and a VPC around every function', () => {
  const vpc = { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-0123456789abcdef0'] };
  const stacks = synthesise({ ...FLEET, permissionsBoundary: 'company-boundary', vpc });
  for (const { Resources } of Object.values(stacks)) {
    for (const { Type, Properties = {} } of Object.values(Resources)) {
      if (Type === 'AWS::IAM::Role') assert.match(JSON.stringify(Properties.PermissionsBoundary), /company-boundary/);
      if (Type === 'AWS::Lambda::Function') {
        assert.deepEqual(Properties.VpcConfig, {
          SubnetIds: vpc.subnetIds,
          SecurityGroupIds: vpc.securityGroupIds,
        });
      }
    }
  }
});

test('a feature flag that somebody has set in cdk.json stays', () => {
  const flag = '@aws-cdk/aws-iam:minimizePolicies';
  const app = new App({ analyticsReporting: false, context: { [flag]: false } });
  addStacks(app, parseUserSettings({}), import.meta.dirname);
  assert.equal(app.node.tryGetContext(flag), false);
  assert.equal(app.node.tryGetContext('@aws-cdk/core:enablePartitionLiterals'), true);
});

test('messages and alarms that reach nobody are said when the stacks are built', () => {
  const slack = { workspaceId: 'T01234567', channelId: 'C01234567' };
  for (const [settings, expected] of [
    [{}, /reach nobody/],
    [{ slack }, /when Slack gets no messages/],
    [{ emails: ['ops@example.com'] }, undefined],
  ] as const) {
    const app = new App({ analyticsReporting: false });
    addStacks(app, parseUserSettings(settings), import.meta.dirname);
    const warnings = app
      .synth()
      .getStackByName('kubevigil')
      .messages.map(({ entry }) => String(entry.data))
      .filter((text) => text.includes('kubevigil:unheard'));
    if (expected === undefined) assert.deepEqual(warnings, []);
    else assert.match(warnings.join(), expected);
  }
});
