import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWorthSending } from '../../lambda/alerts/alert.ts';
import { message } from '../../lambda/alerts/message.ts';
import { night } from './quiet.ts';

const text = '3 of 214 nodes of EKS node group workers differ in readOnlyPort (10255; others 0) since 2026-11-23';
const outliers = (many: number) => ({
  items: Array.from({ length: many }, () => ({ cluster: 'payments', account: '111122223333', text })),
  total: many,
});

test('a new outlier is worth a message, in each of its forms', () => {
  const input = night({ outliers: outliers(1) });
  assert.equal(isWorthSending(input, 'changes'), true);
  assert.equal(isWorthSending(night(), 'changes'), false);
  const told = message(input, 'changes') ?? assert.fail();
  assert.match(told.subject, /1 new outlier/);
  assert.ok(told.email.replaceAll(/\s+/g, ' ').includes(`OUTLIER in payments: ${text}`));
  assert.equal(JSON.parse(told.default).outliers.items[0].text, text);
});

test('many outliers are five lines and a count', () => {
  const { email } = message(night({ outliers: outliers(9) }), 'changes') ?? assert.fail();
  assert.equal(email.match(/OUTLIER in payments/g)?.length, 5);
  assert.match(email, /OUTLIERS: 4 more; the report has them/);
});
