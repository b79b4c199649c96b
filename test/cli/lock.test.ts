import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lock } from '../../cli/lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-lock-'));
// Other tests lock directories of their own meanwhile.
process.env.TMPDIR = folder;
after(() => rmSync(folder, { recursive: true, force: true }));
const locks = () => readdirSync(folder).filter((name) => name.endsWith('.lock'));

test('a directory is locked by one at a time, under every name', () => {
  const directory = join(folder, 'out');
  symlinkSync(folder, join(folder, 'link'));
  const unlock = lock(directory);
  assert.throws(() => lock(directory), new RegExp(`another scan \\(process ${process.pid}\\) writes to .*out: wait`));
  assert.throws(() => lock(join(folder, 'link', 'out')), /another scan/);
  lock(join(folder, 'other'))();
  unlock();
  lock(directory)();
});

test('the lock of a process that was killed holds nothing', () => {
  const unlock = lock(folder);
  const [name = ''] = locks();
  const { pid } = spawnSync('true');
  writeFileSync(join(folder, name), String(pid));
  const again = lock(folder);
  again();
  unlock();
  assert.deepEqual(locks(), []);
});
