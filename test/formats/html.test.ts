/**
 * The page without its script, and the data in it.
 * Long because one sample fleet is held against every part of the page.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanKeys } from '../../lambda/archive/keys.ts';
import type { Head } from '../../lambda/formats/format.ts';
import { html } from '../../lambda/formats/html.ts';
import { emptyDifference } from '../../lambda/results/compare.ts';
import type { Entry } from '../../lambda/results/entry.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';
import { failedTarget, summarize } from '../../lambda/results/summary.ts';
import { emptyTally } from '../../lambda/results/tally.ts';
import { catalog, fleet } from '../archive/fleet.ts';
import { keepScan, memoryArchive, nightly } from '../archive/memory.ts';
import { answers, evaluated, finding, scan, target, unreachable } from '../archive/samples.ts';

function pageOf(entries: Entry[], head: Partial<Head> = {}): string {
  const sheet = html.open({ summary: summarize(scan, [], { previous: null }), catalog: {}, ...head });
  return sheet.begin() + entries.map(sheet.entry).join('') + [...sheet.end()].join('');
}

async function lastPage(nights: ReturnType<typeof fleet>[]): Promise<string> {
  const archive = memoryArchive();
  for (const [index, answered] of nights.entries()) {
    await keepScan(archive, nightly(index + 1), answered, undefined, { formats: ['html'], catalog });
  }
  const key = scanKeys(nightly(nights.length)).summary.replace('summary.json', 'report.html');
  return archive.objects.get(key)?.toString() ?? '';
}

const dataOf = (page: string) => JSON.parse(/id="data">([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '');

test('the page runs its own script only, by digest, and loads nothing', () => {
  const page = pageOf(answers.map(({ line }) => ({ line })));
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
  const digest = (text: string | undefined) =>
    createHash('sha256')
      .update(text ?? '')
      .digest('base64');
  assert.match(policy, /^default-src 'none'; script-src 'sha256-/);
  assert.ok(policy.includes(`'sha256-${digest(/<script type="module">([\s\S]*?)<\/script>/.exec(page)?.[1])}'`));
  assert.ok(policy.includes(`'sha256-${digest(/<style>([\s\S]*?)<\/style>/.exec(page)?.[1])}'`));
  assert.ok(
    !/\s(style|on\w+|src|href="(?!#))=/i.test(page.replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>/g, '')),
  );
});

test('without its script the page tells how it stands and what to do', async () => {
  const page = await lastPage([
    answers,
    [...answers, { line: evaluated('i-06', [finding('anonymous-auth', 'fail')]) }],
  ]);
  const visible = page.slice(0, page.indexOf('<script'));
  assert.match(visible, /2 open findings on 2 of 6 nodes; \d unreachable\./);
  assert.match(visible, /Since 1 November 2026, 02:00 UTC: 1 new, 0 fixed, 1 still open/);
  assert.match(visible, /<li>Set what anonymous-auth asks for\.<\/li><li>Restart the kubelet/);
  assert.match(visible, /connection-lost/);
  assert.match(visible, /Anonymous requests to the kubelet are refused/);
});

test('what one cause keeps from being judged is told once, above all and at the node', async () => {
  const errors = ['anonymous-auth', 'read-only-port'].map((rule) => ({
    ...finding(rule, 'error'),
    reason: 'Not judged because of what the rule kubelet-restart tells.',
  }));
  const page = await lastPage([[{ line: evaluated('i-07', errors) }, { line: evaluated('i-08', errors) }]]);
  const visible = page.slice(0, page.indexOf('<script'));
  const note =
    />2 rules not judged on <a href="#pick=error">2 nodes<\/a>, because of what the rule kubelet-restart tells\.</;
  assert.match(visible, note);
  assert.equal(visible.match(/2 rules not judged: anonymous-auth, read-only-port/g)?.length, 2);
  assert.equal(visible.match(/because of what the rule kubelet-restart tells/g)?.length, 3);
});

test('a first scan, a gap, a changed rule set, a lost target and a broken past are said', async () => {
  assert.match(await lastPage([answers]), /This is the first scan/);
  const summary = summarize(scan, [failedTarget(target, 'The role cannot be assumed.')], {
    previous: null,
    problem: 'latest.json is cut',
  });
  const page = pageOf([], {
    summary: {
      ...summary,
      comparison: { ...summary.comparison, gapSeconds: 7 * 86_400, ruleSet: { added: ['a'], removed: ['b'] } },
    },
  });
  assert.match(page, /123456789012 eu-central-1 could not be scanned: The role cannot be assumed\./);
  assert.match(page, /could not be read: latest\.json is cut/);
  assert.match(page, /168 hours earlier/);
  assert.match(page, /The rule set changed since then \(added a; removed b\)/);
});

test('several targets have a table of their own, which says who was not scanned', () => {
  const other = { ...target, region: 'us-east-1' };
  const done = { target, tally: emptyTally(), difference: emptyDifference(), objects: [] };
  const summary = summarize(scan, [done, failedTarget(other, 'No role.')], { previous: null });
  assert.match(pageOf([], { summary }), /By account and region[\s\S]*us-east-1(?:[^\d]*–){4}[\s\S]*not scanned/);
});

test('lost nodes are listed', async () => {
  assert.match(await lastPage([answers, answers.slice(1)]), /1 node gone since the previous scan[\s\S]*i-01/);
});

test('the data has every node, and its texts once', async () => {
  const page = await lastPage([fleet(400)]);
  const data = dataOf(page);
  assert.equal(data.nodes.length, 400);
  assert.equal(new Set(data.strings).size, data.strings.length);
  assert.ok(data.sets.length < 400 && data.settings.length === 1);
});

test('what was not read on a node is in the data of that node alone, and once', () => {
  const note = 'ReadOnlyPort, line 4 of /c.yaml: the kubelet reads readOnlyPort, and names count with their case';
  const lines = ['i-1', 'i-2', 'i-3'].map((id, index) => ({
    line: { ...evaluated(id, [finding('a', 'fail')]), ...(index < 2 && { notes: [note] }) },
  }));
  const { nodes, notes, strings } = dataOf(pageOf(lines));
  assert.deepEqual(
    nodes.map((row: number[]) => notes[row.at(-1) as number]?.map((text: number) => strings[text])),
    [[note], [note], []],
  );
  assert.equal(notes.length, 2);
});

test('a setting has its line, and that of what it overrides, as explain has', () => {
  const file = (line: number, path: string) => ({
    source: { kind: 'file' as const, where: path },
    place: `line ${line} of ${path}`,
  });
  const rotateCertificates = {
    value: false,
    ...file(3, '/d.conf'),
    overrode: [{ value: true, ...file(9, '/c.yaml') }],
  };
  const readOnlyPort = { value: 0, source: { kind: 'default' as const } };
  const line = {
    ...evaluated('i-1', [finding('a', 'fail')]),
    kubelet: { pid: 1, settings: { rotateCertificates, readOnlyPort } },
  };
  const { settings, strings } = dataOf(pageOf([{ line }]));
  assert.deepEqual(
    settings[0].map((row: number[]) => row.map((text) => strings[text])),
    [
      ['rotateCertificates', 'false', 'line 3 of /d.conf (instead of true from line 9 of /c.yaml)'],
      ['readOnlyPort', '0', 'default'],
    ],
  );
});

test('what is to be typed is set as code', () => {
  const remediation = [{ text: 'Remove `--x=<1>`.' }, { text: 'Restart.', command: "rm '<a>'" }];
  const page = pageOf([{ line: evaluated('i-1', [finding('a', 'fail', { remediation })]) }]);
  assert.ok(page.includes('<li>Remove <code>--x=&lt;1&gt;</code>.</li>'));
  assert.ok(page.includes('<code>rm &#39;&lt;a&gt;&#39;</code><button type="button" data-typed hidden>Copy</button>'));
});

const hostile = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"\'\u202e\u0000&';
test('hostile names and texts are text', () => {
  const line = evaluated(
    hostile,
    [
      finding(hostile, 'fail', {
        reason: hostile,
        remediation: [{ text: hostile, command: hostile }],
        controls: [{ benchmark: hostile, control: hostile }],
        advisories: [{ id: hostile, text: hostile }],
      }),
    ],
    {
      name: hostile,
      cluster: hostile,
      privateDnsName: hostile,
    },
  );
  const silent = { ...unreachable(hostile, 'gone'), detail: hostile };
  const page = pageOf([{ line }, { line: silent }]);
  assert.equal(page.match(/<script/g)?.length, 2);
  assert.equal(page.match(/<\/script>/g)?.length, 2);
  assert.ok(!page.includes('<img'));
  assert.ok(!page.includes('\u202e') && !page.includes('\u0000'));
  assert.equal(dataOf(page).nodes.length, 2);
});

test('no text of a node can add an element to the page', () => {
  const names = (page: string) => (page.match(/<[a-z]+/gi) ?? []).length;
  const plain = names(
    pageOf([{ line: evaluated('i', [finding('r', 'fail', { reason: 'x' })], { name: 'x', cluster: 'x' }) }]),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
      const line = evaluated('i', [finding('r', 'fail', { reason: text })], { name: text, cluster: text });
      assert.equal(names(pageOf([{ line }])), plain);
    }),
    { numRuns: 60 },
  );
});

test('10,000 nodes that all say something else still make a page of at most 15 MB, and it says what it left out', () => {
  const long = '<東'.repeat(500);
  const entries = Array.from(
    { length: 10_000 },
    (_, index): Entry => ({
      line: evaluated(`i-${index}`, [finding('a', 'fail', { reason: `${index} ${long}` })], {
        cluster: `cluster ${index}`,
      }),
    }),
  );
  const page = pageOf(entries);
  assert.ok(Buffer.byteLength(page) < 15 * 1024 * 1024);
  const data = dataOf(page);
  assert.equal(data.nodes.length, 10_000);
  assert.ok(data.strings.some((text: string) => text.startsWith('Left out of this page')));
  assert.match(page, /And 9,900 more clusters/);
  assert.match(page, /And 9,800 more open findings of further kinds/);
});

test('beyond 20,000 nodes clean ones are left out and counted', () => {
  const clean = { line: evaluated('i-c', [finding('a', 'pass')]) };
  const page = pageOf([
    ...Array.from({ length: 20_005 }, () => clean),
    { line: evaluated('i-f', [finding('a', 'fail')]) },
  ]);
  assert.equal(dataOf(page).nodes.length, 20_001);
  assert.match(page, /leaves out 5 clean nodes/);
});

const passing = ['i-1', 'i-2'].map((id) => ({ line: evaluated(id, [finding('anonymous-auth', 'pass')]) }));
const failing = ['i-1', 'i-2'].map((id) => ({ line: evaluated(id, [finding('anonymous-auth', 'fail')]) }));
const silent = ['i-1', 'i-2'].map((id) => ({ line: unreachable(id, 'connection-lost') }));

/** A page's first screen: its one sentence, how the card of open findings is coloured, and whether a tick stands above. */
function firstScreen(page: string) {
  return {
    lead: /<p class="lead">([^<]*)</.exec(page)?.[1],
    card: /<section class="card (\w+)" aria-labelledby="h-severity">/.exec(page)?.[1],
    tick: page.slice(0, page.indexOf('<h1>')).includes('m20.6 32.4'),
  };
}

const expiring = (id: string, on: string, more: Partial<NodeLine['node']> = {}) => {
  const reason = `The client certificate /c.pem expires on ${on}, and nothing will renew it.`;
  const line = evaluated(
    id,
    [finding('client-certificate-expiry', 'fail', { reason, remediation: [{ text: 'Run `x`.' }] })],
    more,
  );
  const certificates = [{ role: 'client', path: '/c.pem', notAfter: `${on}T00:00:00.000Z`, renews: false } as const];
  return { line: { ...line, certificates } };
};

for (const [what, nights, lead, card, tick] of [
  ['no node', [[]], 'Nothing is known: no node was scanned.', 'none', false],
  ['silent nodes only', [failing, silent], 'Nothing is known: none of 2 nodes was evaluated.', 'none', false],
  ['well nodes', [passing], 'No open findings on 2 nodes.', 'pass', true],
  [
    'a silent node',
    [[...passing.slice(1), ...silent.slice(0, 1)]],
    'No open findings on the 1 of 2 nodes that were evaluated.',
    'pass',
    false,
  ],
  [
    'a node that fell silent while it failed',
    [failing, [...silent.slice(0, 1), ...passing.slice(1)]],
    'No open findings on the 1 of 2 nodes that were evaluated, but 1 of earlier scans without a clear answer.',
    'pass',
    false,
  ],
  ['failing nodes', [failing], '2 open findings on 2 of 2 nodes.', 'fail', false],
  [
    'a certificate that runs out',
    [[expiring('i-1', '2026-11-09'), ...passing.slice(1)]],
    '1 node will stop working unless somebody acts: the first certificate ends on 9 November 2026. 1 open finding on 1 of 2 nodes.',
    'fail',
    false,
  ],
  [
    'a next start that fails',
    [[{ line: evaluated('i-1', [finding('kubelet-restart', 'fail')]) }, expiring('i-2', '2026-11-09')]],
    '2 nodes will stop working unless somebody acts: 1 at the next start of the kubelet, the first certificate ends on 9 November 2026. 2 open findings on 2 of 2 nodes.',
    'fail',
    false,
  ],
] as [string, ReturnType<typeof fleet>[], string, string, boolean][]) {
  test(`the page leads with what is known of ${what}`, async () => {
    const page = await lastPage(nights);
    assert.deepEqual(firstScreen(page), { lead, card, tick });
    if (nights.at(-1)?.length === 0) assert.doesNotMatch(page, /every node answered|needs attention/i);
  });
}

const sectionOf = (page: string, heading: string) =>
  new RegExp(`<section[^>]*aria-labelledby="${heading}">[\\s\\S]*?</section>`).exec(page)?.[0] ?? '';

test('nodes at risk are told once for all that one remedy mends, the first to stop first', () => {
  const page = pageOf([
    expiring('i-1', '2026-12-24', { cluster: 'blue', group: 'workers' }),
    expiring('i-2', '2026-11-27', { cluster: 'green', group: 'spot' }),
    expiring('i-3', '2026-12-01', { cluster: 'green', group: 'spot' }),
  ]);
  const risk = sectionOf(page, 'h-risk');
  assert.match(risk, /<h2 id="h-risk">3 nodes at risk<\/h2>/);
  assert.equal(risk.match(/What to do:/g)?.length, 1);
  assert.match(risk, /from 27 November 2026<div class="sub">in 3 days[\s\S]*3 nodes[\s\S]*green, spot<\/bdi>: 2/);
  assert.match(risk, /expires on 2026-11-27[\s\S]*What to do:<\/b> Run <code>x<\/code>\./);
  assert.equal(sectionOf(pageOf(passing), 'h-risk'), '');
});

test('the horizon says by cluster how many certificates end when, and which are renewed', () => {
  const lives = (...certificates: NonNullable<NodeLine['certificates']>) => ({
    line: { ...evaluated('i-1', []), certificates },
  });
  const at = (notAfter: string, renews?: boolean) =>
    ({
      role: 'client',
      path: '/c',
      notAfter: `${notAfter}T02:00:07.000Z`,
      ...(renews !== undefined && { renews }),
    }) as const;
  const page = pageOf([
    lives(
      at('2026-11-22', false),
      at('2026-11-30', false),
      at('2026-12-01', true),
      at('2027-02-21'),
      at('2029-01-01', false),
    ),
    lives({ ...at('2026-11-24', false), role: 'authority' }),
  ]);
  const cells = [...sectionOf(page, 'h-horizon').matchAll(/<td class="n">([\s\S]*?)<\/td>/g)].map(([, cell = '']) =>
    cell.replace(/<[^>]*>/g, ''),
  );
  assert.deepEqual(cells, ['1 not renewed', '1 not renewed', '1 renewed', '1 by others', '–', '1 not renewed']);
  assert.match(sectionOf(page, 'h-horizon'), /href="#ends=0\.\.7&amp;cluster=blue"/);
});

test('one box is one remedy for the nodes of one group: the command, the ids, the rule, what stops nodes first', () => {
  const open = (id: string, rule: string, group: string, remediation = [{ text: 'Do `a`.' }]) => ({
    line: evaluated(id, [finding(rule, 'fail', { remediation })], { group }),
  });
  const page = pageOf(
    [
      open('i-1', 'read-only-port', 'workers'),
      open('i-2', 'read-only-port', 'workers'),
      open('i-3', 'read-only-port', 'spot'),
      open('i-4', 'read-only-port', 'workers', [{ text: 'Do `b`.' }]),
      open('i-5', 'anonymous-auth', 'workers'),
      expiring('i-6', '2026-12-01'),
    ],
    { catalog },
  );
  const boxes = sectionOf(page, 'h-fixes').split('<div class="finding fail">').slice(1);
  assert.deepEqual(
    boxes.map((box) => [
      /<code>([\w-]+)<\/code>: docs/.exec(box)?.[1],
      / (\d+) nodes? of /.exec(` ${box.replace(/<[^>]*>/g, ' ')}`)?.[1],
    ]),
    [
      ['client-certificate-expiry', '1'],
      ['anonymous-auth', '1'],
      ['read-only-port', '2'],
      ['read-only-port', '1'],
      ['read-only-port', '1'],
    ],
  );
  assert.match(boxes[0] ?? '', /at risk/);
  assert.match(
    boxes[2] ?? '',
    /Do <code>a<\/code>[\s\S]*href="#pick=open&amp;rule=read-only-port&amp;cluster=blue&amp;group=workers"[\s\S]*i-1 i-2/,
  );
});

test('an open finding names the requirements of other frameworks that its rule serves', () => {
  const requirements = ['nist-800-53/AC-3', 'cis-controls-v8/3.3'];
  const titles = { title: 'Refuses', failureTitle: 'Answers' };
  const about = { ...titles, why: 'Because.', severity: 'critical' as const, references: [], requirements };
  const entries = [{ line: evaluated('i-1', [finding('anonymous-auth', 'fail')]) }];
  const visible = (page: string) => page.slice(0, page.indexOf('<script'));
  const page = visible(pageOf(entries, { catalog: { 'anonymous-auth': about } }));
  assert.match(page, /docs\/rules\/anonymous-auth\.md; serves nist-800-53\/AC-3, cis-controls-v8\/3\.3/);
  assert.match(page, /Answers/);
  assert.doesNotMatch(visible(pageOf(entries)), /; serves/);
});
