/** YAML as goyaml.v2 reads it and sigs.k8s.io/yaml turns it into JSON. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isNumber, isObject, type Json } from '../../../lambda/go/json.ts';
import { Exit } from '../../../lambda/go/outcome.ts';
import { parseYaml } from '../../../lambda/go/yaml/compose.ts';

/** Into plain JavaScript, where JSON.stringify keeps the order of the keys. */
function plain(value: Json): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  if (isNumber(value)) return Number(value.number);
  return isObject(value) ? Object.fromEntries(value.members.map((member) => [member.key, plain(member.value)])) : value;
}

function accepts(title: string, table: Record<string, unknown>): void {
  describe(title, () => {
    for (const [text, expected] of Object.entries(table)) {
      test(JSON.stringify(text), () => assert.deepEqual(plain(parseYaml(text, false)), expected));
    }
  });
}

function refuses(title: string, table: Record<string, RegExp>, strict = false): void {
  describe(title, () => {
    for (const [text, message] of Object.entries(table)) {
      test(JSON.stringify(text), () => {
        assert.throws(
          () => parseYaml(text, strict),
          (error) => error instanceof Exit && message.test(error.message),
        );
      });
    }
  });
}

accepts('plain scalars', {
  '': null,
  '# only a comment': null,
  '~': null,
  Null: null,
  nULL: 'nULL',
  'a b': 'a b',
  '-a': '-a',
  '?a': '?a',
  ':a': ':a',
  'a:b': 'a:b',
  'a#b': 'a#b',
  'a #b': 'a',
  'a: b#c': { a: 'b#c' },
  'one\n two\n\n three': 'one two\nthree',
  'a: one\n  two': { a: 'one two' },
  '<<': '<<',
  '=': '=',
});

accepts('booleans of YAML 1.1', {
  '[y, Y, yes, Yes, YES, on, On, ON, true, True, TRUE]': Array(11).fill(true),
  '[n, N, no, No, NO, off, Off, OFF, false, False, FALSE]': Array(11).fill(false),
  '[yES, oN, tRue]': ['yES', 'oN', 'tRue'],
  '["yes", \'no\']': ['yes', 'no'],
});

accepts('numbers', {
  '[0, 10, -10, +10]': [0, 10, -10, 10],
  '[010, 0o10, 0x10, 0X1f, 0b11, -0b11, 0b-11]': [8, 8, 16, 31, 3, -3, -3],
  '[08, 09.5]': [8, 9.5],
  '[1_000, 1__0, 0x_f]': [1000, 10, 15],
  '[1e1, 1.5e3, .5, 5., -.5e1, 1E-1]': [10, 1500, 0.5, 5, -5, 0.1],
  '[1e999, 1:30, 1.2.3, 0xg, "", "1"]': ['1e999', '1:30', '1.2.3', '0xg', '', '1'],
  '[18446744073709551615, 18446744073709551616]': [2 ** 64, 2 ** 64],
  '[2001-01-01, 2001-12-14T21:59:43Z]': ['2001-01-01', '2001-12-14T21:59:43Z'],
  '[., ..., +, -., e1]': ['.', '...', '+', '-.', 'e1'],
});

accepts('keys', {
  '1: a': { 1: 'a' },
  '010: a': { 8: 'a' },
  '1.5: a': { 1.5: 'a' },
  'yes: a': { true: 'a' },
  '"a b": c': { 'a b': 'c' },
  '? a\n: b': { a: 'b' },
  '? a': { a: null },
  'a : b': { a: 'b' },
  'a: 1\na: 2': { a: 2 },
  'a: {x: 1}\na: {z: 2}': { a: { z: 2 } },
  'y: 1': { true: 1 },
  '&k a: *k': { a: 'a' },
});

refuses('keys', {
  '~: a': /a key is null/,
  ': a': /expected a key/,
  '{[a]: b}': /a mapping or a list is a key/,
  '? {a: b}\n: c': /a mapping or a list is a key/,
  '18446744073709551615: a': /too large/,
  'a b\nc: d': /a mapping value is not allowed/,
  [`${'k'.repeat(1100)}: v`]: /a mapping value is not allowed/,
});

accepts('block collections', {
  '- a\n- b': ['a', 'b'],
  'a:\n- b\n- c\nd: e': { a: ['b', 'c'], d: 'e' },
  'a:\n  - b\n  -\n    c: d': { a: ['b', { c: 'd' }] },
  '- - a\n  - b\n- c': [['a', 'b'], 'c'],
  '- a: 1\n  b: 2': [{ a: 1, b: 2 }],
  'a:\n  b:\n    c: 1\n  d: 2\ne: 3': { a: { b: { c: 1 }, d: 2 }, e: 3 },
  'a:\n\n  # comment\n  b: 1': { a: { b: 1 } },
  'a:\tb': { a: 'b' },
  'a: b\t# c': { a: 'b' },
  'a: 1\r\nb: 2\r\n': { a: 1, b: 2 },
});

refuses('block collections', {
  'a:\n\tb: 1': /cannot start any token/,
  '- a\n-\tb: c\n\td: e': /a tab character violates|cannot start any token/,
  'a: b: c': /a mapping value is not allowed/,
  'a: - b': /a list item is not allowed/,
  'a: 1\n b: 2': /a mapping value is not allowed/,
  'a: -': /a list item is not allowed/,
  'a: 1\n- b': /expected a key/,
  '@a': /cannot start any token/,
  '`a': /cannot start any token/,
  'a: %b': /cannot start any token/,
});

accepts('flow collections', {
  '[]': [],
  '{}': {},
  '[a, [b], {c: d}, ]': ['a', ['b'], { c: 'd' }],
  '{a, b: , c: d}': { a: null, b: null, c: 'd' },
  '{a:b}': { 'a:b': null },
  '{"a":b}': { a: 'b' },
  '[a: b, c]': [{ a: 'b' }, 'c'],
  '{? a : b}': { a: 'b' },
  '[a\n b]': ['a b'],
  'a: {\nb: 1\n}': { a: { b: 1 } },
  'a: [\n1,\n\t2\n]': { a: [1, 2] },
  '{a: 1} # c': { a: 1 },
  '[-]': ['-'],
});

refuses('flow collections', {
  '[a': /expected ',' or ']'/,
  '{a: 1': /expected ',' or '}'/,
  '[a,, b]': /expected a value/,
  '[a?b]': /expected ',' or ']'/,
  '[- ]': /expected a value/,
  '{a: 1\n---\nb: 2}': /expected ',' or '}'/,
});

accepts('quoted scalars', {
  '"a\\tb\\x41\\u00e9\\U0001F600"': 'a\tbAé😀',
  '"\\0\\a\\b\\e\\f\\n\\r\\v\\N\\_\\L\\P\\ \\"\\\\"': '\0\x07\b\x1b\f\n\r\v\u0085\u00a0\u2028\u2029 "\\',
  "'it''s'": "it's",
  "'a\\n'": 'a\\n',
  '"a\n  b\n\n  c"': 'a b\nc',
  '"a \\\n  b"': 'a b',
  '"a\\\n\n b"': 'a\nb',
  '" a "': ' a ',
});

refuses('quoted scalars', {
  '"a': /does not end/,
  "'a": /does not end/,
  '"\\/"': /unknown escape/,
  '"\\q"': /unknown escape/,
  '"\\x4"': /hexadecimal/,
  '"\\ud800"': /invalid Unicode/,
  '"a\n--- b"': /document indicator/,
});

accepts('block scalars', {
  'a: |\n  x\n   y\n  z\n': { a: 'x\n y\nz\n' },
  'a: |-\n  x\n\n': { a: 'x' },
  'a: |+\n  x\n\n': { a: 'x\n\n' },
  'a: >\n  x\n  y\n\n  z\n': { a: 'x y\nz\n' },
  'a: >-\n  x\n    y\n  z\n': { a: 'x\n  y\nz' },
  'a: |2\n    x\n': { a: '  x\n' },
  'a: |1-\n  x': { a: ' x' },
  'a: |  # comment\n  x\n': { a: 'x\n' },
  'a: |\n\n  x\nb: 1': { a: '\nx\n', b: 1 },
  '- |\n a\n- b': ['a\n', 'b'],
});

refuses('block scalars', {
  'a: |0\n x': /indicator of 0/,
  'a: |x\n x': /expected a comment or a line break/,
  'a: |\n\tx': /a tab character where/,
});

accepts('tags', {
  '!!str 1': '1',
  '!!int "5"': 5,
  '!!float 1': 1,
  '!!bool "yes"': true,
  '!!null ""': null,
  '! true': 'true',
  '!foo 1': '1',
  '!<tag:yaml.org,2002:int> 7': 7,
  '!!binary aGk=': 'hi',
  '!!timestamp 2001-01-01': '2001-01-01',
  '%TAG !e! tag:yaml.org,2002:\n---\n!e!int "3"': 3,
  '!!map {a: 1}': { a: 1 },
});

refuses('tags', {
  '!!int x': /not of the type/,
  '!!bool 1': /not of the type/,
  '!!null x': /not of the type/,
  '!!timestamp x': /not a timestamp/,
  '!!binary "*"': /not base64/,
  '!e!x 1': /undefined tag handle/,
});

accepts('anchors and merges', {
  'a: &x 1\nb: *x': { a: 1, b: 1 },
  'a: &x {b: 1}\nc: *x': { a: { b: 1 }, c: { b: 1 } },
  'a: &x\nb: *x': { a: null, b: null },
  'a: &k b\n*k : c': { a: 'b', b: 'c' },
  '<<: {a: 1}\nb: 2': { a: 1, b: 2 },
  '<<: {a: 1}\na: 2': { a: 2 },
  'a: 2\n<<: {a: 1}': { a: 1 },
  '<<: [{a: 1}, {a: 2, b: 3}]': { a: 1, b: 3 },
  'x: &x {a: 1}\nz: {<<: *x, b: 2}': { x: { a: 1 }, z: { a: 1, b: 2 } },
  '"<<": {a: 1}': { '<<': { a: 1 } },
});

refuses('anchors and merges', {
  'a: *x': /unknown anchor/,
  'a: &x [*x]': /contains itself/,
  '<<: 1': /a merge needs/,
  '<<: [1]': /a merge needs/,
  'a: & b': /expected the name/,
  'a: &x &y b': /./,
});

accepts('documents', {
  '---\na: 1\n---\n[': { a: 1 },
  'a: 1\n...\n}': { a: 1 },
  '---\n---\na: 1': null,
  '--- a': 'a',
  '%YAML 1.1\n---\na: 1': { a: 1 },
  '\ufeffa: 1': { a: 1 },
  'a: 1\n\ufeffb: 2': { a: 1, '\ufeffb': 2 },
  '\n\ufeffa': '\ufeffa',
  'a: .inf\na: 1': { a: 1 },
  'a: {~: 1}\na: 2': { a: 2 },
  '{a: 1} b': { a: 1 },
  '  a: 1\n b: 2': { a: 1 },
});

refuses('documents', {
  '%YAML 1.2\n---\na': /instead of 1\.1/,
  '%FOO\n---\na': /unknown directive/,
  '%YAML 1.1\na': /expected the start of a document/,
  '...': /expected a value/,
  'a: \0': /control characters/,
  'a: \x7f': /control characters/,
  '.inf': /infinity/,
  'a: 1\n\ufeff': /expected a key|:/,
  '[{~: a}]': /a key is null/,
  'a: .nan': /infinity or not a number/,
});

refuses(
  'strict reading',
  { 'a: 1\na: 2': /stands twice/, 'x: {a: 1, a: 1}': /stands twice/, 'a: 1\n<<: {a: 2}': /stands twice/ },
  true,
);

test('strict reading tells keys of different types apart', () => {
  assert.deepEqual(plain(parseYaml('1: a\n"1": b', true)), { 1: 'b' });
});

test('an alias bomb is refused', () => {
  const levels = Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`);
  assert.throws(() => parseYaml(`a0: &a0 x\n${levels.join('\n')}`, false), /consists mostly of aliases/);
});

test('a forbidden character behind the first document is refused only if it is near', () => {
  assert.throws(() => parseYaml('a: 1\n---\n\x01', false), /control characters/);
  assert.deepEqual(plain(parseYaml(`a: 1\n---\n${'b'.repeat(600)}\x01`, false)), { a: 1 });
});
