/** The recipes of CONTRIBUTING.md name files that are there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const page = readFileSync(new URL('../../CONTRIBUTING.md', import.meta.url), 'utf8');

test('every file that a recipe names is there, unless the recipe makes it', () => {
  const named = [...page.matchAll(/`((?:lambda|infra|simulator|cli|tools|bench|test|docs)\/[\w./-]+)`/g)];
  const paths = [...new Set(named.map(([, path = '']) => path))];
  assert.ok(paths.length > 30, `only ${paths.length}`);
  const missing = paths.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)));
  assert.deepEqual(missing, []);
});
