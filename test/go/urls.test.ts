import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseUrl } from '../../lambda/go/urls.ts';

/** Answers of net/url, Go 1.26. */
describe('addresses as Go reads them', () => {
  const schemes: Record<string, string> = {
    'dns://localhost:4317': 'dns',
    'unix:///run/otel.sock': 'unix',
    'HTTP://x/y?z#f': 'http',
    '//host': '',
    'dns://[::1]:4317': 'dns',
    'dns://a%25b': 'dns',
    'a:b': 'a',
  };
  for (const [text, scheme] of Object.entries(schemes)) {
    test(text, () => assert.deepEqual(parseUrl(text), { scheme }));
  }
  const problems: Record<string, string> = {
    'dns://a b': 'parse "dns://a b": invalid character " " in host name',
    'dns://a:b': 'parse "dns://a:b": invalid port ":b" after host',
    '://x': 'parse "://x": missing protocol scheme',
    'dns://[::1': 'parse "dns://[::1": missing \']\' in host',
    'dns://a%20b': 'parse "dns://a%20b": invalid URL escape "%20"',
    'dns://a/%zz': 'parse "dns://a/%zz": invalid URL escape "%zz"',
    'dns://a\n': 'parse "dns://a\\n": net/url: invalid control character in URL',
  };
  for (const [text, problem] of Object.entries(problems)) {
    test(problem, () => assert.deepEqual(parseUrl(text), { problem }));
  }
});
