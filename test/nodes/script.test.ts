import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checked, collector, withoutBlanks } from '../../lambda/nodes/script.ts';

const read = (name: string) => readFileSync(new URL(`../../lambda/nodes/collector/${name}`, import.meta.url), 'utf8');
const script = collector();

/** Without comments and indentation. */
function codeOf(...files: string[]): string {
  const lines = files.flatMap((file) => read(file).split('\n')).map((line) => line.trimStart());
  return lines.filter((line) => line !== '' && !line.startsWith('#')).join('\n');
}

const AWK = codeOf('certificate.awk', 'filter.awk');

test('of awk only blanks are left out, and a kilobyte of them at least', () => {
  const short = withoutBlanks(AWK);
  assert.equal(short.replaceAll(' ', ''), AWK.replaceAll(' ', ''));
  assert.ok(AWK.length - short.length > 1024, String(AWK.length - short.length));
  const kept = 'x = "a = b; c" ~ /d = [/;] = e/ ? f / g : /h, i/';
  assert.equal(withoutBlanks(kept).match(/"a = b; c"|\/d = \[\/;] = e\/|f \/ g|\/h, i\//g)?.length, 4);
});

const hasGawk = spawnSync('gawk', ['--version']).status === 0;

test('awk reads them as the same program', { skip: !hasGawk && 'gawk is missing' }, () => {
  const parsed = (code: string) => {
    const env = { ...process.env, LC_ALL: 'C' };
    const { status, stdout, stderr } = spawnSync('gawk', ['-o-', code], { encoding: 'utf8', env });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  assert.equal(parsed(withoutBlanks(AWK)), parsed(AWK));
});

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
    const code = codeOf(...files);
    assert.equal(stdout, name === 'FILTER' ? withoutBlanks(code) : code, name);
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
