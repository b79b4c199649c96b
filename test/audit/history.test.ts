import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyCommand } from '../../cli/history.ts';
import { retroCommand } from '../../cli/retro.ts';
import { EvidenceFormatError } from '../../lambda/judging/errors.ts';
import { judgeArchived } from '../../lambda/results/judge-line.ts';
import { capture } from '../cli/capture.ts';
import { readCsv } from './csv.ts';
import { keptQuarter } from './quarter.ts';

const { archive } = await keptQuarter();

async function history(...args: string[]) {
  const to = capture();
  return { code: await historyCommand(args, to), to };
}

/** What is told of a node, each line by its day, kind and beginning. */
const lives: [node: string, told: [day: string, what: string, text: RegExp][]][] = [
  [
    'i-0a4',
    [
      ['2026-06-28', 'seen', /^first seen in 111122223333 eu-central-1, named i-0a4-worker, cluster blue$/],
      ['2026-06-28', 'answered', /^it answers$/],
      ['2026-06-28', 'kubelet', /^kubelet v1\.35\.1$/],
      ['2026-07-12', 'opened', /^read-only-port is open: .*10255/],
      ['2026-07-15', 'silent', /^no answer: connection-lost: Nothing was heard of it\.$/],
      ['2026-07-19', 'answered', /^it answers again$/],
      ['2026-07-30', 'closed', /^read-only-port is fixed$/],
      ['2026-09-01', 'opened', /^read-only-port is open: /],
      ['2026-09-05', 'closed', /^read-only-port is fixed$/],
    ],
  ],
  [
    'i-0a6',
    [
      ['2026-06-28', 'seen', /first seen/],
      ['2026-06-28', 'answered', /^it answers$/],
      ['2026-06-28', 'kubelet', /v1\.35\.1/],
      ['2026-07-08', 'opened', /^anonymous-auth is open: /],
      ['2026-07-20', 'absent', /^the inventory does not have it$/],
      ['2026-07-20', 'closed', /^anonymous-auth is gone with the node$/],
      ['2026-07-23', 'answered', /^it answers again$/],
      ['2026-07-23', 'opened', /^anonymous-auth is open \(node-returned\), failing since 2026-07-08: /],
      ['2026-08-14', 'closed', /^anonymous-auth is fixed$/],
    ],
  ],
  [
    'i-0a8',
    [
      ['2026-08-09', 'seen', /first seen/],
      ['2026-08-09', 'seen', /^it joined after the inventory of this night was made$/],
      ['2026-08-09', 'answered', /^it answers$/],
      ['2026-08-09', 'kubelet', /v1\.35\.1/],
    ],
  ],
  [
    'i-0b1',
    [
      ['2026-06-28', 'seen', /first seen in 444455556666 us-east-1/],
      ['2026-06-28', 'answered', /^it answers$/],
      ['2026-06-28', 'kubelet', /v1\.35\.1/],
      ['2026-06-28', 'opened', /^read-only-port is open \(first-scan\): /],
      ['2026-07-06', 'closed', /^read-only-port is accepted by a waiver$/],
      ['2026-07-25', 'not-assessed', /^its account and region could not be scanned$/],
      ['2026-07-27', 'answered', /^it answers again$/],
      ['2026-09-01', 'opened', /^read-only-port is open \(waiver-ended\), failing since 2026-06-28: /],
      ['2026-09-10', 'closed', /^read-only-port is accepted by a waiver$/],
    ],
  ],
];
for (const [node, told] of lives) {
  test(`history of ${node} is what the script made of it`, async () => {
    const { code, to } = await history(node, archive, '--json');
    assert.equal(code, 0, to.stderr);
    const lines = to.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ scheduledAt, what }) => `${scheduledAt.slice(0, 10)} ${what}`),
      told.map(([day, what]) => `${day} ${what}`),
    );
    for (const [index, [, , text]] of told.entries()) assert.match(lines[index].text, text);
  });
}

test('history prints for people, within a range, and says of an unknown node that there is none', async () => {
  const { to } = await history('i-0a2', archive, '--from', '2026-08-01', '--to', '2026-08-19');
  assert.match(to.stdout, /^2026-08-01 02:00 {2}seen {10}first seen in 111122223333/);
  assert.match(to.stdout, /\n2026-08-19 02:00 {2}opened {8}read-only-port is open: [^\n]*\n$/);
  // The first night of the range is the one on which it is new, and another on which it was.
  const opened = await history('i-0a2', archive, '--from', '2026-08-19', '--to', '2026-08-19');
  assert.match(opened.to.stdout, /read-only-port is open: /);
  const running = await history('i-0a2', archive, '--from', '2026-08-20', '--to', '2026-08-20');
  assert.match(running.to.stdout, /read-only-port is open \(open before\), failing since 2026-08-19: /);
  const silent = await history('i-0a4', archive, '--from', '2026-07-16', '--to', '2026-07-16');
  assert.match(silent.to.stdout, /read-only-port is open \(open before\), failing since 2026-07-12: /);
  const unknown = await history('i-0zz', archive);
  assert.deepEqual([unknown.code, unknown.to.stderr], [2, 'kubevigil history: no night has a node i-0zz\n']);
  const named = await history('payments-good', archive);
  assert.match(
    named.to.stderr,
    /no night has a node payments-good: it is asked for by its instance id, such as i-0abc…$/m,
  );
  assert.equal((await history('i-0a2')).code, 2);
});

test('retro finds who was exposed while the rules did not see it, and nobody else', async () => {
  const to = capture();
  assert.equal(await retroCommand([archive], judgeArchived, to), 1);
  const [row, ...others] = readCsv(to.stdout);
  assert.deepEqual(others, []);
  const { node, rule, from, to: last, until, nights, nights_untold, said_then } = row ?? {};
  assert.deepEqual(
    [node, rule, from?.slice(0, 10), last?.slice(0, 10), until, nights, nights_untold, said_then],
    // 61 days without two nights of the outage; 23 nights of new rules told of it.
    ['i-0a9', 'make-iptables-util-chains', '2026-08-01', '2026-09-30', '', '59', '36', 'fail, pass'],
  );
  assert.equal(to.stderr, '1 exposure of 1 node in 93 nights.\n');
});

test('retro judges a rule and a range alone, and by another benchmark', async () => {
  const ask = async (...args: string[]) => {
    const to = capture();
    const code = await retroCommand([archive, ...args], judgeArchived, to);
    return { code, rows: code === 2 ? [] : readCsv(to.stdout), to };
  };
  const port = await ask('--rule', 'read-only-port', '--from', '2026-07-01', '--to', '2026-07-20', '--all');
  assert.deepEqual(
    port.rows.map(({ node, from, to, nights }) => [node, from?.slice(0, 10), to?.slice(0, 10), nights].join(' ')),
    // Silence ends nothing; a waiver accepts nothing.
    [
      'i-0a2 2026-07-10 2026-07-20 11',
      'i-0a4 2026-07-12 2026-07-20 5',
      'i-0a5 2026-07-05 2026-07-20 16',
      'i-0b1 2026-07-01 2026-07-20 20',
    ],
  );
  const none = await ask('--rule', 'read-only-port');
  assert.deepEqual([none.code, none.rows], [0, []]);
  const other = await ask('--benchmark', 'cis-eks-1.8.0', '--to', '2026-06-28');
  assert.ok(other.rows.every(({ said_then }) => said_then === 'not-asked' || said_then === 'pass'));
  assert.equal((await ask('--from', '2027-01-01')).code, 2);
});

test('retro of answers none of which this version reads has judged nothing', async () => {
  const to = capture();
  const unread = () => {
    throw new EvidenceFormatError('its evidence has the format 1');
  };
  assert.equal(await retroCommand([archive, '--to', '2026-06-28'], unread, to), 2);
  assert.match(to.stderr, /\d answers could not be judged/);
});
