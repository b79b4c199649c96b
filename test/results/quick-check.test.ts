import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as v from 'valibot';
import { type NodeChanges, NodeChangesSchema } from '../../lambda/results/compare.ts';
import { EvidenceLineSchema } from '../../lambda/results/evidence-line.ts';
import { NodeLineSchema } from '../../lambda/results/node-line.ts';
import { quickCheck } from '../../lambda/results/quick-check.ts';
import { UnselectedSchema } from '../../lambda/results/unselected.ts';
import { answers } from '../archive/samples.ts';

const json = (value: unknown) => JSON.parse(JSON.stringify(value));

const since = '2026-11-01T02:00:00.000Z';
const changes: NodeChanges = {
  ...{ node: 'i-01', account: '123456789012', region: 'eu-central-1', scheduledAt: since, coverage: 'lost' },
  ...{ now: 'stopped', before: 'evaluated', open: {}, last: { seen: since, open: { 'anonymous-auth': since } } },
  changes: [{ rule: 'anonymous-auth', change: 'lost', since, cause: 'rules' }],
};

/** Every line that an archive has many of. */
const SAMPLES: [schema: v.GenericSchema, lines: unknown[]][] = [
  [NodeLineSchema, answers.map(({ line }) => line)],
  [NodeChangesSchema, [changes, { ...changes, accepted: { 'read-only-port': { since, until: '2027-01-31' } } }]],
  [EvidenceLineSchema, answers.map(({ line: { node }, evidence }) => ({ node, tags: { a: 'b' }, evidence }))],
  [UnselectedSchema, [{ id: 'i-01', cluster: 'blue', state: 'running', evidence: 'its tags' }]],
];

test('the lines that scans write are recognised at once', () => {
  for (const [schema, lines] of SAMPLES)
    for (const line of lines.map(json)) assert.ok(quickCheck(schema)(line), JSON.stringify(line));
});

/** A value with one part replaced, removed or added, wherever the numbers lead. */
function changed(value: unknown, [turn = 0, ...path]: readonly number[], part: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || path.length === 0) return part;
  const keys = Object.keys(value);
  const key = keys[turn % (keys.length + 1)];
  if (Array.isArray(value))
    return key === undefined
      ? [...value, part]
      : value.with(Number(key), changed(value[Number(key)], path, part, name));
  const others = Object.entries(value).filter(([each]) => each !== key);
  if (key === undefined) return Object.fromEntries([...others, [name, part]]);
  if (part === undefined) return Object.fromEntries(others);
  return Object.fromEntries([...others, [key, changed((value as Record<string, unknown>)[key], path, part, name)]]);
}

const names = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'node', 'now'),
  fc.string(),
);

test('what it takes, the schema takes and gives back as it is', () => {
  for (const [schema, lines] of SAMPLES) {
    const turns = fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 7 });
    const parts = fc.oneof(
      fc.constant(undefined),
      fc.constantFrom('', 'pass', 0, -1, 1.5, true, null, [], {}),
      fc.jsonValue(),
    );
    const property = fc.property(fc.constantFrom(...lines), turns, parts, names, (line, path, part, name) => {
      const value: unknown = JSON.parse(JSON.stringify(changed(json(line), path, part, name)) ?? 'null');
      if (!quickCheck(schema)(value)) return;
      const parsed = v.safeParse(schema, value);
      assert.ok(parsed.success, JSON.stringify(value));
      assert.deepEqual(parsed.output, value);
    });
    fc.assert(property, { numRuns: 1000 });
  }
});

const text = v.string();
const CASES: [name: string, schema: v.GenericSchema, yes: unknown[], no: unknown[]][] = [
  ['string', text, ['', 'a'], [1, null, []]],
  ['number', v.number(), [0, -1.5], ['0', Number.NaN]],
  ['boolean', v.boolean(), [true, false], [0, 'true']],
  ['unknown', v.unknown(), [1, null, {}], []],
  ['literal', v.literal(true), [true], [1, false]],
  ['picklist', v.picklist(['a', 'b']), ['a'], ['c', 0]],
  ['array', v.array(text), [[], ['a']], [[1], {}, 'a']],
  ['record', v.record(text, text), [{}, { a: 'b' }], [{ a: 1 }, [], null, json({ constructor: 'a' })]],
  [
    'strict object',
    v.strictObject({ a: text, b: v.exactOptional(text) }),
    [{ a: '' }, { a: '', b: '' }],
    [{}, { b: '' }, { a: '', b: 1 }, { a: '', c: '' }, []],
  ],
  ['loose object', v.looseObject({ a: text }), [{ a: '', b: 1 }], [{ b: 1 }, JSON.parse('{"a":"","__proto__":1}')]],
  ['object with a rest', v.objectWithRest({ a: text }, v.number()), [{ a: '' }, { a: '', b: 1 }], [{ a: '', b: '' }]],
  ['union', v.union([text, v.number()]), ['', 1], [null]],
  ['pipe', v.pipe(v.number(), v.integer(), v.minValue(0), v.description('x')), [0, 7], [-1, 1.5, '1']],
  ['readonly', v.pipe(v.array(text), v.minLength(1), v.readonly()), [['a']], [[]]],
  // These may give back something else, or are none of those that lines are made of: the schema itself decides.
  ['what changes the value', v.pipe(text, v.trim()), [], ['a']],
  ['a default', v.strictObject({ a: v.optional(text, 'b') }), [], [{}, { a: '' }]],
  ['what strips', v.object({ a: text }), [], [{ a: '' }]],
];

for (const [name, schema, yes, no] of CASES) {
  test(`${name}: yes to ${yes.length}, no to ${no.length}`, () => {
    for (const each of yes) assert.ok(quickCheck(schema)(each) && v.is(schema, each), JSON.stringify(each));
    for (const each of no) assert.ok(!quickCheck(schema)(each), JSON.stringify(each));
  });
}
