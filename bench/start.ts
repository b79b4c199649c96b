/**
 * How long a newcomer waits: for help, from the sources and as it is packed, and for the scan of the embedded fleet as it is
 * packed: node bench/start.ts
 * Tested by test/bench/run.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, print, times } from './line.ts';

const ROUNDS = times(9);
const SOURCES = fileURLToPath(new URL('../cli/cli.ts', import.meta.url));
const BUILD = fileURLToPath(new URL('../tools/package.ts', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-bench-'));

/** Milliseconds that a run of the program takes; throws where it fails. */
function wait(program: string, ...args: string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', cwd: folder });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - start;
}

const measured = (program: string, ...args: string[]) =>
  median(Array.from({ length: ROUNDS }, () => wait(program, ...args)));

try {
  const out = join(folder, 'package');
  wait(BUILD, out);
  const packed = join(out, 'cli.js');
  print('start', 'help, from the sources', measured(SOURCES, '--help'), 'ms');
  print('start', 'help, packed', measured(packed, '--help'), 'ms');
  print('start', 'help of scan, packed', measured(packed, 'scan', '--help'), 'ms');
  print('start', 'scan of the embedded fleet, packed', measured(packed, 'scan', '--out', 'out') / 1000, 's');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
