/** What a scan that was killed leaves behind, and that the next one removes all of it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { forget, isAlive, sweep } from '../../cli/leftovers.ts';
import { scanCommand } from '../../cli/scan.ts';
import { verifyCommand } from '../../cli/verify.ts';
import { judgeArchived } from '../../lambda/results/judge-line.ts';
import { capture } from './capture.ts';

const CLI = fileURLToPath(new URL('../../cli/cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kubevigil-leftovers-'));
process.env.TMPDIR = join(folder, 'tmp');
mkdirSync(process.env.TMPDIR);
after(() => rmSync(folder, { recursive: true, force: true }));

const out = join(folder, 'out');
const files = (path: string) =>
  existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort() : [];
const temporary = () => readdirSync(tmpdir()).sort();
const scan = (to = capture()) => scanCommand(['--out', out, '--tag', 'Name=payments-good'], to, async () => {});

/** Runs the scan in a process that kills itself as soon as its progress says this: nothing of it runs after. */
function killedAt(progress: string): void {
  const killer = `
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (text, ...more) => {
      if (String(text).includes(${JSON.stringify(progress)})) process.kill(process.pid, 'SIGKILL');
      return write(text, ...more);
    };`;
  const wrapped = ['--import', `data:text/javascript,${encodeURIComponent(killer)}`];
  const { signal, stderr } = spawnSync(process.execPath, [...wrapped, CLI, 'scan', '--out', out], { encoding: 'utf8' });
  assert.equal(signal, 'SIGKILL', stderr);
}

before(async () => assert.equal(await scan(), 0));

test('a scan that ends leaves its report and its key, and nothing among temporary files', () => {
  assert.deepEqual(
    files(out).filter((name) => !name.startsWith('reports')),
    ['executions', 'signing-key.pem'],
  );
  assert.deepEqual(temporary(), []);
});

test('what a killed scan left, the next one removes', async () => {
  const ended = files(join(out, 'reports'));
  killedAt('judged and compared');
  const held = temporary();
  assert.ok(
    held.some((name) => /^kubevigil-fleet-/.test(name)),
    held.join(),
  );
  assert.equal(files(join(out, 'executions')).length, 1);
  const begun = files(join(out, 'reports')).filter((name) => !ended.includes(name));
  assert.ok(
    begun.some((name) => name.endsWith('claim.json')),
    begun.join(),
  );

  assert.equal(await scan(), 0);
  assert.deepEqual(temporary(), []);
  assert.deepEqual(files(join(out, 'executions')), []);
  const left = files(join(out, 'reports'));
  for (const name of begun.filter((each) => /claim\.json$/.test(each))) assert.ok(!left.includes(name), name);
  const verification = capture();
  assert.equal(await verifyCommand([out], judgeArchived, verification), 0, verification.stdout);
  assert.match(verification.stdout, /2 scans, .*: nothing is wrong/);
});

const ID = '20261123T020000Z';
const SCAN = join('reports/scans/2026/11/23', ID);

/** A directory with a scan of this id, whose journal and newest scan are these. */
function directory(name: string, journal: string, latest: string): string {
  const at = join(folder, name);
  mkdirSync(join(at, SCAN), { recursive: true });
  mkdirSync(join(at, 'executions'));
  writeFileSync(join(at, SCAN, 'summary.json'), '{}');
  writeFileSync(join(at, 'reports/latest.json'), JSON.stringify({ scanId: latest }));
  writeFileSync(join(at, 'executions', `${ID}.ndjson`), journal);
  return at;
}

const succeeded = '{"invocation":0}\n{"invocation":1,"outcome":{"Status":"SUCCEEDED"}}\n';
const cases: [name: string, journal: string, latest: string, stays: boolean][] = [
  ['only begun', '{"invocation":0}\n', 'another', false],
  ['cut in the middle of its end', succeeded.slice(0, -1), 'another', false],
  ['with nothing written', '', 'another', false],
  ['failed', succeeded.replace('SUCCEEDED', 'FAILED'), 'another', false],
  ['succeeded', succeeded, 'another', true],
  ['already the latest', '{"invocation":0}\n', ID, true],
];
for (const [name, journal, latest, stays] of cases) {
  test(`a report ${name} ${stays ? 'stays' : 'goes'}, its journal goes`, () => {
    const at = directory(name, journal, latest);
    sweep(at);
    assert.equal(existsSync(join(at, SCAN)), stays);
    assert.deepEqual(files(join(at, 'executions')), []);
  });
}

test('nothing is removed for a journal whose name is no scan', () => {
  const at = directory('foreign', succeeded, ID);
  writeFileSync(join(at, 'executions', '..ndjson'), '');
  forget(at, 'notes', false);
  sweep(at);
  assert.equal(readFileSync(join(at, SCAN, 'summary.json'), 'utf8'), '{}');
});

test('what belongs to a process that lives stays', () => {
  const [mine, gone] = [`kubevigil-fleet-${process.pid}-abcdef`, 'kubevigil-fleet-2147483646-abcdef'];
  const rehearsed = 'kubevigil-rehearse-2147483646-abcdef';
  for (const name of [mine, gone, rehearsed, 'kubevigil-fleet-x', '0123456789abcdef']) mkdirSync(join(tmpdir(), name));
  sweep(out);
  assert.deepEqual(temporary(), ['0123456789abcdef', mine, 'kubevigil-fleet-x']);
  assert.ok(isAlive(process.pid) && isAlive(1) && !isAlive(2_147_483_646));
});
