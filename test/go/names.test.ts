import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nameProblems, valueProblems } from '../../lambda/go/names.ts';

describe('names of labels and taints', () => {
  const names: Record<string, RegExp[]> = {
    a: [],
    'example.com/My-Name.1': [],
    '': [/^name part must be non-empty$/, /^name part must consist of/],
    'a b': [
      /^name part must consist of .* \(e\.g\. 'MyName', {2}or 'my\.name', {2}or '123-abc', regex used for validation is '\(\[A-Za-z0-9\]\[-A-Za-z0-9_\.\]\*\)\?\[A-Za-z0-9\]'\)$/,
    ],
    'Example/a': [/^prefix part a lowercase RFC 1123 subdomain/],
    '/a': [/^prefix part must be non-empty$/],
    'a/b/c': [/^a qualified name must consist of .* with an optional DNS subdomain prefix/],
    [`${'d'.repeat(254)}/a`]: [/^prefix part must be no more than 253 characters$/],
    ['n'.repeat(64)]: [/^name part must be no more than 63 characters$/],
  };
  for (const [name, expected] of Object.entries(names)) {
    test(JSON.stringify(name.slice(0, 20)), () => {
      const problems = nameProblems(name);
      assert.equal(problems.length, expected.length, problems.join('; '));
      for (const [at, pattern] of expected.entries()) assert.match(problems[at] ?? '', pattern);
    });
  }

  test('values', () => {
    assert.deepEqual(valueProblems(''), []);
    assert.deepEqual(valueProblems('a.b_c-1'), []);
    assert.match(valueProblems('-').join(), /^a valid label must be an empty string or consist of/);
    assert.deepEqual(valueProblems('v'.repeat(64)), ['must be no more than 63 characters']);
  });
});
