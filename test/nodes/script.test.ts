import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checked, collector } from '../../lambda/nodes/script.ts';

const read = (name: string) => readFileSync(new URL(`../../lambda/nodes/collector/${name}`, import.meta.url), 'utf8');
const script = collector();

test('comments stay here, code arrives as it is', () => {
  assert.ok(!/^\s*#(?!!)/m.test(script), 'a line of comment');
  // What the shell makes of the script's own words is the code of the files.
  for (const [name, files] of [
    ['FILTER', ['certificate.awk', 'filter.awk']],
    ['READ', ['read.sh']],
    ['SEND', ['send.sh']],
    ['ALLOWED', ['allowed.txt']],
  ] as const) {
    const words = script.slice(0, script.indexOf('\nset -u\nexec'));
    const { stdout } = spawnSync('sh', ['-c', `${words}\nprintf '%s' "$${name}"`], { encoding: 'utf8' });
    const lines = files.flatMap((file) => read(file).split('\n')).map((line) => line.trimStart());
    assert.equal(stdout, lines.filter((line) => line !== '' && !line.startsWith('#')).join('\n'), name);
  }
});

test('docs/security.md says how long it is', () => {
  const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const [, whole, code] = /shell and awk are (\d+) lines, (\d+) without comments/.exec(page) ?? [];
  const lines = ['collect.sh', 'send.sh', 'read.sh', 'certificate.awk', 'filter.awk'].flatMap((name) =>
    read(name).trimEnd().split('\n'),
  );
  const bare = lines.filter((line) => !/^\s*(#.*)?$/.test(line));
  for (const [said, is] of [
    [Number(whole), lines.length],
    [Number(code), bare.length],
  ] as const)
    assert.ok(Math.abs(said - is) <= 15, `${said} is said, ${is} is`);
});

test('what SSM would replace is refused, whichever way it is sent', () => {
  assert.equal(checked(script), script);
  assert.throws(() => checked('echo\necho {{ x }}\n'), /^Error: the collector's line 2 has "\{\{"/);
});
