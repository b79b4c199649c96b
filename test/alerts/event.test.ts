import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { type BusEvent, nodeEvents, scanEvent, type Telling } from '../../lambda/alerts/event.ts';
import { catalog } from '../../lambda/judging/index.ts';
import { failedTarget, returnedTargets, summarize } from '../../lambda/results/summary.ts';
import { type Answer, nightly } from '../archive/memory.ts';
import { evaluated, finding, scan, unreachable } from '../archive/samples.ts';
import { lastNight } from '../formats/last-night.ts';

const ajv = new Ajv2020({ strict: false, allErrors: true });
(formats as unknown as (ajv: Ajv2020) => void)(ajv);
const published = ajv.compile(
  JSON.parse(readFileSync(new URL('../../lambda/alerts/event.schema.json', import.meta.url), 'utf8')),
);

const manifestSha256 = 'a'.repeat(64);
const location = 's3://reports/scans/2026/11/23/ID/summary.json';
const telling = (summary: Telling['summary']): Telling => ({
  summary,
  manifestSha256,
  catalog,
  location,
  partition: 'aws',
  belated: false,
  returned: returnedTargets(summary),
});

function valid(event: BusEvent): BusEvent {
  assert.ok(published(event.detail), JSON.stringify(published.errors));
  return event;
}

async function toldOf(nights: Answer[][]): Promise<BusEvent[]> {
  const { summary, entries } = await lastNight(nights.map((answers, index) => [index + 1, answers]));
  return entries.flatMap((entry) => nodeEvents(entry, telling(summary))).map(valid);
}

const RULE = 'anonymous-auth';
const HAZARD = 'client-certificate-expiry';
const night = (...findings: Parameters<typeof finding>[]): Answer[] => [
  {
    line: evaluated(
      'i-1',
      findings.map((each) => finding(...each)),
    ),
  },
];
const waiver = { reason: 'Migration', owner: 'ana', until: '2027-01-31' };

const cases: Record<string, [Answer[][], string[]]> = {
  'what is new': [[night([RULE, 'pass']), night([RULE, 'fail'])], ['Kubevigil Finding New: new anonymous-auth']],
  'what is still open is not told': [[night([RULE, 'fail']), night([RULE, 'fail'])], []],
  'what is fixed': [[night([RULE, 'fail']), night([RULE, 'pass'])], ['Kubevigil Finding Fixed: fixed anonymous-auth']],
  'a hazard when it is new': [[night([HAZARD, 'fail'])], ['Kubevigil Node At Risk: new client-certificate-expiry']],
  'and while it is open': [
    [night([HAZARD, 'fail']), night([HAZARD, 'fail'])],
    ['Kubevigil Node At Risk: still client-certificate-expiry'],
  ],
  'and when it is over': [
    [night([HAZARD, 'fail']), night([HAZARD, 'pass'])],
    ['Kubevigil Finding Fixed: fixed client-certificate-expiry'],
  ],
  'what a waiver accepts': [
    [night([RULE, 'fail']), night([RULE, 'fail', { waiver }])],
    ['Kubevigil Finding Ended: accepted anonymous-auth'],
  ],
  'also where it says what will stop the node': [
    [night([HAZARD, 'fail']), night([HAZARD, 'fail', { waiver }])],
    ['Kubevigil Finding Ended: accepted client-certificate-expiry'],
  ],
  'what was accepted and passes': [
    [night([RULE, 'fail', { waiver }]), night([RULE, 'pass'])],
    ['Kubevigil Finding Ended: resolved anonymous-auth'],
  ],
  'what is no longer asked': [
    [night([RULE, 'fail']), night(['read-only-port', 'pass'])],
    ['Kubevigil Finding Ended: dropped anonymous-auth'],
  ],
  'an error ends nothing': [[night([RULE, 'fail']), night([RULE, 'error'])], []],
  'two kubelets of a node are one finding': [
    [night([RULE, 'fail'], [HAZARD, 'fail'], [RULE, 'fail'], [HAZARD, 'fail'])],
    ['Kubevigil Finding New: new anonymous-auth', 'Kubevigil Node At Risk: new client-certificate-expiry'],
  ],
  'one kubelet of two that is repaired does not': [
    [night([RULE, 'fail'], [RULE, 'fail']), night([RULE, 'fail'], [RULE, 'pass'])],
    [],
  ],
  'a silent node is still at risk, and nothing else is told of it': [
    [night([RULE, 'fail'], [HAZARD, 'fail']), [{ line: unreachable('i-1', 'connection-lost') }]],
    ['Kubevigil Node At Risk: still client-certificate-expiry'],
  ],
  'what was open on a node that is gone': [
    [[...night([RULE, 'fail'], [HAZARD, 'fail']), { line: evaluated('i-2', []) }], [{ line: evaluated('i-2', []) }]],
    ['Kubevigil Finding Ended: lost anonymous-auth', 'Kubevigil Finding Ended: lost client-certificate-expiry'],
  ],
};

describe('of a node is told', () => {
  for (const [name, [nights, expected]] of Object.entries(cases)) {
    test(name, async () => {
      const told = (await toldOf(nights)).map(({ type, detail }) =>
        detail.kind === 'finding' ? `${type}: ${detail.change} ${detail.rule}` : type,
      );
      assert.deepEqual(told, expected);
    });
  }
});

test('of a target that had left and is back, what is open is new', async () => {
  const { summary, entries } = await lastNight([
    [1, night([RULE, 'fail'])],
    [2, night([RULE, 'fail'])],
  ]);
  const [entry] = entries;
  assert.ok(entry);
  assert.deepEqual(nodeEvents(entry, telling(summary)), []);
  const targets = summary.targets.map((each) => ({ ...each, returned: true as const }));
  const [event] = nodeEvents(entry, telling({ ...summary, targets })).map(valid);
  assert.ok(event?.detail.kind === 'finding');
  assert.deepEqual([event.detail.change, event.detail.cause], ['new', 'node-returned']);
});

test('the event of a finding is all that who repairs needs', async () => {
  const [event] = await toldOf([night([RULE, 'pass']), night([RULE, 'fail'])]);
  assert.ok(event?.detail.kind === 'finding');
  assert.deepEqual(event.resources, ['arn:aws:ec2:eu-central-1:123456789012:instance/i-1']);
  assert.equal(event.time, nightly(2).startedAt);
  const { dedupeId, findingId, node, severity, title, remediation, since, atRisk } = event.detail;
  assert.equal(findingId, '123456789012/eu-central-1/i-1/anonymous-auth');
  assert.equal(dedupeId, `night-2/${findingId}`);
  assert.deepEqual(
    [node.id, node.cluster, severity, since, atRisk],
    ['i-1', 'blue', 'critical', nightly(2).scheduledAt, undefined],
  );
  assert.equal(title, catalog[RULE]?.failureTitle);
  assert.equal(remediation?.length, 2);
});

test('a hazard has the day on which the node stops', async () => {
  const notAfter = '2026-11-20T00:00:00.000Z';
  const certificate = { role: 'client' as const, path: '/var/lib/kubelet/pki/a.pem', notAfter, renews: false };
  const line = { ...evaluated('i-1', [finding(HAZARD, 'fail')]), certificates: [certificate] };
  const [event] = await toldOf([[{ line }]]);
  assert.ok(event?.detail.kind === 'finding');
  assert.deepEqual([event.detail.atRisk, event.detail.on, event.detail.cause], [true, notAfter, 'first-scan']);
});

test('the end of a finding says which it was and why it ended', async () => {
  const others = [{ line: evaluated('i-2', []) }];
  const [event] = await toldOf([[...night([HAZARD, 'fail']), ...others], others]);
  assert.ok(event?.detail.kind === 'finding');
  assert.deepEqual(event.resources, ['arn:aws:ec2:eu-central-1:123456789012:instance/i-1']);
  const { findingId, since, atRisk, reason } = event.detail;
  assert.equal(findingId, `123456789012/eu-central-1/i-1/${HAZARD}`);
  assert.deepEqual([since, atRisk], [nightly(1).scheduledAt, undefined]);
  assert.match(reason, /^The inventory no longer has this node/);
});

test('what today’s rules see otherwise is told as the rules’ doing', async () => {
  const { summary, entries } = await lastNight([[1, night([RULE, 'pass'], [HAZARD, 'pass'])]]);
  const [entry] = entries;
  assert.ok(entry?.line && entry.changes);
  const { scheduledAt: since } = nightly(1);
  const rejudged = (rule: string) => ({ rule, change: 'rejudged' as const, since, cause: 'rules' as const });
  const line = evaluated('i-1', [finding(RULE, 'fail'), finding(HAZARD, 'pass')]);
  const changes = { ...entry.changes, open: { [RULE]: since }, changes: [rejudged(RULE), rejudged(HAZARD)] };
  const told = nodeEvents({ line, changes }, telling(summary)).map(valid);
  assert.deepEqual(
    told.map(({ type, detail }) => detail.kind === 'finding' && [type, detail.change, detail.rule, detail.cause]),
    [
      ['Kubevigil Finding New', 'new', RULE, 'rules'],
      ['Kubevigil Finding Ended', 'rejudged', HAZARD, 'rules'],
    ],
  );
});

test('hostile names and sentences are visible, and an event stays small', async () => {
  const long = `a\u202e\n${'é'.repeat(100_000)}`;
  const hostile = finding(RULE, 'fail', { reason: long, remediation: [{ text: long, command: long }] });
  const [event] = await toldOf([[{ line: evaluated('i-1', [hostile], { name: long, cluster: long }) }]]);
  assert.ok(event?.detail.kind === 'finding');
  assert.ok(Buffer.byteLength(JSON.stringify(event.detail)) < 10_000);
  assert.doesNotMatch(JSON.stringify(event.detail), /\u202e|\\n/);
});

test('a scan is told with its totals, its anchor and the places of which nothing is known', () => {
  const places = Array.from({ length: 150 }, (_, index) => ({
    account: String(100_000_000_000 + index),
    region: 'eu-west-1',
  }));
  const summary = summarize(
    scan,
    places.map((place) => failedTarget(place, `refused\n${'x'.repeat(9000)}`)),
    { previous: null },
  );
  const event = valid(scanEvent(telling(summary)));
  assert.equal(event.type, 'Kubevigil Scan Finished');
  assert.ok(event.detail.kind === 'scan');
  const { failedTargets, targets, dedupeId, scan: told } = event.detail;
  assert.deepEqual([failedTargets.items.length, failedTargets.total, targets, dedupeId], [100, 150, 150, scan.scanId]);
  assert.equal(told.manifestSha256, manifestSha256);
  assert.ok(!('left' in event.detail) && !('belated' in event.detail));
  const left = places.map((place) => ({ ...place, nodes: 3, open: 2, why: 'closed' as const }));
  const { detail } = valid(scanEvent({ ...telling({ ...summary, left }), belated: true }));
  assert.ok(detail.kind === 'scan');
  assert.deepEqual([detail.left?.items.length, detail.left?.total, detail.belated], [100, 150, true]);
  assert.deepEqual(detail.left?.items[0], left[0]);
  assert.ok(Buffer.byteLength(JSON.stringify(event.detail)) < 100_000);
});
