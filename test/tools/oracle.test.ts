import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { processOf } from '../../lambda/judging/known-answers.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import type { Tables } from '../../lambda/kubelet/tables.ts';
import { questions } from '../../tools/oracle/questions.ts';
import { printTables, type Registered, withMinor } from '../../tools/oracle/tables.ts';

const COMMAND = fileURLToPath(new URL('../../tools/oracle/oracle.ts', import.meta.url));
const KEPT = fileURLToPath(new URL('../../lambda/kubelet/tables.json', import.meta.url));

const before: Tables = {
  minors: [20, 21],
  texts: { $config: 'Use the file.' },
  flags: { old: [[20, 21, { type: 'bool', default: 'false' }]], same: [[20, 21, { type: 'string', default: '' }]] },
  gates: {},
  fields: { maxPods: [[20, 21, 'int32']] },
  withFile: { maxPods: [[20, 21, 110]] },
  withoutFile: {},
};
const flag = {
  Type: 'string',
  Default: '',
  Deprecated: '',
  Shorthand: '',
  Bare: '',
  Setting: '',
  Hidden: false,
  Global: false,
};
const registered: Registered = {
  flags: {
    same: flag,
    'max-pods': { ...flag, Type: 'int32', Default: '110', Deprecated: 'Use the file.', Setting: 'maxPods' },
    pause: { ...flag, Default: 'registry.k8s.io/pause:3', Hidden: true, Global: true, Shorthand: 'p', Bare: '1' },
  },
  gates: { Some: { Stage: 'ALPHA', Default: false, Locked: false, Needs: ['Other', 'A'] } },
  fields: {
    maxPods: 'int32',
    authentication: 'object',
    'authentication.x509': 'object',
    'authentication.mode': 'string',
  },
  withFile: { maxPods: 110, authentication: { x509: {}, mode: 'a' }, evictionHard: { a: '1' } },
  withoutFile: { maxPods: 110, authentication: { x509: {}, mode: 'b' } },
};

describe('the tables with a new minor', () => {
  const after = withMinor(before, 22, registered);

  test('what stays the same goes on, what is gone ends, what is new begins', () => {
    assert.deepEqual(after.minors, [20, 22]);
    assert.deepEqual(after.flags.old, [[20, 21, { type: 'bool', default: 'false' }]]);
    assert.deepEqual(after.flags.same, [[20, 22, { type: 'string', default: '' }]]);
    assert.deepEqual(after.flags['max-pods'], [
      [22, 22, { type: 'int32', default: '110', deprecated: '$config', setting: 'maxPods' }],
    ]);
    assert.deepEqual(after.flags.pause, [
      [22, 22, { type: 'string', default: '$registry/pause:3', hidden: true, shorthand: 'p', bare: '1', global: true }],
    ]);
    assert.deepEqual(after.gates.Some, [[22, 22, { stage: 'ALPHA', default: false, needs: ['A', 'Other'] }]]);
  });

  test('defaults stand by the paths of settings, and what differs without a file beside them', () => {
    assert.deepEqual(after.withFile, {
      'authentication.mode': [[22, 22, 'a']],
      'authentication.x509': [[22, 22, {}]],
      evictionHard: [[22, 22, { a: '1' }]],
      maxPods: [[20, 22, 110]],
    });
    assert.deepEqual(after.withoutFile, { 'authentication.mode': [[22, 22, 'b']], evictionHard: [[22, 22, null]] });
  });

  test('a minor that is asked again replaces itself alone', () => {
    assert.deepEqual(withMinor(after, 22, registered), after);
    const without = withMinor(after, 21, { ...registered, flags: {} });
    assert.deepEqual(
      without.flags.same?.map(([first, last]) => [first, last]),
      [
        [20, 20],
        [22, 22],
      ],
    );
  });

  test('the kept file is as the command writes it', () => {
    const text = readFileSync(KEPT, 'utf8');
    assert.equal(printTables(JSON.parse(text) as Tables), text);
  });
});

test('random questions are answered one way or the other, in every minor', () => {
  for (const minor of [24, 28, 31, 34, 37]) {
    const answers = fc.sample(questions(minor), { numRuns: 150, seed: minor }).map((question) => {
      const derived = derive(processOf(question, `1.${minor}`));
      assert.notEqual(derived.starts, 'unknown', JSON.stringify(derived));
      return derived.starts;
    });
    assert.ok(answers.filter(Boolean).length > 20 && answers.filter((starts) => !starts).length > 20, `1.${minor}`);
  }
});

describe('the command', () => {
  const run = (args: string[], env: NodeJS.ProcessEnv = process.env) =>
    spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8', env });

  test('says in one line where Go is absent', () => {
    const { status, stderr } = run(['1.37.2', '--tables'], { ...process.env, PATH: '/nowhere' });
    assert.deepEqual([status, stderr], [2, 'oracle: Go is not installed: the real kubelet cannot be built here\n']);
  });

  test('says what it expects', () => {
    assert.match(run(['1.37', '--tables']).stderr, /^oracle: expected a release such as 1\.37\.2/);
    assert.match(run(['1.37.2']).stderr, /^oracle: expected FILE, --tables or --check COUNT/);
    assert.match(run(['--help']).stdout, /^Usage: npm run oracle/);
  });
});
