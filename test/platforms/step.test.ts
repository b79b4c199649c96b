/** A step as it is read, alone and with others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { given, inOneLine, sentence, step } from '../../lambda/platforms/step.ts';

const look = step('Look at the file.');
const restart = step('Restart the kubelet.', 'systemctl restart kubelet');

test('a step with a command is one sentence with it', () => {
  assert.equal(sentence(look), 'Look at the file.');
  assert.equal(sentence(restart), 'Restart the kubelet: `systemctl restart kubelet`.');
});

test('several steps are numbered, a single one is not', () => {
  assert.equal(inOneLine([look]), 'Look at the file.');
  assert.equal(inOneLine([look, restart]), '1. Look at the file. 2. Restart the kubelet: `systemctl restart kubelet`.');
  assert.equal(inOneLine([]), '');
});

test('a condition comes before a step and keeps its command', () => {
  assert.deepEqual(given('If there are none,', restart), {
    text: 'If there are none, restart the kubelet.',
    command: 'systemctl restart kubelet',
  });
});
