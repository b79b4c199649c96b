/** What the command line says where nothing more can be written. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../cli/cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kubevigil-disk-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const shell = (script: string, ...args: string[]) =>
  spawnSync('sh', ['-c', script, process.execPath, CLI, ...args], {
    encoding: 'utf8',
    // The limit would cut the file of this process's code coverage too, and with it the report of them all.
    env: { ...process.env, NODE_V8_COVERAGE: undefined },
  });

test('a scan that may write no larger files says so in a line, and leaves no half report', () => {
  const out = join(folder, 'out');
  // 20 blocks of 512 bytes (POSIX, ulimit): the evidence does not fit.
  const { status, stderr } = shell('ulimit -f 20; exec "$0" "$@"', 'scan', '--out', out);
  assert.equal(status, 2, stderr);
  assert.match(
    stderr.trimEnd().split('\n').at(-1) ?? '',
    /^kubevigil scan: --out .*out: no larger file may be written \(EFBIG\)$/,
  );
  assert.doesNotMatch(stderr, /^ {4}at /m);
  const scans = join(out, 'reports', 'scans');
  const left = existsSync(scans) ? readdirSync(scans, { recursive: true, encoding: 'utf8' }) : [];
  assert.deepEqual(
    left.filter((name) => /json|gz$/.test(name)),
    [],
  );
});

test('a directory that takes no file is refused before anything is sent', {
  skip: !existsSync('/proc/self') && 'no /proc',
}, () => {
  const { status, stdout, stderr } = shell('exec "$0" "$@"', 'scan', '--out', '/proc/kubevigil');
  assert.deepEqual([status, stdout], [2, '']);
  const [, said] = stderr.split('\n');
  assert.equal(
    said,
    'kubevigil scan: --out /proc/kubevigil: /proc/kubevigil: there is no such file or directory (ENOENT); nothing was sent',
  );
});

test('output that cannot be written is no result', { skip: !existsSync('/dev/full') && '/dev/full is missing' }, () => {
  for (const command of ['rules', 'check']) {
    const { status, stderr } = shell('exec "$0" "$@" > /dev/full', command);
    assert.equal(status, 2, command);
    assert.match(stderr, /^kubevigil: the output could not be written: ENOSPC: no space left on device, write\n$/);
  }
});
