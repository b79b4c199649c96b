/** Arbitrary text as a hostile node, tag or file may have it, and arbitrary alerts made of it. */
import fc from 'fast-check';
import type { AlertInput, AlertNode, Changes, Failures, Listed } from '../../lambda/alerts/alert.ts';

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

const node: fc.Arbitrary<AlertNode> = fc.record(
  { id: hostile, account: hostile, region: hostile, cluster: hostile, name: hostile, privateDnsName: hostile },
  { requiredKeys: ['id'] },
);

function listed<T>(item: fc.Arbitrary<T>): fc.Arbitrary<Listed<T>> {
  return fc
    .record({ items: fc.array(item, { maxLength: 12 }), more: fc.oneof(fc.constant(0), total) })
    .map(({ items, more }) => ({ items, total: items.length + more }));
}

function changes<T>(item: fc.Arbitrary<T>): fc.Arbitrary<Changes<T>> {
  return fc.record({ new: listed(item), still: listed(item) });
}

const failures: fc.Arbitrary<Failures> = fc
  .record({
    list: listed(
      fc.record(
        {
          node,
          rule: fc.oneof(hostile, fc.constantFrom('a', 'b', 'c')),
          title: hostile,
          severity,
          reason: hostile,
          remediation: hostile,
          controls: fc.array(fc.record({ benchmark: hostile, control: hostile }), { maxLength: 3 }),
          since: time,
        },
        { requiredKeys: ['node', 'rule', 'title', 'severity', 'reason', 'controls'] },
      ),
    ),
    unseen: fc.array(fc.record({ rule: hostile, title: hostile, severity, nodes: total }), { maxLength: 30 }),
  })
  .map(({ list, unseen }) => {
    const seen = Map.groupBy(list.items, ({ rule }) => rule);
    const byRule = [...seen].map(([rule, found]) => ({
      rule,
      title: found[0]?.title ?? '',
      severity: found[0]?.severity ?? ('low' as const),
      nodes: found.length,
    }));
    // What the list does not hold fails rules of which there is no item, or more nodes of the first rule.
    const others = unseen.filter(({ rule }) => !seen.has(rule));
    const sum = [...byRule, ...others].reduce((sum, { nodes }) => sum + nodes, 0);
    return { items: list.items, total: sum, byRule: [...byRule, ...others] };
  });

const text = { rule: hostile, title: hostile, severity, node };

export const alert: fc.Arbitrary<AlertInput> = fc.record({
  scan: fc.record(
    { id: hostile, startedAt: time, finishedAt: time, previous: fc.record({ id: hostile, finishedAt: time }) },
    { requiredKeys: ['id', 'startedAt', 'finishedAt'] },
  ),
  report: fc.record({ url: fc.oneof(hostile, fc.webUrl()), location: hostile }, { requiredKeys: ['location'] }),
  targets: fc.array(
    fc.record(
      {
        account: hostile,
        region: hostile,
        nodes: total,
        evaluated: total,
        previouslyEvaluated: total,
        failed: hostile,
      },
      { requiredKeys: ['account', 'region', 'nodes', 'evaluated'] },
    ),
    { maxLength: 5 },
  ),
  failures: fc.record(
    { new: failures, still: failures, fixed: listed(fc.record(text)), fingerprint: hostile },
    { requiredKeys: ['new', 'still', 'fixed'] },
  ),
  unreachable: changes(
    fc.record(
      { node, reason: fc.oneof(hostile, fc.constantFrom('not-managed', 'gone')), detail: hostile },
      { requiredKeys: ['node', 'reason'] },
    ),
  ),
  undecided: listed(fc.record({ node, findings: total, reason: hostile })),
  lost: fc.record({ nodes: total, failures: total }),
  benchmarks: fc.record({ added: fc.array(hostile, { maxLength: 6 }), removed: fc.array(hostile, { maxLength: 6 }) }),
  certificates: changes(
    fc.record({ node, notAfter: time, reason: hostile, remediation: hostile }, { requiredKeys: ['node', 'notAfter'] }),
  ),
  waivers: changes(fc.record({ rule: hostile, nodes: hostile, reason: hostile, owner: hostile, until: hostile })),
  errors: listed(fc.record({ text: hostile })),
});
