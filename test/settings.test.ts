import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { benchmarks } from '../lambda/judging/benchmarks.ts';
import { NODE_TAGS, parseScanSettings, SETTINGS_VARIABLE, SettingsError } from '../lambda/settings.ts';

const HASH = 'ab'.repeat(32);

const SETTINGS = {
  targets: [{ account: '111122223333', region: 'eu-west-1' }],
  tags: [{ key: 'eks:cluster-name' }, { key: 'team', values: ['platform', 'data'] }],
  documentName: 'kubevigil-collect-0123456789abcdef',
  documentVersion: '1',
  documentHash: HASH,
  bucket: 'reports-of-kubevigil',
  topicArn: 'arn:aws:sns:eu-west-1:111122223333:alerts',
};

const parse = (settings: unknown) => parseScanSettings(JSON.stringify(settings));

/** The message of the SettingsError that parsing throws. */
function complaint(json: string | undefined): string {
  try {
    parseScanSettings(json);
  } catch (error) {
    assert.ok(error instanceof SettingsError, String(error));
    return error.message;
  }
  assert.fail('it was accepted');
}

describe('parseScanSettings', () => {
  it('fills in the defaults', () => {
    assert.deepEqual(parse(SETTINGS), {
      ...SETTINGS,
      deliveryTimeoutSeconds: 600,
      concurrency: '100%',
      askAgain: 1,
      targetsAtOnce: 200,
      name: 'kubevigil',
      prefix: '',
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
  });

  it('keeps what is set', () => {
    const set = {
      ...SETTINGS,
      targets: [
        {
          account: '444455556666',
          region: 'us-gov-west-1',
          roleArn: 'arn:aws-us-gov:iam::444455556666:role/path/reader',
          externalId: 'a-secret-of-two',
        },
      ],
      deliveryTimeoutSeconds: 30,
      concurrency: '50',
      askAgain: 3,
      targetsAtOnce: 50,
      name: 'vigil-two',
      prefix: 'team-a/',
      signingKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd',
      shardArn: 'arn:aws:lambda:eu-west-1:111122223333:function:scan:live',
      benchmarks: ['cis-kubernetes-1.5.1', 'cis-eks-1.8.0'],
      formats: ['ocsf'],
      expiryDays: 365,
      rehearse: false,
      hybridNodes: true,
      alertPolicy: 'always',
      populationFallPercent: 25,
      alertMinSeverity: 'high',
      routes: [
        {
          clusters: ['payments-*'],
          accounts: ['111122223333'],
          tags: [{ key: 'team', values: ['data'] }],
          minSeverity: 'medium' as const,
          topicArn: 'arn:aws:sns:eu-west-1:111122223333:data',
          keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
        },
      ],
      reportUrl: 'https://reports.example.com/',
      runbookUrl: 'https://wiki.example.com/runbook',
      timestampAuthorities: ['http://stamps.example.com:8080/tsr'],
      productArn: 'arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default',
      eventBusArn: 'arn:aws:events:eu-west-1:444455556666:event-bus/security',
      waivers: 'waivers.yaml',
    };
    assert.deepEqual(parse(set), set);
  });

  it('takes alternatives of tags, and beginnings of keys', () => {
    const tags = [
      [{ keys: ['eks:cluster-name', 'kubernetes.io/cluster/*'] }, { key: 'a', values: ['b'] }],
      [{ key: 'c' }],
    ];
    assert.deepEqual(parse({ ...SETTINGS, tags }).tags, tags);
    assert.deepEqual(parse({ ...SETTINGS, tags: NODE_TAGS }).tags, NODE_TAGS);
  });

  it('takes every benchmark that there is', () => {
    for (const { name } of benchmarks) {
      assert.deepEqual(parse({ ...SETTINGS, benchmarks: [name] }).benchmarks, [name]);
    }
  });

  it('takes a region of a partition of its own', () => {
    const targets = [{ account: '444455556666', region: 'eusc-de-east-1' }];
    assert.deepEqual(parse({ ...SETTINGS, targets }).targets, targets);
  });

  it('takes the targets that the stack lists, those of a file beside the handler, and those of an organization', () => {
    const role = 'arn:aws:iam::ACCOUNT:role/kubevigil-member-REGION';
    const home = '111122223333/eu-west-1';
    const organization = { id: 'o-a1b2c3d4e5', ous: ['r-ab12', 'ou-ab12-cdef3456'] };
    for (const targets of [
      { home, list: [home] },
      { home, list: [home, '444455556666/eu-west-1'], role, externalId: 'word' },
      { home, file: 'targets.json', role },
    ]) {
      assert.deepEqual(parse({ ...SETTINGS, targets }).targets, targets);
    }
    assert.deepEqual(parse({ ...SETTINGS, targets: { organization, role } }).targets, {
      organization: { ...organization, exclude: [], regions: 'enabled' },
      role,
    });
  });

  const wrong: [change: Record<string, unknown>, line: string][] = [
    [
      { targets: undefined },
      'targets must be an object with list, file or organization, or a list of objects with account and region, but is missing',
    ],
    [{ targets: [] }, 'targets must be a list of 1 to 5000 targets, none of them twice, but is []'],
    [
      { targets: [{ account: 111122223333, region: 'eu-west-1' }] },
      'targets[0].account must be an AWS account id of 12 digits, in quotes, but is 111122223333',
    ],
    [
      { targets: [{ account: '111122223333', region: 'Ireland' }] },
      'targets[0].region must be a region such as "eu-west-1", but is "Ireland"',
    ],
    [
      { targets: [SETTINGS.targets[0], SETTINGS.targets[0]] },
      'targets must be a list of 1 to 5000 targets, none of them twice, but is [{"account":"111122223333","region":"eu-west-1"},{"account":"111122223333","r...',
    ],
    [
      { targets: { home: '111122223333/eu-west-1', list: ['444455556666/eu-west-1'] } },
      'targets must be an object with a role, because it lists targets besides home, but is {"home":"111122223333/eu-west-1","list":["444455556666/eu-west-1"]}',
    ],
    [
      { targets: { home: 'eu-west-1', list: ['111122223333/eu-west-1'] } },
      'targets.home must be an account and region such as "111122223333/eu-west-1", but is "eu-west-1"',
    ],
    [
      { targets: { home: '111122223333/eu-west-1' } },
      'targets must be an object with one of list, file and organization, but is {"home":"111122223333/eu-west-1"}',
    ],
    [
      {
        targets: {
          organization: { id: 'o-a1b2c3d4e5', ous: ['Production'] },
          role: 'arn:aws:iam::ACCOUNT:role/m-REGION',
        },
      },
      'targets.organization.ous[0] must be the id of an organizational unit such as "ou-ab12-cdef3456", or of the root such as "r-ab12", but is "Production"',
    ],
    [
      {
        targets: {
          organization: { id: 'o-a1b2c3d4e5', ous: ['r-ab12'], regions: 'all' },
          role: 'arn:aws:iam::ACCOUNT:role/m-REGION',
        },
      },
      'targets.organization.regions must be "enabled" or a list of 1 to 40 regions, but is "all"',
    ],
    [{ tags: undefined }, 'tags must be a list of 1 to 5 tags, none of them twice, but is missing'],
    [{ tags: [[]] }, 'tags[0] must be a list of 1 to 5 tags, none of them twice, but is []'],
    [{ tags: [{ keys: ['*'] }] }, 'tags[0].keys[0] must be the key of an EC2 tag, or its beginning and *, but is "*"'],
    [{ tags: [{ keys: ['a'], values: ['b'] }] }, 'tags[0].values is not a setting: check its spelling and its place'],
    [{ tags: [] }, 'tags must be a list of 1 to 5 tags, none of them twice, but is []'],
    [
      { tags: ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ key })) },
      'tags must be a list of 1 to 5 tags, none of them twice, but is [{"key":"a"},{"key":"b"},{"key":"c"},{"key":"d"},{"key":"e"},{"key":"f"}]',
    ],
    [
      { tags: ['team'] },
      'tags[0] must be an object like {"key": "team", "values": ["platform"]} or {"key": "eks:cluster-name"}, but is "team"',
    ],
    [
      { tags: [{ key: 'team*' }] },
      'tags[0].key must be the key of an EC2 tag, up to 127 characters without * ? $, but is "team*"',
    ],
    [
      { tags: [{ key: 'aws:autoscaling:groupName' }] },
      'tags[0].key must be the key of an EC2 tag; those that start with "aws:" are reserved, but is "aws:autoscaling:groupName"',
    ],
    [
      { tags: [{ key: 'team', values: ['$' + '{aws:username}'] }] },
      'tags[0].values[0] must be a tag value of 1 to 256 characters without * ? $, but is "$' + '{aws:username}"',
    ],
    [
      { tags: [{ key: 'a+b', values: ['c'] }] },
      'tags[0] must be a tag whose key has letters, digits, spaces and _ . : / = - @ only, because it has values, but is {"key":"a+b","values":["c"]}',
    ],
    [{ tags: [{ key: 'team', value: 'a' }] }, 'tags[0].value is not a setting: check its spelling and its place'],
    [
      { documentName: 'x' },
      'documentName must be the name or ARN of an SSM document, up to 128 characters, but is "x"',
    ],
    [{ documentVersion: 1 }, 'documentVersion must be a version of the SSM document such as "1", but is 1'],
    [
      { documentHash: 'abc' },
      'documentHash must be the SHA-256 of the SSM document, 64 hexadecimal digits, but is "abc"',
    ],
    [
      { deliveryTimeoutSeconds: 10 },
      'deliveryTimeoutSeconds must be seconds, a whole number from 30 to 28800, but is 10',
    ],
    [
      { concurrency: '0%' },
      'concurrency must be a number of nodes or a share of them, in quotes: "50" or "10%", but is "0%"',
    ],
    [{ bucket: 'Reports' }, 'bucket must be the name of an S3 bucket, but is "Reports"'],
    [{ bucket: undefined }, 'bucket must be the name of an S3 bucket, but is missing'],
    [{ prefix: '/reports' }, 'prefix must be empty or a key prefix that ends with a slash, but is "/reports"'],
    [{ topicArn: 'alerts' }, 'topicArn must be an ARN of sns, but is "alerts"'],
    [{ signingKeyArn: 'alias/x' }, 'signingKeyArn must be an ARN of kms, but is "alias/x"'],
    [{ shardArn: 'scan' }, 'shardArn must be an ARN of lambda, but is "scan"'],
    [
      { benchmarks: ['cis-1.5'] },
      'benchmarks[0] must be "auto" or a benchmark such as "cis-kubernetes-1.5.1", but is "cis-1.5"',
    ],
    [{ formats: ['PDF'] }, 'formats[0] must be the name of a format such as "html", but is "PDF"'],
    [
      { expiryDays: 0 },
      'expiryDays must be days before a certificate runs out, a whole number from 1 to 365, but is 0',
    ],
    [
      { routes: [{ topicArn: 'arn:aws:sns:eu-west-1:111122223333:data' }] },
      'routes[0] must be an object with clusters, accounts, tags or minSeverity besides its topic, but is {"topicArn":"arn:aws:sns:eu-west-1:111122223333:data"}',
    ],
    [
      { routes: [{ clusters: ['a'], topicArn: 'arn:aws:sns:eu-west-1:111122223333:data.fifo' }] },
      'routes[0].topicArn must be the ARN of a standard SNS topic such as "arn:aws:sns:eu-central-1:111122223333:payments", but is "arn:aws:sns:eu-west-1:111122223333:data.fifo"',
    ],
    [{ alertMinSeverity: 'big' }, 'alertMinSeverity must be one of critical, high, medium, low, but is "big"'],
    [
      { reportUrl: 'http://x' },
      'reportUrl must be an address such as "https://reports.example.com/", below which the keys of the bucket are, but is "http://x"',
    ],
    [{ runbookUrl: '' }, 'runbookUrl must be an address such as "https://wiki.example.com/runbook", but is ""'],
    [
      { populationFallPercent: 0 },
      'populationFallPercent must be percent of the nodes, a whole number from 1 to 100, but is 0',
    ],
    [{ alertPolicy: 'never' }, 'alertPolicy must be one of changes, always, failures, but is "never"'],
    [{ waivers: '' }, 'waivers must be the path of a YAML file, but is ""'],
    [{ bukcet: 'x' }, 'bukcet is not a setting: check its spelling and its place'],
  ];
  for (const [change, line] of wrong) {
    it(`says: ${line}`, () => {
      assert.equal(complaint(JSON.stringify({ ...SETTINGS, ...change })), `${SETTINGS_VARIABLE}: ${line}`);
    });
  }

  it('says all that is wrong, a line each', () => {
    const lines = complaint(JSON.stringify({ ...SETTINGS, expiryDays: 0, alertPolicy: 1, tags: undefined })).split(
      '\n',
    );
    assert.equal(lines.length, 3);
  });

  it('says when there are no settings', () => {
    assert.equal(complaint(undefined), "KUBEVIGIL_SETTINGS must hold the scan's settings as JSON, but is not set");
    assert.equal(complaint(' '), "KUBEVIGIL_SETTINGS must hold the scan's settings as JSON, but is empty");
    assert.equal(complaint('{'), 'KUBEVIGIL_SETTINGS must hold JSON, but does not parse: "{"');
    assert.equal(complaint('[]'), 'KUBEVIGIL_SETTINGS: the settings must be a JSON object, but is []');
  });

  it('answers any JSON with settings or with its own error, one short line a mistake', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        for (const line of complaint(json).split('\n'))
          assert.ok(line.length < 400 && line.startsWith(SETTINGS_VARIABLE));
      }),
    );
  });
});
