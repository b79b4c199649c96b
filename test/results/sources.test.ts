import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { textsInPlace } from '../../infra/bundle.ts';
import { commitOf, SOURCES } from '../../lambda/results/sources.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kubevigil-sources-'));
after(() => rmSync(folder, { recursive: true }));

test('the bundle names the same digests as the sources, where no source lies beside it', async () => {
  const outfile = join(folder, 'out.mjs');
  const entryPoints = [join(ROOT, 'lambda/results/sources.ts')];
  await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node', plugins: [textsInPlace] });
  assert.deepEqual((await import(pathToFileURL(outfile).href)).SOURCES, SOURCES);
});

/** The digests of a copy of the sources in which one file was changed. */
async function changed(name: string, path: string, text: string): Promise<typeof SOURCES> {
  const copy = join(folder, name);
  cpSync(join(ROOT, 'lambda'), join(copy, 'lambda'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  writeFileSync(join(copy, 'lambda', path), text);
  return (await import(pathToFileURL(join(copy, 'lambda/results/sources.ts')).href)).SOURCES;
}

for (const [path, isRule] of [
  ['rules/anonymous-auth.ts', true],
  ['judging/benchmarks/cis-eks-1.8.0.json', true],
  ['kubelet/tables.json', true],
  ['go/yaml/scan.ts', true],
  ['platforms/eks.ts', true],
  ['formats/csv.ts', false],
  ['nodes/collector/collect.sh', false],
] as const) {
  test(`${path} is ${isRule ? 'a part of the rules' : 'no part of the rules, but of the code'}`, async () => {
    const other = await changed(path.replaceAll('/', '-'), path, '0');
    assert.equal(other.rules !== SOURCES.rules, isRule);
    assert.notEqual(other.code, SOURCES.code);
  });
}

test('the commit is that of the work tree, a packed one too, or what the build was told', () => {
  const commit = '5e'.repeat(20);
  const at = (name: string, files: Record<string, string>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name, path)), { recursive: true });
      writeFileSync(join(folder, name, path), text);
    }
    return join(folder, name);
  };
  const loose = at('loose', { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': `${commit}\n` });
  const packed = {
    '.git/HEAD': 'ref: refs/heads/main\n',
    '.git/packed-refs': `# pack-refs\n${commit} refs/heads/main\n`,
  };
  const further = at('further', {
    '.git': `gitdir: ${folder}/loose/.git/worktrees/x\n`,
    '../loose/.git/worktrees/x/HEAD': 'ref: refs/heads/main\n',
    '../loose/.git/worktrees/x/commondir': '../..\n',
  });
  for (const root of [loose, at('packed', packed), further, at('detached', { '.git/HEAD': `${commit}\n` })])
    assert.equal(commitOf(root, ''), commit, root);
  assert.equal(commitOf(join(folder, 'nowhere'), ''), undefined);
  assert.equal(commitOf(loose, 'a0'.repeat(20)), 'a0'.repeat(20));
  assert.equal(commitOf(loose, '$(id)'), undefined);
});
