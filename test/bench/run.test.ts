/** Every benchmark runs: once each, for what it prints and not for how long it takes. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { median } from '../../bench/line.ts';

const folder = fileURLToPath(new URL('../../bench/', import.meta.url));

type Outcome = { status: number; stdout: string; stderr: string };

/** Runs a benchmark once; hostile.ts exits 1 where this machine is too busy for its budget, so the status is the caller's. */
function run(file: string, ...args: string[]): Promise<Outcome> {
  const env = { ...process.env, BENCH_ONCE: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, [folder + file, ...args], { env, encoding: 'utf8' }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

describe('a benchmark prints a JSON line for each thing it measures', { concurrency: true }, () => {
  const cases: [file: string, args: string[], metric: string][] = [
    ['derive.ts', [], 'kubeadm, median'],
    ['evaluate.ts', [], 'bare node, all rules'],
    ['collect.ts', [], 'starting a process'],
    ['hostile.ts', [], 'answers'],
    ['bundle.ts', [], 'cold import'],
    ['start.ts', [], 'help, packed'],
    ['page.ts', ['20'], 'size'],
    ['pack.ts', ['5', '4'], '4 nights of 5 nodes'],
    ['scan.ts', ['20'], 'archived findings of a node'],
    ['targets.ts', ['40', '2'], 'nodes accounted for'],
  ];
  for (const [file, args, metric] of cases) {
    test([file, ...args].join(' '), async () => {
      const { stdout, stderr } = await run(file, ...args);
      assert.equal(stderr, '');
      const lines = stdout.trimEnd().split('\n');
      for (const line of lines.map((text) => JSON.parse(text))) {
        assert.deepEqual(Object.keys(line), ['bench', 'metric', 'value', 'unit']);
        assert.ok(line.value > 0, JSON.stringify(line));
      }
      assert.ok(lines.some((line) => JSON.parse(line).metric === metric));
    });
  }
});

test('npm run bench refuses a name that it does not have, and says which it has', async () => {
  const { status, stdout, stderr } = await run('run.ts', 'derive', 'nonsense');
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, /^bench: there is no nonsense; expected derive, evaluate, .*start\n$/);
});

test('the median is the middle one, the upper of two', () => {
  assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3]), median([])], [2, 3, Number.NaN]);
});
