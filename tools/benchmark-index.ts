/**
 * Keeps lambda/judging/benchmarks/index.ts in step with the files beside it: bundlers and browsers have no folders to
 * list. `node tools/benchmark-index.ts --write` writes it, `--check` exits 1 where it differs.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const FOLDER = new URL('../lambda/judging/benchmarks/', import.meta.url);
const INDEX = new URL('index.ts', FOLDER);

/** The text of the index for the benchmarks of these files. */
export function indexOf(names: readonly string[]): string {
  const sorted = names
    .filter((name) => name.endsWith('.json'))
    .toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }));
  const variable = (name: string) => name.replace(/\.json$/, '').replaceAll(/[^a-z0-9]/g, '_');
  return [
    '/** Every benchmark, one file each. Made by tools/benchmark-index.ts; tested by test/tools/benchmark-index.test.ts. */',
    ...sorted.map((name) => `import ${variable(name)} from './${name}' with { type: 'json' };`),
    '',
    'const files: readonly unknown[] = [',
    ...sorted.map((name) => `  ${variable(name)},`),
    '];',
    '',
    'export default files;',
    '',
  ].join('\n');
}

function main(argument: string | undefined): number {
  if (argument !== '--write' && argument !== '--check') {
    process.stderr.write('usage: node tools/benchmark-index.ts --write | --check\n');
    return 2;
  }
  const wanted = indexOf(readdirSync(FOLDER));
  if (argument === '--write') writeFileSync(INDEX, wanted);
  else if (readFileSync(INDEX, 'utf8') !== wanted) {
    process.stdout.write(
      'lambda/judging/benchmarks/index.ts differs from the files beside it: run npm run benchmarks\n',
    );
    return 1;
  }
  return 0;
}

if (import.meta.main) process.exitCode = main(process.argv[2]);
