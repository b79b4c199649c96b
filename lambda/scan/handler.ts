/**
 * The whole scan on one page: plan → ask → read → judge → keep → notify.
 *
 * Invoked asynchronously by EventBridge Scheduler through the alias `live` with {"scheduledTime": "<ISO 8601>",
 * "everySeconds": 86400}, by hand without the latter; with several targets the coordinator invokes the same code once a
 * target (shard), and of many once a group. Leaves the scan's objects in the archive and one message on the topic. A durable execution: it may be
 * killed at any point and replays from its checkpoints, so everything outside of `context.*` is deterministic and
 * checkpoints carry keys, counts and digests only.
 */

import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import * as v from 'valibot';
import { publish } from '../alerts/publish.ts';
import { proveMethod } from '../archive/method.ts';
import { sealScan } from '../archive/seal.ts';
import { s3Archive } from '../archive/store.ts';
import { readTargets } from '../archive/targets.ts';
import { stampManifest } from '../archive/timestamp.ts';
import { formatsNamed } from '../formats/formats.ts';
import { catalog, reviewWaivers, type Severity } from '../judging/index.ts';
import { openBySeverity } from '../results/catalog.ts';
import { judgeArchived } from '../results/judge-line.ts';
import { fellSharply, vanished } from '../results/population.ts';
import { secondsBetween, secondsOf, TOOL } from '../results/summary.ts';
import type { Counts } from '../results/tally.ts';
import { retryStep } from '../retries.ts';
import { parseScanSettings, SETTINGS_VARIABLE, type TargetAccess } from '../settings.ts';
import { breathe, isLarge } from './breath.ts';
import { archiveClient, signerOf, targetClients } from './clients.ts';
import { deliverElsewhere } from './deliver.ts';

import { durableLogger } from './log.ts';
import { leftLine, metricsOf, type Phases, recorded, slowest, TARGET_LINE, targetLine } from './metrics.ts';
import { failureText, notify, outcomeOf, type Told } from './notify.ts';
import { type Begun, finishedAt, startScan } from './start.ts';
import { type Scanned, scanTarget } from './target.ts';
import { type Group, type GroupAnswer, type Shard, scanGroup, scanTargets, type TargetsScan } from './targets.ts';
import { tellV8 } from './v8.ts';
import { loadWaivers, withoutEffect } from './waivers-file.ts';

/**
 * `everySeconds` is what the schedule says of itself: the longest time between two of its scans. `resume` scans a scheduled
 * time again whose first execution failed; what it left in the archive is used.
 */
const EventSchema = v.object({
  scheduledTime: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  everySeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  resume: v.optional(v.boolean(), false),
});

export type ScanResult =
  | {
      scanId: string;
      /** Keys in the archive. */
      summary: string;
      manifest: string;
      /** Of the manifest: what the message anchors. */
      sha256: string;
      totals: Counts;
      failedTargets: number;
      /** Targets whose nodes became suspiciously few, or that nobody scans any more. */
      fallenTargets: number;
      /** What became of the message. */
      alert: string;
      /** Requests to EC2 and Systems Manager. */
      calls: number;
      /** Seconds from the scheduled time to the manifest, and from the previous scan to this one. */
      seconds: number;
      previousAge?: number;
      /** Known answers that were not met. */
      differed: number;
      /** Failures that no waiver accepts, by severity. */
      open: Record<Severity, number>;
      /** Seconds that its parts took, and when, in milliseconds since 1970, it was kept: what is left is telling. */
      phases: Omit<Phases, 'tell'>;
      keptAt: number;
    }
  | { scanId: string; skipped: string };

/** `clock` tells the time of start and end, from which verdicts and the archive's bytes follow. */
export async function scan(
  event: unknown,
  context: DurableContext,
  clock: () => Date = () => new Date(),
): Promise<ScanResult | Scanned | GroupAnswer> {
  const settings = parseScanSettings(process.env[SETTINGS_VARIABLE]);
  const waivers = loadWaivers(settings.waivers);
  const formats = formatsNamed(settings.formats);
  const archive = s3Archive(archiveClient(), settings.bucket, settings.prefix.replace(/\/$/, ''));
  const scanOne = (context: DurableContext, start: Begun, target: TargetAccess) =>
    scanTarget(context, {
      scan: start,
      target,
      settings,
      archive,
      previous: start.link.previous,
      again: { rules: TOOL.rules, judge: judgeArchived },
      judgement: {
        now: secondsOf(start.startedAt),
        benchmarks: settings.benchmarks,
        expiryDays: settings.expiryDays,
        rehearse: settings.rehearse,
        waivers,
      },
      clients: targetClients(target, start.scanId),
    });
  const jobOf = (start: Begun): TargetsScan => ({
    archive,
    settings,
    start,
    scanOne: (child, target) => scanOne(child, start, target),
  });
  if (isFor<Shard>(event, 'shard')) return scanOne(context, event.shard.start, event.shard.target);
  if (isFor<Group>(event, 'group')) return scanGroup(context, jobOf(event.group.start), event.group);

  const request = v.parse(EventSchema, event);
  const execution = context.executionContext.durableExecutionArn;
  const start = await context.step(
    'start',
    async () => {
      const begun = await startScan(archive, { ...request, execution }, clock);
      if ('skipped' in begun) return begun;
      const { documentHash: collector, windowsDocument } = settings;
      // Before nodes are judged, the method proves itself: once, whatever happens to this execution afterwards.
      return { ...begun, method: proveMethod({ collector, windowsCollector: windowsDocument?.hash }) };
    },
    { retryStrategy: retryStep },
  );
  if ('skipped' in start) {
    context.logger.warn('scan skipped', start);
    return start;
  }
  context.logger.info('scan started', { scanId: start.scanId });

  const { method, prepared = [], ...named } = start;
  if (prepared.length > 0) context.logger.error('the folder of this scan was prepared by somebody', { prepared });
  if (method.differed.length > 0) context.logger.error('known answers differ', method);

  const { results: targets, object, problems: ill } = await scanTargets(context, jobOf(named));
  const finished = await context.step('finish', () => finishedAt(archive, start, clock), { retryStrategy: retryStep });
  const used = new Set(targets.flatMap(({ usedWaivers }) => usedWaivers));
  const { benchmarks, expiryDays, rehearse, tags } = settings;
  const facts = {
    ...named,
    finishedAt: finished,
    // What verdicts depend on besides evidence and time, for the summary and for a replay.
    settings: { benchmarks, expiryDays, rehearse, tags, ...(settings.waivers !== undefined && { waivers }) },
    method,
    waivers: withoutEffect(reviewWaivers(waivers, secondsOf(start.startedAt)), settings.waivers, used),
  };
  const nodes = targets.reduce((sum, { tally }) => sum + tally.counts.nodes, 0);
  const isLong = isLarge(nodes, targets.length);
  if (isLong) await breathe(context);
  const { began, ...sealed } = await context.step(
    'keep',
    async () => {
      const began = Date.now();
      const signer = await signerOf(settings.signingKeyArn);
      const { documentHash, retention, timestampAuthorities } = settings;
      const { others = [] } = (await readTargets(archive, start)) ?? {};
      const { summary, latest } = await sealScan(archive, { ...facts, others }, targets, {
        link: start.link,
        objects: [start.claim, object],
        ...(signer && { signer }),
        ...(documentHash !== undefined && { documentHash }),
        ...(retention && { retention }),
        timestampAuthorities,
        formats,
        catalog,
      });
      const fallen = [
        ...summary.targets.filter((each) => fellSharply(each, settings.populationFallPercent)),
        ...vanished(summary.left),
      ];
      const { summary: key, manifest, sha256 } = latest;
      const open = openBySeverity(catalog, summary.rules);
      const { totals } = summary;
      for (const each of summary.left ?? []) context.logger.info(TARGET_LINE, leftLine(each));
      return { summary: key, manifest, sha256, totals, open, fallenTargets: fallen.length, began, keptAt: Date.now() };
    },
    { retryStrategy: retryStep },
  );
  // An authority that is away costs its time stamp and nothing else.
  const unstamped =
    settings.timestampAuthorities.length === 0
      ? []
      : await context
          .step('stamp', () => stampManifest(archive, sealed.manifest, settings.timestampAuthorities), {
            retryStrategy: retryStep,
          })
          .catch((error: unknown) => [`Time stamps: ${failureText(error)}`]);
  const elsewhere = await deliverElsewhere(context, archive, settings, sealed.manifest, isLong);
  const problems = [...prepared, ...ill, ...unstamped, ...elsewhere.problems];
  const told = { settings, waivers, manifestSha256: sealed.sha256, problems };
  const tell = async (name: string, only?: readonly string[]) => {
    // Each message reads all lines once more.
    if (isLong) await breathe(context);
    return context.step(name, () => notify(archive, sealed.summary, told, publish, only), { retryStrategy: retryStep });
  };
  const ours = settings.topicArn;
  const outcomes: Told[] = await tell('notify').catch((error) => [
    { topicArn: ours, outcome: failureText(error), failed: true },
  ]);
  // One topic of several that failed is tried again by itself, so that no other gets its message twice.
  const isOneOfSeveral = outcomes.length > 1;
  for (const [index, { topicArn, failed }] of outcomes.entries()) {
    if (!failed || !isOneOfSeveral) continue;
    const again = await tell(`notify-${index}`, [topicArn]).catch((error): Told[] => [
      { topicArn, outcome: failureText(error), failed: true },
    ]);
    outcomes.splice(index, 1, ...again);
  }
  const { previous } = start.link;
  const result = {
    scanId: start.scanId,
    ...sealed,
    failedTargets: targets.filter(({ error }) => error !== undefined).length,
    alert: outcomeOf([...outcomes, ...elsewhere.told]),
    calls: targets.reduce((sum, each) => sum + each.calls, 0),
    seconds: secondsBetween(start.scheduledAt, finished),
    differed: method.answers - method.agreed,
    phases: { ...slowest(targets), keep: Math.max(0, (sealed.keptAt - began) / 1000) },
    ...(previous && { previousAge: secondsBetween(previous.scheduledAt, start.scheduledAt) }),
  };
  if (targets.length > 1) for (const each of targets) context.logger.info(TARGET_LINE, targetLine(each));
  context.logger.info('scan finished', result);
  return result;
}

tellV8();

/** What invokes the deployed function. */
export const handler = withDurableExecution(async (event: unknown, context: DurableContext) => {
  const { name } = parseScanSettings(process.env[SETTINGS_VARIABLE]);
  context.configureLogger({ customLogger: durableLogger(name) });
  const result = await scan(event, context);
  if (!Array.isArray(result) && 'manifest' in result) {
    const phases = { ...result.phases, tell: Math.max(0, (Date.now() - result.keptAt) / 1000) };
    recorded(metricsOf({ ...result, phases }), name).publishStoredMetrics();
  }
  return result;
});

/** What the coordinator asks; nobody else may invoke the function so. */
function isFor<Asked extends Shard | Group>(event: unknown, what: keyof Asked): event is Asked {
  return typeof event === 'object' && event !== null && what in event;
}
