/** docs/nodes.md has a row for each kind of node, in the order in which they are recognised. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { agentOutcome } from '../../lambda/nodes/outcome.ts';
import { platforms } from '../../lambda/platforms/index.ts';

const page = readFileSync(new URL('../../docs/nodes.md', import.meta.url), 'utf8');
const tables = page.split('\n').flatMap((line) =>
  line.startsWith('|')
    ? [
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ]
    : [],
);
const kinds = tables.filter(([kind = '']) => /^`[a-z0-9-]+`$/.test(kind));

test('every kind has its row, with its name, and says what is read, judged and not', () => {
  assert.deepEqual(
    kinds.map(([kind = '', title]) => [kind.slice(1, -1), title]),
    platforms.map(({ name, title }) => [name, title]),
  );
  for (const cells of kinds) assert.ok(cells.length === 5 && cells.every((cell) => cell !== ''), cells[0]);
});

test('what it says of EKS Auto Mode is what such a node is told', () => {
  const [, how = '', becomes = ''] = tables.find(([node]) => node === 'EKS Auto Mode') ?? [];
  const { reason = '', detail = '' } = agentOutcome(undefined, /`([\w.]+)`/.exec(how)?.[1]) ?? {};
  assert.ok(becomes.includes(`\`${reason}\``));
  const command = /`(kubectl .*?)`/.exec(becomes)?.[1] ?? assert.fail('no command');
  assert.ok(detail.includes(command), detail);
});
