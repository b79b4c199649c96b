/**
 * What arrives after the nights on which something dangerous happens, and after those on which nothing does, and what the page says first.
 * Long because each night is a case.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type AlertPolicy, isWorthSending } from '../../lambda/alerts/alert.ts';
import { firstScreen } from './first-screen.ts';
import { type Arrived, type Fleet, nights } from './nights.ts';

const DENIED = {
  status: 403,
  code: 'UnauthorizedOperation',
  message: 'You are not authorized to perform this operation.',
};

type Night = {
  name: string;
  nights: Parameters<typeof nights>[0];
  settings?: Record<string, unknown>;
  /** Policies under which the last night is told, besides `always`. */
  told: AlertPolicy[];
  /** What the last night's message says under `always`; the chat says what the e-mail says. */
  subject: RegExp;
  email?: RegExp[];
  /** What the first screen of its page says, the verdict first. */
  screen: RegExp[];
  json?: (alert: NonNullable<Arrived>['alert']) => unknown;
  wanted?: unknown;
};

/** Nobody can read the newest scan any longer. */
const damaged: Extract<Night['nights'][number], (...parts: never) => void> = (archive) => {
  writeFileSync(join(archive, 'latest.json'), '{"scanId": ');
};
const judgedBy =
  (...benchmarks: string[]): typeof damaged =>
  (_, scanner) => {
    scanner.settings.benchmarks = benchmarks;
  };
const aheadBy =
  (seconds: number): typeof damaged =>
  (_, scanner) => {
    scanner.ahead = seconds;
  };
const REGIONS = [
  { account: '111122223333', region: 'eu-central-1' },
  { account: '111122223333', region: 'eu-west-1' },
];

const two: Fleet = { payments: ['good', 'good'] };
const many = (count: number): Fleet => ({ payments: { good: count } });

const cases: Night[] = [
  {
    name: 'an EKS node gets rotation, with which it cannot authenticate after its next start',
    nights: [{ shop: ['eks', 'eks'] }, { shop: ['eks', 'eks, rotation forced'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil shop CRITICAL: 1 node newly at risk/,
    screen: [
      /^1 node will stop working unless somebody acts: 1 at the next start of the kubelet\. 1 open finding on 1 of 2 nodes\.$/m,
      /^1 node at risk\nat the next start shop-1 .* What to do: Set rotateCertificates: false in /m,
    ],
    email: [/^AT RISK: 1 new$/m, /^- at the next start: i-\S+ \S+ in shop: Set `rotateCertificates: false`/m],
    json: ({ hazards }) => [hazards.new.total, hazards.new.groups[0]?.rule],
    wanted: [1, 'kubelet-restart'],
  },
  {
    name: 'a configuration breaks: one cause is told once, not for each verdict',
    nights: [two, { payments: ['good', 'broken configuration'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments CRITICAL: 1 node newly at risk/,
    screen: [
      /^1 node will stop working unless somebody acts: 1 at the next start of the kubelet\./,
      /^at the next start payments-1 .* What to do: Correct line 3 of /m,
      /^\d+ rules not judged on i-\S+ , because of what the rule kubelet-restart tells: /m,
    ],
    email: [/^- at the next start: i-\S+ \S+ in payments: Correct line 3 of /m],
    json: ({ hazards, undecided }) => [
      hazards.new.nodes,
      undecided.new.items.some(({ reason }) => /kubelet-restart/.test(reason)),
    ],
    wanted: [1, false],
  },
  {
    name: 'a node loses its tag and leaves the inventory with its open findings',
    nights: [{ payments: ['good', 'anonymous'] }, { payments: ['good', 'untagged'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments: 1 node gone/,
    screen: [
      /^6 open findings on 1 of 1 node\.$/m,
      /^1 node left the inventory and still exists: did a tag change\?$/m,
    ],
    email: [
      /^- GONE from the inventory: i-\S+ \S+ in payments, though it is running, with \d+ open failures that nobody repaired$/m,
    ],
    json: ({ gone }) => [gone.total, (gone.items[0]?.failures ?? 0) > 0],
    wanted: [1, true],
  },
  {
    name: 'thirty nodes become three because a tag changed',
    nights: [many(30), { payments: { good: 3, untagged: 27 } }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments: ONLY 3 OF 30 NODES LEFT, 27 nodes gone/,
    screen: [/^27 nodes left the inventory and still exist: did a tag change\?$/m],
    email: [
      /^- FEWER NODES in 111122223333 eu-central-1: 3, 30 before; did a tag change\? \(docs\/runbook\.md#population-fell\)$/m,
      /^- GONE from the inventory: 27 nodes in payments \(i-\S+ and 26 more\), though they are running/m,
    ],
    json: ({ targets }) => [targets.items[0]?.fell, targets.items[0]?.previousNodes],
    wanted: [true, 30],
  },
  {
    name: 'all nodes are gone',
    nights: [two, {}],
    told: ['changes', 'failures'],
    subject: /NOT SCANNED: 111122223333 eu-central-1, 2 nodes terminated$/,
    screen: [
      /^Nothing is known: no node was scanned\.$/m,
      /^111122223333 eu-central-1 had 2 nodes and has none any longer\.$/m,
    ],
    email: [/^- NOT SCANNED 111122223333 eu-central-1, which had 2 nodes: no node has the tags any longer/m],
  },
  {
    name: 'a group scales down, and its instances are terminated: nothing to wake anybody for',
    nights: [many(30), many(12)],
    told: ['failures'],
    subject: /^kubevigil payments: 18 nodes terminated$/,
    screen: [/^72 open findings on 12 of 12 nodes\.$/m, /18 gone \(18 terminated\)/],
    email: [
      /^All 12 nodes in 111122223333 eu-central-1 checked by /m,
      /^- terminated: 18 nodes, with \d+ open failures/m,
    ],
    json: ({ gone, terminated, targets }) => [gone.total, terminated?.nodes, targets.items[0]?.fell],
    wanted: [0, 18, undefined],
  },
  {
    name: 'nodes of a cluster appear that the tags do not select',
    nights: [two, { payments: ['good', 'good'], shadow: ['untagged', 'untagged'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments: 2 instances not selected that look like nodes$/,
    screen: [/^The tags do not select 2 instances of shadow .* though each looks like a node: /m],
    email: [
      /^- NOT SELECTED by the tags: 2 instances of shadow in 111122223333 eu-central-1 \(i-\S+ and 1 more\); each looks like a node: it has the tag kubernetes\.io\/cluster\/shadow, /m,
    ],
    json: ({ lookalikes }) => [lookalikes.total, lookalikes.items[0]?.cluster],
    wanted: [2, 'shadow'],
  },
  {
    name: 'they are still not selected the night after',
    nights: [
      { payments: ['good'], shadow: ['untagged'] },
      { payments: ['good'], shadow: ['untagged', 'untagged'] },
    ],
    told: ['failures'],
    subject: /^kubevigil payments: nothing new, /,
    screen: [/^The tags do not select 2 instances of shadow /m],
    email: [
      /^- still not selected: 2 instances of shadow in 111122223333 eu-central-1 \(.*\), which look like nodes$/m,
    ],
  },
  {
    name: 'all nodes are stopped for the night: none had to answer',
    nights: [two, { payments: ['stopped', 'stopped'] }],
    told: [],
    subject: /^kubevigil payments: 2 nodes newly unreachable$/,
    screen: [/^Nothing is known: 2 nodes, none of which was running\.$/m],
    email: [/^No node in 111122223333 eu-central-1 checked \(2 more did not run\) by /m],
    json: ({ targets }) => targets.items[0]?.idle,
    wanted: 2,
  },
  {
    name: 'a node whose certificate is about to end falls silent: silence mends nothing',
    nights: [{ payments: ['good', 'ends in 4 days'] }, { payments: ['good', 'no agent'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments: 1 node newly unreachable$/,
    screen: [
      /^6 open findings on 1 of 2 nodes; 1 unreachable\.$/m,
      /^1 node that was at risk when last seen does not answer: silence mends nothing/m,
    ],
    email: [/^- UNREACHABLE i-\S+ \S+ in payments, 1 AT RISK when last seen: not-managed, /m],
    json: ({ unreachable }) => unreachable.new.items[0]?.atRisk,
    wanted: 1,
  },
  {
    name: 'a cluster gets another name: its nodes are new, and the others were terminated',
    nights: [{ payments: ['good', 'anonymous'] }, { billing: ['good', 'anonymous'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil billing CRITICAL: \d+ new failures on 2 nodes, 1 new outlier, 2 nodes terminated$/,
    screen: [/2 gone \(2 terminated\)/],
    email: [
      /^- CRITICAL anonymous-auth: i-\S+ \S+ in billing, not scanned before: Remove /m,
      /^- terminated: 2 nodes, with /m,
    ],
  },
  {
    name: 'a region that was denied answers again: nothing on its nodes is new',
    nights: [two, DENIED, two],
    told: ['failures'],
    subject: /^kubevigil payments: nothing new, /,
    screen: [/^12 open findings on 2 of 2 nodes\.$/m, /: 0 new, 0 fixed, 12 still open\./],
  },
  {
    name: 'there are still no nodes',
    nights: [two, {}, {}],
    told: ['failures'],
    subject: /: NO NODE FOUND$/,
    screen: [/^Nothing is known: no node was scanned\.$/m],
    email: [/^Nothing was checked: compare the tags .* \(docs\/runbook\.md#no-nodes\)\.$/m],
  },
  {
    name: 'nothing changes',
    nights: [two, two],
    told: ['failures'],
    subject: /^kubevigil payments: nothing new, /,
    screen: [/^12 open findings on 2 of 2 nodes\.$/m, /: 0 new, 0 fixed, 12 still open\./],
  },
  {
    name: 'a hazard lasts: it was told, and is told each night by who asked for that',
    nights: [{ payments: ['ends in 12 days'] }, { payments: ['ends in 12 days'] }],
    told: ['failures'],
    subject: /^kubevigil payments: nothing new, 1 node still at risk/,
    screen: [
      /^1 node will stop working unless somebody acts: the first certificate ends on 5 December 2026\./,
      /^5 December 2026 in 10 days payments-0 .* What to do: Remove --rotate-certificates=false from /m,
    ],
    email: [
      /^AT RISK: 1 known$/m,
      /^- known: 1 node by client-certificate-expiry, the first ends in 10 days \(2026-12-05\)$/m,
    ],
  },
  {
    name: 'a certificate in its last week is told every night',
    nights: [{ payments: ['ends in 4 days'] }, { payments: ['ends in 4 days'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments: 1 node to expire in 7 days$/,
    screen: [
      /^1 node will stop working unless somebody acts: the first certificate ends on 27 November 2026\./,
      /^27 November 2026 in 2 days payments-0 /m,
    ],
    email: [/^- ends in 2 days \(2026-11-27\): i-\S+ \S+ in payments: Remove `--rotate-certificates=false` from /m],
  },
  {
    name: 'a certificate has expired',
    nights: [{ payments: ['expired'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments (CRITICAL|HIGH): 1 node EXPIRED/,
    screen: [
      /^1 node has stopped working or will unless somebody acts: 1 at the next start of the kubelet, the first certificate ended on 22 November 2026\./,
      /^1 node at risk\nsince 22 November 2026 1 day ago payments-0 .*\nat the next start payments-0 /m,
    ],
    email: [/^- EXPIRED 2026-11-22: i-/m],
    json: ({ hazards }) => hazards.new.stopped,
    wanted: 1,
  },
  {
    name: 'the benchmark passes a node whose certificate ends all the same',
    nights: [{ payments: ['unset, ends in 12 days'] }],
    told: ['changes', 'failures'],
    subject: /: 1 node newly at risk/,
    screen: [/^5 December 2026 in 11 days payments-0 .* What to do: Set rotateCertificates: true in /m],
    email: [/^- ends in 1[01] days \(2026-12-05\): i-/m],
    json: ({ hazards }) =>
      hazards.new.groups.some(({ rule, on }) => rule === 'client-certificate-expiry' && on?.startsWith('2026-12-05')),
    wanted: true,
  },
  {
    name: 'a failure is fixed',
    nights: [{ payments: ['anonymous'] }, { payments: ['good'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments: 1 fixed$/,
    screen: [/: 0 new, 1 fixed, 6 still open\./],
    email: [/^- fixed 1: anonymous-auth 1$/m],
  },
  {
    name: 'one agent is silent, one answer is cut',
    nights: [{ payments: ['good', 'good', 'good'] }, { payments: ['good', 'no agent', 'cut'] }],
    told: ['changes', 'failures'],
    subject: /: 2 nodes newly unreachable$/,
    screen: [/^6 open findings on 1 of 3 nodes; 2 unreachable\.$/m],
    email: [
      /^- UNREACHABLE i-\S+ \S+ in payments: not-managed, /m,
      /^- UNREACHABLE i-\S+ \S+ in payments: bad-answer, /m,
    ],
  },
  {
    name: 'one setting is wrong on nodes of two clusters: a line for each',
    nights: [
      { payments: ['good', 'good', 'good'], staging: ['good', 'good'] },
      { payments: ['anonymous', 'anonymous', 'good'], staging: ['anonymous', 'anonymous'] },
    ],
    told: ['changes', 'failures'],
    subject: /^kubevigil 2 clusters CRITICAL: 4 new failures on 4 nodes, 1 new outlier$/,
    screen: [/^34 open findings on 5 of 5 nodes\.$/m, /: 4 new, 0 fixed, 30 still open\./],
    email: [
      /^- CRITICAL anonymous-auth: 2 nodes in payments \(i-\S+ and 1 more\): Remove `--anonymous-auth=true` from /m,
      /^- CRITICAL anonymous-auth: 2 nodes in staging \(/m,
    ],
    json: ({ failures }) => failures.new.groups.map(({ cluster, nodes }) => [cluster, nodes]),
    wanted: [
      ['payments', 2],
      ['staging', 2],
    ],
  },
  {
    name: 'what is less severe than people want to be told of is counted only',
    nights: [two, { payments: ['no chains', 'no chains'] }],
    settings: { alertMinSeverity: 'high' },
    told: [],
    subject: /^kubevigil payments: nothing new, no failures/,
    screen: [/: 2 new, 0 fixed, 12 still open\./],
    email: [/^- 2 new failures less severe than messages tell of$/m],
    json: ({ failures }) => [failures.new.total, failures.below],
    wanted: [0, 2],
  },
  {
    name: 'a node joins with failures of its own',
    nights: [{ payments: ['good'] }, { payments: ['good', 'anonymous'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments CRITICAL: \d+ new failures on 1 node/,
    screen: [/: 7 new, 0 fixed, 6 still open\. Fleet: 1 new node, /],
    email: [/^- CRITICAL anonymous-auth: i-\S+ \S+ in payments, not scanned before: Remove /m],
  },
  {
    name: 'two nodes have one name',
    nights: [
      {
        payments: [
          { kind: 'good', name: 'worker' },
          { kind: 'good', name: 'worker' },
        ],
      },
      {
        payments: [
          { kind: 'good', name: 'worker' },
          { kind: 'anonymous', name: 'worker' },
        ],
      },
    ],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments CRITICAL: 1 new failure on 1 node/,
    email: [/^- CRITICAL anonymous-auth: i-\S+1 worker in payments: Remove /m],
    screen: [/^13 open findings on 2 of 2 nodes\.$/m],
  },
  {
    name: 'a node moves to another region',
    nights: [{ payments: ['good', 'anonymous'] }, { payments: ['good', { kind: 'anonymous', region: 'eu-west-1' }] }],
    settings: { targets: REGIONS },
    told: ['changes', 'failures'],
    subject: /^kubevigil payments CRITICAL: 7 new failures on 1 node, 1 node terminated$/,
    email: [
      /^- CRITICAL anonymous-auth: i-\S+ payments-1 in payments, not scanned before: /m,
      /^- terminated: 1 node, with 7 open failures/m,
    ],
    screen: [/7 gone with their nodes\. Fleet: 1 new node, 1 gone \(1 terminated\), /],
  },
  {
    name: 'a certificate ends within the hour, another one this evening',
    nights: [{ payments: ['ends in half an hour', 'ends this evening'] }],
    told: ['changes', 'failures'],
    subject: /: 2 nodes to expire in 7 days, the first within 24 hours, /,
    email: [/^- the first ends WITHIN AN HOUR \(2026-11-23 02:30 UTC\): 2 nodes in payments /m],
    screen: [
      /^2 nodes will stop working unless somebody acts: the first certificate ends on 23 November 2026, 02:30 UTC\./,
      /^from 23 November 2026, 02:30 UTC within an hour 2 nodes /m,
    ],
  },
  {
    name: 'the clock of a node is a day behind',
    nights: [two, { payments: ['good', { kind: 'good', ahead: -86_400 }] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments MEDIUM: 1 new failure on 1 node$/,
    email: [/^- MEDIUM node-clock: i-\S+ payments-1 in payments: Compare the clock of the node with /m],
    screen: [/^13 open findings on 2 of 2 nodes\.$/m],
  },
  {
    name: 'the clock of the scanner is a year ahead',
    nights: [two, aheadBy(365 * 86_400), two],
    told: ['changes', 'failures'],
    subject: /: 2 nodes EXPIRED, /,
    email: [
      /^payments CRITICAL: .* NO CLOCK AGREES WITH THE SCAN, /m,
      /^The clocks of all these nodes disagree with the scan's: first look whether the scanner's own is wrong\./m,
    ],
    screen: [
      /^The clocks of all nodes disagree with the scan's: if the scanner's own is wrong, so is every date below\.$/m,
    ],
  },
  {
    name: 'the scan before cannot be read',
    nights: [{ payments: ['good', 'anonymous'] }, damaged, { payments: ['good', 'anonymous'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments CRITICAL: SCAN BEFORE UNREADABLE, 13 new failures on 2 nodes, /,
    email: [/The scan before could not be read: what is new is not known, so every failure counts as new\.$/m],
    screen: [
      /^This scan could not be compared with the one before it\.$/m,
      /^The previous scan could not be read: latest\.json: not JSON /m,
    ],
  },
  {
    name: 'another benchmark is judged by',
    nights: [judgedBy('cis-kubernetes-1.5.1'), two, judgedBy('cis-kubernetes-1.12'), two],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments MEDIUM: 6 new failures on 2 nodes, judged by other benchmarks$/,
    email: [
      /^Judged now also by cis-kubernetes-1\.12: /m,
      /^- MEDIUM pod-pids-limit: 2 nodes in payments, by a rule that is new /m,
    ],
    screen: [/^The benchmarks changed since then \(added cis-kubernetes-1\.12\): /m],
  },
  {
    name: 'a region denies access',
    nights: [two, DENIED],
    told: ['changes', 'failures'],
    subject: /NOT SCANNED: 111122223333 eu-central-1$/,
    screen: [/^111122223333 eu-central-1 could not be scanned: EC2 DescribeInstances was refused with 403 /m],
    email: [/^- NOT SCANNED 111122223333 eu-central-1: .*\(docs\/runbook\.md#target-failed\)$/m],
    json: ({ targets }) => /UnauthorizedOperation/.test(targets.items[0]?.failed ?? ''),
    wanted: true,
  },
];

for (const { name, nights: fleets, settings, told, subject, email = [], screen, json, wanted } of cases) {
  test(name, async () => {
    const { arrived: all, page } = await nights(fleets, { ...settings, alertPolicy: 'always', formats: ['html'] });
    const arrived = all.at(-1);
    assert.ok(arrived);
    const seen = firstScreen(page).join('\n');
    for (const line of screen) assert.match(seen, line);
    assert.match(arrived.subject, subject);
    for (const line of email) assert.match(arrived.email, line);
    assert.ok(arrived.email.split('\n').length <= 25, arrived.email);
    // The chat says the same: each of its lines that begins like one of the e-mail is in the description.
    const titles = arrived.email.match(/^(AT RISK|NOT SEEN|NEW FAILURES|ALSO).*$/gm) ?? [];
    for (const title of titles) assert.ok(arrived.chat.content.description.includes(`*${title}*`), title);
    if (json) assert.deepEqual(json(arrived.alert), wanted);
    const { targets, ...alert } = arrived.alert;
    for (const policy of ['changes', 'failures'] as const) {
      assert.equal(isWorthSending({ ...alert, targets: targets.items }, policy), told.includes(policy), policy);
    }
  });
}

test('nothing is sent under the default policy on a night on which nothing changes', async () => {
  const { arrived } = await nights([two, two]);
  assert.deepEqual(
    arrived.map((message) => message !== undefined),
    [true, false],
  );
});
