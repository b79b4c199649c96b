/** Settings that are right and wrong. Long because each setting has its wrong case. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseUserSettings } from '../../infra/settings.ts';
import { FORMAT_NAMES } from '../../lambda/formats/formats.ts';
import { NODE_TAGS, SettingsError } from '../../lambda/settings.ts';

const HUB = { account: '111122223333', region: 'eu-west-1' };

function complaint(value: unknown): string {
  try {
    parseUserSettings(value);
  } catch (error) {
    assert.ok(error instanceof SettingsError, String(error));
    return error.message;
  }
  assert.fail('it was accepted');
}

/** Runs the CDK app as the CDK's command line does (aws-cdk, "exec.ts"): the context is in its environment. */
function synth(kubevigil: unknown) {
  const CDK_CONTEXT_JSON = JSON.stringify({ kubevigil });
  const app = fileURLToPath(new URL('../../infra/app.ts', import.meta.url));
  const env = { ...process.env, CDK_CONTEXT_JSON, CDK_OUTDIR: mkdtempSync(join(tmpdir(), 'kubevigil-')) };
  return spawnSync(process.execPath, [app], { env, encoding: 'utf8' });
}

test('a wrong setting ends the synthesis with its line and nothing else', () => {
  const { status, stdout, stderr } = synth('{"alertPolicy": "never"}');
  const line = 'cdk.json: kubevigil.alertPolicy must be one of changes, always, failures, but is "never"\n';
  assert.deepEqual([status, stdout, stderr], [1, '', line]);
});

for (const timeZone of ['UTC', 'Europe/Paris', 'US/Eastern', 'Etc/GMT+5']) {
  test(`the time zone ${timeZone} is one`, () => assert.equal(parseUserSettings({ timeZone }).timeZone, timeZone));
}

describe('the settings in cdk.json', () => {
  it('have defaults: this account and region, every night at two', () => {
    const defaults = {
      schedule: 'cron(0 2 * * ? *)',
      timeZone: 'UTC',
      flexibleWindowMinutes: 0,
      name: 'kubevigil',
      tags: NODE_TAGS,
      externalId: 'kubevigil',
      benchmarks: ['auto'],
      formats: ['json', 'csv', 'html'],
      expiryDays: 30,
      rehearse: true,
      hybridNodes: false,
      concurrency: '100%',
      askAgain: 1,
      targetsAtOnce: 200,
      deliveryTimeoutSeconds: 600,
      retention: { mode: 'governance', days: 400, logDays: 90 },
      emails: [],
      existing: {},
      alertPolicy: 'changes',
      populationFallPercent: 10,
      alertMinSeverity: 'low',
      routes: [],
      timestampAuthorities: [],
      securityHub: false,
      alarms: { silentHours: 26, coveragePercent: 90 },
    };
    assert.deepEqual(parseUserSettings(undefined), defaults);
    assert.deepEqual(parseUserSettings({}), defaults);
  });

  it('may be given on the command line, as JSON', () => {
    assert.equal(parseUserSettings('{"alertPolicy": "always"}').alertPolicy, 'always');
  });

  const schedules = [
    'rate(1 hour)',
    'rate(12 hours)',
    'rate(7 days)',
    'rate(15 minutes)',
    'cron(30 1 * * ? *)',
    'cron(0 2 ? * MON-FRI *)',
    'cron(0 2 1,15 * ? *)',
    'cron(0/30 2-4 ? 1-6 SUN 2026-2030)',
    'cron(0 2 L * ? *)',
    'cron(0 2 ? * 6L *)',
    'cron(0 2 ? * 2#1 *)',
    'cron(0 2 3W * ? *)',
  ];
  for (const schedule of schedules) {
    it(`take the schedule ${schedule}`, () => assert.equal(parseUserSettings({ schedule }).schedule, schedule));
  }

  const badSchedules = [
    'daily',
    'rate(0 hours)',
    'rate(5 minutes)',
    'rate(1 week)',
    'cron(0 2 * * *)',
    'cron(0 2 * * * *)',
    'cron(0 2 ? * ? *)',
    'cron(60 2 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 2 32 * ? *)',
    'cron(0 2 * 13 ? *)',
    'cron(0 2 ? * 8 *)',
    'cron(0 2 ? * 3#1,6#3 *)',
    'cron(0 2 * * ? 1969)',
    'cron(0/0 2 * * ? *)',
    'cron(-1 2 * * ? *)',
    'cron(1-2-3 2 * * ? *)',
    'cron(0  2 * * ? *)',
    'cron(0 2 31 2 ? *)',
    'cron(0/10 2 * * ? *)',
    'cron(0 2 * * ? * *)',
  ];
  for (const schedule of badSchedules) {
    it(`refuse the schedule ${schedule}`, () => {
      const expected = 'must be a schedule such as "cron(0 2 * * ? *)" or "rate(12 hours)"';
      assert.equal(complaint({ schedule }), `cdk.json: kubevigil.schedule ${expected}, but is "${schedule}"`);
    });
  }

  const silences: [schedule: string, hours: number | undefined][] = [
    ['rate(1 hour)', 3],
    ['cron(0 2,14 * * ? *)', 14],
    ['cron(0 2 ? * MON-FRI *)', 74],
    ['rate(6 days)', 146],
    ['cron(0 2 ? * SUN *)', undefined],
    ['cron(0 2 * * ? 2026-2030)', 26],
  ];
  for (const [schedule, hours] of silences) {
    it(`alarm ${hours === undefined ? 'of no missing scan' : `after ${hours} hours without a scan`} with ${schedule}`, () => {
      assert.equal(parseUserSettings({ schedule }).alarms.silentHours, hours);
    });
  }

  it('alarm later where scans may start or end later', () => {
    assert.equal(parseUserSettings({ flexibleWindowMinutes: 90 }).alarms.silentHours, 28);
    assert.equal(parseUserSettings({ deliveryTimeoutSeconds: 28_800 }).alarms.silentHours, 42);
  });

  it('may alarm later than the schedule needs', () => {
    assert.equal(parseUserSettings({ alarms: { silentHours: 100 } }).alarms.silentHours, 100);
  });

  const TARGET = { account: '444455556666', regions: ['eu-west-1'] };
  const wrong: [settings: unknown, line: string][] = [
    [[], ' must be an object of settings, but is []'],
    ['"nightly"', ' must be an object of settings, but is "nightly"'],
    ['null', ' must be an object of settings, but is null'],
    [
      '{"emails": [}',
      ` must be an object of settings, or one as JSON: Unexpected token '}', "{"emails": [}" is not valid JSON`,
    ],
    [{ schedul: 'rate(1 day)' }, '.schedul is not a setting: check its spelling and its place'],
    [{ timeZone: 'Mars/Olympus' }, '.timeZone must be a time zone such as "Europe/Paris", but is "Mars/Olympus"'],
    [{ timeZone: 'europe/Paris' }, '.timeZone must be a time zone such as "Europe/Paris", but is "europe/Paris"'],
    [{ timeZone: 'Europe/paris' }, '.timeZone must be a time zone such as "Europe/Paris", but is "Europe/paris"'],
    [{ timeZone: '+02:00' }, '.timeZone must be a time zone such as "Europe/Paris", but is "+02:00"'],
    [
      { flexibleWindowMinutes: 1441 },
      '.flexibleWindowMinutes must be minutes, a whole number from 0 to 1440, but is 1441',
    ],
    [{ tags: {} }, '.tags must be a list of 1 to 5 tags, none of them twice, but is {}'],
    [
      { hub: { account: '1', region: 'eu-west-1' } },
      '.hub.account must be an AWS account id of 12 digits, in quotes, but is "1"',
    ],
    [{ hub: { account: '111122223333' } }, '.hub.region must be a region such as "eu-west-1", but is missing'],
    [
      { targets: [TARGET] },
      '.hub must be the account and region of the scanner itself where targets are set, but is missing',
    ],
    [{ hub: HUB, targets: [] }, '.targets must be a list of 1 to 200 targets, none of them twice, but is []'],
    [
      { hub: HUB, targets: [{ account: '444455556666' }] },
      '.targets[0].regions must be a list of 1 to 40 regions, none of them twice, but is missing',
    ],
    [
      { hub: HUB, targets: [{ account: '444455556666', regions: ['eu'] }] },
      '.targets[0].regions[0] must be a region such as "eu-west-1", but is "eu"',
    ],
    [
      { hub: HUB, targets: [TARGET, { ...TARGET, regions: ['eu-west-2'] }] },
      '.targets must name each account once, with all of its regions, but names 444455556666 twice',
    ],
    [
      { previousExternalId: '' },
      '.previousExternalId must be an external id of 2 to 200 letters, digits and +=,.@:/-, but is ""',
    ],
    [{ externalId: 'x' }, '.externalId must be an external id of 2 to 200 letters, digits and +=,.@:/-, but is "x"'],
    [{ benchmarks: 'auto' }, '.benchmarks must be a list of 1 to 20 benchmarks, none of them twice, but is "auto"'],
    [
      { formats: ['json', 'json'] },
      '.formats must be a list of 0 to 20 formats, none of them twice, but is ["json","json"]',
    ],
    [{ formats: ['pdf'] }, `.formats must name some of ${FORMAT_NAMES.join(', ')}, but names pdf`],
    [
      { expiryDays: 1.5 },
      '.expiryDays must be days before a certificate runs out, a whole number from 1 to 365, but is 1.5',
    ],
    [
      { waivers: 'waivers.json' },
      '.waivers must be the path of a YAML file (its name ends with .yaml), but is "waivers.json"',
    ],
    [
      { benchmarks: ['cis-kubernetes-9.9'] },
      '.benchmarks must name benchmarks that are known, but cis-kubernetes-9.9 is not: `npm start -- rules` lists them',
    ],
    [{ waivers: 'no-such.yaml' }, '.waivers must be a file that can be read, but no-such.yaml cannot be read (ENOENT)'],
    [
      { tags: Array.from({ length: 2 }, (_, of) => ({ keys: ['a', 'b', 'c', 'd'].map((key) => `${key}${of}`) })) },
      '.tags must be met in at most 10 ways, each a statement of a policy, but can be in 16',
    ],
    [
      { name: 'Vigil' },
      '.name must be a name of 2 to 24 lower-case letters, digits and dashes that begins with a letter, but is "Vigil"',
    ],
    [{ permissionsBoundary: 'a b' }, '.permissionsBoundary must be the name of a managed policy, but is "a b"'],
    [
      { vpc: { subnetIds: ['subnet-1'], securityGroupIds: ['sg-0123456789abcdef0'] } },
      '.vpc.subnetIds[0] must be the id of a subnet, but is "subnet-1"',
    ],
    [
      { retention: { breakGlassRole: 'arn:aws:iam::111122223333:role/Last' } },
      '.retention.breakGlassRole must be set in the mode compliance only, but the mode is governance',
    ],
    [
      {
        hub: { account: HUB.account, region: 'us-gov-west-1' },
        slack: { workspaceId: 'T01234567', channelId: 'C01234567' },
      },
      '.slack must not be set in AWS GovCloud (US), where Amazon Q Developer in chat applications is not: subscribe a function to the topic AlertTopic',
    ],
    [
      { hub: HUB, targets: [{ account: HUB.account, regions: ['cn-north-1'] }] },
      '.targets must be in the partition of the scanner, AWS, but cn-north-1 is in AWS China: deploy a scanner there',
    ],
    [{ existing: { bucket: 'Acme' } }, '.existing.bucket must be the name of an S3 bucket, but is "Acme"'],
    [{ askAgain: 4 }, '.askAgain must be further waves, a whole number from 0 to 3, but is 4'],
    [
      { targetsAtOnce: 2000 },
      '.targetsAtOnce must be accounts and regions at a time, a whole number from 1 to 1000, but is 2000',
    ],
    [
      { concurrency: '5' },
      '.concurrency, deliveryTimeoutSeconds and askAgain must let 10000 nodes answer within 20 hours, but 5 at a time are 2000 rounds of 60 s, with 600 s of delivery, asked up to 2 times: 68 hours',
    ],
    [
      { concurrency: 50 },
      '.concurrency must be a number of nodes or a share of them, in quotes: "50" or "10%", but is 50',
    ],
    [
      { deliveryTimeoutSeconds: '600' },
      '.deliveryTimeoutSeconds must be seconds, a whole number from 30 to 28800, but is "600"',
    ],
    [
      { retention: 400 },
      '.retention must be an object with mode, days, breakGlassRole, glacierAfterDays or logDays, but is 400',
    ],
    [{ retention: { mode: 'forever' } }, '.retention.mode must be one of governance, compliance, but is "forever"'],
    [{ retention: { days: 0 } }, '.retention.days must be days, a whole number from 1 to 3650, but is 0'],
    [
      { retention: { days: 90, glacierAfterDays: 90 } },
      '.retention.glacierAfterDays must be less than kubevigil.retention.days, which is 90, but is 90',
    ],
    [
      { retention: { logDays: 100 } },
      '.retention.logDays must be a number of days that CloudWatch Logs knows, such as 30, 90 or 365, but is 100',
    ],
    [{ emails: ['ops'] }, '.emails[0] must be an e-mail address, but is "ops"'],
    [{ emails: ['<a@b.example>'] }, '.emails[0] must be an e-mail address, but is "<a@b.example>"'],
    [{ emails: ['a@b.example>'] }, '.emails[0] must be an e-mail address, but is "a@b.example>"'],
    [{ slack: 'C01234567' }, '.slack must be an object with workspaceId and channelId, but is "C01234567"'],
    [
      { slack: { workspaceId: 'T01234567' } },
      '.slack.channelId must be the id of a Slack channel such as "C01234567", but is missing',
    ],
    [
      { slack: { workspaceId: 'acme', channelId: 'C01234567' } },
      '.slack.workspaceId must be the id of a Slack workspace such as "T01234567", but is "acme"',
    ],
    [
      { slack: { workspaceId: 'T01234567-x', channelId: 'C01234567' } },
      '.slack.workspaceId must be the id of a Slack workspace such as "T01234567", but is "T01234567-x"',
    ],
    [
      { slack: { workspaceId: 'T01234567', channelId: 'C01234567-x' } },
      '.slack.channelId must be the id of a Slack channel such as "C01234567", but is "C01234567-x"',
    ],
    [
      { routes: [{ clusters: ['a'], topicArn: 'payments' }] },
      '.routes[0].topicArn must be the ARN of a standard SNS topic such as "arn:aws:sns:eu-central-1:111122223333:payments", but is "payments"',
    ],
    [{ alertMinSeverity: 'big' }, '.alertMinSeverity must be one of critical, high, medium, low, but is "big"'],
    [
      { reportUrl: 'http://x' },
      '.reportUrl must be an address such as "https://reports.example.com/", below which the keys of the bucket are, but is "http://x"',
    ],
    [
      { timestampAuthorities: ['ftp://stamps.example.com'] },
      '.timestampAuthorities[0] must be an address such as "https://freetsa.org/tsr", but is "ftp://stamps.example.com"',
    ],
    [{ securityHub: 'yes' }, '.securityHub must be true or false, but is "yes"'],
    [
      { eventBusArn: 'security' },
      '.eventBusArn must be the ARN of an EventBridge bus such as "arn:aws:events:eu-central-1:111122223333:event-bus/security", but is "security"',
    ],
    [{ runbookUrl: '' }, '.runbookUrl must be an address such as "https://wiki.example.com/runbook", but is ""'],
    [{ rehearse: 'no' }, '.rehearse must be true or false, but is "no"'],
    [{ hybridNodes: 1 }, '.hybridNodes must be true or false, but is 1'],
    [
      { populationFallPercent: 101 },
      '.populationFallPercent must be percent of the nodes, a whole number from 1 to 100, but is 101',
    ],
    [{ alertPolicy: true }, '.alertPolicy must be one of changes, always, failures, but is true'],
    [
      { schedule: 'cron(0 2 ? * MON-FRI *)', alarms: { silentHours: 26 } },
      '.alarms.silentHours must be more than the 72 hours that may pass between two scans of the schedule, but is 26',
    ],
    [{ alarms: { silentHours: 169 } }, '.alarms.silentHours must be hours, a whole number from 2 to 168, but is 169'],
    [
      { alarms: { coveragePercent: 101 } },
      '.alarms.coveragePercent must be a percentage, a whole number from 0 to 100, but is 101',
    ],
  ];
  for (const [settings, line] of wrong) {
    it(`say: kubevigil${line}`, () => assert.equal(complaint(settings), `cdk.json: kubevigil${line}`));
  }

  it('say what is wrong inside the waivers file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'kubevigil-')), 'waivers.yaml');
    writeFileSync(file, 'waivers: 1\n');
    assert.ok(complaint({ waivers: file }).startsWith(`cdk.json: kubevigil.waivers: ${file}:1: `));
  });

  it('are all in docs/deploy.md, with their defaults', () => {
    const guide = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    const rows = new Map(
      [...guide.matchAll(/^\| `([\w.]+)` \| (.*?) \|/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    const { retention, alarms, emails, existing, ...others } = parseUserSettings({});
    assert.deepEqual([emails, existing], [[], {}]);
    const defaults = new Map<string, unknown>(Object.entries(others));
    for (const [name, value] of Object.entries(retention)) defaults.set(`retention.${name}`, value);
    for (const [name, value] of Object.entries(alarms)) defaults.set(`alarms.${name}`, value);
    for (const [name, value] of defaults) {
      assert.deepEqual(JSON.parse(rows.get(name)?.replaceAll('`', '') ?? 'null'), value, name);
      rows.delete(name);
    }
    const without = [
      'copy.account',
      'copy.keyArn',
      'copy.region',
      'emails',
      'eventBusArn',
      'existing.alarmTopicArn',
      'existing.alertTopicArn',
      'existing.alertTopicKeyArn',
      'existing.bucket',
      'existing.dataKeyArn',
      'existing.prefix',
      'existing.signingKeyArn',
      'hub',
      'organization',
      'permissionsBoundary',
      'previousExternalId',
      'reportUrl',
      'retention.breakGlassRole',
      'retention.glacierAfterDays',
      'runbookUrl',
      'slack',
      'targets',
      'vpc',
      'waivers',
    ];
    assert.deepEqual([...rows.keys()].sort(), without);
  });

  it('have a wrong case for each setting', () => {
    const named = new Set(wrong.map(([, line]) => /^\.(\w+)/.exec(line)?.[1]));
    const every = [
      ...Object.keys(parseUserSettings({})),
      'hub',
      'targets',
      'waivers',
      'slack',
      'vpc',
      'permissionsBoundary',
    ];
    assert.deepEqual(
      every.filter((setting) => setting !== 'schedule' && !named.has(setting)),
      [],
    );
  });
});
