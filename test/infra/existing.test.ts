/** What a company brings along: it is used, nothing is made in its place, and its owner is told what the stack cannot do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { App } from 'aws-cdk-lib';
import { parseUserSettings } from '../../infra/settings.ts';
import { addStacks } from '../../infra/stacks.ts';
import { parseScanSettings } from '../../lambda/settings.ts';
import { allowed, resolve, statementsOf, type Template } from './policies.ts';
import { FLEET, idOf, idsOf } from './synth.ts';

const LOCAL = 'eu-west-1:111122223333';
const existing = {
  bucket: 'acme-audit',
  prefix: 'kubevigil/',
  dataKeyArn: `arn:aws:kms:${LOCAL}:key/11111111-2222-3333-4444-555555555555`,
  signingKeyArn: `arn:aws:kms:${LOCAL}:key/66666666-7777-8888-9999-000000000000`,
  alertTopicArn: `arn:aws:sns:${LOCAL}:acme-findings`,
  alertTopicKeyArn: `arn:aws:kms:${LOCAL}:key/77777777-8888-9999-0000-111111111111`,
  alarmTopicArn: `arn:aws:sns:${LOCAL}:acme-alarms`,
};
const { glacierAfterDays: _, ...retention } = FLEET.retention;

/** The scanner's template, and what is said when it is built. */
function build(settings: object): { template: Template; told: string[] } {
  const app = new App({ analyticsReporting: false });
  addStacks(app, parseUserSettings(settings), import.meta.dirname);
  const { template, messages } = app.synth().getStackByName('kubevigil');
  const texts = messages.map(({ entry }) => String(entry.data));
  return { template, told: texts.filter((text) => text.includes('kubevigil:owner')) };
}

describe('what is brought along', () => {
  const { template, told } = build({ ...FLEET, retention, existing });
  const role = statementsOf(template, idOf(template, 'AWS::IAM::Role', 'ScanRole'));

  it('is used, and nothing is made in its place', () => {
    for (const type of [
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
      'AWS::KMS::Key',
      'AWS::SNS::Topic',
      'AWS::SNS::TopicPolicy',
    ])
      assert.deepEqual(idsOf(template, type), [], type);
    const { Environment, KmsKeyArn, DurableConfig } = resolve(
      template,
      template.Resources[idOf(template, 'AWS::Lambda::Function', 'Coordinate')]?.Properties ?? null,
    ) as Record<string, Record<string, Record<string, string>>>;
    const settings = parseScanSettings(Environment?.Variables?.KUBEVIGIL_SETTINGS);
    assert.deepEqual(
      [settings.bucket, settings.prefix, settings.signingKeyArn, settings.topicArn],
      [existing.bucket, existing.prefix, existing.signingKeyArn, existing.alertTopicArn],
    );
    assert.deepEqual([KmsKeyArn, DurableConfig?.KMSKeyArn], [existing.dataKeyArn, existing.dataKeyArn]);
    for (const id of idsOf(template, 'AWS::Logs::LogGroup'))
      assert.equal(template.Resources[id]?.Properties?.KmsKeyId, existing.dataKeyArn);
    const alarms = idsOf(template, 'AWS::CloudWatch::Alarm').map(
      (id) => template.Resources[id]?.Properties?.AlarmActions,
    );
    assert.deepEqual(new Set(alarms.flat()), new Set([existing.alarmTopicArn]));
    const schedule = template.Resources[idOf(template, 'AWS::Scheduler::Schedule')]?.Properties;
    assert.equal(schedule?.KmsKeyArn, existing.dataKeyArn);
    const topics = idsOf(template, 'AWS::SNS::Subscription').map((id) => template.Resources[id]?.Properties?.TopicArn);
    assert.deepEqual(new Set(topics), new Set([existing.alertTopicArn, existing.alarmTopicArn]));
  });

  it('is reached below its prefix only', () => {
    const put = (key: string) =>
      allowed(role, {
        action: 's3:PutObject',
        resource: `arn:aws:s3:::acme-audit/${key}`,
        context: { 's3:if-none-match': '*' },
      });
    const get = (key: string) => allowed(role, { action: 's3:GetObject', resource: `arn:aws:s3:::acme-audit/${key}` });
    assert.deepEqual([put('kubevigil/scans/a'), put('scans/a'), put('kubevigil/a')], [true, false, false]);
    assert.deepEqual([get('kubevigil/latest.json'), get('payroll.csv')], [true, false]);
  });

  it('is published to with its key, from the first deployment on and through SNS only', () => {
    const role = statementsOf(template, idOf(template, 'AWS::IAM::Role', 'CoordinateRole'));
    const use = (service: string, resource = existing.alertTopicKeyArn) =>
      ['kms:Decrypt', 'kms:GenerateDataKey'].map((action) =>
        allowed(role, { action, resource, context: { 'kms:ViaService': `${service}.eu-west-1.amazonaws.com` } }),
      );
    assert.deepEqual(
      [use('sns'), use('s3')],
      [
        [true, true],
        [false, false],
      ],
    );
    assert.deepEqual(use('sns', `arn:aws:kms:${LOCAL}:key/0a1b`), [false, false]);
  });

  it('has an owner who is told each statement that the stack cannot add, with nothing left to fill in', () => {
    const statements = told.flatMap((text) => {
      const [, what = '', json = ''] =
        /^(existing\.\w+) is not made by this stack\..*policy: (\{.*\})(?: \[ack.*)?$/.exec(text) ?? [];
      return what === '' ? [] : [[what, JSON.parse(json)] as const];
    });
    assert.deepEqual(statements.map(([what, { Sid }]) => [what, Sid]).sort(), [
      ['existing.alarmTopicArn', 'AlarmsOfThisAccount'],
      ['existing.bucket', 'WriteScansOnce'],
      ['existing.dataKeyArn', 'AlarmsOfThisAccount'],
      ['existing.dataKeyArn', 'CheckpointsOfThisStack'],
      ['existing.dataKeyArn', 'KeepTheKeyOfLockedReports'],
      ['existing.dataKeyArn', 'LogsOfThisStack'],
    ]);
    const once = statements.find(([, { Sid }]) => Sid === 'WriteScansOnce')?.[1];
    assert.equal(once.Resource, 'arn:aws:s3:::acme-audit/kubevigil/scans/*');
    assert.ok(told.some((text) => text.includes('Object Lock in the mode compliance for 730 days')));
    assert.equal(told.length, statements.length + 1);
  });

  it('says nothing where the stack makes all itself', () => {
    assert.deepEqual(build({ emails: ['ops@example.com'] }).told, []);
  });

  const { hub } = FLEET;
  const wrong: [settings: object, line: string][] = [
    [
      { existing: { prefix: 'a/' } },
      '.existing.prefix must be set with existing.bucket only: a bucket of its own needs none',
    ],
    [
      { existing: { bucket: 'acme-audit', prefix: 'a' } },
      '.existing.prefix must be a key prefix that ends with a slash such as "kubevigil/", but is "a"',
    ],
    [
      { existing: { dataKeyArn: `arn:aws:kms:${LOCAL}:alias/a` } },
      `.existing.dataKeyArn must be the ARN of a KMS key (not of an alias), but is "arn:aws:kms:${LOCAL}:alias/a"`,
    ],
    [
      { existing: { alertTopicArn: `arn:aws:sns:${LOCAL}:a.fifo` } },
      `.existing.alertTopicArn must be the ARN of a standard SNS topic, but is "arn:aws:sns:${LOCAL}:a.fifo"`,
    ],
    [
      { existing: { alertTopicKeyArn: `arn:aws:kms:${LOCAL}:key/0a1b` } },
      '.existing.alertTopicKeyArn must be set with existing.alertTopicArn only: it is the key of that topic',
    ],
    [
      { existing: { bucket: 'acme-audit' }, retention: { glacierAfterDays: 9 } },
      '.retention.glacierAfterDays must not be set with existing.bucket: its owner sets its rules',
    ],
    [
      { hub, existing: { alarmTopicArn: 'arn:aws:sns:us-east-1:111122223333:acme-alarms' } },
      '.existing.alarmTopicArn must be in the region of the scanner, eu-west-1, but is in us-east-1',
    ],
  ];
  for (const [settings, line] of wrong)
    it(`is refused: kubevigil${line}`, () =>
      assert.throws(() => parseUserSettings(settings), { message: `cdk.json: kubevigil${line}` }));
});
