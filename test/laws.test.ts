import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** From the top of the picture to its bottom: data goes down, and a folder may import only folders below it. */
const LAYERS = ['nodes', 'kubelet', 'rules', 'reports', 'alerts'];

/** Shapes of the data that goes down: who is below may know them, as types only. */
const SHAPES = ['kubelet/evidence.ts', 'kubelet/configuration.ts', 'rules/rule.ts'];

/** Where AWS clients may appear. Types are no clients. */
const AWS = ['nodes/inventory.ts', 'nodes/run-command.ts', 'reports/archive.ts', 'alerts/publish.ts', 'clients.ts'];

type Import = { file: string; from: string; type: boolean };

function imports(folder: string): Import[] {
  return globSync(`${folder}/**/*.ts`, { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)'/gm)].map((match) => ({
      file,
      from: match[2] ?? '',
      type: match[1] !== undefined,
    }));
  });
}

const lambda = imports('lambda').map((each) => ({
  ...each,
  file: relative('lambda', each.file),
  to: each.from.startsWith('.') ? relative('lambda', join(dirname(each.file), each.from)) : each.from,
}));

test('a folder imports only folders below it', () => {
  assert.ok(lambda.length > 100);
  const upwards = lambda.filter(({ file, to, type, from }) => {
    const [folder = '', target = ''] = [file.split('/')[0], to.split('/')[0]];
    const [own, other] = [LAYERS.indexOf(folder), LAYERS.indexOf(target)];
    return from.startsWith('.') && own !== -1 && other !== -1 && other < own && !(type && SHAPES.includes(to));
  });
  assert.deepEqual(upwards, []);
});

test('nothing imports the entry, and folders import nothing of the entry’s own but the settings', () => {
  const wrong = lambda.filter(({ file, to, from }) => {
    if (to === 'scan.ts') return true;
    return (
      from.startsWith('.') &&
      file.includes('/') &&
      !to.includes('/') &&
      to !== 'settings.ts' &&
      to !== '../package.json'
    );
  });
  assert.deepEqual(wrong, []);
});

test('AWS clients appear only at the borders', () => {
  const wrong = lambda.filter(({ file, from, type }) => /^@aws-sdk\//.test(from) && !type && !AWS.includes(file));
  assert.deepEqual(wrong, []);
});

test('what is deployed imports nothing that is not', () => {
  assert.deepEqual(
    lambda.filter(({ to }) => /^\.\.\/(?!package\.json)/.test(to)),
    [],
  );
});

test('derivation and rule core use nothing of Node and nothing of AWS', () => {
  const wrong = lambda.filter(({ file, from }) => /^(kubelet|rules)\//.test(file) && /^(node:|@aws)/.test(from));
  assert.deepEqual(wrong, []);
  const globals = globSync('lambda/{kubelet,rules}/**/*.ts', { cwd: root }).filter((file) =>
    /\b(Buffer|setImmediate)\b/.test(readFileSync(join(root, file), 'utf8')),
  );
  assert.deepEqual(globals, []);
});
