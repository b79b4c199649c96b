/**
 * The message of a scan, in every form.
 * Long because one set of scenarios is held against every form of the message.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import schema from '../../lambda/alerts/alert.schema.json' with { type: 'json' };
import type { AlertInput, AlertPolicy, Unreachable } from '../../lambda/alerts/alert.ts';
import type { CustomNotification } from '../../lambda/alerts/chat.ts';
import { type AlertMessage, body, message } from '../../lambda/alerts/message.ts';
import { alert } from './hostile.ts';
import { failure, failures, listed, night, node, scenarios } from './scenarios.ts';

const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
addFormats.default(ajv);
const validate = ajv.compile(schema);

function told(input: AlertInput, policy: AlertPolicy = 'always'): AlertMessage {
  const sent = message(input, policy);
  assert.ok(sent);
  return sent;
}

function chatOf(sent: AlertMessage): CustomNotification {
  return JSON.parse(sent.https) as CustomNotification;
}

/** A chat notification as it looks in a channel. */
function rendered({ content, metadata }: CustomNotification): string {
  const { title, description, nextSteps } = content;
  const steps = nextSteps.length === 0 ? '' : `\n\nNext steps\n${nextSteps.map((step) => `- ${step}`).join('\n')}`;
  return `${title}\n\n${description}${steps}\n\n(thread ${metadata.threadId})\n`;
}

describe('the texts that people get, as they were read and found good', () => {
  for (const [name, input] of Object.entries(scenarios)) {
    test(name, (t) => {
      const sent = told(input);
      const folder = join(import.meta.dirname, 'rendered');
      const asText = { serializers: [(text: string) => text] };
      t.assert.fileSnapshot(`Subject: ${sent.subject}\n\n${sent.email}\n`, join(folder, `${name}.email.txt`), asText);
      t.assert.fileSnapshot(rendered(chatOf(sent)), join(folder, `${name}.chat.txt`), asText);
    });
  }
});

describe('a policy decides which scans are told', () => {
  const first = night().scan;
  const { previous: _, ...withoutPrevious } = first;
  const cases: { name: string; input: AlertInput; changes: boolean; failures: boolean }[] = [
    { name: 'nothing to tell', input: night(), changes: false, failures: false },
    { name: 'the first scan of a good fleet', input: night({ scan: withoutPrevious }), changes: true, failures: false },
    {
      name: 'a new failure',
      input: withFailures({ new: failures([failure('port', 1)]) }),
      changes: true,
      failures: true,
    },
    {
      name: 'a known failure',
      input: withFailures({ still: failures([failure('port', 1)]) }),
      changes: false,
      failures: true,
    },
    {
      name: 'a fixed failure',
      input: withFailures({ fixed: listed([failure('port', 1)]) }),
      changes: true,
      failures: false,
    },
    {
      name: 'a newly unreachable node',
      input: unreachable('new', 'not-managed'),
      changes: true,
      failures: true,
    },
    {
      name: 'a node that was unreachable before',
      input: unreachable('still', 'not-managed'),
      changes: false,
      failures: true,
    },
    {
      name: 'a node that was stopped during the scan',
      input: unreachable('new', 'gone'),
      changes: false,
      failures: false,
    },
    {
      name: 'more unreachable nodes than are known by name',
      input: night({ unreachable: { new: listed([{ node: node(1), reason: 'gone' }], 2), still: listed() } }),
      changes: true,
      failures: true,
    },
    {
      name: 'a new expiring certificate',
      input: certificate('new', '2026-12-20T00:00:00Z'),
      changes: true,
      failures: true,
    },
    {
      name: 'a known expiring certificate',
      input: certificate('still', '2026-12-20T00:00:00Z'),
      changes: false,
      failures: true,
    },
    {
      name: 'a certificate in its last week',
      input: certificate('still', '2026-11-30T00:00:00Z'),
      changes: true,
      failures: true,
    },
    {
      name: 'an expired certificate',
      input: certificate('still', '2026-11-22T00:00:00Z'),
      changes: true,
      failures: true,
    },
    {
      name: 'an expired waiver',
      input: night({
        waivers: { new: listed([{ rule: 'a', nodes: '*', reason: 'b', owner: 'c', until: 'd' }]), still: listed() },
      }),
      changes: true,
      failures: false,
    },
    {
      name: 'a node that could not be judged',
      input: night({ undecided: listed([{ node: node(1), findings: 17, reason: 'no' }]) }),
      changes: false,
      failures: true,
    },
    { name: 'a scan error', input: night({ errors: listed([{ text: 'no' }]) }), changes: true, failures: true },
    { name: 'a failed target', input: targets({ failed: 'AccessDenied' }), changes: true, failures: true },
    { name: 'a target that went silent', input: targets({ nodes: 3, evaluated: 0 }), changes: true, failures: true },
    {
      name: 'a target whose nodes have gone',
      input: targets({ nodes: 0, evaluated: 0, previouslyEvaluated: 9 }),
      changes: true,
      failures: true,
    },
    {
      name: 'a target that never had nodes',
      input: targets({ nodes: 0, evaluated: 0, previouslyEvaluated: 0 }),
      changes: false,
      failures: false,
    },
  ];

  function withFailures(some: Partial<AlertInput['failures']>): AlertInput {
    return night({ failures: { ...night().failures, ...some } });
  }
  function unreachable(when: 'new' | 'still', reason: string): AlertInput {
    return night({ unreachable: { new: listed(), still: listed(), [when]: listed([{ node: node(1), reason }]) } });
  }
  function certificate(when: 'new' | 'still', notAfter: string): AlertInput {
    return night({ certificates: { new: listed(), still: listed(), [when]: listed([{ node: node(1), notAfter }]) } });
  }
  function targets(some: Partial<AlertInput['targets'][number]>): AlertInput {
    return night({ targets: [{ account: '111122223333', region: 'eu-west-1', nodes: 5, evaluated: 5, ...some }] });
  }

  for (const { name, input, ...wanted } of cases) {
    test(name, () => {
      assert.equal(message(input, 'changes') !== undefined, wanted.changes, 'changes');
      assert.equal(message(input, 'failures') !== undefined, wanted.failures, 'failures');
      assert.ok(message(input, 'always'), 'always');
    });
  }
});

test('days are counted from the start of the scan, as the rule counts them in the reason beside', () => {
  const { scan } = night();
  const from = (days: number) => new Date(Date.parse(scan.startedAt) + days * 86_400_000).toISOString();
  const told = (notAfter: string) =>
    message(night({ certificates: { new: listed([{ node: node(1), notAfter }]), still: listed() } }), 'always')?.email;
  assert.match(told(from(12)) ?? '', /- expires in 12 days, /);
  assert.match(told(from(0.5)) ?? '', /- expires in less than a day, /);
  assert.match(told(from(0)) ?? '', /- expires in less than a day, /);
  assert.match(told(from(-0.001)) ?? '', /- EXPIRED /);
});

test('a known certificate that has more than a week is open, and told with its date', () => {
  const { scan } = night();
  const certificate = (days: number, index: number) => ({
    node: node(index),
    notAfter: new Date(Date.parse(scan.startedAt) + days * 86_400_000).toISOString(),
  });
  const still = listed([certificate(20, 1), certificate(12, 2)], 5);
  const { subject, email } = told(night({ certificates: { new: listed(), still } }));
  assert.equal(subject, 'kubevigil: nothing new, 5 known failures still open');
  assert.match(
    email,
    /^CLIENT CERTIFICATES \(5\)\n- 5 known, the first expires in 12 days, 2026-12-05 .*: i-00a1b2c3d4e5f0002 /m,
  );
  const one = told(night({ certificates: { new: listed(), still: listed([certificate(12, 2)]) } }));
  assert.match(one.email, /^CLIENT CERTIFICATES \(1\)\n- known, expires in 12 days/m);
});

test('nodes that were not judged, nodes that are gone, and other benchmarks are told', () => {
  const undecided = listed([{ node: node(1), findings: 17, reason: 'The kubelet would exit.' }]);
  const benchmarks = { added: ['cis-eks-1.8.0'], removed: ['cis-kubernetes-1.11'] };
  const { subject, email } = told(night({ undecided, lost: { nodes: 12, failures: 38 }, benchmarks }));
  assert.equal(subject, 'kubevigil: nothing new, no failures, 1 node not judged');
  assert.match(
    email,
    /^NOT JUDGED \(1\)\n- 17 verdicts missing: i-00a1b2c3d4e5f0001 .*\n {2}why: {3}The kubelet would exit\.$/m,
  );
  assert.match(email, /^No longer in the inventory: 12 nodes of the previous scan, and with them 38 open failures\.$/m);
  assert.match(
    email,
    /^Judged now also by cis-eks-1\.8\.0, no longer by cis-kubernetes-1\.11: failures may be new or fixed for this reason alone\.$/m,
  );
  assert.match(told(night({ lost: { nodes: 1, failures: 0 } })).email, /inventory: 1 node of the previous scan\.$/m);
});

describe('the subject', () => {
  test('has the most urgent things first and counts what does not fit', () => {
    assert.equal(
      told(scenarios['three-new-failures'] as AlertInput).subject,
      'kubevigil: 1 certificate expiring within 7 days, 3 new failures (1 critical, 2 high), +2 more',
    );
    assert.equal(told(scenarios['a-lost-region'] as AlertInput).subject.startsWith('kubevigil: NOT SCANNED'), true);
  });
});

describe('what is cut is counted', () => {
  const rules = Array.from({ length: 30 }, (_, index) => `rule-${String(index).padStart(2, '0')}`);
  const items = rules.flatMap((rule, index) => [{ ...failure('port', index), rule }]);
  const input = night({
    failures: {
      ...night().failures,
      new: {
        items,
        total: 12_000,
        byRule: rules.map((rule) => ({ rule, title: 'Title', severity: 'high' as const, nodes: 400 })),
      },
    },
  });

  test('in the e-mail', () => {
    const { email } = told(input);
    const told400 = email.match(/400 nodes/g)?.length ?? 0;
    assert.ok(told400 > 3);
    assert.match(
      email,
      new RegExp(`^- and ${(12_000 - told400 * 400).toLocaleString('en-US')} more failures: see the report$`, 'm'),
    );
    assert.match(email, /400 nodes \(some in prod\): i-\w+ ip-10-0-0-0 and 399 more/);
  });

  test('in the chat', () => {
    const { description } = chatOf(told(input)).content;
    assert.match(description, /\*NEW FAILURES\* \(12,000\)/);
    assert.match(description, /^• and 10,400 more failures$/m);
  });

  test('in the JSON, whose totals stay', () => {
    const { failures } = JSON.parse(told(input).default);
    assert.equal(failures.new.total, 12_000);
    assert.equal(failures.new.byRule.length, 30);
    assert.equal(failures.fingerprint, input.failures.fingerprint);
  });

  test('also where one message cannot carry the items, however long they are', () => {
    for (let length = 40; length <= 480; length += 40) {
      // A quotation mark takes four bytes in a message: it is escaped once as JSON and once more in the message.
      const reason = `${'"'.repeat(length)}`;
      const big = Array.from({ length: 1_000 }, (_, index) => ({
        ...failure('port', index),
        reason,
        remediation: reason,
      }));
      const sent = told(night({ failures: { ...night().failures, new: failures(big) } }));
      const { failures: cut } = JSON.parse(sent.default);
      assert.equal(cut.new.total, 1_000);
      assert.ok(cut.new.items.length >= 20 && cut.new.items.length <= 200, `${cut.new.items.length} items`);
      assert.ok(Buffer.byteLength(body(sent)) <= 262_144 - 256, 'with room for the attributes');
    }
  });
});

describe('what is said of one node', () => {
  const [a, b] = [failure('port', 1), failure('port', 2)];
  const alike = failures([a, b]);
  const withNew = (found: typeof alike) => told(night({ failures: { ...night().failures, new: found } })).email;

  test('stands without a name where it holds for all', () => {
    assert.match(withNew(alike), /^ {2}do: {4}Start the kubelet with/m);
  });
  for (const [cause, words] of [
    ['new-node', 'not scanned before'],
    ['new-rule', 'this rule is new'],
    ['was-silent', 'did not answer the scan before'],
  ] as const) {
    test(`has a reason why it is new where all have that: ${words}`, () => {
      assert.ok(
        withNew(
          failures([
            { ...a, cause },
            { ...b, cause },
          ]),
        ).includes(`; ${words}`),
      );
      assert.ok(!withNew(failures([{ ...a, cause }, b])).includes(words));
    });
  }
  test('names the largest cluster first', () => {
    const clusters = ['small', 'large', 'large'].map((cluster, index) => failure('port', index, { cluster }));
    assert.match(withNew(failures(clusters)), /3 nodes \(large 2, small 1\)/);
  });
  test('names its node where another needs another repair', () => {
    const text = withNew(failures([a, { ...b, remediation: 'Remove --read-only-port=10255' }]));
    assert.match(text, /^ {2}why: {3}readOnlyPort is 10255/m);
    assert.match(text, /^ {2}do: {4}on i-00a1b2c3d4e5f0001, others differ: Start the kubelet with/m);
  });
  test('names its node where not all are known', () => {
    const [rule] = alike.byRule;
    assert.ok(rule);
    const text = withNew({ items: alike.items, total: 70, byRule: [{ ...rule, nodes: 70 }] });
    assert.match(text, /^ {2}do: {4}on i-00a1b2c3d4e5f0001, others may differ: Start the kubelet with/m);
  });
});

test('a night on which nothing is new hides no node that is not seen', () => {
  const silent = Array.from({ length: 6 }, (_, index) => ({ node: node(index), reason: `reason-${index}` }));
  const unreachable = { new: listed<Unreachable>(), still: listed(silent) };
  const [target] = night().targets;
  assert.ok(target);
  const one = told(night({ unreachable }));
  assert.equal(one.subject, 'kubevigil: nothing new, no failures, 6 nodes still unreachable');
  assert.match(one.email, /^STILL UNREACHABLE \(6\)\n- 1 reason-0, .*, 1 reason-5$/m);
  const lost = told(night({ unreachable, targets: [{ ...target, evaluated: 0, previouslyEvaluated: 0 }] }));
  assert.match(lost.email, /^- 111122223333 eu-west-1, where no node answered before$/m);
  const empty = { account: '111122223333', region: 'eu-west-1', nodes: 0, evaluated: 0 };
  const none = told(night({ targets: [empty] }));
  assert.equal(none.subject, 'kubevigil: NO NODE FOUND');
  const partly = told(night({ targets: [target, empty] }));
  assert.equal(partly.subject, 'kubevigil: nothing new, no failures');
  assert.doesNotMatch(partly.email, /Nothing was checked/);
  const silent1 = told(night({ targets: [target, { ...empty, nodes: 1 }] }));
  assert.match(silent1.email, /^NOT SCANNED \(1\)\n- 111122223333 eu-west-1\n {2}why: {3}none of 1 node answered$/m);
  assert.match(none.email, /^Nothing was checked: compare the tags of the nodes with those of the settings/m);
});

describe('the nodes that were checked', () => {
  const one = { account: '111122223333', region: 'eu-west-1', nodes: 5, evaluated: 4 };
  const lost = { account: '444455556666', region: 'us-east-1', nodes: 0, evaluated: 0, failed: 'AccessDenied' };
  const cases: [name: string, targets: AlertInput['targets'], line: string][] = [
    ['of one target', [one], '4 of 5 nodes in 111122223333 eu-west-1 checked by '],
    ['of several', [one, { ...one, evaluated: 5 }], '9 of 10 nodes in 2 targets checked by '],
    ['without those of a target that failed', [one, lost, lost], '4 of 5 nodes in 1 of 3 targets checked by '],
    [
      'without those of a target of which none answered',
      [one, lost, { ...one, evaluated: 0 }],
      '4 of 10 nodes in 1 of 3 targets checked by ',
    ],
    [
      'of which none answered',
      [{ ...one, evaluated: 0, previouslyEvaluated: 0 }],
      '0 of 5 nodes in 111122223333 eu-west-1 checked by ',
    ],
    ['when the only target failed', [lost], 'No node in 444455556666 us-east-1 checked by '],
    ['when all failed', [lost, lost], 'No node in 2 targets checked by '],
    [
      'where none has the tags',
      [{ ...one, nodes: 0, evaluated: 0 }],
      'No node with the tags was found in 111122223333 eu-west-1',
    ],
  ];
  for (const [name, targets, line] of cases) {
    test(name, () => assert.ok(told(night({ targets })).email.split('\n')[1]?.startsWith(line)));
  }
});

describe('chat threads', () => {
  const withSet = (fingerprint: string) => chatOf(told(night({ failures: { ...night().failures, fingerprint } })));
  test('hold the messages about one set of findings, and no others', () => {
    const [a, again, b] = [withSet('a'), withSet('a'), withSet('b')];
    assert.equal(a.metadata.threadId, again.metadata.threadId);
    assert.notEqual(a.metadata.threadId, b.metadata.threadId);
  });
  test('do not hide a lost target below yesterday’s message', () => {
    const [target] = night().targets;
    assert.ok(target);
    const quiet = chatOf(told(night()));
    const lost = chatOf(told(night({ targets: [{ ...target, failed: 'AccessDenied' }] })));
    assert.notEqual(lost.metadata.threadId, quiet.metadata.threadId);
  });
});

test('whatever nodes, clusters, files and waivers are called, every form keeps its limits', () => {
  fc.assert(
    fc.property(alert, (input) => {
      const sent = told(input);
      const { dedupeId, subject, email, https } = sent;

      assert.match(subject, /^[\x21-\x7e][\x20-\x7e]{0,98}$/);
      assert.ok(Buffer.byteLength(body(sent)) + 'dedupeIdString'.length + Buffer.byteLength(dedupeId) <= 262_144);

      const lines = email.split('\n');
      assert.ok(lines.length <= 40, `${lines.length} lines`);
      for (const line of lines) {
        assert.doesNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u);
        assert.ok(line.length <= 1_700);
      }
      const footer = lines.findLastIndex((line) => line.startsWith('Report: '));
      assert.doesNotMatch(lines.slice(0, footer).join('\n'), /:\/\//, 'only the report is a link');

      const { content, metadata } = JSON.parse(https) as CustomNotification;
      assert.ok(content.title.length <= 250);
      assert.ok(content.description.length <= 8_000, `${content.description.length} characters`);
      const steps = [...content.nextSteps, ...content.keywords, metadata.summary];
      for (const text of steps) assert.ok(text.length <= 350);
      const links = content.description.match(/<https:\/\/[^<>|\s]+\|Open the report>/g) ?? [];
      assert.ok(links.length <= 1);
      const titles = /^\*[A-Z ]+\* \([\d,]+\)$/gm;
      const labels = /^ {4}_(where|why)_ /gm;
      const location = /^Report: `[^`]*`$/m;
      const ours = content.description
        .replace(links[0] ?? '', '')
        .replace(location, '')
        .replace(titles, '')
        .replace(labels, '');
      const words = [content.title, ours, ...steps, ...metadata.relatedResources].join('\n');
      assert.doesNotMatch(words, /[<>@*~`]|\]\(|:\/\/|(^|\s)_|_(\s|$)/m);
      assert.doesNotMatch(words.replaceAll('\n', ' '), /[\p{C}\p{Zl}\p{Zp}]/u);

      assert.ok(validate(JSON.parse(sent.default)), JSON.stringify(validate.errors?.slice(0, 3)));
      const machine = JSON.parse(sent.default);
      assert.equal(machine.dedupeId, dedupeId);
      assert.equal(machine.failures.new.total, input.failures.new.total);
    }),
    // Alerts are large: a failing one is told as it came, for to shrink it takes minutes.
    { numRuns: 150, endOnFailure: true },
  );
});

test('every scenario fits the JSON Schema', () => {
  for (const input of Object.values(scenarios)) {
    assert.ok(validate(JSON.parse(told(input).default)), JSON.stringify(validate.errors));
  }
});
