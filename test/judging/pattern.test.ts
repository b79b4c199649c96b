import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Path, patternOf } from '../../lambda/judging/pattern.ts';

const bytesOf = (text: string) => Buffer.from(text).toString('latin1');

/** What the pattern of a sample reads of a text that stands in a longer one. */
function read(sample: unknown, places: readonly Path[], text: string): unknown {
  const bytes = bytesOf(text);
  return patternOf(sample, places)?.(`,"x":${bytes}}`, 5, 5 + bytes.length);
}

const sample = { a: 1, b: ['x', { c: 'ö', d: [1, 2] }], e: '"} , 5' };
const places: Path[] = [['a'], ['b', 1, 'd'], ['e']];

test('values in open places are read, and all else is what it was', () => {
  for (const open of [
    { a: 2, d: [], e: '' },
    { a: -1.5e9, d: [{ e: 'f' }, null], e: '"},"e":"\\' },
    { a: 0, d: ['}],"e":', {}], e: 'naïve 🙂 }],"e":' },
  ]) {
    const text = JSON.stringify({ a: open.a, b: ['x', { c: 'ö', d: open.d }], e: open.e });
    assert.equal(JSON.stringify(read(sample, places, text)), text);
  }
});

test('a text that is not of the pattern is not read', () => {
  const texts = {
    'other beside what is open': JSON.stringify({ ...sample, b: ['y', { c: 'ö', d: [1, 2] }] }),
    'more behind it': JSON.stringify({ ...sample, f: 1 }),
    'another sort of value': JSON.stringify({ ...sample, a: '1' }),
    'a list that is none': JSON.stringify({ ...sample, b: ['x', { c: 'ö', d: null }] }),
    'no value': JSON.stringify(sample).replace('"a":1', '"a":'),
    'two values': JSON.stringify(sample).replace('"a":1', '"a":1,"g":2'),
    'no number of JSON': JSON.stringify(sample).replace('"a":1', '"a":01'),
    'its end alone': JSON.stringify(sample).slice(1),
    'what looks like the end of a place': JSON.stringify(sample).replace('"d":[1,2]', '"d":[{"x":[{}],"e":1}]'),
    nothing: '',
  };
  for (const [what, text] of Object.entries(texts)) assert.equal(read(sample, places, text), undefined, what);
});

test('there is no pattern of places that are not there, or of what looks like one that is open', () => {
  assert.equal(patternOf(sample, [['z']]), undefined);
  assert.equal(patternOf({ a: 1, b: '\0open\0' }, [['a']]), undefined);
  assert.deepEqual(read(sample, [], JSON.stringify(sample)), sample);
});

test('what is not open is one frozen object for all', () => {
  const pattern = patternOf(sample, [['a'], ['b', 0]]);
  const [one, other] = [1, 2].map((a) => {
    const bytes = bytesOf(JSON.stringify({ ...sample, a }));
    return pattern?.(bytes, 0, bytes.length) as typeof sample;
  });
  assert.ok(one !== other && one?.b !== other?.b && !Object.isFrozen(one) && !Object.isFrozen(one?.b));
  assert.ok(one?.b[1] === other?.b[1] && Object.isFrozen(one?.b[1]));
});

test('whatever is read, JSON.parse reads it too', () => {
  const value = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text));
  const pairs = fc.record({ one: value, other: value, key: fc.string(), isLast: fc.boolean() });
  fc.assert(
    fc.property(pairs, fc.string({ maxLength: 3 }), ({ one, other, key, isLast }, noise) => {
      const around = (open: unknown) => (isLast ? [{ [key]: one }, { a: open }] : { a: [open], b: { [key]: one } });
      const path = isLast ? [1, 'a'] : ['a', 0];
      for (const text of [JSON.stringify(around(other)), JSON.stringify(around(one)).replace(noise, '')]) {
        const found = read(around(one), [path], text);
        if (found !== undefined) assert.equal(JSON.stringify(found), JSON.stringify(JSON.parse(text)));
      }
    }),
    { numRuns: 500 },
  );
});
