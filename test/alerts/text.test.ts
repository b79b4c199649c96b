import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { clean, count, cut, day, list, time, visible } from '../../lambda/alerts/text.ts';
import { hostile } from './hostile.ts';

describe('hostile text becomes one visible line', () => {
  const cases: { name: string; text: string; want: string }[] = [
    { name: 'plain words', text: 'worker-7 in prod', want: 'worker-7 in prod' },
    { name: 'other scripts', text: 'узел ノード', want: 'узел ノード' },
    { name: 'line breaks, tabs and runs of spaces', text: ' a\r\nb\t\u2028c   d ', want: 'a b c d' },
    { name: 'a terminal escape', text: 'a\u001b[31mred', want: 'a�[31mred' },
    { name: 'a bidirectional override', text: 'txt.\u202egpj', want: 'txt.�gpj' },
    { name: 'zero-width and unassigned characters', text: 'a\u200bb\u{e0041}c', want: 'a�b�c' },
    { name: 'half a character', text: 'a\ud83db', want: 'a�b' },
    { name: 'a tower of accents', text: 'e\u0301\u0302\u0303\u0304\u0305', want: 'e\u0301\u0302' },
    { name: 'an address', text: 'see http://evil.example/', want: 'see http[:]//evil.example/' },
  ];
  for (const { name, text, want } of cases) test(name, () => assert.equal(clean(text, 100), want));

  test('a program gets addresses as they are', () => {
    assert.equal(visible('s3://bucket/key', 100), 's3://bucket/key');
  });

  test('of at most the given length, whatever comes', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 80 }), (text, length) => {
        for (const line of [visible(text, length), clean(text, length)]) {
          assert.ok(line.length <= length);
          assert.ok(line.isWellFormed());
          assert.doesNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u);
        }
        assert.doesNotMatch(clean(text, length), /:\/\//);
      }),
    );
  });
});

test('what is cut ends with an ellipsis and a whole character', () => {
  assert.equal(cut('12345', 5), '12345');
  assert.equal(cut('123456', 5), '1234…');
  assert.equal(cut('123\u{1f600}6', 5), '123…');
  assert.equal(clean('x'.repeat(1_000_000), 5), 'xxxx…');
});

test('numbers, lists and times read like words', () => {
  assert.equal(count(1, 'node'), '1 node');
  assert.equal(count(10_004, 'node'), '10,004 nodes');
  assert.equal(list(['a', 'b'], 2), 'a, b');
  assert.equal(list(['a', 'b'], 490), 'a, b and 488 more');
  assert.equal(time('2026-11-23T04:03:12+02:00'), '2026-11-23 02:03 UTC');
  assert.equal(day('2026-11-23T23:30:00-02:00'), '2026-11-24');
  assert.equal(time('soon'), '(unknown time) UTC');
});
