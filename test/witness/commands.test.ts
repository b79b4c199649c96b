import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { python, without } from './python.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Words of a shell command, with quotes taken away. */
function words(command: string): string[] {
  const found = command.match(/(?:"(?:\\.|[^"])*"|'[^']*'|[^\s"'])+/g) ?? [];
  return found.map((word) => word.replaceAll(/"((?:\\.|[^"])*)"|'([^']*)'/g, (_, double, single) => double ?? single));
}

/** Every `aws …` of a page: of its indented blocks, of its sentences, and of what commands put in by $( ). */
function commandsOf(page: string): string[] {
  const text = page.replaceAll(/\\\n\s*/g, ' ');
  const whole = [...text.matchAll(/^ {4,}(.*\baws [a-z].*)$/gm), ...text.matchAll(/`(aws [^`]+)`/g)];
  return whole.flatMap(([, line = '']) => {
    const inner = [...line.matchAll(/\$\((aws [^()]*)\)/g)].map(([, command = '']) => command);
    const outer = line.replaceAll(/"?\$\([^()]*\)[^\s"]*"?/g, 'VALUE');
    return [...inner, ...(/^aws [a-z]/.test(outer) ? [outer] : [])];
  });
}

/** What version 1 of the CLI, which Python's package is, does not know of version 2. */
function ofVersion1([service = '', operation = '', ...rest]: string[]): string[] | undefined {
  if (service === 'logs' && operation === 'tail') return undefined;
  const binary = rest.indexOf('--cli-binary-format');
  return [service, operation, ...(binary < 0 ? rest : rest.toSpliced(binary, 2))];
}

const commands = globSync('{README.md,docs/*.md}', { cwd: ROOT }).flatMap((file) =>
  commandsOf(readFileSync(join(ROOT, file), 'utf8')).map((command) => ({ file, command })),
);

test('the pages have commands, and their parts are found', () => {
  assert.ok(commands.length > 15, JSON.stringify(commands));
  assert.deepEqual(words(`aws x --a "b \\"c\\"" --d 'e f' g`), ['aws', 'x', '--a', 'b \\"c\\"', '--d', 'e f', 'g']);
});

/** Options of `aws logs tail`, which only version 2 has (its command reference). */
const TAIL = ['--since', '--follow', '--format', '--filter-pattern', '--log-stream-names', '--log-stream-name-prefix'];

test('logs are followed by options that there are', () => {
  const tails = commands
    .map(({ command }) => words(command))
    .filter(([, service, verb]) => service === 'logs' && verb === 'tail');
  assert.ok(tails.length > 0);
  for (const [, , , group = '', ...rest] of tails) {
    assert.ok(group !== '' && !group.startsWith('-'), rest.join(' '));
    for (const option of rest.filter((word) => word.startsWith('--'))) assert.ok(TAIL.includes(option), option);
  }
});

describe('the AWS CLI', { skip: without('awscli') }, () => {
  test('takes every command of the pages', async () => {
    const asked = commands.flatMap(({ file, command }) => {
      const [, ...rest] = words(command.replace(/\s*(\||#|;).*$/, ''));
      const argumentsOf = ofVersion1(rest);
      return argumentsOf ? [{ file, command, argumentsOf }] : [];
    });
    const { stdout, stderr } = await python(
      ['commands.py'],
      asked.map(({ argumentsOf }) => argumentsOf),
    );
    const problems = JSON.parse(stdout || assert.fail(stderr)) as (string | null)[];
    assert.deepEqual(
      asked.flatMap(({ file, command }, index) => (problems[index] ? [`${file}: ${command}: ${problems[index]}`] : [])),
      [],
    );
  });

  test('refuses what is no command of it', async () => {
    const wrong = [
      ['sqs', 'list-all-queues'],
      ['s3', 'cp', 'here', 'there'],
      ['s3', 'sync', 's3://bucket', 'there', '--recursively'],
      ['lambda', 'list-durable-executions-by-function', '--statuses', 'FAILED'],
      ['scheduler', 'list-schedules', '--name-start', 'kubevigil'],
    ];
    const { stdout, stderr } = await python(['commands.py'], wrong);
    const problems = JSON.parse(stdout || assert.fail(stderr)) as (string | null)[];
    assert.deepEqual(
      problems.map((problem) => problem !== null),
      [true, true, true, true, true],
      stdout,
    );
  });
});
