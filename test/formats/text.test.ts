import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeHtml, printable } from '../../lambda/formats/text.ts';

for (const [what, text, expected] of [
  ['terminal escapes', 'a\u001b[2Jb', 'a\\u{1b}[2Jb'],
  ['line breaks', 'a\r\nb\u2028c', 'a\\u{d}\\u{a}b\\u{2028}c'],
  ['text that runs backwards', 'gpj.\u202eexe', 'gpj.\\u{202e}exe'],
  ['NUL', 'a\0', 'a\\u{0}'],
  ['plain text of any script', 'größe 東京 🧀', 'größe 東京 🧀'],
] as const) {
  test(`printable: ${what}`, () => assert.equal(printable(text), expected));
}

test('escaped text cannot begin or end anything in HTML', () => {
  assert.equal(escapeHtml(`</p><script>"'&`), '&lt;/p&gt;&lt;script&gt;&quot;&#39;&amp;');
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[<>"'\p{Cc}]/u.test(escapeHtml(text))));
});
