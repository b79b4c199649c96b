/** The constructs as other apps use them: beside other things, without the settings and feature flags of our own app. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { App, type AppProps, Duration, NestedStack, Stack, type StackProps } from 'aws-cdk-lib';
import { type IVpc, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { Kubevigil, KubevigilMember, type KubevigilMemberProps, type KubevigilProps } from '../../infra/cdk.ts';
import { WAIVERS } from '../../infra/handler.ts';
import { parseUserSettings, type UserSettings } from '../../infra/settings.ts';
import { externalIdOf } from '../../lambda/nodes/external-id.ts';
import { parseScanSettings, SettingsError } from '../../lambda/settings.ts';
import { allowed, resolve, resourceStatements, statementsOf, type Template } from './policies.ts';
import { idOf, idsOf } from './synth.ts';

const env = { account: '111122223333', region: 'eu-west-1' };
const folder = mkdtempSync(join(tmpdir(), 'kubevigil-construct-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The template of a stack on which `add` builds; with a stand-in for the handler that the package brings. */
function build(
  add: (stack: Stack) => void,
  { app = {}, stack: props = { env } }: { app?: AppProps; stack?: StackProps } = {},
): { template: Template; told: string[]; outdir: string; context: object } {
  const root = new App({ analyticsReporting: false, ...app });
  const stack = new Stack(root, 'Audit', props);
  add(stack);
  const context = root.node.getAllContext();
  const { stacks, directory: outdir } = root.synth();
  const built = stacks.find(({ stackName }) => stackName === 'Audit');
  const told = built?.messages.map(({ entry }) => String(entry.data)) ?? [];
  return { template: built?.template, told, outdir, context };
}

/** A bucket that the app makes, as the default settings lock theirs but for how long. */
const locked = (stack: Stack, days: number, encryptionKey: Key): IBucket =>
  new Bucket(stack, 'Reports', {
    objectLockEnabled: true,
    objectLockDefaultRetention: ObjectLockRetention.governance(Duration.days(days)),
    encryptionKey,
  }) as IBucket;

const scan = (stack: Stack, props: KubevigilProps = {}, id = 'Scan') =>
  new Kubevigil(stack, id, { handler: import.meta.dirname, ...props });

describe('Kubevigil in another app', () => {
  const alone = build((stack) => scan(stack)).template;

  it('is what the snapshot says: no id of it changes unnoticed, because what is kept would be made anew', (t) => {
    const lines = Object.entries(alone.Resources)
      .filter(([, { Type }]) => Type !== 'AWS::Lambda::Version' && Type !== 'AWS::SSM::Document')
      .map(([id, { Type }]) => `${id} ${Type}`);
    t.assert.snapshot(lines.sort());
  });

  it('has no effect on what else is in the app', () => {
    const others = (stack: Stack) => {
      new Bucket(stack, 'Theirs');
      new Topic(new Stack(stack.node.root as App, 'Elsewhere'), 'Topic');
    };
    const without = build(others);
    const beside = build((stack) => {
      others(stack);
      scan(stack, { permissionsBoundary: 'company-boundary' });
    });
    assert.deepEqual(beside.context, without.context);
    for (const [id, resource] of Object.entries(without.template.Resources)) {
      assert.deepEqual(beside.template.Resources[id], resource);
    }
    const stackOf = (outdir: string) => readFileSync(join(outdir, 'Elsewhere.template.json'), 'utf8');
    assert.equal(stackOf(beside.outdir), stackOf(without.outdir));
    assert.doesNotMatch(JSON.stringify(beside.template), /"Key":"application"/, 'no tags');
  });

  it('is the same whatever flags the app has, but for how stacks write partitions and sort policies', () => {
    const plain = (value: unknown): unknown => {
      const order = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
      if (Array.isArray(value)) return value.map(plain).sort(order);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
    };
    const { '@aws-cdk/core:enablePartitionLiterals': _, ...context } = flags;
    const { template } = build((stack) => scan(stack), { app: { context } });
    assert.deepEqual(plain(template.Resources), plain(alone.Resources));
  });

  it('stands twice in a stack, under two names', () => {
    const { template } = build((stack) => {
      scan(stack);
      scan(stack, { name: 'audit', tags: [{ key: 'team' }] }, 'Second');
    });
    assert.equal(idsOf(template, 'AWS::Lambda::Function').length, 2);
    const names = idsOf(template, 'AWS::SSM::Document').map((id) => template.Resources[id]?.Properties?.Name);
    assert.equal(new Set(names).size, names.length);
  });

  it('shows what it made, and each is what the functions use', () => {
    let made: Kubevigil | undefined;
    const { template } = build((stack) => {
      made = scan(stack);
    });
    const stack = Stack.of(made as Kubevigil);
    const id = (reference: string) => (stack.resolve(reference) as { Ref: string }).Ref;
    const { bucket, topic, alarmTopic, function: start, alarms } = made as Kubevigil;
    const settings = parseScanSettings(
      (
        resolve(template, template.Resources[idOf(template, 'AWS::Lambda::Function')]?.Properties ?? null) as {
          Environment: { Variables: Record<string, string> };
        }
      ).Environment.Variables.KUBEVIGIL_SETTINGS,
    );
    assert.equal(settings.bucket, id(bucket.bucketName).toLowerCase());
    assert.ok(settings.topicArn.endsWith(`:${id(topic.topicArn)}`));
    assert.equal(id(start.functionArn), idOf(template, 'AWS::Lambda::Alias'));
    assert.deepEqual(
      alarms.map(({ alarmName }) => id(alarmName)).sort(),
      idsOf(template, 'AWS::CloudWatch::Alarm').sort(),
    );
    for (const alarm of alarms) {
      assert.deepEqual(template.Resources[id(alarm.alarmName)]?.Properties?.AlarmActions, [
        { Ref: id(alarmTopic.topicArn) },
      ]);
    }
  });

  it('names its functions in policies by what CloudFormation will call them', () => {
    const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:';
    const keyOf = (template: Template) => {
      const key =
        template.Resources[idsOf(template, 'AWS::KMS::Key').find((id) => /DataKey/.test(id)) ?? '']?.Properties;
      return JSON.stringify(resolve(template, key ?? null));
    };
    assert.ok(keyOf(alone).includes(`${arn}Audit-*`));
    const root = new App({ analyticsReporting: false });
    scan(new Stack(root, 'a-name-of-more-than-24-characters', { env }));
    scan(new NestedStack(new Stack(root, 'Around', { env }), 'Inner'));
    const { directory } = root.synth();
    const texts = readdirSync(directory)
      .filter((file) => file.endsWith('.template.json'))
      .map((file) => readFileSync(join(directory, file), 'utf8'));
    assert.ok(texts.some((text) => text.includes(`:function:a-name-of-more-t*`)));
    assert.ok(texts.some((text) => text.includes(`:function:Around*`)));
  });

  it('takes what the app has: bucket, keys, topics and subnets, and adds to their policies what it needs', () => {
    let vpc: IVpc | undefined;
    const { template, told } = build((stack) => {
      vpc = new Vpc(stack, 'Network', { maxAzs: 1 }) as IVpc;
      const dataKey = new Key(stack, 'OurKey');
      const bucket = locked(stack, 400, dataKey);
      const alarmTopic = new Topic(stack, 'Pager', { masterKey: dataKey }) as ITopic;
      scan(stack, {
        emails: ['ops@example.com'],
        existing: { bucket, prefix: 'kubevigil/', dataKey, alarmTopic },
        vpc: { subnets: vpc.privateSubnets, securityGroups: [new SecurityGroup(stack, 'Group', { vpc })] },
      });
    });
    assert.deepEqual(idsOf(template, 'AWS::S3::Bucket').length, 1);
    assert.deepEqual(idsOf(template, 'AWS::KMS::Key', 'Scan').length, 1, 'the key that signs');
    const bucket = idOf(template, 'AWS::S3::Bucket', 'Reports');
    const policy = resourceStatements(template, 'AWS::S3::BucketPolicy', 'Bucket', bucket);
    assert.ok(policy.some((statement) => JSON.stringify(statement).includes('kubevigil/scans/*')));
    const role = statementsOf(template, idOf(template, 'AWS::IAM::Role', 'ScanScanRole'));
    const put = { action: 's3:PutObject', context: { 's3:if-none-match': '*' } };
    const at = (key: string) => `arn:aws:s3:::${bucket.toLowerCase()}/${key}`;
    assert.equal(allowed(role, { ...put, resource: at('kubevigil/scans/a') }), true);
    assert.equal(allowed(role, { ...put, resource: at('scans/a') }), false);
    const { VpcConfig } = template.Resources[idOf(template, 'AWS::Lambda::Function', 'Scan')]?.Properties ?? {};
    const { SubnetIds = [] } = VpcConfig as unknown as { SubnetIds?: { Ref: string }[] };
    assert.deepEqual(
      SubnetIds.map(({ Ref }) => template.Resources[Ref]?.Type),
      ['AWS::EC2::Subnet'],
    );
    assert.deepEqual(told, [], 'all owners are in the app');
  });

  const unfit: [what: string, bucket: (stack: Stack, dataKey: Key) => IBucket][] = [
    ['without Object Lock', (stack) => new Bucket(stack, 'Reports') as IBucket],
    [
      'with Object Lock that locks nothing',
      (stack, encryptionKey) => new Bucket(stack, 'Reports', { objectLockEnabled: true, encryptionKey }) as IBucket,
    ],
    ['that locks for a shorter time', (stack, dataKey) => locked(stack, 30, dataKey)],
    ['with another key', (stack) => locked(stack, 400, new Key(stack, 'OtherKey'))],
  ];
  for (const [what, bucket] of unfit) {
    it(`tells the owner of a bucket ${what}`, () => {
      const { told } = build((stack) => {
        const dataKey = new Key(stack, 'OurKey');
        scan(stack, { emails: ['ops@example.com'], existing: { bucket: bucket(stack, dataKey), dataKey } });
      });
      assert.match(told.join(), /kubevigil:owner:bucket/);
    });
  }

  it('has the waivers beside the handler', () => {
    const waivers = join(folder, 'ours.yml');
    writeFileSync(waivers, 'waivers: []\n');
    const { outdir } = build((stack) => scan(stack, { waivers }));
    const [asset, ...more] = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
    assert.deepEqual(more, []);
    assert.ok(readdirSync(join(outdir, asset ?? '')).includes(WAIVERS));
  });

  const wrong: [what: string, props: KubevigilProps, stack: StackProps, line: string][] = [
    ['a wrong word', { schedule: 'daily' }, { env }, '.schedule must be a schedule such as'],
    [
      'targets of a stack of no place',
      { targets: [{ ...env, regions: ['eu-west-1'] }] },
      {},
      '.targets, organization and copy need a stack',
    ],
    ['a prefix without its bucket', { existing: { prefix: 'a/' } }, { env }, '.existing.prefix must be set with'],
  ];
  for (const [what, props, stack, line] of wrong) {
    it(`refuses ${what}, and says where`, () =>
      assert.throws(
        () => build((each) => scan(each, props), { stack }),
        (error: Error) => error instanceof SettingsError && error.message.startsWith(`Audit/Scan: kubevigil${line}`),
      ));
  }

  it('refuses a key of another region', () => {
    const arn = 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555';
    assert.throws(
      () => build((stack) => scan(stack, { existing: { dataKey: Key.fromKeyArn(stack, 'K', arn) } })),
      /^SettingsError: Audit\/Scan: kubevigil\.existing\.dataKeyArn must be in the region of the scanner, eu-west-1/,
    );
  });
});

describe('KubevigilMember in another app', () => {
  const scanner = { account: '444455556666', region: 'eu-central-1' };
  const member = (props: Partial<KubevigilMemberProps> = {}, stack: StackProps = { env }) =>
    build((each) => new KubevigilMember(each, 'Member', { scanner, ...props }), { stack }).template;

  it('lets the scanner in with the external id of this place, and nobody else', () => {
    const template = member({ externalId: 'shared-word' });
    const id = idOf(template, 'AWS::IAM::Role');
    const role = template.Resources[id]?.Properties;
    assert.equal(role?.RoleName, 'kubevigil-member-eu-west-1');
    assert.match(JSON.stringify(role?.AssumeRolePolicyDocument), /444455556666:role\/kubevigil-scan-eu-central-1/);
    const { Mappings } = template as unknown as { Mappings: Record<string, unknown> };
    assert.deepEqual(Object.values(Mappings), [{ 'eu-west-1': { '111122223333': externalIdOf('shared-word', env) } }]);
  });

  it('takes the word before, too, until it is taken away', () => {
    const template = member({ externalId: 'new-word', previousExternalId: 'old-word' });
    const { Mappings } = template as unknown as { Mappings: Record<string, Record<string, Record<string, string>>> };
    const document = template.Resources[idOf(template, 'AWS::IAM::Role')]?.Properties?.AssumeRolePolicyDocument as {
      Statement: { Condition: { StringEquals: { 'sts:ExternalId': (string | { 'Fn::FindInMap': [string] })[] } } }[];
    };
    const ids = document.Statement[0]?.Condition.StringEquals['sts:ExternalId'].map((id) =>
      typeof id === 'string' ? id : Mappings[id['Fn::FindInMap'][0]]?.['eu-west-1']?.['111122223333'],
    );
    assert.deepEqual(ids, [externalIdOf('new-word', env), 'new-word', externalIdOf('old-word', env), 'old-word']);
  });

  it('must know its place, or the places that its template serves', () => {
    assert.throws(() => member({}, {}), /^SettingsError: Audit\/Member: kubevigil\.targets must be given/);
    const template = member({ targets: [{ account: '777788889999', regions: ['us-east-1'] }] }, {});
    assert.match(JSON.stringify(template), /"us-east-1":\{"777788889999"/);
  });
});

describe('the props', () => {
  /** Settings that are no props, because the stack of the construct says them. */
  type Missing = Exclude<keyof UserSettings, keyof KubevigilProps | 'hub'>;

  it('are the settings, each with a sentence and with the default that it has', () => {
    const none: [Missing] extends [never] ? true : never = true;
    assert.ok(none);
    const text = readFileSync(new URL('../../infra/props.ts', import.meta.url), 'utf8');
    const defaults = parseUserSettings({}) as unknown as Record<string, unknown>;
    const retention = parseUserSettings({}).retention as Record<string, unknown>;
    const interfaces = [...text.matchAll(/export interface (\w+) \{\n([\s\S]*?)\n\}/g)];
    assert.equal(interfaces.length, 7);
    let compared = 0;
    for (const [, of, body = ''] of interfaces) {
      const properties = [...body.matchAll(/^ {2}(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2})?readonly (\w+)(\??):/gm)];
      assert.ok(properties.length > 1, of);
      for (const [, comment = '', name = '', optional] of properties) {
        assert.match(comment, /[A-Z][^@]*[.;]/, `${of}.${name} has no sentence`);
        if (optional === '') continue;
        const [, said] = /@default (.+?)\s*$/.exec(comment.replaceAll(/\s*\n\s*\*?\s*/g, ' ')) ?? [];
        assert.ok(said, `${of}.${name} does not state its default`);
        if (said.startsWith('-') || ['KubevigilRoute', 'KubevigilAccounts'].includes(of ?? '')) continue;
        const actual = of === 'KubevigilRetention' ? retention[name] : defaults[name];
        assert.deepEqual(JSON.parse(said.replaceAll("'", '"')), actual, `${of}.${name}`);
        compared++;
      }
    }
    assert.ok(compared > 15, String(compared));
  });
});
