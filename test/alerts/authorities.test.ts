import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWorthSending } from '../../lambda/alerts/alert.ts';
import { message } from '../../lambda/alerts/message.ts';
import { night } from './quiet.ts';

const text =
  '3 of 7 nodes of payments, workers do not trust CN=kubernetes (SHA-256 0eb2a05c4e060842…) until 2045-01-01, which 4 of the cluster do: they drop out when it takes over';
const authorities = (many: number, isNew: boolean) => ({
  items: Array.from({ length: many }, () => ({
    ...{ cluster: 'payments', account: '111122223333', nodes: 3, text },
    ...(isNew && { new: true as const }),
  })),
  total: many,
});

test('nodes newly behind an authority are worth a message, in each of its forms', () => {
  const input = night({ authorities: authorities(1, true) });
  for (const policy of ['changes', 'failures'] as const) assert.equal(isWorthSending(input, policy), true);
  const told = message(input, 'changes') ?? assert.fail();
  assert.match(told.subject, /3 nodes behind a certificate authority/);
  assert.ok(told.email.replaceAll(/\s+/g, ' ').includes(`CERTIFICATE AUTHORITY: ${text}`));
  assert.match(told.https, /CERTIFICATE AUTHORITY: 3 of 7 nodes of payments/);
  assert.equal(JSON.parse(told.default).authorities.items[0].text, text);
});

test('those that are known are told with what is new, and wake nobody', () => {
  const input = night({ authorities: authorities(1, false) });
  assert.equal(isWorthSending(input, 'changes'), false);
  const told = message(input, 'always') ?? assert.fail();
  assert.doesNotMatch(told.subject, /authority/);
  assert.match(told.email, /CERTIFICATE AUTHORITY, known: 3 of 7/);
});

test('many groups are five lines and a count', () => {
  const { email } = message(night({ authorities: authorities(9, true) }), 'changes') ?? assert.fail();
  assert.equal(email.match(/CERTIFICATE AUTHORITY: 3 of 7/g)?.length, 5);
  assert.match(email, /CERTIFICATE AUTHORITY: 4 more groups of nodes are behind/);
});
