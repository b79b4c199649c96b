import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { compare, readCases } from '../../tools/agreement.ts';

const COMMAND = fileURLToPath(new URL('../../tools/agreement.ts', import.meta.url));

for (const name of ['named', 'random', 'random-2', 'refused', 'next']) {
  test(`agrees with every recorded kubelet of ${name}`, () => {
    const cases = readCases(fileURLToPath(new URL(`vectors/${name}.jsonl.gz`, import.meta.url)));
    assert.ok(cases.length >= 60, 'the vectors are there');
    assert.deepEqual(cases.flatMap(compare), []);
  });
}

describe('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agreement-'));
  after(() => rmSync(folder, { recursive: true }));

  function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' });
    return { status, stdout, stderr };
  }
  function file(name: string, ...lines: string[]): string {
    const path = join(folder, name);
    writeFileSync(path, lines.join('\n'));
    return path;
  }

  const good = JSON.stringify({
    id: 'x1',
    kubelet: '1.32',
    argv: ['--rotate-certificates'],
    files: {},
    starts: true,
    effective: { rotateCertificates: true },
    flags: {},
    gates: {},
  });

  test('says how many agree, and exits 0', () => {
    const line = JSON.stringify({ id: 'x0', kubelet: '1.32', argv: ['--nope'], files: {}, starts: false, error: 'e' });
    const { status, stdout } = run(file('agrees.jsonl', line, '', line));
    assert.deepEqual(
      [status, stdout],
      [0, '2 cases: 2 agree, 0 differ\nrefused   1.32       2 of 2\nrefused   all        2 of 2\n'],
    );
  });

  test('shows what differs, and exits 1', () => {
    const { status, stdout } = run(file('differs.jsonl', good));
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^1 cases: 0 agree, 1 differ\nrefused {3}1\.32 {7}0 of 1\nrefused {3}all {8}0 of 1\nx1 flags\.hostname-override\n {2}expected undefined\n {2}got {6}\{"value":""/,
    );
  });

  test('shows an unexpected start, and exits 1', () => {
    const { status, stdout } = run(file('starts.jsonl', good.replace('--rotate-certificates', '--nope')));
    assert.equal(status, 1);
    assert.match(
      stdout,
      /x1 starts\n {2}expected true\n {2}got {6}\{"starts":false,"error":"failed to parse kubelet flag: unknown flag/,
    );
  });

  test('counts the refusals whose whole text is the same', () => {
    const refused = (id: string, error: string) =>
      JSON.stringify({ id, kubelet: '1.32', argv: ['--nope'], files: {}, starts: false, stage: 'early', error });
    const words = '"failed to parse kubelet flag: unknown flag: --nope"';
    const { stdout } = run('--words', file('words.jsonl', refused('x2', words), refused('x3', '"something else"')));
    assert.match(stdout, /^words of refusals: 1 of 2 the same$/m);
  });

  test('a refusal at another stage, or with other messages, differs', () => {
    const row = {
      id: 'x4',
      kubelet: '1.32',
      argv: ['--max-pods=-1'],
      files: {},
      starts: false,
      stage: 'late',
      messages: ['m'],
    };
    const { status, stdout } = run(file('stage.jsonl', JSON.stringify(row)));
    assert.equal(status, 1);
    assert.match(stdout, /^x4 stage$/m);
    assert.match(stdout, /^x4 messages\n {2}expected \["m"\]$/m);
  });

  test('what a recorded kubelet was not asked later is no difference', () => {
    const recorded = JSON.stringify({
      id: 'n1',
      kubelet: '1.32',
      argv: ['--tls-cipher-suites=A'],
      files: {},
      starts: true,
      effective: { tlsCipherSuites: ['A'] },
      flags: {
        'hostname-override': '',
        kubeconfig: '',
        'bootstrap-kubeconfig': '',
        'cert-dir': '/var/lib/kubelet/pki',
      },
      gates: { RotateKubeletServerCertificate: true },
    });
    assert.equal(run(file('named.jsonl', recorded)).status, 0);
    assert.equal(run(file('refused.jsonl', recorded.replace('"n1"', '"x1"'))).status, 1);
  });

  test('reads compressed files', () => {
    const path = join(folder, 'some.jsonl.gz');
    writeFileSync(path, gzipSync(''));
    assert.equal(run(path).stdout, '0 cases: 0 agree, 0 differ\n');
  });

  for (const option of ['--help', '-h']) {
    test(`explains itself to ${option}`, () => {
      const { status, stdout } = run(option);
      assert.equal(status, 0);
      assert.match(stdout, /^Usage: npm run agreement -- FILE/);
    });
  }

  test('ends quietly when its reader has seen enough', async () => {
    const many = file('many.jsonl', ...Array<string>(2000).fill(good));
    const child = spawn(process.execPath, [COMMAND, many], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const stderr = text(child.stderr);
    const [status] = await once(child, 'close');
    assert.deepEqual([status, await stderr], [1, '']);
  });

  const failures: Record<string, [() => string[], RegExp]> = {
    'no file': [() => [], /expected at least one FILE/],
    'a missing file': [() => [join(folder, 'gone.jsonl')], /no such file.*gone\.jsonl/],
    'a folder': [() => [folder], /agreement-\w+: EISDIR/],
    'an unknown option': [() => ['--nope'], /Unknown option '--nope'/],
    'a line that is not JSON': [
      () => [file('bad.jsonl', good, '{')],
      /bad\.jsonl line 2 is not a recorded case: .*JSON/,
    ],
    'a line of another shape': [
      () => [file('shape.jsonl', good.replace('"argv"', '"arguments"'))],
      /shape\.jsonl line 1 is not a recorded case: argv: /,
    ],
    'a file that is not compressed': [() => [file('plain.gz', good)], /plain\.gz: incorrect header check/],
  };
  for (const [name, [args, message]] of Object.entries(failures)) {
    test(`says in one line what is wrong with ${name}, and exits 2`, () => {
      const { status, stdout, stderr } = run(...args());
      assert.equal(status, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^agreement: [^\n]+\n$/);
      assert.match(stderr, message);
    });
  }
});
