/**
 * Whole scans, over the simulated endpoints.
 * Long because scans of one simulated fleet are shared by many assertions.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { sha256 } from '../../lambda/archive/content.ts';
import { directoryArchive } from '../../lambda/archive/directory.ts';
import type { Archive } from '../../lambda/archive/store.ts';
import type { VerifyOptions } from '../../lambda/archive/verification.ts';
import { verifyArchive } from '../../lambda/archive/verify.ts';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { externalIdOf } from '../../lambda/nodes/external-id.ts';
import type { Summary } from '../../lambda/results/summary.ts';
import { type ScanResult, scan } from '../../lambda/scan/handler.ts';
import { SETTINGS_VARIABLE } from '../../lambda/settings.ts';
import { type Endpoints, startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Answer, Call, EndpointOptions, Fault, Node } from '../../simulator/aws/options.ts';
import { collect } from '../../simulator/collector.ts';
import { runDurable } from '../../simulator/durable.ts';
import { kubeadm } from '../../simulator/fleet/images.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';
import { answeredAt } from '../../simulator/hostile/envelope.ts';
import { skippingClock } from '../simulator/skipping-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-handler-'));
const environment = { ...process.env };
const open: Endpoints[] = [];
after(async () => {
  for (const endpoints of open) await endpoints.close();
  rmSync(folder, { recursive: true, force: true });
  process.env = environment;
});

const [HUB, MEMBER] = ['111122223333', '444455556666'];
const REGIONS = ['eu-central-1', 'us-east-1'];
const document = collectDocument();

/** One recorded answer for all nodes: a kubeadm node whose flag turns rotation off. */
const recorded = await (async () => {
  const directory = join(folder, 'node');
  const startedAt = Math.floor(Date.now() / 1000) - 86_400;
  const image = { host: 'ip-10-0-0-5.internal', version: 'v1.31.6', startedAt };
  writeRoot(directory, kubeadm(image, { extraArguments: ['--rotate-certificates=false'] }));
  const { stdout, exitCode } = await collect(directory, { simulated: true });
  return { stdout, exitCode };
})();

let places = 0;
let asked = 0;

/** Clocks of nodes go on: no two nights have the same evidence. */
function answer(): Answer {
  asked += 1;
  return answeredAt(recorded, Date.now() / 1000 + asked);
}

type Place = { endpoints: Endpoints; out: string; settings: Record<string, unknown> };

/** Two accounts × two regions with two nodes each, and the settings of a scan over all of them. */
async function place(more: Partial<EndpointOptions> = {}, nodes = 2): Promise<Place> {
  places += 1;
  const out = join(folder, `out-${places}`);
  const region = (account: string, name: string) => ({
    documents: [{ name: document.name, version: document.version, content: document.content }],
    topics: account === HUB && name === REGIONS[0] ? ['alerts'] : [],
    nodes: Array.from(
      { length: nodes },
      (_, number): Node => ({
        instanceId: `i-${account.slice(0, 4)}${REGIONS.indexOf(name)}${String(number).padStart(12, '0')}`,
        tags: { scan: 'yes', Name: `node-${number}` },
        answer,
      }),
    ),
  });
  const rolesOf = (account: string) => [
    { name: 'kubevigil-member', externalId: 'word' },
    ...REGIONS.map((region) => ({
      name: `kubevigil-member-${region}`,
      externalId: externalIdOf('word', { account, region }),
    })),
  ];
  const regions = (account: string) => Object.fromEntries(REGIONS.map((name) => [name, region(account, name)]));
  const endpoints = await startEndpoints({
    accounts: {
      [HUB]: { regions: regions(HUB), roles: rolesOf(HUB) },
      [MEMBER]: { regions: regions(MEMBER), roles: rolesOf(MEMBER) },
    },
    s3Root: out,
    buckets: { reports: {} },
    ...more,
  });
  open.push(endpoints);
  Object.assign(process.env, endpoints.environment);
  const settings = {
    targets: [HUB, MEMBER].flatMap((account) =>
      REGIONS.map((name) => ({
        account,
        region: name,
        ...(account === MEMBER && { roleArn: `arn:aws:iam::${MEMBER}:role/kubevigil-member`, externalId: 'word' }),
      })),
    ),
    tags: [{ key: 'scan' }],
    documentName: document.name,
    documentVersion: document.version,
    documentHash: document.hash,
    bucket: 'reports',
    topicArn: `arn:aws:sns:${REGIONS[0]}:${HUB}:alerts`,
    alertPolicy: 'always',
  };
  return { endpoints, out, settings };
}

const NIGHT = '2026-11-23T02:00:00Z';

/** Runs one execution; pauses only move its clock. */
async function run(
  { out, settings }: Place,
  name = 'night',
  event: object = { scheduledTime: NIGHT },
  functions?: Parameters<typeof runDurable>[2]['functions'],
): Promise<ScanResult> {
  process.env[SETTINGS_VARIABLE] = JSON.stringify(settings);
  const result = await runDurable(scan, event, {
    directory: join(out, 'executions'),
    executionName: name,
    ...skippingClock(),
    ...(functions && { functions }),
  });
  return result as ScanResult;
}

function closed(result: ScanResult): Exclude<ScanResult, { skipped: string }> {
  assert.ok('manifest' in result, JSON.stringify(result));
  return result;
}

const read = ({ out }: Place, key: string) => readFileSync(join(out, 'reports', key));
const summaryOf = (of: Place, result: ScanResult): Summary => JSON.parse(read(of, closed(result).summary).toString());

test('several accounts and regions are one scan', async () => {
  const asked = new Set<string>();
  const intercept = ({ service, region }: Call): undefined => {
    if (service === 'sts') asked.add(region);
  };
  const all = await place({ intercept });
  const result = closed(await run(all));
  assert.equal(result.failedTargets, 0);
  assert.equal(result.totals.nodes, 8);
  assert.equal(result.totals.evaluated, 8);
  assert.match(result.alert, /^sent: /);
  assert.equal(all.endpoints.messages.length, 1);
  const anchor = `${result.scanId}=${sha256(read(all, result.manifest))}`;
  assert.ok(all.endpoints.messages[0]?.bodies.email?.endsWith(`verify --anchor ${anchor}`), 'mailboxes are witnesses');
  assert.deepEqual([...asked], [process.env.AWS_REGION], 'roles are assumed where the scanner is');
  const summary = summaryOf(all, result);
  assert.deepEqual(
    summary.targets.map(({ account, region }) => `${account} ${region}`),
    [HUB, MEMBER].flatMap((account) => REGIONS.map((region) => `${account} ${region}`)),
  );
  const key = `scans/2026/11/23/20261123T020000Z/findings/${MEMBER}-us-east-1.ndjson.gz`;
  const lines = gunzipSync(read(all, key))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ node }) => [node.account, node.region]),
    [
      [MEMBER, 'us-east-1'],
      [MEMBER, 'us-east-1'],
    ],
  );
  assert.ok(result.calls > 8 && result.calls < 40, String(result.calls));
});

test('a target that fails entirely is told, the others are complete', async () => {
  const all = await place({
    intercept: ({ account, region, operation }: Call): Fault | undefined =>
      account === MEMBER && region === 'us-east-1' && operation === 'DescribeInstances'
        ? { status: 403, code: 'UnauthorizedOperation', message: 'You are not authorized to perform this operation.' }
        : undefined,
  });
  const timestampAuthorities = ['http://127.0.0.1:9/tsr'];
  const result = closed(await run({ ...all, settings: { ...all.settings, timestampAuthorities } }));
  assert.equal(result.failedTargets, 1);
  assert.equal(result.totals.evaluated, 6);
  const failed = summaryOf(all, result).targets.filter(({ error }) => error !== undefined);
  assert.deepEqual(
    failed.map(({ account, region }) => [account, region]),
    [[MEMBER, 'us-east-1']],
  );
  assert.match(failed[0]?.error ?? '', /not authorized/);
  const [message] = all.endpoints.messages;
  assert.match(message?.subject ?? '', /NOT SCANNED: 444455556666 us-east-1/);
  assert.match(message?.bodies.email ?? '', /444455556666 us-east-1/);
  assert.match(message?.bodies.email ?? '', /127\.0\.0\.1:9\/tsr gave no time stamp/, 'which stops nothing');
});

test('Security Hub and EventBridge are told; who takes nothing is told of in the message, and stops nothing', async () => {
  const all = await place();
  const productArn = `arn:aws:securityhub:${REGIONS[0]}:${HUB}:product/${HUB}/default`;
  const eventBusArn = `arn:aws:events:${REGIONS[0]}:${HUB}:event-bus/default`;
  // Security Hub is not enabled.
  const result = closed(await run({ ...all, settings: { ...all.settings, productArn, eventBusArn } }));
  assert.match(result.alert, /^failed: SecurityHub BatchImportFindings was refused with 401 InvalidAccessException/);
  assert.match(result.alert, /; sent: .*\(alerts\); sent: \d+ \(event-bus\/default\)$/);
  const [message, ...more] = all.endpoints.messages;
  assert.deepEqual(more, []);
  assert.match(message?.bodies.email ?? '', /Security Hub \(arn:aws:securityhub/);
  const types = Map.groupBy(all.endpoints.events, (event) => event['detail-type']);
  assert.equal(types.get('Kubevigil Scan Finished')?.length, 1);
  assert.ok((types.get('Kubevigil Finding New')?.length ?? 0) >= 8, 'one for each node at least');
  const { problems } = await verifyArchive(directoryArchive(join(all.out, 'reports')), { unsigned: true });
  assert.deepEqual(problems, []);
});

test('a coordinator lets a shard scan each target, with the same result', async () => {
  const alone = await place();
  const one = closed(await run(alone));
  const several = await place();
  const shard = 'arn:aws:lambda:eu-central-1:111122223333:function:scan:live';
  // As the stack writes them: the coordinator has the word, and each shard is told the id of its own target.
  const targets = {
    home: `${HUB}/${REGIONS[0]}`,
    list: [HUB, MEMBER].flatMap((account) => REGIONS.map((region) => `${account}/${region}`)),
    role: 'arn:aws:iam::ACCOUNT:role/kubevigil-member-REGION',
    externalId: 'word',
  };
  const coordinator = { ...several, settings: { ...several.settings, targets, shardArn: shard } };
  const events: unknown[] = [];
  const result = closed(
    await run(
      coordinator,
      'night',
      { scheduledTime: NIGHT },
      {
        [shard]: (event, context) => {
          events.push(event);
          return scan(event, context);
        },
      },
    ),
  );
  assert.equal(result.failedTargets, 0);
  for (const event of events.map((each) => JSON.stringify(each))) {
    assert.doesNotMatch(event, /"word"|"method"|"failed"/);
    assert.ok((event.match(/"externalId"/g) ?? []).length <= 1);
  }
  assert.deepEqual(result.totals, one.totals);
  assert.equal(several.endpoints.messages.length, 1);
});

test('one scheduled time is scanned once; with resume it is scanned again from what is there', async () => {
  const all = await place();
  await run(all, 'first');
  const sent = all.endpoints.calls['ssm.SendCommand'];
  const second = await run(all, 'second');
  assert.deepEqual(second, { scanId: '20261123T020000Z', skipped: 'another execution scans this scheduled time' });
  assert.equal(all.endpoints.calls['ssm.SendCommand'], sent);
  const manifest = read(all, 'scans/2026/11/23/20261123T020000Z/manifest.json');
  assert.ok(manifest.length > 0);
});

test('a scan that failed after its answers were kept is resumed without asking again', async () => {
  for (const written of ['summary.json', 'manifest.json', 'latest.json']) {
    let down = true;
    const all = await place({
      intercept: ({ operation, input }: Call): Fault | undefined =>
        down && operation === 'PutObject' && JSON.stringify(input).includes(written)
          ? { status: 403, code: 'AccessDenied', message: 'Access Denied' }
          : undefined,
    });
    await assert.rejects(run(all, 'failing'), /access denied/i);
    const { 'ssm.SendCommand': sent, 'ssm.ListCommandInvocations': pages } = all.endpoints.calls;
    const findings = `scans/2026/11/23/20261123T020000Z/findings/${MEMBER}-us-east-1.ndjson.gz`;
    const before = read(all, findings);
    down = false;
    const result = closed(await run(all, 'resumed', { scheduledTime: NIGHT, resume: true }));
    assert.equal(result.totals.evaluated, 8);
    assert.deepEqual(
      [all.endpoints.calls['ssm.SendCommand'], all.endpoints.calls['ssm.ListCommandInvocations']],
      [sent, pages],
    );
    assert.deepEqual(read(all, findings), before);
    assert.equal(all.endpoints.messages.length, 1);
  }
});

test('a night is resumed to the same report after later nights, and verifies', async () => {
  for (const written of ['summary.json', 'manifest.json', undefined]) {
    let down = written !== undefined;
    const all = await place({
      intercept: ({ operation, input }: Call): Fault | undefined =>
        down && operation === 'PutObject' && JSON.stringify(input).includes(`20261123T020000Z/${written}`)
          ? { status: 403, code: 'AccessDenied', message: 'Access Denied' }
          : undefined,
    });
    const nightOf = (day: number) => ({ scheduledTime: `2026-11-${day}T02:00:00Z`, everySeconds: 86_400 });
    await run(all, 'night-22', nightOf(22));
    const failing = run(all, 'night-23', nightOf(23));
    await (down ? assert.rejects(failing, /access denied/i) : failing);
    down = false;
    const later = closed(await run(all, 'night-24', nightOf(24)));
    const latest = read(all, 'latest.json');
    // As the runbook resumes it: without what the schedule says of itself.
    const result = closed(await run(all, 'resumed', { scheduledTime: NIGHT, resume: true }));
    assert.equal(result.failedTargets, 0);
    const { comparison, everySeconds } = summaryOf(all, result);
    assert.deepEqual([comparison.previous?.scanId, everySeconds], ['20261122T020000Z', 86_400]);
    assert.deepEqual([comparison.findings.new, comparison.problem], [0, undefined]);
    const { previous } = JSON.parse(read(all, result.manifest).toString());
    if (written === 'summary.json') assert.equal(previous.key, later.manifest);
    else {
      // One that could not write its manifest any more was closed by the next.
      assert.equal(previous.scanId, '20261122T020000Z');
      assert.deepEqual(read(all, 'latest.json'), latest, 'a night that had ended already changes nothing');
    }
    const next = summaryOf(all, await run(all, 'night-25', nightOf(25)));
    assert.equal(next.comparison.previous?.scanId, '20261124T020000Z');
    const { problems } = await verified(directoryArchive(join(all.out, 'reports')));
    assert.deepEqual(problems, []);
  }
});

async function verified(archive: Archive, options: VerifyOptions = {}) {
  return verifyArchive(archive, { unsigned: true, ...options });
}

test('what a schedule says of itself is sealed, so that a night that is missing is found', async () => {
  const all = await place();
  await run(all, 'night', { scheduledTime: NIGHT, everySeconds: 86_400 });
  await run(all, 'by-hand', { scheduledTime: '2026-11-24T12:00:00Z' });
  const archive = directoryArchive(join(all.out, 'reports'));
  assert.deepEqual((await verified(archive)).problems, []);
  const { problems } = await verified(archive, { to: '2026-11-25T12:00:00.000Z' });
  assert.match(problems.map(({ kind, text }) => `${kind} ${text}`).join(), /^gap no scan of 2026-11-24T02:00/);
});

test('two scanners at the same time and place do not take each other’s command for their own', async () => {
  const all = await place({ buckets: { reports: {}, others: {} } });
  const [target] = all.settings.targets as object[];
  const of = (name: string, bucket: string) => ({
    ...all,
    settings: { ...all.settings, targets: [target], tags: [{ key: 'Name', values: [name] }], bucket },
  });
  for (const [name, bucket] of [
    ['node-0', 'reports'],
    ['node-1', 'others'],
  ] as const) {
    assert.equal(closed(await run(of(name, bucket), name)).totals.evaluated, 1, name);
  }
});

test('an empty fleet is reported, not an error, and nothing is sent', async () => {
  const none = await place({}, 0);
  const result = closed(await run(none));
  assert.deepEqual([result.totals.nodes, result.failedTargets], [0, 0]);
  assert.equal(none.endpoints.calls['ssm.SendCommand'], undefined);
});

test('a message that cannot be published does not cost the report', async () => {
  const all = await place({
    intercept: ({ service }: Call): Fault | undefined =>
      service === 'sns' ? { status: 403, code: 'AuthorizationError', message: 'not authorized to publish' } : undefined,
  });
  const result = closed(await run(all));
  assert.match(
    result.alert,
    /^failed: SNS Publish was refused with 403 AuthorizationError.*\(request [\w-]+\); allow this action/,
  );
  assert.equal(summaryOf(all, result).totals.nodes, 8);
});

test('a message is tried again later, when SNS was away for longer than a request is worth', async () => {
  let tries = 0;
  const all = await place({
    intercept: ({ service }: Call): Fault | undefined => {
      if (service !== 'sns') return undefined;
      tries += 1;
      return tries <= 6 ? { status: 503, code: 'ServiceUnavailable', message: 'try again later' } : undefined;
    },
  });
  assert.match(closed(await run(all)).alert, /^sent: /);
  assert.equal(tries, 7);
});

test('checkpoints stay far below their limit, because they carry keys, counts and digests only', async () => {
  const all = await place({}, 40);
  await run(all);
  const journal = readFileSync(join(all.out, 'executions', 'night.ndjson'), 'utf8');
  assert.ok(!journal.includes('rotateCertificates is false'), 'a finding is in a checkpoint');
  // 256 KB each (AWS Lambda developer guide, Durable functions).
  for (const line of journal.split('\n')) assert.ok(line.length < 64 * 1024, `${line.length} characters`);
});

test('settings that are wrong fail the execution with the setting’s name', async () => {
  const all = await place();
  await assert.rejects(run({ ...all, settings: { ...all.settings, tags: [] } }), /tags must be a list of 1 to 5 tags/);
  await assert.rejects(run(all, 'event', { scheduledTime: 'tonight' }), /scheduledTime|timestamp/i);
});
