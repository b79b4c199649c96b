/** `kubevigil scan` as a person uses it. Long because runs of the command are shared by many assertions. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { scanCommand } from '../../cli/scan.ts';
import { verifyCommand } from '../../cli/verify.ts';
import { parseWaivers } from '../../lambda/judging/waivers.ts';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { collector } from '../../lambda/nodes/script.ts';
import { judgeLine } from '../../lambda/results/judge-line.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';
import type { Summary } from '../../lambda/results/summary.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';
import { collect } from '../../simulator/collector.ts';
import { kubeadm } from '../../simulator/fleet/images.ts';
import { embeddedFleet } from '../../simulator/fleet/nodes.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';
import { ajv, published } from '../results/published.ts';
import { capture } from './capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-scan-'));
const CLI = fileURLToPath(new URL('../../cli/cli.ts', import.meta.url));
after(() => rmSync(folder, { recursive: true, force: true }));

async function scan(...args: string[]) {
  const to = capture();
  const code = await scanCommand(args, to, async () => {});
  return { code, ...to };
}

function readLines(out: string, { scanId }: Summary, kind: string): NodeLine[] {
  const date = `${scanId.slice(0, 4)}/${scanId.slice(4, 6)}/${scanId.slice(6, 8)}`;
  const path = join(out, 'reports/scans', date, scanId, kind, '111122223333-eu-central-1.ndjson.gz');
  return gunzipSync(readFileSync(path))
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** What the table must say of each node of the embedded fleet: its status for 4.2.11, and why. */
const EXPECTED: Record<string, [string, RegExp]> = {
  'shop-workers-1': ['not-applicable', /exec plugin aws of \/var\/lib\/kubelet\/kubeconfig/],
  'shop-workers-2': ['not-applicable', /exec plugin aws of/],
  'shop-rotation-forced': ['not-applicable', /exec plugin aws of/],
  'shop-legacy-al2': ['not-applicable', /exec plugin \/usr\/bin\/aws-iam-authenticator/],
  'payments-good': ['pass', /true from \/var\/lib\/kubelet\/config\.yaml/],
  'payments-flag-false': ['fail', /false from flag --rotate-certificates=false/],
  'payments-flag-underscore': ['fail', /false from flag --rotate_certificates=0/],
  'payments-drop-in': ['fail', /90-hotfix\.conf, which overrides true from \/var\/lib\/kubelet\/config\.yaml/],
  'payments-unset': ['pass', /the kubelet's default/],
  'payments-external-ca': ['manual', /\/etc\/corporate-pki\/node\.pem/],
  'payments-broken-config': ['error', /kubelet-restart tells/],
  'payments-no-agent': ['not-managed', /No SSM agent has registered/],
  'payments-agent-lost': ['delivery-timed-out', /not delivered in time/],
  'payments-bastion': ['no-kubelet', /no kubelet process was found/],
  'payments-cut-answer': ['bad-answer', /cut or garbled/],
  'payments-overloaded': ['execution-timed-out', /did not end within 60 seconds/],
};

test('the embedded fleet: every node once, with the right status and a reason that names file or flag', async () => {
  const out = join(folder, 'fleet');
  const first = await scan('--out', out, '--json');
  assert.equal(first.code, 0, first.stderr);
  const summary: Summary = JSON.parse(first.stdout);
  const lines = readLines(out, summary, 'findings');
  const names = Object.keys(EXPECTED);
  assert.deepEqual(lines.map(({ node }) => node.name).sort(), [...names].sort());
  for (const line of lines) {
    const [status, why] = EXPECTED[line.node.name ?? ''] ?? ['', /^$/];
    const finding = line.findings.find(({ rule }) => rule === 'rotate-client-certificates');
    assert.equal(finding?.status ?? line.reason, status, line.node.name);
    assert.match(finding?.reason ?? line.detail ?? '', why);
    assert.equal(line.node.cluster, line.node.name?.split('-')[0]);
  }
  const found = (name: string, rule: string) =>
    lines.find(({ node }) => node.name === name)?.findings.find((each) => each.rule === rule);
  assert.deepEqual(
    found('payments-unset', 'rotate-client-certificates')?.advisories.map(({ id }) => id),
    ['unset-means-off'],
  );
  const restarts = lines.filter(({ findings }) =>
    findings.some(({ rule, status }) => rule === 'kubelet-restart' && status === 'fail'),
  );
  assert.deepEqual(restarts.map(({ node }) => node.name).sort(), ['payments-broken-config', 'shop-rotation-forced']);
  assert.equal(summary.totals.nodes, names.length);
  assert.equal(summary.comparison.previous, null);

  // Every line of the archive fits its published schema.
  for (const [kind, name] of [
    ['inventory', 'inventory-line'],
    ['unselected', 'unselected-line'],
    ['evidence', 'evidence-line'],
    ['findings', 'node-line'],
    ['changes', 'node-changes'],
  ] as const) {
    const fits = published(name);
    for (const line of readLines(out, summary, kind)) assert.ok(fits(line), `${kind}: ${ajv.errorsText()}`);
  }
  for (const kind of ['inventory', 'evidence']) assert.equal(readLines(out, summary, kind).length, names.length);

  // The next night nothing has changed, and the table and the message say so.
  const second = await scan('--out', out);
  assert.equal(second.code, 0, second.stderr);
  for (const name of names) assert.match(second.stdout, new RegExp(`^${name} \\(i-0`, 'm'));
  assert.match(second.stdout, /11 of 16 nodes evaluated/);
  assert.match(second.stdout, /The message as it would arrive:/);
  assert.match(second.stdout, /- still failing \d+: /);
  assert.doesNotMatch(second.stdout, /NEW FAILURES/);

  // What was kept can be verified and replayed.
  const verification = capture();
  const replay = (line: Parameters<typeof judgeLine>[0], { now, settings }: { now: number; settings: object }) =>
    judgeLine(line, { now, ...settings });
  assert.equal(await verifyCommand([out, '--replay'], replay, verification), 0, verification.stdout);
  assert.match(verification.stdout, /2 scans, .* recomputed: nothing is wrong/);
});

test('--fail-on decides the exit code, --rule the table, --tag the nodes', async () => {
  const out = join(folder, 'options');
  assert.equal(
    (await scan('--out', out, '--tag', 'Name=payments-good', '--rule', 'read-only-port', '--fail-on', 'unreachable'))
      .code,
    0,
  );
  const failing = await scan('--out', out, '--tag', 'Name=payments-flag-false', '--fail-on', 'fail');
  assert.equal(failing.code, 1);
  assert.doesNotMatch(failing.stdout, /payments-good/);
  const silent = await scan(
    '--out',
    out,
    '--tag',
    'Name=payments-no-agent',
    '--tag',
    'Name=payments-bastion',
    '--fail-on',
    'any',
  );
  assert.equal(silent.code, 1);
  assert.match(
    silent.stdout,
    /0 of 2 nodes evaluated; not evaluated: 1 not-managed, 1 no-kubelet|0 of 2 nodes evaluated; not evaluated: 1 no-kubelet, 1 not-managed/,
  );
});

test('a benchmark may be written in any case', async () => {
  const { code, stdout } = await scan('--out', join(folder, 'case'), '--json', '--benchmark', 'CIS-EKS-1.8.0');
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout).settings.benchmarks, ['cis-eks-1.8.0']);
});

test('waivers accept findings, and the scan still shows them', async () => {
  const out = join(folder, 'waived');
  const waivers = join(folder, 'waivers.yaml');
  writeFileSync(
    waivers,
    'waivers:\n- {rule: rotate-client-certificates, nodes: {cluster: pay*}, reason: Migration, owner: ana, until: 2099-12-31}\n',
  );
  const { code, stdout } = await scan('--out', out, '--tag', 'Name=payments-flag-false', '--waivers', waivers);
  assert.equal(code, 0);
  assert.match(stdout, /fail .*Accepted|Accepted until 2099-12-31 by ana/s);
});

test('--routes prints what each team would be told, and names what is wrong with a route', async () => {
  const routes = join(folder, 'cdk.json');
  const write = (list: unknown) => writeFileSync(routes, JSON.stringify({ context: { kubevigil: { routes: list } } }));
  const topicArn = 'arn:aws:sns:eu-west-1:444455556666:shop-team';
  write([{ clusters: ['shop'], topicArn }]);
  const nodes = ['--tag', 'Name=payments-flag-false', '--tag', 'Name=shop-rotation-forced'];
  const { code, stdout } = await scan('--out', join(folder, 'routed'), ...nodes, '--routes', routes);
  assert.equal(code, 0);
  const [, own, team] = stdout.split(/The message as it would arrive at (?=\S+:)/);
  assert.match(
    own ?? '',
    /^kubevigil:\s+Subject: kubevigil payments .*Told of in messages to 1 other topic only: 1 node\./s,
  );
  assert.match(team ?? '', /^shop-team:\s+Subject: kubevigil shop CRITICAL: .*Told here: clusters shop\./s);
  write([{ clusters: ['shop'] }]);
  const bad = await scan('--out', join(folder, 'routed'), '--routes', routes);
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /^kubevigil scan: --routes must be the ARN of a standard SNS topic .* but is missing\n$/);
  writeFileSync(routes, '{}');
  assert.match((await scan('--routes', routes)).stderr, /must be a list of routes, or a cdk\.json whose/);
});

test('waivers that accept nothing stand in the message, in the reports and on the terminal', async () => {
  const out = join(folder, 'without-effect');
  const waivers = join(folder, 'without-effect.yaml');
  const nodes = 'nodes: {id: i-*}, reason: Migration, owner: ana';
  writeFileSync(
    waivers,
    [
      'waivers:',
      `- {rule: nope, ${nodes}, until: 2099-12-31}`,
      `- {rule: anonymous-auth, ${nodes}, until: 2026-01-31}`,
      `- {rule: anonymous-auth, ${nodes}, until: 2099-12-30}`,
      `- {rule: rotate-client-certificates, ${nodes}, until: 2099-12-29}`,
    ].join('\n'),
  );
  const { stdout } = await scan('--out', out, '--tag', 'Name=payments-flag-false', '--waivers', waivers);
  const unknown = 'The waiver on line 2 of without-effect.yaml has no effect';
  const expired =
    'The waiver on line 3 of without-effect.yaml has expired: anonymous-auth was accepted until 2026-01-31 by ana (Migration)';
  const unused =
    'The waiver on line 4 of without-effect.yaml covers no finding of this scan: anonymous-auth is accepted until 2099-12-30 by ana (Migration)';
  const [message = '', totals = ''] = stdout.split(/^\d+ of \d+ nodes? evaluated/m);
  assert.ok(message.includes(unknown), stdout);
  assert.ok(!message.includes('covers no finding'), 'a waiver that is not needed is no reason for a message');
  assert.match(totals, /^Waivers that accept nothing:$/m);
  for (const text of [unknown, expired, unused]) assert.ok(totals.includes(`\n  ${text}`), `${text} in ${totals}`);
  assert.match(stdout, /^ {2}- WAIVER EXPIRED 2026-01-31: anonymous-auth on id i-\*, by ana, because: Migration$/m);
  const folders = readdirSync(join(out, 'reports'), { recursive: true, encoding: 'utf8' });
  for (const name of ['report.html', 'summary.json']) {
    const report = readFileSync(join(out, 'reports', folders.find((path) => path.endsWith(name)) ?? ''), 'utf8');
    for (const text of [unknown, expired, unused]) assert.ok(report.includes(text), `${name}: ${text}`);
    assert.ok(!report.includes('on line 5'), 'a waiver that was needed is not reported');
  }
});

test('what a person can get wrong is one clear line and exit code 2, and nothing is written', async (t) => {
  const waivers = join(folder, 'wrong.yaml');
  writeFileSync(waivers, 'waivers:\n- rule: x\n');
  const cases: [string, string[], RegExp][] = [
    ['a wrong flag', ['--bogus'], /^kubevigil scan: Unknown option '--bogus'; see --help\n$/],
    ['a flag without its value', ['--tag'], /'--tag <value>' argument missing/],
    ['an argument', ['everything'], /Unexpected argument 'everything'/],
    [
      'a tag that matches nothing',
      ['--tag', 'team=nobody'],
      /no running instance .* has the tag team=nobody; nothing was sent/,
    ],
    ['an empty tag', ['--tag', '=x'], /--tag expects KEY or KEY=VALUE, got "=x"/],
    ['a tag with a wildcard', ['--tag', 'team=*'], /^kubevigil scan: --tag must be/],
    ['a fleet that there is not', ['--fleet', 'all'], /--fleet expects one of one, kinds, several, got "all"/],
    ['no directory', ['--out', ''], /--out expects a directory, got ""/],
    ['a directory that is a file', ['--out', waivers], /--out .*wrong\.yaml is not a directory/],
    ['a directory below a file', ['--out', join(waivers, 'a/b')], /--out .*wrong\.yaml is not a directory/],
    [
      'an unknown thing to fail on',
      ['--fail-on', 'warnings'],
      /--fail-on expects one of fail, automated, unreachable, any, critical, high, medium, low, got "warnings"/,
    ],
    ['an unknown rule', ['--rule', 'no-such-rule'], /no-such-rule/],
    [
      'a value that looks like an option',
      ['--expiry-days', '-3'],
      /'--expiry-days' argument is ambiguous\. Did you forget/,
    ],
    [
      'an unknown benchmark',
      ['--benchmark', 'cis-9'],
      /--benchmark expects auto or one of cis-eks-1\.1\.0, .*; got "cis-9"/,
    ],
    [
      'days that are no number',
      ['--expiry-days', 'soon'],
      /--expiry-days expects a whole number from 1 to 365, got "soon"/,
    ],
    ['--yes with nobody to ask', ['--yes'], /--yes goes with --aws; without it the embedded fleet is scanned/],
    [
      'a flag that is nearly one',
      ['--tga', 'x'],
      /^kubevigil scan: Unknown option '--tga'; did you mean --tag\?; see --help\n$/,
    ],
    ['waivers that are not there', ['--waivers', join(folder, 'none.yaml')], /--waivers .*none\.yaml is not a file/],
    ['a region without an account', ['--region', 'eu-central-1'], /--region goes with --aws/],
    ['an account without a tag', ['--aws', '--region', 'eu-central-1'], /--aws needs at least one --tag/],
    [
      'a region of an unknown form',
      ['--aws', '--tag', 'a', '--region', 'Frankfurt'],
      /expects a region such as eu-central-1, got "Frankfurt"/,
    ],
  ];
  for (const [name, args, expected] of cases) {
    await t.test(name, async () => {
      const out = join(folder, 'nothing');
      const { code, stdout, stderr } = await scan('--out', out, ...args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, expected);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
      assert.ok(!existsSync(out));
    });
  }
});

test('all mistakes in waivers are told at once, and what a waiver has that lacks something', async () => {
  const waivers = join(folder, 'mistakes.yaml');
  writeFileSync(waivers, 'waivers:\n- {rule: x, nodes: {}, owner: ana}\n- {rule: y, until: 2026-02-30}\n');
  const out = join(folder, 'nothing');
  const { code, stdout, stderr } = await scan('--out', out, '--waivers', waivers);
  assert.deepEqual([code, stdout, existsSync(out)], [2, '', false]);
  const mistakes = [
    /^kubevigil scan: \S+mistakes\.yaml:2: waivers\[0\]\.nodes must be an object with id, cluster or tag/m,
    /^ {2}\S+mistakes\.yaml:2: waivers\[0\]\.reason must be .*, but is missing$/m,
    /^ {2}\S+mistakes\.yaml:2: waivers\[0\]\.until must be .*, but is missing$/m,
    /^ {2}\S+mistakes\.yaml:3: waivers\[1\]\.owner must be .*, but is missing$/m,
    /^ {2}\S+mistakes\.yaml:3: waivers\[1\]\.until must be a day that the calendar has/m,
  ];
  for (const mistake of mistakes) assert.match(stderr, mistake);
  const [, example = ''] = stderr.split('a waiver has all of these:\n');
  assert.equal(parseWaivers(example, 'example').length, 1);
});

test('two accounts and two regions, of which one denies access: the others are complete, exit and message say so', async () => {
  const out = join(folder, 'several');
  const { code, stdout, stderr } = await scan('--out', out, '--fleet', 'several');
  assert.equal(code, 2);
  assert.match(stderr, /Sending .* to 12 nodes .*\n1 of 4 targets cannot be listed\.\n/);
  assert.match(
    stderr,
    /\nkubevigil scan: 444455556666 us-east-1 could not be scanned: EC2 DescribeInstances was refused with 403 UnauthorizedOperation: You are not authorized.*\n$/,
  );
  assert.match(stdout, /11 of 12 nodes evaluated/);
  assert.match(stdout, /Subject: .*NOT SCANNED: 444455556666 us-east-1/);
  for (const name of ['shop-workers-1', 'payments-good', 'payments-unset']) assert.ok(stdout.includes(name), name);
  const latest = JSON.parse(readFileSync(join(out, 'reports/latest.json'), 'utf8'));
  const { targets }: Summary = JSON.parse(readFileSync(join(out, 'reports', latest.summary), 'utf8'));
  assert.deepEqual(
    targets.map(({ account, region, error }) => [account, region, error !== undefined]),
    [
      ['111122223333', 'eu-central-1', false],
      ['111122223333', 'us-east-1', false],
      ['444455556666', 'eu-central-1', false],
      ['444455556666', 'us-east-1', true],
    ],
  );
});

/** What a scan says on standard error that is interrupted by Ctrl-C as soon as it has sent its command. */
async function interrupted(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let progress = '';
  child.stderr.on('data', (text) => {
    if (!progress.includes('sent') && `${progress}${text}`.includes('sent the command')) child.kill('SIGINT');
    progress += text;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 130, progress);
  return progress;
}

test('a scan that is interrupted leaves no beginning of a report', async () => {
  const out = join(folder, 'interrupted');
  assert.equal((await scan('--out', out, '--tag', 'Name=payments-good')).code, 0);
  const before = readdirSync(out, { recursive: true }).sort();
  const progress = await interrupted('--out', out);
  assert.doesNotMatch(progress, /kept the report/);
  assert.match(progress, /^kubevigil scan: interrupted; what it had kept is removed, and what it had sent goes on\./m);
  assert.deepEqual(readdirSync(out, { recursive: true }).sort(), before);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('kubevigil-fleet-')),
    [],
  );
});

test('--help explains every option', async () => {
  const { code, stdout } = await scan('--help');
  assert.equal(code, 0);
  for (const option of [
    '--aws',
    '--tag',
    '--region',
    '--bucket',
    '--topic',
    '--document',
    '--yes',
    '--out',
    '--fail-on',
    '--fleet',
    '--json',
  ]) {
    assert.ok(stdout.includes(option), option);
  }
});

test('a real account is scanned with nothing deployed', async (t) => {
  const now = Math.floor(Date.now() / 1000);
  const image = { host: 'ip-10-0-0-5.internal', version: 'v1.31.6', startedAt: now - 86_400 };
  const directory = join(folder, 'node');
  writeRoot(directory, kubeadm(image, { extraArguments: ['--rotate-certificates=false'] }));
  const sent: string[][] = [];
  let deny = false;
  const account = await startEndpoints({
    accounts: {
      '444455556666': {
        regions: {
          'us-east-1': {
            topics: ['alerts'],
            documents: [{ name: 'their-own', content: collectDocument().content }],
            nodes: [
              {
                instanceId: 'i-0123456789abcdef0',
                tags: { team: 'platform' },
                answer: async ({ commands }) => {
                  sent.push(commands);
                  const { stdout, exitCode } = await collect(directory, { simulated: true });
                  return { stdout, exitCode };
                },
              },
            ],
          },
        },
      },
    },
    buckets: { 'my-reports': {}, 'far-reports': { region: 'eu-west-1' } },
    s3Root: join(folder, 'account'),
    intercept: ({ service }) =>
      deny && service === 'sns'
        ? { status: 403, code: 'AuthorizationError', message: 'not authorized to publish' }
        : undefined,
  });
  const before = { ...process.env };
  after(() => account.close());
  Object.assign(process.env, account.environment);
  const aws = (...args: string[]) => scan('--aws', '--tag', 'team=platform', '--region', 'us-east-1', ...args);
  const script = collector();

  await t.test('without --yes and without anybody to ask, nothing is sent', async () => {
    const { code, stderr } = await aws('--out', join(folder, 'asked'));
    assert.equal(code, 2);
    assert.match(stderr, /to 1 node with the tag team=platform in account 444455556666, us-east-1/);
    assert.match(stderr, /add --yes/);
    assert.deepEqual(sent, []);
  });
  await t.test('the script goes by AWS-RunShellScript, report and message stay here', async () => {
    const out = join(folder, 'here');
    const { code, stdout, stderr } = await aws('--out', out, '--yes');
    assert.equal(code, 0, stderr);
    assert.equal(sent.length, 1);
    assert.equal(sent[0]?.join('\n'), script.trimEnd());
    assert.match(stdout, /fail\s+rotateCertificates is false from flag/);
    assert.match(stderr, /^ {2}sent the command\n {2}waiting for answers(: \d of 1 node so far)?\n/m);
    assert.match(stdout, /The message as it would arrive/);
    assert.ok(existsSync(join(out, 'reports/latest.json')));
    assert.equal(account.calls['s3.PutObject'], undefined);
    assert.equal(account.messages.length, 0);
  });
  await t.test('with --bucket and --topic they go to the account', async () => {
    const topic = 'arn:aws:sns:us-east-1:444455556666:alerts';
    const { code, stdout, stderr } = await aws(
      '--out',
      join(folder, 'there'),
      '--yes',
      '--bucket',
      'my-reports',
      '--topic',
      topic,
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Report: s3:\/\/my-reports\/scans\//);
    assert.ok((account.calls['s3.PutObject'] ?? 0) > 5);
    assert.equal(account.messages.length, 1);
  });
  await t.test('interrupted, it says what lies in the bucket and what to do', async () => {
    const args = [
      'scan',
      '--aws',
      '--tag',
      'team=platform',
      '--region',
      'us-east-1',
      '--yes',
      '--bucket',
      'my-reports',
    ];
    const out = join(folder, 'interrupted-there');
    const progress = await interrupted(...args, '--out', out);
    const [, left = ''] =
      /^kubevigil scan: interrupted; .* s3:\/\/my-reports\/(scans\/\S+\/) may hold /m.exec(progress) ?? [];
    assert.match(progress, /which verify calls UNSEALED: delete that folder, and scan again\.\n$/);
    const bucket = join(folder, 'account', 'my-reports');
    assert.ok(existsSync(join(bucket, left, 'claim.json')));
    const verification = capture();
    assert.equal(await verifyCommand([bucket], () => assert.fail(), verification), 1);
    assert.match(verification.stdout, new RegExp(`^UNSEALED  ${left}manifest.json `, 'm'));
    rmSync(join(bucket, left), { recursive: true });
    assert.equal(await verifyCommand([bucket], () => assert.fail(), verification), 0, verification.stdout);
  });
  await t.test('a bucket that does not exist is said before anything is sent', async () => {
    const asked = sent.length;
    const { code, stderr } = await aws('--out', join(folder, 'x'), '--yes', '--bucket', 'no-such-bucket');
    assert.equal(code, 2);
    assert.match(stderr, /s3:\/\/no-such-bucket does not exist/);
    assert.equal(sent.length, asked);
  });
  await t.test('so is a document or a topic that does not exist, and nothing is written', async () => {
    const topic = 'arn:aws:sns:us-east-1:444455556666:no-such-topic';
    const cases: [string[], RegExp][] = [
      [
        ['--document', 'no-such-document'],
        /^kubevigil scan: --document no-such-document does not exist in us-east-1; .*\n$/,
      ],
      [['--topic', topic], /^kubevigil scan: --topic arn:.*:no-such-topic does not exist; nothing was sent\n$/],
      [['--topic', 'alerts'], /^kubevigil scan: --topic expects the ARN of an SNS topic, got "alerts"\n$/],
      [['--bucket', 'No_Bucket'], /^kubevigil scan: --bucket must be the name of an S3 bucket, but is "No_Bucket"\n$/],
      [['--fleet', 'one'], /^kubevigil scan: --fleet chooses simulated nodes, .*\n$/],
    ];
    const asked = sent.length;
    const out = join(folder, 'y');
    for (const [args, expected] of cases) {
      const { code, stdout, stderr } = await aws('--out', out, '--yes', ...args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, expected);
    }
    assert.equal(sent.length, asked);
    assert.ok(!existsSync(out));
  });
  await t.test('only of the collector is said that it is read-only', async () => {
    const { stderr } = await aws('--out', join(folder, 'own'), '--document', 'their-own');
    assert.match(stderr, /^Sending the document their-own to 1 node/);
  });
  await t.test('a bucket may be in another region', async () => {
    const { code, stderr } = await aws('--out', join(folder, 'far'), '--yes', '--bucket', 'far-reports');
    assert.equal(code, 0, stderr);
  });
  await t.test('several regions are one scan', async () => {
    const args = ['--region', 'us-west-2', '--yes', '--json', '--out', join(folder, 'regions')];
    const { code, stdout, stderr } = await aws(...args);
    assert.equal(code, 0, stderr);
    const { targets, totals }: Summary = JSON.parse(stdout);
    assert.deepEqual(
      targets.map(({ region }) => region),
      ['us-east-1', 'us-west-2'],
    );
    assert.equal(totals.nodes, 1);
  });
  await t.test('a message that could not be sent is told', async () => {
    const topic = 'arn:aws:sns:us-east-1:444455556666:alerts';
    deny = true;
    const { code, stderr, stdout } = await aws('--out', join(folder, 'untold'), '--yes', '--json', '--topic', topic);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /\nkubevigil scan: the message was not sent: SNS Publish was refused with 403 AuthorizationError/,
    );
    assert.equal((JSON.parse(stdout) as Summary).totals.nodes, 1);
  });
  process.env = before;
});

test('the fleet has a node for each thing that the README promises', () => {
  assert.deepEqual(
    embeddedFleet(1_800_000_000)
      .map(({ name }) => name)
      .sort(),
    Object.keys(EXPECTED).sort(),
  );
});
