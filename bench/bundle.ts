/**
 * Size of what every start of the bundled handler reads, and the time of its first import, each in a process of its own and in the
 * environment of the function: node bench/bundle.ts
 * Tested by test/bench/run.test.ts.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundleHandler, startFiles } from '../infra/bundle.ts';
import { ENVIRONMENT } from '../infra/handler.ts';
import { median, print, times } from './line.ts';

const ROUNDS = times(9);

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-bench-'));
try {
  const file = join(await bundleHandler(folder), 'index.mjs');
  const bytes = Buffer.concat(startFiles(folder).map((name) => readFileSync(join(folder, name))));
  const all = globSync('*.mjs', { cwd: folder }).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  print('bundle', 'size of what a start reads', bytes.length / 1e6, 'MB');
  print('bundle', 'size with what a start does not read', all / 1e6, 'MB');
  print('bundle', 'size in gzip', gzipSync(bytes).length / 1e6, 'MB');
  const script = `const start = performance.now(); await import(${JSON.stringify(pathToFileURL(file))}); console.log(performance.now() - start, process.resourceUsage().maxRSS / 1024);`;
  // As the template sets them: source maps cost the most of it.
  const env = { ...process.env, ...ENVIRONMENT };
  const runs = Array.from({ length: ROUNDS }, () =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env })
      .split(' ')
      .map(Number),
  );
  print('bundle', 'cold import', median(runs.map(([time = 0]) => time)), 'ms');
  print('bundle', 'RSS after the import', median(runs.map(([, memory = 0]) => memory)), 'MiB');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
