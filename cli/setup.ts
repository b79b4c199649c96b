/**
 * Where a scan from a terminal runs: its settings, and the endpoints that stand in for AWS.
 * Tested by test/cli/scan.test.ts.
 */

import { accessSync, constants, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { DescribeDocumentCommand, SSMClient } from '@aws-sdk/client-ssm';
import { explained } from '../lambda/failures.ts';
import { collectDocument, windowsDocument } from '../lambda/nodes/document.ts';
import { POWERSHELL_DOCUMENT, SHELL_DOCUMENT } from '../lambda/nodes/send.ts';
import { loadWaivers } from '../lambda/scan/waivers-file.ts';
import { parseScanSettings, SETTINGS_VARIABLE } from '../lambda/settings.ts';
import type { Endpoints } from '../simulator/aws/endpoints.ts';
import { FLEETS, type FleetName, type FleetTarget } from '../simulator/fleet/nodes.ts';
import { arns, BUCKET, serveFleet, serveReports, signingKey } from '../simulator/fleet/serve.ts';
import { ownAccount } from './account.ts';
import { readTags } from './options.ts';
import { InputError } from './problems.ts';
import { type LocalRoutes, readRoutes } from './routes.ts';

export type Setup = {
  settings: Record<string, unknown>;
  endpoints: Endpoints;
  /** A real account: its nodes are not simulated. */
  real: boolean;
  /** Where nodes are simulated: waits for what they still do. */
  answered?(): Promise<unknown>;
  /** Signs the manifests; kept in `out` when the scan starts. */
  key: string;
};

/** What the command line says of it. */
type Wanted = {
  out: string;
  fleet?: string | undefined;
  tag?: string[] | undefined;
  region?: string[] | undefined;
  bucket?: string | undefined;
  topic?: string | undefined;
  document?: string | undefined;
  hybrid?: boolean | undefined;
  yes?: boolean | undefined;
  benchmark?: string[] | undefined;
  'expiry-days'?: string | undefined;
  waivers?: string | undefined;
  routes?: string | undefined;
};

/** The simulated nodes, whose root directories are written below `work`. */
export async function onFleet(wanted: Wanted, work: string): Promise<Setup> {
  for (const name of ['region', 'bucket', 'topic', 'document', 'yes'] as const) {
    if (wanted[name] !== undefined && wanted[name] !== false)
      throw new InputError(`--${name} goes with --aws; without it the embedded fleet is scanned`);
  }
  const fleet = wanted.fleet ?? 'one';
  if (!Object.hasOwn(FLEETS, fleet)) {
    throw new InputError(`--fleet expects one of ${Object.keys(FLEETS).join(', ')}, got ${JSON.stringify(fleet)}`);
  }
  const targets = FLEETS[fleet as FleetName].map(({ denied: _, ...target }: FleetTarget) => target);
  const tags = readTags(wanted.tag ?? ['kubevigil=scan']);
  const key = signingKey(wanted.out);
  const [{ account, region }] = FLEETS[fleet as FleetName];
  const { routes, topics } = routesOf(wanted, { account, region });
  const endpoints = await serveFleet(fleet as FleetName, { out: wanted.out, directory: work, key, topics });
  Object.assign(process.env, endpoints.environment);
  const { name, version, hash } = collectDocument();
  const { content: _, ...windows } = windowsDocument();
  const document = { documentName: name, documentVersion: version, documentHash: hash, windowsDocument: windows };
  const settings = {
    ...common(wanted),
    targets,
    tags,
    hybridNodes: fleet === 'kinds',
    ...document,
    ...arns(account, region),
    routes,
    bucket: BUCKET,
    reportUrl: reportUrl(wanted.out),
  };
  return { settings, endpoints, real: false, key, answered: endpoints.answered };
}

/** The account of the environment's credentials. */
export async function inAccount(wanted: Wanted): Promise<Setup> {
  if (wanted.fleet !== undefined) throw new InputError('--fleet chooses simulated nodes, and --aws scans real ones');
  const tags = readTags(wanted.tag ?? []);
  if (tags.length === 0) throw new InputError('--aws needs at least one --tag KEY[=VALUE] that selects the nodes');
  const { account, regions } = await ownAccount(wanted.region);
  const [region = ''] = regions;
  const { bucket, topic, document } = wanted;
  if (topic !== undefined && wanted.routes !== undefined)
    throw new InputError('--routes prints messages, and --topic sends one');
  const { routes, topics } = routesOf(wanted, { account, region });
  if (document !== undefined) for (const each of regions) await checkDocument(document, each);
  if (topic !== undefined) await checkTopic(topic);
  process.env.AWS_REGION = bucket === undefined ? region : await regionOf(bucket, region);
  const key = signingKey(wanted.out);
  const endpoints = await serveReports({ out: wanted.out, account, region, key, topics });
  process.env.AWS_ENDPOINT_URL_KMS = endpoints.url;
  if (bucket === undefined) process.env.AWS_ENDPOINT_URL_S3 = endpoints.url;
  if (topic === undefined) process.env.AWS_ENDPOINT_URL_SNS = endpoints.url;
  const settings = {
    ...common(wanted),
    targets: regions.map((each) => ({ account, region: each })),
    tags,
    hybridNodes: wanted.hybrid === true,
    documentName: document ?? SHELL_DOCUMENT,
    // A document of somebody's own is for Linux: nodes that run Windows are accounted for then.
    ...(document === undefined && { windowsDocument: { name: POWERSHELL_DOCUMENT } }),
    ...arns(account, region),
    routes,
    bucket: bucket ?? BUCKET,
    ...(bucket === undefined && { reportUrl: reportUrl(wanted.out) }),
    ...(topic !== undefined && { topicArn: topic }),
  };
  return { settings, endpoints, real: true, key };
}

function routesOf({ routes }: Wanted, at: { account: string; region: string }): LocalRoutes {
  return routes === undefined ? { routes: [], topics: [] } : readRoutes(routes, at);
}

/** Where a browser finds the reports that are kept in `out`. */
function reportUrl(out: string): string {
  return `${pathToFileURL(join(out, BUCKET)).href}/`;
}

/** Settings that every scan from a terminal has. */
function common(wanted: Wanted): Record<string, unknown> {
  return {
    alertPolicy: 'always',
    ...(wanted.benchmark && { benchmarks: wanted.benchmark }),
    ...(wanted['expiry-days'] !== undefined && { expiryDays: Number(wanted['expiry-days']) }),
    ...(wanted.waivers !== undefined && { waivers: resolve(wanted.waivers) }),
  };
}

/** The options that settings come from: a mistake is told by the name that the person wrote. */
const OPTIONS: Record<string, string> = {
  tags: '--tag',
  bucket: '--bucket',
  topicArn: '--topic',
  routes: '--routes',
  documentName: '--document',
  benchmarks: '--benchmark',
};

/** A waiver as it should be, for who has left something out. */
const EXAMPLE = `a waiver has all of these:
waivers:
  - rule: rotate-client-certificates
    nodes: {cluster: staging-*}
    reason: Replaced by the new node group in March
    owner: ana@example.com
    until: 2027-03-31`;

/** The settings as JSON. Throws an InputError for every mistake in them, or in the waivers that they name. */
export function checked(settings: Record<string, unknown>): string {
  const json = JSON.stringify(settings);
  try {
    loadWaivers(parseScanSettings(json).waivers);
    return json;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const mistakes = error.message.replaceAll(`${SETTINGS_VARIABLE}: `, '').split('\n');
    const named = mistakes.map((text) => text.replace(/^(\w+)(?=[.[\s])\S*/, (path, name) => OPTIONS[name] ?? path));
    const example = named.some((text, index) => text === mistakes[index] && text.endsWith('but is missing'))
      ? [EXAMPLE]
      : [];
    throw new InputError([...named, ...example].join('\n'));
  }
}

/** Refuses a directory that could not be written, without writing to it. */
export function checkOut(out: string): void {
  if (out === '') throw new InputError('--out expects a directory, got ""');
  for (let path = resolve(out); ; path = dirname(path)) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) continue;
    if (!found.isDirectory()) throw new InputError(`--out ${out}: ${path} is not a directory`);
    try {
      accessSync(path, constants.W_OK | constants.X_OK);
    } catch {
      throw new InputError(`--out ${out}: ${path} is not writable`);
    }
    return;
  }
}

/** Whoever may not look learns from SendCommand or Publish instead: these permissions are not needed for a scan. */
async function checkDocument(name: string, region: string): Promise<void> {
  try {
    await explained(new SSMClient({ region })).send(new DescribeDocumentCommand({ Name: name }));
  } catch (error) {
    if (nameOf(error) === 'InvalidDocument' || nameOf(error) === 'ValidationException') {
      throw new InputError(`--document ${name} does not exist in ${region}; nothing was sent`);
    }
  }
}

async function checkTopic(topic: string): Promise<void> {
  const region = /^arn:aws[a-z-]*:sns:([a-z0-9-]+):\d{12}:[\w-]{1,256}$/.exec(topic)?.[1];
  if (region === undefined) {
    throw new InputError(`--topic expects the ARN of an SNS topic, got ${JSON.stringify(topic)}`);
  }
  try {
    await explained(new SNSClient({ region })).send(new GetTopicAttributesCommand({ TopicArn: topic }));
  } catch (error) {
    // The name in the service's model, and the code on the wire.
    if (['NotFoundException', 'NotFound', 'InvalidParameterException', 'InvalidParameter'].includes(nameOf(error))) {
      throw new InputError(`--topic ${topic} does not exist; nothing was sent`);
    }
  }
}

/** The bucket's own region: its requests are signed for that one. Where S3 does not tell, reading says why. */
async function regionOf(bucket: string, region: string): Promise<string> {
  try {
    const client = new S3Client({ region, followRegionRedirects: true });
    return (await client.send(new HeadBucketCommand({ Bucket: bucket }))).BucketRegion ?? region;
  } catch {
    return region;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
