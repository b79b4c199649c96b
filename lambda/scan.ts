/**
 * The whole scan on one page: plan → ask → read → judge → keep → tell.
 *
 * Invoked asynchronously by EventBridge Scheduler through the alias `live` with {"scheduledTime": "<ISO 8601>"}; with
 * several targets the coordinator invokes the same code once a target (shard). Leaves the scan's objects in the archive
 * and one message on the topic. A durable execution: it may be killed at any point and replays from its checkpoints, so
 * everything outside of `context.*` is deterministic and checkpoints carry keys, counts and digests only.
 */
import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import * as v from 'valibot';
import { publish } from './alerts/publish.ts';
import { archiveClient, signerOf, targetClients } from './clients.ts';
import {
  ArchiveConflict,
  type StoredObject,
  s3Archive,
  storedObject,
  type WritableArchive,
} from './reports/archive.ts';
import { inMemory } from './reports/content.ts';
import { scanKeys } from './reports/keys.ts';
import type { Counts } from './reports/node-line.ts';
import { type Link, readLink } from './reports/previous.ts';
import { sealScan } from './reports/seal.ts';
import { failedTarget } from './reports/summary.ts';
import { retryStrategy } from './retry.ts';
import { parseScanSettings, type ScanSettings, SETTINGS_VARIABLE, type Target } from './settings.ts';
import { type Scanned, scanTarget } from './target.ts';
import { tell } from './tell.ts';
import { loadWaivers } from './waivers.ts';

/** `resume` scans a scheduled time again whose first execution failed; what it left in the archive is used. */
const Event = v.object({
  scheduledTime: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  resume: v.optional(v.boolean(), false),
});

/** What a scan is: its id, its times as ISO 8601 in UTC, and the scan before it. */
type Start = { scanId: string; scheduledAt: string; startedAt: string; link: Link; claim: StoredObject };

/** What the coordinator asks of a shard. */
type Shard = { shard: { start: Start; target: Target } };

export type ScanResult =
  | { scanId: string; summary: string; manifest: string; totals: Counts; failedTargets: number; alert: string }
  | { scanId: string; skipped: string };

/** Targets that this function scans at a time. */
const CONCURRENT_TARGETS = 4;

export async function scan(event: unknown, context: DurableContext): Promise<ScanResult | Scanned> {
  const settings = parseScanSettings(process.env[SETTINGS_VARIABLE]);
  const archive = s3Archive(archiveClient(), settings.bucket, settings.prefix.replace(/\/$/, ''));
  if (isShard(event)) return scanOne(context, event.shard.start, event.shard.target, settings, archive);

  const { scheduledTime, resume } = v.parse(Event, event);
  const start = await context.step('start', () => startScan(archive, scheduledTime, resume, context), {
    retryStrategy,
  });
  if ('skipped' in start) return start;

  const results = await context.map(
    'targets',
    settings.targets,
    async (child, target) => {
      try {
        return settings.shardArn === undefined
          ? await scanOne(child, start, target, settings, archive)
          : await child.invoke<Shard, Scanned>('shard', settings.shardArn, { shard: { start, target } });
      } catch (error) {
        // One target that cannot be scanned is told as such; the others go on.
        return { ...failedTarget(target, error instanceof Error ? error.message : String(error)), usedWaivers: [] };
      }
    },
    { maxConcurrency: CONCURRENT_TARGETS, itemNamer: ({ account, region }) => `${account}-${region}` },
  );

  const finishedAt = await context.step('finish', async () => new Date().toISOString());
  const facts = { ...start, finishedAt, settings: judgementSettings(settings) };
  const targets = results.getResults();
  const sealed = await context.step(
    'keep',
    async () => {
      const signer = await signerOf(settings.signingKeyArn);
      const { documentHash } = settings;
      const { summary, latest } = await sealScan(archive, facts, targets, {
        link: start.link,
        objects: [start.claim],
        ...(signer && { signer }),
        ...(documentHash !== undefined && { documentHash }),
      });
      return { summary: latest.summary, manifest: latest.manifest, totals: summary.totals };
    },
    { retryStrategy },
  );
  const told = {
    settings,
    previous: start.link.previous,
    waivers: loadWaivers(settings.waivers),
    usedWaivers: new Set(targets.flatMap(({ usedWaivers }) => usedWaivers)),
  };
  const alert = await context.step('tell', () => tell(archive, sealed.summary, told, publish), { retryStrategy });
  const failedTargets = targets.filter(({ error }) => error !== undefined).length;
  return { scanId: start.scanId, ...sealed, failedTargets, alert };
}

/** What invokes the deployed function. */
export const handler = withDurableExecution(scan);

function scanOne(
  context: DurableContext,
  start: Start,
  target: Target,
  settings: ScanSettings,
  archive: WritableArchive,
): Promise<Scanned> {
  const judgement = {
    now: Math.floor(Date.parse(start.startedAt) / 1000),
    benchmarks: settings.benchmarks,
    expiryDays: settings.expiryDays,
    waivers: loadWaivers(settings.waivers),
  };
  return scanTarget(context, {
    scan: start,
    target,
    settings,
    archive,
    previous: start.link.previous,
    judgement,
    ...targetClients(target),
  });
}

/** `20261123T020000Z`: one scheduled time is one scan. Milliseconds count for those that are started by hand. */
export function scanIdOf(scheduledAt: string): string {
  return scheduledAt.replace('.000Z', 'Z').replaceAll(/[-:.]/g, '');
}

/** Claims the scheduled time, so that a schedule that fires twice scans once. */
async function startScan(
  archive: WritableArchive,
  scheduledTime: string | undefined,
  resume: boolean,
  context: DurableContext,
): Promise<Start | { scanId: string; skipped: string }> {
  const startedAt = new Date().toISOString();
  const scheduledAt = new Date(scheduledTime ?? startedAt).toISOString();
  const scanId = scanIdOf(scheduledAt);
  const { claim: key } = scanKeys({ scanId, scheduledAt });
  const execution = context.executionContext.durableExecutionArn;
  let claim: StoredObject | undefined;
  try {
    claim = await archive.putOnce(key, inMemory(`${JSON.stringify({ execution })}\n`), 'application/json');
  } catch (error) {
    if (!(error instanceof ArchiveConflict)) throw error;
    if (!resume) return { scanId, skipped: 'another execution scans this scheduled time' };
    claim = await storedObject(archive, key);
  }
  if (!claim) throw new Error(`${archive.location}/${key} is not there although it was written.`);
  return { scanId, scheduledAt, startedAt, link: await readLink(archive, scanId), claim };
}

/** What verdicts depend on besides evidence and time, for the summary and for a replay. */
function judgementSettings({ benchmarks, expiryDays, tags, waivers }: ScanSettings): Record<string, unknown> {
  return { benchmarks, expiryDays, tags, ...(waivers === undefined ? {} : { waivers: loadWaivers(waivers) }) };
}

function isShard(event: unknown): event is Shard {
  return typeof event === 'object' && event !== null && 'shard' in event;
}
