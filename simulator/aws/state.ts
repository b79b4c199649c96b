/** What the endpoints remember: plain data by account and region. Tested by test/simulator/aws/endpoints.test.ts. */
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { EndpointOptions, Node, RegionOptions } from './options.ts';
import type { HubFinding } from './securityhub/finding.ts';
import type { Command } from './ssm/command.ts';
import type { Document } from './ssm/document.ts';
import { AMAZONS, parseDocument } from './ssm/document.ts';

/** One published message, for display and tests. */
export type Message = {
  messageId: string;
  account: string;
  region: string;
  topicArn: string;
  subject?: string;
  /** As published. */
  message: string;
  /** By protocol, where the message has the `json` structure; otherwise only `default`. */
  bodies: Record<string, string>;
  attributes: Record<string, { type: string; value: string }>;
  publishedAt: Date;
};

/** One event that a bus has got, as rules and their targets see it. */
export type PutEvent = {
  id: string;
  /** ARN of the bus. */
  bus: string;
  source: string;
  'detail-type': string;
  detail: unknown;
  resources: string[];
  time: Date;
};

/** A target: one account × region. */
export type TargetState = {
  account: string;
  region: string;
  nodes: readonly Node[];
  byId: Map<string, Node>;
  documents: Document[];
  /** In the order in which they were sent. */
  commands: Map<string, Command>;
  topics: Set<string>;
  /** Names of event buses besides `default`. */
  buses: Set<string>;
  /** Of Security Hub, by Id; undefined where it is not enabled. */
  findings: Map<string, HubFinding> | undefined;
  keys: SigningKey[];
  stacks: NonNullable<RegionOptions['stacks']>;
  clusters: NonNullable<RegionOptions['clusters']>;
  functions: NonNullable<RegionOptions['functions']>;
  /** By ARN. */
  executions: Map<string, Execution>;
};

export type SigningKey = { id: string; alias: string; privateKey: KeyObject; publicKey: Buffer };

/** One execution of a durable function. Times are seconds since 1970. */
export type Execution = {
  arn: string;
  name: string;
  functionArn: string;
  input: unknown;
  startedAt: number;
  endedAt?: number;
  outcome?: { result: unknown } | { error: { ErrorType: string; ErrorMessage: string } };
  events: { EventType: string; EventId: number; EventTimestamp: number; Name?: string }[];
};

export type State = {
  options: EndpointOptions;
  now: () => Date;
  uuid: () => string;
  startedAt: Date;
  targets: Map<string, TargetState>;
  messages: Message[];
  events: PutEvent[];
  /** What is left of the request limits, by account, region and operation. */
  buckets: Map<string, { tokens: number; at: number }>;
};

/** Builds the state; throws a clear error for options that no AWS account could have. */
export function createState(options: EndpointOptions, now: () => Date, uuid: () => string): State {
  const nothing = { targets: new Map(), messages: [], events: [], buckets: new Map() };
  const state: State = { options, now, uuid, startedAt: now(), ...nothing };
  for (const [account, { regions = {} }] of Object.entries(options.accounts)) {
    if (!/^\d{12}$/.test(account)) throw new Error(`account ids have 12 digits, got ${JSON.stringify(account)}`);
    for (const [region, contents] of Object.entries(regions)) {
      state.targets.set(`${account}/${region}`, createTargetState(state, account, region, contents));
    }
  }
  return state;
}

/** The target of an account and a region; one that the options do not mention is empty, as a fresh account is. */
export function targetOf(state: State, account: string, region: string): TargetState {
  const name = `${account}/${region}`;
  const known = state.targets.get(name);
  if (known) return known;
  const target = createTargetState(state, account, region, {});
  state.targets.set(name, target);
  return target;
}

function createTargetState(state: State, account: string, region: string, contents: RegionOptions): TargetState {
  const byId = new Map<string, Node>();
  for (const node of contents.nodes ?? []) {
    if (!/^(i-[0-9a-f]{8}|m?i-[0-9a-f]{17})$/.test(node.instanceId)) {
      throw new Error(
        `instance ids are i- and 8 or 17 hexadecimal digits or mi- and 17, got ${JSON.stringify(node.instanceId)}`,
      );
    }
    if (byId.has(node.instanceId)) throw new Error(`two nodes of ${account}/${region} are called ${node.instanceId}`);
    byId.set(node.instanceId, node);
  }
  return {
    account,
    region,
    nodes: contents.nodes ?? [],
    byId,
    documents: [...AMAZONS, ...(contents.documents ?? []).map(parseDocument)],
    commands: new Map(),
    topics: new Set((contents.topics ?? []).map((name) => `arn:aws:sns:${region}:${account}:${name}`)),
    buses: new Set(contents.buses),
    findings: contents.securityHub ? new Map() : undefined,
    keys: Object.entries(contents.keys ?? {}).map(([alias, pem]) => createKey(state.uuid(), alias, pem)),
    stacks: contents.stacks ?? {},
    clusters: contents.clusters ?? {},
    functions: contents.functions ?? {},
    executions: new Map(),
  };
}

function createKey(id: string, alias: string, pem: string): SigningKey {
  const pair = pem === 'generate' ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' }) : undefined;
  const privateKey = pair ? pair.privateKey : createPrivateKey(pem);
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error(`the key ${alias} must be an EC private key on P-256 (prime256v1)`);
  }
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return { id, alias, privateKey, publicKey };
}
