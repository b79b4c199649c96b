import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { clean, directoryOf, resolve } from '../../lambda/go/paths.ts';

/** What path/filepath's own tests say of Clean, Dir and Join. */
const CLEANED: Record<string, string> = {
  '': '.',
  '.': '.',
  '/': '/',
  abc: 'abc',
  'abc/': 'abc',
  '/abc/': '/abc',
  'abc//def//ghi': 'abc/def/ghi',
  '//abc': '/abc',
  'abc/./def': 'abc/def',
  'abc/def/ghi/../jkl': 'abc/def/jkl',
  'abc/..': '.',
  'abc/../../../def': '../../def',
  '/../abc': '/abc',
  '/abc/def/../../..': '/',
  'abc/./../def': 'def',
};

for (const [path, cleaned] of Object.entries(CLEANED)) {
  test(`"${path}" is ${cleaned}`, () => assert.equal(clean(path), cleaned));
}

test('a directory is what stands before the last slash', () => {
  const directories = ['', '/', '/a', '/a/b', 'a', 'a/b', '/a/b/'].map(directoryOf);
  assert.deepEqual(directories, ['.', '/', '/', '/a', '.', 'a', '/a/b']);
});

test('a relative path is meant from its directory, an absolute one from the root', () => {
  assert.deepEqual(
    [resolve('/etc/kubernetes', '../ca.crt'), resolve('/etc', '/srv//ca.crt'), resolve('/', 'a')],
    ['/etc/ca.crt', '/srv/ca.crt', '/a'],
  );
});

test('cleaning is what Node.js calls normal, without the slash at the end', () => {
  const path = fc.array(fc.constantFrom('/', '.', '..', 'a', 'b', '\\', '\n'), { maxLength: 12 });
  fc.assert(
    fc.property(path, (parts) => {
      const normal = posix.normalize(parts.join(''));
      assert.equal(clean(parts.join('')), normal === '/' ? '/' : normal.replace(/\/$/, ''));
    }),
  );
});
