import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { beside, clean, directoryOf, isBelow, resolve } from '../../lambda/go/paths.ts';

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

/** What path/filepath's tests say of Clean on Windows (wincleantests), for paths with a drive, and of Dir. */
const CLEANED_ON_WINDOWS: Record<string, string> = {
  'c:\\': 'c:\\',
  'c:/abc': 'c:\\abc',
  'c:\\abc\\..\\..\\.\\.\\..\\def': 'c:\\def',
  'c:\\b:\\..\\..\\..\\d': 'c:\\d',
  'c:\\abc\\def\\..\\..': 'c:\\',
  'C:/ProgramData//kubernetes/./kubelet-config.json': 'C:\\ProgramData\\kubernetes\\kubelet-config.json',
};

for (const [path, cleaned] of Object.entries(CLEANED_ON_WINDOWS)) {
  test(`"${path}" is ${cleaned}`, () => assert.equal(clean(path), cleaned));
}

test('on Windows the folder says where a path leads, and nothing is whole without its drive', () => {
  const folder = 'C:\\ProgramData\\kubernetes';
  assert.deepEqual(
    ['D:/a', '/var/lib/kubelet', '\\etc\\x', 'pki/a.crt', '..\\a'].map((path) => resolve(folder, path)),
    ['D:\\a', 'C:\\var\\lib\\kubelet', 'C:\\etc\\x', `${folder}\\pki\\a.crt`, 'C:\\ProgramData\\a'],
  );
  // As sig-windows-tools had to make C:\var\lib\kubelet\etc\kubernetes\pki for kubeadm's clientCAFile (PrepareNode.ps1).
  assert.equal(
    beside('C:\\var\\lib\\kubelet', '/etc/kubernetes/pki/ca.crt'),
    'C:\\var\\lib\\kubelet\\etc\\kubernetes\\pki\\ca.crt',
  );
  assert.equal(beside('/etc', 'C:\\a'), '/etc/C:\\a', 'a name of Linux');
  assert.deepEqual(['C:\\a\\b.json', 'C:/a/b.json', 'C:\\b', '/a/C:\\b'].map(directoryOf), [
    'C:\\a',
    'C:\\a',
    'C:\\',
    '/a',
  ]);
});

test('below a folder is what begins with it and a separator, on Windows in any case', () => {
  assert.ok(isBelow('c:\\VAR\\lib\\a', 'C:\\var\\lib') && isBelow('C:\\a', 'C:\\') && isBelow('/a/b', '/a'));
  assert.ok(
    !isBelow('C:\\variety', 'C:\\var') && !isBelow('/ab', '/a') && !isBelow('/A/b', '/a') && isBelow('/a', '/'),
  );
});

test('cleaning on Windows is what Node.js calls normal there, without the slash at the end', () => {
  const parts = fc.array(fc.constantFrom('\\', '/', '.', '..', 'a', 'b c', '\n'), { maxLength: 12 });
  fc.assert(
    fc.property(parts, (some) => {
      const path = `C:\\${some.join('')}`;
      const normal = win32.normalize(path);
      assert.equal(clean(path), normal === 'C:\\' ? normal : normal.replace(/\\$/, ''));
    }),
  );
});
