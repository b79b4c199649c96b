/**
 * Asks the real kubelet's code of any release: `npm run oracle -- 1.37.2 CASES.jsonl`, `-- 1.37.2 --tables`,
 * `-- 1.37.2 --check 100`. Needs Linux, root and Go.
 * Tested by test/tools/oracle.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Tables } from '../../lambda/kubelet/tables.ts';
import { type Case, compare } from '../agreement.ts';
import { buildOracle, hasGo } from './build.ts';
import { type Question, questions } from './questions.ts';
import { printTables, type Registered, withMinor } from './tables.ts';

const HELP = `Usage: npm run oracle -- RELEASE FILE
       npm run oracle -- RELEASE --tables
       npm run oracle -- RELEASE --check COUNT [--seed NUMBER]

Builds the real kubelet's command of a release such as 1.37.2 from its Go modules,
ended before it touches the machine, and asks it. The first build takes minutes;
the program is kept in the user's cache, or in the folder KUBEVIGIL_ORACLE.

  FILE      questions, a JSON line {"argv", "env", "files"} each (.jsonl, .jsonl.gz);
            prints the same lines with the kubelet's answers
  --tables  lays flags, gates, fields and defaults of the release into
            lambda/kubelet/tables.json
  --check   asks so many random questions, and compares our derivation
  --seed    other questions

Needs Linux, root (each question has a root directory of its own) and Go.
Exit codes: 0 done, 1 our derivation differs, 2 could not run.
`;

const TABLES = fileURLToPath(new URL('../../lambda/kubelet/tables.json', import.meta.url));

/** Answers are long: the whole configuration stands in them. */
const LARGEST_ANSWERS = 2 ** 30;

/** Longer lists of differences help nobody. */
const MOST_SHOWN = 10;

type Row = Record<string, unknown>;

function ask(program: string, mode: 'ask' | 'tables', input: string): string {
  const { status, stdout, stderr } = spawnSync(program, [mode], {
    input,
    encoding: 'utf8',
    maxBuffer: LARGEST_ANSWERS,
  });
  if (status !== 0) throw new Error(`the oracle failed: ${stderr.trim().split('\n').at(-1)}`);
  return stdout;
}

function answers(program: string, asked: readonly (Question | Row)[]): Row[] {
  const lines = asked.map((each) => `${JSON.stringify(each)}\n`).join('');
  return ask(program, 'ask', lines)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
}

function readQuestions(path: string): Row[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const { argv, env, files, ...rest } = JSON.parse(line) as Row;
      const question = { ...rest, argv, files: files ?? {} };
      return env === undefined ? question : { ...question, env };
    });
}

/** Asks random questions and compares; returns how many differ. */
function check(program: string, minor: number, count: number, seed: number): number {
  const asked = fc.sample(questions(minor), { numRuns: count, seed });
  const differing = answers(program, asked).flatMap((row, at) => {
    const recorded = { ...row, id: `x1.${minor}-${at}`, kubelet: `1.${minor}` } as unknown as Case;
    const found = compare(recorded);
    return found.length > 0 ? [{ row, found }] : [];
  });
  process.stdout.write(`1.${minor}: ${count} asked, ${count - differing.length} agree, ${differing.length} differ\n`);
  for (const { row, found } of differing.slice(0, MOST_SHOWN)) {
    process.stdout.write(`${JSON.stringify({ argv: row.argv, files: row.files })}\n`);
    for (const { at, expected, got } of found) {
      process.stdout.write(`  ${at}\n    expected ${JSON.stringify(expected)}\n    got      ${JSON.stringify(got)}\n`);
    }
  }
  return differing.length;
}

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      tables: { type: 'boolean' },
      check: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [release = '', file] = positionals;
  const [, digits] = /^1\.(\d+)\.\d+$/.exec(release) ?? [];
  if (digits === undefined) throw new Error('expected a release such as 1.37.2; see --help');
  const count = Number(values.check ?? 0);
  if (file === undefined && !values.tables && !(count > 0)) {
    throw new Error('expected FILE, --tables or --check COUNT; see --help');
  }
  if (!hasGo()) throw new Error('Go is not installed: the real kubelet cannot be built here');
  const minor = Number(digits);
  const cache = process.env.KUBEVIGIL_ORACLE ?? join(homedir(), '.cache/kubevigil/oracle');
  const program = buildOracle(release, join(cache, release));
  if (values.tables) {
    const tables = JSON.parse(readFileSync(TABLES, 'utf8')) as Tables;
    writeFileSync(TABLES, printTables(withMinor(tables, minor, JSON.parse(ask(program, 'tables', '')) as Registered)));
  }
  if (file !== undefined) {
    const lines = answers(program, readQuestions(file)).map((row) => `${JSON.stringify(row)}\n`);
    process.stdout.write(lines.join(''));
  }
  return count > 0 && check(program, minor, count, Number(values.seed)) > 0 ? 1 : 0;
}

if (import.meta.main) {
  try {
    process.exitCode = main();
  } catch (error) {
    process.stderr.write(`oracle: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
