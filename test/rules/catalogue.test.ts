/** The laws of the catalogue: each rule is exported, documented and tested to the end; each control has a rule. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { type BuildOptions, build } from 'esbuild';
import { benchmarks, controlsOf, rules } from '../../lambda/judging/index.ts';

const ROOT = new URL('../../', import.meta.url);
const FOLDER = new URL('lambda/rules/', ROOT);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

test('every rule in the folder is exported, by the name of its file', async () => {
  const found: string[] = [];
  for (const file of readdirSync(FOLDER).filter(
    (name) => name.endsWith('.ts') && !/^(all|index|names)\.ts$/.test(name),
  )) {
    const exported: Record<string, unknown> = await import(new URL(file, FOLDER).href);
    for (const value of Object.values(exported)) {
      if (typeof value !== 'object' || value === null || !('check' in value) || !('name' in value)) continue;
      assert.equal(`${value.name}.ts`, file);
      found.push(String(value.name));
    }
  }
  assert.deepEqual(
    found.toSorted(),
    rules.map(({ name }) => name),
  );
});

test('every control has a rule', () => {
  for (const { name, controls } of benchmarks) {
    for (const { control, rule } of controls) {
      assert.ok(
        rules.some((each) => each.name === rule),
        `${name}/${control} names ${rule}`,
      );
    }
  }
});

for (const rule of rules) {
  test(`${rule.name} is documented and tested`, () => {
    assert.match(rule.name, /^[a-z]+(-[a-z]+)+$/);
    assert.ok(existsSync(new URL(`docs/rules/${rule.name}.md`, ROOT)), `docs/rules/${rule.name}.md is missing`);
    assert.match(read(`test/rules/${rule.name}.test.ts`), /table\(/);
    const ours = controlsOf(rule.name).every(({ related }) => related);
    assert.equal(rule.procedure === undefined, ours, 'what benchmarks ask for has a procedure');
    // Two titles, so that none contradicts its status.
    for (const title of [rule.title, rule.failureTitle]) {
      assert.ok(title.length > 10 && title.length <= 80 && !title.endsWith('.'), title);
    }
    assert.notEqual(rule.title, rule.failureTitle);
    assert.ok(rule.why.length > 80 && rule.why.endsWith('.'));
    assert.ok(rule.references.length > 0);
    for (const reference of rule.references) assert.equal(new URL(reference).protocol, 'https:');
  });
}

test('no rule is half written', () => {
  const half = rules.filter(({ name }) =>
    [`lambda/rules/${name}.ts`, `test/rules/${name}.test.ts`, `docs/rules/${name}.md`].some((path) =>
      /\bTODO\b/.test(read(path)),
    ),
  );
  assert.deepEqual(
    half.map(({ name }) => name),
    [],
  );
});

test('no rule advises what does not exist', () => {
  for (const { name } of rules) {
    assert.doesNotMatch(
      read(`lambda/rules/${name}.ts`),
      /--RotateCertificate\b|"?RotateCertificate"?:|--rotate-kubelet-server/,
    );
  }
});

test('the rule core bundles for a browser', async () => {
  const { warnings, text } = await bundled({ entryPoints: [fileURLToPath(new URL('index.ts', FOLDER))] });
  assert.deepEqual(warnings, []);
  // Half of it are the tables of the kubelet's versions.
  assert.ok(text.length < 400_000, `${text.length} bytes`);
  assert.doesNotMatch(text, /from ?"|require\(|process\.env/);
});

test('the example of the README says what it says there, where there is neither Node.js nor a file', async () => {
  const [, example = ''] = /^## As a library$.*?^```ts$(.*?)^```$/ms.exec(read('README.md')) ?? [];
  const promised = [...example.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line);
  const alias = { 'kubevigil/kubelet': './lambda/kubelet/index.ts', 'kubevigil/rules': './lambda/judging/index.ts' };
  const { text } = await bundled({
    stdin: { contents: example, resolveDir: fileURLToPath(ROOT), loader: 'ts' },
    alias,
  });
  const said: string[] = [];
  runInNewContext(text, { console: { log: (...words: string[]) => said.push(words.join(' ')) } });
  assert.deepEqual(said, promised);
});

async function bundled(input: BuildOptions): Promise<{ warnings: unknown[]; text: string }> {
  const { warnings, outputFiles = [] } = await build({
    ...input,
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  });
  return { warnings, text: outputFiles[0]?.text ?? '' };
}
