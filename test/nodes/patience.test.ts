import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askingSeconds, commandSeconds, deliverySeconds, tooLong } from '../../lambda/nodes/patience.ts';

const patience = { concurrency: '100%', deliveryTimeoutSeconds: 600, askAgain: 1 };

test('all nodes at once take delivery, execution and a minute of grace', () => {
  assert.equal(commandSeconds(patience, 100_000), 600 + 60 + 60);
  assert.equal(askingSeconds(patience, 100_000), 2 * 720);
});

test('fewer at a time take as many rounds as it needs, and SSM delivers until the last', () => {
  for (const [concurrency, nodes, rounds] of [
    ['10%', 50, 10],
    ['30%', 50, 4],
    ['1%', 10_000, 100],
    ['50', 10_000, 200],
    ['50', 10, 1],
  ] as const) {
    assert.equal(deliverySeconds({ ...patience, concurrency }, nodes), 600 + (rounds - 1) * 60, concurrency);
    assert.equal(commandSeconds({ ...patience, concurrency }, nodes), 600 + rounds * 60 + 60, concurrency);
  }
});

test('what does not fit into a night is refused with the arithmetic', () => {
  assert.equal(tooLong({ ...patience, concurrency: '50' }, 10_000), undefined);
  assert.equal(
    tooLong({ ...patience, concurrency: '5' }, 10_000),
    'let 10000 nodes answer within 20 hours, but 5 at a time are 2000 rounds of 60 s, with 600 s of delivery, asked up to 2 times: 68 hours',
  );
});
