/**
 * Bundles the handler with the AWS SDK in it: what is tested is what runs, whatever SDK the Lambda runtime brings. What is imported
 * only where it is needed, as the SDK's ways to credentials that no function has and the clients of an organization, stands in files
 * of its own that a start does not read.
 */
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { build, type Plugin, transformSync } from 'esbuild';
import { SOURCES } from '../lambda/results/sources.ts';

const ENTRY = fileURLToPath(new URL('../lambda/scan/handler.ts', import.meta.url));

/** Where the stack takes the bundle from; a fixed place, because source maps name files relative to it. */
const OUT = fileURLToPath(new URL('../dist/handler', import.meta.url));

/**
 * The SDK's schemas write constants as computed keys, `{ [_xN]: … }`, which esbuild must take for code with effects:
 * all 600 operations of EC2 stay in the bundle for the one that we use. Written as plain keys they are data, and what
 * is not used goes.
 */
export const plainSchemaKeys: Plugin = {
  name: 'plain-schema-keys',
  setup({ onLoad }) {
    onLoad({ filter: /@aws-sdk[\\/].*[\\/]schemas[\\/]schemas_\d+\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const constants = new Map<string, string>();
      for (const [, name = '', value = ''] of text.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm))
        constants.set(name, value);
      const contents = text.replace(/([{,]\s*)\[(_\w+)\]:/g, (whole, before: string, name: string) => {
        const value = constants.get(name);
        return value === undefined ? whole : `${before}${value}:`;
      });
      return { contents, loader: 'js' };
    });
  },
};

/** `readFileSync(new URL('./page.js', import.meta.url), 'utf8')`, as code reads a text that stands beside it. */
const READ = /readFileSync\(new URL\('(\.\/[^']+)', import\.meta\.url\), 'utf8'\)/g;

/**
 * Beside the bundle there is nothing to read: what formats read beside themselves becomes part of it, minified, and so do the
 * digests of the sources.
 */
export const textsInPlace: Plugin = {
  name: 'texts-in-place',
  setup({ onLoad }) {
    onLoad({ filter: /lambda[\\/]formats[\\/].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(READ, (_whole, beside: string) =>
        JSON.stringify(minified(join(dirname(path), beside))),
      ),
      loader: 'ts',
    }));
    onLoad({ filter: /lambda[\\/]results[\\/]sources\.ts$/ }, () => ({
      contents: `export const SOURCES = ${JSON.stringify(SOURCES)};`,
      loader: 'ts',
    }));
  },
};

/**
 * The known answers and the tables of flags and gates repeat themselves: compressed they are a fraction of their text, and
 * they are read once.
 */
export const packedTables: Plugin = {
  name: 'packed-tables',
  setup({ onLoad }) {
    onLoad({ filter: /(known-answers|tables)\.json$/ }, ({ path }) => {
      const packed = deflateRawSync(readFileSync(path), { level: 9 }).toString('base64');
      return {
        contents: `import{inflateRawSync}from'node:zlib';export default JSON.parse(inflateRawSync(Buffer.from('${packed}','base64')));`,
        loader: 'js',
      };
    });
  },
};

/** A script or style sheet as small as the rest of the bundle. */
function minified(path: string): string {
  const loader = path.endsWith('.css') ? 'css' : 'js';
  return transformSync(readFileSync(path, 'utf8'), { loader, minify: true, target: 'esnext', format: 'esm' }).code;
}

/** `from"./chunk-ABC.mjs"` and `import"./chunk-ABC.mjs"`, as esbuild writes what is read at once; what is not has a parenthesis. */
const READ_AT_ONCE = /(?:from|import)"\.\/([\w.-]+\.mjs)"/g;

/** The names of the files of a bundle that every start of the function reads. */
export function startFiles(folder: string): string[] {
  const files = new Set(['index.mjs']);
  for (const file of files) {
    for (const [, name = ''] of readFileSync(join(folder, file), 'utf8').matchAll(READ_AT_ONCE)) files.add(name);
  }
  return [...files];
}

/**
 * Writes `index.mjs`, the files that it imports and their source maps to a folder and returns the folder. Throws esbuild's error if the handler cannot be
 * bundled.
 */
export async function bundleHandler(out: string = OUT): Promise<string> {
  // What an earlier build left would become part of the function.
  rmSync(out, { recursive: true, force: true });
  await build({
    entryPoints: { index: ENTRY },
    outdir: out,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [plainSchemaKeys, textsInPlace, packedTables],
    // Its build for browsers is the same code as modules, of which only what is used is taken: 18 KB less.
    alias: { yaml: fileURLToPath(new URL('../browser/index.js', import.meta.resolve('yaml'))) },
    // Some dependencies are CommonJS and call require() for what Node brings.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  return out;
}
