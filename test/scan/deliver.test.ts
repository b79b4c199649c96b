/** What nights tell Security Hub and EventBridge. Long because each way in which a delivery breaks off is a story of several nights. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Delivery } from '../../lambda/alerts/delivery.ts';
import { receiptKey, scanKeys } from '../../lambda/archive/keys.ts';
import { readLink } from '../../lambda/archive/previous.ts';
import { keepReceipt, owedTo } from '../../lambda/archive/receipt.ts';
import type { WritableArchive } from '../../lambda/archive/store.ts';
import type { Entry } from '../../lambda/results/entry.ts';
import { failedTarget } from '../../lambda/results/summary.ts';
import { type Deliveries, deliverElsewhere, sendPart } from '../../lambda/scan/deliver.ts';
import type { Target } from '../../lambda/settings.ts';
import type { Call, Fault } from '../../simulator/aws/options.ts';
import { runDurable } from '../../simulator/durable.ts';
import { ACCOUNT, BUS, PRODUCT, REGION, start } from '../alerts/delivery.ts';
import { type Answer, keepAnswers, keepScan, memoryArchive, nightly, sealWith } from '../archive/memory.ts';
import { evaluated, finding, target, unreachable } from '../archive/samples.ts';
import { skippingClock } from '../simulator/skipping-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-deliver-'));
after(() => rmSync(folder, { recursive: true }));

const manifest = (day: number) => scanKeys(nightly(day)).manifest;
const fails = (...ids: string[]): Answer[] =>
  ids.map((id) => ({ line: evaluated(id, [finding('anonymous-auth', 'fail')]) }));
const passes = (...ids: string[]): Answer[] =>
  ids.map((id) => ({ line: evaluated(id, [finding('anonymous-auth', 'pass')]) }));

let executions = 0;

/** Sends what is to be told of a night, as the deployed function does; pauses only move its clock. */
async function tell(archive: WritableArchive, day: number, to: object = { productArn: PRODUCT, eventBusArn: BUS }) {
  executions += 1;
  return runDurable<object, Deliveries>(
    (_, context) => deliverElsewhere(context, archive, { name: 'kubevigil', ...to }, manifest(day)),
    {},
    {
      directory: folder,
      executionName: `night-${executions}`,
      ...skippingClock(),
    },
  );
}

test('parts of any length tell together what one part tells', async () => {
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), fails('i-1', 'i-2', 'i-3', 'i-4'));
  await keepScan(archive, nightly(2), [...fails('i-1', 'i-2'), ...passes('i-3')]);
  const manifests = [manifest(1), manifest(2)];
  const words = (summary: { scanId: string }) => ({
    ofScan: [summary.scanId],
    ofNode: ({ line, changes }: Entry) => [`${summary.scanId} ${line?.node.id ?? changes?.node}`],
    ofRest: () => [`${summary.scanId} rest`],
  });
  const toldBy = async (limits?: { items: number; entries: number }) => {
    const told: string[] = [];
    const delivery: Delivery<string> = {
      add: async (item) => void told.push(item),
      end: async () => ({ sent: 0, refused: {} }),
      done: () => ({ sent: 0, refused: {} }),
      close: () => undefined,
    };
    let parts = 0;
    let next: Parameters<typeof sendPart>[2] | undefined = { scan: 0, target: 0, entry: 0 };
    while (next) {
      parts += 1;
      ({ next } = await sendPart(archive, manifests, next, words, delivery, limits));
    }
    return { told, parts };
  };
  const whole = await toldBy();
  assert.equal(whole.parts, 1);
  assert.deepEqual(whole.told.slice(0, 2), ['night-1', 'night-1 i-1']);
  assert.equal(whole.told.length, 12, 'two scans, their seven nodes, the one that is gone, and twice the rest');
  assert.deepEqual(
    [5, 11].map((index) => whole.told[index]),
    ['night-1 rest', 'night-2 rest'],
  );
  for (const limits of [1, 2, 3, 4, 5].flatMap((most) => [
    { items: most, entries: 99 },
    { items: 99, entries: most },
  ])) {
    const { told, parts } = await toldBy(limits);
    assert.deepEqual(told, whole.told, JSON.stringify(limits));
    assert.ok(parts > 1);
  }
});

test('without settings nothing is sent, and no step is taken', async () => {
  assert.deepEqual(await tell(memoryArchive(), 1, {}), { problems: [], told: [] });
});

test('findings are imported and archived as they come and go, events put; each scan is told once', async (t) => {
  const endpoints = await start(t);
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), fails('i-1', 'i-2'));
  assert.deepEqual(await tell(archive, 1), {
    problems: [],
    told: [
      { topicArn: PRODUCT, outcome: 'sent: 2' },
      { topicArn: BUS, outcome: 'sent: 3' },
    ],
  });
  await keepScan(archive, nightly(2), [...passes('i-1'), ...fails('i-2')]);
  await tell(archive, 2);
  const state = () =>
    endpoints.findings(ACCOUNT, REGION).map(({ Id, RecordState }) => `${Id.split('/').at(-2)} ${RecordState}`);
  assert.deepEqual(state(), ['i-1 ARCHIVED', 'i-2 ACTIVE']);
  assert.equal(endpoints.calls['securityhub.BatchImportFindings'], 2);
  assert.deepEqual(
    endpoints.events.map((event) => event['detail-type']),
    [
      'Kubevigil Scan Finished',
      'Kubevigil Finding New',
      'Kubevigil Finding New',
      'Kubevigil Scan Finished',
      'Kubevigil Finding Fixed',
    ],
  );
  await tell(archive, 2, { productArn: PRODUCT });
  assert.equal(endpoints.calls['securityhub.BatchImportFindings'], 2, 'a scan that was told is not told again');
});

test('what a night could not send is told, and sent by the next one before its own', async (t) => {
  let away = true;
  const endpoints = await start(t, ({ service }: Call): Fault | undefined =>
    away && service === 'securityhub'
      ? { status: 401, code: 'InvalidAccessException', message: 'not subscribed' }
      : undefined,
  );
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), fails('i-1', 'i-2'));
  away = false;
  await tell(archive, 1, { productArn: PRODUCT });
  away = true;
  await keepScan(archive, nightly(2), [...passes('i-1'), ...fails('i-2')]);
  const { problems, told } = await tell(archive, 2);
  assert.match(
    problems.join(),
    /^Security Hub \(arn:.*\): failed: SecurityHub BatchImportFindings was refused with 401/,
  );
  assert.deepEqual(
    told.map(({ failed, outcome }) => [failed, outcome.slice(0, 7)]),
    [
      [true, 'failed:'],
      [undefined, 'sent: 2'],
    ],
    'the bus gets its events all the same',
  );
  assert.ok(!archive.objects.has(receiptKey(manifest(2))));
  away = false;
  await keepScan(archive, nightly(3), [...passes('i-1'), ...passes('i-2')]);
  const before = endpoints.calls['securityhub.BatchImportFindings'] ?? 0;
  assert.deepEqual((await tell(archive, 3, { productArn: PRODUCT })).told, [{ topicArn: PRODUCT, outcome: 'sent: 2' }]);
  assert.equal(endpoints.calls['securityhub.BatchImportFindings'], before + 1);
  assert.deepEqual(
    endpoints.findings(ACCOUNT, REGION).map(({ RecordState }) => RecordState),
    ['ARCHIVED', 'ARCHIVED'],
  );
});

test('an account and region that leaves takes its findings along', async (t) => {
  const endpoints = await start(t);
  const archive = memoryArchive();
  const other = { account: '999900001111', region: 'eu-west-1' };
  const seal = async (day: number, targets: { of: Target; answers?: Answer[] }[]) => {
    const link = await readLink(archive);
    const results = targets.map(({ of, answers }) =>
      answers ? keepAnswers(archive, nightly(day), of, answers, link.previous) : failedTarget(of, 'AccessDenied'),
    );
    await sealWith(archive, nightly(day), await Promise.all(results), { link });
    return tell(archive, day);
  };
  const at = ({ account, region }: Target, { line }: Answer): Answer => ({
    line: { ...line, node: { ...line.node, account, region } },
  });
  const silent: Answer = { line: unreachable('i-9', 'connection-lost') };
  const there = [...fails('i-8'), silent].map((answer) => at(other, answer));
  await seal(1, [
    { of: target, answers: fails('i-1') },
    { of: other, answers: there },
  ]);
  // The night before it leaves, nobody gets in.
  await seal(2, [{ of: target, answers: fails('i-1') }, { of: other }]);
  const state = () =>
    endpoints
      .findings(ACCOUNT, REGION)
      .map(({ Id, RecordState }) => `${Id.split('/').slice(2).join('/')} ${RecordState}`)
      .sort();
  assert.deepEqual(state(), [
    'eu-central-1/i-1/anonymous-auth ACTIVE',
    'eu-west-1/coverage ACTIVE',
    'eu-west-1/i-8/anonymous-auth ACTIVE',
    'eu-west-1/i-9/coverage ACTIVE',
  ]);
  const before = endpoints.events.length;
  assert.deepEqual((await seal(3, [{ of: target, answers: fails('i-1') }])).problems, []);
  assert.deepEqual(state(), [
    'eu-central-1/i-1/anonymous-auth ACTIVE',
    'eu-west-1/coverage ARCHIVED',
    'eu-west-1/i-8/anonymous-auth ARCHIVED',
    'eu-west-1/i-9/coverage ARCHIVED',
  ]);
  const told = endpoints.events
    .slice(before)
    .map(({ detail }) => detail as { left?: { total: number }; change?: string });
  assert.deepEqual(
    told.map(({ left, change }) => left?.total ?? change),
    [1, 'lost'],
  );
});

test('the silence of a node keeps its first date until it is over, whatever happens in between', async (t) => {
  const endpoints = await start(t);
  const archive = memoryArchive();
  const silent: Answer = { line: unreachable('i-1', 'connection-lost') };
  const nights: (Answer[] | undefined)[] = [
    passes('i-1'),
    [silent],
    [silent],
    undefined,
    [silent],
    passes('i-1'),
    [silent],
  ];
  const told: unknown[] = [];
  for (const [index, answers] of nights.entries()) {
    const day = index + 1;
    const link = await readLink(archive);
    if (answers) await keepScan(archive, nightly(day), answers);
    else await sealWith(archive, nightly(day), [failedTarget(target, 'AccessDenied')], { link });
    await tell(archive, day, { productArn: PRODUCT });
    const found = endpoints.findings(ACCOUNT, REGION).find(({ Id }) => Id.endsWith('/i-1/coverage'));
    told.push(found && [found.RecordState, found.CreatedAt, found.FirstObservedAt]);
  }
  const [since, again] = [2, 7].map((day) => nightly(day).scheduledAt);
  const open = ['ACTIVE', since, since];
  assert.deepEqual(told, [undefined, open, open, open, open, ['ARCHIVED', since, since], ['ACTIVE', again, again]]);
});

test('what stood for all regions of an account ends when these are known', async (t) => {
  const endpoints = await start(t);
  const archive = memoryArchive();
  const home: Target = { account: target.account, region: 'us-east-1' };
  const unlisted = failedTarget({ ...home, allRegions: true }, 'Its regions cannot be listed.');
  await sealWith(archive, nightly(1), [unlisted], { link: { previous: null } });
  await tell(archive, 1, { productArn: PRODUCT });
  await keepScan(archive, nightly(2), passes('i-1'));
  await tell(archive, 2, { productArn: PRODUCT });
  const [found, ...more] = endpoints.findings(ACCOUNT, REGION);
  assert.deepEqual(
    [found?.Id, found?.RecordState, found?.CreatedAt, more],
    ['kubevigil/123456789012/us-east-1/coverage', 'ARCHIVED', nightly(1).scheduledAt, []],
  );
});

test('a night that is resumed after a later one takes nothing back', async (t) => {
  const endpoints = await start(t);
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), fails('i-1'));
  await tell(archive, 1);
  await keepScan(archive, nightly(3), passes('i-1'));
  await tell(archive, 3);
  await keepScan(archive, nightly(2), fails('i-1'));
  const before = endpoints.events.length;
  assert.deepEqual((await tell(archive, 2)).told, [
    { topicArn: PRODUCT, outcome: 'sent: 0' },
    { topicArn: BUS, outcome: 'sent: 1' },
  ]);
  assert.deepEqual(
    endpoints.findings(ACCOUNT, REGION).map(({ RecordState }) => RecordState),
    ['ARCHIVED'],
  );
  const [scan] = endpoints.events.slice(before).map(({ detail }) => detail as { kind: string; belated?: true });
  assert.deepEqual([scan?.kind, scan?.belated], ['scan', true]);
  assert.ok(!archive.objects.has(receiptKey(manifest(2))));
  await keepScan(archive, nightly(4), passes('i-1'));
  assert.deepEqual((await tell(archive, 4, { productArn: PRODUCT })).problems, []);
  assert.ok(archive.objects.has(receiptKey(manifest(4))));
});

test('what is through is not sent once more after a fault', async (t) => {
  const from = { scan: 0, target: 0, entry: 0 };
  let puts = 0;
  const endpoints = await start(t, ({ service }: Call): Fault | undefined => {
    if (service !== 'events') return undefined;
    puts += 1;
    return puts === 3 ? { status: 400, code: 'ValidationException', message: 'no' } : undefined;
  });
  const archive = memoryArchive();
  const ids = Array.from({ length: 40 }, (_, index) => `i-${index + 10}`);
  await keepScan(archive, nightly(1), fails(...ids));
  const { told } = await tell(archive, 1, { eventBusArn: BUS });
  assert.deepEqual(told, [{ topicArn: BUS, outcome: 'sent: 41' }]);
  const once = new Set(endpoints.events.map(({ detail }) => (detail as { dedupeId: string }).dedupeId));
  assert.deepEqual([endpoints.events.length, once.size], [41, 41]);
  const failing: Delivery<string> = {
    add: () => Promise.reject(new Error('no')),
    end: async () => ({ sent: 0, refused: {} }),
    done: () => ({ sent: 0, refused: {} }),
    close: () => undefined,
  };
  const words = () => ({ ofScan: [], ofNode: () => ['node'] });
  await assert.rejects(sendPart(archive, [manifest(1)], from, words, failing), /^Error: no$/);
});

/** Security Hub refuses each finding of a request for as long as `isRefusing` says so. */
const refusing =
  (isRefusing: () => boolean) =>
  ({ service, input }: Call): Fault | undefined => {
    if (service !== 'securityhub' || !isRefusing()) return undefined;
    const { Findings } = input as { Findings: { Id: string }[] };
    const FailedFindings = Findings.map(({ Id }) => ({ Id, ErrorCode: 'InvalidInput', ErrorMessage: 'no' }));
    const body = JSON.stringify({ FailedCount: Findings.length, SuccessCount: 0, FailedFindings });
    return { status: 200, headers: { 'content-type': 'application/json', 'x-amzn-requestid': 'id' }, body };
  };

test('an end that is refused is sent again, although nothing of it is in the scan any more', async (t) => {
  let isRefusing = false;
  const endpoints = await start(
    t,
    refusing(() => isRefusing),
  );
  const archive = memoryArchive();
  const gone: Target = { account: '999900001111', region: 'eu-west-1' };
  const silent: Answer = { line: unreachable('i-3', 'connection-lost') };
  const seal = async (day: number, answers: Answer[] | undefined, ...denied: Target[]) => {
    const { previous } = await readLink(archive);
    const results = denied.map((each) => failedTarget(each, 'AccessDenied'));
    if (answers) results.unshift(await keepAnswers(archive, nightly(day), target, answers, previous));
    await sealWith(archive, nightly(day), results, { link: { previous } });
    const [told] = (await tell(archive, day, { productArn: PRODUCT })).told;
    const { refused = [] } = JSON.parse(`${archive.objects.get(receiptKey(manifest(day)))}`);
    return [told?.outcome.replace(/.*: (\d+)( × .*)?$/, '$1'), refused.length];
  };
  const two: Answer = { line: evaluated('i-4', [finding('anonymous-auth', 'fail'), finding('event-qps', 'fail')]) };
  assert.deepEqual(await seal(1, [...fails('i-1', 'i-2'), silent, two], gone), ['6', 0]);
  isRefusing = true;
  // A node leaves, so does a silent one and an account; of another node one rule is no longer asked.
  const later = [...fails('i-1'), ...fails('i-4')];
  assert.deepEqual(await seal(2, later), ['4', 4]);
  assert.deepEqual(await seal(3, later), ['4', 4], 'refused again, and still owed');
  isRefusing = false;
  // In a night in which nobody gets in it is not known what is over, but for the account.
  assert.deepEqual(await seal(4, undefined, target), ['2', 3]);
  assert.deepEqual(await seal(5, later), ['4', 0], 'and that of the target');
  assert.deepEqual(await seal(6, later), ['0', 0]);
  const active = endpoints.findings(ACCOUNT, REGION).filter(({ RecordState }) => RecordState === 'ACTIVE');
  assert.deepEqual(
    active.map(({ Id }) => Id.split('/').slice(-2).join('/')),
    ['i-1/anonymous-auth', 'i-4/anonymous-auth'],
  );
});

test('what Security Hub has refused for so long that it has forgotten it is owed no more', async () => {
  const archive = memoryArchive();
  const from = (day: string, hour: string) => ({
    ...nightly(1),
    scanId: day,
    scheduledAt: `${day}T${hour}:00:00.000Z`,
  });
  await keepScan(archive, from('2026-08-01', '02'), fails('i-1'));
  const id = `kubevigil/${ACCOUNT}/${REGION}/i-2/anonymous-auth`;
  const refused = ['2026-05-04T02:00:00.000Z', '2026-05-03T02:00:00.000Z'].map((since, index) => ({
    id: `${id}${index}`,
    since,
  }));
  await keepReceipt(archive, scanKeys(from('2026-08-01', '02')).manifest, PRODUCT, { refused });
  await keepScan(archive, from('2026-08-02', '02'), fails('i-1'));
  const { again } = await owedTo(PRODUCT, archive, scanKeys(from('2026-08-02', '02')).manifest);
  assert.deepEqual(again, refused.slice(0, 1));
});

test('what is refused is told, and sent again by the next night as it is then', async (t) => {
  let isRefusing = true;
  const endpoints = await start(
    t,
    refusing(() => isRefusing),
  );
  const archive = memoryArchive();
  await keepScan(archive, nightly(1), fails('i-1', 'i-2'));
  const { problems } = await tell(archive, 1, { productArn: PRODUCT });
  assert.match(problems.join(), /refused, and sent again by the next scan: 2 × InvalidInput: no$/);
  const receipt = JSON.parse(`${archive.objects.get(receiptKey(manifest(1)))}`);
  const since = nightly(1).scheduledAt;
  assert.deepEqual(receipt.refused, [
    { id: 'kubevigil/123456789012/eu-central-1/i-1/anonymous-auth', since },
    { id: 'kubevigil/123456789012/eu-central-1/i-2/anonymous-auth', since },
  ]);
  isRefusing = false;
  const outcomes: string[] = [];
  for (const day of [2, 3]) {
    await keepScan(archive, nightly(day), [...fails('i-1'), ...passes('i-2')]);
    const { told } = await tell(archive, day, { productArn: PRODUCT });
    outcomes.push(...told.map(({ outcome }) => outcome));
  }
  assert.deepEqual(outcomes, ['sent: 2', 'sent: 0'], 'i-1, of which nothing changed, too');
  assert.deepEqual(
    endpoints.findings(ACCOUNT, REGION).map(({ Id, RecordState }) => `${Id.split('/').at(-2)} ${RecordState}`),
    ['i-1 ACTIVE', 'i-2 ARCHIVED'],
  );
});
