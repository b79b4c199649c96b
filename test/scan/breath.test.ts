import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { breathe, isLarge } from '../../lambda/scan/breath.ts';
import { runDurable } from '../../simulator/durable.ts';

test('only the steps of many nodes, or of many targets, are worth an invocation each', () => {
  assert.deepEqual(
    [0, 19_999, 20_000, 100_000].map((nodes) => isLarge(nodes)),
    [false, false, true, true],
  );
  assert.deepEqual([isLarge(0, 499), isLarge(0, 500)], [false, true]);
});

test('what follows runs in a new invocation', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'kubevigil-breath-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const invocations: string[] = [];
  let now = Date.now();
  await runDurable(
    async (_: object, context) => {
      const { awsRequestId } = context.lambdaContext;
      await context.step('before', async () => void invocations.push(awsRequestId));
      await breathe(context);
      await context.step('after', async () => void invocations.push(awsRequestId));
    },
    {},
    {
      directory,
      executionName: 'breath',
      now: () => now,
      sleep: async (milliseconds) => {
        now += milliseconds;
      },
    },
  );
  assert.equal(new Set(invocations).size, 2);
});
