/** The program itself, in processes of its own: what it says before a command is loaded. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import tool from '../../package.json' with { type: 'json' };

const CLI = fileURLToPath(new URL('../../cli/cli.ts', import.meta.url));

function cli(...args: string[]) {
  const env = { ...process.env, npm_lifecycle_event: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

test('--version prints name and version', () => {
  assert.deepEqual(cli('--version'), { status: 0, stdout: `kubevigil ${tool.version}\n`, stderr: '' });
});

test('a command that there is not is told with the one that was meant', () => {
  const expected = 'kubevigil: there is no command "repotr"; did you mean report?\n';
  assert.deepEqual(cli('repotr'), { status: 2, stdout: '', stderr: expected });
});

test('help names every command, and each has a help of its own', () => {
  const { status, stdout } = cli('--help');
  assert.equal(status, 0);
  const names = [...stdout.matchAll(/^ {2}([a-z-]+) {2,}\w/gm)].map(([, name = '']) => name);
  assert.ok(names.length >= 7, stdout);
  const own = cli('help', 'rules');
  assert.equal(own.status, 0);
  assert.match(own.stdout, /^Usage: kubevigil rules /m);
});
