/** What the stacks hold. Long because one synthesis serves all assertions. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Template as Assertions, Match } from 'aws-cdk-lib/assertions';
import { parseUserSettings } from '../../infra/settings.ts';
import { addStacks } from '../../infra/stacks.ts';
import { METRICS, OPEN, PHASES, recorded, TARGET_FIELDS, TARGET_LINE } from '../../lambda/scan/metrics.ts';
import { NODE_TAGS, parseScanSettings, SettingsError } from '../../lambda/settings.ts';
import { listing } from './listing.ts';
import { allowed, resolve, resourceStatements, statementsOf, type Template } from './policies.ts';
import { COPY, FLEET, idOf, idsOf, synthesise } from './synth.ts';

const single = synthesise({});
const alone = single.kubevigil as Template;
const fleet = synthesise({ ...FLEET, copy: COPY });
const hub = fleet.kubevigil as Template;
const member = fleet['kubevigil-member'] as Template;
const chat = fleet['kubevigil-chat'] as Template;

const assertions = (template: Template) => Assertions.fromJSON(template);

/** Properties of the only resource of a type whose id starts with `start`. */
function properties(template: Template, type: string, start = '') {
  return resolve(template, template.Resources[idOf(template, type, start)]?.Properties ?? null) as Record<
    string,
    // biome-ignore lint/suspicious/noExplicitAny: a template has many shapes, and an assertion looks at each
    any
  >;
}

/** The settings that a function of the template gets, as it will read them. */
function settingsOf(template: Template, start: string) {
  return parseScanSettings(
    properties(template, 'AWS::Lambda::Function', start).Environment.Variables.KUBEVIGIL_SETTINGS,
  );
}

describe('the stacks', () => {
  it('are one where nothing is set, and one more each for members, for Slack and for a copy', () => {
    assert.deepEqual(Object.keys(single), ['kubevigil']);
    assert.deepEqual(Object.keys(fleet).sort(), ['kubevigil', 'kubevigil-chat', 'kubevigil-copy', 'kubevigil-member']);
    const home = synthesise({ hub: FLEET.hub, targets: [{ account: '111122223333', regions: ['eu-west-1'] }] });
    assert.deepEqual(Object.keys(home), ['kubevigil']);
  });

  it('are not built with wrong settings, or too many of them', () => {
    assert.throws(() => synthesise({ alertPolicy: 'never' }), SettingsError);
    const values = Array.from({ length: 15 }, (_, index) => `${index}`.padEnd(250, '-'));
    assert.throws(
      () => synthesise({ tags: [{ key: 'team', values }] }),
      (error: Error) => {
        assert.ok(error instanceof SettingsError);
        return /^kubevigil\.tags and routes make \d+ bytes of settings, but/.test(error.message);
      },
    );
  });
});

describe('the function', () => {
  it('is durable, on a pinned runtime, without a name, and fails into a queue', () => {
    const scan = properties(alone, 'AWS::Lambda::Function', 'Scan');
    assert.equal(scan.Runtime, 'nodejs24.x');
    assert.equal(scan.FunctionName, undefined);
    const KMSKeyArn = `arn:aws:kms:eu-west-1:111122223333:key/${idOf(alone, 'AWS::KMS::Key', 'DataKey')}`;
    assert.deepEqual(scan.DurableConfig, { ExecutionTimeout: 2 * 86_400, RetentionPeriodInDays: 30, KMSKeyArn });
    assert.equal(scan.KmsKeyArn, KMSKeyArn);
    assert.deepEqual(scan.EphemeralStorage, { Size: 4096 });
    assert.match(scan.DeadLetterConfig.TargetArn, /:Failures/);
    assert.match(scan.LoggingConfig.LogGroup, /^scanlog/);
  });

  it('is not started again by Lambda when it failed', () => {
    const config = properties(alone, 'AWS::Lambda::EventInvokeConfig');
    assert.equal(config.MaximumRetryAttempts, 0);
  });

  it('finds its settings: this account and region, with every default', () => {
    const { windowsDocument, ...rest } = settingsOf(alone, 'Scan');
    const { bucket, topicArn, signingKeyArn, documentName, documentHash, ...settings } = rest;
    assert.ok(bucket && topicArn && signingKeyArn && documentHash?.startsWith(documentName.slice(-16)));
    assert.equal(windowsDocument?.name, `kubevigil-collect-windows-${windowsDocument?.hash?.slice(0, 16)}`);
    assert.equal(windowsDocument?.version, '1');
    assert.deepEqual(settings, {
      targets: { home: '111122223333/eu-west-1', list: ['111122223333/eu-west-1'] },
      name: 'kubevigil',
      tags: NODE_TAGS,
      documentVersion: '1',
      deliveryTimeoutSeconds: 600,
      concurrency: '100%',
      askAgain: 1,
      targetsAtOnce: 200,
      prefix: '',
      retention: { mode: 'governance', days: 400 },
      benchmarks: ['auto'],
      formats: ['json', 'csv', 'html'],
      expiryDays: 30,
      rehearse: true,
      hybridNodes: false,
      alertPolicy: 'changes',
      populationFallPercent: 10,
      alertMinSeverity: 'low',
      routes: [],
      timestampAuthorities: [],
    });
    const documents = idsOf(alone, 'AWS::SSM::Document').map((id) => alone.Resources[id]?.Properties?.Name);
    assert.ok(documents.includes(documentName));
  });

  it('is told the product of Security Hub and the bus that the settings ask for', () => {
    const eventBusArn = 'arn:aws:events:us-east-1:444455556666:event-bus/security';
    const { productArn, ...settings } = settingsOf(
      synthesise({ securityHub: true, eventBusArn }).kubevigil as Template,
      'Scan',
    );
    assert.equal(productArn, 'arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default');
    assert.equal(settings.eventBusArn, eventBusArn);
  });

  it('has a coordinator before it where there are several targets', () => {
    const coordinate = settingsOf(hub, 'Coordinate');
    assert.match(coordinate.shardArn ?? '', /ScanFunctionCurrentVersion/i);
    assert.equal(settingsOf(hub, 'Scan').shardArn, undefined);
    const reached = {
      home: '111122223333/eu-west-1',
      file: 'targets.json',
      role: 'arn:aws:iam::ACCOUNT:role/kubevigil-member-REGION',
    };
    assert.deepEqual(coordinate.targets, { ...reached, externalId: 'shared-with-members' });
    assert.deepEqual(settingsOf(hub, 'Scan').targets, reached, 'a shard does not know the word');
    assert.match(properties(hub, 'AWS::Scheduler::Schedule').Target.Arn, /:function:CoordinateAlias\w+:live$/);
  });
});

describe('the other partitions', () => {
  const build = (region: string) => {
    const app = new App({ analyticsReporting: false });
    addStacks(app, parseUserSettings({ hub: { account: '111122223333', region } }), import.meta.dirname);
    const { template, messages } = app.synth().getStackByName('kubevigil');
    const { LoggingConfig } = template.Resources[idOf(template, 'AWS::Lambda::Function')].Properties;
    const via = statementsOf(template, idOf(template, 'AWS::IAM::Role', 'ScanRole')).flatMap(
      ({ Condition }) => Condition.StringEquals?.['kms:ViaService'] ?? [],
    );
    const warned = messages.some(({ entry }) => String(entry.data).includes('kubevigil:durable'));
    return { format: LoggingConfig.LogFormat, via, warned };
  };
  const cases: [region: string, format: string, suffixes: string[], warned: boolean][] = [
    ['eu-west-1', 'JSON', ['amazonaws.com'], false],
    ['us-gov-west-1', 'Text', ['amazonaws.com'], true],
    ['cn-north-1', 'Text', ['amazonaws.com.cn', 'amazonaws.com'], true],
  ];
  for (const [region, format, suffixes, warned] of cases) {
    it(`${region} logs as ${format}, reaches its key through ${suffixes.join(' or ')}`, () => {
      const via = suffixes.flatMap((suffix) => ['s3', 'sns'].map((service) => `${service}.${region}.${suffix}`));
      const built = build(region);
      assert.deepEqual([built.format, built.via.sort(), built.warned], [format, via.sort(), warned]);
    });
  }
});

describe('the schedule', () => {
  it('starts the live alias every night, gives up soon and keeps what it could not deliver', () => {
    const { Target, ...schedule } = properties(alone, 'AWS::Scheduler::Schedule');
    assert.equal(schedule.ScheduleExpression, 'cron(0 2 * * ? *)');
    assert.equal(schedule.ScheduleExpressionTimezone, 'UTC');
    assert.deepEqual(schedule.FlexibleTimeWindow, { Mode: 'OFF' });
    assert.match(Target.Arn, /:live$/);
    assert.match(Target.DeadLetterConfig.Arn, /:Failures/);
    assert.deepEqual(Target.RetryPolicy, { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 3 });
    const scheduledTime = '<aws.scheduler.scheduled-time>';
    assert.deepEqual(JSON.parse(Target.Input), { scheduledTime, everySeconds: 86_400 });
  });

  it('follows the settings', () => {
    const schedule = properties(hub, 'AWS::Scheduler::Schedule');
    assert.equal(schedule.ScheduleExpression, FLEET.schedule);
    assert.equal(schedule.ScheduleExpressionTimezone, 'Europe/Paris');
    assert.deepEqual(schedule.FlexibleTimeWindow, { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 });
  });
});

describe('the archive', () => {
  const bucket = properties(alone, 'AWS::S3::Bucket', 'Archive');

  it('locks every version, encrypts, logs access, and is nobody else’s', () => {
    assert.equal(bucket.ObjectLockEnabled, true);
    assert.deepEqual(bucket.ObjectLockConfiguration.Rule.DefaultRetention, { Days: 400, Mode: 'GOVERNANCE' });
    assert.deepEqual(bucket.VersioningConfiguration, { Status: 'Enabled' });
    const [encryption] = bucket.BucketEncryption.ServerSideEncryptionConfiguration;
    assert.equal(encryption.ServerSideEncryptionByDefault.SSEAlgorithm, 'aws:kms');
    assert.equal(encryption.BucketKeyEnabled, true);
    assert.ok(Object.values(bucket.PublicAccessBlockConfiguration).every((each) => each === true));
    assert.ok(bucket.LoggingConfiguration.DestinationBucketName.startsWith('accesslogs'));
  });

  it('logs access to a bucket to which S3 can deliver: encrypted by S3 itself, and without a lock', () => {
    const logs = properties(alone, 'AWS::S3::Bucket', 'AccessLogs');
    const [{ ServerSideEncryptionByDefault }] = logs.BucketEncryption.ServerSideEncryptionConfiguration;
    assert.deepEqual(ServerSideEncryptionByDefault, { SSEAlgorithm: 'AES256' });
    assert.deepEqual([logs.ObjectLockEnabled, logs.ObjectLockConfiguration], [undefined, undefined]);
  });

  it('survives the stack, as do its keys', () => {
    for (const type of ['AWS::S3::Bucket', 'AWS::KMS::Key']) {
      assertions(alone).allResources(type, {
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });

  it('forgets scans when their time is over, and never the pointer to the latest', () => {
    const expiring = bucket.LifecycleConfiguration.Rules.filter(
      (rule: Record<string, unknown>) => rule.ExpirationInDays,
    );
    assert.equal(expiring.length, 1);
    assert.equal(expiring[0].Prefix, 'scans/');
    assert.equal(expiring[0].ExpirationInDays, 400);
  });

  it('follows the settings', () => {
    const kept = properties(hub, 'AWS::S3::Bucket', 'Archive');
    assert.deepEqual(kept.ObjectLockConfiguration.Rule.DefaultRetention, { Days: 730, Mode: 'COMPLIANCE' });
    const [rule] = kept.LifecycleConfiguration.Rules;
    assert.deepEqual(rule.Transitions, [{ StorageClass: 'GLACIER_IR', TransitionInDays: 90 }]);
    assertions(hub).allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 365, KmsKeyId: Match.anyValue() });
  });

  it('signs with an elliptic curve key', () => {
    const key = properties(alone, 'AWS::KMS::Key', 'SigningKey');
    assert.deepEqual([key.KeySpec, key.KeyUsage], ['ECC_NIST_P256', 'SIGN_VERIFY']);
  });
});

describe('the data key', () => {
  /** Who beside the account itself may use a key, for what, and when. */
  const given = (template: Template, start: string) =>
    properties(template, 'AWS::KMS::Key', start)
      .KeyPolicy.Statement.slice(1)
      .map(({ Principal, Action, Condition }: Record<string, unknown>) => ({ Principal, Action, Condition }));
  const alarms = {
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
  };

  it('lets CloudWatch encrypt the logs and Lambda the checkpoints of this stack, and alarms reach their topic', () => {
    const logs = {
      Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:Describe*', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      Condition: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-west-1:111122223333:log-group:kubevigil-*' },
      },
    };
    const checkpoints = {
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Condition: {
        StringEquals: { 'aws:SourceAccount': '111122223333' },
        ArnLike: {
          'kms:EncryptionContext:aws:lambda:FunctionArn': 'arn:aws:lambda:eu-west-1:111122223333:function:kubevigil-*',
        },
      },
    };
    assert.deepEqual(given(alone, 'DataKey'), [logs, checkpoints, alarms]);
    assert.deepEqual(given(chat, 'Key'), [alarms]);
    assert.deepEqual(given(alone, 'SigningKey'), []);
  });
});

describe('the topics', () => {
  it('are encrypted, and tell every e-mail address of findings and of alarms', () => {
    assertions(hub).allResourcesProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
    assertions(hub).resourceCountIs('AWS::SNS::Subscription', 4);
    assertions(alone).resourceCountIs('AWS::SNS::Subscription', 0);
  });

  it('take alarms of this account, over TLS only', () => {
    for (const [template, start] of [
      [alone, 'Alarms'],
      [chat, 'Alarms'],
    ] as const) {
      const topic = idOf(template, 'AWS::SNS::Topic', start);
      const resource = `arn:aws:sns:eu-west-1:111122223333:${topic}`;
      const policy = resourceStatements(template, 'AWS::SNS::TopicPolicy', 'Topics', topic);
      const publish = (context: Record<string, string>) =>
        allowed(policy, { action: 'sns:Publish', resource, context });
      assert.equal(publish({ 'aws:SourceAccount': '111122223333', 'aws:SecureTransport': 'true' }), true);
      assert.equal(publish({ 'aws:SourceAccount': '444455556666', 'aws:SecureTransport': 'true' }), false);
      assert.equal(publish({ 'aws:SourceAccount': '111122223333', 'aws:SecureTransport': 'false' }), false);
    }
  });

  it('reach Slack behind a read-only guardrail', () => {
    const slack = properties(hub, 'AWS::Chatbot::SlackChannelConfiguration');
    assert.deepEqual(slack.GuardrailPolicies, ['arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess']);
    assert.equal(slack.SnsTopicArns.length, 2);
    assertions(alone).resourceCountIs('AWS::Chatbot::SlackChannelConfiguration', 0);
  });
});

describe('the member stack', () => {
  it('can be given to a StackSet as it is: no assets, no parameters, the same document', () => {
    assert.deepEqual(Object.keys(member).sort(), ['Description', 'Mappings', 'Outputs', 'Resources']);
    assert.deepEqual(
      Object.values(member.Resources)
        .map(({ Type }) => Type)
        .sort(),
      ['AWS::IAM::Policy', 'AWS::IAM::Role', ...idsOf(hub, 'AWS::SSM::Document').map(() => 'AWS::SSM::Document')],
    );
    for (const id of idsOf(hub, 'AWS::SSM::Document')) assert.deepEqual(member.Resources[id], hub.Resources[id]);
  });
});

it('a schedule that pauses longer than an alarm looks back has no scan-missing, and the synthesis says so', () => {
  const app = new App({ analyticsReporting: false });
  addStacks(app, parseUserSettings({ schedule: 'cron(0 2 ? * SUN *)' }), import.meta.dirname);
  const { template, messages } = app.synth().getStackByName('kubevigil');
  const names = idsOf(template, 'AWS::CloudWatch::Alarm').map((id) => template.Resources[id].Properties.AlarmName);
  assert.ok(names.includes('kubevigil-scan-failed') && !names.includes('kubevigil-scan-missing'), names.join());
  assert.match(JSON.stringify(messages), /no alarm tells of a missing scan/);
});

it('a schedule at a time that clocks skip in spring is warned of', () => {
  const app = new App({ analyticsReporting: false });
  addStacks(app, parseUserSettings({ timeZone: 'Europe/Paris' }), import.meta.dirname);
  assert.match(JSON.stringify(app.synth().getStackByName('kubevigil').messages), /clocks of Europe\/Paris skip a time/);
});

describe('the alarms', () => {
  type Alarm = { name: string; properties: Record<string, unknown> };
  const alarms: Alarm[] = [hub, chat].flatMap((template) =>
    idsOf(template, 'AWS::CloudWatch::Alarm').map((id) => {
      const found = resolve(template, template.Resources[id]?.Properties ?? null) as Record<string, unknown>;
      return { name: String(found.AlarmName).replace(/^kubevigil(-chat)?-/, ''), properties: found };
    }),
  );
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const sections = new Map(
    runbook
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split('\n', 1)[0], section]),
  );

  for (const { name, properties: alarm } of alarms) {
    it(`${name} tells somebody, and the runbook says what to do`, () => {
      assert.equal((alarm.AlarmActions as string[]).length, 1);
      assert.equal((alarm.OKActions as string[]).length, 1);
      assert.ok(String(alarm.AlarmDescription).endsWith(`docs/runbook.md#${name}`));
      const section = sections.get(name) ?? assert.fail('it has no section');
      assert.deepEqual(
        [...section.matchAll(/^### (.*)$/gm)].map((match) => match[1]),
        ['Description', 'Investigation', 'Resolution'],
      );
    });
  }

  it('are all that the runbook speaks of', () => {
    assert.deepEqual(
      [...sections.keys()].filter((name) => !alarms.some((alarm) => alarm.name === name)),
      [],
    );
  });

  it('take the end of the whole scan for its failure, not that of one target', () => {
    const { properties: failed } = alarms.find(({ name }) => name === 'scan-failed') ?? assert.fail();
    const watched = JSON.stringify(failed.Metrics).matchAll(/"FunctionName","Value":"(\w+)"/g);
    assert.deepEqual(
      [...watched].map(([, id]) => id),
      Array(3).fill(idOf(hub, 'AWS::Lambda::Function', 'Coordinate').toLowerCase()),
    );
  });

  it('look back where 0 stands in for a value that may come late', () => {
    const filled = alarms.filter(({ properties }) => JSON.stringify(properties).includes('FILL('));
    assert.deepEqual(
      filled.map(({ name, properties }) => [name, properties.DatapointsToAlarm, properties.EvaluationPeriods]),
      [
        ['scan-failed', 1, 3],
        ['chat-dropped', 1, 3],
      ],
    );
  });

  it('count a silence of hours as a missing scan', () => {
    assertions(alone).hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'kubevigil-scan-missing',
      MetricName: 'ScanCompleted',
      Period: 3600,
      EvaluationPeriods: 26,
      TreatMissingData: 'breaching',
    });
    const { properties: missing } = alarms.find(({ name }) => name === 'scan-missing') ?? assert.fail();
    assert.equal(missing.EvaluationPeriods, 74);
  });

  it('and the dashboard read only metrics that a scan writes', () => {
    const read = new Set<string>();
    for (const match of JSON.stringify(hub).matchAll(/\\"kubevigil\\",\\"(\w+)\\"/g)) {
      read.add(match[1] ?? '');
    }
    for (const { properties: alarm } of alarms) {
      if (alarm.Namespace !== 'kubevigil') continue;
      read.add(String(alarm.MetricName));
      // CloudWatch finds a metric only under exactly the dimensions with which it was written.
      const [{ Name, Value }, ...more] = alarm.Dimensions as [{ Name: string; Value: string }];
      assert.deepEqual([more, recorded({ Coverage: 1 }, 'kubevigil').serializeMetrics()[Name]], [[], Value]);
    }
    assert.deepEqual([...read].sort(), Object.keys(METRICS).sort());
  });
});

describe('the dashboard', () => {
  type Widget = { type: string; properties: { title?: string; query?: string; metrics?: unknown[][] } };
  const widgetsOf = (template: Template): Map<string, Widget> => {
    const { widgets } = JSON.parse(properties(template, 'AWS::CloudWatch::Dashboard').DashboardBody) as {
      widgets: Widget[];
    };
    return new Map(widgets.map((widget) => [widget.properties.title ?? '', widget]));
  };
  const names = (widget: Widget | undefined) =>
    (widget?.properties.metrics ?? []).flatMap(([namespace, name]) => (namespace === 'kubevigil' ? [name] : []));

  it('shows nodes by coverage, what is at risk and open, and how long each part took', () => {
    const widgets = widgetsOf(alone);
    assert.deepEqual(names(widgets.get('Nodes by coverage')), ['NodesEvaluated', 'NodesUnreachable', 'NodesIdle']);
    assert.deepEqual(names(widgets.get('Nodes at risk')), ['NodesAtRisk']);
    assert.deepEqual(names(widgets.get('Open findings by severity')), Object.values(OPEN));
    assert.deepEqual(names(widgets.get('Duration of each part, of the slowest target (s)')), Object.values(PHASES));
  });

  it('computes the age of the newest scan from the one metric that each scan writes', () => {
    const age = widgetsOf(alone).get('Age');
    assert.deepEqual(names(age), ['ScanCompleted']);
    const [expression] = (age?.properties.metrics ?? []).flatMap(([first]) =>
      typeof first === 'object' ? [first as { expression?: string }] : [],
    );
    assert.match(
      expression?.expression ?? '',
      /^TIME_SERIES\(\(MAX\(EPOCH\(scans\)\) - MAX\(scans \* EPOCH\(scans\)\)\) \/ 3600\)$/,
    );
  });

  it('lists targets from the log of the coordinator, by the fields that it writes, where there are several', () => {
    assert.equal(widgetsOf(alone).has('Targets'), false);
    const query = widgetsOf(hub).get('Targets')?.properties.query ?? '';
    assert.match(query, new RegExp(`^SOURCE '${idOf(hub, 'AWS::Logs::LogGroup', 'CoordinateLog')}'`, 'i'));
    assert.ok(query.includes(`| filter message = "${TARGET_LINE}"`));
    const [, fields = ''] = /\| fields ([^\n]*)/.exec(query) ?? [];
    assert.deepEqual(fields.split(', '), ['@timestamp', 'account', 'region', ...TARGET_FIELDS]);
    assert.match(query, /\| dedup account, region$/);
  });
});

describe('docs/security.md', () => {
  const file = new URL('../../docs/security.md', import.meta.url);
  const begin = '<!-- permissions: written by UPDATE_DOCS=1 npx node --test test/infra/stacks.test.ts -->\n\n';
  const end = '\n<!-- end of permissions -->';

  it('lists the permissions that the templates give', () => {
    const expected = listing([
      [hub, 'ScanRole', 'The function that scans a target'],
      [hub, 'CoordinateRole', 'The function that coordinates several targets'],
      [member, 'Role', 'The role in a member account and region'],
      [hub, 'ScheduleRole', 'The schedule'],
      [hub, 'SlackRole', 'The Slack channel'],
      [hub, 'CopyRole', 'S3, where a second account keeps a copy'],
    ]);
    const [before = '', rest] = readFileSync(file, 'utf8').split(begin);
    const [listed, after] = rest?.split(end) ?? assert.fail('the marks of the listing are missing');
    if (process.env.UPDATE_DOCS) writeFileSync(file, before + begin + expected + end + after);
    else assert.equal(listed, expected);
  });
});
