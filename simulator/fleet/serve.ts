/** The embedded default: AWS endpoints in this process that serve the simulated fleet. */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { collectDocument, windowsDocument } from '../../lambda/nodes/document.ts';
import { type Endpoints, startEndpoints } from '../aws/endpoints.ts';
import type { Answer, Node, RegionOptions, StatusDetails } from '../aws/options.ts';
import { collect } from '../collector.ts';
import { answeredAt, envelope } from '../hostile/envelope.ts';
import { kindsFleet } from './kinds.ts';
import { embeddedFleet, FLEETS, type FleetName, type FleetTarget, MEMBER_ROLE, type SimulatedNode } from './nodes.ts';
import { writeRoot } from './root.ts';
import { recordedOnWindows } from './windows.ts';

export const BUCKET = 'reports';
const TOPIC = 'kubevigil';
const KEY = 'alias/kubevigil';

/** Names under which the endpoints of an account serve what a scan needs besides its nodes. */
export const arns = (account: string, region: string) => ({
  topicArn: `arn:aws:sns:${region}:${account}:${TOPIC}`,
  signingKeyArn: `arn:aws:kms:${region}:${account}:${KEY}`,
});

/** Where reports go, where the nodes' root directories are written, and the PEM key that signs manifests. */
type Directories = { out: string; directory: string; key: string; topics?: readonly string[] };

/** `answered` waits until no collector runs any more: a clock that is moved on before would end them too early. */
export type Fleet = Endpoints & { answered(): Promise<unknown> };

/** Serves an embedded fleet; reports go to `out`/reports. */
export async function serveFleet(fleet: FleetName, { out, directory, key, topics = [] }: Directories): Promise<Fleet> {
  const running = new Set<Promise<unknown>>();
  const documents = [collectDocument(), windowsDocument()].map((document) => ({ ...document, isDefault: true }));
  const targets: readonly FleetTarget[] = FLEETS[fleet];
  const members = fleet === 'kinds' ? kindsFleet : embeddedFleet;
  const nodes = members(Math.floor(Date.now() / 1000)).map((node) => toNode(node, directory, running));
  const accounts: Record<string, { regions: Record<string, RegionOptions>; roles: { name: string }[] }> = {};
  for (const [index, { account, region }] of targets.entries()) {
    accounts[account] ??= { regions: {}, roles: [{ name: MEMBER_ROLE }] };
    // Each target has its share of the nodes, in their order.
    const share = nodes.length / targets.length;
    accounts[account].regions[region] = {
      nodes: nodes.slice(index * share, (index + 1) * share),
      documents,
      topics: [TOPIC, ...topics.filter((topic) => topic !== TOPIC)],
      keys: { [KEY]: key },
    };
  }
  const denied = targets.filter((target) => target.denied);
  const endpoints = await startEndpoints({
    accounts,
    s3Root: out,
    buckets: { [BUCKET]: {} },
    intercept: ({ account, region, operation }) =>
      operation === 'DescribeInstances' && denied.some((one) => one.account === account && one.region === region)
        ? { status: 403, code: 'UnauthorizedOperation', message: 'You are not authorized to perform this operation.' }
        : undefined,
  });
  return { ...endpoints, answered: () => Promise.allSettled(running) };
}

/** Endpoints for what an account does not offer to a scan that is started by hand: reports on disk, no topic. */
export function serveReports({
  out,
  account,
  region,
  key,
  topics = [],
}: {
  out: string;
  account: string;
  region: string;
  key: string;
  topics?: readonly string[];
}): Promise<Endpoints> {
  return startEndpoints({
    accounts: {
      [account]: {
        regions: { [region]: { topics: [TOPIC, ...topics.filter((topic) => topic !== TOPIC)], keys: { [KEY]: key } } },
      },
    },
    region,
    s3Root: out,
    buckets: { [BUCKET]: {} },
    // The caller's own credentials sign these requests too; nothing here checks signatures.
    foreignAccount: account,
  });
}

const keyPath = (out: string) => join(out, 'signing-key.pem');

/** A new P-256 private key in PEM (PKCS 8). */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The key that signs this directory's reports; a new one where it keeps none yet. */
export function signingKey(out: string): string {
  return existsSync(keyPath(out)) ? readFileSync(keyPath(out), 'utf8') : newKey();
}

/** Keeps the key beside the reports that it signs. */
export function keepKey(out: string, key: string): void {
  makeDirectory(out);
  if (!existsSync(keyPath(out))) writeFileSync(keyPath(out), key, { mode: 0o600 });
}

/** One level after the other: mkdir of Node.js with `recursive` tries for ever where the system denies it by ENOENT, as in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  mkdirSync(path);
}

function toNode(
  { id, tags, privateDnsName, agent, root, answer, windows }: SimulatedNode,
  directory: string,
  running: Set<Promise<unknown>>,
): Node {
  const collected = () => {
    const result = run(root, join(directory, id), answer);
    running.add(result);
    return result;
  };
  const node = { instanceId: id, tags, privateDnsName, agent };
  // Where this runs there may be no PowerShell.
  if (windows !== undefined) {
    const recorded = () => ({ stdout: envelope(recordedOnWindows(windows)), exitCode: 0 });
    return { ...node, platform: 'Windows', answer: () => answeredAt(recorded(), Date.now() / 1000) };
  }
  return { ...node, ...(root || answer ? { answer: collected } : {}) };
}

async function run(
  root: SimulatedNode['root'],
  directory: string,
  answer: SimulatedNode['answer'],
): Promise<Answer | StatusDetails> {
  if (!root) return 'Execution Timed Out';
  writeRoot(directory, root);
  const { stdout, stderr, exitCode } = await collect(directory, { simulated: true });
  return { stdout: answer === 'cut' ? stdout.slice(0, stdout.length / 2) : stdout, stderr, exitCode };
}
