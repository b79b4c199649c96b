import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Baseline,
  compareWith,
  findingId,
  type NodeChanges,
  type NodeState,
  sumDifferences,
} from '../../lambda/results/compare.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';
import { evaluated, finding, unreachable } from '../archive/samples.ts';

const then = '2026-11-20T02:00:00.000Z';
const now = '2026-11-23T02:00:00.000Z';
const waiver = { reason: 'Migration', owner: 'ana', until: '2027-01-31' };

/** The previous scan knew rules `a` and `b`; node i-1 was open on `a` since then. */
const baseline: Baseline = {
  scanId: 'before',
  scheduledAt: '2026-11-22T02:00:00.000Z',
  rules: new Set(['a', 'b']),
  nodes: new Map([
    ['i-1', { coverage: 'evaluated', open: { a: then } }],
    ['i-2', { coverage: 'evaluated', open: {} }],
  ]),
};

function compare(line: NodeLine, with_: Baseline | undefined = baseline) {
  const comparison = compareWith(now, with_);
  return { seen: comparison.compare(line), difference: comparison.difference };
}

const cases: [string, NodeLine, { open: object; changes: object[] }][] = [
  ['still failing keeps its date', evaluated('i-1', [finding('a', 'fail')]), { open: { a: then }, changes: [] }],
  [
    'a pass fixes',
    evaluated('i-1', [finding('a', 'pass')]),
    { open: {}, changes: [{ rule: 'a', change: 'fixed', since: then }] },
  ],
  [
    'not applicable any more is fixed too',
    evaluated('i-1', [finding('a', 'not-applicable')]),
    { open: {}, changes: [{ rule: 'a', change: 'fixed', since: then }] },
  ],
  [
    'a waiver accepts',
    evaluated('i-1', [finding('a', 'fail', { waiver })]),
    { open: {}, changes: [{ rule: 'a', change: 'accepted', since: then }] },
  ],
  [
    'an error fixes nothing',
    evaluated('i-1', [finding('a', 'error')]),
    { open: { a: then }, changes: [{ rule: 'a', change: 'unconfirmed', since: then }] },
  ],
  [
    'a manual answer fixes nothing',
    evaluated('i-1', [finding('a', 'manual')]),
    { open: { a: then }, changes: [{ rule: 'a', change: 'unconfirmed', since: then }] },
  ],
  [
    'silence fixes nothing',
    unreachable('i-1', 'connection-lost'),
    { open: { a: then }, changes: [{ rule: 'a', change: 'unconfirmed', since: then }] },
  ],
  [
    'a rule that is no longer asked is dropped',
    evaluated('i-1', [finding('b', 'pass')]),
    { open: {}, changes: [{ rule: 'a', change: 'dropped', since: then }] },
  ],
  [
    'a failure of a known node and rule is new',
    evaluated('i-2', [finding('a', 'fail')]),
    { open: { a: now }, changes: [{ rule: 'a', change: 'new', since: now }] },
  ],
  [
    'a failure of a new node says so',
    evaluated('i-9', [finding('a', 'fail')]),
    { open: { a: now }, changes: [{ rule: 'a', change: 'new', since: now, cause: 'new-node' }] },
  ],
  [
    'a rule is not new because a new node has it',
    evaluated('i-9', [finding('c', 'fail')]),
    { open: { c: now }, changes: [{ rule: 'c', change: 'new', since: now, cause: 'new-node' }] },
  ],
  [
    'a failure of a new rule says so',
    evaluated('i-2', [finding('c', 'fail')]),
    { open: { c: now }, changes: [{ rule: 'c', change: 'new', since: now, cause: 'new-rule' }] },
  ],
  [
    'one failing kubelet of several keeps the finding open',
    evaluated('i-1', [finding('a', 'pass'), finding('a', 'fail')]),
    { open: { a: then }, changes: [] },
  ],
  [
    'of several kubelets one that a waiver accepts is accepted, whatever the others do',
    evaluated('i-1', [finding('a', 'pass'), finding('a', 'fail', { waiver })]),
    { open: {}, changes: [{ rule: 'a', change: 'accepted', since: then }] },
  ],
  ['an accepted failure is not new', evaluated('i-2', [finding('a', 'fail', { waiver })]), { open: {}, changes: [] }],
];

for (const [what, line, expected] of cases) {
  test(what, () => {
    const { seen } = compare(line);
    assert.deepEqual({ open: { ...seen.open }, changes: seen.changes }, expected);
  });
}

test('a failure of a node that did not answer before says so', () => {
  const silent: Baseline = { ...baseline, nodes: new Map([['i-1', { coverage: 'unreachable', open: { b: then } }]]) };
  const { seen } = compare(evaluated('i-1', [finding('a', 'fail'), finding('b', 'fail')]), silent);
  assert.deepEqual(seen.changes, [{ rule: 'a', change: 'new', since: now, cause: 'was-silent' }]);
  assert.deepEqual({ ...seen.open }, { a: now, b: then });
});

test('at the first scan every open finding is new, and says why', () => {
  const comparison = compareWith(now, undefined);
  const { changes } = comparison.compare(evaluated('i-1', [finding('a', 'fail')]));
  assert.deepEqual(changes, [{ rule: 'a', change: 'new', since: now, cause: 'first-scan' }]);
  assert.equal(comparison.difference.nodes.new, 0);
});

test('in an account and region that no scan had before, nodes are new, and what fails there is no news of a known node', () => {
  const comparison = compareWith(now, undefined, new Map(), false);
  const { changes } = comparison.compare(evaluated('i-1', [finding('a', 'fail')]));
  assert.deepEqual([changes[0]?.cause, comparison.difference.nodes.new], ['new-target', 1]);
});

test('nodes that the inventory no longer has are lost, not fixed', () => {
  const comparison = compareWith(now, baseline);
  comparison.compare(evaluated('i-2', []));
  assert.deepEqual(
    [...comparison.lost()],
    [
      {
        node: 'i-1',
        coverage: 'lost',
        before: 'evaluated',
        open: {},
        last: { seen: baseline.scheduledAt, open: { a: then } },
        changes: [{ rule: 'a', change: 'lost', since: then }],
      },
    ],
  );
  assert.equal(comparison.difference.nodes.lost, 1);
  assert.equal(comparison.difference.findings.fixed, 0);
});

test('a node that answered before and is silent now is counted', () => {
  assert.equal(compare(unreachable('i-2', 'gone')).difference.nodes.silenced, 1);
  assert.equal(compare(evaluated('i-2', [])).difference.nodes.silenced, 0);
  assert.deepEqual(compare(unreachable('i-9', 'gone')).difference.nodes, { new: 1, lost: 0, silenced: 0 });
});

test('each rule knows since when its oldest finding is open', () => {
  const comparison = compareWith(now, baseline);
  comparison.compare(evaluated('i-2', [finding('a', 'fail')]));
  comparison.compare(evaluated('i-1', [finding('a', 'fail')]));
  comparison.compare(evaluated('i-9', [finding('a', 'fail')]));
  assert.deepEqual(comparison.difference.rules.a, {
    new: 2,
    still: 1,
    fixed: 0,
    accepted: 0,
    resolved: 0,
    rejudged: 0,
    unconfirmed: 0,
    dropped: 0,
    lost: 0,
    oldest: then,
  });
  const oldest = (line: NodeLine) => compare(line).difference.rules.a?.oldest;
  assert.equal(oldest(evaluated('i-2', [finding('a', 'fail')])), now);
  assert.equal(oldest(evaluated('i-1', [finding('a', 'error')])), then);
  assert.equal(oldest(unreachable('i-1', 'gone')), then);
  assert.equal(oldest(evaluated('i-1', [finding('a', 'pass')])), undefined);
  assert.equal(oldest(evaluated('i-1', [finding('b', 'pass')])), undefined);
});

test('what is no longer asked, or not answered, is counted', () => {
  assert.equal(compare(evaluated('i-1', [finding('b', 'pass')])).difference.rules.a?.dropped, 1);
  assert.equal(compare(unreachable('i-1', 'gone')).difference.rules.a?.unconfirmed, 1);
});

test('a difference holds counts only, however much changed', () => {
  const comparison = compareWith(now, baseline);
  for (let index = 0; index < 100; index += 1) comparison.compare(evaluated(`i-n${index}`, [finding('a', 'fail')]));
  assert.equal(comparison.difference.findings.new, 100);
  assert.ok(JSON.stringify(comparison.difference).length < 1_000);
});

test('differences add up', () => {
  const one = compare(evaluated('i-1', [finding('a', 'fail')])).difference;
  const two = compare(evaluated('i-2', [finding('a', 'fail')])).difference;
  const total = sumDifferences([one, two]);
  assert.equal(total.findings.still + total.findings.new, 2);
  assert.deepEqual([total.rules.a?.still, total.rules.a?.new, total.rules.a?.oldest], [1, 1, then]);
});

test('hostile names of rules and nodes are names like any other', () => {
  const { seen, difference } = compare(evaluated('__proto__', [finding('__proto__', 'fail')]));
  assert.deepEqual(Object.keys(seen.open), ['__proto__']);
  assert.deepEqual(Object.keys(difference.rules), ['__proto__']);
  assert.equal(({} as Record<string, unknown>).new, undefined);
});

test('a finding has the same id in every scan', () => {
  assert.equal(findingId({ id: 'i-1', account: '1', region: 'r' }, 'a'), '1/r/i-1/a');
  assert.equal(findingId({ id: 'here' }, 'a'), 'local/local/here/a');
});

/** What a scan leaves for the next one, as archives keep it. */
function after(lines: readonly NodeLine[], at: string, before: Baseline | undefined): Baseline {
  const comparison = compareWith(at, before);
  const seen = [...lines.map((line) => comparison.compare(line)), ...comparison.lost()];
  return {
    scanId: at,
    scheduledAt: at,
    rules: new Set(['a', 'b']),
    nodes: new Map(
      seen.flatMap(({ node, coverage, open, accepted, last }): [string, NodeState][] => {
        if (coverage === 'evaluated' || coverage === 'unreachable') {
          return [[node, { coverage, open, ...(accepted && { accepted }) }]];
        }
        return last ? [[node, { coverage: 'absent', ...last }]] : [];
      }),
    ),
  };
}

const failing = evaluated('i-1', [finding('a', 'fail')]);
const passing = evaluated('i-1', [finding('a', 'pass')]);
const waived = evaluated('i-1', [finding('a', 'fail', { waiver })]);
const silent = unreachable('i-1', 'connection-lost');
const gone = undefined;
const night = (day: number, month = 11) =>
  `2026-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}T02:00:00.000Z`;

/** Nights from the first of November on; what the last one says of rule `a`. */
const lives: [string, (NodeLine | undefined)[], string, object | undefined][] = [
  ['a waiver that is taken back', [failing, waived, failing], night(1), { change: 'new', cause: 'waiver-changed' }],
  ['a waiver over silence', [failing, waived, silent, failing], night(1), { change: 'new', cause: 'waiver-changed' }],
  ['a waiver from the beginning', [waived, waived, failing], night(1), { change: 'new', cause: 'waiver-changed' }],
  ['a fix under a waiver', [failing, waived, passing], night(1), { change: 'resolved' }],
  ['silence', [failing, silent, silent, failing], night(1), undefined],
  ['an inventory without the node', [failing, gone, failing], night(1), { change: 'new', cause: 'node-returned' }],
  ['two of them', [failing, gone, gone, failing], night(1), { change: 'new', cause: 'node-returned' }],
  [
    'one in which it was silent before',
    [failing, silent, gone, failing],
    night(1),
    { change: 'new', cause: 'node-returned' },
  ],
  ['a return with a waiver', [failing, gone, waived, failing], night(1), { change: 'new', cause: 'waiver-changed' }],
  ['a return in silence', [failing, gone, silent, failing], night(1), undefined],
  ['a fix while it was away', [failing, gone, passing], night(1), undefined],
  ['a return after weeks', [failing, ...Array(9).fill(gone), failing], night(11), { change: 'new', cause: 'new-node' }],
];

for (const [what, nights, since, expected] of lives) {
  test(`the life of a finding: ${what}`, () => {
    let before: Baseline | undefined;
    let last: NodeChanges | undefined;
    for (const [index, line] of nights.entries()) {
      if (index === nights.length - 1) last = compareWith(night(index + 1), before).compare(line as NodeLine);
      else before = after(line ? [line] : [], night(index + 1), before);
    }
    const change = last?.changes.find(({ rule }) => rule === 'a');
    assert.deepEqual(change, expected && { rule: 'a', since, ...expected });
    if (nights.at(-1) === failing) assert.equal(last?.open.a, since);
  });
}

test('a waiver that has ended says so, and the finding is as old as it is', () => {
  const ended = { ...waiver, until: '2026-11-02' };
  const until = evaluated('i-1', [finding('a', 'fail', { waiver: ended })]);
  const before = after([until], night(2), after([failing], night(1), undefined));
  const { changes } = compareWith(night(3), before).compare(failing);
  assert.deepEqual(changes, [{ rule: 'a', change: 'new', since: night(1), cause: 'waiver-ended' }]);
});

test('what only the rules see otherwise is neither new nor fixed', () => {
  const again = (open: string[], closed: string[]): Baseline => ({
    ...baseline,
    nodes: new Map([...baseline.nodes].map(([id, state]) => [id, { ...state, again: { open, closed } }])),
  });
  const opened = compare(evaluated('i-2', [finding('b', 'fail')]), again(['b'], []));
  const since = baseline.scheduledAt;
  assert.deepEqual(opened.seen.changes, [{ rule: 'b', change: 'rejudged', since, cause: 'rules' }]);
  assert.deepEqual({ ...opened.seen.open }, { b: since });
  assert.deepEqual([opened.difference.findings.new, opened.difference.findings.rejudged], [0, 1]);
  const closed = compare(passing, again([], ['a']));
  assert.deepEqual(closed.seen.changes, [{ rule: 'a', change: 'rejudged', since: then, cause: 'rules' }]);
  assert.deepEqual([closed.difference.findings.fixed, Object.keys(closed.seen.open).length], [0, 0]);
  // Where today's rules would have said of yesterday what yesterday's did, the node has changed.
  assert.equal(compare(passing, again(['a'], [])).seen.changes[0]?.change, 'fixed');
  assert.equal(compare(evaluated('i-2', [finding('b', 'fail')]), again([], ['b'])).seen.changes[0]?.change, 'new');
});
