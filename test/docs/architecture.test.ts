/** docs/architecture.md says what is so: its floors are those of the law, its steps are functions where it says. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/architecture.md');
const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));

test('every step of the path is a function that its file exports', () => {
  const steps = rows.flatMap(([, , name, file]) =>
    /^`\w+`$/.test(name ?? '') ? [{ name: name?.slice(1, -1), file }] : [],
  );
  assert.ok(steps.length > 10);
  const wrong = steps.filter(
    ({ name, file = '' }) => !new RegExp(`^export (async )?function\\*? ${name}\\(`, 'm').test(read(file)),
  );
  assert.deepEqual(wrong, []);
});

test('the floors are those of the law', () => {
  const law = /FLOORS[^=]*= \[\n([\s\S]*?)\n\];/.exec(read('test/laws.test.ts'))?.[1] ?? '';
  const floors = law.split('\n').map((line) => [...line.matchAll(/'([^']+)'/g)].map((match) => match[1]));
  const told = rows.flatMap(([, floor = '', rooms = '']) =>
    /^\d+$/.test(floor) ? [...rooms.matchAll(/`([^`]+?)\/?`/g)].map((match) => [Number(floor), match[1]] as const) : [],
  );
  assert.deepEqual(
    told,
    floors.flatMap((names, index) => names.map((name) => [index + 1, name] as const)),
  );
  assert.deepEqual(
    told.filter(([, room = '']) => !existsSync(new URL(`../../${room}`, import.meta.url))),
    [],
  );
});
