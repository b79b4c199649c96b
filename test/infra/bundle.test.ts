import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleHandler, plainSchemaKeys, startFiles } from '../../infra/bundle.ts';
import { html } from '../../lambda/formats/html.ts';
import { summarize } from '../../lambda/results/summary.ts';
import { scan } from '../archive/samples.ts';
import { bundledPage } from '../formats/bundled.ts';

/**
 * The budgets of docs/scale.md: what a start reads is small enough to start fast, and all of it large enough to bring its own SDK.
 * What a start does not read may grow with what only some settings need.
 */
const MAXIMUM_START_BYTES = 1_600_000;
const MAXIMUM_BYTES = 1_900_000;

describe('the bundled handler', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-bundle-'));
  const out = join(folder, 'handler');

  before(async () => {
    mkdirSync(out);
    writeFileSync(join(out, 'left-over.txt'), '');
    await bundleHandler(out);
  });

  it('is small files and their source maps, and nothing that an earlier build left', () => {
    const files = readdirSync(out);
    const code = files.filter((name) => name.endsWith('.mjs'));
    assert.deepEqual(files.sort(), code.flatMap((name) => [name, `${name}.map`]).sort());
    const sizeOf = (names: Iterable<string>) =>
      [...names].reduce((sum, name) => sum + statSync(join(out, name)).size, 0);
    const read = new Set(startFiles(out));
    assert.ok(sizeOf(read) <= MAXIMUM_START_BYTES, `${sizeOf(read)} bytes are read at each start`);
    assert.ok(sizeOf(code) <= MAXIMUM_BYTES, `${sizeOf(code)} bytes`);
    // Clients that only some settings need: of an organization, of Security Hub, of EventBridge.
    for (const operation of ['ListAccountsForParent', 'BatchImportFindings', 'PutEvents']) {
      const clients = code.filter((name) => readFileSync(join(out, name), 'utf8').includes(`"${operation}"`));
      assert.deepEqual(
        clients.filter((name) => read.has(name)),
        [],
        `${operation} is read at each start`,
      );
      assert.equal(clients.length, 1, operation);
    }
  });

  it('is what Lambda starts', async () => {
    const { handler } = await import(pathToFileURL(join(out, 'index.mjs')).href);
    assert.equal(typeof handler, 'function');
  });
});

describe('texts in place', () => {
  it('make the page in the bundle say what it says beside its files, in a smaller script and style sheet', async () => {
    const head = { summary: summarize(scan, [], { previous: null }), catalog: {} };
    const page = (from: typeof html) => [...from.open(head).end()].join('');
    const bare = (text: string) =>
      text.replace(/<style>[\s\S]*?<\/style>|<script type="module">[\s\S]*?<\/script>|sha256-[^']*/g, '');
    const [bundled, plain] = [page(await bundledPage()), page(html)];
    assert.equal(bare(bundled), bare(plain));
    assert.ok(bundled.length < plain.length && bundled.includes('<script type="module">const '));
  });
});

describe('plain schema keys', () => {
  /** Everything that can be reached from a schema, as JSON; what is reached again is named by its number. */
  function written(root: unknown): string {
    const numbers = new Map<unknown, number>();
    const plain = (value: unknown): unknown => {
      const target = typeof value === 'function' && !value.prototype ? value() : value;
      if (typeof target === 'function') return target.name;
      if (typeof target !== 'object' || target === null) return target;
      const number = numbers.get(target);
      if (number !== undefined) return `#${number}`;
      numbers.set(target, numbers.size);
      return Array.isArray(target)
        ? target.map(plain)
        : Object.entries(target).map(([key, each]) => [key, plain(each)]);
    };
    return JSON.stringify(plain(root));
  }

  for (const client of ['client-ec2', 'client-s3', 'client-ssm']) {
    it(`say the same as the schemas of ${client}`, async () => {
      const path = import.meta.resolve(`@aws-sdk/${client}`).replace(/dist-cjs.*$/, 'dist-es/schemas/schemas_0.js');
      const load = async (plugins: (typeof plainSchemaKeys)[]) => {
        const outfile = join(mkdtempSync(join(tmpdir(), 'kubevigil-schemas-')), 'schemas.mjs');
        const entryPoints = [fileURLToPath(path)];
        await build({
          entryPoints,
          outfile,
          plugins,
          bundle: true,
          platform: 'node',
          format: 'esm',
          logLevel: 'silent',
        });
        return { ...(await import(pathToFileURL(outfile).href)) } as Record<string, unknown>;
      };
      const [theirs, ours] = [await load([]), await load([plainSchemaKeys])];
      assert.ok(Object.keys(theirs).length > 50);
      assert.deepEqual(Object.keys(ours), Object.keys(theirs));
      for (const [name, schema] of Object.entries(theirs)) assert.equal(written(ours[name]), written(schema), name);
    });
  }
});
