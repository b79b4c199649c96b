/**
 * The targets of a scan: found once, kept, and scanned side by side. A durable execution has 3,000 operations (AWS Lambda quotas,
 * durable functions) and a target takes two of them, its context and its shard; and each target that ends wakes the execution, which
 * then reads all that it has recorded. So of many targets each group has an execution of its own, in which the coordinator invokes
 * itself: of 5,000 targets the first has some 210 operations, and each of the others 103.
 */
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { WritableArchive } from '../archive/store.ts';
import { keepTargets, readTargets, type Targets } from '../archive/targets.ts';
import { accessOf, listedTargets } from '../nodes/targets.ts';
import type { ScanName, StoredObject } from '../results/shapes.ts';
import { failedTarget } from '../results/summary.ts';
import { retryStep } from '../retries.ts';
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

/** Targets of a group: its shards' results, some 10 KB each, stay far below the 6 MB that an invocation may return. */
const GROUP = 50;

/** Groups at a time: 1,000 targets, which is how many functions an account may run at once (AWS Lambda quotas). */
const CONCURRENT_GROUPS = 20;

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
): Promise<{ results: Scanned[]; object: StoredObject }> {
  const { archive, settings, start } = job;
  const planned = await context.step(
    'targets',
    async () => {
      const { targets, object } = await keepTargets(archive, start, () => findTargets(settings));
      const count = targets.targets.length;
      const isLarge = settings.shardArn !== undefined && count > GROUP;
      return { object, count, ...(!isLarge && { targets: await withFailures(archive, start, targets.targets) }) };
    },
    { retryStrategy: retryStep },
  );
  context.logger.info('targets found', { scanId: start.scanId, targets: planned.count });
  if (planned.targets) return { results: await scanEach(context, job, planned.targets), object: planned.object };

  const groups = Array.from({ length: Math.ceil(planned.count / GROUP) }, (_, index) => ({
    from: index * GROUP,
    to: Math.min((index + 1) * GROUP, planned.count),
  }));
  const ownArn = context.executionContext.durableExecutionArn.split('/')[0] as string;
  const results = await context.map(
    'groups',
    groups,
    async (child, { from, to }) => {
      try {
        return await child.invoke<Group, Scanned[]>('group', ownArn, { group: { start, from, to } });
      } catch (error) {
        // Its targets are told as such; the other groups go on.
        const why = error instanceof Error ? error.message : String(error);
        child.logger.error('group failed', { from, to, why });
        const lost = await planGroup(child, job, { from, to });
        return lost.map((target) => failed(target, target.error ?? why));
      }
    },
    { maxConcurrency: CONCURRENT_GROUPS, itemNamer: ({ from, to }) => `${from}-${to}` },
  );
  return { results: results.getResults().flat(), object: planned.object };
}

/** Scans the targets of one group. */
export async function scanGroup(
  context: DurableContext,
  job: TargetsScan,
  { from, to }: Omit<Group['group'], 'start'>,
) {
  return scanEach(context, job, await planGroup(context, job, { from, to }));
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
      if (!kept) throw new Error(`${archive.location} has lost the targets of ${start.scanId}.`);
      return withFailures(archive, start, kept.targets.slice(from, to));
    },
    { retryStrategy: retryStep },
  );
}

async function findTargets({ targets, ...settings }: ScanSettings): Promise<Targets> {
  const listed = listedTargets(targets, import.meta.url);
  if (listed) return listed;
  return organizationTargets({ targets, ...settings });
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
  const { shardArn } = settings;
  const results = await context.map(
    'targets',
    targets,
    async (child, planned) => {
      if (planned.error !== undefined) return failed(planned, planned.error);
      const target = accessOf(settings.targets, planned);
      try {
        return shardArn === undefined
          ? await scanOne(child, target)
          : await child.invoke<Shard, Scanned>('shard', shardArn, { shard: { start, target } });
      } catch (error) {
        // One target that cannot be scanned is told as such; the others go on.
        const why = error instanceof Error ? error.message : String(error);
        child.logger.error('target failed', { account: target.account, region: target.region, why });
        return failed(target, why);
      }
    },
    {
      ...(shardArn === undefined && { maxConcurrency: CONCURRENT_TARGETS }),
      itemNamer: ({ account, region }) => `${account}-${region}`,
    },
  );
  return results.getResults();
}

function failed({ account, region }: Planned, why: string): Scanned {
  return { ...failedTarget({ account, region }, why), usedWaivers: [], calls: 0 };
}
