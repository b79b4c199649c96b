/** `npm run bench [-- NAME...]`: runs benchmarks one after the other; each prints JSON lines {bench, metric, value, unit}. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { machine } from './line.ts';

/** Name → file and arguments. */
const BENCHES: Record<string, [string, ...string[]]> = {
  derive: ['derive.ts'],
  evaluate: ['evaluate.ts'],
  collect: ['collect.ts'],
  hostile: ['hostile.ts'],
  'scan-1000': ['scan.ts', '1000'],
  'scan-10000': ['scan.ts', '10000'],
  'scan-100000': ['scan.ts', '100000'],
  'scan-100000-slow': ['scan.ts', '100000', 'slow'],
  'targets-100000-20-paced': ['targets.ts', '100000', '20', 'paced'],
  page: ['page.ts', '10000'],
  pack: ['pack.ts', '1000', '365'],
  bundle: ['bundle.ts'],
  start: ['start.ts'],
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  process.stderr.write(`bench: there is no ${unknown.join(', ')}; expected ${Object.keys(BENCHES).join(', ')}\n`);
  process.exitCode = 2;
} else {
  process.stdout.write(`${JSON.stringify(machine())}\n`);
  for (const [name, [file, ...args]] of Object.entries(BENCHES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const script = fileURLToPath(new URL(file, import.meta.url));
    const { status } = spawnSync(process.execPath, [script, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
    if (status !== 0) process.exitCode = 1;
  }
}
