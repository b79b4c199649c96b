import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { ocsf } from '../../lambda/formats/ocsf.ts';
import { frozen } from '../../lambda/kubelet/shared.ts';
import { findingId } from '../../lambda/results/compare.ts';
import type { Entry } from '../../lambda/results/entry.ts';
import { summarize } from '../../lambda/results/summary.ts';
import { catalog } from '../archive/fleet.ts';
import { answers, evaluated, finding, scan, unreachable } from '../archive/samples.ts';

const head = { summary: summarize(scan, [], { previous: null }), catalog };

// biome-ignore lint/suspicious/noExplicitAny: events are read as their consumers read them
function eventsOf(...entries: Entry[]): any[] {
  const sheet = ocsf.open(head);
  const text = sheet.begin() + entries.map(sheet.entry).join('') + [...sheet.end()].join('');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** What OCSF 1.3.0 requires of a Compliance Finding and of the objects in it (ocsf/ocsf-schema). */
const required = new Ajv2020({ strict: false, allErrors: true }).compile({
  type: 'object',
  required: [
    'activity_id',
    'category_uid',
    'class_uid',
    'type_uid',
    'severity_id',
    'time',
    'metadata',
    'finding_info',
    'compliance',
    'cloud',
  ],
  properties: {
    activity_id: { enum: [1, 2, 3, 99] },
    category_uid: { const: 2 },
    class_uid: { const: 2003 },
    type_uid: { enum: [200301, 200302, 200303, 200399] },
    severity_id: { enum: [0, 1, 2, 3, 4, 5] },
    status_id: { enum: [1, 3, 4, 99] },
    time: { type: 'integer', minimum: 1_700_000_000_000 },
    message: { type: 'string' },
    metadata: {
      required: ['product', 'version'],
      properties: {
        version: { const: '1.3.0' },
        product: { required: ['vendor_name'] },
        profiles: { const: ['cloud'] },
      },
    },
    finding_info: {
      required: ['uid', 'title'],
      properties: { analytic: { required: ['type_id'] }, first_seen_time: { type: 'integer' } },
    },
    compliance: {
      required: ['standards', 'status_id', 'status', 'control'],
      properties: {
        standards: { type: 'array', minItems: 1, items: { type: 'string' } },
        status_id: { enum: [1, 2, 3, 99] },
      },
    },
    cloud: { required: ['provider'] },
    resources: { type: 'array', minItems: 1, items: { required: ['uid', 'type'] } },
    remediation: { required: ['desc'] },
  },
});

test('every event has what the class requires, and its type fits its activity', () => {
  const events = eventsOf(...answers.map(({ line }) => ({ line })));
  assert.equal(events.length, 7);
  for (const event of events) {
    assert.ok(required(event), JSON.stringify(required.errors));
    assert.equal(event.type_uid, 200_300 + event.activity_id);
  }
});

const cases = [
  ['pass', {}, [1, 'Pass'], [99, 'In order'], 1],
  ['fail', {}, [3, 'Fail'], [1, 'New'], 5],
  ['manual', {}, [2, 'Warning'], [1, 'New'], 5],
  ['error', {}, [2, 'Warning'], [1, 'New'], 5],
  ['not-applicable', {}, [99, 'Not applicable'], [99, 'In order'], 1],
  ['fail', { waiver: { reason: 'r', owner: 'o', until: 'u' } }, [3, 'Fail'], [3, 'Suppressed'], 5],
] as const;
for (const [status, more, [id, name], [stateId, state], severity] of cases) {
  test(`${'waiver' in more ? 'a waived ' : ''}${status} is ${name} and ${state}`, () => {
    const [event] = eventsOf({ line: evaluated('i-1', [finding('anonymous-auth', status, more)]) });
    assert.deepEqual([event.compliance.status_id, event.compliance.status], [id, name]);
    assert.deepEqual([event.status_id, event.status], [stateId, state]);
    assert.equal(event.severity_id, severity);
    assert.equal(event.finding_info.uid, '123456789012/eu-central-1/i-1/anonymous-auth');
    assert.equal(event.resources[0].uid, 'i-1');
    assert.equal(event.cloud.account.uid, '123456789012');
  });
}

test("whatever a node says stands in its own event, and in each node's that says the same", () => {
  const text = fc.string({ unit: 'binary' });
  const property = fc.property(text, text, text, (name, reason, cluster) => {
    const shared = frozen(finding('anonymous-auth', 'fail', { reason }));
    const lines = [`i-1${name}`, 'i-2'].map((id) => evaluated(id, [shared], { name, cluster }));
    const events = eventsOf(...lines.map((line) => ({ line })));
    assert.deepEqual(
      events.map(({ message, resources, finding_info: { uid, desc } }) => ({ message, uid, desc, resources })),
      lines.map(({ node }) => ({
        message: reason,
        uid: findingId(node, 'anonymous-auth'),
        desc: reason,
        resources: [
          {
            uid: node.id,
            type: 'AWS::EC2::Instance',
            name,
            region: node.region,
            group: { name: cluster },
            version: 'v1.32.3',
          },
        ],
      })),
    );
  });
  fc.assert(property, { numRuns: 200 });
});

test('an unreachable node is a finding without a result', () => {
  const [event] = eventsOf({ line: unreachable('i-1', 'gone') });
  assert.deepEqual([event.compliance.status_id, event.compliance.status_code], [2, 'gone']);
  assert.match(event.message, /has not answered/);
});

test('new and fixed findings are created and closed, and know when they were first seen', () => {
  const at = '2026-11-20T02:00:00.000Z';
  const entry = (status: 'pass' | 'fail', change: 'new' | 'fixed'): Entry => ({
    line: evaluated('i-1', [finding('a', status)]),
    changes: {
      node: 'i-1',
      coverage: 'evaluated',
      before: 'evaluated',
      open: change === 'new' ? { a: at } : {},
      changes: [{ rule: 'a', change, since: at }],
    },
  });
  const [created, closed] = eventsOf(entry('fail', 'new'), entry('pass', 'fixed'));
  assert.deepEqual([created.activity_id, created.finding_info.first_seen_time], [1, Date.parse(at)]);
  assert.equal(closed.activity_id, 3);
});
