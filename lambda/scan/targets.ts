/**
 * The targets of a scan: found once, kept, and scanned side by side. A durable execution has 3,000 operations (AWS Lambda quotas,
 * durable functions) and a target takes two of them, its context and its shard; and each target that ends wakes the execution, which
 * then reads all that it has recorded. So of many targets each group has an execution of its own, in which the coordinator invokes
 * itself: of 5,000 targets the first has some 210 operations, and each of the others 103.
 */
import type { BatchResult, DurableContext } from '@aws/durable-execution-sdk-js';
import { targetsBefore } from '../archive/previous.ts';
import type { WritableArchive } from '../archive/store.ts';
import { keepTargets, readTargets, type Targets } from '../archive/targets.ts';
import { accessOf, listedTargets } from '../nodes/targets.ts';
import type { ScanName, StoredObject } from '../results/shapes.ts';
import { failedTarget } from '../results/summary.ts';
import { retryStep, STEP_TRIES } from '../retries.ts';
import type { ScanSettings, TargetAccess } from '../settings.ts';
import { organizationTargets } from './clients.ts';
import { type Begun, earlierFailures } from './start.ts';
import type { Scanned } from './target.ts';

/** A target, with why it cannot be scanned where that is known before. */
export type Planned = Targets['targets'][number];

/** What the coordinator asks of a shard. */
export type Shard = { shard: { start: Begun; target: TargetAccess } };

/** What the coordinator asks of itself: to scan the targets of `targets.json` from one position up to another. */
export type Group = { group: { start: Begun; from: number; to: number } };

/**
 * What became of each target of a group, or why that is not known. Told and not thrown: an execution that fails is counted as a
 * scan that ended without a report, and this one has a report to come.
 */
export type GroupAnswer = Scanned[] | { failed: string };

/** Targets of a group: its shards' results, some 10 KB each, stay far below the 6 MB that an invocation may return. */
const GROUP = 50;

/** Seconds before a group that failed is asked again: its shards may still run, and what they keep is used. */
const AGAIN_SECONDS = 300;

/** What fails is told in its place. Without it a map stops at the first failure and leaves out what has not ended (SDK, CompletionConfig). */
const ALL = { toleratedFailurePercentage: 100 };

/** Targets that this function scans at a time; shards, for which it only waits, all run at once. */
const CONCURRENT_TARGETS = 4;

export type TargetsScan = {
  archive: WritableArchive;
  settings: ScanSettings;
  start: Begun;
  /** Scans a target in this execution. */
  scanOne(context: DurableContext, target: TargetAccess): Promise<Scanned>;
};

/** Scans all targets of the settings. Gives what became of each, in their order, and the object that lists them. */
export async function scanTargets(
  context: DurableContext,
  job: TargetsScan,
): Promise<{ results: Scanned[]; object: StoredObject; problems: string[] }> {
  const { archive, settings, start } = job;
  const planned = await context.step(
    'targets',
    async ({ attempt }) => {
      const { targets, object } = await keepTargets(archive, start, () => findTargets(job, attempt));
      const count = targets.targets.length;
      const isLarge = settings.shardArn !== undefined && count > GROUP;
      const { problems } = targets;
      return {
        object,
        count,
        ...(problems && { problems }),
        ...(!isLarge && { targets: await withFailures(archive, start, targets.targets) }),
      };
    },
    { retryStrategy: retryStep },
  );
  context.logger.info('targets found', { scanId: start.scanId, targets: planned.count });
  const { object, problems = [] } = planned;
  if (planned.targets) return { results: await scanEach(context, job, planned.targets), object, problems };

  const groups = Array.from({ length: Math.ceil(planned.count / GROUP) }, (_, index) => ({
    from: index * GROUP,
    to: Math.min((index + 1) * GROUP, planned.count),
  }));
  const ownArn = context.executionContext.durableExecutionArn.split('/')[0] as string;
  const batch = await context.map(
    'groups',
    groups,
    (child, { from, to }) => askGroup(child, ownArn, { start, from, to }),
    {
      maxConcurrency: Math.max(1, Math.floor(settings.targetsAtOnce / GROUP)),
      completionConfig: ALL,
      itemNamer: ({ from, to }) => `${from}-${to}`,
    },
  );
  const results: Scanned[] = [];
  for (const [index, answer] of inOrder(batch, groups, (_, failed): GroupAnswer => ({ failed })).entries()) {
    const group = groups[index] as (typeof groups)[number];
    if (Array.isArray(answer) && answer.length === group.to - group.from) {
      results.push(...answer);
      continue;
    }
    // Its targets are told as such. Where they cannot be read either, nothing is: a scan without them would look whole.
    const why = Array.isArray(answer) ? `Its group told of ${answer.length} targets only.` : answer.failed;
    const lost = await planGroup(context, job, group);
    results.push(...lost.map((target) => failed(target, target.error ?? why)));
  }
  return { results, object, problems };
}

/** Asks for a group; one that fails is asked once more, and finds in the archive what its shards have kept. */
async function askGroup(context: DurableContext, ownArn: string, group: Group['group']): Promise<GroupAnswer> {
  const ask = async (name: string): Promise<GroupAnswer> => {
    try {
      return await context.invoke<Group, GroupAnswer>(name, ownArn, { group });
    } catch (error) {
      return { failed: messageOf(error) };
    }
  };
  const { from, to } = group;
  const first = await ask('group');
  if (Array.isArray(first)) return first;
  context.logger.warn('group failed, and is asked again', { from, to, why: first.failed });
  await context.wait('pause', { seconds: AGAIN_SECONDS });
  const second = await ask('group-again');
  if (!Array.isArray(second)) context.logger.error('group failed', { from, to, why: second.failed });
  return second;
}

/** Scans the targets of one group. */
export async function scanGroup(
  context: DurableContext,
  job: TargetsScan,
  { from, to }: Omit<Group['group'], 'start'>,
): Promise<GroupAnswer> {
  try {
    return await scanEach(context, job, await planGroup(context, job, { from, to }));
  } catch (error) {
    return { failed: messageOf(error) };
  }
}

function planGroup(
  context: DurableContext,
  { archive, start }: TargetsScan,
  { from, to }: { from: number; to: number },
) {
  return context.step(
    'targets',
    async () => {
      const kept = await readTargets(archive, start);
      if (!kept)
        throw new Error(
          `${archive.location} has lost the targets of ${start.scanId}: restore its targets.json, or let the next night scan.`,
        );
      return withFailures(archive, start, kept.targets.slice(from, to));
    },
    { retryStrategy: retryStep },
  );
}

async function findTargets({ archive, settings, start }: TargetsScan, attempt: number): Promise<Targets> {
  const listed = listedTargets(settings.targets, import.meta.url);
  if (listed) return listed;
  const before = await targetsBefore(archive, start.link);
  return organizationTargets(settings, { before, isLast: attempt >= STEP_TRIES });
}

async function withFailures(archive: WritableArchive, scan: ScanName, targets: Planned[]): Promise<Planned[]> {
  const failures = await earlierFailures(archive, scan);
  if (failures.length === 0) return targets;
  const errors = new Map(failures.map(({ account, region, error }) => [`${account}/${region}`, error]));
  return targets.map((target) => {
    const error = target.error ?? errors.get(`${target.account}/${target.region}`);
    return error === undefined ? target : { ...target, error };
  });
}

async function scanEach(
  context: DurableContext,
  { settings, start, scanOne }: TargetsScan,
  targets: Planned[],
): Promise<Scanned[]> {
  const { shardArn, targetsAtOnce } = settings;
  const batch = await context.map(
    'targets',
    targets,
    async (child, planned) => {
      if (planned.error !== undefined) return failed(planned, planned.error);
      try {
        const target = accessOf(settings.targets, planned);
        return shardArn === undefined
          ? await scanOne(child, target)
          : await child.invoke<Shard, Scanned>('shard', shardArn, { shard: { start, target } });
      } catch (error) {
        // One target that cannot be scanned is told as such; the others go on.
        const why = messageOf(error);
        child.logger.error('target failed', { account: planned.account, region: planned.region, why });
        return failed(planned, why);
      }
    },
    {
      // Of many targets so many groups run at a time as make `targetsAtOnce` when each is full.
      maxConcurrency: shardArn === undefined ? CONCURRENT_TARGETS : Math.min(targetsAtOnce, GROUP),
      completionConfig: ALL,
      itemNamer: ({ account, region }) => `${account}-${region}`,
    },
  );
  return inOrder(batch, targets, failed);
}

/** A result for each item, in their order; `lost` makes that of one whose context failed or did not end. */
function inOrder<Item, Result>(
  batch: BatchResult<Result>,
  items: readonly Item[],
  lost: (item: Item, why: string) => Result,
): Result[] {
  const ended = new Map(batch.all.map((item) => [item.index, item]));
  return items.map((item, index) => {
    const { result, error } = ended.get(index) ?? {};
    return result ?? lost(item, error === undefined ? 'It did not end.' : messageOf(error));
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function failed(planned: Planned, why: string): Scanned {
  return { ...failedTarget(planned, why), usedWaivers: [], calls: 0 };
}
