import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as v from 'valibot';
import { onceOf } from '../../lambda/kubelet/shared.ts';
import { type EvaluatedLine, NodeLineSchema } from '../../lambda/results/node-line.ts';
import { readParts } from '../../lambda/results/parts.ts';
import { answers, evaluated, finding, settings, unreachable } from '../archive/samples.ts';

const textOf = (value: unknown) =>
  JSON.stringify({ scanId: 'a', scheduledAt: '2026-11-23T02:00:00Z', ...(value as object) });
const written = (value: unknown) => Buffer.from(textOf(value));

/** A node as nodeadm starts it: one of its settings is its own. */
function own(id: string, { at = 'end' }: { at?: 'end' | 'middle' } = {}): EvaluatedLine {
  const { findings, ...line } = evaluated(id, [
    finding('kubelet-identity', 'pass', { reason: `It is "${id}", whose key is 0eb2a05c…` }),
    finding('rotate-client-certificates', 'fail', { reason: 'It says },{"rule":" of "findings":[{"rule":".' }),
    finding('anonymous-auth', 'manual'),
  ]);
  const provider = { value: `aws:///eu-central-1a/${id}`, source: { kind: 'file' as const, where: '/etc/a.json' } };
  const all = { ...settings, providerID: provider, ...(at === 'middle' && { maxPods: { ...settings.podPidsLimit } }) };
  return { ...line, kubelet: { pid: 7, settings: all }, notes: ['},"notes":'], findings } as EvaluatedLine;
}

const LINES = [
  ...answers.map(({ line }) => line).filter(({ coverage }) => coverage === 'evaluated'),
  own('i-0123456789abcdef0'),
  own('i-0123456789abcdef1', { at: 'middle' }),
].map(textOf);

test('the lines that scans write are read by their parts, as they are', () => {
  for (const text of [...LINES, ...LINES]) assert.deepEqual(readParts(Buffer.from(text)), JSON.parse(text));
});

test('what two nodes say letter by letter is one object, which nobody can change', () => {
  const [one, other] = ['i-02', 'i-03'].map((id) => readParts(written(own(id)))) as [EvaluatedLine, EvaluatedLine];
  assert.notEqual(one.findings[0], other.findings[0]);
  assert.equal(one.findings[1], other.findings[1]);
  assert.equal(one.kubelet?.settings?.featureGates, other.kubelet?.settings?.featureGates);
  assert.notDeepEqual(one.kubelet?.settings?.providerID, other.kubelet?.settings?.providerID);
  assert.ok(Object.isFrozen(one.findings[1]?.controls));
});

test('what is asked for again is known, however many others come between', () => {
  const read = (rule: string) =>
    readParts(written(evaluated('i-01', [finding(rule, 'pass'), finding('usual', 'fail')])));
  const [seldom, usual] = read('seldom')?.findings ?? [];
  for (let index = 0; index < 10_000; index += 1) assert.equal(read(`rule-${index}`)?.findings[1], usual);
  assert.notEqual(read('seldom')?.findings[0], seldom);
});

/** What lines are cut at, what stands in the place of what was cut out, and what JSON takes otherwise than one would think. */
const SIGNS = [
  ...[',"findings":[', ',"findings":[{"rule":"', ',{"rule":"', ',"settings":{', '"settings":{}', ':{"value":'],
  ...[']}', '}', '}},"notes":', '}},"benchmark":[]', ',"providerID":{"value":', '"any setting":', '\\u0061ny setting'],
  ...['{', '[', '"', '\\', '\\"', ',', ' ', '\n', '\u00e2\u0080', '\u00ff', '__proto__', '"kubelet":{"pid":1}', '1'],
];

/** A line of which pieces were copied, moved and removed, with signs in between. */
const tampered = fc
  .tuple(
    fc.constantFrom(...LINES),
    fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.oneof(fc.constantFrom(...SIGNS), fc.string())), {
      maxLength: 3,
    }),
  )
  .map(([line, edits]) =>
    edits.reduce((text, [to, from, length, sign]) => {
      const places = [...text.matchAll(/[{[,]"|[\]}]/g)].map(({ index }) => index);
      const at = (turn: number) => places[turn % places.length] ?? 0;
      const copied = length % 3 === 0 ? '' : text.slice(at(from), at(from + (length % 7)));
      return `${text.slice(0, at(to))}${sign}${copied}${text.slice(at(to + (length % 2)))}`;
    }, line),
  );

test('whatever is read by its parts is what JSON says, and fits', () => {
  let taken = 0;
  const property = fc.property(tampered, (text) => {
    const bytes = Buffer.from(text);
    const line = readParts(bytes);
    if (line === undefined) return;
    taken += 1;
    const plain: unknown = JSON.parse(bytes.toString());
    assert.deepEqual(line, plain);
    assert.equal(JSON.stringify(line), JSON.stringify(plain));
    assert.ok(v.is(NodeLineSchema, plain));
  });
  fc.assert(property, { numRuns: 3_000 });
  assert.ok(taken > 100, `${taken} were read`);
});

test('names that stand twice, in whatever spelling, are read as JSON reads them', () => {
  const [line = ''] = LINES.slice(-1);
  for (const [from, to] of [
    ['"coverage"', '"findings":[],"coverage"'],
    ['"coverage"', '"kubelet":{"settings":{}},"coverage"'],
    ['"notes"', '"kubelet":{"pid":1,"settings":{}},"notes"'],
    ['"notes"', '"kubelet":{"pid":1,"settings":{"\\u0061ny setting":{"value":0,"source":{"kind":"default"}}}},"notes"'],
    [
      '"notes"',
      '"notes":[],"kubelet":{"pid":1,"settings":{"any setting":{"value":1,"source":{"kind":"file"}}}},"notes"',
    ],
    [
      '"notes"',
      '"notes":[],"kubelet":{"pid":1,"settings":{"\\u0061ny setting":{"value":1,"source":{"kind":"file"}}}},"notes"',
    ],
    ['"notes"', '"notes":[],"kubelet":{"pid":1,"settings":{}},"notes"'],
    ['"notes"', '"kubelet":{"pid":1},"notes"'],
    ['"maxPods"', '"providerID":{"value":"","source":{"kind":"default"}},"maxPods"'],
  ] as const) {
    const text = line.replace(from, to);
    assert.notEqual(text, line);
    const read = readParts(Buffer.from(text));
    if (read) assert.equal(JSON.stringify(read), JSON.stringify(JSON.parse(text)), to);
  }
});

test('what is no list of parts is not read, nor read without end', () => {
  const [line = ''] = LINES.slice(-1);
  const [own = ''] = /"providerID":.*?\},/.exec(line) ?? [];
  for (const [from, to] of [
    ['"settings":{', '"settings":{,'],
    ['"settings":{', `"settings":{,${own}`],
    ['"settings":{', `"settings":{ ,${own}`],
    ['"settings":{', `"settings":{\t\r\n,${own}`],
    ['"settings":{', `"settings":{"x":{"value":${'['.repeat(9_000)}${']'.repeat(9_000)},"source":{"kind":"default"}},`],
    ['"settings":{', '"settings":{"providerID":{"value":1:{"value":2,'],
    ['"settings":{', '"settings":{"providerID":{"value":[{"a":{"value":2}}],'],
    ['"findings":[', '"findings":[{"rule":"a"},'],
    [/\]\}$/, ',]}'],
    [/\]\}$/, ',{"rule":""]}'],
  ] as const) {
    const text = line.replace(from, to);
    assert.notEqual(text, line);
    assert.equal(readParts(Buffer.from(text)), undefined, String(to));
  }
});

test('of a node that did not answer no finding is read', () => {
  const line = { ...unreachable('i-01', 'gone'), findings: [finding('anonymous-auth', 'fail')] };
  assert.equal(readParts(written(line)), undefined);
});

test('what follows from a shared value is worked out once, of others each time', () => {
  let times = 0;
  const once = onceOf(({ a }: { a: number }) => {
    times += 1;
    return a === 0 ? undefined : a;
  });
  const shared = [Object.freeze({ a: 0 }), Object.freeze({ a: 1 })];
  assert.deepEqual([...shared, ...shared].map(once), [undefined, 1, undefined, 1]);
  assert.equal(times, 2);
  const alone = { a: 2 };
  assert.deepEqual([once(alone), once(alone), times], [2, 2, 4]);
});
