/** Arbitrary text as a hostile node, tag or file may have it, and arbitrary alerts made of it. */
import fc from 'fast-check';
import type { AlertInput, Failures, Hazards, Listed } from '../../lambda/alerts/alert.ts';
import type { NodeIdentity } from '../../lambda/results/node-line.ts';

const tricks = [
  '\n',
  '\r\nBcc: all@example.com\r\n\r\n',
  '\u001b[2J\u001b]0;title\u0007',
  '<!channel>',
  '<!here|here>',
  '<@U012AB3CD>',
  '@here',
  '@everyone',
  '<https://evil.example|Open the report>',
  '[Open the report](https://evil.example)',
  'https://evil.example/login',
  '*bold* _it_ ~no~ `code` ```block```',
  '\u202e\u2066',
  '\u200b\u2060\ufeff',
  '\u{e0001}',
  '\ud800',
  '\udfff',
  '\u0000',
  'Z\u0351\u036b\u0343\u036a\u0302\u036b',
  '&lt;script&gt;',
  '=cmd|calc',
  '"}],"total":0}',
  '__proto__',
  '…',
  'é'.repeat(400),
  '\u{1f469}\u{200d}\u{1f4bb}'.repeat(300),
  'x'.repeat(5_000),
];

export const hostile: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...tricks), fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 6 })
  .map((parts) => parts.join(''));

const time = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString());
const severity = fc.constantFrom('critical' as const, 'high' as const, 'medium' as const, 'low' as const);
const total = fc.nat({ max: 2_000_000 });

const node: fc.Arbitrary<NodeIdentity> = fc.record(
  { id: hostile, account: hostile, region: hostile, cluster: hostile, name: hostile, privateDnsName: hostile },
  { requiredKeys: ['id'] },
);

/** What every group has; its count may be larger than its examples. */
const alike = { cluster: hostile, nodes: fc.nat({ max: 5_000 }), examples: fc.array(node, { maxLength: 3 }) };

function listed<T>(item: fc.Arbitrary<T>): fc.Arbitrary<Listed<T>> {
  return fc
    .record({ items: fc.array(item, { maxLength: 12 }), more: fc.oneof(fc.constant(0), total) })
    .map(({ items, more }) => ({ items, total: items.length + more }));
}

function changes<T>(item: fc.Arbitrary<T>): fc.Arbitrary<{ new: T; still: T }> {
  return fc.record({ new: item, still: item });
}

const rule = fc.oneof(hostile, fc.constantFrom('a', 'b', 'c'));

const failures: fc.Arbitrary<Failures> = fc.record({
  groups: fc.array(
    fc.record(
      {
        ...alike,
        rule,
        title: hostile,
        severity,
        reason: hostile,
        remediation: fc.array(fc.record({ text: hostile, command: hostile }), { minLength: 1, maxLength: 3 }),
        controls: fc.array(fc.record({ benchmark: hostile, control: hostile }), { maxLength: 3 }),
        since: time,
        on: time,
        cause: fc.constantFrom('new-node' as const, 'rules' as const),
      },
      { requiredKeys: ['nodes', 'examples', 'rule', 'title', 'severity', 'reason', 'controls'] },
    ),
    { maxLength: 12 },
  ),
  total,
  nodes: total,
  byRule: fc.array(
    fc.record(
      { rule, title: hostile, severity, nodes: total, oldest: time },
      { requiredKeys: ['rule', 'title', 'severity', 'nodes'] },
    ),
    { maxLength: 30 },
  ),
});

const hazards: fc.Arbitrary<Hazards> = fc
  .record({ failures, stopped: total, urgent: total })
  .map(({ failures, ...counts }) => ({ ...failures, ...counts }));

const groups = { requiredKeys: ['nodes', 'examples'] as ('nodes' | 'examples')[] };

export const alert: fc.Arbitrary<AlertInput> = fc.record(
  {
    scan: fc.record(
      {
        id: hostile,
        startedAt: time,
        finishedAt: time,
        manifestSha256: fc.constant('5e'.repeat(32)),
        previous: fc.record({ id: hostile, finishedAt: time }),
      },
      { requiredKeys: ['id', 'startedAt', 'finishedAt'] },
    ),
    report: fc.record(
      { url: fc.oneof(hostile, fc.webUrl()), location: hostile, isPage: fc.constant(true as const) },
      { requiredKeys: ['location'] },
    ),
    runbook: fc.oneof(hostile, fc.webUrl()),
    clusters: fc.array(hostile, { maxLength: 10 }),
    targets: fc.array(
      fc.record(
        {
          account: hostile,
          region: hostile,
          nodes: total,
          evaluated: total,
          idle: total,
          previousNodes: total,
          fell: fc.constant(true as const),
          failed: hostile,
          new: fc.constant(true as const),
        },
        { requiredKeys: ['account', 'region', 'nodes', 'evaluated'] },
      ),
      { maxLength: 5 },
    ),
    hazards: changes(hazards),
    failures: fc.record(
      {
        new: failures,
        still: failures,
        fixed: listed(
          fc.record(
            { ...alike, rule, title: hostile, severity },
            { requiredKeys: [...groups.requiredKeys, 'rule', 'title', 'severity'] },
          ),
        ),
        below: total,
        fingerprint: hostile,
      },
      { requiredKeys: ['new', 'still', 'fixed'] },
    ),
    unreachable: changes(
      listed(
        fc.record(
          { ...alike, reason: fc.oneof(hostile, fc.constantFrom('not-managed', 'gone')), detail: hostile },
          { requiredKeys: [...groups.requiredKeys, 'reason'] },
        ),
      ),
    ),
    undecided: changes(
      listed(
        fc.record(
          { ...alike, verdicts: total, reason: hostile },
          { requiredKeys: [...groups.requiredKeys, 'verdicts', 'reason'] },
        ),
      ),
    ),
    gone: listed(
      fc.record({ ...alike, failures: total, state: hostile }, { requiredKeys: [...groups.requiredKeys, 'failures'] }),
    ),
    terminated: fc.record({ nodes: total, failures: total }),
    left: listed(
      fc.record(
        { account: hostile, region: hostile, nodes: total, failures: total, why: hostile },
        { requiredKeys: ['account', 'region', 'nodes', 'failures'] },
      ),
    ),
    lookalikes: listed(
      fc.record(
        {
          account: hostile,
          region: hostile,
          cluster: hostile,
          evidence: hostile,
          nodes: total,
          examples: fc.array(hostile, { maxLength: 3 }),
          new: fc.constant(true as const),
        },
        { requiredKeys: ['account', 'region', 'evidence', 'nodes', 'examples'] },
      ),
    ),
    skew: listed(
      fc.record(
        { cluster: hostile, oldest: hostile, newest: hostile, new: fc.constant(true as const) },
        { requiredKeys: ['cluster', 'oldest', 'newest'] },
      ),
    ),
    authorities: listed(
      fc.record(
        { cluster: hostile, account: hostile, nodes: fc.nat(), text: hostile, new: fc.constant(true as const) },
        { requiredKeys: ['account', 'nodes', 'text'] },
      ),
    ),
    outliers: listed(
      fc.record({ cluster: hostile, account: hostile, text: hostile }, { requiredKeys: ['account', 'text'] }),
    ),
    benchmarks: fc.record({ added: fc.array(hostile, { maxLength: 6 }), removed: fc.array(hostile, { maxLength: 6 }) }),
    waivers: changes(
      listed(fc.record({ rule: hostile, nodes: hostile, reason: hostile, owner: hostile, until: hostile })),
    ),
    errors: listed(fc.record({ text: hostile })),
  },
  {
    requiredKeys: [
      'scan',
      'report',
      'clusters',
      'targets',
      'hazards',
      'failures',
      'unreachable',
      'undecided',
      'gone',
      'left',
      'lookalikes',
      'skew',
      'authorities',
      'outliers',
      'benchmarks',
      'waivers',
      'errors',
    ],
  },
);
