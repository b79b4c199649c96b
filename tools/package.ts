/**
 * `npm pack` builds by this what people install (`node tools/package.ts [FOLDER]`): the command line, the libraries and
 * the constructs as JavaScript that brings all it needs, so that an install fetches nothing else, with declarations, source
 * maps and the licences of what is inside. Only the constructs take what a CDK app has already: the CDK.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { bundleHandler, plainSchemaKeys, textsInPlace } from '../infra/bundle.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Where package.json looks for it. */
const OUT = join(ROOT, 'dist/npm');

/** The oldest Node.js that runs it. */
const TARGET = 'node20';

/** The libraries, by the name of their file: what judges, which runs in a browser too. */
const LIBRARIES = { kubelet: 'lambda/kubelet/index.ts', rules: 'lambda/judging/index.ts' };

/** The constructs for CDK apps. */
const CONSTRUCTS = 'infra/cdk.ts';

/** The CDK is the app's own. Its list of feature flags is not: the constructs count on those that they are tested with. */
const theirCdk: Plugin = {
  name: 'their-cdk',
  setup({ onResolve }) {
    onResolve({ filter: /^(constructs|aws-cdk-lib(\/aws-[\w-]+)?)$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** Some dependencies are CommonJS and call require() for what Node brings. */
const banner = { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" };

/** Node.js 20 has no `Map.groupBy` (it came with 21). */
const GROUP_BY = `export function groupBy(items, keyOf) {
  const groups = new Map();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
`;

/** Builds the package's files into a folder. Throws what esbuild or the compiler say where they cannot be built. */
async function buildPackage(out: string = OUT): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const shim = join(out, 'group-by.js');
  writeFileSync(shim, GROUP_BY);
  const shared = {
    absWorkingDir: ROOT,
    outdir: out,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: TARGET,
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    define: { 'Map.groupBy': 'groupBy' },
    inject: [shim],
  } satisfies BuildOptions;
  const libraries = await build({
    ...shared,
    entryPoints: LIBRARIES,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    chunkNames: 'library-[hash]',
  });
  const cli = await build({
    ...shared,
    entryPoints: { cli: 'cli/cli.ts' },
    platform: 'node',
    mainFields: ['module', 'main'],
    chunkNames: 'cli-[hash]',
    minifyIdentifiers: true,
    plugins: [plainSchemaKeys, textsInPlace],
    banner,
  });
  const constructs = await build({
    ...shared,
    entryPoints: { cdk: CONSTRUCTS },
    platform: 'node',
    mainFields: ['module', 'main'],
    chunkNames: 'cdk-[hash]',
    plugins: [theirCdk, textsInPlace],
    banner,
  });
  const handler = await bundleHandler(join(out, 'handler'));
  rmSync(shim);
  chmodSync(join(out, 'cli.js'), 0o755);
  // What programs read beside themselves: the collector and its earlier documents, and of simulated nodes what stands in for stat
  // and the recorded answers.
  cpSync(join(ROOT, 'infra/documents'), join(out, 'documents'), { recursive: true });
  cpSync(join(ROOT, 'lambda/nodes/collector'), join(out, 'collector'), { recursive: true });
  cpSync(join(ROOT, 'simulator/fleet/bin'), join(out, 'fleet/bin'), { recursive: true });
  cpSync(join(ROOT, 'simulator/fleet/windows'), join(out, 'windows'), { recursive: true });
  writeDeclarations(out);
  writeFileSync(
    join(out, 'THIRD-PARTY.txt'),
    licences([libraries.metafile, cli.metafile, constructs.metafile], handler),
  );
}

/** Declarations of what libraries and constructs export, as far as they are reached from there. */
function writeDeclarations(out: string): void {
  const folder = mkdtempSync(join(out, 'types-'));
  const configuration = join(folder, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    emitDeclarationOnly: true,
    declaration: true,
    outDir: folder,
    rootDir: ROOT,
    // The folder may lie anywhere.
    typeRoots: [join(ROOT, 'node_modules/@types')],
  };
  const entries = [...Object.values(LIBRARIES), CONSTRUCTS];
  const files = entries.map((file) => join(ROOT, file));
  const options = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: [], files };
  writeFileSync(configuration, JSON.stringify(options));
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', configuration],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`tsc wrote no declarations: ${stdout}`);
  const done = new Set<string>();
  const keep = (file: string) => {
    if (done.has(file)) return;
    done.add(file);
    const text = readFileSync(join(folder, file), 'utf8');
    const depth = relative(dirname(file), '.') || '.';
    const rewritten = text.replaceAll(
      /(from |import\()(['"])([^'"]+)\2/g,
      (_whole, before: string, quote: string, name: string) => {
        if (name.startsWith('.')) keep(join(dirname(file), name.replace(/\.ts$/, '.d.ts')));
        const to = name === 'valibot' ? `${depth}/valibot.js` : name.replace(/\.ts$/, '.js');
        return `${before}${quote}${to}${quote}`;
      },
    );
    const place = join(out, 'types', file);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, rewritten);
  };
  for (const file of entries) keep(file.replace(/\.ts$/, '.d.ts'));
  // Shapes are inferred from its schemas: with it beside them nobody needs to install it.
  cpSync(join(ROOT, 'node_modules/valibot/dist/index.d.mts'), join(out, 'types/valibot.d.ts'));
  rmSync(folder, { recursive: true });
}

/**
 * Name, version and licence text of each package of which something is inside, also in the handler, by its source maps. Throws for
 * one without a licence text.
 */
function licences(metafiles: readonly Metafile[], handler: string): string {
  const inside = new Set<string>();
  const keep = (path: string, from: string) => {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [];
    if (folder) inside.add(resolve(from, folder));
  };
  for (const map of globSync('*.mjs.map', { cwd: handler })) {
    const { sources } = JSON.parse(readFileSync(join(handler, map), 'utf8')) as { sources: string[] };
    for (const path of sources) keep(path, handler);
  }
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        if (bytesInOutput > 0) keep(path, ROOT);
      }
    }
  }
  inside.add(join(ROOT, 'node_modules/valibot'));
  const parts = [...inside].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const [file] = globSync('{LICENSE,LICENCE,License,license}*', { cwd: folder }).sort();
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '';
    return { title: `${name} ${version} (${license})`, text, license };
  });
  // Packages that bring no text of their own: of the Apache License one copy serves all, and MIT-0 asks for none.
  const known = new Map(parts.filter(({ text }) => text !== '').map(({ text, license }) => [license, text]));
  known.set('MIT-0', 'MIT No Attribution');
  const texts = Map.groupBy(parts, ({ text, license, title }) => {
    const own = text || (['Apache-2.0', 'MIT-0'].includes(license) ? (known.get(license) ?? '') : '');
    if (own === '') throw new Error(`${title} has no licence text`);
    return own;
  });
  const blocks = [...texts].map(([text, group]) => `${group.map(({ title }) => title).join('\n')}\n\n${text}\n`);
  return `The files of this folder contain parts of these packages.\n\n${blocks.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

await buildPackage(process.argv[2]);
