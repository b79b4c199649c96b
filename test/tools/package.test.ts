/**
 * What people install: packed once by npm, installed into an empty folder without a network, and used there by each Node.js
 * that is at hand: the one of the tests, and `node` of the PATH where it is another version.
 */
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import tool from '../../package.json' with { type: 'json' };
import { kubeadm } from '../../simulator/fleet/images.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** What an install may take, in bytes: of it the handler that the constructs deploy is 4.5 MB, with its source maps. */
const MOST_BYTES = 14_750_000;

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-package-'));
const home = join(folder, 'a user');
const installed = join(home, 'node_modules/kubevigil');
after(() => rmSync(folder, { recursive: true, force: true }));

/** `node` of the PATH without this project's own, and what runs this test. */
const PATH = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((each) => !each.includes('node_modules'))
  .join(delimiter);
const nodes = [...new Map(['node', process.execPath].map((path) => [versionOf(path), path] as const))].filter(
  ([version]) => Number(version?.split('.')[0]) >= 20,
);

function versionOf(path: string): string | undefined {
  const { stdout } = spawnSync(path, ['-p', 'process.versions.node'], {
    encoding: 'utf8',
    env: { ...process.env, PATH },
  });
  return stdout?.trim() || undefined;
}

function run(
  command: string,
  args: readonly string[],
  cwd = home,
  more: NodeJS.ProcessEnv = {},
): SpawnSyncReturns<string> {
  // Packing and installing for others, not as a script of this project.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_/.test(name)));
  return spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...env, ...more, PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${PATH}` },
  });
}

/** The program of the README: TypeScript, and what its last line says that it prints. */
const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
/** The app of docs/deploy.md, which has the constructs beside its own things. */
const [, app = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8')) ?? [];

const printed = /^\/\/ (.*)\n$/m.exec(example)?.[1];

/**
 * What Node.js 20 lacks of its own modules and of the web's (their documentation, "Added in"); the types at hand are of a later
 * one. Of ECMAScript the compiler tells.
 */
const LATER =
  /\bURL\.parse\(|\bnew (?:WebSocket|CloseEvent|EventSource)\(|\bimport\.meta\.main\b|"node:sqlite"|\b(?:globSync|matchesGlob|registerHooks|enableCompileCache|findPackageJSON|stripTypeScriptTypes|zstd(?:Compress|Decompress)(?:Sync)?|createZstd\w+)\b/g;

describe('the package', { skip: spawnSync('npm', ['--version']).status !== 0 && 'npm is missing' }, () => {
  before(() => {
    mkdirSync(home);
    const packed = run('npm', ['pack', '--silent', '--pack-destination', folder], ROOT);
    assert.equal(packed.status, 0, packed.stderr);
    writeFileSync(join(home, 'package.json'), '{"private": true, "type": "module"}');
    const tarball = join(folder, `kubevigil-${tool.version}.tgz`);
    const { status, stderr } = run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent', tarball]);
    assert.equal(status, 0, stderr);
    writeFileSync(join(home, 'example.ts'), example);
    writeFileSync(join(home, 'example.js'), transformSync(example, { loader: 'ts' }).code);
    writeRoot(join(home, 'node'), kubeadm({ host: 'n', version: 'v1.32.3', startedAt: 1_790_000_000 }));
  });

  it('brings all that it needs, and nothing that only developers need', () => {
    assert.deepEqual(
      readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.')),
      ['kubevigil'],
    );
    const files = globSync('**/*', { cwd: installed, withFileTypes: true }).filter((each) => each.isFile());
    const bytes = files.reduce((sum, each) => sum + statSync(join(each.parentPath, each.name)).size, 0);
    assert.ok(bytes <= MOST_BYTES, `${bytes} bytes`);
    const ours = readdirSync(installed).sort();
    assert.deepEqual(ours, ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'package.json']);
    for (const name of ['@smithy/core', 'yaml', 'valibot', '@aws/durable-execution-sdk-js']) {
      assert.match(readFileSync(join(installed, 'dist/npm/THIRD-PARTY.txt'), 'utf8'), new RegExp(`^${name} \\d`, 'm'));
    }
  });

  it('has libraries that ask for nothing of Node.js, and a source map for each file', () => {
    const reached = new Set<string>();
    const walk = (file: string) => {
      if (reached.has(file)) return;
      reached.add(file);
      const text = readFileSync(join(installed, 'dist/npm', file), 'utf8');
      for (const [, name = ''] of text.matchAll(/(?:from|import\()\s*["']([^"']+)["']/g)) {
        assert.match(name, /^\.\//, `${file} imports ${name}`);
        walk(name.slice(2));
      }
    };
    for (const file of ['kubelet.js', 'rules.js']) walk(file);
    for (const file of reached) assert.ok(existsSync(join(installed, 'dist/npm', `${file}.map`)), file);
  });

  it('calls nothing that Node.js has only since 21 or 22', () => {
    const files = globSync('dist/npm/*.js', { cwd: installed });
    assert.ok(files.length > 5);
    const later = files.flatMap((file) =>
      [...readFileSync(join(installed, file), 'utf8').matchAll(LATER)].map(([found]) => `${file}: ${found}`),
    );
    assert.deepEqual(later, []);
  });

  for (const [version, node] of nodes) {
    it(`runs the README's program and the command line on Node.js ${version}`, () => {
      assert.equal(run(node, ['example.js']).stdout.trim(), printed);
      const cli = (...args: string[]) => run(node, [join(home, 'node_modules/.bin/kubevigil'), ...args]);
      assert.equal(cli('--version').stdout, `kubevigil ${tool.version}\n`);
      const checked = cli('check', '--root', 'node', '--rule', 'anonymous-auth', '--json');
      assert.equal(checked.status, 0, checked.stderr);
      assert.equal(JSON.parse(checked.stdout).kubelet.version, 'v1.32.3');
      const out = `out-${version}`;
      const scanned = cli('scan', '--out', out, '--tag', 'Name=payments-flag-false', '--json');
      assert.equal(scanned.status, 0, scanned.stderr);
      const { method, totals } = JSON.parse(scanned.stdout);
      assert.equal(totals.evaluated, 1);
      assert.deepEqual([method.agreed, method.differed], [method.answers, []], 'recorded answers of real kubelets');
      const verified = cli('verify', out, '--replay');
      assert.equal(verified.status, 0, verified.stdout);
    });
  }

  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    it(`has types for strict programs with moduleResolution ${resolution}`, () => {
      const strict = [
        '--strict',
        '--exactOptionalPropertyTypes',
        '--noUncheckedIndexedAccess',
        '--types',
        '',
        '--noEmit',
      ];
      const args = [
        TSC,
        '--module',
        module,
        '--moduleResolution',
        resolution,
        '--target',
        'es2022',
        '--lib',
        'es2022,dom',
        ...strict,
      ];
      const wrong = example.replace("host: 'kubelet'", "host: 'docker'").replace('status, reason', 'status, raison');
      writeFileSync(join(home, 'wrong.ts'), wrong);
      const { stdout } = run(process.execPath, [...args, 'example.ts', 'wrong.ts']);
      assert.match(stdout, /^wrong\.ts\(4,.*\n[\s\S]*^wrong\.ts\(9,/m);
      assert.doesNotMatch(stdout, /example\.ts/);
    });
  }

  describe('in a CDK app, which brings the CDK', () => {
    const files = (template: string) => JSON.parse(readFileSync(join(home, 'cdk.out', template), 'utf8'));

    before(() => {
      // Installing the CDK takes a network; the app of the test has that of this project.
      for (const name of ['aws-cdk-lib', 'constructs']) {
        symlinkSync(join(ROOT, 'node_modules', name), join(home, 'node_modules', name));
      }
      writeFileSync(join(home, 'app.ts'), app);
      writeFileSync(join(home, 'app.js'), transformSync(app, { loader: 'ts' }).code);
      // What `cdk init` makes is CommonJS.
      writeFileSync(join(home, 'app.cjs'), transformSync(app, { loader: 'ts', format: 'cjs' }).code);
    });

    for (const [index, [version, node]] of nodes.entries()) {
      for (const file of index === 0 ? ['app.js', 'app.cjs'] : ['app.js']) {
        it(`synthesises the ${file} of docs/deploy.md on Node.js ${version}, with the handler as its asset`, () => {
          const out = join(home, 'cdk.out');
          rmSync(out, { recursive: true, force: true });
          const { status, stderr } = run(node, [file], home, { CDK_OUTDIR: out });
          assert.equal(status, 0, stderr);
          const [handler = '', ...more] = globSync('asset.*/index.mjs', { cwd: out });
          assert.deepEqual(more, []);
          // What a start does not need stands in files of its own.
          const parts = globSync(`${dirname(handler)}/*.mjs`, { cwd: out });
          assert.ok(parts.reduce((sum, part) => sum + statSync(join(out, part)).size, 0) > 1_000_000);
          const { Outputs, Resources } = files('Security.template.json');
          assert.deepEqual(Object.keys(Outputs), ['Scanner', 'ReportBucket']);
          const contents = (resources: Record<string, { Type: string; Properties: { Content?: string } }>) =>
            Object.values(resources).flatMap(({ Type, Properties }) =>
              Type === 'AWS::SSM::Document' ? [Properties.Content] : [],
            );
          assert.ok(contents(Resources).length >= 2, 'those of earlier versions, too');
          assert.deepEqual(contents(files('Workloads.template.json').Resources), contents(Resources));
        });
      }
    }

    it('has types for it, and refuses what is no prop', () => {
      writeFileSync(join(home, 'wrong-app.ts'), app.replace('emails:', 'mails:'));
      const options = '--strict --exactOptionalPropertyTypes --skipLibCheck --noEmit --target es2022 --module nodenext';
      const { stdout } = run(process.execPath, [TSC, ...options.split(' '), '--types', '', 'app.ts', 'wrong-app.ts']);
      assert.match(stdout, /^wrong-app\.ts\(\d+,3\): error TS2561: .*'mails' does not exist/);
      assert.doesNotMatch(stdout, /^app\.ts/m);
    });
  });
});

/** What Node.js 20 has beside ECMAScript 2023, and what the package brings for it. */
const OLDEST = `interface MapConstructor {
  groupBy<K, T>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, T[]>;
}
interface String { isWellFormed(): boolean; toWellFormed(): string }
`;

it('is written in what the oldest Node.js knows that it is made for, also where no test runs it there', () => {
  const project = mkdtempSync(join(folder, 'oldest-'));
  writeFileSync(join(project, 'oldest.d.ts'), OLDEST);
  const configuration = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { lib: ['es2023'], typeRoots: [join(ROOT, 'node_modules/@types')] },
    include: [],
    files: [
      join(project, 'oldest.d.ts'),
      ...['cli/cli.ts', 'infra/cdk.ts', 'lambda/kubelet/index.ts'].map((file) => join(ROOT, file)),
    ],
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(configuration));
  const { stdout } = run(process.execPath, [TSC, '-p', join(project, 'tsconfig.json')], ROOT);
  assert.equal(stdout, '');
});
