import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The rooms from the ground up, as docs/architecture.md draws them: a room imports only from rooms before its own floor. */
const FLOORS: readonly (readonly string[])[] = [
  ['lambda/settings.ts', 'lambda/go'],
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
  ['infra', 'simulator'],
  ['cli'],
  ['tools', 'bench'],
];

/** Where AWS clients may stand. Types are no clients. */
const AWS = /^(lambda\/(nodes|archive|alerts)\/|lambda\/scan\/clients\.ts$)/;

type Import = { file: string; from: string; to: string; type: boolean };

const sources = globSync('{lambda,infra,simulator,cli,tools,bench}/**/*.ts', { cwd: ROOT }).sort();
const text = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** Static and dynamic imports and re-exports, values and types alike; `to` is a path from the top, or a package's name. */
const imports: Import[] = sources.flatMap((file) =>
  [...text(file).matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gm)].map((match) => {
    const from = match[2] ?? match[3] ?? '';
    const to = from.startsWith('.') ? normalize(join(dirname(file), from)) : from;
    return { file, from, to, type: match[1] !== undefined };
  }),
);

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

test('AWS clients appear only at the borders', () => {
  const wrong = imports.filter(
    ({ file, from, type }) => /^@aws-sdk\//.test(from) && file.startsWith('lambda/') && !type && !AWS.test(file),
  );
  assert.deepEqual(wrong, []);
});
