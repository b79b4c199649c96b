/** The messages of a kept scan: what each says, and what became of it. Long because each thing that is told is found here. */

import { fileURLToPath } from 'node:url';
import type { AlertInput, Listed } from '../alerts/alert.ts';
import { message } from '../alerts/message.ts';
import type { publish } from '../alerts/publish.ts';
import { count, visible } from '../alerts/text.ts';
import { FILES, scanFolder, scanKeys } from '../archive/keys.ts';
import { brokenArchive } from '../archive/previous.ts';
import { type Archive, readBytes } from '../archive/store.ts';
import { html } from '../formats/html.ts';
import { expired, reviewWaivers, type Waiver } from '../judging/index.ts';
import { type Behind, behindText } from '../results/authorities.ts';
import { coverageOf } from '../results/coverage.ts';
import { ArchiveError } from '../results/errors.ts';
import { parseDocument } from '../results/lines.ts';
import { outlierText } from '../results/outlier-words.ts';
import { fellSharply } from '../results/population.ts';
import { type Summary, SummarySchema, secondsOf } from '../results/summary.ts';
import type { Lookalikes } from '../results/unselected.ts';
import type { ScanSettings, Target } from '../settings.ts';
import { type Digest, digest, KEPT, readLostNodes, readTarget, type Ways } from './digest.ts';
import { needsTags, routesInWords, topicFor, topicsOf } from './routes.ts';
import { unknownWaivers } from './waivers-file.ts';

export type MessageContext = {
  settings: ScanSettings;
  waivers: Waiver[];
  /** SHA-256 of the scan's manifest. */
  manifestSha256?: string;
  /** What else the scan could not do, a sentence each. */
  problems?: readonly string[];
};

/** What became of the message to one topic, in a few words. */
export type Told = { topicArn: string; outcome: string; failed?: true };

/**
 * Publishes the messages of a scan, one to each topic of the settings (or to `only`), where the policy has something to tell.
 * With one topic, throws what stopped it; with several, a topic that fails keeps no other from its message.
 */
export async function notify(
  archive: Archive,
  summaryKey: string,
  context: MessageContext,
  send: typeof publish,
  only: readonly string[] = topicsOf(context.settings),
): Promise<Told[]> {
  const { alertPolicy } = context.settings;
  const inputs = await gatherAlerts(archive, summaryKey, context);
  const told: Told[] = [];
  for (const topicArn of only) {
    const input = inputs.get(topicArn);
    const alert = input && message(input, alertPolicy);
    if (!alert) {
      told.push({ topicArn, outcome: `not sent: nothing to tell under the policy ${alertPolicy}` });
      continue;
    }
    try {
      told.push({ topicArn, outcome: `sent: ${await send(alert, topicArn)}` });
    } catch (error) {
      if (only.length === 1) throw error;
      told.push({ topicArn, outcome: failureText(error), failed: true });
    }
  }
  return told;
}

/** What became of all messages in one line: what failed comes first, and of several topics each has its name. */
export function outcomeOf(told: readonly Told[]): string {
  const [first] = told;
  if (told.length === 1 && first) return first.outcome;
  return [...told]
    .sort((a, b) => Number(b.failed ?? false) - Number(a.failed ?? false))
    .map(({ topicArn, outcome }) => `${outcome} (${topicArn.split(':').at(-1)})`)
    .join('; ');
}

/** What became of a message whose last try has failed with `error`; a durable step wraps the error that it gave up with. */
export function failureText(error: unknown): string {
  const { name, message: text } = (
    error instanceof Error && error.cause instanceof Error ? error.cause : error
  ) as Error;
  // What a request says of its failure has the name in it.
  return `failed: ${visible(text.includes(name) ? text : `${name}: ${text}`, 500)}`;
}

/** Collects what the messages may say about a scan, by topic. */
export async function gatherAlerts(
  archive: Archive,
  summaryKey: string,
  context: MessageContext,
): Promise<Map<string, AlertInput>> {
  const { settings } = context;
  const summary = await readSummary(archive, summaryKey);
  const before = summary.comparison.previous
    ? await readSummary(archive, scanKeys(summary.comparison.previous).summary).catch(ifBroken)
    : undefined;
  const digests = new Map(topicsOf(settings).map((topic) => [topic, digest(summary, settings.alertMinSeverity)]));
  const ways: Ways = {
    digests,
    needsTags: needsTags(settings),
    topic: (node, tags, severity) => topicFor(settings, node, tags, severity),
  };
  for (const target of summary.targets) {
    if (target.error !== undefined) continue;
    const lost = await readLostNodes(archive, summary, before, target).catch(nothingKnown);
    await readTarget(archive, summary, target, ways, lost);
  }
  const shared = {
    scan: {
      id: summary.scanId,
      startedAt: summary.startedAt,
      finishedAt: summary.finishedAt,
      ...(context.manifestSha256 !== undefined && { manifestSha256: context.manifestSha256 }),
      ...(summary.comparison.problem !== undefined && { unreadable: true as const }),
      ...(before && { previous: { id: before.scanId, finishedAt: before.finishedAt } }),
    },
    report: reportOf(summary, settings),
    ...(settings.runbookUrl !== undefined && { runbook: settings.runbookUrl }),
    benchmarks: summary.comparison.benchmarks,
  };
  const whole = targetsOf(summary, settings);
  const left = leftOf(summary);
  const [lookalikes, skew] = [lookalikesOf(summary, before), skewOf(summary, before)];
  const authorities = behindIn(summary);
  const outliers = settings.alertMinSeverity === 'low' ? newOutliers(summary) : none;
  const isFor = (topic: string) => (place: { cluster?: string; account?: string }) =>
    topicFor(settings, place, {}) === topic;
  return new Map(
    [...digests].map(([topic, found]): [string, AlertInput] => {
      const own = topic === settings.topicArn;
      return [
        topic,
        {
          ...shared,
          ...(!own && { topicArn: topic }),
          ...shareOf(settings, topic, summary, found),
          targets: own ? whole : partOf(whole, found, settings, topic),
          ...found.told(),
          left: chosen(left, isFor(topic), () => 1),
          lookalikes: chosen(lookalikes, isFor(topic), ({ nodes }) => nodes),
          skew: chosen(skew, isFor(topic), () => 1),
          authorities: chosen(authorities, isFor(topic), () => 1),
          outliers: chosen(outliers, isFor(topic), () => 1),
          // What concerns the scanner itself is told to those who run it.
          waivers: own ? expiredWaivers(summary, context, before) : { new: none, still: none },
          errors: own ? errorsOf(summary, context) : none,
        },
      ];
    }),
  );
}

const none = { items: [], total: 0 };

/** What of a list a topic gets, cut to what a message has room for; where it gets all, `total` is the list's own. */
function chosen<T>({ items, total }: Listed<T>, isOwn: (item: T) => boolean, weigh: (item: T) => number): Listed<T> {
  const own = items.filter(isOwn);
  return {
    items: own.slice(0, KEPT),
    total: own.length === items.length ? total : own.reduce((sum, each) => sum + weigh(each), 0),
  };
}

type TargetCounts = AlertInput['targets'][number];

function targetsOf({ targets }: Summary, settings: ScanSettings): TargetCounts[] {
  return targets.map((target) => {
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
      ...(target.new && { new: true as const }),
    };
  });
}

/**
 * What a team has of the targets: where it has nodes, and the accounts that its routes name, one that could not be scanned
 * among them. Where others have theirs is not told.
 */
function partOf(whole: readonly TargetCounts[], found: Digest, settings: ScanSettings, topic: string): TargetCounts[] {
  const routes = settings.routes.filter((route) => route.topicArn === topic);
  return whole.flatMap(({ account, region, failed }): TargetCounts[] => {
    const { idle, ...counts } = found.seenIn({ account, region });
    const isNamed = routes.some(({ accounts }) => accounts?.includes(account));
    if (counts.nodes === 0 && !isNamed) return [];
    return [
      {
        ...{ account, region, ...counts },
        ...(idle > 0 && { idle }),
        ...(failed !== undefined && isNamed && { failed }),
      },
    ];
  });
}

/** Which nodes a message tells of, where there are several. */
function shareOf(settings: ScanSettings, topic: string, { totals }: Summary, found: Digest): { share?: string } {
  if (settings.routes.length === 0) return {};
  if (topic !== settings.topicArn) return { share: `Told here: ${routesInWords(settings.routes, topic)}.` };
  const topics = topicsOf(settings).length - 1;
  const elsewhere = totals.nodes - found.seen();
  return { share: `Told of in messages to ${count(topics, 'other topic')} only: ${count(elsewhere, 'node')}.` };
}

/** An earlier scan whose lines are broken or missing is told without; what may pass is thrown. */
function nothingKnown(error: unknown): Awaited<ReturnType<typeof readLostNodes>> {
  brokenArchive(error);
  return new Map();
}

/** Instances that look like nodes. New are those of a cluster that the scan before, where it saw all of the target, saw none of. */
function lookalikesOf({ targets }: Summary, before: Summary | undefined): AlertInput['lookalikes'] {
  const keyOf = ({ account, region }: Target, { cluster = '', evidence }: Lookalikes['groups'][number]) =>
    JSON.stringify([account, region, cluster, evidence]);
  const known = new Set(
    before?.targets.flatMap((target) => (target.lookalikes?.groups ?? []).map((group) => keyOf(target, group))),
  );
  const isPartial = ({ account, region }: Target) => {
    const then = before?.targets.find((each) => each.account === account && each.region === region);
    const { nodes = 0, groups = [] } = then?.lookalikes ?? {};
    return then?.error !== undefined || nodes > groups.reduce((sum, group) => sum + group.nodes, 0);
  };
  const items = targets.flatMap((target) =>
    (target.lookalikes?.groups ?? []).map((group) => ({
      account: target.account,
      region: target.region,
      ...group,
      ...(!known.has(keyOf(target, group)) && !isPartial(target) && { new: true as const }),
    })),
  );
  items.sort((a, b) => b.nodes - a.nodes);
  const total = targets.reduce((sum, { lookalikes }) => sum + (lookalikes?.nodes ?? 0), 0);
  return { items, total };
}

/** Nodes that are behind an authority, those of one cluster in one sentence, those that this scan saw first before the others. */
function behindIn({ authorities, scheduledAt }: Summary): AlertInput['authorities'] {
  const groups = authorities?.behind.items ?? [];
  const clusters = Map.groupBy(groups, ({ account, region, cluster, group, authority }) =>
    JSON.stringify([account, region, cluster, authority?.sha256 ?? group]),
  );
  const items = [...clusters.values()].flatMap((own) => {
    const [first, ...others] = own;
    if (!first) return [];
    const { cluster, account = '' } = first;
    const nodes = own.reduce((sum, each) => sum + each.nodes, 0);
    const isNew = own.some(({ since }) => since === scheduledAt);
    const where = { ...(cluster !== undefined && { cluster }), account };
    const text = behindText(others.length > 0 ? inCluster(first, nodes) : first);
    return [{ ...where, nodes, text, ...(isNew && { new: true as const }) }];
  });
  items.sort((a, b) => Number(b.new ?? false) - Number(a.new ?? false));
  return { items, total: items.length + (authorities?.behind.total ?? 0) - groups.length };
}

function inCluster({ group: _, ...behind }: Behind, nodes: number): Behind {
  return { ...behind, nodes, of: behind.authority?.of ?? nodes };
}

/** Those that this scan saw first, but for rolling updates and what a waiver accepts. */
function newOutliers({ outliers, scheduledAt }: Summary): AlertInput['outliers'] {
  const fresh = (outliers?.items ?? []).filter(
    ({ kind, accepted, since }) => kind !== 'rollout' && accepted === undefined && since === scheduledAt,
  );
  const items = fresh.map((outlier) => {
    const { cluster, account = '' } = outlier;
    return { ...(cluster !== undefined && { cluster }), account, text: outlierText(outlier) };
  });
  return { items, total: fresh.length };
}

/** New is what the scan before did not have, unless it lacked a target that this one has: of which a cluster is, is not known. */
function leftOf({ left = [] }: Summary): AlertInput['left'] {
  return { items: left.map(({ open, ...target }) => ({ ...target, failures: open })), total: left.length };
}

function skewOf({ skew = [], targets }: Summary, before: Summary | undefined): AlertInput['skew'] {
  const known = new Set(before?.skew?.map(({ cluster }) => cluster));
  const isPartial = targets.some(
    ({ error, notAssessedSince }) => error === undefined && notAssessedSince !== undefined,
  );
  const items = skew.map((each) => ({
    ...each,
    ...(!known.has(each.cluster) && !isPartial && { new: true as const }),
  }));
  return { items, total: skew.length };
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
