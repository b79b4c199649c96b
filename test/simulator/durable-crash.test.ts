import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runDurable } from '../../simulator/durable.ts';
import { effects, everyOperation, jumpingClock, result } from './durable/handler.ts';

/** Lines of the undisturbed execution's journal; the last one is its end, after which nothing is left to do. */
const LINES = 18;

const killed = fileURLToPath(import.meta.resolve('./durable/killed.ts'));

/** Starts the execution in a process that is killed, goes on with it here, and tells what happened in both. */
async function killThenResume(kind: 'checkpoint' | 'effect', count: number) {
  const directory = await mkdtemp(join(tmpdir(), 'kubevigil-crash-'));
  try {
    const signal = await new Promise((resolve) => {
      execFile(process.execPath, [killed, directory, kind, String(count)], (error) => resolve(error?.signal ?? null));
    });
    const output = await runDurable(
      (_event, context) => everyOperation(context, (name) => appendFileSync(join(directory, 'effects'), `${name}\n`)),
      {},
      { directory, executionName: 'scan', ...jumpingClock() },
    );
    const seen = (await readFile(join(directory, 'effects'), 'utf8')).trim().split('\n');
    return { signal, output, seen };
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('an undisturbed execution has the effects that the others are compared with', async () => {
  const { signal, output, seen } = await killThenResume('checkpoint', Number.MAX_SAFE_INTEGER);
  assert.deepEqual({ signal, output, seen }, { signal: null, output: result, seen: effects });
});

describe('an execution whose process is killed with kill -9', { concurrency: 2 }, () => {
  for (let count = 1; count < LINES; count += 1) {
    test(`at checkpoint ${count} goes on from there and repeats nothing`, async () => {
      const { signal, output, seen } = await killThenResume('checkpoint', count);
      assert.equal(signal, 'SIGKILL');
      assert.deepEqual(output, result);
      assert.deepEqual(seen, effects);
    });
  }

  for (const [index, effect] of effects.entries()) {
    test(`in the step of "${effect}" repeats what was in no checkpoint yet`, async () => {
      const { signal, output, seen } = await killThenResume('effect', index + 1);
      assert.equal(signal, 'SIGKILL');
      assert.deepEqual(output, result);
      // The pages of a map run at the same time, so a kill in one of them may repeat its neighbours.
      const together = effect.startsWith('page') ? effects.slice(7, index + 1) : [effect];
      assert.deepEqual(seen, [...effects.slice(0, index + 1), ...together, ...effects.slice(index + 1)]);
    });
  }
});
