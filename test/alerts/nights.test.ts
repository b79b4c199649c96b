/** What arrives after the nights on which something dangerous happens, and after those on which nothing does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AlertPolicy, isWorthSending } from '../../lambda/alerts/alert.ts';
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
  json?: (alert: NonNullable<Arrived>['alert']) => unknown;
  wanted?: unknown;
};

const two: Fleet = { payments: ['good', 'good'] };
const many = (count: number): Fleet => ({ payments: { good: count } });

const cases: Night[] = [
  {
    name: 'an EKS node gets rotation, with which it cannot authenticate after its next start',
    nights: [{ shop: ['eks', 'eks'] }, { shop: ['eks', 'eks, rotation forced'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil shop CRITICAL: 1 node newly at risk/,
    email: [/^AT RISK: 1 new$/m, /^- at the next start: i-\S+ \S+ in shop: Set `rotateCertificates: false`/m],
    json: ({ hazards }) => [hazards.new.total, hazards.new.groups[0]?.rule],
    wanted: [1, 'kubelet-restart'],
  },
  {
    name: 'a configuration breaks: one cause is told once, not for each verdict',
    nights: [two, { payments: ['good', 'broken configuration'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments CRITICAL: 1 node newly at risk/,
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
    email: [/^- NOT SCANNED 111122223333 eu-central-1, which had 2 nodes: no node has the tags any longer/m],
  },
  {
    name: 'a group scales down, and its instances are terminated: nothing to wake anybody for',
    nights: [many(30), many(12)],
    told: ['failures'],
    subject: /^kubevigil payments: 18 nodes terminated$/,
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
    email: [
      /^- still not selected: 2 instances of shadow in 111122223333 eu-central-1 \(.*\), which look like nodes$/m,
    ],
  },
  {
    name: 'all nodes are stopped for the night: none had to answer',
    nights: [two, { payments: ['stopped', 'stopped'] }],
    told: [],
    subject: /^kubevigil payments: 2 nodes newly unreachable$/,
    email: [/^No node in 111122223333 eu-central-1 checked \(2 more did not run\) by /m],
    json: ({ targets }) => targets.items[0]?.idle,
    wanted: 2,
  },
  {
    name: 'a node whose certificate is about to end falls silent: silence mends nothing',
    nights: [{ payments: ['good', 'ends in 4 days'] }, { payments: ['good', 'no agent'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments: 1 node newly unreachable$/,
    email: [/^- UNREACHABLE i-\S+ \S+ in payments, 1 AT RISK when last seen: not-managed, /m],
    json: ({ unreachable }) => unreachable.new.items[0]?.atRisk,
    wanted: 1,
  },
  {
    name: 'a cluster gets another name: its nodes are new, and the others were terminated',
    nights: [{ payments: ['good', 'anonymous'] }, { billing: ['good', 'anonymous'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil billing CRITICAL: \d+ new failures on 2 nodes, 2 nodes terminated$/,
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
  },
  {
    name: 'there are still no nodes',
    nights: [two, {}, {}],
    told: ['failures'],
    subject: /: NO NODE FOUND$/,
    email: [/^Nothing was checked: compare the tags .* \(docs\/runbook\.md#no-nodes\)\.$/m],
  },
  {
    name: 'nothing changes',
    nights: [two, two],
    told: ['failures'],
    subject: /^kubevigil payments: nothing new, /,
  },
  {
    name: 'a hazard lasts: it was told, and is told each night by who asked for that',
    nights: [{ payments: ['ends in 12 days'] }, { payments: ['ends in 12 days'] }],
    told: ['failures'],
    subject: /^kubevigil payments: nothing new, 1 node still at risk/,
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
    email: [/^- ends in 2 days \(2026-11-27\): i-\S+ \S+ in payments: Remove `--rotate-certificates=false` from /m],
  },
  {
    name: 'a certificate has expired',
    nights: [{ payments: ['expired'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments (CRITICAL|HIGH): 1 node EXPIRED/,
    email: [/^- EXPIRED 2026-11-22: i-/m],
    json: ({ hazards }) => hazards.new.stopped,
    wanted: 1,
  },
  {
    name: 'the benchmark passes a node whose certificate ends all the same',
    nights: [{ payments: ['unset, ends in 12 days'] }],
    told: ['changes', 'failures'],
    subject: /: 1 node newly at risk/,
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
    email: [/^- fixed 1: anonymous-auth 1$/m],
  },
  {
    name: 'one agent is silent, one answer is cut',
    nights: [{ payments: ['good', 'good', 'good'] }, { payments: ['good', 'no agent', 'cut'] }],
    told: ['changes', 'failures'],
    subject: /: 2 nodes newly unreachable$/,
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
    subject: /^kubevigil 2 clusters CRITICAL: 4 new failures on 4 nodes$/,
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
    nights: [two, { payments: ['good', 'no chains'] }],
    settings: { alertMinSeverity: 'high' },
    told: [],
    subject: /^kubevigil payments: nothing new, no failures/,
    email: [/^- 1 new failure less severe than messages tell of$/m],
    json: ({ failures }) => [failures.new.total, failures.below],
    wanted: [0, 1],
  },
  {
    name: 'a node joins with failures of its own',
    nights: [{ payments: ['good'] }, { payments: ['good', 'anonymous'] }],
    told: ['changes', 'failures'],
    subject: /^kubevigil payments CRITICAL: \d+ new failures on 1 node/,
    email: [/^- CRITICAL anonymous-auth: i-\S+ \S+ in payments, not scanned before: Remove /m],
  },
  {
    name: 'a region denies access',
    nights: [two, DENIED],
    told: ['changes', 'failures'],
    subject: /NOT SCANNED: 111122223333 eu-central-1$/,
    email: [/^- NOT SCANNED 111122223333 eu-central-1: .*\(docs\/runbook\.md#target-failed\)$/m],
    json: ({ targets }) => /UnauthorizedOperation/.test(targets.items[0]?.failed ?? ''),
    wanted: true,
  },
];

for (const { name, nights: fleets, settings, told, subject, email = [], json, wanted } of cases) {
  test(name, async () => {
    const arrived = (await nights(fleets, { ...settings, alertPolicy: 'always' })).arrived.at(-1);
    assert.ok(arrived);
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
