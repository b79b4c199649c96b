import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

test('V8 knows what it is told', () => {
  const v8 = new URL('../../lambda/scan/v8.ts', import.meta.url).href;
  const said = (code: string) => {
    const args = ['--input-type=module', '--eval', code];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    assert.equal(status, 0, stderr);
    return stdout + stderr;
  };
  assert.equal(said(`import { tellV8 } from '${v8}'; tellV8();`), '');
  // Of what it does not know it says so, and goes on.
  assert.match(
    said(`import { setFlagsFromString } from 'node:v8'; setFlagsFromString('--no-such');`),
    /unrecognized flag/,
  );
});
