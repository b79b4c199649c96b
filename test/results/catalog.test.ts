import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../../lambda/judging/index.ts';
import { openBySeverity } from '../../lambda/results/catalog.ts';

test('open failures are counted by severity, without those that are accepted; a rule that nobody knows is medium', () => {
  const rules = {
    'anonymous-auth': { fail: 5, waived: 2 },
    'read-only-port': { fail: 4, waived: 0 },
    'protect-kernel-defaults': { fail: 1, waived: 1 },
    'a-rule-of-tomorrow': { fail: 7, waived: 0 },
    constructor: { fail: 1, waived: 0 },
  };
  assert.deepEqual(openBySeverity(catalog, rules), { critical: 3, high: 4, medium: 8, low: 0 });
});
