/** Groups of targets that fail, in whole or in part: each target stays accounted for, or there is no scan. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { DurableContext, DurableLogger } from '@aws/durable-execution-sdk-js';
import { failedTarget } from '../../lambda/results/summary.ts';
import type { Begun } from '../../lambda/scan/start.ts';
import type { Scanned } from '../../lambda/scan/target.ts';
import {
  type Group,
  type GroupAnswer,
  type Shard,
  scanGroup,
  scanTargets,
  type TargetsScan,
} from '../../lambda/scan/targets.ts';
import { parseScanSettings, type Target } from '../../lambda/settings.ts';
import { runDurable } from '../../simulator/durable.ts';
import { type MemoryArchive, memoryArchive, nightly } from '../archive/memory.ts';
import { skippingClock } from '../simulator/skipping-clock.ts';

const directory = mkdtempSync(join(tmpdir(), 'kubevigil-groups-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const region = 'eu-west-1';
const targetsOf = (count: number): Target[] =>
  Array.from({ length: count }, (_, index) => ({ account: `${500_000_000_000 + index}`, region }));
const OWN = 'arn:aws:lambda:us-east-1:000000000000:function:kubevigil-scan:live';
const SHARD = 'arn:aws:lambda:us-east-1:000000000000:function:scan:1';

const start: Begun = {
  ...nightly(1),
  link: { previous: null },
  claim: { key: 'claim.json', size: 1, sha256: '0'.repeat(64) },
};

const scanned = (target: Target): Scanned => {
  const { error: _, ...result } = failedTarget(target, '');
  return { ...result, usedWaivers: [], calls: 1 };
};

type Night = {
  /** What the first, second, … execution of the group of that position answers; by default it is scanned. */
  group?: (from: number, execution: number) => GroupAnswer | undefined;
  shard?: (account: string) => Scanned;
  archive?: MemoryArchive;
  logger?: DurableLogger;
  isSharded?: boolean;
  targetsAtOnce?: number;
};

let runs = 0;
/** Shards that run, and how many did at once. */
let [running, most] = [0, 0];

/** Runs the targets' part of a night; gives what became of each. */
async function night(
  count: number,
  { group, shard, archive = memoryArchive(), logger, isSharded = true, targetsAtOnce }: Night = {},
) {
  const settings = parseScanSettings(
    JSON.stringify({
      targets: targetsOf(count),
      tags: [{ key: 'scan' }],
      documentName: 'kubevigil-collect',
      bucket: 'reports',
      topicArn: `arn:aws:sns:${region}:500000000000:alerts`,
      ...(isSharded && { shardArn: SHARD }),
      ...(targetsAtOnce !== undefined && { targetsAtOnce }),
    }),
  );
  const executions = new Map<number, Set<string>>();
  const scanOne = async (_: DurableContext, target: Target) => shard?.(target.account) ?? scanned(target);
  const job: TargetsScan = { archive, settings, start, scanOne };
  const own = async (event: unknown, context: DurableContext) => {
    const { from, to } = (event as Group).group;
    const known = executions.get(from) ?? new Set();
    executions.set(from, known.add(context.executionContext.durableExecutionArn));
    return group?.(from, known.size) ?? scanGroup(context, job, { from, to });
  };
  runs += 1;
  const { results } = await runDurable(
    async (_: unknown, context) => scanTargets(context, job),
    {},
    {
      directory,
      executionName: `night-${runs}`,
      ...skippingClock(),
      functions: {
        [OWN]: own,
        [SHARD]: async (event) => {
          const { target } = (event as Shard).shard;
          running += 1;
          most = Math.max(most, running);
          // The runner begins all that are waited for before it answers one.
          await new Promise(setImmediate);
          running -= 1;
          return shard?.(target.account) ?? scanned(target);
        },
      },
      ...(logger && { logger }),
    },
  );
  return results.map(({ target, error }) => `${target.account}${error === undefined ? '' : `: ${error}`}`);
}

const fails = (message: string) => {
  throw new Error(message);
};
const all = targetsOf(120).map(({ account }) => account);
const withError = (from: number, to: number, why: string) =>
  all.map((account, index) => (index >= from && index < to ? `${account}: ${why}` : account));

test('a group that failed is asked once more, and nothing of it is missing', async () => {
  const asked = new Set<number>();
  const group = (from: number, execution: number) => {
    if (from === 50) asked.add(execution);
    return from === 50 && execution === 1 ? { failed: 'Lost its archive.' } : undefined;
  };
  assert.deepEqual(await night(120, { group }), all);
  assert.deepEqual([...asked], [1, 2]);
});

for (const [name, answer, why] of [
  ['throws twice', () => fails('Out of memory.'), 'Out of memory.'],
  ['says twice why it failed', () => ({ failed: 'No targets.' }), 'No targets.'],
  ['forgets some', () => [scanned({ account: '500000000050', region })], 'Its group told of 1 targets only.'],
] as const) {
  test(`a group that ${name} leaves each of its targets as one that failed, in its place`, async () => {
    const results = await night(120, { group: (from) => (from === 50 ? answer() : undefined) });
    assert.deepEqual(results, withError(50, 100, why));
  });
}

test('no more targets are scanned at a time than the settings say', async () => {
  for (const targetsAtOnce of [3, 60]) {
    [running, most] = [0, 0];
    assert.deepEqual(await night(120, { targetsAtOnce }), all);
    assert.ok(most > 1 && most <= targetsAtOnce, `${most} of ${targetsAtOnce}`);
  }
});

test('where the targets of a group that failed cannot be read, there is no scan, and none without them', async () => {
  const archive = memoryArchive();
  const lost = night(120, {
    archive,
    group: (from) => {
      if (from !== 50) return undefined;
      archive.objects.clear();
      return { failed: 'The archive is empty.' };
    },
  });
  await assert.rejects(lost, /has lost the targets of night-1/);
});

test('a group whose targets cannot be read says so as an answer: its execution does not fail', async () => {
  const archive = memoryArchive();
  const settings = parseScanSettings(
    JSON.stringify({
      targets: targetsOf(2),
      tags: [{ key: 'scan' }],
      documentName: 'kubevigil-collect',
      bucket: 'reports',
      topicArn: `arn:aws:sns:${region}:500000000000:alerts`,
    }),
  );
  const job: TargetsScan = { archive, settings, start, scanOne: async (_, target) => scanned(target) };
  const answer = await runDurable(
    async (_: unknown, context) => scanGroup(context, job, { from: 0, to: 2 }),
    {},
    {
      directory,
      executionName: 'group',
      ...skippingClock(),
    },
  );
  assert.deepEqual(answer, {
    failed: 's3://reports has lost the targets of night-1: restore its targets.json, or let the next night scan.',
  });
});

test('a target whose own context fails is one that failed, and takes no other with it', async () => {
  const logger: DurableLogger = {
    error: () => fails('The log is full.'),
    warn() {},
    info() {},
    debug() {},
  };
  for (const isSharded of [true, false]) {
    const shard = (account: string) => (account === all[1] ? fails('No role.') : scanned({ account, region }));
    const [first, second = '', ...others] = await night(20, { shard, logger, isSharded });
    assert.deepEqual([first, ...others], [all[0], ...all.slice(2, 20)]);
    assert.match(second, /^500000000001: .*The log is full/);
  }
});
