/**
 * Nights of small simulated fleets, scanned by the deployed code over the simulated endpoints. Each kind of node is one
 * recorded answer of the real collector, made once.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alert } from '../../lambda/alerts/alert.ts';
import type { CustomNotification } from '../../lambda/alerts/chat.ts';
import { collectDocument } from '../../lambda/nodes/document.ts';
import { scan } from '../../lambda/scan/handler.ts';
import { SETTINGS_VARIABLE } from '../../lambda/settings.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Answer, Fault, Node } from '../../simulator/aws/options.ts';
import { collect } from '../../simulator/collector.ts';
import { runDurable } from '../../simulator/durable.ts';
import { configuration, eksAl2023, kubeadm } from '../../simulator/fleet/images.ts';
import { type SimulatedRoot, writeRoot } from '../../simulator/fleet/root.ts';
import { answeredAt } from '../../simulator/hostile/envelope.ts';
import { skippingClock } from '../simulator/skipping-clock.ts';

const DAY = 86_400;
/** The first night; certificates and starts of kubelets are relative to it. */
const FIRST = Date.parse('2026-11-23T02:00:00Z');
const startedAt = FIRST / 1000 - 20 * DAY;
const [ACCOUNT, REGION, OTHER_REGION] = ['111122223333', 'eu-central-1', 'eu-west-1'];

const image = { host: 'ip-10-0-5-15.eu-central-1.compute.internal', version: 'v1.31.6', startedAt };
const off = ['--rotate-certificates=false'];
const broken = { config: configuration('rotateCertificates: "true"'), configModifiedAt: FIRST / 1000 - DAY };

/** Each kind of node: its root directory, or what becomes of the command there. */
const KINDS = {
  good: kubeadm(image),
  'rotation off': kubeadm(image, { extraArguments: off }),
  'ends in 12 days': kubeadm(image, { extraArguments: off, expiresDaysAfter: 32 }),
  'ends in 4 days': kubeadm(image, { extraArguments: off, expiresDaysAfter: 24 }),
  'ends in half an hour': kubeadm(image, { extraArguments: off, expiresDaysAfter: 20 + 0.5 / 24 }),
  'ends this evening': kubeadm(image, { extraArguments: off, expiresDaysAfter: 20 + 16 / 24 }),
  expired: kubeadm(image, { extraArguments: off, expiresDaysAfter: 19 }),
  'unset, ends in 12 days': kubeadm(image, { config: configuration('cgroupDriver: systemd'), expiresDaysAfter: 32 }),
  'broken configuration': kubeadm(image, broken),
  anonymous: kubeadm(image, { extraArguments: ['--anonymous-auth=true'] }),
  'no chains': kubeadm(image, { extraArguments: ['--make-iptables-util-chains=false'] }),
  eks: eksAl2023({ ...image, version: 'v1.32.3-eks-473151a' }),
  'eks, rotation forced': eksAl2023({ ...image, version: 'v1.32.3-eks-473151a' }, { rotateCertificates: true }),
  'no kubelet': { os: { id: 'ubuntu', version: '24.04' }, processes: [], files: {} },
} satisfies Record<string, SimulatedRoot>;

export type RecordedKind = keyof typeof KINDS;
type Kind = RecordedKind | 'cut' | 'no agent' | 'untagged' | 'stopped';

const recorded = new Map<string, Promise<Answer>>();

/** What the collector answers on a node of a kind; it runs once for each. */
export function answerOf(kind: RecordedKind): Promise<Answer> {
  const known = recorded.get(kind) ?? record(KINDS[kind]);
  recorded.set(kind, known);
  return known;
}

async function record(root: SimulatedRoot): Promise<Answer> {
  const directory = mkdtempSync(join(tmpdir(), 'kubevigil-night-'));
  try {
    writeRoot(directory, root);
    const { stdout, exitCode } = await collect(directory, { simulated: true });
    return { stdout, exitCode };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A fleet of one night: how many nodes of which kind each cluster has. A node keeps its id from night to night. */
export type Fleet = Partial<Record<string, Partial<Record<Kind, number>> | (Kind | Member)[]>>;

/** A node with a Name tag, a region or seconds by which its clock is ahead. */
type Member = { kind: Kind; name?: string; region?: string; ahead?: number };

/** What happens before a night: to the archive, to the scanner's settings, and to its clock, in seconds that it is ahead from then on. */
type Before = (archive: string, scanner: { settings: Record<string, unknown>; ahead: number }) => void;

/** What arrives: nothing, or the forms of one message. */
export type Arrived = { subject: string; email: string; chat: CustomNotification; alert: Alert } | undefined;

/** Scans a fleet night after night, and answers with what arrives after each, and with the page of the last one that has one. */
export async function nights(
  fleets: readonly (Fleet | Fault | Before)[],
  more: Record<string, unknown> = {},
  refuses?: string,
): Promise<{ arrived: Arrived[]; elsewhere: Record<string, Arrived>[]; outcomes: string[]; page: string }> {
  const out = mkdtempSync(join(tmpdir(), 'kubevigil-nights-'));
  const environment = { ...process.env };
  const arrived: Arrived[] = [];
  const elsewhere: Record<string, Arrived>[] = [];
  const outcomes: string[] = [];
  const { name, version, hash, content } = collectDocument();
  const documents = [{ name, version, content }];
  const scanner = { settings: { ...more }, ahead: 0 };
  let index = -1;
  try {
    for (const fleet of fleets) {
      if (typeof fleet === 'function') {
        fleet(join(out, 'reports'), scanner);
        continue;
      }
      index += 1;
      const night = FIRST + index * DAY * 1000;
      const fault = isFault(fleet) ? fleet : undefined;
      const nodes = isFault(fleet) ? [] : await nodesOf(fleet, night / 1000);
      const nodesIn = (region: string) => nodes.filter((each) => each.region === region);
      const endpoints = await startEndpoints({
        accounts: {
          [ACCOUNT]: {
            regions: {
              [REGION]: { documents, topics: ['alerts', 'payments', 'urgent'], nodes: nodesIn(REGION) },
              [OTHER_REGION]: { documents, nodes: nodesIn(OTHER_REGION) },
            },
          },
        },
        s3Root: out,
        buckets: { reports: {} },
        intercept: ({ operation, input }) =>
          refuses !== undefined && operation === 'Publish' && JSON.stringify(input).includes(refuses)
            ? { status: 403, code: 'AuthorizationError', message: 'not authorized' }
            : operation === 'DescribeInstances'
              ? fault
              : undefined,
      });
      Object.assign(process.env, endpoints.environment);
      process.env[SETTINGS_VARIABLE] = JSON.stringify({
        targets: [{ account: ACCOUNT, region: REGION }],
        tags: [{ key: 'scan' }],
        documentName: name,
        documentVersion: version,
        documentHash: hash,
        bucket: 'reports',
        topicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:alerts`,
        formats: [],
        ...scanner.settings,
      });
      const result = await runDurable(
        (event, context) => scan(event, context, () => new Date(night + 5_000 + scanner.ahead * 1000)),
        { scheduledTime: new Date(night).toISOString(), everySeconds: DAY },
        {
          directory: join(out, 'executions'),
          executionName: `night-${index}`,
          ...skippingClock(),
        },
      );
      outcomes.push((result as { alert: string }).alert);
      const byTopic = Object.fromEntries(
        endpoints.messages.map(({ topicArn, subject = '', bodies }) => [
          topicArn.split(':').at(-1),
          {
            subject,
            email: bodies.email ?? '',
            chat: JSON.parse(bodies.https ?? ''),
            alert: JSON.parse(bodies.default ?? ''),
          },
        ]),
      );
      assert.equal(Object.keys(byTopic).length, endpoints.messages.length, 'no topic gets two');
      arrived.push(byTopic.alerts);
      elsewhere.push(byTopic);
      await endpoints.close();
    }
    return { arrived, elsewhere, outcomes, page: lastPage(out) };
  } finally {
    process.env = environment;
    rmSync(out, { recursive: true, force: true });
  }
}

/** The page of the newest scan of an archive; empty where none was written. Keys begin with the day. */
function lastPage(out: string): string {
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' });
  const last = files
    .filter((file) => file.endsWith('report.html'))
    .sort()
    .at(-1);
  return last === undefined ? '' : readFileSync(join(out, last), 'utf8');
}

function isFault(one: Fleet | Fault): one is Fault {
  return typeof one === 'object' && 'status' in one;
}

async function nodesOf(fleet: Fleet, now: number): Promise<(Node & { region: string })[]> {
  const nodes: (Node & { region: string })[] = [];
  for (const [cluster, kinds] of Object.entries(fleet)) {
    const list = Array.isArray(kinds)
      ? kinds
      : Object.entries(kinds ?? {}).flatMap(([kind, count]) => Array<Kind>(count).fill(kind as Kind));
    for (const [index, member] of list.entries()) {
      const {
        kind,
        name = `${cluster}-${index}`,
        region = REGION,
        ahead = 0,
      } = typeof member === 'string' ? { kind: member } : member;
      const number = [...cluster, ...(region === REGION ? '' : region)].reduce(
        (sum, letter) => sum + letter.charCodeAt(0),
        0,
      );
      const id = `i-${number.toString(16).padStart(5, '0')}${index.toString(16).padStart(12, '0')}`;
      const tags = {
        ...(kind !== 'untagged' && { scan: 'yes' }),
        Name: name,
        [`kubernetes.io/cluster/${cluster}`]: 'owned',
      };
      nodes.push({ instanceId: id, region, tags, ...(await behaviour(kind, now + ahead)) });
    }
  }
  return nodes;
}

async function behaviour(kind: Kind, now: number): Promise<Partial<Node>> {
  if (kind === 'stopped') return { state: 'stopped' };
  if (kind === 'no agent' || kind === 'untagged') return { agent: 'absent' };
  if (kind !== 'cut') return { answer: answeredAt(await answerOf(kind), now) };
  const { stdout, exitCode } = await answerOf('good');
  return { answer: { stdout: stdout.slice(0, stdout.length / 2), exitCode } };
}
