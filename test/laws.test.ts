import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { evaluate } from '../lambda/judging/index.ts';
import { derive } from '../lambda/kubelet/derive.ts';
import type { Evidence } from '../lambda/kubelet/evidence.ts';
import { eksAl2023, kubeadm } from '../simulator/fleet/node-types.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The rooms from the ground up, as docs/architecture.md draws them: a room imports only from rooms before its own floor. */
const FLOORS: readonly (readonly string[])[] = [
  ['lambda/settings.ts', 'lambda/retries.ts', 'lambda/failures.ts', 'lambda/go'],
  ['lambda/kubelet'],
  ['lambda/platforms'],
  ['lambda/criteria'],
  ['lambda/rules'],
  ['lambda/judging'],
  ['lambda/results'],
  ['lambda/formats'],
  ['lambda/archive'],
  ['lambda/alerts'],
  ['lambda/nodes'],
  ['lambda/scan'],
  ['infra', 'simulator', 'audit'],
  ['cli'],
  ['tools', 'bench'],
];

/** Rooms that run in a browser: nothing of Node, nothing of AWS. */
const PURE = /^lambda\/(go|kubelet|platforms|criteria|rules|judging)\//;

/** Where AWS clients may stand. Types are no clients. */
const AWS = /^(lambda\/(nodes|archive|alerts)\/|lambda\/scan\/clients\.ts$)/;

type Import = { file: string; from: string; to: string; type: boolean };

const sources = globSync('{lambda,infra,simulator,audit,cli,tools,bench}/**/*.ts', { cwd: ROOT }).sort();
const text = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** Static and dynamic imports and re-exports, values and types alike; `to` is a path from the top, or a package's name. */
const imports: Import[] = sources.flatMap((file) =>
  [...text(file).matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gm)].map((match) => {
    const from = match[2] ?? match[3] ?? '';
    const to = from.startsWith('.') ? normalize(join(dirname(file), from)) : from;
    return { file, from, to, type: match[1] !== undefined };
  }),
);
const inside = imports.filter(({ from, to }) => from.startsWith('.') && to.endsWith('.ts'));

function room(path: string): string | undefined {
  return FLOORS.flat().find((name) => path === name || path.startsWith(`${name}/`));
}
const floor = (path: string) => FLOORS.findIndex((rooms) => rooms.some((name) => name === room(path)));

test('every source file stands in a room', () => {
  assert.ok(sources.length > 200);
  assert.deepEqual(
    sources.filter((file) => floor(file) < 0),
    [],
  );
});

test('a room imports, values and types alike, only from rooms below it', () => {
  const wrong = inside
    .filter(({ file, to }) => room(file) !== room(to) && floor(to) >= floor(file))
    .map(({ file, to }) => `${file} → ${to}`);
  assert.deepEqual(wrong, []);
});

test('no files import each other in a circle, types counted', () => {
  const edges = Map.groupBy(inside, ({ file }) => file);
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, path: readonly string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file) || path.includes(file)) return;
    for (const { to } of edges.get(file) ?? []) walk(to, [...path, file]);
    done.add(file);
  };
  for (const file of sources) walk(file, []);
  assert.deepEqual(circles, []);
});

test('nothing but tests imports what is of tests', () => {
  const wrong = inside.filter(({ to }) => to.startsWith('test/')).map(({ file, to }) => `${file} → ${to}`);
  assert.deepEqual(wrong, []);
});

test('AWS clients appear only at the borders', () => {
  const wrong = imports.filter(
    ({ file, from, type }) => /^@aws-sdk\//.test(from) && file.startsWith('lambda/') && !type && !AWS.test(file),
  );
  assert.deepEqual(wrong, []);
});

test('what judges uses nothing of Node and nothing of AWS', () => {
  const wrong = imports.filter(({ file, from }) => PURE.test(file) && /^(node:|@aws)/.test(from));
  assert.deepEqual(wrong, []);
});

test('what judges runs in a browser', async () => {
  const contents = `
    import { evaluate } from './lambda/judging/index.ts';
    import { derive } from './lambda/kubelet/derive.ts';
    globalThis.judge = (evidence, now) => JSON.stringify(
      evaluate({ evidence, kubelets: evidence.kubelets.map((process) => ({ process, configuration: derive(process) })), now }),
    );`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    write: false,
    logLevel: 'warning',
  });
  // What every browser has besides the language.
  const page = createContext({ TextDecoder, TextEncoder, URL, atob, structuredClone });
  runInContext(outputFiles[0]?.text ?? '', page);
  const now = 1_795_399_200;
  const evidence: Evidence = {
    format: 2,
    collectedAt: now,
    os: {},
    kubelets: [kubeadm, eksAl2023],
    proxies: [],
    notes: [],
  };
  const kubelets = evidence.kubelets.map((process) => ({ process, configuration: derive(process) }));
  const findings = JSON.parse(page.judge(evidence, now));
  assert.ok(findings.length > 10);
  assert.deepEqual(findings, JSON.parse(JSON.stringify(evaluate({ evidence, kubelets, now }))));
});

test('every source file has its test at the mirrored path, or names the test that covers it', () => {
  const wrong = sources.filter((file) => {
    const mirrored = join('test', file.replace(/^lambda\//, '').replace(/\.ts$/, '.test.ts'));
    if (existsSync(join(ROOT, mirrored))) return false;
    const named = /^(?:#!.*\n)?\/(?:\*\*|\/)[\s\S]*?\btested by (test\/[\w./-]+\.test\.ts)/i.exec(
      text(file).slice(0, 1500),
    );
    return !named?.[1] || !existsSync(join(ROOT, named[1]));
  });
  assert.deepEqual(wrong, []);
});

test('a file of more than 300 lines says why in its first comment', () => {
  const long = [...sources, ...globSync('test/**/*.ts', { cwd: ROOT })].filter((file) => {
    const lines = text(file).split('\n').length - 1;
    return lines > 300 && !/^(?:#!.*\n)?\/\*\*[\s\S]*?\blong because\b[\s\S]*?\*\//i.test(text(file));
  });
  assert.deepEqual(long, []);
});
