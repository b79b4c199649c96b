import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { byBytes, parseJson } from '../../lambda/go/json.ts';
import { Exit, Unknown } from '../../lambda/go/outcome.ts';

test('numbers keep their text, objects their members', () => {
  assert.deepEqual(parseJson(' {"a" : 1.50, "a": [true, null, "x\\u00e9"], "b": {}} \n'), {
    members: [
      { key: 'a', value: { number: '1.50' } },
      { key: 'a', value: [true, null, 'xé'] },
      { key: 'b', value: { members: [] } },
    ],
  });
});

test('half a surrogate pair is the replacement character', () => assert.equal(parseJson('"\\ud800"'), '\ufffd'));

test('deep nesting is beyond us, not beyond the kubelet', () => {
  assert.throws(() => parseJson('['.repeat(300)), Unknown);
});

describe('bad JSON', () => {
  const texts = [
    ['', /ends too early/],
    ['{', /ends too early/],
    ['{"a" 1}', /unexpected "1" in line 1/],
    ['{"a":1,}', /unexpected "}"/],
    ['{a: 1}', /unexpected "a"/],
    ['[1,]', /unexpected "]"/],
    ['[1 2]', /unexpected "2"/],
    ['\n\n01', /unexpected "1" in line 3/],
    ['+1', /unexpected "\+"/],
    ['1.', /unexpected "\."/],
    ['tru', /unexpected "t"/],
    ['"a\nb"', /unexpected "\\n"/],
    ['"a', /ends too early/],
    ['"\\q"', /unexpected "\\""/],
    ['{} x', /unexpected "x"/],
    ['\ufeff{}', /not JSON/],
    ["{'a': 1}", /unexpected "'"/],
  ] as const;
  for (const [text, message] of texts) {
    test(JSON.stringify(text), () => {
      assert.throws(
        () => parseJson(text),
        (error) => error instanceof Exit && message.test(error.message),
      );
    });
  }
});

test('texts are ordered by bytes of UTF-8', () => {
  const ordered = ['', 'A', 'B', 'a', 'aa', 'é', '\uffff', '😀', '😁'];
  assert.deepEqual(ordered.toReversed().toSorted(byBytes), ordered);
});
