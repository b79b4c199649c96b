/** docs/audit.md and what docs/report.md verifies by hand run: every command, and the SQL where DuckDB is there, on a quarter that a script made. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fingerprint } from '../../lambda/archive/sign.ts';
import { keptQuarter } from '../audit/quarter.ts';
import { python, without } from '../witness/python.ts';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const page = read('audit.md');
const { archive, publicKeys } = await keptQuarter();

/** Code blocks of a section, by its title. */
function blocks(title: string, language: string, text = page): string[] {
  const start = text.indexOf(`${title}\n`);
  assert.ok(start >= 0, title);
  const level = /^#+/.exec(title)?.[0] ?? '';
  const rest = text.slice(start + title.length);
  const end = rest.search(new RegExp(`^#{1,${level.length}} `, 'm'));
  const section = end === -1 ? rest : rest.slice(0, end);
  return [...section.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap((match) =>
    match[1] === language ? [match[2] ?? ''] : [],
  );
}

const missing = ['openssl', 'jq', 'zcat', 'sha256sum'].filter(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
);
const skip = missing.length > 0 && `no ${missing.join(', no ')}`;

/** What each command of the walk must print. */
const walk: RegExp[] = [
  /^latest\.json names scans\/2026\/09\/30\/20260930T020000Z\/manifest\.json\n$/,
  new RegExp(`^Verified OK\\n${fingerprint(publicKeys[1]?.pem ?? '')} {2}-\\n$`),
  /^ *93 Verified OK\n$/,
  /^$/,
  /^$/,
  /^begins with 20260628T020000Z\n$/,
  /^nothing from 2026-09-02T02:00:00\.000Z to 2026-09-05T02:00:00\.000Z\n$/,
  /^20260725T020000Z 444455556666\/us-east-1\n20260726T020000Z 444455556666\/us-east-1\n\d+ of \d+ answers\n$/,
  /^i-0a7 read-only-port: .*10255.*\ni-0a9 make-iptables-util-chains: [\s\S]*--config=\/var\/lib\/kubelet\/config\.yaml[\s\S]*\nreadOnlyPort: 10255\n/,
  /^2026-06-28 i-0a3 anonymous-auth new first-scan\n[\s\S]*2026-08-21 i-0a2 read-only-port fixed \n/,
];

describe('the walk', { skip }, () => {
  const commands = blocks('## The walk', 'sh');
  test('has an expectation for each command', () => assert.equal(commands.length, walk.length));
  for (const [index, command] of commands.entries()) {
    test(`${command.trim().split('\n')[0]}`, () => {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: archive, encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, ''], stdout);
      assert.match(stdout, walk[index] ?? /(?!)/);
    });
  }
});

test('what the page on reports verifies by hand is well', { skip }, () => {
  // Its last command is for archives with time stamps, which the quarter has none of.
  const commands = blocks('### Without kubevigil', 'sh', read('report.md')).slice(0, 4);
  const told = commands.map((command) => {
    const cwd = join(archive, 'scans/2026/09/30/20260930T020000Z');
    const { status, stdout } = spawnSync('sh', ['-c', command], { cwd, encoding: 'utf8' });
    assert.equal(status, 0, command);
    return stdout;
  });
  assert.equal(told[0], 'Verified OK\n');
  assert.match(told[1] ?? '', /^(scans\/2026\/09\/30\/\S+: OK\n){15}$/);
  assert.equal(told[2], 'scans/2026/09/29/20260929T020000Z/manifest.json: OK\n');
  assert.match(told[3] ?? '', /^Verified OK\n\{/);
});

test('every schema that the page names is there', () => {
  const links = [...page.matchAll(/\]\(\.\.\/(lambda\/[^)]*)\)/g)].map(([, path = '']) => path);
  assert.equal(links.length, 11);
  for (const path of links) assert.ok(existsSync(new URL(`../../${path}`, import.meta.url)), path);
});

describe('the SQL for DuckDB', { skip: without('duckdb') }, () => {
  test('gives what the script made', async () => {
    const [views = '', ...queries] = blocks('### DuckDB', 'sql');
    const { status, stdout, stderr } = await python(['sql.py', archive], { views, queries });
    assert.deepEqual([status, stderr], [0, '']);
    const [open, fixed, silent] = JSON.parse(stdout) as unknown[][][];
    assert.ok(open?.some((row) => row.join(' ') === '2026-09 make-iptables-util-chains 1'));
    assert.ok(
      open?.some((row) => row.join(' ') === '2026-07 read-only-port 3'),
      JSON.stringify(open),
    );
    assert.deepEqual(fixed, [
      ['anonymous-auth', 2, 42],
      ['read-only-port', 4, 18],
    ]);
    // 93 nights but for those on which its account could not be scanned.
    assert.deepEqual(silent, [
      ['i-0a4', 'connection-lost', 4],
      ['i-0b2', 'not-managed', 91],
    ]);
  });
});
