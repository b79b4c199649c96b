import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArguments } from '../../cli/arguments.ts';
import { InputError } from '../../cli/problems.ts';

const options = { out: { type: 'string' }, yes: { type: 'boolean', short: 'y' } } as const;

test('options and arguments are read as node:util reads them', () => {
  const { values, positionals } = readArguments({ args: ['a', '-y', '--out=x'], options, allowPositionals: true });
  assert.deepEqual([{ ...values }, positionals], [{ out: 'x', yes: true }, ['a']]);
});

const wrong: [args: string[], message: string][] = [
  [['--ot', 'x'], "Unknown option '--ot'; did you mean --out?; see --help"],
  [['--no-such-thing'], "Unknown option '--no-such-thing'; see --help"],
  [['-z'], "Unknown option '-z'; see --help"],
  [['--out'], "Option '--out <value>' argument missing; see --help"],
  [['x'], "Unexpected argument 'x'; see --help"],
  [['--yes=1'], "Option '-y, --yes' does not take an argument; see --help"],
];

for (const [args, message] of wrong) {
  test(`${args.join(' ')} is one line`, () => {
    assert.throws(
      () => readArguments({ args, options }),
      (error) => error instanceof InputError && error.message === message,
    );
  });
}
