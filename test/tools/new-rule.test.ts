/** Begins a rule in a copy of the tree, and finishes it there. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { problemWith } from '../../tools/new-rule.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NAME = 'keep-chains';
const PARTS = [`lambda/rules/${NAME}.ts`, `test/rules/${NAME}.test.ts`, `docs/rules/${NAME}.md`];
const COPIED = [
  'lambda',
  'test/rules',
  'test/kubelet',
  'docs',
  'tools',
  'package.json',
  'README.md',
  'CONTRIBUTING.md',
];

const copy = join(mkdtempSync(join(tmpdir(), 'kubevigil-new-rule-')), 'a tree');
after(() => rmSync(join(copy, '..'), { recursive: true, force: true }));

const refused: [name: string | undefined, problem: RegExp][] = [
  [undefined, /^a name is missing: npm run new-rule -- NAME/],
  ['', /"" is no name of a rule/],
  ['port', /at least two words/],
  ['readOnlyPort', /letters a to z/],
  ['read_only_port', /joined by "-"/],
  ['../evil-rule', /is no name/],
  ['read-only-port-2', /is no name/],
  [`a-${'b'.repeat(60)}`, /at most 50 characters/],
  ['read-only-port', /^there is a rule read-only-port already, or a part of one: lambda\/rules\/read-only-port\.ts$/],
];

for (const [name, problem] of refused) {
  test(`new-rule refuses ${name}`, () => assert.match(problemWith(name) ?? '', problem));
}

test('new-rule writes a rule that runs, and that only its author can finish', () => {
  for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const read = (path: string) => readFileSync(join(copy, path), 'utf8');

  const said = execFileSync(process.execPath, ['tools/new-rule.ts', NAME], { cwd: copy, encoding: 'utf8' });
  for (const path of PARTS) assert.ok(said.includes(path), said);
  assert.match(
    read('lambda/rules/index.ts'),
    /hostname[^\n]*\n[^\n]*ip-address[^\n]*\nexport \{ keepChains \}[^\n]*\n/,
  );
  assert.match(read(`docs/rules/${NAME}.md`), /^<!-- generated .*# keep-chains\n.*## What is judged\n/s);

  const unfinished = failures();
  assert.deepEqual(unfinished, ['no rule is half written']);
  for (const path of PARTS) writeFileSync(join(copy, path), read(path).replaceAll('TODO', 'Done'));
  execFileSync(process.execPath, ['tools/rule-docs.ts', '--write'], { cwd: copy });
  assert.deepEqual(failures(), []);
});

/** The names of the tests that fail in the copy, among those that speak of the rule or of every rule. */
function failures(): string[] {
  const files = [`test/rules/${NAME}.test.ts`, 'test/rules/docs.test.ts', 'test/rules/catalogue.test.ts'];
  const patterns = [NAME, 'half written', 'in the folder', 'CONTRIBUTING'].map((each) => `--test-name-pattern=${each}`);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const run = spawnSync(process.execPath, ['--test', '--test-reporter=tap', ...patterns, ...files], {
    cwd: copy,
    env,
    encoding: 'utf8',
  });
  assert.match(run.stdout, /^# pass [1-9]/m, run.stdout + run.stderr);
  return [...run.stdout.matchAll(/^ *not ok \d+ - (?!.*\.test\.ts)(.*)$/gm)].map(([, name = '']) => name);
}
