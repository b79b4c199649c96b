/** What of a night Security Hub is sent. Long because it is a table of what becomes of a finding. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as v from 'valibot';
import type { Finding } from '../../lambda/criteria/rule.ts';
import { type AsffFinding, findingsOf, refusedFindings, targetFindings } from '../../lambda/formats/asff.ts';
import { ocsf } from '../../lambda/formats/ocsf.ts';
import { catalog } from '../../lambda/judging/index.ts';
import { failedTarget, summarize } from '../../lambda/results/summary.ts';
import { FindingSchema } from '../../simulator/aws/securityhub/finding.ts';
import { type Answer, nightly } from '../archive/memory.ts';
import { evaluated, finding, scan, target, unreachable } from '../archive/samples.ts';
import { lastNight } from './last-night.ts';

const productArn = 'arn:aws:securityhub:eu-central-1:123456789012:product/123456789012/default';
const RULE = 'anonymous-auth';
const waiver = { reason: 'Migration', owner: 'ana', until: '2027-01-31' };
const fails = (id = 'i-1'): Answer => ({ line: evaluated(id, [finding(RULE, 'fail')]) });
const passes = (id = 'i-1'): Answer => ({ line: evaluated(id, [finding(RULE, 'pass')]) });

/** A node with two kubelets. */
const kubelets = (...states: Finding['status'][]): Answer => ({
  line: evaluated(
    'i-1',
    states.map((status) => finding(RULE, status)),
  ),
});

/** What is imported of the last night, each held to what Security Hub takes. */
async function imported(nights: [number, Answer[]][], all = false): Promise<AsffFinding[]> {
  const { summary, entries } = await lastNight(nights);
  const to = { summary, catalog, scanner: 'kubevigil', productArn, all };
  const findings = [...targetFindings(to), ...entries.flatMap((entry) => findingsOf(entry, to))];
  for (const each of findings) v.parse(FindingSchema, each);
  assert.equal(new Set(findings.map(({ Id }) => Id)).size, findings.length, 'one state of each');
  return findings;
}

/** `i-1/anonymous-auth ACTIVE FAILED`. */
const inWords = ({ Id, RecordState, Compliance }: AsffFinding) =>
  `${Id.split('/').slice(-2).join('/')} ${RecordState} ${Compliance.Status}`;

const cases: Record<string, { nights: [number, Answer[]][]; all?: boolean; sent: string[] }> = {
  'what is new is active': { nights: [[1, [fails()]]], sent: ['i-1/anonymous-auth ACTIVE FAILED'] },
  'what was open before is not sent again': {
    nights: [
      [1, [fails()]],
      [2, [fails()]],
    ],
    sent: [],
  },
  'unless nothing was sent lately': {
    nights: [
      [1, [fails()]],
      [2, [fails()]],
    ],
    all: true,
    sent: ['i-1/anonymous-auth ACTIVE FAILED'],
  },
  'and once a month, before Security Hub forgets it': {
    nights: [
      [1, [fails()]],
      [30, [fails()]],
      [31, [fails()]],
    ],
    sent: ['i-1/anonymous-auth ACTIVE FAILED'],
  },
  'what passes from the start is never sent': { nights: [[1, [passes()]]], all: true, sent: [] },
  'what is fixed is archived': {
    nights: [
      [1, [fails()]],
      [2, [passes()]],
    ],
    sent: ['i-1/anonymous-auth ARCHIVED PASSED'],
  },
  'two kubelets of a node are one finding': {
    nights: [[1, [kubelets('fail', 'fail')]]],
    sent: ['i-1/anonymous-auth ACTIVE FAILED'],
  },
  'of which the worse counts': {
    nights: [
      [1, [kubelets('pass', 'fail')]],
      [2, [kubelets('pass', 'fail')]],
    ],
    all: true,
    sent: ['i-1/anonymous-auth ACTIVE FAILED'],
  },
  'and which ends when both are repaired': {
    nights: [
      [1, [kubelets('fail', 'pass')]],
      [2, [kubelets('not-applicable', 'pass')]],
    ],
    sent: ['i-1/anonymous-auth ARCHIVED NOT_AVAILABLE'],
  },
  'what a waiver accepts is archived as what it is': {
    nights: [
      [1, [fails()]],
      [2, [{ line: evaluated('i-1', [finding(RULE, 'fail', { waiver })]) }]],
    ],
    sent: ['i-1/anonymous-auth ARCHIVED FAILED'],
  },
  'and active again when the waiver has ended': {
    nights: [
      [1, [{ line: evaluated('i-1', [finding(RULE, 'fail', { waiver })]) }]],
      [2, [fails()]],
    ],
    sent: ['i-1/anonymous-auth ACTIVE FAILED'],
  },
  'what is open is repeated where it could not be judged': {
    nights: [
      [1, [fails()]],
      [2, [{ line: evaluated('i-1', [finding(RULE, 'error')]) }]],
    ],
    all: true,
    sent: ['i-1/anonymous-auth ACTIVE WARNING'],
  },
  'and where nothing was': {
    nights: [
      [1, [fails()]],
      [2, [{ line: evaluated('i-1', []) }]],
    ],
    all: true,
    sent: ['i-1/anonymous-auth ACTIVE FAILED'],
  },
  'an error closes nothing': {
    nights: [
      [1, [fails()]],
      [2, [{ line: evaluated('i-1', [finding(RULE, 'error')]) }]],
    ],
    sent: [],
  },
  'a rule that is no longer asked ends': {
    nights: [
      [1, [fails()]],
      [2, [{ line: evaluated('i-1', [finding('read-only-port', 'pass')]) }]],
    ],
    sent: ['i-1/anonymous-auth ARCHIVED NOT_AVAILABLE'],
  },
  'silence closes nothing, and is told': {
    nights: [
      [1, [fails()]],
      [2, [{ line: unreachable('i-1', 'connection-lost') }]],
    ],
    sent: ['i-1/coverage ACTIVE NOT_AVAILABLE'],
  },
  'silence goes on': {
    nights: [
      [1, [{ line: unreachable('i-1', 'connection-lost') }]],
      [2, [{ line: unreachable('i-1', 'not-managed') }]],
    ],
    sent: ['i-1/coverage ACTIVE NOT_AVAILABLE'],
  },
  'what was open on a silent node is repeated too': {
    nights: [
      [1, [fails()]],
      [2, [{ line: unreachable('i-1', 'connection-lost') }]],
    ],
    all: true,
    sent: ['i-1/anonymous-auth ACTIVE FAILED', 'i-1/coverage ACTIVE NOT_AVAILABLE'],
  },
  'a node that answers again': {
    nights: [
      [1, [{ line: unreachable('i-1', 'connection-lost') }]],
      [2, [passes()]],
    ],
    sent: ['i-1/coverage ARCHIVED NOT_AVAILABLE'],
  },
  'a node that was stopped has nothing to answer': {
    nights: [
      [1, [{ line: unreachable('i-1', 'connection-lost') }]],
      [2, [{ line: unreachable('i-1', 'not-running') }]],
    ],
    sent: ['i-1/coverage ARCHIVED NOT_AVAILABLE'],
  },
  'and so has one that was stopped all the time, of which nothing was told': {
    nights: [
      [1, [{ line: unreachable('i-1', 'not-running') }]],
      [2, [passes()]],
    ],
    sent: [],
  },
  'a node that is gone takes its findings along': {
    nights: [
      [1, [fails('i-1'), passes('i-2')]],
      [2, [passes('i-2')]],
    ],
    sent: ['i-1/anonymous-auth ARCHIVED NOT_AVAILABLE'],
  },
  'and brings them back': {
    nights: [
      [1, [fails('i-1'), passes('i-2')]],
      [2, [passes('i-2')]],
      [3, [fails('i-1'), passes('i-2')]],
    ],
    sent: ['i-1/anonymous-auth ACTIVE FAILED'],
  },
};

describe('of the last night is imported', () => {
  for (const [name, { nights, all, sent }] of Object.entries(cases)) {
    test(name, async () => assert.deepEqual((await imported(nights, all)).map(inWords), sent));
  }
});

test('of what was refused is sent how it is now, although nothing changed', async () => {
  const nights = (answer: Answer) =>
    lastNight([
      [1, [answer]],
      [2, [answer]],
    ]);
  const sent = async (answer: Answer, ...places: string[]) => {
    const { summary, entries } = await nights(answer);
    const again = new Set(places.map((place) => `kubevigil/123456789012/eu-central-1/${place}`));
    const to = { summary, catalog, scanner: 'kubevigil', productArn, all: false, again };
    return [...targetFindings(to), ...entries.flatMap((entry) => findingsOf(entry, to))].map(inWords);
  };
  const rule = `i-1/${RULE}`;
  assert.deepEqual(await sent(fails(), rule), [`${rule} ACTIVE FAILED`]);
  assert.deepEqual(await sent(passes(), rule), [`${rule} ARCHIVED PASSED`]);
  assert.deepEqual(await sent(passes(), 'i-1/coverage'), ['i-1/coverage ARCHIVED NOT_AVAILABLE']);
  assert.deepEqual(await sent(passes(), 'coverage'), ['eu-central-1/coverage ARCHIVED NOT_AVAILABLE']);
  assert.deepEqual(await sent({ line: unreachable('i-1', 'not-running') }, 'i-1/coverage'), [
    'i-1/coverage ARCHIVED NOT_AVAILABLE',
  ]);
  assert.deepEqual(await sent(fails(), 'i-2/anonymous-auth'), []);
});

test('what was refused and is told by nothing else is over, unless nobody could look', () => {
  const failed = { account: '222222222222', region: 'eu-west-1' };
  const summary = summarize(
    scan,
    [failedTarget(failed, 'x'), failedTarget({ account: '3', region: 'home', allRegions: true }, 'x')],
    {
      previous: null,
    },
  );
  const to = { summary, catalog, scanner: 'kubevigil', productArn, all: false };
  const ids = [
    'kubevigil/111111111111/eu-west-1/i-1/anonymous-auth',
    'kubevigil/111111111111/eu-west-1/mi-1/coverage',
    'kubevigil/111111111111/eu-west-1/coverage',
  ];
  const unread = ['kubevigil/222222222222/eu-west-1/i-2/coverage', 'kubevigil/3/us-east-1/i-3/anonymous-auth'];
  const strange = ['other/111111111111/eu-west-1/coverage', 'kubevigil/x', 'kubevigil///', ''];
  const { ended, unknown } = refusedFindings([...ids, ...unread, ...strange], to);
  for (const each of ended) v.parse(FindingSchema, each);
  assert.deepEqual(
    ended.map(({ Id, RecordState }) => `${Id} ${RecordState}`),
    ids.map((id) => `${id} ARCHIVED`),
  );
  assert.deepEqual(unknown, unread);
});

test('a node of two kubelets of which one was repaired when the rules changed has one state', async () => {
  const { summary } = await lastNight([[1, [fails()]]]);
  const since = nightly(1).scheduledAt;
  const { line } = kubelets('fail', 'pass');
  const changes = {
    node: 'i-1',
    coverage: 'evaluated' as const,
    before: 'evaluated' as const,
    open: { [RULE]: since },
    changes: [{ rule: RULE, change: 'rejudged' as const, since, cause: 'rules' as const }],
  };
  const sent = (again: Set<string>) =>
    findingsOf({ line, changes }, { summary, catalog, scanner: 'kubevigil', productArn, all: false, again }).map(
      inWords,
    );
  const id = 'kubevigil/123456789012/eu-central-1/i-1/anonymous-auth';
  for (const again of [new Set<string>(), new Set([id])])
    assert.deepEqual(sent(again), ['i-1/anonymous-auth ACTIVE FAILED']);
});

test('a node outside of EC2 is none of its instances', async () => {
  const id = 'mi-0123456789abcdef0';
  const [found] = await imported([[1, [fails(id)]]], true);
  assert.deepEqual(
    found?.Resources.map(({ Type, Id }) => [Type, Id]),
    [['Other', `arn:aws:ssm:eu-central-1:123456789012:managed-instance/${id}`]],
  );
});

test('a finding says what, where, how bad, since when and what to do', async () => {
  const open = { line: evaluated('i-1', [finding(RULE, 'fail')]) };
  const [found] = await imported(
    [
      [1, [open]],
      [2, [open]],
    ],
    true,
  );
  assert.ok(found);
  const { Title, FindingProviderFields, Resources, ProductFields, Remediation, Compliance, ...rest } = found;
  assert.equal(rest.Id, 'kubevigil/123456789012/eu-central-1/i-1/anonymous-auth');
  assert.equal(rest.GeneratorId, 'kubevigil/anonymous-auth');
  assert.deepEqual([rest.AwsAccountId, rest.ProductArn], ['123456789012', productArn]);
  assert.deepEqual(
    [rest.CreatedAt, rest.FirstObservedAt, rest.LastObservedAt, rest.UpdatedAt],
    [nightly(1).scheduledAt, nightly(1).scheduledAt, nightly(2).startedAt, nightly(2).finishedAt],
  );
  assert.equal(Title, catalog[RULE]?.failureTitle);
  assert.match(rest.Description, /^The setting of anonymous-auth says so/);
  assert.deepEqual(FindingProviderFields, {
    Severity: { Label: 'CRITICAL' },
    Types: ['Software and Configuration Checks/Industry and Regulatory Standards'],
  });
  assert.deepEqual(Resources, [
    {
      Type: 'AwsEc2Instance',
      Id: 'arn:aws:ec2:eu-central-1:123456789012:instance/i-1',
      Partition: 'aws',
      Region: 'eu-central-1',
    },
  ]);
  assert.deepEqual(ProductFields, {
    'kubevigil/scan': 'night-2',
    'kubevigil/node': 'i-1-worker',
    'kubevigil/cluster': 'blue',
    'kubevigil/status': 'fail',
  });
  assert.equal(Compliance.RelatedRequirements?.[0], 'cis-kubernetes-1.5.1/4.2.11');
  assert.match(Remediation?.Recommendation.Text ?? '', /^1\. Set what anonymous-auth asks for\. 2\. Restart/);
  assert.ok(!('Workflow' in found) && !('Note' in found), 'which are the customers’ own');
});

test('an accepted finding says by whom, a hazard that it is one', async () => {
  const hazard = finding('client-certificate-expiry', 'fail', { controls: [] });
  const accepted = { line: evaluated('i-1', [finding(RULE, 'fail', { waiver }), hazard]) };
  const found = await imported([
    [1, [fails()]],
    [2, [accepted]],
  ]);
  const [first, second] = found;
  assert.equal(first?.ProductFields['kubevigil/waiver'], 'Migration (ana, until 2027-01-31)');
  assert.equal(second?.ProductFields['kubevigil/hazard'], 'true');
  assert.deepEqual(second?.FindingProviderFields.Types, ['Software and Configuration Checks']);
});

test('a node of which nothing is known is as severe as an account of which nothing is', async () => {
  const [found] = await imported([[1, [{ line: unreachable('i-1', 'connection-lost') }]]]);
  assert.equal(found?.FindingProviderFields.Severity.Label, 'HIGH');
  assert.equal(found.Title, 'The node could not be evaluated');
  assert.match(found.Description, /^The SSM agent has not answered/);
});

test('accounts and regions that could not be scanned are findings until they are', () => {
  const of = (error: string | undefined, before: boolean) => {
    const summary = summarize(scan, error === undefined ? [] : [failedTarget(target, error)], { previous: null });
    const [first] = summarize(scan, [failedTarget(target, 'x')], { previous: null }).targets;
    assert.ok(first);
    const { error: _, ...assessed } = first;
    const targets =
      error === undefined ? [before ? assessed : { ...assessed, notAssessedSince: undefined }] : summary.targets;
    const to = {
      summary: { ...summary, targets } as typeof summary,
      catalog,
      scanner: 'kubevigil',
      productArn,
      all: false,
    };
    const found = targetFindings(to);
    for (const each of found) v.parse(FindingSchema, each);
    return found.map((each) => [each.RecordState, each.FindingProviderFields.Severity.Label, each.Description]);
  };
  assert.deepEqual(of('not authorized', false), [['ACTIVE', 'HIGH', 'not authorized']]);
  assert.deepEqual(of(undefined, true), [['ARCHIVED', 'INFORMATIONAL', 'It was scanned again.']]);
  assert.deepEqual(of(undefined, false), []);
});

test('of a target that left, or of which another tells now, what was said is over, in OCSF as in Security Hub', () => {
  const since = nightly(1).scheduledAt;
  const summary = {
    ...summarize(scan, [], { previous: null }),
    left: [
      { account: '111111111111', region: 'eu-west-1', nodes: 3, open: 1 },
      { account: '222222222222', region: 'eu-west-1', nodes: 3, open: 1, notAssessedSince: since },
    ],
    regrouped: [{ account: '333333333333', region: 'eu-west-1', notAssessedSince: since }],
  };
  const found = targetFindings({ summary, catalog, scanner: 'kubevigil', productArn, all: false });
  for (const each of found) v.parse(FindingSchema, each);
  const over = ['222222222222', '333333333333'].map((account) => `${account}/eu-west-1/coverage`);
  assert.deepEqual(
    found.map(({ Id, RecordState, FirstObservedAt }) => [Id, RecordState, FirstObservedAt]),
    over.map((id) => [`kubevigil/${id}`, 'ARCHIVED', since]),
  );
  const events = ocsf.open({ summary, catalog }).end();
  const lines = [...events]
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map((event) => [event.finding_info.uid, event.activity_name, event.finding_info.first_seen_time]),
    over.map((id) => [id, 'Close', Date.parse(since)]),
  );
});

test('hostile names and sentences of any length stay within what Security Hub takes', async () => {
  const long = `\u202e${'x'.repeat(5000)}`;
  const hostile = finding(RULE, 'fail', { reason: long, remediation: [{ text: long, command: long }] });
  const line = evaluated('i-1', [hostile], { name: ' ', cluster: long });
  const [found] = await imported([[1, [{ line }]]]);
  assert.equal(found?.Description.length, 1024);
  assert.ok(found.Description.startsWith('\\u{202e}x') && found.Description.endsWith('…'));
});
