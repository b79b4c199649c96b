/** The message of a kept scan: what it says, and what became of it. */

import { fileURLToPath } from 'node:url';
import type { AlertInput } from '../alerts/alert.ts';
import { message } from '../alerts/message.ts';
import type { publish } from '../alerts/publish.ts';
import { visible } from '../alerts/text.ts';
import { FILES, scanFolder, scanKeys } from '../archive/keys.ts';
import { brokenArchive } from '../archive/previous.ts';
import { type Archive, readBytes } from '../archive/store.ts';
import { html } from '../formats/html.ts';
import { expired, reviewWaivers, type Waiver } from '../judging/index.ts';
import { coverageOf } from '../results/coverage.ts';
import { ArchiveError } from '../results/errors.ts';
import { parseDocument } from '../results/lines.ts';
import { fellSharply } from '../results/population.ts';
import { type Summary, SummarySchema, secondsOf } from '../results/summary.ts';
import type { Lookalikes } from '../results/unselected.ts';
import type { ScanSettings, Target } from '../settings.ts';
import { digest, KEPT, readKnown, readTarget } from './digest.ts';
import { unknownWaivers } from './waivers-file.ts';

export type MessageContext = {
  settings: ScanSettings;
  waivers: Waiver[];
  /** SHA-256 of the scan's manifest. */
  manifestSha256?: string;
  /** What else the scan could not do, a sentence each. */
  problems?: readonly string[];
};

/**
 * Publishes the message of a scan, if its policy has something to tell. Returns what became of it in a few words. Throws
 * what stopped it; `failureText` puts that into words, because a message that could not be published never costs the report.
 */
export async function notify(
  archive: Archive,
  summaryKey: string,
  context: MessageContext,
  send: typeof publish,
): Promise<string> {
  const input = await gatherAlert(archive, summaryKey, context);
  const alert = message(input, context.settings.alertPolicy);
  if (!alert) return `not sent: nothing to tell under the policy ${context.settings.alertPolicy}`;
  return `sent: ${await send(alert, context.settings.topicArn)}`;
}

/** What became of a message whose last try has failed with `error`; a durable step wraps the error that it gave up with. */
export function failureText(error: unknown): string {
  const { name, message: text } = (
    error instanceof Error && error.cause instanceof Error ? error.cause : error
  ) as Error;
  // What a request says of its failure has the name in it.
  return `failed: ${visible(text.includes(name) ? text : `${name}: ${text}`, 500)}`;
}

/** Collects what an alert may say about a scan. */
export async function gatherAlert(archive: Archive, summaryKey: string, context: MessageContext): Promise<AlertInput> {
  const { settings } = context;
  const summary = await readSummary(archive, summaryKey);
  const before = summary.comparison.previous
    ? await readSummary(archive, scanKeys(summary.comparison.previous).summary).catch(ifBroken)
    : undefined;
  const all = digest(summary, settings.alertMinSeverity);
  for (const target of summary.targets) {
    if (target.error !== undefined) continue;
    const known = await readKnown(archive, summary, before, target).catch(nothingKnown);
    await readTarget(archive, summary, target, all, known);
  }
  return {
    scan: {
      id: summary.scanId,
      startedAt: summary.startedAt,
      finishedAt: summary.finishedAt,
      ...(context.manifestSha256 !== undefined && { manifestSha256: context.manifestSha256 }),
      ...(before && { previous: { id: before.scanId, finishedAt: before.finishedAt } }),
    },
    report: reportOf(summary, settings),
    ...(settings.runbookUrl !== undefined && { runbook: settings.runbookUrl }),
    targets: summary.targets.map((target) => {
      const { account, region, counts, error, previousNodes } = target;
      return {
        account,
        region,
        nodes: counts.nodes,
        evaluated: counts.evaluated,
        ...(coverageOf(counts).idle > 0 && { idle: coverageOf(counts).idle }),
        ...(previousNodes !== undefined && { previousNodes }),
        ...(fellSharply(target, settings.populationFallPercent) && { fell: true as const }),
        ...(error !== undefined && { failed: error }),
      };
    }),
    ...all.told(),
    lookalikes: lookalikesOf(summary, before),
    skew: skewOf(summary, before),
    benchmarks: summary.comparison.benchmarks,
    waivers: expiredWaivers(summary, context, before),
    errors: errorsOf(summary, context),
  };
}

/** An earlier scan whose lines are broken or missing is told without; what may pass is thrown. */
function nothingKnown(error: unknown): Awaited<ReturnType<typeof readKnown>> {
  brokenArchive(error);
  return { undecided: new Set(), lost: new Map() };
}

/** Instances that look like nodes, with whether the scan before saw some of the same cluster that are like them. */
function lookalikesOf({ targets }: Summary, before: Summary | undefined): AlertInput['lookalikes'] {
  const keyOf = ({ account, region }: Target, { cluster = '', evidence }: Lookalikes['groups'][number]) =>
    JSON.stringify([account, region, cluster, evidence]);
  const known = new Set(
    before?.targets.flatMap((target) => (target.lookalikes?.groups ?? []).map((group) => keyOf(target, group))),
  );
  const items = targets.flatMap((target) =>
    (target.lookalikes?.groups ?? []).map((group) => ({
      account: target.account,
      region: target.region,
      ...group,
      ...(!known.has(keyOf(target, group)) && { new: true as const }),
    })),
  );
  items.sort((a, b) => b.nodes - a.nodes);
  const total = targets.reduce((sum, { lookalikes }) => sum + (lookalikes?.nodes ?? 0), 0);
  return { items: items.slice(0, KEPT), total };
}

function skewOf({ skew = [] }: Summary, before: Summary | undefined): AlertInput['skew'] {
  const known = new Set(before?.skew?.map(({ cluster }) => cluster));
  const items = skew.map((each) => ({ ...each, ...(!known.has(each.cluster) && { new: true as const }) }));
  return { items: items.slice(0, KEPT), total: skew.length };
}

function expiredWaivers(
  summary: Summary,
  { waivers }: MessageContext,
  before: Summary | undefined,
): AlertInput['waivers'] {
  const changes: AlertInput['waivers'] = { new: { items: [], total: 0 }, still: { items: [], total: 0 } };
  for (const waiver of reviewWaivers(waivers, secondsOf(summary.startedAt)).expired) {
    const { rule, nodes, reason, owner, until } = waiver;
    const known = before !== undefined && expired(waiver, secondsOf(before.startedAt));
    const list = changes[known ? 'still' : 'new'];
    list.total += 1;
    if (list.items.length < KEPT) list.items.push({ rule, nodes: inWords(nodes), reason, owner, until });
  }
  return changes;
}

/** `cluster staging-*, tag Team data or ml-*`. */
function inWords({ id, cluster, tag = {} }: Waiver['nodes']): string {
  const tags = Object.entries(tag).map(([key, patterns]) => [`tag ${key}`, patterns] as const);
  return [['id', id] as const, ['cluster', cluster] as const, ...tags]
    .flatMap(([what, patterns]) => (patterns ? [`${what} ${patterns.join(' or ')}`] : []))
    .join(', ');
}

function errorsOf(
  { comparison, method, startedAt }: Summary,
  { settings, waivers, problems = [] }: MessageContext,
): AlertInput['errors'] {
  const texts = [...unknownWaivers(reviewWaivers(waivers, secondsOf(startedAt)), settings.waivers), ...problems];
  if (method && method.differed.length > 0) {
    const some = method.differed.slice(0, 5).join(', ');
    texts.push(
      `The method differs from ${method.answers - method.agreed} of ${method.answers} known answers of real kubelets (${some}): verdicts of this scan may be wrong.`,
    );
  }
  if (comparison.problem !== undefined) {
    texts.push(`The previous scan could not be read, so everything counts as new: ${comparison.problem}`);
  }
  if (comparison.gapSeconds !== undefined) {
    texts.push(
      `Scans are missing: the last one was ${Math.round(comparison.gapSeconds / 3600)} hours before this one.`,
    );
  }
  return { items: texts.slice(0, KEPT).map((text) => ({ text })), total: texts.length };
}

/** By partition. Source: AWS General Reference, "AWS Management Console endpoints and quotas"; the partitions' own guides. */
const CONSOLES: Readonly<Record<string, string>> = {
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** Where the report lies, for people (`reportUrl`, else the S3 console) and for programs. */
function reportOf(summary: Summary, settings: ScanSettings): AlertInput['report'] {
  const { bucket, prefix, formats, topicArn, reportUrl } = settings;
  const file = formats.includes('html') ? html.file : FILES.summary;
  const key = `${prefix}${scanFolder(summary)}${file}`;
  if (reportUrl !== undefined) {
    const url = `${reportUrl}${key}`;
    const location = url.startsWith('file://') ? fileURLToPath(url) : `s3://${bucket}/${key}`;
    return { url, location, ...(file === html.file && { isPage: true as const }) };
  }
  // The topic lives where the scanner does, and so does its bucket.
  const [, partition = '', , region = ''] = topicArn.split(':');
  const console = CONSOLES[partition] ?? 'console.aws.amazon.com';
  const query = new URLSearchParams({ region, prefix: key });
  return {
    url: `https://${region}.${console}/s3/object/${bucket}?${query}`,
    location: `s3://${bucket}/${key}`,
  };
}

async function readSummary(archive: Archive, key: string): Promise<Summary> {
  const bytes = await readBytes(archive, key);
  if (!bytes) throw new ArchiveError(`${archive.location}/${key} is not there.`);
  return parseDocument(bytes, key, SummarySchema);
}

/** An earlier scan that is broken is told without; what may pass is thrown, so that it is tried again. */
function ifBroken(error: unknown): undefined {
  brokenArchive(error);
}
