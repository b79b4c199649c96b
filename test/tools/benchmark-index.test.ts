import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { indexOf } from '../../tools/benchmark-index.ts';

const FOLDER = new URL('../../lambda/judging/benchmarks/', import.meta.url);

test('the index lists each benchmark beside it', () => {
  const present = readFileSync(new URL('index.ts', FOLDER), 'utf8');
  assert.equal(present, indexOf(readdirSync(FOLDER)), 'run: npm run benchmarks');
});

test('each file is named as the benchmark in it', () => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.json'))) {
    assert.equal(`${JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')).name}.json`, file);
  }
});

test('an index of two files, in the order of their names', () => {
  const text = indexOf(['cis-b-1.0.json', 'index.ts', 'cis-a-2.json']);
  assert.match(text, /import cis_a_2 from '\.\/cis-a-2\.json'.*\nimport cis_b_1_0 from '\.\/cis-b-1\.0\.json'/);
  assert.match(text, /\[\n {2}cis_a_2,\n {2}cis_b_1_0,\n\];/);
});
