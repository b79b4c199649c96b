import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Html, html, markupOf } from '../../../lambda/formats/html/markup.ts';

const cases: [what: string, markup: Html, text: string][] = [
  ['texts are escaped', html`<p title="${`"<&'`}">${'<b>'}</p>`, '<p title="&quot;&lt;&amp;&#39;">&lt;b&gt;</p>'],
  ['markup is not', html`<p>${html`<b>${'1 < 2'}</b>`}</p>`, '<p><b>1 &lt; 2</b></p>'],
  [
    'lists are joined',
    html`<ul>${['a', '<'].map((each) => html`<li>${each}</li>`)}</ul>`,
    '<ul><li>a</li><li>&lt;</li></ul>',
  ],
  ['numbers are written, 0 too', html`${0} of ${12.5}`, '0 of 12.5'],
  ['nothing is nothing', html`<p>${undefined}${false}${''}${[]}</p>`, '<p></p>'],
  [
    'line breaks beside tags and between values are layout',
    html`
      <p>
        ${'a'}
        ${'b'}
      </p>
      <p>c</p>`,
    '<p>ab</p><p>c</p>',
  ],
  [
    'line breaks within a text or a tag are blanks',
    html`
      <p class="a"
        id="b">one
        two ${'three'}
        four</p>`,
    '<p class="a" id="b">one two three four</p>',
  ],
];

for (const [what, markup, text] of cases) test(`markup: ${what}`, () => assert.equal(markupOf(markup), text));

test('markup: whatever a text is, it adds no tag and ends no attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.match(markupOf(html`<i a="${text}">${text}</i>`), /^<i a="[^"<>]*">[^<>]*<\/i>$/);
    }),
  );
});

test('markup: what looks like markup but was not made here is refused', () => {
  // @ts-expect-error: a string is no markup, so an unescaped text does not compile.
  const text: Html = '<b>';
  // @ts-expect-error: nor is an object that any other code could make.
  const made: Html = { markup: '<b>' };
  assert.throws(() => markupOf(made));
  assert.equal(markupOf(html`${text}`), '&lt;b&gt;');
});
