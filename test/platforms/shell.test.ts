/** What stands in a command is what a shell gets, whatever nodes call their files. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { sh, shellWord } from '../../lambda/platforms/shell.ts';

test('plain paths stay as they are, others are quoted', () => {
  assert.equal(sh`chmod 600 ${'/etc/a-b_c.d'}`, 'chmod 600 /etc/a-b_c.d');
  assert.equal(sh`rm ${'/a b'} ${"/it's"}`, "rm '/a b' '/it'\\''s'");
  assert.equal(sh`ls ${['/a', '/$(reboot)']}`, "ls /a '/$(reboot)'");
});

test('what no line holds whole makes no command', () => {
  for (const word of ['', '-rf', '/a\nb', '/a\u0000', '/a\u202eb', `/${'x'.repeat(2_000)}`]) {
    assert.equal(shellWord(word), undefined, JSON.stringify(word));
    assert.equal(sh`rm ${word}`, undefined);
    assert.equal(sh`rm ${['/a', word]}`, undefined);
  }
});

test('a POSIX shell gets every word as it was', () => {
  const words = fc.sample(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((word) => shellWord(word) !== undefined),
    { numRuns: 200, seed: 7 },
  );
  const all = [...words, "'", "\\'", '`id`', '$HOME', '*', '~', '#', ' ', '!x', 'a\\'];
  const script = sh`printf '%s\\n' ${all}`;
  assert.ok(script);
  const { stdout, status } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.deepEqual(stdout.split('\n').slice(0, -1), all);
});
